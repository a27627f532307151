//! Taxes: shown out of a price that includes them, or added to it.

use serde::{Deserialize, Serialize};

use super::list::checked_list;
use super::{Item, Minor, PricingError, Rate, TaxCharge, When};
use crate::values::{Code, LocalizedText, Money, MoneyError};

/// A tax on what a listing sells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Raw", into = "Raw")]
pub struct Tax {
    /// What it is known by in a bill.
    pub code: Code,
    /// What it is called.
    pub name: LocalizedText,
    /// What it is counted from.
    pub basis: TaxBasis,
    /// Whether prices include it.
    pub included: bool,
}

/// What a tax is counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaxBasis {
    /// From the price without taxes.
    Rate(Rate),
    /// So much for each night of each one that is booked.
    PerNight(Minor),
    /// So much for each person and night.
    PerPersonNight(Minor),
}

/// Why a tax cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TaxError {
    /// It is counted from nothing, or from several things.
    #[error("give one of `rate`, `per_night` and `per_person_night`")]
    NotOneBasis,
    /// Another tax has the same code.
    #[error("another tax has the code `{0}`")]
    Repeated(Code),
}

/// The taxes of a listing: up to 10.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Taxes(#[serde(deserialize_with = "taxes")] Vec<Tax>);

fn taxes<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Tax>, D::Error> {
    checked_list(deserializer, Taxes::MAX, Tax::fits)
}

impl Tax {
    fn fits(before: &[Self], next: &Self) -> Result<(), TaxError> {
        if before.iter().any(|tax| tax.code == next.code) {
            return Err(TaxError::Repeated(next.code.clone()));
        }
        Ok(())
    }

    /// How much it is, if it is not a part of the price; none where it does not apply.
    fn fixed(&self, item: &Item<'_>) -> Result<Option<u64>, PricingError> {
        let When::Nights(stay) = item.when else { return Ok(None) };
        let nights = u64::from(stay.nights());
        let (minor, times) = match self.basis {
            TaxBasis::Rate(_) => return Ok(None),
            TaxBasis::PerNight(minor) => (minor, u64::from(item.quantity.get())),
            TaxBasis::PerPersonNight(minor) => {
                (minor, item.sleepers()?.values().copied().map(u64::from).sum())
            }
        };
        let fixed = minor.get().checked_mul(nights * times).ok_or(MoneyError::Overflow)?;
        Ok(Some(fixed))
    }

    fn rate(&self) -> Option<Rate> {
        match self.basis {
            TaxBasis::Rate(rate) => Some(rate),
            TaxBasis::PerNight(_) | TaxBasis::PerPersonNight(_) => None,
        }
    }
}

impl Taxes {
    /// The most taxes.
    pub const MAX: usize = 10;

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// About how many bytes they take.
    pub(crate) fn weight(&self) -> usize {
        let names = self.0.iter().map(|tax| tax.name.weight());
        self.0.len() * (size_of::<Tax>() + Code::MAX) + names.sum::<usize>()
    }

    /// The taxes that are a part of a price, and apply to whatever is sold: of nothing so far.
    pub fn by_rate(&self, nothing: Money) -> Vec<TaxCharge> {
        let rated = self.0.iter().filter_map(|tax| Some((tax, tax.rate()?)));
        let charge = |(tax, rate): (&Tax, Rate)| TaxCharge {
            code: tax.code.clone(),
            rate: Some(rate),
            included: tax.included,
            amount: nothing,
        };
        rated.map(charge).collect()
    }

    /// The taxes of an item at its price. Those that are included are shown out of it and are never more than it;
    /// the others are counted from what is left.
    pub(super) fn of(
        &self,
        amount: Money,
        item: &Item<'_>,
    ) -> Result<Vec<TaxCharge>, PricingError> {
        let mut fixed = Vec::with_capacity(self.0.len());
        for tax in &self.0 {
            fixed.push(tax.fixed(item)?);
        }
        let owed = self.0.iter().zip(fixed).filter_map(|(tax, fixed)| {
            let Tax { code, included, .. } = tax;
            let basis = tax.rate().map(Owed::Rate).or(fixed.map(Owed::Fixed))?;
            Some((code.clone(), *included, basis))
        });
        of_owed(amount, &owed.collect::<Vec<_>>()).map_err(PricingError::Money)
    }
}

