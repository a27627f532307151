//! How much is taken at each instant, as steps in order, and the most that is taken in a window.

use std::collections::VecDeque;

use super::Busy;
use super::span::{Span, merged};

/// What is taken from one instant on, until the next step.
#[derive(Clone, Copy, Debug)]
struct Step {
    from: i64,
    taken: i64,
}

/// The steps in order; before the first and after the last nothing is taken.
pub(super) struct Occupancy(Vec<Step>);

impl Occupancy {
    /// What takes time within a window.
    pub(super) fn new(busy: &[Busy], window: Span) -> Self {
        let mut edges = Vec::with_capacity(busy.len() * 2);
        for Busy { time, quantity } in busy {
            let span = Span::around(*time);
            if span.start < window.end && window.start < span.end {
                let quantity = i64::from(quantity.get());
                edges.push((span.start, quantity));
                edges.push((span.end, -quantity));
            }
        }
        edges.sort_unstable();
        let mut taken = 0;
        let mut steps: Vec<Step> = Vec::with_capacity(edges.len());
        for (from, change) in edges {
            taken += change;
            match steps.last_mut() {
                Some(last) if last.from == from => last.taken = taken,
                _ => steps.push(Step { from, taken }),
            }
        }
        Self(steps)
    }

    /// When more than `most` is taken.
    pub(super) fn above(&self, most: i64) -> Vec<Span> {
        let pairs = self.0.windows(2).filter(|pair| pair[0].taken > most);
        merged(pairs.map(|pair| Span { start: pair[0].from, end: pair[1].from }))
    }

    /// To ask for the peaks of one window after the other.
    pub(super) fn peaks(&self) -> Peaks<'_> {
        Peaks { steps: &self.0, next: 0, highest: VecDeque::new() }
    }
}

/// A window that slides over the steps: each step enters and leaves it once.
pub(super) struct Peaks<'a> {
    steps: &'a [Step],
    next: usize,
    /// Steps that may still be the highest, each lower than the one before it.
    highest: VecDeque<usize>,
}

impl Peaks<'_> {
    /// The most that is taken at an instant of the window. Neither the start nor the end of a
    /// window may lie before that of the window asked for last.
    pub(super) fn within(&mut self, window: Span) -> i64 {
        while let Some(step) = self.steps.get(self.next).filter(|step| step.from < window.end) {
            while self.highest.back().is_some_and(|last| self.steps[*last].taken <= step.taken) {
                self.highest.pop_back();
            }
            self.highest.push_back(self.next);
            self.next += 1;
        }
        let ended = |step: usize| self.steps.get(step + 1).is_some_and(|n| n.from <= window.start);
        while self.highest.front().is_some_and(|first| ended(*first)) {
            self.highest.pop_front();
        }
        self.highest.front().map_or(0, |first| self.steps[*first].taken)
    }
}
