//! How many bookings begin in each day, week and month of a wall clock.

use std::collections::HashMap;

use chrono::{Datelike, Days, NaiveDate};

use super::{BookingLimits, SlotRules, WeekStart};
use crate::values::{Quantity, Timestamp, Zone};

/// The counts that the limits of some rules ask for.
pub(super) struct Counts {
    limits: BookingLimits,
    week_start: WeekStart,
    days: HashMap<NaiveDate, u32>,
    weeks: HashMap<NaiveDate, u32>,
    months: HashMap<NaiveDate, u32>,
}

impl Counts {
    pub(super) fn new(rules: &SlotRules, zone: Zone, booked: &[Timestamp]) -> Self {
        let SlotRules { limits, week_start, .. } = *rules;
        let [days, weeks, months] = [(); 3].map(|()| HashMap::new());
        let mut counts = Self { limits, week_start, days, weeks, months };
        if limits != BookingLimits::default() {
            for start in booked {
                counts.count(zone.local_date(*start));
            }
        }
        counts
    }

    /// Whether as many begin in one of the date's periods as may.
    pub(super) fn are_reached(&self, date: NaiveDate) -> bool {
        let reached = |limit: Option<Quantity>, count: Option<&u32>| {
            limit.is_some_and(|limit| count.is_some_and(|count| *count >= limit.get()))
        };
        reached(self.limits.per_day, self.days.get(&date))
            || reached(self.limits.per_week, self.weeks.get(&self.week_of(date)))
            || reached(self.limits.per_month, self.months.get(&month_of(date)))
    }

    fn count(&mut self, date: NaiveDate) {
        *self.days.entry(date).or_default() += 1;
        *self.weeks.entry(self.week_of(date)).or_default() += 1;
        *self.months.entry(month_of(date)).or_default() += 1;
    }

    fn week_of(&self, date: NaiveDate) -> NaiveDate {
        week_of(date, self.week_start)
    }
}

/// The first date of a date's week.
pub(super) fn week_of(date: NaiveDate, start: WeekStart) -> NaiveDate {
    let into_the_week = date.weekday().days_since(start.weekday());
    date.checked_sub_days(Days::new(u64::from(into_the_week))).unwrap_or(NaiveDate::MIN)
}

fn month_of(date: NaiveDate) -> NaiveDate {
    date.with_day(1).unwrap_or(date)
}
