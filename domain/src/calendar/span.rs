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
        many => combined(many, &[], |there, _| there),
    }
}

/// What is left of some places when others are given up.
pub(super) fn without(spans: &[Span], freed: &[Span]) -> Spans {
    combined(spans, freed, |there, freed| there - freed)
}

/// On each place the smaller of two counts.
pub(super) fn common(one: &[Span], other: &[Span]) -> Spans {
    combined(one, other, i64::min)
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

/// On each place what two counts come to together; what comes to nothing is left out.
fn combined(one: &[Span], other: &[Span], count: impl Fn(i64, i64) -> i64) -> Spans {
    let mut changes: SmallVec<[(u16, i64, i64); 8]> = SmallVec::new();
    for span in one {
        let count = i64::from(span.count);
        changes.extend([(span.first, count, 0), (span.end, -count, 0)]);
    }
    for span in other {
        let count = i64::from(span.count);
        changes.extend([(span.first, 0, count), (span.end, 0, -count)]);
    }
    changes.sort_unstable();
    let mut runs = Spans::new();
    let (mut there, mut others) = (0, 0);
    for pair in changes.windows(2) {
        let [(first, change, of_other), (end, ..)] = pair else { continue };
        there += change;
        others += of_other;
        let count = count(there, others);
        if first < end && count > 0 {
            add_run(&mut runs, Span::new(*first, *end, u32::try_from(count).unwrap_or(u32::MAX)));
        }
    }
    runs
}

/// Puts a run at the end of others, together with the last of them if it goes on from it.
pub(super) fn add_run(runs: &mut Spans, run: Span) {
    match runs.last_mut() {
        Some(last) if last.end == run.first && last.count == run.count => last.end = run.end,
        Some(_) | None => runs.push(run),
    }
}
