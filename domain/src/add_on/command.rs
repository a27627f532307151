//! What can be asked of an add-on, and why it may say no.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Terms;
use crate::values::{BookingId, DayRange, OrganizationId, Timestamp};

/// So many pieces for some days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// How many: on each day, where they are counted by day.
    pub quantity: u32,
    /// For which days.
    pub days: DayRange,
}

/// What a caller asks for, with every fact the answer needs, the time included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Offer it.
    Create {
        /// Whose it is.
        organization: OrganizationId,
        /// What it is, and what it costs.
        terms: Box<Terms>,
        /// When.
        at: Timestamp,
    },
    /// Offer it otherwise; nothing that was promised is taken back.
    Revise {
        /// All of its terms.
        terms: Box<Terms>,
        /// When.
        at: Timestamp,
    },
    /// Offer it no more.
    Withdraw {
        /// When.
        at: Timestamp,
    },
    /// Take pieces for a booking, instead of those it takes already: all of them, or nothing changes.
    Take {
        /// For which booking.
        booking: BookingId,
        /// What is wanted from now on; nothing gives everything up.
        asks: Vec<Ask>,
        /// Until when, unless for good.
        until: Option<Timestamp>,
        /// When.
        at: Timestamp,
    },
    /// Keep what a booking holds for good.
    Confirm {
        /// Whose hold.
        booking: BookingId,
        /// When.
        at: Timestamp,
    },
    /// Give up what a booking takes.
    Release {
        /// Whose.
        booking: BookingId,
        /// When.
        at: Timestamp,
    },
}

/// Why a command was turned down: an answer to the caller, not a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such add-on.
    #[error("there is no such add-on")]
    NotFound,
    /// It was offered before.
    #[error("the add-on exists already")]
    AlreadyExists,
    /// It is offered no more.
    #[error("the add-on is not offered any more")]
    Withdrawn,
    /// Its price would be in another currency.
    #[error("an add-on stays in the currency it was made in")]
    CurrencyMismatch,
    /// Its stock would be counted otherwise.
    #[error("a stock that is counted by day stays so, and no other becomes one")]
    OtherStock,
    /// One booking cannot have so many.
    #[error("{asked} were asked for and a booking has at most {most}")]
    TooMany {
        /// How many were asked for.
        asked: u32,
        /// The most for one booking.
        most: u32,
    },
    /// There are not so many left.
    #[error("of the add-on {free} are left and {asked} were asked for")]
    SoldOut {
        /// On which day, where they are counted by day.
        day: Option<NaiveDate>,
        /// How many are left.
        free: u32,
        /// How many were asked for.
        asked: u32,
    },
    /// The booking takes nothing of it.
    #[error("the booking takes nothing of the add-on")]
    NotTaken,
    /// The hold ended at its deadline.
    #[error("the hold ended at {at}")]
    HoldEnded {
        /// The deadline.
        at: Timestamp,
    },
}
