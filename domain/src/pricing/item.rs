//! What is to be priced.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::guests::{is_of_party, of_party};
use super::rule::Moment;
use super::{Charge, Guests, Tariff, Taxes};
use crate::values::{Code, Money, MoneyError, Party, Quantity, Stay};

/// So many of something: when, for whom, and what one costs before any rule.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// What one costs: for a night, for an hour, or once.
    pub base: Money,
    /// Whether that was agreed, so that no rule touches it.
    pub agreed: bool,
    /// When, and for how long.
    pub when: When,
    /// How many.
    pub quantity: Quantity,
    /// Who comes, if the line says so.
    pub guests: Option<&'a Guests>,
    /// Who comes along with the whole booking.
    pub party: Party,
    /// Whether nothing else of the booking could be meant for the same party.
    pub alone: bool,
    /// How many days before the first day it is booked.
    pub days_before: i64,
}

/// When something takes place, in the way it is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// By the night.
    Nights(Stay),
    /// By the hour.
    Hours {
        /// The day it begins.
        on: NaiveDate,
        /// How long it lasts.
        minutes: u32,
    },
    /// Once for each person.
    Places {
        /// The day it begins.
        on: NaiveDate,
        /// How long it lasts.
        minutes: u32,
    },
    /// Once, whoever comes.
    Once {
        /// The day it begins.
        on: NaiveDate,
        /// How long it lasts.
        minutes: u32,
    },
}

/// Why something cannot be priced.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PricingError {
    /// There is no such category of guests.
    #[error("there is no category of guests `{0}`")]
    UnknownGuests(Code),
    /// Each place is for one guest.
    #[error("{guests} guests cannot have {quantity} places")]
    GuestCount {
        /// How many come.
        guests: u32,
        /// How many places are booked.
        quantity: u32,
    },
    /// Guests of something that is paid for whoever comes.
    #[error("the price does not depend on the guests")]
    NeedlessGuests,
    /// Several lines could be for the same guests.
    #[error("say in each line of nights who sleeps there")]
    WhoSleepsWhere,
    /// It is more than can be counted.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Item<'_> {
    /// What it costs by a tariff, or at its base price without one or when that was agreed, with taxes.
    pub fn charge(&self, tariff: Option<&Tariff>, taxes: &Taxes) -> Result<Charge, PricingError> {
        let terms = tariff.and_then(|tariff| tariff.guests());
        self.check_guests(|code| terms.is_some_and(|terms| terms.category(code).is_some()))?;
        let (amount, parts) = match tariff.filter(|_| !self.agreed) {
            Some(tariff) => tariff.price(self)?,
            None => (self.plain()?, Vec::new()),
        };
        let taxes = taxes.of(amount, self)?;
        let discount = None;
        Ok(Charge { amount, guests: self.guests.cloned(), parts, discount, taxes })
    }

    /// What it costs before any rule.
    fn plain(&self) -> Result<Money, MoneyError> {
        let units = self.units();
        self.base.try_share(units, self.per_unit().into())
    }

    /// For how many units it is paid: nights, minutes or places, of all that are booked.
    pub(super) fn units(&self) -> u64 {
        let each = match self.when {
            When::Nights(stay) => stay.charged_nights(),
            When::Hours { minutes, .. } => minutes,
            When::Places { .. } | When::Once { .. } => 1,
        };
        u64::from(each) * u64::from(self.quantity.get())
    }

    /// How many units the base price is for.
    pub(super) fn per_unit(&self) -> u32 {
        match self.when {
            When::Hours { .. } => 60,
            When::Nights(_) | When::Places { .. } | When::Once { .. } => 1,
        }
    }

    /// What rules look at, on a day.
    pub(super) fn moment(&self, day: NaiveDate) -> Moment {
        let length = match self.when {
            When::Nights(stay) => stay.nights(),
            When::Hours { minutes, .. }
            | When::Places { minutes, .. }
            | When::Once { minutes, .. } => minutes,
        };
        Moment { day, length, party: self.size(), days_before: self.days_before }
    }

    /// How many people come.
    fn size(&self) -> u32 {
        match (self.guests, self.when) {
            (Some(guests), _) => guests.count(),
            (None, When::Places { .. }) => self.quantity.get(),
            (None, When::Nights(_) | When::Hours { .. } | When::Once { .. }) => {
                of_party(self.party).values().sum()
            }
        }
    }

    /// Who sleeps here, by category: those that the line names, else the party.
    pub(super) fn sleepers(&self) -> Result<BTreeMap<Code, u32>, PricingError> {
        match self.guests {
            Some(guests) => Ok(guests.iter().map(|(code, count)| (code.clone(), count)).collect()),
            None if self.alone => Ok(of_party(self.party)),
            None => Err(PricingError::WhoSleepsWhere),
        }
    }

    fn check_guests(&self, known: impl Fn(&str) -> bool) -> Result<(), PricingError> {
        let Some(guests) = self.guests else { return Ok(()) };
        let by_night = match self.when {
            When::Nights(_) => true,
            When::Places { .. } => false,
            When::Hours { .. } | When::Once { .. } => return Err(PricingError::NeedlessGuests),
        };
        let is_known = |code: &Code| {
            known(code.as_str()) || code.as_str() == super::ADULT || by_night && is_of_party(code)
        };
        if let Some((code, _)) = guests.iter().find(|(code, _)| !is_known(code)) {
            return Err(PricingError::UnknownGuests(code.clone()));
        }
        let (guests, quantity) = (guests.count(), self.quantity.get());
        if !by_night && guests != quantity {
            return Err(PricingError::GuestCount { guests, quantity });
        }
        Ok(())
    }
}
