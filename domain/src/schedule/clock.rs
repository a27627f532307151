//! The wall clock of a zone over a stretch of time, cut where a date begins or the clock is changed.

use chrono::{DateTime, Days, NaiveDate};

use super::span::Span;
use crate::values::Zone;

pub(super) const DAY: i64 = 24 * 60 * 60;

/// Time in which the wall clock shows one date and runs evenly. A date has one piece, or two when
/// clocks are changed during it, or none when it is left out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) date: NaiveDate,
    pub(super) span: Span,
    /// What the wall clock shows at second 0 of the date's own midnight, had it run evenly since.
    midnight: i64,
}

impl Piece {
    /// When the wall clock shows this second of the date, or would if it had always run as it does now.
    pub(super) fn instant(&self, second_of_day: i64) -> i64 {
        self.midnight + second_of_day
    }

    /// The second of the date that the wall clock shows at an instant in this piece.
    pub(super) fn second_of_day(&self, at: i64) -> i64 {
        at - self.midnight
    }
}

/// The pieces of a stretch of time, in order.
pub(super) fn pieces(zone: Zone, stretch: Span) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (span, offset) in even_runs(zone, stretch) {
        let mut start = span.start;
        while start < span.end {
            let day = (start + offset).div_euclid(DAY);
            let midnight = day * DAY - offset;
            let end = (midnight + DAY).min(span.end);
            let date = utc_date(day * DAY);
            pieces.push(Piece { date, span: Span { start, end }, midnight });
            start = end;
        }
    }
    pieces
}

/// The instants at which any zone may show one of the days from `first` to before `end`.
pub(super) fn around_days(first: NaiveDate, end: NaiveDate) -> Span {
    // no zone is a whole day ahead of or behind UTC
    Span { start: midnight_utc(first), end: midnight_utc(end) }.widened(DAY, DAY)
}

/// So many days later, or the last day there is.
pub(super) fn days_after(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX)
}

fn midnight_utc(date: NaiveDate) -> i64 {
    date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp()
}

fn utc_date(second: i64) -> NaiveDate {
    DateTime::from_timestamp(second, 0).map_or(NaiveDate::MAX, |at| at.date_naive())
}

/// Seconds that the wall clock is ahead of UTC.
fn offset_at(zone: Zone, at: i64) -> i64 {
    DateTime::from_timestamp(at, 0)
        .map_or(0, |instant| zone.wall_clock(instant).and_utc().timestamp() - at)
}

/// The stretches between two changes of the clock, each with its offset from UTC in seconds.
/// Clocks are never changed forth and back within a day, so it is enough to look once a day.
fn even_runs(zone: Zone, stretch: Span) -> Vec<(Span, i64)> {
    let mut runs = Vec::with_capacity(2);
    let (mut start, mut known) = (stretch.start, stretch.start);
    let mut offset = offset_at(zone, start);
    while known < stretch.end {
        let next = (known + DAY).min(stretch.end);
        if offset_at(zone, next) == offset {
            known = next;
            continue;
        }
        known = change_between(zone, known, next, offset);
        if known >= stretch.end {
            break;
        }
        runs.push((Span { start, end: known }, offset));
        (start, offset) = (known, offset_at(zone, known));
    }
    runs.push((Span { start, end: stretch.end }, offset));
    runs
}

/// The first second after `same` at which the offset is another than at `same`.
fn change_between(zone: Zone, mut same: i64, mut other: i64, offset: i64) -> i64 {
    while other - same > 1 {
        let middle = i64::midpoint(same, other);
        if offset_at(zone, middle) == offset {
            same = middle;
        } else {
            other = middle;
        }
    }
    other
}
