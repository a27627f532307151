//! What happened to a notice.

use cqrs_es::DomainEvent;
use serde::{Deserialize, Serialize};

use super::Letter;
use crate::values::{Code, Reason, Timestamp};

/// What happened. Stored for good: add variants and optional fields, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Something is to be told.
    Written {
        /// What, to whom.
        letter: Box<Letter>,
        /// The sequence of the event of its booking that it tells of.
        cause: u64,
        /// From when on it is to be delivered.
        due_at: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// A gateway took it.
    Delivered {
        /// Which gateway.
        gateway: Code,
        /// When.
        at: Timestamp,
    },
    /// A gateway did not take it, and will be tried again.
    Failed {
        /// Why.
        reason: Reason,
        /// How often it failed so far.
        attempt: u32,
        /// When it is tried again.
        next_at: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// A gateway did not take it, and will not be tried again by itself.
    GivenUp {
        /// Why.
        reason: Reason,
        /// How often it failed.
        attempt: u32,
        /// When.
        at: Timestamp,
    },
    /// Somebody asked for it to be tried again.
    Retried {
        /// When.
        at: Timestamp,
    },
    /// There is nothing to tell any more.
    Withdrawn {
        /// The sequence of the event of its booking because of which.
        cause: u64,
        /// When.
        at: Timestamp,
    },
}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        let name = match self {
            Self::Written { .. } => "written",
            Self::Delivered { .. } => "delivered",
            Self::Failed { .. } => "failed",
            Self::GivenUp { .. } => "given_up",
            Self::Retried { .. } => "retried",
            Self::Withdrawn { .. } => "withdrawn",
        };
        name.to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}
