//! What it costs to call a booking off, frozen into it when it is made.
//!
//! A tier holds until its bound, the bound included; tiers are matched by their bounds, never by the order in which they
//! are written. After the start of what is booked, and after every bound, the last tier holds.

mod bound;
mod fee;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use bound::{Bound, Hours};
pub use fee::{Fee, FeeError, Stake};

use crate::pricing::checked_list;
use crate::values::{Timestamp, Zone};

/// What calling off costs until when: 1 to 20 tiers, the one that ends first being the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Raw")]
pub struct Policy {
    tiers: Vec<Tier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    no_show: Option<Fee>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Tier>,
}

/// What calling off costs until a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Until when; the tier without a bound holds after all others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Bound>,
    /// What it costs.
    #[serde(default)]
    pub fee: Fee,
}

/// Why tiers do not make a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// There is no tier.
    #[error("a policy has at least one tier")]
    Empty,
    /// Nothing is said about the time right before the start.
    #[error(
        "say what it costs until the start: by a tier without `until`, or until 0 days or hours before"
    )]
    Gap,
    /// Two tiers hold until the same bound.
    #[error("another tier holds until the same bound")]
    SameBound,
    /// Which of two tiers ends first depends on the time of day and on changes of clocks.
    #[error(
        "whether it ends before another tier depends on the time of day: give both in days or both in hours"
    )]
    Unordered,
    /// Calling off later would cost less.
    #[error("calling off later would cost less than by another tier")]
    FallsLater,
}

/// The tier that holds at an instant, and its last instant unless it is the last tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding {
    /// What it costs.
    pub fee: Fee,
    /// Until when, that instant included.
    pub until: Option<Timestamp>,
}

/// When what is booked begins, and whose wall clock counts the days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// The instant.
    pub at: Timestamp,
    /// The zone of the listing.
    pub zone: Zone,
}

impl Policy {
    /// The most tiers.
    pub const MAX_TIERS: usize = 20;

    /// The tiers, the one that ends first being the first.
    pub fn tiers(&self) -> &[Tier] {
        &self.tiers
    }

    /// What it costs not to come.
    pub fn no_show(&self) -> Fee {
        self.no_show.unwrap_or(self.last().fee)
    }

    /// Until when something else can be booked instead, and what each such change costs; none, if that is free as long as
    /// anything can be changed.
    pub fn changes(&self) -> Option<Tier> {
        self.changes
    }

    /// Whether a fee of it is the first night.
    pub fn counts_nights(&self) -> bool {
        let tiers = self.tiers.iter().chain(&self.changes);
        let fees = tiers.map(|tier| tier.fee).chain(self.no_show);
        fees.into_iter().any(|fee| fee == Fee::FirstNight)
    }

    /// The tier that holds at an instant.
    pub fn holding(&self, at: Timestamp, start: Start) -> Holding {
        let open = |tier: &&Tier| tier.deadline(start).is_some_and(|until| at <= until);
        match self.tiers.iter().find(open) {
            Some(tier) => Holding { fee: tier.fee, until: tier.deadline(start) },
            None => Holding { fee: self.last().fee, until: None },
        }
    }

    /// The last tier.
    ///
    /// # Panics
    /// Never: a policy has at least one tier.
    fn last(&self) -> &Tier {
        self.tiers.last().expect("a policy has at least one tier")
    }
}

impl Tier {
    /// Its last instant, which is never after the start; none if it has no bound.
    pub fn deadline(&self, start: Start) -> Option<Timestamp> {
        self.until.map(|bound| bound.deadline(start).min(start.at))
    }

    /// Refuses a tier that contradicts one of the others.
    fn fits(others: &[Self], next: &Self) -> Result<(), PolicyError> {
        others.iter().try_for_each(|other| match bound::order(other.until, next.until) {
            Some(std::cmp::Ordering::Equal) => Err(PolicyError::SameBound),
            Some(std::cmp::Ordering::Less) => next.fee.check_at_least(other.fee),
            Some(std::cmp::Ordering::Greater) => other.fee.check_at_least(next.fee),
            None => Err(PolicyError::Unordered),
        })
    }
}

impl Fee {
    fn check_at_least(self, earlier: Self) -> Result<(), PolicyError> {
        if self.is_surely_less_than(earlier) { Err(PolicyError::FallsLater) } else { Ok(()) }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "Policy")]
struct Raw {
    #[serde(deserialize_with = "tiers")]
    tiers: Vec<Tier>,
    #[serde(default)]
    no_show: Option<Fee>,
    #[serde(default)]
    changes: Option<Tier>,
}

fn tiers<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Tier>, D::Error> {
    checked_list(deserializer, Policy::MAX_TIERS, Tier::fits)
}

impl TryFrom<Raw> for Policy {
    type Error = PolicyError;

    fn try_from(Raw { mut tiers, no_show, changes }: Raw) -> Result<Self, Self::Error> {
        tiers.sort_by(|a, b| bound::order(a.until, b.until).expect("tiers that fit have an order"));
        match tiers.last() {
            None => Err(PolicyError::Empty),
            Some(last) if last.until.is_some_and(|bound| !bound.is_start()) => {
                Err(PolicyError::Gap)
            }
            Some(_) => Ok(Self { tiers, no_show, changes }),
        }
    }
}
