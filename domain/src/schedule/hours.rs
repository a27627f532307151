//! Hours on the wall clock: of one day, and of each day of the week.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::values::WallTime;

/// Part of one day on the wall clock, never empty: `from` belongs to it, `to` does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawHours")]
pub struct Hours {
    from: WallTime,
    to: WallTime,
}

/// Why hours cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// The end is not after the beginning.
    #[error("the hours {0} end before they begin; write those after midnight on the next day")]
    Backwards(Hours),
    /// Two parts of one day share a time.
    #[error("the hours {0} and {1} overlap")]
    Overlap(Hours, Hours),
    /// A day is cut into too many parts.
    #[error("a day has at most {} parts", DayHours::MAX)]
    TooMany,
}

impl Hours {
    /// From midnight to midnight.
    const ALL_DAY: Self = Self { from: WallTime::START_OF_DAY, to: WallTime::END_OF_DAY };

    /// The time from `from` up to, but without, `to` on one day.
    pub fn try_new(from: WallTime, to: WallTime) -> Result<Self, HoursError> {
        let hours = Self { from, to };
        if from < to { Ok(hours) } else { Err(HoursError::Backwards(hours)) }
    }

    /// When they begin.
    pub fn from(self) -> WallTime {
        self.from
    }

    /// When they end.
    pub fn to(self) -> WallTime {
        self.to
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.from, self.to)
    }
}

/// The parts of one day, in order; neighbours may touch but not overlap. None at all is a day off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<Hours>")]
pub struct DayHours(Vec<Hours>);

impl DayHours {
    /// The most parts of one day.
    pub const MAX: usize = 48;

    /// The parts in any order.
    pub fn try_new(parts: impl IntoIterator<Item = Hours>) -> Result<Self, HoursError> {
        let mut parts: Vec<Hours> = parts.into_iter().take(Self::MAX + 1).collect();
        if parts.len() > Self::MAX {
            return Err(HoursError::TooMany);
        }
        parts.sort_unstable();
        match parts.windows(2).find(|pair| pair[1].from < pair[0].to) {
            Some(pair) => Err(HoursError::Overlap(pair[0], pair[1])),
            None => Ok(Self(parts)),
        }
    }

    /// The parts in order.
    pub fn parts(&self) -> &[Hours] {
        &self.0
    }

    pub(super) fn weight(&self) -> usize {
        size_of_val(&*self.0)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The parts of each day of the week. JSON names the days; those left out are days off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeekHours {
    /// On Mondays.
    #[serde(default, skip_serializing_if = "DayHours::is_empty")]
    pub monday: DayHours,
    /// On Tuesdays.
    #[serde(default, skip_serializing_if = "DayHours::is_empty")]
    pub tuesday: DayHours,
    /// On Wednesdays.
    #[serde(default, skip_serializing_if = "DayHours::is_empty")]
    pub wednesday: DayHours,
    /// On Thursdays.
    #[serde(default, skip_serializing_if = "DayHours::is_empty")]
    pub thursday: DayHours,
    /// On Fridays.
    #[serde(default, skip_serializing_if = "DayHours::is_empty")]
    pub friday: DayHours,
    /// On Saturdays.
    #[serde(default, skip_serializing_if = "DayHours::is_empty")]
    pub saturday: DayHours,
    /// On Sundays.
    #[serde(default, skip_serializing_if = "DayHours::is_empty")]
    pub sunday: DayHours,
}

impl WeekHours {
    /// Those of the day of the week a date falls on.
    pub fn on(&self, date: NaiveDate) -> &DayHours {
        match date.weekday() {
            chrono::Weekday::Mon => &self.monday,
            chrono::Weekday::Tue => &self.tuesday,
            chrono::Weekday::Wed => &self.wednesday,
            chrono::Weekday::Thu => &self.thursday,
            chrono::Weekday::Fri => &self.friday,
            chrono::Weekday::Sat => &self.saturday,
            chrono::Weekday::Sun => &self.sunday,
        }
    }

    /// All day on every day.
    pub(super) fn always() -> Self {
        let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] =
            [(); 7].map(|()| DayHours(vec![Hours::ALL_DAY]));
        Self { monday, tuesday, wednesday, thursday, friday, saturday, sunday }
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn weight(&self) -> usize {
        let Self { monday, tuesday, wednesday, thursday, friday, saturday, sunday } = self;
        let days = [monday, tuesday, wednesday, thursday, friday, saturday, sunday];
        days.into_iter().map(DayHours::weight).sum()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "Hours")]
struct RawHours {
    from: WallTime,
    to: WallTime,
}

impl TryFrom<RawHours> for Hours {
    type Error = HoursError;

    fn try_from(RawHours { from, to }: RawHours) -> Result<Self, Self::Error> {
        Self::try_new(from, to)
    }
}

impl TryFrom<Vec<Hours>> for DayHours {
    type Error = HoursError;

    fn try_from(parts: Vec<Hours>) -> Result<Self, Self::Error> {
        Self::try_new(parts)
    }
}
