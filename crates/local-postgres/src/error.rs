//! Why a private server cannot be had.

use std::io;
use std::path::{Path, PathBuf};

/// Why a private PostgreSQL server could not be started, used or stopped.
#[derive(Debug, thiserror::Error)]
pub enum LocalPostgresError {
    /// No usable installation was found.
    #[error(
        "PostgreSQL 15 or newer is not installed (looked for initdb and postgres in {searched}). \
         Install it (Debian and Ubuntu: `apt-get install postgresql`; macOS: `brew install \
         postgresql@17`), set DAYBOOK_POSTGRES_BIN to the directory that holds both, or set \
         DATABASE_URL to use a server of your own"
    )]
    NotInstalled {
        /// Where we looked.
        searched: String,
    },
    /// The cluster was created by another major version than those installed.
    #[error(
        "the data directory {} was created by PostgreSQL {cluster}, but the installed version is \
         {installed}: install PostgreSQL {cluster}, or move the data with pg_upgrade or \
         pg_dumpall", .directory.display()
    )]
    WrongVersion {
        /// The cluster at fault.
        directory: PathBuf,
        /// The major version that created it.
        cluster: String,
        /// The major versions that are installed.
        installed: String,
    },
    /// Another process runs a server on the same directory.
    #[error("the data directory {} is already in use by {holder}", .directory.display())]
    InUse {
        /// The directory both want.
        directory: PathBuf,
        /// Who has it.
        holder: String,
    },
    /// The cluster belongs to somebody else, and we are not root.
    #[error(
        "the cluster {} belongs to user id {owner}, but this process runs as user id {own}: run \
         as that user, as root, or choose another data directory", .directory.display()
    )]
    ForeignOwner {
        /// The cluster at fault.
        directory: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Who we are.
        own: u32,
    },
    /// We are root and have no account to run the server as.
    #[error(
        "PostgreSQL does not run as root, and {wanted} is not an unprivileged account in \
         /etc/passwd: set DAYBOOK_POSTGRES_USER to one"
    )]
    NoAccount {
        /// The account we looked for.
        wanted: String,
    },
    /// `initdb` failed.
    #[error("initdb could not create the cluster {}: {output}", .directory.display())]
    InitDb {
        /// The cluster that was to be.
        directory: PathBuf,
        /// What initdb said.
        output: String,
    },
    /// The server exited, or did not become ready, when it was started.
    #[error("PostgreSQL did not start ({reason}); the end of {}:\n{tail}", .log.display())]
    NotReady {
        /// What happened to the process.
        reason: String,
        /// The server's log file.
        log: PathBuf,
        /// The last lines of the log.
        tail: String,
    },
    /// A database name we would have to quote.
    #[error("{0:?} is not a database name: use lower-case letters, digits and _, at most 63")]
    InvalidName(String),
    /// A statement against the server failed.
    #[error("could not {action}")]
    Sql {
        /// What was attempted.
        action: String,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The operating system refused something.
    #[error("could not {action}")]
    Io {
        /// What was attempted.
        action: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The server did not heed the request to shut down in time and was killed.
    #[error("PostgreSQL did not shut down in time and was killed; its next start will recover")]
    Killed,
    /// The supervising thread ended without an answer.
    #[error("the thread that supervises PostgreSQL ended unexpectedly")]
    SupervisorGone,
}

impl LocalPostgresError {
    /// Wraps an I/O error with what was being done to which path.
    pub(crate) fn io(verb: &str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let action = format!("{verb} {}", path.display());
        move |source| Self::Io { action, source }
    }
}
