//! Stays: from an arrival date to a departure date.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{DayRange, FIRST_DAY, LAST_DAY};

/// An arrival and a departure date where the guest sleeps. Without a night it is a day use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Raw")]
pub struct Stay {
    arrival: NaiveDate,
    departure: NaiveDate,
}

/// Why two dates do not make a stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StayError {
    /// The guest would leave before arriving.
    #[error("the departure on {departure} is before the arrival on {arrival}")]
    Backwards {
        /// The arrival asked for.
        arrival: NaiveDate,
        /// The departure asked for.
        departure: NaiveDate,
    },
    /// The stay is longer than a leap year.
    #[error("a stay of {nights} nights is longer than {} nights", Stay::MAX_NIGHTS)]
    TooLong {
        /// The nights asked for.
        nights: i64,
    },
    /// A date lies outside the years the engine keeps.
    #[error("stays are kept from {FIRST_DAY} to {LAST_DAY} only")]
    OutOfBounds,
}

impl Stay {
    /// The longest stay.
    pub const MAX_NIGHTS: u32 = 366;

    /// The stay between two dates, or a day use when they are the same.
    pub fn try_new(arrival: NaiveDate, departure: NaiveDate) -> Result<Self, StayError> {
        if departure < arrival {
            return Err(StayError::Backwards { arrival, departure });
        }
        if arrival < FIRST_DAY || departure > LAST_DAY {
            return Err(StayError::OutOfBounds);
        }
        let nights = (departure - arrival).num_days();
        if nights > i64::from(Self::MAX_NIGHTS) {
            return Err(StayError::TooLong { nights });
        }
        Ok(Self { arrival, departure })
    }

    /// The day the guest comes.
    pub fn arrival(self) -> NaiveDate {
        self.arrival
    }

    /// The day the guest leaves.
    pub fn departure(self) -> NaiveDate {
        self.departure
    }

    /// How many nights the guest sleeps here.
    pub fn nights(self) -> u32 {
        u32::try_from((self.departure - self.arrival).num_days()).unwrap_or(0)
    }

    /// Whether the guest leaves on the day of arrival.
    pub fn is_day_use(self) -> bool {
        self.arrival == self.departure
    }

    /// How many nights are paid for: a day use costs one.
    pub fn charged_nights(self) -> u32 {
        self.nights().max(1)
    }

    /// The days of inventory taken: the nights, so that the day of departure is free; a day use takes its day.
    pub fn days(self) -> DayRange {
        if self.is_day_use() {
            DayRange::single(self.arrival)
        } else {
            DayRange::within_bounds(self.arrival, self.departure)
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "Stay")]
struct Raw {
    arrival: NaiveDate,
    departure: NaiveDate,
}

impl TryFrom<Raw> for Stay {
    type Error = StayError;

    fn try_from(Raw { arrival, departure }: Raw) -> Result<Self, Self::Error> {
        Self::try_new(arrival, departure)
    }
}