/// What is owed of a price: a part of it, or so much whatever it is.
#[derive(Clone, Copy)]
enum Owed {
    Rate(Rate),
    Fixed(u64),
}

/// The taxes of a price. Those that are included are shown out of it and are never more than it; the others are counted
/// from what is left.
fn of_owed(amount: Money, all: &[(Code, bool, Owed)]) -> Result<Vec<TaxCharge>, MoneyError> {
    let currency = amount.currency();
    let within = |wanted: bool| all.iter().filter(move |(_, included, _)| *included == wanted);
    let (mut fixed, mut rates) = (0_u64, 0_u64);
    for (_, _, owed) in within(true) {
        match owed {
            Owed::Fixed(minor) => fixed = fixed.saturating_add(*minor),
            Owed::Rate(rate) => rates += u64::from(rate.get()),
        }
    }
    let rated = Money::try_new(amount.minor() - fixed.min(amount.minor()), currency)?;
    let charge = |(code, included, owed): &(Code, bool, Owed), amount| {
        let rate = if let Owed::Rate(rate) = owed { Some(*rate) } else { None };
        TaxCharge { code: code.clone(), rate, included: *included, amount }
    };
    let (mut left, mut charges) = (amount, Vec::with_capacity(all.len()));
    for tax in within(true) {
        let owed = match tax.2 {
            Owed::Rate(rate) => rated.try_share(rate.get().into(), 10_000 + rates)?,
            Owed::Fixed(fixed) => Money::try_new(fixed, currency)?,
        };
        let shown = Money::try_new(owed.minor().min(left.minor()), currency)?;
        left = left.try_sub(shown)?;
        charges.push(charge(tax, shown));
    }
    for tax in within(false) {
        let added = match tax.2 {
            Owed::Rate(rate) => rate.of(left)?,
            Owed::Fixed(fixed) => Money::try_new(fixed, currency)?,
        };
        charges.push(charge(tax, added));
    }
    Ok(charges)
}

/// The same taxes of another price: rates are counted anew, and what is fixed stays as it was, but no more of it is shown
/// out of a lower price than the price.
pub(super) fn taxes_at(taxes: Vec<TaxCharge>, amount: Money) -> Result<Vec<TaxCharge>, MoneyError> {
    let owed = taxes.into_iter().map(|tax| {
        let basis = tax.rate.map_or(Owed::Fixed(tax.amount.minor()), Owed::Rate);
        (tax.code, tax.included, basis)
    });
    of_owed(amount, &owed.collect::<Vec<_>>())
}

/// A tax as it is written: its basis under one of three names.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename = "Tax")]
struct Raw {
    code: Code,
    name: LocalizedText,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rate: Option<Rate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    per_night: Option<Minor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    per_person_night: Option<Minor>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    included: bool,
}

impl TryFrom<Raw> for Tax {
    type Error = TaxError;

    fn try_from(raw: Raw) -> Result<Self, Self::Error> {
        let basis = match (raw.rate, raw.per_night, raw.per_person_night) {
            (Some(rate), None, None) => TaxBasis::Rate(rate),
            (None, Some(minor), None) => TaxBasis::PerNight(minor),
            (None, None, Some(minor)) => TaxBasis::PerPersonNight(minor),
            (_, _, _) => return Err(TaxError::NotOneBasis),
        };
        Ok(Self { code: raw.code, name: raw.name, basis, included: raw.included })
    }
}

impl From<Tax> for Raw {
    fn from(Tax { code, name, basis, included }: Tax) -> Self {
        let (mut rate, mut per_night, mut per_person_night) = (None, None, None);
        match basis {
            TaxBasis::Rate(part) => rate = Some(part),
            TaxBasis::PerNight(minor) => per_night = Some(minor),
            TaxBasis::PerPersonNight(minor) => per_person_night = Some(minor),
        }
        Self { code, name, rate, per_night, per_person_night, included }
    }
}
