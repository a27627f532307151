//! What can be asked of a listing, and why it may say no.

use chrono::NaiveTime;

use super::ListingKind;
use crate::values::{Currency, LocalizedText, OrganizationId, Timestamp, Zone};

/// What a caller asks for, with every fact the answer needs, the time included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Put a new listing on offer.
    Create {
        /// Whose listing it is.
        organization: OrganizationId,
        /// What it sells.
        kind: ListingKind,
        /// Its name.
        name: LocalizedText,
        /// Where its wall clock hangs.
        zone: Zone,
        /// In which currency it is priced.
        currency: Currency,
        /// From when on guests may arrive.
        check_in: NaiveTime,
        /// Until when guests have to leave.
        check_out: NaiveTime,
        /// When.
        at: Timestamp,
    },
    /// Change what is given and leave the rest.
    Revise {
        /// The new name.
        name: Option<LocalizedText>,
        /// The new time of arrival.
        check_in: Option<NaiveTime>,
        /// The new time of departure.
        check_out: Option<NaiveTime>,
        /// When.
        at: Timestamp,
    },
}

/// Why a command was turned down: an answer to the caller, not a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such listing.
    #[error("there is no such listing")]
    NotFound,
    /// The listing was created before.
    #[error("the listing exists already")]
    AlreadyExists,
}
