//! The numbers that terms of sale are made of.

use serde::{Deserialize, Serialize};

use crate::values::{Currency, Money, MoneyError};

/// A number lies outside its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{value} is not between {min} and {max}")]
pub struct OutOfRange {
    value: i64,
    min: i64,
    max: i64,
}

impl OutOfRange {
    /// The number, if it lies within bounds.
    pub(crate) fn check(value: i64, min: i64, max: i64) -> Result<i64, Self> {
        if (min..=max).contains(&value) { Ok(value) } else { Err(Self { value, min, max }) }
    }
}

/// How many basis points are all of something.
pub(super) const WHOLE: i128 = 10_000;

/// A part of something in basis points: 0 to 10,000, which is all of it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "i64")]
pub struct Rate(u32);

impl Rate {
    /// All of it.
    pub const ALL: Self = Self(10_000);

    /// So many basis points.
    pub fn try_new(basis_points: i64) -> Result<Self, OutOfRange> {
        let value = OutOfRange::check(basis_points, 0, 10_000)?;
        Ok(Self(u32::try_from(value).unwrap_or_default()))
    }

    /// The number of basis points.
    pub fn get(self) -> u32 {
        self.0
    }

    /// Whether it is nothing.
    pub fn is_zero(&self) -> bool {
        self.0 == 0
    }

    /// This part of an amount, half a minor unit rounded up.
    pub fn of(self, whole: Money) -> Result<Money, MoneyError> {
        whole.try_share(self.0.into(), 10_000)
    }
}

/// By how much a price rises or falls, in basis points: -10,000, which leaves nothing, to 100,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64")]
pub struct Percent(i32);

impl Percent {
    /// So many basis points.
    pub fn try_new(basis_points: i64) -> Result<Self, OutOfRange> {
        let value = OutOfRange::check(basis_points, -10_000, 100_000)?;
        Ok(Self(i32::try_from(value).unwrap_or_default()))
    }

    /// The number of basis points.
    pub fn get(self) -> i32 {
        self.0
    }
}

/// An amount in the minor unit of a currency that is known from elsewhere.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "u64")]
pub struct Minor(u64);

impl Minor {
    /// So many minor units, up to `i64::MAX`.
    pub fn try_new(minor: u64) -> Result<Self, MoneyError> {
        if i64::try_from(minor).is_err() {
            return Err(MoneyError::Overflow);
        }
        Ok(Self(minor))
    }

    /// The number of minor units.
    pub fn get(self) -> u64 {
        self.0
    }

    /// Whether it is nothing.
    pub fn is_zero(&self) -> bool {
        self.0 == 0
    }

    /// The amount in a currency.
    ///
    /// # Panics
    /// Never: it is no larger than money can be.
    pub fn of(self, currency: Currency) -> Money {
        Money::try_new(self.0, currency).expect("it is at most `i64::MAX`")
    }
}

/// By how many minor units a price rises or falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shift(i64);

impl Shift {
    /// So many minor units, down if negative.
    pub fn new(minor: i64) -> Self {
        Self(minor)
    }

    /// The number of minor units.
    pub fn get(self) -> i64 {
        self.0
    }
}

impl TryFrom<i64> for Rate {
    type Error = OutOfRange;

    fn try_from(value: i64) -> Result<Self, Self::Error> {
        Self::try_new(value)
    }
}

impl TryFrom<i64> for Percent {
    type Error = OutOfRange;

    fn try_from(value: i64) -> Result<Self, Self::Error> {
        Self::try_new(value)
    }
}

impl TryFrom<u64> for Minor {
    type Error = MoneyError;

    fn try_from(value: u64) -> Result<Self, Self::Error> {
        Self::try_new(value)
    }
}
