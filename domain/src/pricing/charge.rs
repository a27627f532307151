//! How the total of a line came about.

use serde::{Deserialize, Serialize};

use super::tax::taxes_at;
use super::{Effect, Guests, Minor, Percent, Rate, Rule, Shift};
use crate::values::{Code, DayRange, Money, MoneyError, VoucherCode};

/// What a line costs and why, so that a person can check it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// What it costs by its tariff less any discount, with the taxes that prices include and without those that are
    /// added.
    pub amount: Money,
    /// Who comes, if the line said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guests: Option<Guests>,
    /// What the amount is made of; nothing where no tariff had a say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// What a voucher took off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<Discount>,
    /// The taxes, of what is left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<TaxCharge>,
}

/// Nights, hours or places that cost the same for the same reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The nights, if it is for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<DayRange>,
    /// The category of guests it is for, if only for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest: Option<Code>,
    /// How many nights, minutes or places.
    pub units: u64,
    /// What one costs (an hour, where minutes are counted) before any rule.
    pub base: Money,
    /// Which part of it the category pays, if not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Rate>,
    /// The rules that held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Applied>,
    /// What all of it costs. The parts add up to the amount of the line and what a voucher took off.
    pub amount: Money,
}

/// A rule that held, with what it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The code of the rule.
    pub rule: Code,
    /// The price it set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<Minor>,
    /// The basis points it added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<Percent>,
    /// The minor units it added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Shift>,
}

/// What a voucher takes off a line, before taxes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discount {
    /// The code of the voucher.
    pub voucher: VoucherCode,
    /// How much.
    pub amount: Money,
}

/// A tax of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxCharge {
    /// The code of the tax.
    pub code: Code,
    /// Its rate, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Whether the price includes it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub included: bool,
    /// How much it is.
    pub amount: Money,
}

impl Applied {
    pub(super) fn of(rule: &Rule) -> Self {
        let mut applied = Self { rule: rule.code.clone(), set: None, percent: None, amount: None };
        match rule.effect {
            Effect::Set(minor) => applied.set = Some(minor),
            Effect::Percent(points) => applied.percent = Some(points),
            Effect::Amount(shift) => applied.amount = Some(shift),
        }
        applied
    }
}

impl Charge {
    /// A price of which there is nothing more to say.
    pub(crate) fn plain(amount: Money) -> Self {
        Self { amount, guests: None, parts: Vec::new(), discount: None, taxes: Vec::new() }
    }

    /// What it costs with the taxes that are added.
    pub fn total(&self) -> Result<Money, MoneyError> {
        let mut added = self.taxes.iter().filter(|tax| !tax.included);
        added.try_fold(self.amount, |sum, tax| sum.try_add(tax.amount))
    }

    /// Cuts off what so many of its units cost: that, and what is left. The two add up to it. None, if it cannot be told
    /// whose units they are.
    pub fn cut(&self, part: u32, whole: u32) -> Result<Option<(Self, Self)>, MoneyError> {
        let guests = match &self.guests {
            None => None,
            Some(guests) => match guests.cut(part) {
                None => return Ok(None),
                cut => cut,
            },
        };
        let (gone_guests, kept_guests) = guests.unzip();
        let share = |amount: Money| {
            let gone = amount.try_share(part.into(), whole.into())?;
            Ok::<_, MoneyError>((gone, amount.try_sub(gone)?))
        };
        let empty = |guests| Self {
            amount: Money::zero(self.amount.currency()),
            guests,
            parts: Vec::new(),
            discount: None,
            taxes: Vec::new(),
        };
        let (mut gone, mut kept) = (empty(gone_guests), empty(kept_guests));
        (gone.amount, kept.amount) = share(self.amount)?;
        if let Some(discount) = &self.discount {
            let (less, rest) = share(discount.amount)?;
            gone.discount = Some(Discount { amount: less, ..discount.clone() });
            kept.discount = Some(Discount { amount: rest, ..discount.clone() });
        }
        for of in &self.parts {
            let units = of.units * u64::from(part) / u64::from(whole.max(1));
            let (less, rest) = share(of.amount)?;
            gone.parts.push(Part { units, amount: less, ..of.clone() });
            kept.parts.push(Part { units: of.units - units, amount: rest, ..of.clone() });
        }
        for tax in &self.taxes {
            let (less, rest) = share(tax.amount)?;
            gone.taxes.push(TaxCharge { amount: less, ..tax.clone() });
            kept.taxes.push(TaxCharge { amount: rest, ..tax.clone() });
        }
        Ok(Some((gone, kept)))
    }

    /// The same with something taken off, never more than it costs; its taxes are those of what is left.
    pub fn less(self, discount: Discount) -> Result<Self, MoneyError> {
        let amount = self.amount.try_sub(discount.amount)?;
        Ok(Self { discount: Some(discount), ..self.at(amount)? })
    }

    /// The same at another amount; taxes by a rate are counted anew.
    pub(crate) fn at(self, amount: Money) -> Result<Self, MoneyError> {
        let taxes = taxes_at(self.taxes, amount)?;
        Ok(Self { amount, taxes, ..self })
    }

    /// Whether it says more than its amount.
    pub fn is_telling(&self) -> bool {
        self.guests.is_some()
            || !self.parts.is_empty()
            || !self.taxes.is_empty()
            || self.discount.is_some()
    }

    /// About how many bytes it takes.
    pub(crate) fn weight(&self) -> usize {
        let rules = |part: &Part| part.rules.len() * (size_of::<Applied>() + Code::MAX);
        size_of::<Self>()
            + self.guests.as_ref().map_or(0, Guests::weight)
            + self
                .parts
                .iter()
                .map(|part| size_of::<Part>() + Code::MAX + rules(part))
                .sum::<usize>()
            + self.discount.as_ref().map_or(0, |_| VoucherCode::MAX)
            + self.taxes.len() * (size_of::<TaxCharge>() + Code::MAX)
    }
}
