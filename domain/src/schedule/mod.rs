//! When something is open, and which times of it can be booked.
//!
//! A [`Schedule`] is written on the wall clock of its zone; everything that comes out of it is an
//! instant. It is open **exactly while the wall clock shows a time within its hours**. From this
//! follows what happens when clocks are changed: hours that begin in an hour which is skipped begin
//! with the first instant after it; hours that lie within it do not take place that day; and an
//! hour that is shown twice is open, or closed, both times.
//!
//! [`slots`] finds the times at which a service can begin, [`any_of`] does so for several people.

mod admission;
mod any_of;
mod clock;
mod counts;
mod hours;
mod lead;
mod occupancy;
mod rules;
mod slots;
mod span;
mod special;
#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use admission::LimitWindow;
pub use any_of::{AnySlot, Candidate, FoundAny, FreeResource, any_of};
pub use hours::{DayHours, Hours, HoursError, WeekHours};
pub use lead::Lead;
pub use rules::{BookingLimits, Grid, PastClosing, SlotRules, WeekStart};
pub use slots::{Busy, Found, NothingFree, Search, Slot, slots};
pub use special::{SpecialDate, SpecialHours};

use crate::values::{DayRange, FIRST_DAY, LAST_DAY, TimeRange, WallTime, Zone};
use clock::{Piece, around_days, pieces};
use span::{Span, merged, without};
use special::{Day, SpecialDates};

/// When something is open: by the week, with breaks, special dates, and an optional period.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawSchedule", into = "RawSchedule")]
pub struct Schedule {
    zone: Zone,
    hours: WeekHours,
    breaks: WeekHours,
    special: SpecialDates,
    valid: Validity,
}

/// The dates on which a schedule holds; on all others it is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validity {
    /// The first date, or none if it holds since ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<NaiveDate>,
    /// The date after the last one, or none if it holds for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<NaiveDate>,
}

/// Why a schedule cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// The entries of one date exclude each other.
    #[error("the entries for {0} contradict each other: a date is closed, or has hours of its own")]
    Contradiction(NaiveDate),
    /// There are too many entries for special dates.
    #[error("a schedule has at most {} special dates", SpecialDates::MAX)]
    TooManySpecialDates,
    /// The period in which it holds has no day.
    #[error("the schedule would hold from {first} to before {end}, which is never")]
    NeverValid {
        /// The first date asked for.
        first: NaiveDate,
        /// The end asked for.
        end: NaiveDate,
    },
}

impl Schedule {
    /// A schedule whose parts agree with each other.
    pub fn try_new(
        zone: Zone,
        hours: WeekHours,
        breaks: WeekHours,
        special: Vec<SpecialDate>,
        valid: Validity,
    ) -> Result<Self, ScheduleError> {
        if let (Some(first), Some(end)) = (valid.first, valid.end)
            && end <= first
        {
            return Err(ScheduleError::NeverValid { first, end });
        }
        Ok(Self { zone, hours, breaks, special: SpecialDates::try_new(special)?, valid })
    }

    /// The schedule of what never closes.
    pub fn always(zone: Zone) -> Self {
        let (breaks, special) = (WeekHours::default(), SpecialDates::default());
        Self { zone, hours: WeekHours::always(), breaks, special, valid: Validity::default() }
    }

    /// Where its wall clock hangs.
    pub fn zone(&self) -> Zone {
        self.zone
    }

    /// The hours of the week.
    pub fn hours(&self) -> &WeekHours {
        &self.hours
    }

    /// The breaks of the week, which are taken out of its hours.
    pub fn breaks(&self) -> &WeekHours {
        &self.breaks
    }

    /// The special dates in order.
    pub fn special(&self) -> &[SpecialDate] {
        self.special.entries()
    }

    /// The dates on which it holds.
    pub fn valid(&self) -> Validity {
        self.valid
    }

    /// When it is open on some days of its zone: in order, and joined where one day runs into the next.
    pub fn open(&self, days: DayRange) -> Vec<TimeRange> {
        let pieces = pieces(self.zone, around_days(days.first(), days.end()));
        let wanted = pieces.iter().filter(|piece| days.contains(piece.date));
        self.open_during(wanted).into_iter().map(Span::range).collect()
    }

    /// About how many bytes it takes beyond its own size.
    pub(crate) fn weight(&self) -> usize {
        let special = |entry: &SpecialDate| size_of::<SpecialDate>() + entry.hours.weight();
        self.hours.weight()
            + self.breaks.weight()
            + self.special().iter().map(special).sum::<usize>()
    }

    /// Whether it is open throughout a span.
    fn covers(&self, span: Span) -> bool {
        self.open_during(pieces(self.zone, span).iter()) == [span]
    }

    /// Whether a special date closes the whole day.
    fn is_day_off(&self, date: NaiveDate) -> bool {
        matches!(self.special.on(date), Day::Closed)
    }

    fn open_during<'a>(&self, pieces: impl Iterator<Item = &'a Piece>) -> Vec<Span> {
        merged(pieces.flat_map(|piece| {
            let on_the_clock = self.open_on(piece.date);
            on_the_clock.into_iter().filter_map(|hours| {
                let start = piece.instant(hours.start).max(piece.span.start);
                let end = piece.instant(hours.end).min(piece.span.end);
                (start < end).then_some(Span { start, end })
            })
        }))
    }

    /// The seconds of a date's wall clock at which it is open, in order.
    fn open_on(&self, date: NaiveDate) -> Vec<Span> {
        if !self.holds_on(date) {
            return Vec::new();
        }
        match self.special.on(date) {
            Day::Closed => Vec::new(),
            Day::Hours { instead, entries } => {
                let mut open = match instead {
                    Some(hours) => seconds(hours),
                    None => without(&seconds(self.hours.on(date)), &seconds(self.breaks.on(date))),
                };
                for entry in entries {
                    if let SpecialHours::ClosedDuring(hours) = &entry.hours {
                        open = without(&open, &seconds(hours));
                    }
                }
                open
            }
        }
    }

    fn holds_on(&self, date: NaiveDate) -> bool {
        (FIRST_DAY..=LAST_DAY).contains(&date)
            && self.valid.first.is_none_or(|first| first <= date)
            && self.valid.end.is_none_or(|end| date < end)
    }
}

fn seconds(hours: &DayHours) -> Vec<Span> {
    let second = |time: WallTime| i64::from(time.minute_of_day()) * 60;
    merged(
        hours
            .parts()
            .iter()
            .map(|part| Span { start: second(part.from()), end: second(part.to()) }),
    )
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename = "Schedule")]
struct RawSchedule {
    zone: Zone,
    hours: WeekHours,
    #[serde(default, skip_serializing_if = "WeekHours::is_empty")]
    breaks: WeekHours,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    special: Vec<SpecialDate>,
    #[serde(default, skip_serializing_if = "Validity::is_always")]
    valid: Validity,
}

impl Validity {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
    fn is_always(&self) -> bool {
        *self == Self::default()
    }
}

impl TryFrom<RawSchedule> for Schedule {
    type Error = ScheduleError;

    fn try_from(raw: RawSchedule) -> Result<Self, Self::Error> {
        Self::try_new(raw.zone, raw.hours, raw.breaks, raw.special, raw.valid)
    }
}

impl From<Schedule> for RawSchedule {
    fn from(schedule: Schedule) -> Self {
        Self {
            zone: schedule.zone,
            hours: schedule.hours,
            breaks: schedule.breaks,
            special: schedule.special.into_entries(),
            valid: schedule.valid,
        }
    }
}
