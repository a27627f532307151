//! The plainest search there is: it looks at the wall clock minute by minute, and for every minute
//! at everything that is taken.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Weekday};

use crate::schedule::{Grid, Lead, PastClosing, Schedule, Search, Slot, SpecialHours, WeekStart};
use crate::values::{Quantity, TimeRange, Timestamp, Weekend};

const DAY: i64 = 24 * 60;

/// Whether the wall clock shows a time within the hours.
pub(super) fn is_open(schedule: &Schedule, at: Timestamp) -> bool {
    let wall = schedule.zone().wall_clock(at);
    let (date, minute) = (wall.date(), u16::try_from(wall.hour() * 60 + wall.minute()).unwrap());
    let within = |hours: &crate::schedule::DayHours| {
        let mut parts = hours.parts().iter();
        parts.any(|p| p.from().minute_of_day() <= minute && minute < p.to().minute_of_day())
    };
    let valid = schedule.valid();
    if valid.first.is_some_and(|first| date < first) || valid.end.is_some_and(|end| end <= date) {
        return false;
    }
    let mut open = within(schedule.hours().on(date)) && !within(schedule.breaks().on(date));
    let today = || schedule.special().iter().filter(|special| special.date == date);
    for special in today() {
        if let SpecialHours::Open(hours) = &special.hours {
            open = within(hours);
        }
    }
    let closes = |hours: &SpecialHours| match hours {
        SpecialHours::Closed => true,
        SpecialHours::ClosedDuring(hours) => within(hours),
        SpecialHours::Open(_) => false,
    };
    open && !today().any(|special| closes(&special.hours))
}

/// What is known of each minute of a stretch of time.
struct Minute {
    date: NaiveDate,
    of_day: i64,
    open: bool,
    taken: u32,
}

struct Reference<'a> {
    search: &'a Search<'a>,
    start: Timestamp,
    minutes: Vec<Minute>,
}

/// All slots, each found by trying every minute.
pub(super) fn slots(search: &Search<'_>) -> Vec<Slot> {
    let reference = Reference::new(search);
    let count = i64::try_from(reference.minutes.len()).unwrap();
    // the stretch is so much longer than the range that every minute asked for has room around it
    let asked = |minute: &i64| {
        let at = reference.at(*minute);
        search.range.start() <= at && at < search.range.end()
    };
    (0..count).filter(asked).filter_map(|minute| reference.slot(minute)).collect()
}

impl<'a> Reference<'a> {
    fn new(search: &'a Search<'a>) -> Self {
        let start = search.range.start() - TimeDelta::days(3);
        let end = search.range.end() + TimeDelta::days(1);
        let zone = search.schedule.zone();
        let minute = |at: Timestamp| {
            let wall = zone.wall_clock(at);
            let here = search.busy.iter().filter(|b| b.time.start() <= at && at < b.time.end());
            Minute {
                date: wall.date(),
                of_day: i64::from(wall.hour() * 60 + wall.minute()),
                open: is_open(search.schedule, at),
                taken: here.map(|busy| busy.quantity.get()).sum(),
            }
        };
        let count = (end - start).num_minutes();
        let minutes = (0..count).map(|n| minute(start + TimeDelta::minutes(n))).collect();
        Self { search, start, minutes }
    }

    fn at(&self, minute: i64) -> Timestamp {
        self.start + TimeDelta::minutes(minute)
    }

    fn get(&self, minute: i64) -> &Minute {
        &self.minutes[usize::try_from(minute).unwrap()]
    }

    fn slot(&self, start: i64) -> Option<Slot> {
        let rules = self.search.rules;
        let (before, after) = self.buffers();
        let end = start + i64::from(rules.duration.get());
        let offered = (start..end).all(|minute| self.may_serve(minute))
            && (start - before..end + after).all(|minute| !self.is_full(minute))
            && self.is_on_the_grid(start)
            && self.may_be_booked(self.at(start))
            && self.is_within_limits(self.get(start).date);
        if !offered {
            return None;
        }
        let peak = (start - before..end + after).map(|minute| self.get(minute).taken).max()?;
        Some(Slot {
            time: TimeRange::try_new(self.at(start), self.at(end)).unwrap(),
            date: self.get(start).date,
            remaining: Quantity::try_new(rules.capacity.get() - peak).unwrap(),
        })
    }

    fn buffers(&self) -> (i64, i64) {
        let rules = self.search.rules;
        (i64::from(rules.buffer_before.get()), i64::from(rules.buffer_after.get()))
    }

    fn may_serve(&self, minute: i64) -> bool {
        let (before, after) = self.buffers();
        match self.search.rules.past_closing {
            PastClosing::Allowed => self.get(minute).open,
            PastClosing::Refused => (minute - before..=minute + after).all(|m| self.get(m).open),
        }
    }

