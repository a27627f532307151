//! Amounts of money.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Currency;

/// An amount in the minor unit of one currency: never negative, never a float.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Raw")]
pub struct Money {
    minor: u64,
    currency: Currency,
}

/// Why two amounts could not be combined, or an amount could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The amounts are in different currencies.
    #[error("amounts in different currencies cannot be combined")]
    Mixed,
    /// The amount does not fit.
    #[error("the amount is too large")]
    Overflow,
    /// The amount would fall below zero.
    #[error("the amount would be negative")]
    Negative,
}

impl Money {
    /// The largest amount: whatever stores it as a signed 64-bit number can hold it.
    const MAX: u64 = i64::MAX as u64;

    /// An amount of `minor` units, up to `i64::MAX`.
    pub fn try_new(minor: u64, currency: Currency) -> Result<Self, MoneyError> {
        if minor > Self::MAX {
            return Err(MoneyError::Overflow);
        }
        Ok(Self { minor, currency })
    }

    /// Nothing, in a currency.
    pub fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// The amount in minor units.
    pub fn minor(self) -> u64 {
        self.minor
    }

    /// The currency.
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// Whether this is nothing.
    pub fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// The sum, in the one currency of both.
    pub fn try_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Self::try_new(minor, self.currency)
    }

    /// The difference, which may not be negative.
    pub fn try_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_sub(other.minor).ok_or(MoneyError::Negative)?;
        Ok(Self { minor, ..self })
    }

    /// The amount taken `times` over.
    pub fn try_mul(self, times: u64) -> Result<Self, MoneyError> {
        let minor = self.minor.checked_mul(times).ok_or(MoneyError::Overflow)?;
        Self::try_new(minor, self.currency)
    }

    /// The amount for `part` of a `whole`, such as 90 minutes of an hour: half a minor unit is rounded up. The part
    /// may be more than the whole; a whole of nothing counts as one.
    pub fn try_share(self, part: u64, whole: u64) -> Result<Self, MoneyError> {
        let whole = u128::from(whole.max(1));
        let doubled = u128::from(self.minor) * u128::from(part) * 2 + whole;
        let minor = u64::try_from(doubled / (whole * 2)).map_err(|_| MoneyError::Overflow)?;
        Self::try_new(minor, self.currency)
    }

    /// The amount cut by weights into shares that add up to it; evenly, if nothing weighs anything.
    ///
    /// # Panics
    /// Never: no share is larger than the amount.
    pub fn split(self, weights: &[u64]) -> Vec<Self> {
        let even = weights.iter().all(|weight| *weight == 0);
        let weigh = |weight: &u64| if even { 1 } else { u128::from(*weight) };
        let whole: u128 = weights.iter().map(weigh).sum();
        let (mut weight, mut so_far) = (0, 0);
        let share = |next: &u64| {
            weight += weigh(next);
            let sum = (u128::from(self.minor) * weight + whole / 2) / whole.max(1);
            let sum = u64::try_from(sum).expect("no share is larger than the amount");
            let share = Self { minor: sum - so_far, ..self };
            so_far = sum;
            share
        };
        weights.iter().map(share).collect()
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency { Ok(()) } else { Err(MoneyError::Mixed) }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { minor, currency } = self;
        let decimals = currency.exponent();
        if decimals == 0 {
            return write!(f, "{minor} {currency}");
        }
        let unit = 10_u64.pow(decimals);
        let width = decimals as usize;
        write!(f, "{}.{:0width$} {currency}", minor / unit, minor % unit)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "Money")]
struct Raw {
    minor: u64,
    currency: Currency,
}

impl TryFrom<Raw> for Money {
    type Error = MoneyError;

    fn try_from(Raw { minor, currency }: Raw) -> Result<Self, Self::Error> {
        Self::try_new(minor, currency)
    }
}
