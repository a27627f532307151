//! Months of the calendar.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Duration, Months, NaiveDate, NaiveTime};

use super::{DayRange, TimeRange, Timestamp, Zone};

/// One month of one year, written `2016-07`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    first: NaiveDate,
}

/// The text or numbers do not make a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a month is written as year and month between 1900-01 and 2199-12, as in `2016-07`")]
pub struct MonthError;

impl Month {
    /// The month of a year between 1900 and 2199, counted from 1.
    pub fn try_new(year: i32, month: u32) -> Result<Self, MonthError> {
        if !(1900..=2199).contains(&year) {
            return Err(MonthError);
        }
        NaiveDate::from_ymd_opt(year, month, 1).map(|first| Self { first }).ok_or(MonthError)
    }

    /// The month a date falls in.
    pub fn of(date: NaiveDate) -> Self {
        Self { first: date.with_day(1).unwrap_or(date) }
    }

    /// The month an instant belongs to in a zone: the one whose [`time`](Self::time) contains it.
    pub fn at(instant: Timestamp, zone: Zone) -> Self {
        let shown = Self::of(zone.local_date(instant));
        // clocks that go back just after midnight show the last day of the old month once more
        if instant < shown.next().start(zone) { shown } else { shown.next() }
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.first.year()
    }

    /// The month of the year, counted from 1.
    pub fn number(self) -> u32 {
        self.first.month()
    }

    /// The first day.
    pub fn first_day(self) -> NaiveDate {
        self.first
    }

    /// All days of the month.
    pub fn days(self) -> DayRange {
        DayRange::within_bounds(self.first, self.next().first)
    }

    /// The time from its first midnight in a zone to the first midnight of the month after, on whole
    /// minutes. A midnight shown twice means the first showing, one that clocks skip the moment they do.
    ///
    /// # Panics
    /// Never: clocks are not moved by as much as a month.
    pub fn time(self, zone: Zone) -> TimeRange {
        let (start, end) = (self.start(zone), self.next().start(zone));
        TimeRange::try_new(start, end).expect("clocks are never moved by as much as a month")
    }

    fn start(self, zone: Zone) -> Timestamp {
        let midnight = zone.instant(self.first, NaiveTime::MIN);
        // local mean times are off by seconds
        midnight - Duration::seconds(midnight.timestamp().rem_euclid(60))
    }

    /// The month before.
    #[must_use]
    pub fn previous(self) -> Self {
        Self { first: self.first.checked_sub_months(Months::new(1)).unwrap_or(NaiveDate::MIN) }
    }

    /// The month after.
    #[must_use]
    pub fn next(self) -> Self {
        Self { first: self.first.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX) }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.number())
    }
}

impl FromStr for Month {
    type Err = MonthError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (year, month) = text.split_once('-').ok_or(MonthError)?;
        let digits =
            |part: &str, len| part.len() == len && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return Err(MonthError);
        }
        let year = year.parse().map_err(|_| MonthError)?;
        Self::try_new(year, month.parse().map_err(|_| MonthError)?)
    }
}

super::stored_as_text!(Month, "a month, as in `2016-07`");
