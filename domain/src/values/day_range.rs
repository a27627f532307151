//! Runs of days, as inventory is taken in.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::Month;

/// The first day the engine keeps a calendar for.
pub const FIRST_DAY: NaiveDate =
    NaiveDate::from_ymd_opt(1900, 1, 1).expect("a date of the calendar");
/// The last day the engine keeps a calendar for.
pub const LAST_DAY: NaiveDate =
    NaiveDate::from_ymd_opt(2199, 12, 31).expect("a date of the calendar");
const END: NaiveDate = NaiveDate::from_ymd_opt(2200, 1, 1).expect("a date of the calendar");

/// A half-open run of days, never empty: `first` belongs to it, `end` does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Raw")]
pub struct DayRange {
    first: NaiveDate,
    end: NaiveDate,
}

/// Why two dates do not make a run of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DayRangeError {
    /// The end is not after the first day.
    #[error("the days from {first} to before {end} are none")]
    Empty {
        /// The first day asked for.
        first: NaiveDate,
        /// The end asked for.
        end: NaiveDate,
    },
    /// A day lies outside the years the engine keeps.
    #[error("days are kept from {FIRST_DAY} to {LAST_DAY} only")]
    OutOfBounds,
}

impl DayRange {
    /// The days from `first` up to, but without, `end`.
    pub fn try_new(first: NaiveDate, end: NaiveDate) -> Result<Self, DayRangeError> {
        if end <= first {
            return Err(DayRangeError::Empty { first, end });
        }
        if first < FIRST_DAY || end > END {
            return Err(DayRangeError::OutOfBounds);
        }
        Ok(Self { first, end })
    }

    /// For callers that know the days to be in order and within bounds.
    pub(super) fn within_bounds(first: NaiveDate, end: NaiveDate) -> Self {
        Self { first, end }
    }

    /// The first day.
    pub fn first(self) -> NaiveDate {
        self.first
    }

    /// The day after the last.
    pub fn end(self) -> NaiveDate {
        self.end
    }

    /// How many days there are.
    pub fn count(self) -> u32 {
        u32::try_from((self.end - self.first).num_days()).unwrap_or(0)
    }

    /// The days one by one.
    pub fn iter(self) -> impl Iterator<Item = NaiveDate> {
        self.first.iter_days().take_while(move |day| *day < self.end)
    }

    /// Whether a day is one of them.
    pub fn contains(self, day: NaiveDate) -> bool {
        self.first <= day && day < self.end
    }

    /// The part at or after a day, if there is one.
    #[must_use]
    pub fn on_or_after(self, day: NaiveDate) -> Option<Self> {
        (day < self.end).then(|| Self { first: self.first.max(day), ..self })
    }

    /// The same days, month by month.
    pub fn split_by_month(self) -> Vec<(Month, Self)> {
        let mut parts = Vec::with_capacity(1);
        let mut first = self.first;
        while first < self.end {
            let month = Month::of(first);
            let end = month.days().end.min(self.end);
            parts.push((month, Self { first, end }));
            first = end;
        }
        parts
    }

    /// One day alone.
    pub fn single(day: NaiveDate) -> Self {
        Self { first: day, end: day.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX) }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "DayRange")]
struct Raw {
    first: NaiveDate,
    end: NaiveDate,
}

impl TryFrom<Raw> for DayRange {
    type Error = DayRangeError;

    fn try_from(Raw { first, end }: Raw) -> Result<Self, Self::Error> {
        Self::try_new(first, end)
    }
}
