//! What is taken of a month, kept so that a decision costs the same however full the month is.
//!
//! `taken` counts, per day, everything that is firm and every hold whose deadline lies after `as_of`.
//! `as_of` is the latest instant at which room was given away; it only moves forward, and holds whose
//! deadline it passes leave the count once. What counts at any other instant differs from `taken`
//! only by the holds with a deadline between the two, which the ordered set finds at once.

use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::per_day::{PerDay, Run, Runs, date_of, takes_of};
use super::{Refusal, Take};
use crate::values::{BookingId, Limits, Month, Timestamp};

/// An open calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Inventory {
    month: Month,
    limits: Limits,
    as_of: Option<Timestamp>,
    taken: PerDay,
    holds: BTreeSet<(Timestamp, BookingId)>,
    allocations: HashMap<BookingId, Allocation>,
}

/// What one booking takes, and until when unless for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Allocation {
    runs: Runs,
    until: Option<Timestamp>,
}

impl Allocation {
    /// Whether it counts at an instant: the deadline itself is over.
    fn counts(&self, at: Timestamp) -> bool {
        self.until.is_none_or(|until| until > at)
    }
}

impl Inventory {
    pub(super) fn new(month: Month, limits: Limits) -> Self {
        Self {
            month,
            limits,
            as_of: None,
            taken: PerDay::default(),
            holds: BTreeSet::new(),
            allocations: HashMap::new(),
        }
    }

