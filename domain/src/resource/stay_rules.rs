//! How long guests may stay, and on which days they may come and go.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::values::{DayRange, NightCount, Stay, Weekdays};

/// What is asked of a stay, unless a period of the year asks something else.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Raw", into = "Raw")]
pub struct StayRules {
    usual: StayTerms,
    periods: Vec<StayPeriod>,
}

/// What is asked of a stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StayTerms {
    /// The fewest nights. Whoever leaves on the day of arrival stays none and need not.
    pub least: Option<NightCount>,
    /// The most nights.
    pub most: Option<NightCount>,
    /// On which days nobody arrives.
    pub closed_to_arrival: Weekdays,
    /// On which days nobody departs.
    pub closed_to_departure: Weekdays,
}

/// What is asked of those who arrive on some days; what is not given stays as usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StayPeriod {
    /// The days.
    pub days: DayRange,
    /// The fewest nights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<NightCount>,
    /// The most nights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<NightCount>,
    /// On which days nobody arrives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_to_arrival: Option<Weekdays>,
    /// On which days nobody departs who arrived in the period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_to_departure: Option<Weekdays>,
    /// Whether the days are closed, to day use and to the nights of those who arrived earlier as well.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
}

/// Why rules of stays cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StayRulesError {
    /// No stay is both long and short enough.
    #[error("a stay cannot be at least {least} and at most {most} nights long")]
    NoLength {
        /// The fewest nights.
        least: NightCount,
        /// The most nights.
        most: NightCount,
    },
    /// No stay of those who arrive in a period is both long and short enough.
    #[error("a stay from {from} on cannot be at least {least} and at most {most} nights long")]
    NoLengthFrom {
        /// The first day of the period.
        from: NaiveDate,
        /// The fewest nights.
        least: NightCount,
        /// The most nights.
        most: NightCount,
    },
    /// Two periods share a day.
    #[error("two periods contain {0}")]
    Overlap(NaiveDate),
    /// There are too many periods.
    #[error("there are at most {} periods", StayRules::MAX_PERIODS)]
    TooManyPeriods,
}

/// Why a stay is not sold, whatever is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StayRefusal {
    /// A day of the stay is closed.
    #[error("it is closed on {0}")]
    Closed(NaiveDate),
    /// Nobody arrives on that day.
    #[error("it is closed to arrival on {0}")]
    ClosedToArrival(NaiveDate),
    /// Nobody departs on that day.
    #[error("it is closed to departure on {0}")]
    ClosedToDeparture(NaiveDate),
    /// The stay is too short.
    #[error("a stay is at least {0} nights long")]
    TooShort(NightCount),
    /// The stay is too long.
    #[error("a stay is at most {0} nights long")]
    TooLong(NightCount),
}

impl StayRules {
    /// The most periods.
    pub const MAX_PERIODS: usize = 200;

    /// What is usual, and the periods in any order.
    pub fn try_new(usual: StayTerms, mut periods: Vec<StayPeriod>) -> Result<Self, StayRulesError> {
        if periods.len() > Self::MAX_PERIODS {
            return Err(StayRulesError::TooManyPeriods);
        }
        periods.sort_by_key(|period| period.days);
        if let Some(pair) =
            periods.windows(2).find(|pair| pair[1].days.first() < pair[0].days.end())
        {
            return Err(StayRulesError::Overlap(pair[1].days.first()));
        }
        if let Some((least, most)) = usual.contradiction() {
            return Err(StayRulesError::NoLength { least, most });
        }
        for period in &periods {
            if let Some((least, most)) = period.instead_of(usual).contradiction() {
                let from = period.days.first();
                return Err(StayRulesError::NoLengthFrom { from, least, most });
            }
        }
        Ok(Self { usual, periods })
    }

    /// Whether nothing is asked of any stay.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a stay is sold, whatever is free: by the terms of its day of arrival, and if none of its days is
    /// closed. For a day use all of it holds but the fewest nights.
    pub fn check(&self, stay: Stay) -> Result<(), StayRefusal> {
        if let Some(day) = self.first_closed(stay.days()) {
            return Err(StayRefusal::Closed(day));
        }
        let terms = self.on(stay.arrival());
        let (arrival, departure, nights) = (stay.arrival(), stay.departure(), stay.nights());
        if terms.closed_to_arrival.contains(arrival.weekday()) {
            return Err(StayRefusal::ClosedToArrival(arrival));
        }
        if terms.closed_to_departure.contains(departure.weekday()) {
            return Err(StayRefusal::ClosedToDeparture(departure));
        }
        match (terms.least, terms.most) {
            (Some(least), _) if nights < least.get() && !stay.is_day_use() => {
                Err(StayRefusal::TooShort(least))
            }
            (_, Some(most)) if nights > most.get() => Err(StayRefusal::TooLong(most)),
            (_, _) => Ok(()),
        }
    }

    /// What is asked of those who arrive on a day.
    pub fn on(&self, arrival: NaiveDate) -> StayTerms {
        let first = self.periods.partition_point(|period| period.days.end() <= arrival);
        let period = self.periods.get(first).filter(|period| period.days.contains(arrival));
        period.map_or(self.usual, |period| period.instead_of(self.usual))
    }

    /// The first of some days that is closed.
    pub fn first_closed(&self, days: DayRange) -> Option<NaiveDate> {
        let first = self.periods.partition_point(|period| period.days.end() <= days.first());
        let mut touched = self.periods[first..].iter().take_while(|p| p.days.first() < days.end());
        touched.find(|period| period.closed).map(|period| period.days.first().max(days.first()))
    }

    /// About how many bytes they take beyond their own size.
    pub(super) fn weight(&self) -> usize {
        size_of_val(&*self.periods)
    }
}

impl StayTerms {
    /// The fewest and the most nights, if no number of nights is between them.
    fn contradiction(&self) -> Option<(NightCount, NightCount)> {
        self.least.zip(self.most).filter(|(least, most)| most < least)
    }
}

impl StayPeriod {
    fn instead_of(&self, usual: StayTerms) -> StayTerms {
        StayTerms {
            least: self.least.or(usual.least),
            most: self.most.or(usual.most),
            closed_to_arrival: self.closed_to_arrival.unwrap_or(usual.closed_to_arrival),
            closed_to_departure: self.closed_to_departure.unwrap_or(usual.closed_to_departure),
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename = "StayRules")]
struct Raw {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    least: Option<NightCount>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    most: Option<NightCount>,
    #[serde(default, skip_serializing_if = "Weekdays::is_empty")]
    closed_to_arrival: Weekdays,
    #[serde(default, skip_serializing_if = "Weekdays::is_empty")]
    closed_to_departure: Weekdays,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    periods: Vec<StayPeriod>,
}

impl TryFrom<Raw> for StayRules {
    type Error = StayRulesError;

    fn try_from(raw: Raw) -> Result<Self, StayRulesError> {
        let Raw { least, most, closed_to_arrival, closed_to_departure, periods } = raw;
        let usual = StayTerms { least, most, closed_to_arrival, closed_to_departure };
        Self::try_new(usual, periods)
    }
}

impl From<StayRules> for Raw {
    fn from(StayRules { usual, periods }: StayRules) -> Self {
        let StayTerms { least, most, closed_to_arrival, closed_to_departure } = usual;
        Self { least, most, closed_to_arrival, closed_to_departure, periods }
    }
}
