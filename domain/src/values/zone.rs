//! Time zones, and how a wall clock in one of them becomes an instant.

use std::fmt;
use std::str::FromStr;

use chrono::{Duration, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};

use super::{TimeRange, Timestamp};

/// A zone of the IANA database, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Zone(chrono_tz::Tz);

/// The name is in no zone database we know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the name of an IANA time zone")]
pub struct UnknownZone(String);

impl Zone {
    /// The zone with a name such as `Africa/Cairo`.
    pub fn try_new(name: &str) -> Result<Self, UnknownZone> {
        name.parse().map(Self).map_err(|_| UnknownZone(name.chars().take(64).collect()))
    }

    /// The name in the IANA database.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The instant a wall clock shows a date and time. A time shown twice means the first showing;
    /// one that clocks skip means the moment they skip it.
    pub fn instant(self, date: NaiveDate, time: NaiveTime) -> Timestamp {
        let wall = date.and_time(time);
        match self.0.from_local_datetime(&wall) {
            MappedLocalTime::Single(instant) | MappedLocalTime::Ambiguous(instant, _) => {
                instant.with_timezone(&Utc)
            }
            MappedLocalTime::None => self.end_of_gap(wall),
        }
    }

    /// The instant a wall clock first shows a date and time, or none if clocks skip it.
    pub fn shown_at(self, wall: NaiveDateTime) -> Option<Timestamp> {
        self.0.from_local_datetime(&wall).earliest().map(|instant| instant.with_timezone(&Utc))
    }

    /// The date a wall clock shows at an instant.
    pub fn local_date(self, at: Timestamp) -> NaiveDate {
        at.with_timezone(&self.0).date_naive()
    }

    /// The day that contains an instant: from one midnight to the next.
    ///
    /// # Panics
    /// Never: clocks are not moved by as much as a day.
    pub fn day_of(self, at: Timestamp) -> TimeRange {
        let date = self.local_date(at);
        let midnight = |date: NaiveDate| self.instant(date, NaiveTime::MIN);
        let next = date.succ_opt().unwrap_or(date);
        // clocks that go back just after midnight show the day before once more
        let (first, end) = if at < midnight(next) {
            (date, next)
        } else {
            (next, next.succ_opt().unwrap_or(next))
        };
        TimeRange::try_new(midnight(first), midnight(end)).expect("clocks are moved by hours")
    }

    /// The date and time a wall clock shows at an instant.
    pub fn wall_clock(self, at: Timestamp) -> NaiveDateTime {
        at.with_timezone(&self.0).naive_local()
    }

    /// Clocks jump from before `wall` to after it: finds the second at which they do. No offset
    /// reaches a day, so the jump lies within a day of reading `wall` as UTC.
    fn end_of_gap(self, wall: NaiveDateTime) -> Timestamp {
        let read_as_utc = wall.and_utc();
        let (mut before, mut after) = (-86_400, 86_400);
        while after - before > 1 {
            let middle = i64::midpoint(before, after);
            if self.wall_clock(read_as_utc + Duration::seconds(middle)) > wall {
                after = middle;
            } else {
                before = middle;
            }
        }
        let found = read_as_utc + Duration::seconds(after);
        found - Duration::nanoseconds(i64::from(found.timestamp_subsec_nanos()))
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::try_new(name)
    }
}

super::stored_as_text!(Zone, "the name of an IANA time zone");