    fn is_full(&self, minute: i64) -> bool {
        let asked = self.search.quantity.get();
        self.get(minute).taken + asked > self.search.rules.capacity.get()
    }

    fn is_free(&self, minute: i64) -> bool {
        let (before, after) = self.buffers();
        self.may_serve(minute) && !(minute - before..=minute + after).any(|m| self.is_full(m))
    }

    fn is_on_the_grid(&self, start: i64) -> bool {
        let step = i64::from(self.search.rules.step.get());
        match self.search.rules.grid {
            Grid::Clock => self.get(start).of_day % step == 0,
            Grid::Range => (start - self.counted_from(start)) % step == 0,
        }
    }

    fn counted_from(&self, start: i64) -> i64 {
        let midnight = self.first_minute_of_date(start);
        let midnight_before = self.first_minute_of_date(midnight - 1);
        let mut first = start;
        while first >= midnight_before && self.is_free(first - 1) {
            first -= 1;
        }
        if first < midnight_before { midnight } else { first }
    }

    fn first_minute_of_date(&self, minute: i64) -> i64 {
        let same = |m: &i64| self.get(*m).date == self.get(minute).date;
        (minute - DAY - 60..=minute).rev().take_while(same).last().unwrap()
    }

    fn may_be_booked(&self, at: Timestamp) -> bool {
        let Search { rules, now, schedule, .. } = self.search;
        let today = schedule.zone().local_date(*now);
        let date = schedule.zone().local_date(at);
        let works_until = |end: NaiveDate| {
            let days = today.iter_days().skip(1).take_while(|day| *day < end);
            days.filter(|day| self.is_working_day(*day)).count()
        };
        let soon_enough = match rules.ahead {
            None => true,
            Some(Lead::Minutes(minutes)) => {
                at < *now + TimeDelta::minutes(i64::from(minutes.get()))
            }
            Some(Lead::Days(days)) => date <= today + TimeDelta::days(i64::from(days.get())),
            Some(Lead::WorkingDays(days)) => {
                date <= today || works_until(date) < days.get() as usize
            }
        };
        let late_enough = match rules.notice {
            Lead::Minutes(minutes) => at >= *now + TimeDelta::minutes(i64::from(minutes.get())),
            Lead::Days(days) => date >= today + TimeDelta::days(i64::from(days.get())),
            Lead::WorkingDays(days) => {
                works_until(date + TimeDelta::days(1)) >= days.get() as usize && date >= today
            }
        };
        soon_enough && late_enough && at >= *now
    }

    fn is_working_day(&self, date: NaiveDate) -> bool {
        let weekend = match self.search.rules.weekend {
            Weekend::FriSat => [Weekday::Fri, Weekday::Sat],
            Weekend::SatSun => [Weekday::Sat, Weekday::Sun],
        };
        let mut special = self.search.schedule.special().iter();
        let off = special.any(|s| s.date == date && matches!(s.hours, SpecialHours::Closed));
        !weekend.contains(&date.weekday()) && !off
    }

    fn is_within_limits(&self, date: NaiveDate) -> bool {
        let week_of = |date: NaiveDate| {
            let first = match self.search.rules.week_start {
                WeekStart::Monday => Weekday::Mon,
                WeekStart::Sunday => Weekday::Sun,
                WeekStart::Saturday => Weekday::Sat,
            };
            date.week(first).first_day()
        };
        let month_of = |date: NaiveDate| (date.year(), date.month());
        let booked = |same: &dyn Fn(NaiveDate) -> bool| {
            let dates =
                self.search.booked.iter().map(|at| self.search.schedule.zone().local_date(*at));
            dates.filter(|date| same(*date)).count()
        };
        let below = |limit: Option<Quantity>, count: usize| {
            limit.is_none_or(|limit| count < limit.get() as usize)
        };
        let limits = self.search.rules.limits;
        below(limits.per_day, booked(&|other| other == date))
            && below(limits.per_week, booked(&|other| week_of(other) == week_of(date)))
            && below(limits.per_month, booked(&|other| month_of(other) == month_of(date)))
    }
}

/// The minutes at which it is open, of a stretch of time.
pub(super) fn open_minutes(schedule: &Schedule, range: TimeRange) -> Vec<Timestamp> {
    let count = (range.end() - range.start()).num_minutes();
    let minutes = (0..count).map(|minute| range.start() + TimeDelta::minutes(minute));
    minutes.filter(|at| is_open(schedule, *at)).collect()
}

/// The first instant of a minute, for instants that are drawn by lot.
pub(super) fn whole_minute(second: i64) -> Timestamp {
    DateTime::from_timestamp(second - second.rem_euclid(60), 0).unwrap()
}
