//! How many there are of something from place to place.

use std::collections::BTreeMap;
use std::ops::Range;

/// A count for every place of a line: kept where it changes, so that long stretches cost as little as short ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Levels<P>(BTreeMap<P, u32>);

impl<P> Default for Levels<P> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<P: Ord + Copy> Levels<P> {
    /// Adds so many on some places.
    pub(super) fn add(&mut self, places: Range<P>, count: u32) {
        self.change(places, |there| there.saturating_add(count));
    }

    /// Takes so many off on some places.
    pub(super) fn subtract(&mut self, places: Range<P>, count: u32) {
        self.change(places, |there| there.saturating_sub(count));
    }

    /// The counts of some places, stretch by stretch.
    pub(super) fn over(&self, places: Range<P>) -> Vec<(Range<P>, u32)> {
        let mut stretches = Vec::new();
        let (mut start, mut count) = (places.start, self.at(places.start));
        for (next, there) in self.0.range(places.clone()) {
            if start < *next {
                stretches.push((start..*next, count));
            }
            (start, count) = (*next, *there);
        }
        if start < places.end {
            stretches.push((start..places.end, count));
        }
        stretches
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// At how many places the count changes.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    fn at(&self, place: P) -> u32 {
        self.0.range(..=place).next_back().map_or(0, |(_, count)| *count)
    }

    fn change(&mut self, places: Range<P>, change: impl Fn(u32) -> u32) {
        for edge in [places.start, places.end] {
            let there = self.at(edge);
            self.0.entry(edge).or_insert(there);
        }
        self.0.range_mut(places.clone()).for_each(|(_, count)| *count = change(*count));
        for edge in [places.end, places.start] {
            let before = self.0.range(..edge).next_back().map_or(0, |(_, count)| *count);
            if self.0.get(&edge) == Some(&before) {
                self.0.remove(&edge);
            }
        }
    }
}
