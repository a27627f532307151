//! What is taken of a calendar: whole days, or a time.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::values::{BusyTime, DayRange, Quantity, TimeRange, Timestamp, Zone};

/// Days or a time of one calendar, and how many throughout. Each kind is stored as it always was: the
/// name of its first field tells which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged, try_from = "Raw")]
pub enum Take {
    /// Whole days of a calendar by nights.
    Nights {
        /// The days.
        days: DayRange,
        /// How many on each of them.
        quantity: Quantity,
    },
    /// A time of a calendar by times.
    Time {
        /// The time, buffers included.
        time: BusyTime,
        /// How many at each instant of it.
        quantity: Quantity,
    },
}

impl Take {
    /// How many are taken.
    pub fn quantity(self) -> Quantity {
        match self {
            Self::Nights { quantity, .. } | Self::Time { quantity, .. } => quantity,
        }
    }

    /// The part at or after a point of the same kind, if there is one.
    pub(super) fn on_or_after(self, point: Point) -> Option<Self> {
        match (self, point) {
            (Self::Nights { days, quantity }, Point::Day(day)) => {
                days.on_or_after(day).map(|days| Self::Nights { days, quantity })
            }
            (Self::Time { time, quantity }, Point::Instant(at)) => {
                time.on_or_after(at).map(|time| Self::Time { time, quantity })
            }
            (Self::Nights { .. }, Point::Instant(_)) | (Self::Time { .. }, Point::Day(_)) => None,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename = "Take")]
struct Raw {
    days: Option<DayRange>,
    time: Option<BusyTime>,
    quantity: Quantity,
}

impl TryFrom<Raw> for Take {
    type Error = &'static str;

    fn try_from(raw: Raw) -> Result<Self, Self::Error> {
        let quantity = raw.quantity;
        match (raw.days, raw.time) {
            (Some(days), None) => Ok(Self::Nights { days, quantity }),
            (None, Some(time)) => Ok(Self::Time { time, quantity }),
            (None, None) => Err("missing field `days` or `time`"),
            (Some(_), Some(_)) => Err("only one of the fields `days` and `time` is expected"),
        }
    }
}

/// In what a calendar is sold. A resource is sold in one of them, so that it cannot be sold twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SoldBy {
    /// Whole days, by the night.
    Nights,
    /// Times of any length, in the months of a zone.
    Times {
        /// The zone of the resource.
        zone: Zone,
        /// The months beside this one.
        beside: Beside,
    },
}

/// The times of the months before and after one, where these are open. A month begins where the one before it ends,
/// whatever the rules of the zone have become since that one was opened: no instant is in two calendars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// That of the month before.
    pub before: Option<TimeRange>,
    /// That of the month after.
    pub after: Option<TimeRange>,
}

impl Beside {
    /// What is left between them of a month that has this time by the rules of today.
    pub(super) fn bound(self, time: TimeRange) -> TimeRange {
        let start = self.before.map_or(time.start(), TimeRange::end);
        let end = self.after.map_or(time.end(), TimeRange::start);
        // clocks are never moved by as much as a month, so something is left
        TimeRange::try_new(start, end).unwrap_or(time)
    }
}

/// From where on something is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// From a day on, that day included.
    Day(NaiveDate),
    /// From the first whole minute on that is not before an instant.
    Instant(Timestamp),
}

/// A stretch of a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Some days.
    Days(DayRange),
    /// Some time.
    Time(TimeRange),
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(days) if days.count() == 1 => write!(f, "on {}", days.first()),
            Self::Days(days) => write!(f, "from {} to before {}", days.first(), days.end()),
            Self::Time(time) => write!(f, "from {} to {}", time.start(), time.end()),
        }
    }
}
