//! What can go wrong with the store, apart from a refusal by a rule.

use std::error::Error;

use cqrs_es::persist::PersistenceError;

type Cause = Box<dyn Error + Send + Sync>;

/// The database did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No connection, or it was lost, or the server is starting or stopping.
    #[error("the database cannot be reached")]
    Unreachable(#[source] Cause),
    /// The database refused the statement.
    #[error("the database failed: {0}")]
    Database(#[source] Cause),
    /// What is stored cannot be read as what it should be.
    #[error("stored data cannot be read: {0}")]
    Unreadable(#[source] Cause),
    /// The schema could not be brought up to date.
    #[error("the schema cannot be migrated: {0}")]
    Migration(#[source] Cause),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unreachable(error.into()),
            sqlx::Error::Database(cause) if is_outage(cause.code().as_deref()) => {
                Self::Unreachable(error.into())
            }
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                Self::Unreadable(error.into())
            }
            _ => Self::Database(error.into()),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Unreadable(error.into())
    }
}

impl From<PersistenceError> for StoreError {
    fn from(error: PersistenceError) -> Self {
        match error {
            PersistenceError::ConnectionError(cause) => Self::Unreachable(cause),
            PersistenceError::DeserializationError(cause) => Self::Unreadable(cause),
            // postgres-es tells an outage that PostgreSQL itself announced from a refusal no more than this.
            PersistenceError::UnknownError(cause) => match cause.downcast::<sqlx::Error>() {
                Ok(error) => (*error).into(),
                Err(cause) => Self::Database(cause),
            },
            other @ PersistenceError::OptimisticLockError => Self::Database(other.into()),
        }
    }
}

/// Whether a SQLSTATE speaks of the server's or the connection's health instead of the statement: classes 08
/// (connection), 53 (resources), 57P (shutdown and recovery), 58 (system) and XX (internal), and the two that ask for a
/// repetition, 40001 and 40P01.
pub(crate) fn is_outage(code: Option<&str>) -> bool {
    code.is_none_or(|code| {
        ["08", "53", "57P", "58", "XX", "40001", "40P01"]
            .iter()
            .any(|class| code.starts_with(class))
    })
}

/// Why a command's events were not appended.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WriteError {
    /// Another writer appended to one of the streams first. Nothing was written; reload and decide again.
    #[error("a stream changed meanwhile")]
    Conflict,
    /// The decision stood on an earlier one that was not written. Nothing was written; reload and decide again.
    #[error("an earlier decision was not written")]
    Superseded,
    /// A receipt for the idempotency key exists already.
    #[error("the idempotency key has a receipt already")]
    DuplicateReceipt,
    /// The queue to the log is full. Nothing was written; come back a little later.
    #[error("the log's queue is full")]
    Overloaded,
    /// This process does not own the log (any more). Nothing was written.
    #[error("this process does not own the log")]
    NotOwner,
    /// The database refused this command's rows. Nothing was written.
    #[error("the log refused the events: {0}")]
    Rejected(String),
    /// The order of the log is not what this process wrote: it stops writing rather than guess.
    #[error("the log's order is broken: {0}")]
    Broken(String),
}

/// Why a command has no answer. `E` is the caller's own error.
#[derive(Debug, thiserror::Error)]
pub enum CommandError<E> {
    /// The caller's decision gave this error; nothing was written.
    #[error("{0}")]
    Refused(E),
    /// The same idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// A command with the same idempotency key is still running.
    #[error("a command with this idempotency key is still running")]
    InProgress,
    /// The events were not appended.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The database failed before the decision.
    #[error(transparent)]
    Store(#[from] StoreError),
}
