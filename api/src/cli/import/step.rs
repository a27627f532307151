//! The steps of a booking, and when each of them happened.
//!
//! The file knows days only. The times of day put the steps of one day into a sensible order: first
//! guests leave and earlier bookings are cancelled, then bookings are made, then guests arrive, and
//! last comes what can only follow on the same day.

use chrono::{NaiveDate, NaiveTime};
use daybook_domain::values::Timestamp;

use super::hotel::{self, Hotel, on_the_hour};
use super::row::{Ending, Row};

/// Before the check-in of the same day, and after the check-outs that make room.
pub(super) const BOOKED: NaiveTime = on_the_hour(14);
const CANCELLED: NaiveTime = on_the_hour(12);
const CANCELLED_AT_ONCE: NaiveTime = on_the_hour(18);
const LEFT_AT_ONCE: NaiveTime = on_the_hour(20);
const STAYED_AWAY: NaiveTime = on_the_hour(23);

/// A row by its place among the rows that make sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct RowIndex(pub(super) usize);

/// One command about one booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) row: RowIndex,
    pub(super) kind: StepKind,
    pub(super) day: NaiveDate,
    pub(super) phase: Phase,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepKind {
    Book,
    CheckIn,
    CheckOut,
    NoShow,
    Cancel,
}

/// A part of a day. Each is over before the next begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Guests of earlier days leave, bookings of earlier days are cancelled.
    Releases,
    /// Bookings are made.
    Bookings,
    /// Guests arrive or stay away; some of the day's bookings and stays end again.
    Arrivals,
}

impl StepKind {
    /// The name of the step in idempotency keys, and in the API where it is more than a booking.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Book => "book",
            Self::CheckIn => "check-in",
            Self::CheckOut => "check-out",
            Self::NoShow => "no-show",
            Self::Cancel => "cancel",
        }
    }
}

impl Step {
    /// All steps of a row, in order.
    pub(super) fn of(index: RowIndex, row: &Row) -> impl Iterator<Item = Self> {
        let step = move |kind, day, phase| Self { row: index, kind, day, phase };
        let (arrival, ended_on) = (row.stay.arrival(), row.ended_on());
        let ending_after = |day| if ended_on > day { Phase::Releases } else { Phase::Arrivals };
        let rest = match row.ending {
            Ending::Cancelled => {
                [Some(step(StepKind::Cancel, ended_on, ending_after(row.booked_on))), None]
            }
            Ending::NoShow => [Some(step(StepKind::NoShow, ended_on, Phase::Arrivals)), None],
            Ending::CheckedOut => [
                Some(step(StepKind::CheckIn, arrival, Phase::Arrivals)),
                Some(step(StepKind::CheckOut, ended_on, ending_after(arrival))),
            ],
        };
        let booked = step(StepKind::Book, row.booked_on, Phase::Bookings);
        std::iter::once(booked).chain(rest.into_iter().flatten())
    }

    /// When it happened.
    pub(super) fn at(self) -> Timestamp {
        let time = match (self.kind, self.phase) {
            (StepKind::Book, _) => BOOKED,
            (StepKind::CheckIn, _) => Hotel::CHECK_IN,
            (StepKind::CheckOut, Phase::Arrivals) => LEFT_AT_ONCE,
            (StepKind::CheckOut, _) => Hotel::CHECK_OUT,
            (StepKind::Cancel, Phase::Arrivals) => CANCELLED_AT_ONCE,
            (StepKind::Cancel, _) => CANCELLED,
            (StepKind::NoShow, _) => STAYED_AWAY,
        };
        hotel::zone().instant(self.day, time)
    }
}
