//! The rules that turn a base price into what a line costs.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::amounts::WHOLE;
use super::exact::Exact;
use super::list::checked_list;
use super::rule::Moment;
use super::{
    ADULT, Applied, Category, Effect, GuestTerms, Item, Part, PricingError, Rate, Rule, When,
};
use crate::values::{Code, DayRange, Money, MoneyError};

/// Into how many parts a minor unit is cut: a share of a base price may be raised in proportion.
const PARTS: i128 = WHOLE * WHOLE;

/// The rules of a listing's prices: up to 100, and what guests pay by category.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Raw")]
pub struct Tariff {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rules: Vec<Rule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    guests: Option<GuestTerms>,
}

/// Why a tariff cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TariffError {
    /// A rule is for guests that there are none of.
    #[error("the rule `{rule}` is for guests `{guest}`, who are in no category")]
    UnknownGuests {
        /// The rule.
        rule: Code,
        /// The category it names.
        guest: Code,
    },
    /// The price of adults is what the others are parts of.
    #[error("adults pay no part of the price of adults")]
    ShareOfAdults,
    /// There are too many categories.
    #[error("there are at most {} categories of guests", super::Guests::MAX_CATEGORIES)]
    TooManyCategories,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "Tariff")]
struct Raw {
    #[serde(default, deserialize_with = "rules")]
    rules: Vec<Rule>,
    #[serde(default)]
    guests: Option<GuestTerms>,
}

fn rules<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Rule>, D::Error> {
    checked_list(deserializer, Tariff::MAX_RULES, Rule::fits)
}

impl TryFrom<Raw> for Tariff {
    type Error = TariffError;

    fn try_from(Raw { rules, guests }: Raw) -> Result<Self, Self::Error> {
        let known = |guest: &Code| {
            guests.as_ref().is_some_and(|terms| terms.category(guest.as_str()).is_some())
        };
        for rule in &rules {
            if let Some(guest) = rule.guest.as_ref().filter(|guest| !known(guest)) {
                let (rule, guest) = (rule.code.clone(), guest.clone());
                return Err(TariffError::UnknownGuests { rule, guest });
            }
        }
        if let Some(terms) = &guests {
            if terms.categories.len() > super::Guests::MAX_CATEGORIES {
                return Err(TariffError::TooManyCategories);
            }
            if matches!(terms.category(ADULT), Some(Category::Share(_))) {
                return Err(TariffError::ShareOfAdults);
            }
        }
        Ok(Self { rules, guests })
    }
}

