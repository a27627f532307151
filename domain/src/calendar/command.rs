//! What can be asked of a calendar, and why it may say no.

use chrono::NaiveDate;

use super::Take;
use crate::values::{BookingId, Limits, Month, Timestamp};

/// What a caller asks for, with every fact the answer needs, the time included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Take bookings for this month.
    Open {
        /// The month.
        month: Month,
        /// How many there are.
        limits: Limits,
        /// When.
        at: Timestamp,
    },
    /// Have more or fewer; nothing that was promised is taken back.
    ChangeLimits {
        /// How many there are from now on.
        limits: Limits,
        /// When.
        at: Timestamp,
    },
    /// Take days for a booking: all of them, or none.
    Allocate {
        /// For whom.
        booking: BookingId,
        /// Which days, and how many on each.
        takes: Vec<Take>,
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
    /// Take other days instead: the old ones are given up if the new ones can be had, else nothing changes.
    Reallocate {
        /// For whom.
        booking: BookingId,
        /// Which days from now on; none gives everything up.
        takes: Vec<Take>,
        /// Until when, unless for good.
        until: Option<Timestamp>,
        /// When.
        at: Timestamp,
    },
    /// Give up what a booking takes.
    Release {
        /// Whose.
        booking: BookingId,
        /// From which day on, unless all of it.
        from: Option<NaiveDate>,
        /// When.
        at: Timestamp,
    },
}

/// Why a command was turned down: an answer to the caller, not a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The month takes no bookings yet.
    #[error("the calendar is not open")]
    NotOpen,
    /// The calendar was opened for another month.
    #[error("this is the calendar of {month}")]
    OtherMonth {
        /// The month it was opened for.
        month: Month,
    },
    /// A day asked for is not in the month.
    #[error("a day lies outside {month}")]
    OutsideMonth {
        /// The month of the calendar.
        month: Month,
    },
    /// The booking takes days here already.
    #[error("the booking is allocated already")]
    AlreadyAllocated,
    /// The booking takes no days here.
    #[error("the booking is not allocated")]
    NotAllocated,
    /// On one day fewer are free than were asked for.
    #[error("on {day} {free} are free and {asked} were asked for")]
    SoldOut {
        /// The first day that does not fit.
        day: NaiveDate,
        /// How many are free on it.
        free: u32,
        /// How many were asked for on it.
        asked: u32,
    },
    /// The deadline is not in the future.
    #[error("the deadline at {at} has passed")]
    DeadlinePassed {
        /// The deadline.
        at: Timestamp,
    },
    /// The hold ended at its deadline.
    #[error("the hold ended at {at}")]
    HoldEnded {
        /// The deadline.
        at: Timestamp,
    },
    /// No day was asked for.
    #[error("no day was asked for")]
    NothingAsked,
}
