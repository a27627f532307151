//! How long before a start one may or must book.

use chrono::{Datelike, NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use super::Schedule;
use super::clock::days_after;
use super::span::first_second_from;
use crate::values::{DayCount, Minutes, Timestamp, Weekend};

/// A time ahead of now. Days are those of the schedule's wall clock, whole ones: from one day ahead
/// on means from the midnight that begins tomorrow on, up to one day ahead means until tomorrow ends.
///
/// A working day lies outside the weekend, and no special date closes it all day. Today does not
/// count: on a Thursday before a weekend of Friday and Saturday, one working day ahead is Sunday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lead {
    /// So many minutes, whatever the wall clock shows.
    Minutes(Minutes),
    /// So many days of the calendar.
    Days(DayCount),
    /// So many working days.
    WorkingDays(DayCount),
}

impl Default for Lead {
    fn default() -> Self {
        Self::Minutes(Minutes::default())
    }
}

impl Lead {
    /// The first second that is at least so far ahead; the one exactly so far ahead is.
    pub(super) fn earliest(self, schedule: &Schedule, weekend: Weekend, now: Timestamp) -> i64 {
        match self {
            Self::Minutes(minutes) => first_second_from(now) + i64::from(minutes.get()) * 60,
            Self::Days(_) | Self::WorkingDays(_) => {
                first_second_of(schedule, self.date(schedule, weekend, now))
            }
        }
    }

    /// The first second that is too far ahead.
    pub(super) fn latest(self, schedule: &Schedule, weekend: Weekend, now: Timestamp) -> i64 {
        match self {
            Self::Minutes(_) => self.earliest(schedule, weekend, now),
            Self::Days(_) | Self::WorkingDays(_) => {
                first_second_of(schedule, days_after(self.date(schedule, weekend, now), 1))
            }
        }
    }

    /// The day so far ahead; without days to count, today.
    fn date(self, schedule: &Schedule, weekend: Weekend, now: Timestamp) -> NaiveDate {
        let today = schedule.zone().local_date(now);
        match self {
            Self::Minutes(_) => today,
            Self::Days(days) => days_after(today, u64::from(days.get())),
            Self::WorkingDays(days) => {
                let works = |date: &NaiveDate| {
                    !weekend.contains(date.weekday()) && !schedule.is_day_off(*date)
                };
                let count = usize::try_from(days.get()).unwrap_or(usize::MAX);
                let mut ahead = today.iter_days().skip(1).filter(works);
                // special dates are few, so that there is always another working day
                count.checked_sub(1).and_then(|last| ahead.nth(last)).unwrap_or(today)
            }
        }
    }
}

fn first_second_of(schedule: &Schedule, date: NaiveDate) -> i64 {
    schedule.zone().instant(date, NaiveTime::MIN).timestamp()
}
