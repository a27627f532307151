//! One rule of a tariff: when it holds, and what it does to a price.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{Minor, Percent, Shift};
use crate::values::{Code, DayRange, Weekdays};

/// A rule of a tariff. All conditions that it has must hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Raw", into = "Raw")]
pub struct Rule {
    /// What the rule is known by in a bill.
    pub code: Code,
    /// On which days: of the night, or on which it begins, where the listing is.
    pub dates: Option<DayRange>,
    /// On which days of the week; none means any.
    pub weekdays: Weekdays,
    /// For how long: nights of a stay, minutes of anything else.
    pub length: Option<Between>,
    /// For how many people.
    pub party: Option<Between>,
    /// How many days before the first day it is booked, counted where the listing is.
    pub booked_days_before: Option<Between>,
    /// For which category of guests.
    pub guest: Option<Code>,
    /// What it does.
    pub effect: Effect,
}

/// What a rule does to the price of one: of a night, of an hour, or of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It replaces the price; of several, the first does.
    Set(Minor),
    /// It raises or lowers the price in proportion; several are added up.
    Percent(Percent),
    /// It raises or lowers the price by an amount, once the proportions are done.
    Amount(Shift),
}

/// Bounds of a number, both inclusive; at least one is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawBetween")]
pub struct Between {
    #[serde(skip_serializing_if = "Option::is_none")]
    least: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    most: Option<u32>,
}

/// Why there is no number within bounds, or any is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BetweenError {
    /// Neither bound is given.
    #[error("give `least`, `most` or both")]
    Unbounded,
    /// Nothing lies between them.
    #[error("nothing is at least {least} and at most {most}")]
    Empty {
        /// The lower bound.
        least: u32,
        /// The upper bound.
        most: u32,
    },
}

/// Why a rule cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// It does nothing, or several things.
    #[error("give one of `set`, `percent` and `amount`")]
    NotOneEffect,
    /// Another rule has the same code.
    #[error("another rule has the code `{0}`")]
    Repeated(Code),
}

impl Between {
    /// The bounds.
    pub fn try_new(least: Option<u32>, most: Option<u32>) -> Result<Self, BetweenError> {
        match (least, most) {
            (None, None) => Err(BetweenError::Unbounded),
            (Some(least), Some(most)) if least > most => Err(BetweenError::Empty { least, most }),
            (_, _) => Ok(Self { least, most }),
        }
    }

    fn holds(self, number: i64) -> bool {
        self.least.is_none_or(|least| i64::from(least) <= number)
            && self.most.is_none_or(|most| number <= i64::from(most))
    }
}

/// What conditions look at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) day: NaiveDate,
    pub(super) length: u32,
    pub(super) party: u32,
    pub(super) days_before: i64,
}

impl Rule {
    /// Whether it holds, its category of guests apart.
    pub(super) fn holds(&self, moment: &Moment) -> bool {
        let within =
            |bounds: Option<Between>, number: i64| bounds.is_none_or(|bounds| bounds.holds(number));
        self.dates.is_none_or(|dates| dates.contains(moment.day))
            && (self.weekdays.is_empty() || self.weekdays.contains(moment.day.weekday()))
            && within(self.length, moment.length.into())
            && within(self.party, moment.party.into())
            && within(self.booked_days_before, moment.days_before)
    }

    pub(super) fn fits(before: &[Self], next: &Self) -> Result<(), RuleError> {
        if before.iter().any(|rule| rule.code == next.code) {
            return Err(RuleError::Repeated(next.code.clone()));
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "Between")]
struct RawBetween {
    #[serde(default)]
    least: Option<u32>,
    #[serde(default)]
    most: Option<u32>,
}

impl TryFrom<RawBetween> for Between {
    type Error = BetweenError;

    fn try_from(RawBetween { least, most }: RawBetween) -> Result<Self, Self::Error> {
        Self::try_new(least, most)
    }
}

/// A rule as it is written: its effect under one of three names.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename = "Rule")]
struct Raw {
    code: Code,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dates: Option<DayRange>,
    #[serde(default, skip_serializing_if = "Weekdays::is_empty")]
    weekdays: Weekdays,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    length: Option<Between>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    party: Option<Between>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    booked_days_before: Option<Between>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    guest: Option<Code>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    set: Option<Minor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    percent: Option<Percent>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount: Option<Shift>,
}

impl TryFrom<Raw> for Rule {
    type Error = RuleError;

    fn try_from(raw: Raw) -> Result<Self, Self::Error> {
        let effect = match (raw.set, raw.percent, raw.amount) {
            (Some(set), None, None) => Effect::Set(set),
            (None, Some(percent), None) => Effect::Percent(percent),
            (None, None, Some(amount)) => Effect::Amount(amount),
            (_, _, _) => return Err(RuleError::NotOneEffect),
        };
        Ok(Self {
            code: raw.code,
            dates: raw.dates,
            weekdays: raw.weekdays,
            length: raw.length,
            party: raw.party,
            booked_days_before: raw.booked_days_before,
            guest: raw.guest,
            effect,
        })
    }
}

impl From<Rule> for Raw {
    fn from(rule: Rule) -> Self {
        let (mut set, mut percent, mut amount) = (None, None, None);
        match rule.effect {
            Effect::Set(minor) => set = Some(minor),
            Effect::Percent(points) => percent = Some(points),
            Effect::Amount(shift) => amount = Some(shift),
        }
        Self {
            code: rule.code,
            dates: rule.dates,
            weekdays: rule.weekdays,
            length: rule.length,
            party: rule.party,
            booked_days_before: rule.booked_days_before,
            guest: rule.guest,
            set,
            percent,
            amount,
        }
    }
}
