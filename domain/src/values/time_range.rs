//! Intervals between two instants.

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// A half-open interval, never empty: `start` belongs to it, `end` does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Bounds")]
pub struct TimeRange {
    start: Timestamp,
    end: Timestamp,
}

/// The interval would contain no instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the time from {start} to before {end} is empty")]
pub struct EmptyRange {
    /// The start asked for.
    pub start: Timestamp,
    /// The end asked for.
    pub end: Timestamp,
}

impl TimeRange {
    /// The time from `start` up to, but without, `end`.
    pub fn try_new(start: Timestamp, end: Timestamp) -> Result<Self, EmptyRange> {
        if start < end { Ok(Self { start, end }) } else { Err(EmptyRange { start, end }) }
    }

    /// The first instant.
    pub fn start(self) -> Timestamp {
        self.start
    }

    /// The first instant that is no longer part of it.
    pub fn end(self) -> Timestamp {
        self.end
    }

    /// Whether all of another lies within it.
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether both share an instant; neighbours that touch do not.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "TimeRange")]
struct Bounds {
    start: Timestamp,
    end: Timestamp,
}

impl TryFrom<Bounds> for TimeRange {
    type Error = EmptyRange;

    fn try_from(Bounds { start, end }: Bounds) -> Result<Self, Self::Error> {
        Self::try_new(start, end)
    }
}
