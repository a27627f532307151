//! A private PostgreSQL server, started and supervised as a direct child of this process.
//!
//! [`LocalPostgres::start`] turns a directory into a running server: it finds the installed
//! binaries, creates the cluster once, drops to an unprivileged account when we are root, starts
//! `postgres` and starts it again should it die. [`testing`] shares one server among test
//! processes.

mod account;
mod admin;
mod binaries;
mod cluster;
mod error;
mod layout;
mod leftovers;
mod process;
mod settings;
mod supervisor;
pub mod testing;

use std::time::Duration;

use tokio::sync::{oneshot, watch};

pub use crate::error::LocalPostgresError;
use crate::process::Endpoint;
pub use crate::settings::Settings;
pub use crate::supervisor::Status;
use crate::supervisor::Supervisor;

/// A running private server. Dropping it shuts the server down and reaps it.
///
/// The drop blocks its thread until the server is gone, usually for some 100 ms; prefer
/// [`LocalPostgres::stop`] in asynchronous code.
#[derive(Debug)]
pub struct LocalPostgres {
    endpoint: Endpoint,
    status: watch::Receiver<Status>,
    supervisor: Supervisor,
}

impl LocalPostgres {
    /// Starts the server of `settings.data_dir` and waits until it accepts connections.
    ///
    /// The first start creates the cluster. A start after a crash waits for what the crash left
    /// running and for PostgreSQL's own recovery, so nothing committed is lost.
    pub async fn start(settings: Settings) -> Result<Self, LocalPostgresError> {
        let (ready, started) = oneshot::channel();
        let supervisor = Supervisor::spawn(settings, ready)?;
        let status = supervisor.status();
        let endpoint = started.await.map_err(|_| LocalPostgresError::SupervisorGone)??;
        Ok(Self { endpoint, status, supervisor })
    }

    /// The URL of a database over loopback TCP: `postgres://daybook:…@127.0.0.1:<port>/<database>`.
    ///
    /// It holds the password; it stays the same for as long as this handle lives.
    pub fn url(&self, database: &str) -> String {
        self.endpoint.url(database)
    }

    /// The URL of a database over the Unix socket, which is a little faster than TCP.
    pub fn socket_url(&self, database: &str) -> String {
        self.endpoint.socket_url(database)
    }

    /// Creates a database unless it exists. The name is lower-case letters, digits and `_`.
    pub async fn create_database(&self, name: &str) -> Result<(), LocalPostgresError> {
        admin::create_database(&self.endpoint.socket_url(admin::MAINTENANCE), name).await
    }

    /// The process id of the server, or `None` while it is being restarted.
    pub fn pid(&self) -> Option<u32> {
        match *self.status.borrow() {
            Status::Ready { pid, .. } => Some(pid),
            Status::Starting | Status::Stopped => None,
        }
    }

    /// Follows the server: each unexpected exit and each restart is seen here.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// Waits until the server is not ready: it exited unexpectedly (the supervisor is already
    /// bringing it back) or was stopped.
    pub async fn exited(&mut self) {
        // An error means the supervisor itself ended, and the server with it.
        let _ = self.status.wait_for(|status| !matches!(status, Status::Ready { .. })).await;
    }

    /// Shuts the server down: sessions are ended, buffers written, the process reaped.
    pub async fn stop(self) -> Result<(), LocalPostgresError> {
        let Self { mut supervisor, .. } = self;
        let clean = tokio::task::spawn_blocking(move || supervisor.stop())
            .await
            .map_err(|_| LocalPostgresError::SupervisorGone)?;
        if clean { Ok(()) } else { Err(LocalPostgresError::Killed) }
    }
}

/// How often files and processes are looked at while waiting for them.
const POLL: Duration = Duration::from_millis(5);
