//! The axis a calendar counts on: the days of its month, or the minutes of it.

use std::ops::Range;

use chrono::{Days, Duration, NaiveDate};
use serde::{Deserialize, Serialize};

use super::span::{Span, Spans, cut, merged, summed, without};
use super::{Extent, Point, Refusal, Take};
use crate::values::{BusyTime, DayRange, Minutes, Month, Quantity, TimeRange, Timestamp};

/// What the places of a calendar are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Axis {
    /// The days of a month.
    Days(Month),
    /// The minutes of a month, which in its zone takes this time.
    Minutes(Month, TimeRange),
}

impl Axis {
    pub(super) fn month(&self) -> Month {
        match self {
            Self::Days(month) | Self::Minutes(month, _) => *month,
        }
    }

    /// The time of the month, if minutes are counted.
    pub(super) fn time(&self) -> Option<TimeRange> {
        match self {
            Self::Days(_) => None,
            Self::Minutes(_, time) => Some(*time),
        }
    }

    /// What is asked for, if it can be asked of this calendar.
    pub(super) fn asked(&self, takes: &[Take]) -> Result<Spans, Refusal> {
        for take in takes {
            let extent = match take {
                Take::Nights { days, .. } => Extent::Days(*days),
                Take::Time { time, .. } => Extent::Time(time.range()),
            };
            self.check(extent)?;
        }
        Ok(self.spans(takes))
    }

    /// Takes as they are kept: days summed up, times one by one, all in order. What lies elsewhere is left out.
    pub(super) fn spans(&self, takes: &[Take]) -> Spans {
        let spans: Spans = takes.iter().filter_map(|take| self.span(*take)).collect();
        match self {
            Self::Days(_) => summed(&spans),
            Self::Minutes(..) => merged(spans),
        }
    }

    /// The same as takes. A count beyond the largest quantity becomes several takes.
    pub(super) fn takes(&self, spans: &[Span]) -> Vec<Take> {
        let mut takes = Vec::with_capacity(spans.len());
        for span in spans {
            let mut left = span.count;
            while left > 0 {
                let part = left.min(Quantity::MAX.get());
                left -= part;
                let quantity = Quantity::try_new(part).unwrap_or(Quantity::ONE);
                takes.extend(self.take(*span, quantity));
            }
        }
        takes
    }

    /// What is left of some spans when takes are given up: of times, the part before each.
    pub(super) fn left(&self, spans: &[Span], freed: &[Take]) -> Spans {
        let freed: Spans = freed.iter().filter_map(|take| self.span(*take)).collect();
        match self {
            Self::Days(_) => without(spans, &freed),
            Self::Minutes(..) => cut(spans, &freed),
        }
    }

    /// The places of a stretch, if all of it is here.
    pub(super) fn places(&self, extent: Extent) -> Option<Range<u16>> {
        self.check(extent).ok().map(|()| self.within(extent))
    }

    /// When the part of a time begins that is no buffer, if it has one.
    pub(super) fn beginning(&self, span: &Span) -> Option<Timestamp> {
        let first = span.first + span.before;
        match self {
            Self::Minutes(_, all) if first + span.after < span.end => Some(minute(*all, first)),
            Self::Minutes(..) | Self::Days(_) => None,
        }
    }

    /// Some places as a stretch.
    pub(super) fn extent(&self, places: &Range<u16>) -> Extent {
        match self {
            Self::Days(month) => {
                let days = DayRange::try_new(day(*month, places.start), day(*month, places.end));
                Extent::Days(days.unwrap_or(month.days()))
            }
            Self::Minutes(_, all) => {
                let time = TimeRange::try_new(minute(*all, places.start), minute(*all, places.end));
                Extent::Time(time.unwrap_or(*all))
            }
        }
    }

    /// Where something is lacking on some places: of days the first alone.
    pub(super) fn shortage(&self, places: &Range<u16>) -> Extent {
        match self {
            Self::Days(_) => self.extent(&(places.start..places.start + 1)),
            Self::Minutes(..) => self.extent(places),
        }
    }

    /// Whether a point is of the kind that is counted here.
    pub(super) fn knows(&self, point: Point) -> bool {
        match (self, point) {
            (Self::Days(_), Point::Day(_)) | (Self::Minutes(..), Point::Instant(_)) => true,
            (Self::Days(_), Point::Instant(_)) | (Self::Minutes(..), Point::Day(_)) => false,
        }
    }

    fn check(&self, extent: Extent) -> Result<(), Refusal> {
        let inside = match (self, extent) {
            (Self::Days(month), Extent::Days(days)) => {
                let all = month.days();
                all.first() <= days.first() && days.end() <= all.end()
            }
            (Self::Minutes(_, all), Extent::Time(time)) => all.contains(time),
            (Self::Days(_), Extent::Time(_)) | (Self::Minutes(..), Extent::Days(_)) => {
                return Err(Refusal::OtherShape);
            }
        };
        if inside { Ok(()) } else { Err(Refusal::OutsideMonth { month: self.month() }) }
    }

    /// The places of a stretch that are here; none if it is of the other kind.
    fn within(&self, extent: Extent) -> Range<u16> {
        match (self, extent) {
            (Self::Days(month), Extent::Days(days)) => {
                let all = month.days();
                let place = |day: NaiveDate| {
                    count((day.clamp(all.first(), all.end()) - all.first()).num_days())
                };
                place(days.first())..place(days.end())
            }
            (Self::Minutes(_, all), Extent::Time(time)) => {
                let place = |at: Timestamp| {
                    count((at.clamp(all.start(), all.end()) - all.start()).num_minutes())
                };
                place(time.start())..place(time.end())
            }
            (Self::Days(_), Extent::Time(_)) | (Self::Minutes(..), Extent::Days(_)) => 0..0,
        }
    }

    fn span(&self, take: Take) -> Option<Span> {
        let (extent, before, after) = match take {
            Take::Nights { days, .. } => (Extent::Days(days), 0, 0),
            Take::Time { time, .. } => {
                let [before, after] = [time.before(), time.after()].map(|m| count(m.get().into()));
                (Extent::Time(time.range()), before, after)
            }
        };
        let Range { start: first, end } = self.within(extent);
        let count = take.quantity().get();
        (first < end).then_some(Span { first, end, before, after, count })
    }

    fn take(&self, span: Span, quantity: Quantity) -> Option<Take> {
        match (self, self.extent(&(span.first..span.end))) {
            (Self::Days(_), Extent::Days(days)) => Some(Take::Nights { days, quantity }),
            (Self::Minutes(..), Extent::Time(time)) => {
                let [before, after] = [span.before, span.after]
                    .map(|places| Minutes::try_new(places.into()).unwrap_or_default());
                let time = BusyTime::from_parts(time.start(), time.end(), before, after).ok()?;
                Some(Take::Time { time, quantity })
            }
            (Self::Days(_), Extent::Time(_)) | (Self::Minutes(..), Extent::Days(_)) => None,
        }
    }
}

fn day(month: Month, place: u16) -> NaiveDate {
    month.first_day().checked_add_days(Days::new(place.into())).unwrap_or(month.first_day())
}

fn minute(all: TimeRange, place: u16) -> Timestamp {
    all.start().checked_add_signed(Duration::minutes(place.into())).unwrap_or(all.start())
}

/// A count of days or minutes of one month.
fn count(number: i64) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}
