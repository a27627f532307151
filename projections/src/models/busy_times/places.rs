//! How many can have a service at once with somebody, and how many of these places are taken.

use daybook_domain::{
    schedule::Busy,
    values::{Limits, Quantity, TimeRange},
};

use super::ledger::Entry;

/// The places that a service has with one resource. Each takes an equal part of the resource, rounded up: of a teacher
/// of twelve, a lesson for one takes all twelve places, and a class for twelve takes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Places {
    /// How many places there are.
    pub(super) most: Quantity,
    /// How much of the resource a place takes.
    unit: i64,
    /// How much there is of the resource.
    total: i64,
}

impl Places {
    /// The places of a service that so many can have at the same time.
    pub(super) fn of(limits: Limits, at_once: Quantity) -> Self {
        let unit = limits.capacity.get().div_ceil(at_once.get()).max(1);
        let there = Quantity::try_new((limits.total() / unit).clamp(1, Quantity::MAX.get()));
        let most = at_once.min(there.unwrap_or(at_once));
        Self { most, unit: unit.into(), total: limits.total().into() }
    }

    /// The times at which places are taken, each instant in at most one of them, told from what is taken of the resource.
    pub(super) fn busy<'a>(
        self,
        taken: impl Iterator<Item = &'a Entry>,
        reach: TimeRange,
    ) -> Vec<Busy> {
        let mut edges = vec![(reach.start(), 0), (reach.end(), 0)];
        for Entry { time, quantity, by: _ } in taken {
            edges.extend([(time.start(), *quantity), (time.end(), -quantity)]);
        }
        edges.sort_unstable();
        let (mut busy, mut taken) = (Vec::with_capacity(edges.len()), 0);
        for pair in edges.windows(2) {
            taken += pair[0].1;
            if let Some(quantity) = self.taken(taken)
                && let Ok(time) = TimeRange::try_new(pair[0].0, pair[1].0)
            {
                busy.push(Busy { time, quantity });
            }
        }
        busy
    }

    /// How many places are taken, if any, when so much of the resource is.
    fn taken(self, taken: i64) -> Option<Quantity> {
        let left = u32::try_from((self.total - taken).max(0) / self.unit).unwrap_or(u32::MAX);
        Quantity::try_new(self.most.get().saturating_sub(left)).ok()
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use daybook_domain::values::Capacity;

    use super::*;
    use crate::models::why_not::By;

    fn places(capacity: u32, overbooking: u32, at_once: u32) -> Places {
        let capacity = Capacity::try_new(capacity).expect("a small capacity");
        Places::of(Limits { capacity, overbooking }, quantity(at_once))
    }

    fn quantity(number: u32) -> Quantity {
        Quantity::try_new(number).expect("a small quantity")
    }

    fn hours(start: i64, end: i64) -> TimeRange {
        let at = |hour| DateTime::UNIX_EPOCH + TimeDelta::hours(hour);
        TimeRange::try_new(at(start), at(end)).expect("hours in order")
    }

    fn entry(start: i64, end: i64, quantity: i64) -> Entry {
        Entry { time: hours(start, end), quantity, by: By::Booking }
    }

    fn told(places: Places, entries: &[Entry]) -> Vec<(TimeRange, u32)> {
        let busy = places.busy(entries.iter(), hours(0, 24));
        busy.into_iter().map(|busy| (busy.time, busy.quantity.get())).collect()
    }

    #[test]
    fn a_class_takes_one_of_twelve_and_a_lesson_takes_all() {
        let (class, lesson) = (places(12, 0, 12), places(12, 0, 1));
        assert_eq!((class.most.get(), lesson.most.get()), (12, 1));
        let taken = [entry(9, 11, 1), entry(10, 12, 3)];
        let of_class = [(hours(9, 10), 1), (hours(10, 11), 4), (hours(11, 12), 3)];
        assert_eq!(told(class, &taken), of_class);
        let of_lesson = [(hours(9, 10), 1), (hours(10, 11), 1), (hours(11, 12), 1)];
        assert_eq!(told(lesson, &taken), of_lesson);
    }

    #[test]
    fn there_are_no_more_places_than_the_resource_and_the_service_have() {
        assert_eq!(places(1, 0, 3).most.get(), 1);
        assert_eq!(places(12, 0, 5).most.get(), 4); // three each
        assert_eq!(places(12, 5, 5).most.get(), 5);
        assert_eq!(places(10_000_000, 0, 2).most.get(), 2);
    }

    #[test]
    fn overbooked_places_are_taken_last() {
        let places = places(2, 1, 2);
        assert_eq!(told(places, &[entry(9, 10, 1)]), []);
        assert_eq!(told(places, &[entry(9, 10, 2)]), [(hours(9, 10), 1)]);
        assert_eq!(told(places, &[entry(9, 10, 3)]), [(hours(9, 10), 2)]);
    }

    #[test]
    fn where_there_is_nothing_all_is_taken() {
        assert_eq!(told(places(0, 0, 2), &[]), [(hours(0, 24), 1)]);
    }
}
