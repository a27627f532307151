//! What a booking costs, broken down.

use std::collections::BTreeMap;

use super::{Line, Lines};
use crate::pricing::Discount;
use crate::values::{Code, Money, MoneyError, VoucherCode};

/// What all lines cost together, and which taxes are in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// What they cost without any tax.
    pub net: Money,
    /// The taxes of all lines, in the order of their codes.
    pub taxes: Vec<TaxSum>,
    /// What vouchers took off all lines, before taxes; it is in none of the other sums.
    pub discounts: Vec<Discount>,
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
        let mut off = BTreeMap::new();
        for discount in lines.as_slice().iter().filter_map(Line::discount) {
            let sum = off.entry(&discount.voucher).or_insert(nothing);
            *sum = sum.try_add(discount.amount)?;
        }
        let discount = |(voucher, amount): (&VoucherCode, Money)| Discount {
            voucher: voucher.clone(),
            amount,
        };
        let discounts = off.into_iter().map(discount).collect();
        Ok(Self { net, taxes, discounts, total: lines.total() })
    }
}
