//! What can go wrong with a read model.

use daybook_event_store::{Position, StoreError};

use crate::name::ModelName;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a read model gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ProjectionError {
    /// The model is being built for the first time, or for a new version of this program.
    #[error("the projection is being built")]
    NotReady(#[source] Option<Cause>),
    /// The model did not get as far as was asked in the time that was given.
    #[error("the projection {model} is at {reached}, {wanted} was asked for")]
    Behind {
        /// Which model.
        model: ModelName,
        /// How far it got.
        reached: Position,
        /// How far it should have got.
        wanted: Position,
    },
    /// The model is being rebuilt or verified already, here or in another process.
    #[error("the projection {0} is being rebuilt or verified already")]
    Busy(ModelName),
    /// There is no connection to the database, or none is free.
    #[error("the database cannot be reached")]
    Unreachable(#[source] Cause),
    /// A stored row is not what this program writes.
    #[error("stored data cannot be read: {0}")]
    Unreadable(#[source] Cause),
    /// The database refused a statement.
    #[error("the database failed: {0}")]
    Database(#[source] Cause),
    /// The log failed.
    #[error(transparent)]
    Log(#[from] StoreError),
    /// A task of the rebuild ended without its result.
    #[error("the rebuild was broken off: {0}")]
    BrokenOff(String),
}

impl From<sqlx::Error> for ProjectionError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unreachable(error.into()),
            // live tables of another version of this program
            sqlx::Error::ColumnNotFound(_) => Self::NotReady(Some(error.into())),
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                Self::Unreadable(error.into())
            }
            sqlx::Error::Database(cause) => match cause.code().as_deref() {
                // no such table, column or schema: the model's tables are not (yet) those of this version
                Some("42P01" | "42703" | "3F000") => Self::NotReady(Some(error.into())),
                Some(code) if code.starts_with("08") || code.starts_with("57P") => {
                    Self::Unreachable(error.into())
                }
                _ => Self::Database(error.into()),
            },
            _ => Self::Database(error.into()),
        }
    }
}
