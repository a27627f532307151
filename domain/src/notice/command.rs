//! What can be asked of a notice, and why it may say no.

use super::Letter;
use crate::values::{Code, Reason, Timestamp};

/// What a caller asks for, with every fact the answer needs, the time included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Have something told. Asking again for the same cause, or an earlier one, changes nothing.
    Write {
        /// What, to whom.
        letter: Box<Letter>,
        /// The sequence of the event of its booking that it tells of.
        cause: u64,
        /// From when on it is to be delivered.
        due_at: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// Do not tell it after all, unless that has happened.
    Withdraw {
        /// The sequence of the event of its booking because of which there is nothing to tell.
        cause: u64,
        /// When.
        at: Timestamp,
    },
    /// Record that a gateway took it.
    Deliver {
        /// Which gateway.
        gateway: Code,
        /// When.
        at: Timestamp,
    },
    /// Record that a gateway did not take it.
    Fail {
        /// Why.
        reason: Reason,
        /// When it is to be tried again, if it is.
        next_at: Option<Timestamp>,
        /// When.
        at: Timestamp,
    },
    /// Try again, now.
    Retry {
        /// When.
        at: Timestamp,
    },
}

/// Why a command was turned down: an answer to the caller, not a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such notice.
    #[error("there is no such notice")]
    NotFound,
    /// A gateway took it.
    #[error("the notice was delivered")]
    Delivered,
    /// There is nothing to tell any more.
    #[error("the notice was withdrawn")]
    Withdrawn,
}
