//! What can be asked of a quote, and why it may say no.

use super::Terms;
use crate::values::{BookingId, Timestamp};

/// What a caller asks for, with every fact the answer needs, the time included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Tell what something would cost.
    Make {
        /// What, and what that costs.
        terms: Box<Terms>,
        /// From when on it is no longer kept to.
        expires_at: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// Book it.
    Use {
        /// The booking that is made of it.
        booking: BookingId,
        /// When.
        at: Timestamp,
    },
}

/// Why a command was turned down: an answer to the caller, not a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such quote.
    #[error("there is no such quote")]
    NotFound,
    /// The quote was made before.
    #[error("the quote exists already")]
    AlreadyExists,
    /// It is no longer kept to.
    #[error("the quote expired at {at}")]
    Expired {
        /// When it expired.
        at: Timestamp,
    },
    /// It was booked.
    #[error("the quote was booked as {booking}")]
    Used {
        /// The booking that was made of it.
        booking: BookingId,
    },
}
