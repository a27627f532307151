//! Times during which something is busy: what was asked for, and the buffers around it.

use chrono::{Duration, NaiveTime};
use serde::{Deserialize, Serialize};

use super::{EmptyRange, FIRST_DAY, LAST_DAY, Minutes, Month, TimeRange, Timestamp, Zone};

/// A time on whole minutes during which something is busy, never empty: `start` belongs to it, `end`
/// does not. Its first and last minutes may be buffers, kept free around the time that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Raw")]
pub struct BusyTime {
    start: Timestamp,
    end: Timestamp,
    #[serde(skip_serializing_if = "Minutes::is_zero")]
    before: Minutes,
    #[serde(skip_serializing_if = "Minutes::is_zero")]
    after: Minutes,
}

/// Why something cannot be busy at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BusyTimeError {
    /// The time would contain no instant.
    #[error(transparent)]
    Empty(#[from] EmptyRange),
    /// An instant lies between two minutes.
    #[error("{at} is not on a whole minute")]
    NotOnTheMinute {
        /// The instant.
        at: Timestamp,
    },
    /// The buffers are longer than all of the time.
    #[error("the buffers are longer than the time that contains them")]
    BuffersTooLong,
    /// The time is longer than a leap year.
    #[error("a time is at most {} days long, buffers included", BusyTime::MAX_DAYS)]
    TooLong,
    /// An instant lies outside the years the engine keeps.
    #[error("times are kept from the day after {FIRST_DAY} to the day before {LAST_DAY} only")]
    OutOfBounds,
}

impl BusyTime {
    /// The longest time, in days.
    pub const MAX_DAYS: u32 = 366;

    /// A time that was asked for, with what is kept free before and after it.
    pub fn try_new(
        time: TimeRange,
        before: Minutes,
        after: Minutes,
    ) -> Result<Self, BusyTimeError> {
        let start = time.start().checked_sub_signed(duration(before));
        let end = time.end().checked_add_signed(duration(after));
        let (start, end) = start.zip(end).ok_or(BusyTimeError::OutOfBounds)?;
        Self::from_parts(start, end, before, after)
    }

    /// The time from `start` to `end`, the buffers included.
    pub fn from_parts(
        start: Timestamp,
        end: Timestamp,
        before: Minutes,
        after: Minutes,
    ) -> Result<Self, BusyTimeError> {
        TimeRange::try_new(start, end)?;
        if let Some(at) = [start, end].into_iter().find(|at| !is_on_the_minute(*at)) {
            return Err(BusyTimeError::NotOnTheMinute { at });
        }
        let [first, last] = [FIRST_DAY, LAST_DAY].map(|day| day.and_time(NaiveTime::MIN).and_utc());
        // a day less on either side, so that it is within the years on every wall clock
        if start < first + Duration::days(1) || end > last {
            return Err(BusyTimeError::OutOfBounds);
        }
        if end - start > Duration::days(Self::MAX_DAYS.into()) {
            return Err(BusyTimeError::TooLong);
        }
        if duration(before) + duration(after) > end - start {
            return Err(BusyTimeError::BuffersTooLong);
        }
        Ok(Self { start, end, before, after })
    }

    /// All of it, buffers included.
    ///
    /// # Panics
    /// Never: a busy time is not empty.
    pub fn range(self) -> TimeRange {
        TimeRange::try_new(self.start, self.end).expect("a busy time is never empty")
    }

    /// How much of its beginning is a buffer.
    pub fn before(self) -> Minutes {
        self.before
    }

    /// How much of its end is a buffer.
    pub fn after(self) -> Minutes {
        self.after
    }

    /// The time without its buffers, unless it is nothing but buffer, as a part of a longer one can be.
    pub fn plain(self) -> Option<TimeRange> {
        let (start, end) = (self.start + duration(self.before), self.end - duration(self.after));
        TimeRange::try_new(start, end).ok()
    }

    /// The part before an instant, to the minute that has begun by then, if there is one.
    #[must_use]
    pub fn before_instant(self, at: Timestamp) -> Option<Self> {
        self.part(self.start, self.end.min(next_minute(at)))
    }

    /// The part at or after an instant, from the next whole minute on, if there is one.
    #[must_use]
    pub fn on_or_after(self, at: Timestamp) -> Option<Self> {
        self.part(self.start.max(next_minute(at)), self.end)
    }

    /// The same time, month by month in a zone, each part with the minutes of buffer that are in it.
    pub fn split_by_month(self, zone: Zone) -> Vec<(Month, Self)> {
        let mut parts = Vec::with_capacity(1);
        let mut month = Month::at(self.start, zone);
        let mut rest = Some(self);
        while let Some(left) = rest {
            let end = month.time(zone).end();
            parts.extend(left.before_instant(end).map(|part| (month, part)));
            rest = left.on_or_after(end);
            month = month.next();
        }
        parts
    }

    /// The part between two instants, both of them within it.
    fn part(self, start: Timestamp, end: Timestamp) -> Option<Self> {
        let before = minutes(end.min(self.start + duration(self.before)) - start);
        let after = minutes(end - start.max(self.end - duration(self.after)));
        (start < end).then_some(Self { start, end, before, after })
    }
}

fn is_on_the_minute(at: Timestamp) -> bool {
    at.timestamp() % 60 == 0 && at.timestamp_subsec_nanos() == 0
}

/// The first whole minute that is not before an instant.
fn next_minute(at: Timestamp) -> Timestamp {
    if is_on_the_minute(at) {
        return at;
    }
    let next = (at.timestamp().div_euclid(60) + 1) * 60;
    Timestamp::from_timestamp(next, 0).unwrap_or(at) // as late as time can be told: after everything
}

fn duration(minutes: Minutes) -> Duration {
    Duration::minutes(minutes.get().into())
}

/// How many minutes something takes: none if it is less than nothing.
fn minutes(time: Duration) -> Minutes {
    let minutes = u32::try_from(time.num_minutes()).unwrap_or(0);
    Minutes::try_new(minutes).unwrap_or_default()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "BusyTime")]
struct Raw {
    start: Timestamp,
    end: Timestamp,
    #[serde(default)]
    before: Minutes,
    #[serde(default)]
    after: Minutes,
}

impl TryFrom<Raw> for BusyTime {
    type Error = BusyTimeError;

    fn try_from(Raw { start, end, before, after }: Raw) -> Result<Self, Self::Error> {
        Self::from_parts(start, end, before, after)
    }
}
