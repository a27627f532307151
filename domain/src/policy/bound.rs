//! Until when a tier holds, counted back from the start.

use std::cmp::Ordering;

use chrono::{Days, NaiveTime, TimeDelta};
use serde::{Deserialize, Serialize};

use super::Start;
use crate::pricing::OutOfRange;
use crate::values::{DayCount, Timestamp};

/// A number of hours: 0 to 8,784, which are a leap year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64")]
pub struct Hours(u32);

impl Hours {
    /// A number of hours within its bounds.
    pub fn try_new(hours: i64) -> Result<Self, OutOfRange> {
        let hours = OutOfRange::check(hours, 0, 366 * 24)?;
        Ok(Self(u32::try_from(hours).unwrap_or_default()))
    }

    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<i64> for Hours {
    type Error = OutOfRange;

    fn try_from(hours: i64) -> Result<Self, Self::Error> {
        Self::try_new(hours)
    }
}

/// How long before the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// The end of the day so many days before, on the wall clock of the listing.
    DaysBefore(DayCount),
    /// So many hours before.
    HoursBefore(Hours),
}

impl Bound {
    /// The last instant of it.
    pub(super) fn deadline(self, Start { at, zone }: Start) -> Timestamp {
        match self {
            Self::HoursBefore(hours) => at - TimeDelta::hours(hours.get().into()),
            Self::DaysBefore(days) => {
                let date = zone.local_date(at);
                let day = date.checked_sub_days(Days::new(days.get().into())).unwrap_or(date);
                let next = day.succ_opt().unwrap_or(day);
                zone.instant(next, NaiveTime::MIN) - TimeDelta::microseconds(1)
            }
        }
    }

    /// Whether it is the start itself, or the day of it.
    pub(super) fn is_start(self) -> bool {
        match self {
            Self::DaysBefore(days) => days.get() == 0,
            Self::HoursBefore(hours) => hours.get() == 0,
        }
    }
}

/// Which of two bounds comes first, whatever the time of day of the start; none bounds the last tier.
pub(super) fn order(a: Option<Bound>, b: Option<Bound>) -> Option<Ordering> {
    use Bound::{DaysBefore, HoursBefore};
    match (a, b) {
        (None, None) => Some(Ordering::Equal),
        (Some(_), None) => Some(Ordering::Less),
        (None, Some(_)) => Some(Ordering::Greater),
        (Some(DaysBefore(a)), Some(DaysBefore(b))) => Some(b.cmp(&a)),
        (Some(HoursBefore(a)), Some(HoursBefore(b))) => Some(b.cmp(&a)),
        (Some(HoursBefore(hours)), Some(DaysBefore(days))) => mixed(hours, days),
        (Some(DaysBefore(days)), Some(HoursBefore(hours))) => {
            mixed(hours, days).map(Ordering::reverse)
        }
    }
}

/// The end of a day lies up to a day later than so many times 24 hours before the start, give or take what clocks are
/// changed by.
fn mixed(hours: Hours, days: DayCount) -> Option<Ordering> {
    let (hours, latest) = (i64::from(hours.get()), 24 * i64::from(days.get()));
    if hours > latest + 2 {
        Some(Ordering::Less)
    } else if hours < latest - 24 - 2 {
        Some(Ordering::Greater)
    } else {
        None
    }
}