    pub(super) fn month(&self) -> Month {
        self.month
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    pub(super) fn free(&self, day: NaiveDate, at: Timestamp) -> u32 {
        self.count_on(day, at).map_or(0, |count| self.limits.total().saturating_sub(count))
    }

    pub(super) fn overbooked_by(&self, day: NaiveDate, at: Timestamp) -> u32 {
        let capacity = self.limits.capacity.get();
        self.count_on(day, at).map_or(0, |count| count.saturating_sub(capacity))
    }

    pub(super) fn takes_of(&self, booking: BookingId) -> Vec<Take> {
        self.allocations.get(&booking).map_or_else(Vec::new, |own| takes_of(&own.runs, self.month))
    }

    pub(super) fn has(&self, booking: BookingId) -> bool {
        self.allocations.contains_key(&booking)
    }

    /// The deadline of a booking that takes something: none if it takes it for good.
    pub(super) fn deadline(&self, booking: BookingId) -> Result<Option<Timestamp>, Refusal> {
        self.allocations.get(&booking).map(|own| own.until).ok_or(Refusal::NotAllocated)
    }

    pub(super) fn weight(&self) -> usize {
        let entry = size_of::<(BookingId, Allocation)>() + 1;
        let hold = size_of::<(Timestamp, BookingId)>() * 3 / 2; // nodes of the set are about two thirds full
        size_of::<Self>() + self.allocations.capacity() * entry + self.holds.len() * hold
    }

    /// Whether room was given away at an instant at which a hold with this deadline no longer counted.
    pub(super) fn passed_over(&self, until: Timestamp) -> bool {
        self.as_of.is_some_and(|as_of| until <= as_of)
    }

    /// Whether a booking that counts at an instant is within the limits together with all others.
    pub(super) fn still_fits(&self, booking: BookingId, at: Timestamp) -> bool {
        let Some(own) = self.allocations.get(&booking) else { return false };
        let counted = self.counted(at);
        let mine = per_day(&own.runs);
        mine.iter().all(|(day, n)| n == 0 || counted.get(day) <= self.limits.total())
    }

    /// Whether a booking takes exactly this already, and nobody may have been given its place.
    pub(super) fn is_unchanged(
        &self,
        booking: BookingId,
        asked: &PerDay,
        until: Option<Timestamp>,
        at: Timestamp,
    ) -> bool {
        self.allocations.get(&booking).is_some_and(|own| {
            own.until == until && self.is_assured(own, at) && per_day(&own.runs) == *asked
        })
    }

    /// Refuses what does not fit, and tells whether what fits is more than exist. With `instead_of`,
    /// what that booking takes now is given up for it; a day on which it asks no more than it has
    /// for sure is never refused, even if the limits were lowered since.
    pub(super) fn check_room(
        &self,
        asked: &PerDay,
        instead_of: Option<BookingId>,
        at: Timestamp,
    ) -> Result<bool, Refusal> {
        let capacity = self.limits.capacity.get();
        // `taken` counts at least what counts at any later instant: if that fits, nothing need be looked up
        if self.as_of.is_none_or(|as_of| as_of <= at) && fits(&self.taken, asked, capacity) {
            return Ok(false);
        }
        let mut others = self.counted(at);
        let mut assured = PerDay::default();
        if let Some(own) = instead_of.and_then(|booking| self.allocations.get(&booking)) {
            if own.counts(at) {
                others.subtract(&own.runs);
            }
            if self.is_assured(own, at) {
                assured.add(&own.runs);
            }
        }
        for (day, n) in asked.iter().filter(|(_, n)| *n > 0) {
            let free = self.limits.total().saturating_sub(others.get(day));
            if n > free && n > assured.get(day) {
                return Err(Refusal::SoldOut { day: date_of(day, self.month), free, asked: n });
            }
        }
        Ok(!fits(&others, asked, capacity))
    }

    pub(super) fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Lets a booking take these days and nothing else.
    pub(super) fn put(&mut self, booking: BookingId, takes: &[Take], until: Option<Timestamp>) {
        self.remove(booking);
        let runs = PerDay::of(takes, self.month).runs();
        self.insert(booking, Allocation { runs, until });
    }

    /// Lets a booking keep for good what it holds.
    pub(super) fn firm(&mut self, booking: BookingId) {
        if let Some(own) = self.remove(booking) {
            self.insert(booking, Allocation { until: None, ..own });
        }
    }

    /// Takes days away from a booking.
    pub(super) fn free_up(&mut self, booking: BookingId, freed: &[Take]) {
        let Some(own) = self.remove(booking) else { return };
        let mut left = per_day(&own.runs);
        left.subtract(&PerDay::of(freed, self.month).runs());
        if !left.is_empty() {
            self.insert(booking, Allocation { runs: left.runs(), ..own });
        }
    }

    /// Lets the holds that ended by an instant leave the count, each once.
    pub(super) fn advance(&mut self, at: Timestamp) {
        if self.as_of.is_some_and(|as_of| at <= as_of) {
            return;
        }
        let mut taken = std::mem::take(&mut self.taken);
        for runs in self.holds_ending(self.as_of, at) {
            taken.subtract(runs);
        }
        self.taken = taken;
        self.as_of = Some(at);
    }

    fn insert(&mut self, booking: BookingId, own: Allocation) {
        if self.is_in_taken(&own) {
            self.taken.add(&own.runs);
        }
        if let Some(until) = own.until {
            self.holds.insert((until, booking));
        }
        self.allocations.insert(booking, own);
    }

    fn remove(&mut self, booking: BookingId) -> Option<Allocation> {
        let own = self.allocations.remove(&booking)?;
        if self.is_in_taken(&own) {
            self.taken.subtract(&own.runs);
        }
        if let Some(until) = own.until {
            self.holds.remove(&(until, booking));
        }
        Some(own)
    }

    fn is_in_taken(&self, own: &Allocation) -> bool {
        own.until.is_none_or(|until| !self.passed_over(until))
    }

    /// Whether it counts at an instant and counted whenever room was given away.
    fn is_assured(&self, own: &Allocation, at: Timestamp) -> bool {
        own.counts(at) && self.is_in_taken(own)
    }

    fn count_on(&self, day: NaiveDate, at: Timestamp) -> Option<u32> {
        self.month.days().contains(day).then(|| self.counted(at).get(day.day0() as usize))
    }

    /// What counts at an instant, earlier or later than `as_of`.
    fn counted(&self, at: Timestamp) -> PerDay {
        let mut counted = self.taken.clone();
        match self.as_of {
            Some(as_of) if at < as_of => {
                self.holds_ending(Some(at), as_of).for_each(|runs| counted.add(runs));
            }
            after => self.holds_ending(after, at).for_each(|runs| counted.subtract(runs)),
        }
        counted
    }

    /// What is held until after one instant, but not until after the other.
    fn holds_ending(
        &self,
        after: Option<Timestamp>,
        up_to: Timestamp,
    ) -> impl Iterator<Item = &[Run]> {
        const LAST: BookingId = BookingId::from_uuid(Uuid::max());
        let after = after.map_or(Bound::Unbounded, |after| Bound::Excluded((after, LAST)));
        let up_to = Bound::Included((up_to, LAST));
        let ending = self.holds.range((after, up_to));
        ending.filter_map(|(_, booking)| Some(&*self.allocations.get(booking)?.runs))
    }
}

fn per_day(runs: &[Run]) -> PerDay {
    let mut sum = PerDay::default();
    sum.add(runs);
    sum
}

/// Whether on every day asked for the count stays within the limit.
fn fits(others: &PerDay, asked: &PerDay, limit: u32) -> bool {
    asked.iter().all(|(day, n)| n == 0 || others.get(day).saturating_add(n) <= limit)
}
