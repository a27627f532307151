//! The lines of a booking: which resource for which stay, how many, at what price.

use std::collections::BTreeMap;

use chrono::{Days, NaiveTime};
use serde::{Deserialize, Serialize, Serializer};

use crate::calendar::Take;
use crate::values::{CalendarId, Money, MoneyError, Quantity, ResourceId, Stay, Timestamp, Zone};

/// One resource for one stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    resource: ResourceId,
    stay: Stay,
    quantity: Quantity,
    price_per_night: Money,
    total: Money,
    arrives_at: Timestamp,
    departs_at: Timestamp,
}

/// Why a line cannot be priced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Price, nights and quantity multiply to more than can be counted.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Line {
    /// Prices a stay: every charged night of each one costs `price_per_night`. The guest arrives at
    /// `check_in` and departs at `check_out` by the zone's wall clock; a day use ends with its day.
    pub fn priced(
        resource: ResourceId,
        stay: Stay,
        quantity: Quantity,
        price_per_night: Money,
        zone: Zone,
        check_in: NaiveTime,
        check_out: NaiveTime,
    ) -> Result<Self, LineError> {
        let nights = u64::from(stay.charged_nights()) * u64::from(quantity.get());
        let total = price_per_night.try_mul(nights)?;
        let arrives_at = zone.instant(stay.arrival(), check_in);
        let departs_at = if stay.is_day_use() {
            let next_day = stay.arrival().checked_add_days(Days::new(1)).unwrap_or(stay.arrival());
            zone.instant(next_day, NaiveTime::MIN)
        } else {
            zone.instant(stay.departure(), check_out)
        };
        Ok(Self { resource, stay, quantity, price_per_night, total, arrives_at, departs_at })
    }

    /// What is occupied.
    pub fn resource(&self) -> ResourceId {
        self.resource
    }

    /// From which date to which.
    pub fn stay(&self) -> Stay {
        self.stay
    }

    /// How many of it.
    pub fn quantity(&self) -> Quantity {
        self.quantity
    }

    /// What one of it costs for a night.
    pub fn price_per_night(&self) -> Money {
        self.price_per_night
    }

    /// What the line costs.
    pub fn total(&self) -> Money {
        self.total
    }

    /// The instant of arrival.
    pub fn arrives_at(&self) -> Timestamp {
        self.arrives_at
    }

    /// The instant of departure.
    pub fn departs_at(&self) -> Timestamp {
        self.departs_at
    }
}

/// The lines of one booking: 1 to 50, in one currency, with their sum.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<Line>")]
pub struct Lines {
    lines: Vec<Line>,
    total: Money,
}

/// Why lines do not make a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinesError {
    /// Nothing is booked.
    #[error("a booking needs at least one line")]
    Empty,
    /// Too much is booked at once.
    #[error("a booking has at most {} lines", Lines::MAX)]
    TooMany,
    /// The lines do not add up.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Lines {
    /// The most lines.
    pub const MAX: usize = 50;

    /// The lines with their sum.
    pub fn try_new(lines: Vec<Line>) -> Result<Self, LinesError> {
        if lines.len() > Self::MAX {
            return Err(LinesError::TooMany);
        }
        let (first, others) = lines.split_first().ok_or(LinesError::Empty)?;
        let total = others.iter().try_fold(first.total, |sum, line| sum.try_add(line.total))?;
        Ok(Self { lines, total })
    }

    /// The lines, in the order they were booked.
    pub fn as_slice(&self) -> &[Line] {
        &self.lines
    }

    /// What they cost together.
    pub fn total(&self) -> Money {
        self.total
    }
}

impl Serialize for Lines {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.lines.serialize(serializer)
    }
}

impl TryFrom<Vec<Line>> for Lines {
    type Error = LinesError;

    fn try_from(lines: Vec<Line>) -> Result<Self, Self::Error> {
        Self::try_new(lines)
    }
}

/// What lines take of each calendar; a stay that spans months takes days in all of them.
pub fn takes_by_calendar(lines: &[Line]) -> BTreeMap<CalendarId, Vec<Take>> {
    let mut takes: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for Line { resource, stay, quantity, .. } in lines {
        for (month, days) in stay.days().split_by_month() {
            let calendar = CalendarId { resource: *resource, month };
            takes.entry(calendar).or_default().push(Take::Nights { days, quantity: *quantity });
        }
    }
    takes
}
