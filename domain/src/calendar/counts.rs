//! How many are taken on each place of an axis, by stretches of equal length.
//!
//! A change or a question touches only the stretches it overlaps, however much is taken in all. A
//! stretch on which equally many are taken everywhere is one number, and one on which nothing is taken
//! is not kept at all; so equal counts are always written in the same way.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::span::Span;

/// How many places a stretch has: half an hour of minutes, since most times begin and end with one.
const WIDTH: u16 = 30;

/// One count for every place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    stretches: BTreeMap<u16, Stretch>,
    /// The highest count of each stretch, up to the last that is kept: side by side, so that most
    /// questions are answered without looking anywhere else.
    peaks: Vec<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stretch {
    /// Equally many everywhere.
    Even(u32),
    /// So many on each place.
    Uneven(Box<[u32; WIDTH as usize]>),
}

impl Counts {
    /// Adds spans to the counts.
    pub(super) fn add(&mut self, spans: &[Span]) {
        self.change(spans, u32::saturating_add);
    }

    /// Takes spans off the counts.
    pub(super) fn subtract(&mut self, spans: &[Span]) {
        self.change(spans, u32::saturating_sub);
    }

    /// Whether on each of some places the count and so many more stay within a limit.
    pub(super) fn has_room(&self, places: Range<u16>, more: u32, limit: u32) -> bool {
        let fits = |count: u32| count.saturating_add(more) <= limit;
        let Range { start, end } = numbers(&places);
        let end = self.peaks.len().min(end.into());
        let around = self.peaks.get(start.into()..end).unwrap_or_default();
        fits(max(around)) || fits(self.peak(places))
    }

    /// The highest count of some places.
    pub(super) fn peak(&self, places: Range<u16>) -> u32 {
        let peaks = self.parts(places).map(|(_, within, stretch)| match stretch {
            Stretch::Even(count) => *count,
            Stretch::Uneven(counts) => max(&counts[within]),
        });
        peaks.max().unwrap_or(0)
    }

    /// The counts of some places, one by one.
    pub(super) fn window(&self, places: Range<u16>) -> Window {
        let mut counts = vec![0; places.len()];
        for (number, within, stretch) in self.parts(places.clone()) {
            let first = usize::from(number * WIDTH) + within.start - usize::from(places.start);
            let part = &mut counts[first..first + within.len()];
            match stretch {
                Stretch::Even(count) => part.fill(*count),
                Stretch::Uneven(counts) => part.copy_from_slice(&counts[within]),
            }
        }
        Window { first: places.start, counts }
    }

    /// How many stretches a question about some places looks at.
    #[cfg(test)]
    pub(super) fn stretches(&self, places: Range<u16>) -> usize {
        self.parts(places).count()
    }

    /// About how many bytes the counts take at the most, themselves apart.
    pub(super) fn weight(&self) -> usize {
        let entry = size_of::<(u16, Stretch)>() * 3 / 2; // nodes are about two thirds full
        self.stretches.len() * (entry + size_of::<[u32; WIDTH as usize]>())
            + self.peaks.capacity() * size_of::<u32>()
    }

    fn change(&mut self, spans: &[Span], change: impl Fn(u32, u32) -> u32 + Copy) {
        for span in spans {
            for (number, within) in parts(span.first..span.end) {
                let stretch = self.stretches.entry(number).or_insert(Stretch::Even(0));
                stretch.change(within, |count| change(count, span.count));
                let peak = stretch.peak();
                if peak == 0 {
                    self.stretches.remove(&number);
                }
                self.note_peak(number.into(), peak);
            }
        }
    }

    fn note_peak(&mut self, number: usize, peak: u32) {
        if self.peaks.len() <= number {
            self.peaks.resize(number + 1, 0);
        }
        if let Some(noted) = self.peaks.get_mut(number) {
            *noted = peak;
        }
        while self.peaks.last() == Some(&0) {
            self.peaks.pop();
        }
    }

    /// The stretches that some places overlap and that are kept, with the places in them.
    fn parts(&self, places: Range<u16>) -> impl Iterator<Item = (u16, Range<usize>, &Stretch)> {
        let kept = self.stretches.range(numbers(&places));
        kept.map(move |(number, stretch)| (*number, within(*number, &places), stretch))
    }
}

impl Stretch {
    fn peak(&self) -> u32 {
        match self {
            Self::Even(count) => *count,
            Self::Uneven(counts) => max(&counts[..]),
        }
    }

    fn change(&mut self, within: Range<usize>, change: impl Fn(u32) -> u32) {
        match self {
            Self::Even(count) if within.len() == usize::from(WIDTH) => *count = change(*count),
            Self::Even(count) => {
                let mut counts = Box::new([*count; WIDTH as usize]);
                counts[within].iter_mut().for_each(|count| *count = change(*count));
                *self = Self::Uneven(counts);
                self.even_out();
            }
            Self::Uneven(counts) => {
                counts[within].iter_mut().for_each(|count| *count = change(*count));
                self.even_out();
            }
        }
    }

    fn even_out(&mut self) {
        if let Self::Uneven(counts) = self
            && counts.iter().all(|count| *count == counts[0])
        {
            *self = Self::Even(counts[0]);
        }
    }
}

/// The counts of some places in a row.
pub(super) struct Window {
    first: u16,
    counts: Vec<u32>,
}

impl Window {
    /// The same places, all of them empty.
    pub(super) fn empty(places: &Range<u16>) -> Self {
        Self { first: places.start, counts: vec![0; places.len()] }
    }

    /// Adds what lies within.
    pub(super) fn add(&mut self, spans: &[Span]) {
        self.change(spans, u32::saturating_add);
    }

    /// Takes off what lies within.
    pub(super) fn subtract(&mut self, spans: &[Span]) {
        self.change(spans, u32::saturating_sub);
    }

    /// The counts one by one.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        self.counts.iter().copied()
    }

    /// The highest count.
    pub(super) fn peak(&self) -> u32 {
        max(&self.counts)
    }

    fn change(&mut self, spans: &[Span], change: impl Fn(u32, u32) -> u32) {
        for span in spans {
            let within = |place: u16| usize::from(place.saturating_sub(self.first));
            let (first, end) = (within(span.first), within(span.end).min(self.counts.len()));
            for count in self.counts.get_mut(first..end).unwrap_or_default() {
                *count = change(*count, span.count);
            }
        }
    }
}

/// The stretches that some places overlap, with the places in each.
fn parts(places: Range<u16>) -> impl Iterator<Item = (u16, Range<usize>)> {
    numbers(&places).map(move |number| (number, within(number, &places)))
}

fn numbers(places: &Range<u16>) -> Range<u16> {
    if places.is_empty() { 0..0 } else { places.start / WIDTH..(places.end - 1) / WIDTH + 1 }
}

/// Which places of a stretch are among some places that overlap it.
fn within(number: u16, places: &Range<u16>) -> Range<usize> {
    let start = usize::from(number) * usize::from(WIDTH);
    let inside = |place: u16| usize::from(place).saturating_sub(start).min(WIDTH.into());
    inside(places.start)..inside(places.end)
}

fn max(counts: &[u32]) -> u32 {
    counts.iter().copied().fold(0, u32::max)
}
