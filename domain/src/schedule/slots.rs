//! The times at which a service can begin.
//!
//! All work is done on ordered lists of whole seconds, each gone through once. The zone is asked
//! once a day, and whatever is taken is looked at once, however many slots there are.

use std::ops::ControlFlow;

use chrono::{DateTime, NaiveDate};
use serde::{Deserialize, Serialize};

use super::clock::{DAY, Piece, pieces};
use super::counts::Counts;
use super::occupancy::Occupancy;
use super::rules::bounded;
use super::span::{Span, first_second_from, merged, without};
use super::{Grid, PastClosing, Schedule, SlotRules};
use crate::values::{Quantity, TimeRange, Timestamp};

/// Time that is taken, its buffers included: by a booking, or because nobody is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy {
    /// From when until when.
    pub time: TimeRange,
    /// How much of the capacity.
    pub quantity: Quantity,
}

/// What is asked for, with every fact that the answer needs.
#[derive(Clone, Copy, Debug)]
pub struct Search<'a> {
    /// When the place is open or the person works.
    pub schedule: &'a Schedule,
    /// What the service asks for.
    pub rules: &'a SlotRules,
    /// What is taken already, in any order: all that touches [`SlotRules::reach`] of the range.
    pub busy: &'a [Busy],
    /// When the bookings begin that count towards the limits, in any order: all within the reach.
    pub booked: &'a [Timestamp],
    /// The time of asking.
    pub now: Timestamp,
    /// When the slots asked for begin.
    pub range: TimeRange,
    /// How many want to come together.
    pub quantity: Quantity,
}

/// A time at which a service can begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// From its start to its end, without buffers.
    pub time: TimeRange,
    /// The date the schedule's wall clock shows at the start.
    pub date: NaiveDate,
    /// How many more can have it.
    pub remaining: Quantity,
}

/// Why there is no slot: the first of these that leaves none, so each means that nothing before it
/// stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NothingFree {
    /// It is not open, or not long enough.
    Closed,
    /// It is over, or it is too late to book what begins so soon.
    Notice,
    /// It is too early to book what begins so late.
    TooFarAhead,
    /// As many have booked as may in that day, week or month.
    Limit,
    /// Less is left than is asked for.
    Busy,
}

/// The slots in order, and the reason if there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The slots in the order of their starts.
    pub slots: Vec<Slot>,
    /// Why there is none, if so.
    pub why: Option<NothingFree>,
}

/// Finds the times within the range at which a service can begin.
pub fn slots(search: &Search<'_>) -> Found {
    let plan = Plan::new(search);
    let slots = plan.slots();
    let why = slots.is_empty().then(|| plan.why());
    Found { slots, why }
}

/// A question worked out so far that slots can be counted off.
struct Plan<'a> {
    search: &'a Search<'a>,
    rules: &'a SlotRules,
    window: Span,
    days: Vec<Day>,
    /// When the service itself may take place.
    open: Vec<Span>,
    counts: Counts,
    asked: Span,
    /// The first second early enough to be booked now.
    earliest: i64,
    /// The first second too late to be booked now.
    latest: i64,
}

/// A piece of the wall clock, and where its date and the date before it begin.
struct Day {
    piece: Piece,
    start: i64,
    start_of_day_before: i64,
}

impl<'a> Plan<'a> {
    fn new(search: &'a Search<'a>) -> Self {
        let Search { schedule, rules, range, .. } = *search;
        let (start, end) = (first_second_from(range.start()), first_second_from(range.end()));
        let asked = bounded(Span { start, end });
        let buffers = rules.seconds_before() + rules.seconds_after();
        let window = asked.widened(4 * DAY + buffers, 2 * DAY + buffers + rules.seconds());
        let pieces = pieces(schedule.zone(), window);
        let mut open = schedule.open_during(pieces.iter());
        if rules.past_closing == PastClosing::Refused {
            for span in &mut open {
                *span = span.widened(-rules.seconds_before(), -rules.seconds_after());
            }
            open.retain(|span| span.start < span.end);
        }
        let now = within_bounds(search.now);
        let earliest = rules.notice.earliest(schedule, rules.weekend, now);
        let ahead = rules.ahead.map(|ahead| ahead.latest(schedule, rules.weekend, now));
        Self {
            search,
            rules,
            window,
            days: days(pieces),
            open,
            counts: Counts::new(rules, schedule.zone(), search.booked),
            asked,
            earliest: earliest.max(first_second_from(now)),
            latest: ahead.unwrap_or(i64::MAX),
        }
    }

