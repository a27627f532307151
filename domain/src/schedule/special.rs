//! Dates on which the week's hours do not hold.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{DayHours, ScheduleError};

/// What a date differs in. One date may have several entries, as long as they do not contradict
/// each other: every partial closure takes its part out of the day, and no more than that.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecialDate {
    /// The date in the schedule's zone.
    pub date: NaiveDate,
    /// How it differs.
    pub hours: SpecialHours,
}

/// How a date differs from its day of the week.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpecialHours {
    /// Closed all day.
    Closed,
    /// Open at these hours instead of the week's, whose breaks do not hold either.
    Open(DayHours),
    /// Closed at these hours, and otherwise as usual.
    ClosedDuring(DayHours),
}

impl SpecialHours {
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Closed => 0,
            Self::Open(hours) | Self::ClosedDuring(hours) => hours.weight(),
        }
    }
}

/// Special dates in the order of their dates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct SpecialDates(Vec<SpecialDate>);

/// What the entries of one date say together.
pub(super) enum Day<'a> {
    Closed,
    /// The hours instead of the week's, if there are any, and the entries among which to look for closures.
    Hours {
        instead: Option<&'a DayHours>,
        entries: &'a [SpecialDate],
    },
}

impl SpecialDates {
    /// The most entries of one schedule.
    pub(super) const MAX: usize = 2_000;

    pub(super) fn try_new(mut entries: Vec<SpecialDate>) -> Result<Self, ScheduleError> {
        if entries.len() > Self::MAX {
            return Err(ScheduleError::TooManySpecialDates);
        }
        entries.sort_by_key(|entry| entry.date);
        for same in entries.chunk_by(|a, b| a.date == b.date) {
            let is_closed = |entry: &SpecialDate| matches!(entry.hours, SpecialHours::Closed);
            let opens = same.iter().filter(|e| matches!(e.hours, SpecialHours::Open(_))).count();
            if opens > 1 || (opens == 1 && same.iter().any(is_closed)) {
                return Err(ScheduleError::Contradiction(same[0].date));
            }
        }
        Ok(Self(entries))
    }

    pub(super) fn entries(&self) -> &[SpecialDate] {
        &self.0
    }

    pub(super) fn into_entries(self) -> Vec<SpecialDate> {
        self.0
    }

    pub(super) fn on(&self, date: NaiveDate) -> Day<'_> {
        let first = self.0.partition_point(|entry| entry.date < date);
        let count = self.0[first..].partition_point(|entry| entry.date == date);
        let entries = &self.0[first..first + count];
        let mut instead = None;
        for entry in entries {
            match &entry.hours {
                SpecialHours::Closed => return Day::Closed,
                SpecialHours::Open(hours) => instead = Some(hours),
                SpecialHours::ClosedDuring(_) => (),
            }
        }
        Day::Hours { instead, entries }
    }
}
