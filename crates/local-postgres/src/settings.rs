//! What a private server is started with.

use std::env;
use std::path::PathBuf;

/// Where a private server lives and how it is run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The directory for the cluster, its password, its log and its lock. Created if absent.
    pub data_dir: PathBuf,
    /// Server parameters that replace or add to ours, as in `("work_mem", "64MB")`.
    pub parameters: Vec<(String, String)>,
    /// The only directory to take `initdb` and `postgres` from; `None` searches the usual places.
    pub binaries: Option<PathBuf>,
    /// The account the server runs as when we are root; `None` takes `postgres`, else `nobody`.
    pub user: Option<String>,
}

impl Settings {
    /// Settings for a directory; `DAYBOOK_POSTGRES_BIN` and `DAYBOOK_POSTGRES_USER` are honoured.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            parameters: Vec::new(),
            binaries: env::var_os("DAYBOOK_POSTGRES_BIN")
                .filter(|value| !value.is_empty())
                .map(PathBuf::from),
            user: env::var("DAYBOOK_POSTGRES_USER").ok().filter(|value| !value.is_empty()),
        }
    }
}
