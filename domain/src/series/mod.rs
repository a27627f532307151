//! Series: bookings that recur by a rule of RFC 5545 on the wall clock of a zone.
//!
//! A weekly 09:00 class stays at 09:00 when clocks are changed. As the RFC says, a date that a month
//! lacks and a time that clocks skip are left out and do not count; a time shown twice means the
//! first showing. Each occurrence is known by its **original local start**, whatever becomes of it.
//!
//! What is booked, and stored, are the occurrences: zones change their rules. What becomes of each
//! of them is told by [`booked`].

pub mod booked;
mod rule;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeSet;

use chrono::{NaiveDateTime, TimeDelta, Timelike};
use serde::{Deserialize, Serialize};

pub use rule::{Rule, RuleError};
pub use text::{SeriesText, SeriesTextError};

use crate::values::{FIRST_DAY, LAST_DAY, Length, TimeRange, Timestamp, Zone};

/// A first booking and the rule by which it recurs, with all dates that this gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "SeriesPlan", into = "SeriesPlan")]
pub struct Series {
    plan: SeriesPlan,
    occurrences: Vec<Occurrence>,
}

/// What a series is made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesPlan {
    /// Where the wall clock hangs.
    pub zone: Zone,
    /// What the wall clock shows when the first one starts; one of the dates the rule gives.
    pub start: NaiveDateTime,
    /// How long each of them lasts, however clocks are changed meanwhile.
    pub duration: Length,
    /// How they recur.
    pub rule: Rule,
    /// Dates of the rule that are left out (EXDATE), by their local start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<NaiveDateTime>,
    /// Dates besides those of the rule (RDATE), by their local start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<NaiveDateTime>,
}

/// One date of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Occurrence {
    /// What the wall clock shows at its start by the plan: its name within the series.
    pub original: NaiveDateTime,
    /// When it takes place.
    pub time: TimeRange,
}

/// Which occurrences a change concerns; they are named by their original local start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// This one.
    One(NaiveDateTime),
    /// This one and all after it.
    Following(NaiveDateTime),
    /// All of them.
    All,
}

/// Why a plan makes no series.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeriesError {
    /// The rule cannot be followed.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// There are more dates than a series may have.
    #[error("a series has at most {} dates", Series::MAX_DATES)]
    TooMany,
    /// A date lies outside the years the engine keeps.
    #[error("a series stays between {FIRST_DAY} and {LAST_DAY}")]
    OutOfBounds,
    /// A local start has a fraction of a second.
    #[error("{0} is not a whole second")]
    Fraction(NaiveDateTime),
    /// The first start is not a date of the rule.
    #[error("the series is to start at {start}, but by its rule the first start is {first}")]
    StartNotOnRule {
        /// The start asked for.
        start: NaiveDateTime,
        /// The first date of the rule that is not before it.
        first: NaiveDateTime,
    },
    /// A date that is to be left out is not a date of the series.
    #[error("{0} cannot be left out, since the rule does not give it")]
    NotOnRule(NaiveDateTime),
    /// Clocks skip the start of a date that is added to the rule's.
    #[error("{0} cannot be added, since clocks skip it")]
    Skipped(NaiveDateTime),
    /// Nothing is left.
    #[error("the series has no dates")]
    Empty,
}

/// The series has no occurrence with this original local start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the series has no date {0}")]
pub struct NoSuchOccurrence(pub NaiveDateTime);

impl Series {
    /// The most dates of one series, those left out included.
    pub const MAX_DATES: usize = 1_000;

    /// Counts off the dates of a plan, at most one more than there may be.
    pub fn try_new(plan: SeriesPlan) -> Result<Self, SeriesError> {
        plan.check_written()?;
        let ruled = plan.dates_of_rule()?;
        let mut dates = plan.without_exceptions(ruled)?;
        for also in &plan.also {
            let at = plan.zone.shown_at(*also).ok_or(SeriesError::Skipped(*also))?;
            dates.push((*also, Some(at)));
        }
        dates.sort_unstable();
        dates.dedup();
        let shown = dates.into_iter().filter_map(|(original, at)| Some((original, at?)));
        let occurrences: Vec<Occurrence> =
            shown.map(|(original, at)| plan.occurrence(original, at)).collect();
        match occurrences.len() {
            0 => Err(SeriesError::Empty),
            count if count > Self::MAX_DATES => Err(SeriesError::TooMany),
            _ => Ok(Self { plan, occurrences }),
        }
    }