/// Whom a price is for.
#[derive(Clone, Copy, Debug)]
enum Whom<'a> {
    /// For a room, whoever comes: rules for a category of guests do not touch it.
    Anybody,
    /// For a guest beyond those included: only rules for that category touch it.
    Extra(&'a Code),
    /// For a person.
    Person(Option<&'a Code>),
}

/// A price before any rule.
#[derive(Clone, Copy, Debug)]
struct Base {
    price: Money,
    share: Rate,
    /// Whether it is the category's own, so that a rule for everybody does not replace it.
    own: bool,
}

impl Tariff {
    /// The most rules.
    pub const MAX_RULES: usize = 100;

    /// What guests pay by category, if that matters.
    pub fn guests(&self) -> Option<&GuestTerms> {
        self.guests.as_ref()
    }

    /// About how many bytes it takes.
    pub(crate) fn weight(&self) -> usize {
        self.rules.len() * (size_of::<Rule>() + 2 * Code::MAX)
            + self.guests.as_ref().map_or(0, GuestTerms::weight)
    }

    /// What an item costs, rounded once, and the parts that it adds up from.
    pub(super) fn price(&self, item: &Item<'_>) -> Result<(Money, Vec<Part>), PricingError> {
        let mut sum = Sum::new(item);
        match item.when {
            When::Nights(stay) => {
                for day in stay.days().iter() {
                    self.night(item, day, &mut sum)?;
                }
            }
            When::Hours { on, .. } | When::Once { on, .. } => {
                let base = Base { price: item.base, share: Rate::ALL, own: false };
                let unit = self.unit(base, &item.moment(on), Whom::Anybody)?;
                sum.add(unit, item.units(), None, None)?;
            }
            When::Places { on, .. } => self.places(item, on, &mut sum)?,
        }
        Ok((sum.rounded()?, sum.parts))
    }

    /// A night: of the rooms, and of each guest beyond those included.
    fn night(&self, item: &Item<'_>, day: NaiveDate, sum: &mut Sum) -> Result<(), PricingError> {
        let (moment, rooms) = (item.moment(day), u64::from(item.quantity.get()));
        let base = Base { price: item.base, share: Rate::ALL, own: false };
        sum.add(self.unit(base, &moment, Whom::Anybody)?, rooms, Some(day), None)?;
        let Some(terms) = &self.guests else { return Ok(()) };
        for (code, count) in extras(terms, item.sleepers()?, rooms) {
            let base = terms.base(&code, adults_extra(terms, item.base));
            let unit = self.unit(base, &moment, Whom::Extra(&code))?;
            sum.add(unit, count.into(), Some(day), Some(&code))?;
        }
        Ok(())
    }

    /// Places: of guests by category, or of as many adults.
    fn places(&self, item: &Item<'_>, on: NaiveDate, sum: &mut Sum) -> Result<(), PricingError> {
        let moment = item.moment(on);
        let Some(guests) = item.guests else {
            let adult = Code::try_new(ADULT).ok().filter(|_| self.guests.is_some());
            let base = self.base(adult.as_ref(), item.base);
            let unit = self.unit(base, &moment, Whom::Person(adult.as_ref()))?;
            return Ok(sum.add(unit, item.units(), None, adult.as_ref())?);
        };
        for (code, count) in guests.iter().filter(|(_, count)| *count > 0) {
            let base = self.base(Some(code), item.base);
            let unit = self.unit(base, &moment, Whom::Person(Some(code)))?;
            sum.add(unit, count.into(), None, Some(code))?;
        }
        Ok(())
    }

    fn base(&self, code: Option<&Code>, adults: Money) -> Base {
        match (&self.guests, code) {
            (Some(terms), Some(code)) => terms.base(code, adults),
            (Some(_) | None, _) => Base { price: adults, share: Rate::ALL, own: false },
        }
    }

    /// What one costs: the price that a rule sets or the base, in proportion, and the amounts.
    fn unit(&self, base: Base, moment: &Moment, whom: Whom<'_>) -> Result<Unit, MoneyError> {
        let (mut set, mut percent, mut shift) = (None, 0, 0);
        let mut applied = Vec::new();
        for rule in self.rules.iter().filter(|rule| whom.is_meant(rule) && rule.holds(moment)) {
            match rule.effect {
                Effect::Set(_) if set.is_some() || base.own && rule.guest.is_none() => continue,
                Effect::Set(minor) => {
                    let share = if rule.guest.is_some() { Rate::ALL } else { base.share };
                    set = Some((minor.get(), share));
                }
                Effect::Percent(points) => percent += i128::from(points.get()),
                Effect::Amount(minor) => shift += i128::from(minor.get()),
            }
            applied.push(Applied::of(rule));
        }
        let (minor, share) = set.unwrap_or((base.price.minor(), base.share));
        let risen = i128::from(minor)
            .checked_mul(i128::from(share.get()) * (WHOLE + percent).max(0))
            .ok_or(MoneyError::Overflow)?;
        let exact = Exact::new(risen + shift * PARTS);
        Ok(Unit { exact, base, rules: applied })
    }
}

impl Whom<'_> {
    fn is_meant(self, rule: &Rule) -> bool {
        match (self, &rule.guest) {
            (Self::Anybody | Self::Person(_), None) => true,
            (Self::Anybody | Self::Person(None), Some(_)) | (Self::Extra(_), None) => false,
            (Self::Extra(code) | Self::Person(Some(code)), Some(guest)) => code == guest,
        }
    }
}

impl GuestTerms {
    /// What a guest of a category pays, by what an adult does.
    fn base(&self, code: &Code, adults: Money) -> Base {
        match self.category(code.as_str()).unwrap_or_default() {
            Category::AsAdults => Base { price: adults, share: Rate::ALL, own: false },
            Category::Share(share) => Base { price: adults, share, own: false },
            Category::Amount(minor) => {
                Base { price: minor.of(adults.currency()), share: Rate::ALL, own: true }
            }
        }
    }
}

