//! Whether there is room for what is asked of a calendar, and what stands in the way if there is not.

use std::ops::Range;

use super::counts::Window;
use super::inventory::{Allocation, Inventory};
use super::span::{Span, summed};
use super::{Obstacle, Refusal};
use crate::values::Timestamp;

impl Inventory {
    /// Refuses what does not fit, and tells whether what fits is more than exist, if some is given up for it; a place
    /// on which no more is asked than is given up for sure is never refused, even if the limits were lowered since.
    pub(super) fn check_room(
        &self,
        asked: &[Span],
        given_up: &[&Allocation],
        at: Timestamp,
    ) -> Result<bool, Refusal> {
        let capacity = self.limits().capacity.get();
        let asked = summed(asked);
        // `taken` counts at least what counts at any later instant: if that fits, nothing need be looked up
        let is_current = self.as_of.is_none_or(|as_of| as_of <= at);
        if is_current
            && asked.iter().all(|ask| self.taken.has_room(ask.first..ask.end, ask.count, capacity))
        {
            return Ok(false);
        }
        let mut overbooked = false;
        for ask in &asked {
            overbooked |= self.check_places(*ask, given_up, at)?;
        }
        Ok(overbooked)
    }

    /// Refuses what does not fit on some places, and tells whether what fits is more than exist.
    fn check_places(
        &self,
        ask: Span,
        given_up: &[&Allocation],
        at: Timestamp,
    ) -> Result<bool, Refusal> {
        let places = ask.first..ask.end;
        let (others, assured) = self.others(&places, given_up, at);
        let free = |others: u32| self.limits().total().saturating_sub(others);
        let lacks = |others: u32, assured: u32| ask.count > free(others) && ask.count > assured;
        let mut counts = places.zip(others.iter().zip(assured.iter()));
        if let Some((first, (there, _))) = counts.find(|(_, (n, mine))| lacks(*n, *mine)) {
            let alike = counts.take_while(|(_, (n, mine))| lacks(*n, *mine) && *n == there);
            let end = first + 1 + u16::try_from(alike.count()).unwrap_or(0);
            return Err(Refusal::SoldOut {
                place: self.axis().shortage(&(first..end)),
                free: free(there),
                asked: ask.count,
                obstacle: self.obstacle(first, ask.count, there, given_up, at),
            });
        }
        Ok(others.peak().saturating_add(ask.count) > self.limits().capacity.get())
    }

    /// What counts on some places besides what is given up, and how much of that is given up for sure.
    pub(super) fn others(
        &self,
        places: &Range<u16>,
        given_up: &[&Allocation],
        at: Timestamp,
    ) -> (Window, Window) {
        let mut others = self.counted(&self.taken, places.clone(), at);
        let mut assured = Window::empty(places);
        for own in given_up {
            if own.counts(at) {
                others.subtract(&own.spans);
            }
            if self.is_assured(own, at) {
                assured.add(&own.spans);
            }
        }
        (others, assured)
    }

    /// What would have to go, at the least, to make room on a place on which so many others are taken.
    fn obstacle(
        &self,
        place: u16,
        asked: u32,
        others: u32,
        given_up: &[&Allocation],
        at: Timestamp,
    ) -> Obstacle {
        let places = place..place + 1;
        let mut held = self.counted(&self.held, places.clone(), at);
        for own in given_up.iter().filter(|own| own.until.is_some() && own.counts(at)) {
            held.subtract(&own.spans);
        }
        let firm = others.saturating_sub(held.peak());
        let sold = firm.saturating_sub(self.blocked.peak(places));
        let fits = |others: u32| others.saturating_add(asked) <= self.limits().total();
        if fits(firm) {
            Obstacle::Held
        } else if fits(sold) {
            Obstacle::Blocked
        } else {
            Obstacle::Sold
        }
    }
}
