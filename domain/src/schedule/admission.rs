//! Whether a time that somebody names can be booked, whatever else is booked.

use chrono::{Months, NaiveDate, NaiveTime};

use super::clock::{days_after, pieces};
use super::counts::week_of;
use super::rules::bounded;
use super::slots::within_bounds;
use super::span::{Span, first_second_from};
use super::{Grid, NothingFree, PastClosing, Schedule, SlotRules};
use crate::values::{Month, Quantity, TimeRange, Timestamp, Zone};

/// A time in which only so many bookings may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitWindow {
    /// The time: a day, week or month of the schedule's wall clock.
    pub time: TimeRange,
    /// How many may begin in it.
    pub most: Quantity,
}

impl SlotRules {
    /// The first of some schedules by which exactly this time, buffers apart, can be booked, or else the
    /// reason of whichever came nearest. What never closes has [`Schedule::always`].
    ///
    /// It is about hours, grid, notice and how far ahead; what is booked already is asked of the calendar, and
    /// of [`limit_windows`](Self::limit_windows). A grid by free ranges moves with what is booked, so every
    /// whole minute is on it. How long the time may be is not asked: for a service `duration` is exact, for a
    /// room the least.
    pub fn admits<'a>(
        &self,
        schedules: &'a [Schedule],
        time: TimeRange,
        now: Timestamp,
    ) -> Result<&'a Schedule, NothingFree> {
        let mut nearest = NothingFree::Closed;
        for schedule in schedules {
            match self.obstacle(schedule, time, now) {
                None => return Ok(schedule),
                Some(why) => nearest = nearest.max(why),
            }
        }
        Err(nearest)
    }

    /// The times that contain a start and in which only so many bookings may begin.
    pub fn limit_windows(&self, schedule: &Schedule, start: Timestamp) -> Vec<LimitWindow> {
        let zone = schedule.zone();
        let day = date_of(zone, within_bounds(start));
        let week = week_of(day, self.week_start);
        let month = Month::of(day).first_day();
        let month_after = month.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX);
        let limits = self.limits;
        let windows = [
            (limits.per_day, day, days_after(day, 1)),
            (limits.per_week, week, days_after(week, 7)),
            (limits.per_month, month, month_after),
        ];
        let window = |(most, first, end): (Option<Quantity>, NaiveDate, NaiveDate)| {
            let time = TimeRange::try_new(midnight(zone, first), midnight(zone, end)).ok()?;
            most.map(|most| LimitWindow { time, most })
        };
        windows.into_iter().filter_map(window).collect()
    }

    /// Why a time cannot be booked by one schedule: the first reason, in the order of the reasons.
    fn obstacle(
        &self,
        schedule: &Schedule,
        time: TimeRange,
        now: Timestamp,
    ) -> Option<NothingFree> {
        let span = Span::around(time);
        let needed = match self.past_closing {
            PastClosing::Allowed => span,
            PastClosing::Refused => span.widened(self.seconds_before(), self.seconds_after()),
        };
        let kept = bounded(needed) == needed;
        if !kept || !self.is_on_grid(schedule.zone(), time.start()) || !schedule.covers(needed) {
            return Some(NothingFree::Closed);
        }
        let now = within_bounds(now);
        let notice = self.notice.earliest(schedule, self.weekend, now);
        let ahead = self.ahead.map(|ahead| ahead.latest(schedule, self.weekend, now));
        if span.start < notice.max(first_second_from(now)) {
            Some(NothingFree::Notice)
        } else if ahead.is_some_and(|latest| latest <= span.start) {
            Some(NothingFree::TooFarAhead)
        } else {
            None
        }
    }

    fn is_on_grid(&self, zone: Zone, start: Timestamp) -> bool {
        let second = start.timestamp();
        let moment = Span { start: second, end: second + 1 };
        let steps = match self.grid {
            Grid::Range => second % 60 == 0,
            Grid::Clock => pieces(zone, moment)
                .iter()
                .all(|piece| piece.second_of_day(second) % self.step_seconds() == 0),
        };
        steps && start.timestamp_subsec_nanos() == 0
    }
}

/// The date whose time contains an instant: it begins with its first midnight.
fn date_of(zone: Zone, at: Timestamp) -> NaiveDate {
    let shown = zone.local_date(at);
    // clocks that go back just after midnight show the day before once more
    if at < midnight(zone, days_after(shown, 1)) { shown } else { days_after(shown, 1) }
}

fn midnight(zone: Zone, date: NaiveDate) -> Timestamp {
    zone.instant(date, NaiveTime::MIN)
}