    fn slots(&self) -> Vec<Slot> {
        let capacity = i64::from(self.rules.capacity.get());
        let most = capacity - i64::from(self.search.quantity.get());
        if most < 0 {
            return Vec::new();
        }
        let (before, after) = (self.rules.seconds_before(), self.rules.seconds_after());
        let occupancy = Occupancy::new(self.search.busy, self.window.widened(before, after));
        // a service must not lie where its buffers would reach what is full
        let full = occupancy.above(most).into_iter().map(|full| full.widened(after, before));
        let free = without(&self.open, &merged(full));
        let mut peaks = occupancy.peaks();
        let mut slots = Vec::new();
        let asked = Span {
            start: self.asked.start.max(self.earliest),
            end: self.asked.end.min(self.latest),
        };
        let limited = |date| self.counts.are_reached(date);
        let _ = self.each_start(&free, asked, limited, |date, start| {
            let service = Span { start, end: start + self.rules.seconds() };
            let left = capacity - peaks.within(service.widened(before, after));
            let remaining = u32::try_from(left).ok().and_then(|left| Quantity::try_new(left).ok());
            let remaining = remaining.expect("free time has room for the quantity asked for");
            slots.push(Slot { time: service.range(), date, remaining });
            ControlFlow::Continue(())
        });
        slots
    }

    fn why(&self) -> NothingFree {
        let Span { start, end } = self.asked;
        let (soonest, latest) = (start.max(self.earliest), end.min(self.latest));
        let none = |start, end, limited: &dyn Fn(NaiveDate) -> bool| {
            let found = |_, _| ControlFlow::Break(());
            self.each_start(&self.open, Span { start, end }, limited, found).is_continue()
        };
        if none(start, end, &|_| false) {
            NothingFree::Closed
        } else if none(soonest, end, &|_| false) {
            NothingFree::Notice
        } else if none(soonest, latest, &|_| false) {
            NothingFree::TooFarAhead
        } else if none(soonest, latest, &|date| self.counts.are_reached(date)) {
            NothingFree::Limit
        } else {
            NothingFree::Busy
        }
    }

    /// Visits each start on the grid of some free ranges within `asked`, in order, except on dates
    /// that are skipped, until a visit breaks off.
    fn each_start(
        &self,
        free: &[Span],
        asked: Span,
        skipped: impl Fn(NaiveDate) -> bool,
        mut visit: impl FnMut(NaiveDate, i64) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut next = 0;
        for range in free {
            let first = range.start.max(asked.start);
            let end = (range.end - self.rules.seconds() + 1).min(asked.end);
            if first >= end {
                continue;
            }
            while self.days[next].piece.span.end <= first {
                next += 1;
            }
            for day in self.days[next..].iter().take_while(|day| day.piece.span.start < end) {
                if skipped(day.piece.date) {
                    continue;
                }
                let first = first.max(day.piece.span.start);
                let mut start = first + self.until_next_step(day, range, first);
                while start < end.min(day.piece.span.end) {
                    visit(day.piece.date, start)?;
                    start += self.rules.step_seconds();
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// Seconds from an instant of a free range to the next one on the grid.
    fn until_next_step(&self, day: &Day, range: &Span, from: i64) -> i64 {
        let since = match self.rules.grid {
            Grid::Clock => day.piece.second_of_day(from),
            Grid::Range if range.start >= day.start_of_day_before => from - range.start,
            Grid::Range => from - day.start,
        };
        (-since).rem_euclid(self.rules.step_seconds())
    }
}

fn days(pieces: Vec<Piece>) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let begins = piece.span.start;
        let (start, start_of_day_before) = match days.last() {
            Some(last) if last.piece.date == piece.date => (last.start, last.start_of_day_before),
            Some(last) => (begins, last.start),
            None => (begins, begins),
        };
        days.push(Day { piece, start, start_of_day_before });
    }
    days
}

/// An instant within the years the engine keeps, so that no date overflows.
pub(super) fn within_bounds(at: Timestamp) -> Timestamp {
    let second = first_second_from(at);
    let bounded = bounded(Span { start: second, end: second }).start;
    if bounded == second { at } else { DateTime::from_timestamp(bounded, 0).unwrap_or(at) }
}
