//! What a booking costs, broken down.

use std::collections::BTreeMap;

use super::Lines;
use crate::values::{Code, Money, MoneyError};

/// What all lines cost together, and which taxes are in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// What they cost without any tax.
    pub net: Money,
    /// The taxes of all lines, in the order of their codes.
    pub taxes: Vec<TaxSum>,
    /// What is to be paid.
    pub total: Money,
}

/// One tax of all lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxSum {
    /// The code of the tax.
    pub code: Code,
    /// Whether prices include it.
    pub included: bool,
    /// How much it is.
    pub amount: Money,
}

impl Bill {
    /// The bill of lines.
    pub fn of(lines: &Lines) -> Result<Self, MoneyError> {
        let nothing = Money::zero(lines.total().currency());
        let (mut net, mut sums) = (lines.total(), BTreeMap::new());
        for tax in lines.as_slice().iter().filter_map(|line| line.charge()).flat_map(|c| &c.taxes) {
            net = net.try_sub(tax.amount)?;
            let sum = sums.entry((&tax.code, tax.included)).or_insert(nothing);
            *sum = sum.try_add(tax.amount)?;
        }
        let sum = |((code, included), amount): ((&Code, bool), Money)| TaxSum {
            code: code.clone(),
            included,
            amount,
        };
        let taxes = sums.into_iter().map(sum).collect();
        Ok(Self { net, taxes, total: lines.total() })
    }
}
