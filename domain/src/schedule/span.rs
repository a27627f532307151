//! Intervals in whole seconds, ordered lists of them, and the arithmetic a schedule needs.

use chrono::DateTime;

use crate::values::{TimeRange, Timestamp};

/// A half-open interval in seconds since 1970, UTC; never empty in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) start: i64,
    pub(super) end: i64,
}

impl Span {
    /// The same interval as a value.
    ///
    /// Spans reach callers only from days the engine keeps, so instants exist and are in order.
    pub(super) fn range(self) -> TimeRange {
        let instant = |second| DateTime::from_timestamp(second, 0).expect("a day the engine keeps");
        TimeRange::try_new(instant(self.start), instant(self.end)).expect("a span is never empty")
    }

    /// The whole seconds that an interval touches.
    pub(super) fn around(range: TimeRange) -> Self {
        Self { start: range.start().timestamp(), end: first_second_from(range.end()) }
    }

    pub(super) fn widened(self, before: i64, after: i64) -> Self {
        Self { start: self.start - before, end: self.end + after }
    }
}

/// The first whole second at or after an instant.
pub(super) fn first_second_from(at: Timestamp) -> i64 {
    at.timestamp() + i64::from(at.timestamp_subsec_nanos() > 0)
}

/// Joins what overlaps or touches; `spans` are in the order of their starts.
pub(super) fn merged(spans: impl IntoIterator<Item = Span>) -> Vec<Span> {
    let mut joined: Vec<Span> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => joined.push(span),
        }
    }
    joined
}

/// What is left of `from` without `taken`; both are in order and free of overlaps.
pub(super) fn without(from: &[Span], taken: &[Span]) -> Vec<Span> {
    let mut left = Vec::with_capacity(from.len() + taken.len());
    let mut first = 0;
    for span in from {
        while first < taken.len() && taken[first].end <= span.start {
            first += 1;
        }
        let mut start = span.start;
        for cut in taken[first..].iter().take_while(|cut| cut.start < span.end) {
            if start < cut.start {
                left.push(Span { start, end: cut.start });
            }
            start = start.max(cut.end);
        }
        if start < span.end {
            left.push(Span { start, end: span.end });
        }
    }
    left
}
