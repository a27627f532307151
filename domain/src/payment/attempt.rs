//! Attempts to pay, and how a provider knows one step of one from another.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Failure;
use crate::values::{PaymentId, ProviderReference, RefundId};

/// Which attempt to pay: 1, 2, and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32")]
pub struct AttemptNumber(u32);

/// There are no so-manieth attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("attempts are counted from 1 to {max}", max = AttemptNumber::MAX)]
pub struct AttemptNumberError;

impl AttemptNumber {
    /// The first.
    pub const FIRST: Self = Self(1);
    /// The most attempts of one payment, so that nobody tries out stolen cards with it.
    pub const MAX: u32 = 20;

    /// The so-manieth attempt, counted from one.
    pub fn try_new(number: u32) -> Result<Self, AttemptNumberError> {
        if (1..=Self::MAX).contains(&number) { Ok(Self(number)) } else { Err(AttemptNumberError) }
    }

    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }

    /// The one after it, if there may be one.
    pub fn next(self) -> Option<Self> {
        Self::try_new(self.0 + 1).ok()
    }

    /// The one after so many others.
    pub(super) fn after(others: usize) -> Self {
        Self(u32::try_from(others).map_or(Self::MAX, |others| others.saturating_add(1)))
    }

    /// How many there are before it.
    pub(super) fn others(self) -> usize {
        self.0 as usize - 1
    }
}

impl TryFrom<u32> for AttemptNumber {
    type Error = AttemptNumberError;

    fn try_from(number: u32) -> Result<Self, Self::Error> {
        Self::try_new(number)
    }
}

impl fmt::Display for AttemptNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How far an attempt has come. A provider's word for an earlier phase is old news in a later one.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Nothing came of it yet.
    #[default]
    Open,
    /// The provider said no.
    Declined,
    /// Money is promised, and can be taken.
    Authorized,
    /// The promise ran out.
    Expired,
    /// No more can be taken.
    Closed,
}

/// One attempt to pay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// How far it has come.
    pub phase: Phase,
    /// What the provider calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<ProviderReference>,
    /// What the provider calls its promise, if that has a name of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization: Option<ProviderReference>,
    /// Why it did not work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// One thing that a provider is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Let the customer pay.
    Start,
    /// Go on after the customer has approved.
    Resume,
    /// Take money that was promised: for the so-manieth time.
    Capture(u32),
    /// Let go what was promised.
    Void,
    /// Give money back.
    Refund(RefundId),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("start"),
            Self::Resume => f.write_str("resume"),
            Self::Capture(number) => write!(f, "capture-{number}"),
            Self::Void => f.write_str("void"),
            Self::Refund(refund) => write!(f, "refund-{refund}"),
        }
    }
}

/// The key under which a provider is asked to do something, so that asking again does nothing twice: the same for one
/// step of one attempt, and different for any two. At most 108 ASCII characters, which is what PayPal keeps.
pub fn idempotency_key(payment: PaymentId, attempt: AttemptNumber, step: Step) -> String {
    format!("{payment}-{attempt}-{step}")
}