    /// What it is made from.
    pub fn plan(&self) -> &SeriesPlan {
        &self.plan
    }

    /// All occurrences in order: at least one, at most [`Series::MAX_DATES`].
    pub fn occurrences(&self) -> &[Occurrence] {
        &self.occurrences
    }

    /// The occurrences that a change concerns, in order.
    pub fn concerned(&self, scope: Scope) -> Result<&[Occurrence], NoSuchOccurrence> {
        let index = |original: NaiveDateTime| {
            let found = self.occurrences.binary_search_by_key(&original, |o| o.original);
            found.map_err(|_| NoSuchOccurrence(original))
        };
        Ok(match scope {
            Scope::One(original) => {
                let index = index(original)?;
                &self.occurrences[index..=index]
            }
            Scope::Following(original) => &self.occurrences[index(original)?..],
            Scope::All => &self.occurrences,
        })
    }
}

/// A date of a rule, and its instant unless clocks skip it.
type Date = (NaiveDateTime, Option<Timestamp>);

impl SeriesPlan {
    /// Refuses what no calendar has, before anything is counted.
    fn check_written(&self) -> Result<(), SeriesError> {
        if self.except.len() > Series::MAX_DATES || self.also.len() > Series::MAX_DATES {
            return Err(SeriesError::TooMany);
        }
        for wall in [&self.start].into_iter().chain(&self.except).chain(&self.also) {
            if !(FIRST_DAY..=LAST_DAY).contains(&wall.date()) {
                return Err(SeriesError::OutOfBounds);
            }
            if wall.nanosecond() > 0 {
                return Err(SeriesError::Fraction(*wall));
            }
        }
        Ok(())
    }

    /// The dates up to the rule's end, in order. Those that clocks skip are among them, so that
    /// they can be named, but are not counted.
    fn dates_of_rule(&self) -> Result<Vec<Date>, SeriesError> {
        let mut walls = self.rule.dates_from(self.start)?.peekable();
        match walls.peek() {
            Some(first) if *first == self.start => (),
            Some(first) => {
                return Err(SeriesError::StartNotOnRule { start: self.start, first: *first });
            }
            None => return Err(SeriesError::Empty),
        }
        let most = self.rule.count().unwrap_or(usize::MAX);
        let (mut dates, mut counted) = (Vec::new(), 0);
        for wall in walls {
            if counted == most {
                return Ok(dates);
            }
            if !self.rule.includes(wall, self.zone.instant(wall.date(), wall.time())) {
                return Ok(dates);
            }
            if dates.len() == Series::MAX_DATES {
                return Err(SeriesError::TooMany);
            }
            let at = self.zone.shown_at(wall);
            counted += usize::from(at.is_some());
            dates.push((wall, at));
        }
        // the days the engine keeps came to their end before the rule did
        if counted == most { Ok(dates) } else { Err(SeriesError::OutOfBounds) }
    }

    fn without_exceptions(&self, mut dates: Vec<Date>) -> Result<Vec<Date>, SeriesError> {
        let except: BTreeSet<NaiveDateTime> = self.except.iter().copied().collect();
        let given: BTreeSet<NaiveDateTime> = dates.iter().map(|(wall, _)| *wall).collect();
        if let Some(unknown) = except.difference(&given).next() {
            return Err(SeriesError::NotOnRule(*unknown));
        }
        dates.retain(|(wall, _)| !except.contains(wall));
        Ok(dates)
    }

    fn occurrence(&self, original: NaiveDateTime, start: Timestamp) -> Occurrence {
        let end = start + TimeDelta::minutes(i64::from(self.duration.get()));
        let time = TimeRange::try_new(start, end).expect("a length is at least a minute");
        Occurrence { original, time }
    }
}

impl TryFrom<SeriesPlan> for Series {
    type Error = SeriesError;

    fn try_from(plan: SeriesPlan) -> Result<Self, Self::Error> {
        Self::try_new(plan)
    }
}

impl From<Series> for SeriesPlan {
    fn from(series: Series) -> Self {
        series.plan
    }
}
