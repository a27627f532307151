//! Runs of places on the axis of a calendar: the compact form in which allocations are kept.
//!
//! A place is a day of the month or a minute of it, counted from 0.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

/// Some places in a row, and how many are taken on each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Span {
    pub(super) first: u16,
    pub(super) end: u16,
    /// How many of the first places are a buffer.
    pub(super) before: u16,
    /// How many of the last places are a buffer.
    pub(super) after: u16,
    pub(super) count: u32,
}

/// What one booking takes: nearly always a single run, which needs no memory of its own.
pub(super) type Spans = SmallVec<[Span; 1]>;

impl Span {
    /// Some places without a buffer.
    pub(super) fn new(first: u16, end: u16, count: u32) -> Self {
        Self { first, end, before: 0, after: 0, count }
    }

    /// So many of the part before a place.
    fn before_place(self, end: u16, count: u32) -> Self {
        let before = self.before.min(end - self.first);
        let after = end.saturating_sub(self.end.saturating_sub(self.after));
        Self { end, before, after, count, ..self }
    }
}

/// The same places, each once: in order, neighbours with the same count together, buffers forgotten.
pub(super) fn summed(spans: &[Span]) -> Spans {
    match spans {
        [] => Spans::new(),
        [only] => Spans::from_buf([Span::new(only.first, only.end, only.count)]),
        many => sum(many, &[]),
    }
}

/// What is left of some places when others are given up.
pub(super) fn without(spans: &[Span], freed: &[Span]) -> Spans {
    sum(spans, freed)
}

/// In order, with the counts of equal spans added up.
pub(super) fn merged(mut spans: Spans) -> Spans {
    if spans.len() > 1 {
        spans.sort_unstable();
        spans.dedup_by(|next, kept| {
            let same = Span { count: kept.count, ..*next } == *kept;
            if same {
                kept.count = kept.count.saturating_add(next.count);
            }
            same
        });
    }
    spans
}

/// What is left when the last part of some spans is given up: of each span the part before.
pub(super) fn cut(spans: &[Span], freed: &[Span]) -> Spans {
    let mut left = Spans::from_slice(spans);
    for gone in freed {
        let ends_alike = |span: &Span| {
            span.end == gone.end && span.first <= gone.first && span.count >= gone.count
        };
        let closest = |span: &Span| (span.count == gone.count, span.first);
        let found =
            (0..left.len()).filter(|n| ends_alike(&left[*n])).max_by_key(|n| closest(&left[*n]));
        let Some(found) = found else { continue }; // never recorded: nothing is given up that was not taken
        let whole = left.remove(found);
        if whole.first < gone.first {
            left.push(whole.before_place(gone.first, gone.count));
        }
        if whole.count > gone.count {
            left.push(Span { count: whole.count - gone.count, ..whole });
        }
    }
    merged(left)
}

fn sum(more: &[Span], less: &[Span]) -> Spans {
    let mut changes: SmallVec<[(u16, i64); 8]> = SmallVec::new();
    for (spans, sign) in [(more, 1), (less, -1)] {
        for span in spans {
            let count = sign * i64::from(span.count);
            changes.extend([(span.first, count), (span.end, -count)]);
        }
    }
    changes.sort_unstable();
    let mut sum = Spans::new();
    let mut count = 0;
    for pair in changes.windows(2) {
        let [(first, change), (end, _)] = pair else { continue };
        count += change;
        if first == end || count <= 0 {
            continue;
        }
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        match sum.last_mut() {
            Some(last) if last.end == *first && last.count == count => last.end = *end,
            Some(_) | None => sum.push(Span::new(*first, *end, count)),
        }
    }
    sum
}
