//! What is invoiced, exact for each tax.

use serde::{Deserialize, Serialize};

use crate::booking::Line;
use crate::pricing::Rate;
use crate::values::{Code, Money, MoneyError};

/// A net amount and the taxes on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amounts {
    /// Without any tax.
    pub net: Money,
    /// The taxes, each code, rate and kind once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<TaxAmount>,
    /// With all taxes.
    pub total: Money,
}

/// How much of one tax.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxAmount {
    /// The code of the tax.
    pub code: Code,
    /// Its rate, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Whether the price included it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub included: bool,
    /// How much it is.
    pub amount: Money,
}

impl TaxAmount {
    /// What tells one tax from another.
    fn kind(&self) -> (&Code, Option<Rate>, bool) {
        (&self.code, self.rate, self.included)
    }
}

impl Amounts {
    /// An amount on which there is no tax.
    pub fn untaxed(net: Money) -> Self {
        Self { net, taxes: Vec::new(), total: net }
    }

    /// What a line of a booking costs.
    pub(super) fn of(line: &Line) -> Result<Self, MoneyError> {
        let mut amounts = Self::untaxed(line.total());
        for tax in line.charge().iter().flat_map(|charge| &charge.taxes) {
            amounts.net = amounts.net.try_sub(tax.amount)?;
            amounts.add_tax(&TaxAmount {
                code: tax.code.clone(),
                rate: tax.rate,
                included: tax.included,
                amount: tax.amount,
            })?;
        }
        Ok(amounts)
    }

    /// Whether it is no money at all.
    pub fn is_zero(&self) -> bool {
        self.total.is_zero()
    }

    /// The sum, tax by tax.
    pub fn try_add(&self, other: &Self) -> Result<Self, MoneyError> {
        let mut sum = self.clone();
        sum.net = sum.net.try_add(other.net)?;
        sum.total = sum.total.try_add(other.total)?;
        for tax in &other.taxes {
            sum.add_tax(tax)?;
        }
        Ok(sum)
    }

    /// The difference, tax by tax, if nothing of it would be negative.
    pub fn try_sub(&self, other: &Self) -> Result<Self, MoneyError> {
        let mut left = self.clone();
        left.net = left.net.try_sub(other.net)?;
        left.total = left.total.try_sub(other.total)?;
        for tax in &other.taxes {
            match left.taxes.iter_mut().find(|own| own.kind() == tax.kind()) {
                Some(own) => own.amount = own.amount.try_sub(tax.amount)?,
                None if tax.amount.is_zero() => {}
                None => return Err(MoneyError::Negative),
            }
        }
        left.taxes.retain(|tax| !tax.amount.is_zero());
        Ok(left)
    }

    /// Whether it is the same money, whatever is named that is none.
    pub fn equals(&self, other: &Self) -> bool {
        self.try_sub(other).is_ok_and(|left| left.is_nothing())
    }

    /// Whether neither net amount nor any tax is left.
    fn is_nothing(&self) -> bool {
        self.net.is_zero() && self.total.is_zero() && self.taxes.is_empty()
    }

    fn add_tax(&mut self, tax: &TaxAmount) -> Result<(), MoneyError> {
        match self.taxes.iter_mut().find(|own| own.kind() == tax.kind()) {
            Some(own) => own.amount = own.amount.try_add(tax.amount)?,
            None => self.taxes.push(tax.clone()),
        }
        Ok(())
    }
}
