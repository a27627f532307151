//! The ways out: what takes a notice to its customer. Mail and SMS will be further implementations.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use async_trait::async_trait;
use daybook_domain::values::{Code, CustomerId, NoticeId};
use serde::Serialize;
use tokio::io::AsyncWriteExt;

/// A notice as a gateway gets it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outgoing {
    /// The same however often it is handed over, so that a gateway can tell a repetition.
    pub(crate) key: NoticeId,
    /// Of which kind it is.
    pub(crate) kind: &'static str,
    /// Who is told.
    pub(crate) customer_id: CustomerId,
    /// The tag of the language.
    pub(crate) language: &'static str,
    /// What it is about, in one line.
    pub(crate) subject: String,
    /// All of it, as plain text.
    pub(crate) text: String,
}

/// Why a gateway did not take a notice.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Undelivered(pub(crate) String);

/// Takes notices to customers. It may get one a second time, under the same key, after a crash.
#[async_trait]
pub(crate) trait Gateway: Send + Sync {
    /// What it is called in the log.
    fn name(&self) -> Code;

    /// Takes a notice.
    async fn deliver(&self, notice: &Outgoing) -> Result<(), Undelivered>;
}

/// Where notices go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Destination {
    /// None are written.
    Nowhere,
    /// The log of the process, a line for each.
    #[default]
    Console,
    /// A file, a line of JSON for each.
    File(PathBuf),
}

/// The text names no destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("notices go to `off`, `console` or `file:` and a path")]
pub struct UnknownDestination;

impl FromStr for Destination {
    type Err = UnknownDestination;

    fn from_str(text: &str) -> Result<Self, UnknownDestination> {
        match (text, text.strip_prefix("file:")) {
            ("off", _) => Ok(Self::Nowhere),
            ("console", _) => Ok(Self::Console),
            (_, Some(path)) if !path.is_empty() => Ok(Self::File(path.into())),
            _ => Err(UnknownDestination),
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nowhere => f.write_str("off"),
            Self::Console => f.write_str("console"),
            Self::File(path) => write!(f, "file:{}", path.display()),
        }
    }
}

impl Destination {
    /// The way there, if there is one.
    pub(crate) fn gateway(&self) -> Option<Arc<dyn Gateway>> {
        match self {
            Self::Nowhere => None,
            Self::Console => Some(Arc::new(Console)),
            Self::File(path) => Some(Arc::new(File { path: path.clone() })),
        }
    }
}

fn code(name: &str) -> Code {
    Code::try_new(name).expect("gateways have short names")
}

/// One line in the log of the process for each notice; the text, which takes several, at a level nobody sees unasked.
struct Console;

#[async_trait]
impl Gateway for Console {
    fn name(&self) -> Code {
        code("console")
    }

    async fn deliver(&self, notice: &Outgoing) -> Result<(), Undelivered> {
        let Outgoing { key, kind, customer_id, language, subject, text } = notice;
        tracing::info!(notice = %key, kind, customer = %customer_id, language, subject, "notice");
        tracing::debug!(notice = %key, text, "text of a notice");
        Ok(())
    }
}

/// One line of JSON at the end of a file for each notice, safe on disk before it counts as delivered.
struct File {
    path: PathBuf,
}

#[async_trait]
impl Gateway for File {
    fn name(&self) -> Code {
        code("file")
    }

    async fn deliver(&self, notice: &Outgoing) -> Result<(), Undelivered> {
        append(&self.path, notice).await.map_err(|error| {
            // the path is the operator's: it stays out of the log of events
            tracing::warn!(path = %self.path.display(), %error, "a notice cannot be written");
            Undelivered(format!("the file cannot be written: {}", error.kind()))
        })
    }
}

async fn append(path: &Path, notice: &Outgoing) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(notice)?;
    line.push(b'\n');
    let mut file = tokio::fs::OpenOptions::new().create(true).append(true).open(path).await?;
    file.write_all(&line).await?; // in one piece: others append to it, too
    file.sync_data().await
}
