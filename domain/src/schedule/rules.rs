//! How a service is cut into slots, and who may book which of them.

use chrono::Weekday;
use serde::{Deserialize, Serialize};

use super::Lead;
use super::clock::DAY;
use super::span::Span;
use crate::values::{FIRST_DAY, LAST_DAY, Length, Minutes, Quantity, TimeRange, Weekend};

/// What a service asks of the time it is booked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlotRules {
    /// How long it takes, buffers apart.
    pub duration: Length,
    /// From one possible start to the next.
    #[serde(default = "quarter")]
    pub step: Length,
    /// Where the steps are counted from.
    #[serde(default)]
    pub grid: Grid,
    /// What is kept free before it. Part of what a booking takes, so neighbours' buffers add up.
    #[serde(default, skip_serializing_if = "Minutes::is_zero")]
    pub buffer_before: Minutes,
    /// What is kept free after it.
    #[serde(default, skip_serializing_if = "Minutes::is_zero")]
    pub buffer_after: Minutes,
    /// Whether buffers may lie outside the hours.
    #[serde(default)]
    pub past_closing: PastClosing,
    /// How many can have it at the same time.
    #[serde(default = "one")]
    pub capacity: Quantity,
    /// How long before the start it must be booked; exactly so long before is early enough.
    #[serde(default)]
    pub notice: Lead,
    /// How long before the start it may be booked at most; without it, ever so long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ahead: Option<Lead>,
    /// How many bookings there may be, whoever makes them.
    #[serde(default, skip_serializing_if = "BookingLimits::is_none")]
    pub limits: BookingLimits,
    /// Where weeks begin, for the limit of a week.
    #[serde(default)]
    pub week_start: WeekStart,
    /// Which days are no working days.
    #[serde(default)]
    pub weekend: Weekend,
}

/// Where the possible starts lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grid {
    /// Steps are counted from the start of each free range, so that no time is lost after a
    /// booking. Where it has been free since before yesterday, they are counted from each midnight.
    #[default]
    Range,
    /// The wall clock shows a whole number of steps since midnight.
    Clock,
}

/// Whether the buffers of a booking may lie outside the hours. The service itself never does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PastClosing {
    /// One may clean up after closing.
    #[default]
    Allowed,
    /// All has to be done by closing.
    Refused,
}

/// The most bookings that begin in one period of the schedule's wall clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BookingLimits {
    /// On one date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_day: Option<Quantity>,
    /// In one week.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_week: Option<Quantity>,
    /// In one month of the calendar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_month: Option<Quantity>,
}

/// The day a week begins with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeekStart {
    /// As in ISO 8601.
    #[default]
    Monday,
    /// As in most of Arabia and in America.
    Sunday,
    /// As in Egypt and Jordan.
    Saturday,
}

impl SlotRules {
    /// Rules that ask for nothing but so much time.
    pub fn lasting(duration: Length) -> Self {
        Self {
            duration,
            step: quarter(),
            grid: Grid::default(),
            buffer_before: Minutes::default(),
            buffer_after: Minutes::default(),
            past_closing: PastClosing::default(),
            capacity: one(),
            notice: Lead::default(),
            ahead: None,
            limits: BookingLimits::default(),
            week_start: WeekStart::default(),
            weekend: Weekend::default(),
        }
    }

    /// The time from which bookings bear on the slots that start within `range`: all that take
    /// time in it, or start in it, are needed to find them, and no others.
    pub fn reach(&self, range: TimeRange) -> TimeRange {
        let limits = self.limits;
        let counted = match (limits.per_month, limits.per_week) {
            (Some(_), _) => 32 * DAY,
            (None, Some(_)) => 8 * DAY,
            (None, None) => 0,
        };
        let buffers = self.seconds_before() + self.seconds_after();
        let before = counted.max(3 * DAY + buffers);
        let after = counted.max(2 * DAY + buffers + self.seconds());
        let reach = bounded(Span::around(range)).widened(before, after);
        reach.range()
    }

    pub(super) fn seconds(&self) -> i64 {
        i64::from(self.duration.get()) * 60
    }

    pub(super) fn step_seconds(&self) -> i64 {
        i64::from(self.step.get()) * 60
    }

    pub(super) fn seconds_before(&self) -> i64 {
        i64::from(self.buffer_before.get()) * 60
    }

    pub(super) fn seconds_after(&self) -> i64 {
        i64::from(self.buffer_after.get()) * 60
    }
}

/// The part of a span within the years the engine keeps, so that no date overflows.
pub(super) fn bounded(span: Span) -> Span {
    let [first, last] =
        [FIRST_DAY, LAST_DAY].map(|day| day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp());
    let within = |second: i64| second.clamp(first - 2 * DAY, last + 2 * DAY);
    Span { start: within(span.start), end: within(span.end) }
}

impl BookingLimits {
    fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl WeekStart {
    pub(super) fn weekday(self) -> Weekday {
        match self {
            Self::Monday => Weekday::Mon,
            Self::Sunday => Weekday::Sun,
            Self::Saturday => Weekday::Sat,
        }
    }
}

fn quarter() -> Length {
    Length::QUARTER
}

fn one() -> Quantity {
    Quantity::ONE
}