/// What an adult beyond those included pays for a night.
fn adults_extra(terms: &GuestTerms, room: Money) -> Money {
    match terms.category(ADULT) {
        Some(Category::Amount(minor)) => minor.of(room.currency()),
        Some(Category::AsAdults | Category::Share(_)) | None => Money::zero(room.currency()),
    }
}

/// The guests beyond those included: whoever pays most is included first.
fn extras(terms: &GuestTerms, sleepers: BTreeMap<Code, u32>, rooms: u64) -> Vec<(Code, u32)> {
    let adults = match terms.category(ADULT) {
        Some(Category::Amount(minor)) => u128::from(minor.get()),
        Some(Category::AsAdults | Category::Share(_)) | None => 0,
    };
    let price = |code: &Code| match terms.category(code.as_str()).unwrap_or_default() {
        Category::AsAdults => adults * 10_000,
        Category::Share(share) => adults * u128::from(share.get()),
        Category::Amount(minor) => u128::from(minor.get()) * 10_000,
    };
    let known = |code: &Code| terms.category(code.as_str()).is_some();
    let mut guests: Vec<_> = sleepers.into_iter().filter(|(code, _)| known(code)).collect();
    guests.sort_by_key(|(code, _)| std::cmp::Reverse(price(code)));
    let mut included = u64::from(terms.included) * rooms;
    for (_, count) in &mut guests {
        let free = u32::try_from(included).unwrap_or(u32::MAX).min(*count);
        *count -= free;
        included -= u64::from(free);
    }
    guests.retain(|(_, count)| *count > 0);
    guests
}

/// What one costs, and why.
struct Unit {
    exact: Exact,
    base: Base,
    rules: Vec<Applied>,
}

/// The exact sum so far, with its parts. What each part costs is what the rounded sum grows by.
struct Sum {
    exact: Vec<Exact>,
    parts: Vec<Part>,
    /// How many parts make up a minor unit.
    denominator: i128,
    zero: Money,
}

impl Sum {
    fn new(item: &Item<'_>) -> Self {
        let denominator = PARTS * i128::from(item.per_unit());
        let zero = Money::zero(item.base.currency());
        Self { exact: Vec::new(), parts: Vec::new(), denominator, zero }
    }

    fn add(
        &mut self,
        unit: Unit,
        units: u64,
        day: Option<NaiveDate>,
        guest: Option<&Code>,
    ) -> Result<(), MoneyError> {
        let exact = unit.exact.try_mul(units)?;
        let Unit { base: Base { price, share, .. }, rules, .. } = unit;
        let like =
            |part: &Part| part.guest.as_ref() == guest && part.base == price && part.rules == rules;
        let next = |part: &Part| part.days.is_some_and(|days| Some(days.end()) == day);
        let same = self.parts.iter().position(|part| like(part) && next(part));
        if let (Some(index), Some(day)) = (same, day) {
            let part = &mut self.parts[index];
            part.units += units;
            part.days = part.days.and_then(|days| DayRange::try_new(days.first(), after(day)).ok());
            self.exact[index] = self.exact[index].try_add(exact)?;
            return Ok(());
        }
        self.exact.push(exact);
        self.parts.push(Part {
            days: day.map(DayRange::single),
            guest: guest.cloned(),
            units,
            base: price,
            share: Some(share).filter(|share| *share != Rate::ALL),
            rules,
            amount: self.zero,
        });
        Ok(())
    }

    /// The sum, rounded once; what each part costs is how much the rounded sum grows with it.
    fn rounded(&mut self) -> Result<Money, MoneyError> {
        let (mut exact, mut sum) = (Exact::ZERO, self.zero);
        for (part, of_part) in self.parts.iter_mut().zip(&self.exact) {
            exact = exact.try_add(*of_part)?;
            let grown = exact.rounded(self.denominator, self.zero.currency())?;
            part.amount = grown.try_sub(sum)?;
            sum = grown;
        }
        Ok(sum)
    }
}

fn after(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(day)
}
