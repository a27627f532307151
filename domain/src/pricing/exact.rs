//! Amounts that are rounded only at the end.

use crate::values::{Currency, Money, MoneyError};

/// An exact amount, never negative: so many parts of a minor unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Exact(i128);

impl Exact {
    pub(super) const ZERO: Self = Self(0);

    /// So many parts; less than nothing is nothing.
    pub(super) fn new(parts: i128) -> Self {
        Self(parts.max(0))
    }

    pub(super) fn try_add(self, other: Self) -> Result<Self, MoneyError> {
        self.0.checked_add(other.0).map(Self).ok_or(MoneyError::Overflow)
    }

    pub(super) fn try_mul(self, times: u64) -> Result<Self, MoneyError> {
        self.0.checked_mul(times.into()).map(Self).ok_or(MoneyError::Overflow)
    }

    /// In whole minor units of so many parts each, half of one rounded up.
    pub(super) fn rounded(self, parts: i128, currency: Currency) -> Result<Money, MoneyError> {
        let (whole, rest) = (self.0 / parts, self.0 % parts);
        let minor = whole + i128::from(rest >= parts - rest);
        let minor = u64::try_from(minor).map_err(|_| MoneyError::Overflow)?;
        Money::try_new(minor, currency)
    }
}
