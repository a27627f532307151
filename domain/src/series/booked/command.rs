//! What can be asked of a booked series, and why it may say no.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use super::{Kept, Moved, Outcome};
use crate::series::{NoSuchOccurrence, Series};
use crate::values::{CustomerId, ListingId, Reason, Timestamp};

/// What a caller asks for, with every fact the answer needs, the time included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Remember what became of each date.
    Create {
        /// What listing was booked.
        listing: ListingId,
        /// Who booked.
        customer: CustomerId,
        /// All its dates.
        series: Box<Series>,
        /// What became of each of them, by its original local start.
        outcomes: BTreeMap<NaiveDateTime, Outcome>,
        /// When.
        at: Timestamp,
    },
    /// Remember that some dates were called off.
    Cancel {
        /// Which, by their original local starts.
        occurrences: Vec<NaiveDateTime>,
        /// Why, in the words of whoever calls them off.
        reason: Option<Reason>,
        /// When.
        at: Timestamp,
    },
    /// Remember that some dates were held and are kept for good.
    Confirm {
        /// Which, by their original local starts.
        occurrences: Vec<NaiveDateTime>,
        /// Those that were to be kept, but whose holds had ended.
        lapsed: Vec<NaiveDateTime>,
        /// When.
        at: Timestamp,
    },
    /// Remember that some dates take place at another time or elsewhere.
    Reschedule {
        /// Those that do.
        moved: Vec<Moved>,
        /// Those that were to, but could not.
        kept: Vec<Kept>,
        /// When.
        at: Timestamp,
    },
}

/// Why a command was turned down: an answer to the caller, not a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such series.
    #[error("there is no such series")]
    NotFound,
    /// The series was booked before.
    #[error("the series exists already")]
    AlreadyExists,
    /// A series has no date of this name.
    #[error(transparent)]
    NoSuchOccurrence(#[from] NoSuchOccurrence),
    /// Nobody says what became of a date.
    #[error("nothing became of the date {0}")]
    Unaccounted(NaiveDateTime),
    /// Not a single date could be booked.
    #[error("no date of the series was booked")]
    NothingBooked,
    /// The date was left out when the series was booked.
    #[error("the date {0} was skipped and has no booking")]
    WasSkipped(NaiveDateTime),
    /// The date was called off.
    #[error("the date {0} was cancelled")]
    WasCancelled(NaiveDateTime),
}
