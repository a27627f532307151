//! What lines cost: who says so, and what the terms make of it under which they are sold.

use chrono::NaiveDate;
use daybook_domain::{
    booking::{Line, Time},
    listing::Selling,
    pricing::{Charge, Guests, Item, PricingError, When},
    values::{Money, Party, Quantity, Timestamp, Zone},
};

use super::{
    lines::{Catalogue, NewLine, minutes, uncountable},
    times::{NewTime, Price, Terms},
};
use crate::problem::Problem;

/// Who says what a line costs.
#[derive(Clone, Debug, Default)]
pub enum Asked {
    /// The listing, by its tariff of today.
    #[default]
    Listed,
    /// Whoever books: no rule of a tariff touches it.
    Agreed(Money),
    /// What was agreed for the same line before.
    As(Box<Line>),
}

impl From<Option<Money>> for Asked {
    fn from(price: Option<Money>) -> Self {
        price.map_or(Self::Listed, Self::Agreed)
    }
}

impl Asked {
    /// What one costs before any rule, if the listing is not asked for that.
    pub(super) fn given(&self) -> Option<Money> {
        match self {
            Self::Listed => None,
            Self::Agreed(price) => Some(*price),
            Self::As(line) => Some(match &**line {
                Line::Nights(nights) => nights.price_per_night(),
                Line::Time(time) => time.price(),
                Line::Places(places) => places.price(),
                Line::AddOn(addition) => addition.price(),
            }),
        }
    }

    fn is_agreed(&self) -> bool {
        match self {
            Self::Listed => false,
            Self::Agreed(_) | Self::As(_) => true,
        }
    }
}

/// For whom and when it is booked, whatever the line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Buyer {
    /// Who comes along with all of it.
    party: Party,
    /// Whether there is at most one line of nights, so that the party sleeps there.
    alone: bool,
    /// When it is booked.
    at: Timestamp,
}

impl Buyer {
    /// Whoever books some lines.
    pub(super) fn of(party: Party, lines: &[NewLine], at: Timestamp) -> Self {
        let stays = lines.iter().filter(|line| matches!(line, NewLine::Nights(_))).count();
        Self { party, alone: stays <= 1, at }
    }

    /// Who comes along.
    pub(super) fn party(&self) -> Party {
        self.party
    }

    /// Whoever has booked some lines.
    pub(super) fn has(party: Party, lines: &[Line], at: Timestamp) -> Self {
        let stays = lines.iter().filter(|line| line.nights().is_some()).count();
        Self { party, alone: stays <= 1, at }
    }
}

/// One line, as far as its price depends on it.
pub(super) struct Priced<'a> {
    pub(super) index: usize,
    pub(super) base: Money,
    pub(super) asked: &'a Asked,
    pub(super) when: When,
    pub(super) quantity: Quantity,
    pub(super) guests: Option<&'a Guests>,
    pub(super) zone: Zone,
}

impl Priced<'_> {
    /// What it comes to, if that is not simply its price.
    pub(super) fn charge(
        &self,
        selling: &Selling,
        buyer: Buyer,
    ) -> Result<Option<Charge>, Problem> {
        let first = match self.when {
            When::Nights(stay) => stay.arrival(),
            When::Hours { on, .. } | When::Places { on, .. } | When::Once { on, .. } => on,
        };
        let by_hour = matches!(self.when, When::Hours { .. });
        if selling.is_plain() && self.guests.is_none() && !by_hour {
            return Ok(None);
        }
        let item = Item {
            base: self.base,
            agreed: self.asked.is_agreed(),
            when: self.when,
            quantity: self.quantity,
            guests: self.guests,
            party: buyer.party,
            alone: buyer.alone,
            days_before: days_before(first, self.zone.local_date(buyer.at)),
        };
        let charge = item.charge(selling.tariff.as_ref(), &selling.taxes);
        charge.map(Some).map_err(|error| self.unpriced(&error))
    }

    fn unpriced(&self, error: &PricingError) -> Problem {
        let field = match error {
            PricingError::UnknownGuests(code) => format!("/guests/{code}"),
            PricingError::GuestCount { .. }
            | PricingError::NeedlessGuests
            | PricingError::WhoSleepsWhere => "/guests".to_owned(),
            PricingError::Money(_) => String::new(),
        };
        Problem::bad_value(format!("/lines/{}{field}", self.index), error.to_string())
    }
}

/// A line at what it comes to: as agreed before, or by the terms of its listing.
pub(super) fn of_time(
    catalogue: &Catalogue<'_>,
    index: usize,
    line: &NewTime,
    terms: &Terms,
    made: Time,
) -> Result<Time, Problem> {
    let asked = match &line.price {
        Asked::As(agreed) => {
            return Ok(match &**agreed {
                Line::Time(agreed) => made.at_price_of(agreed),
                Line::Nights(_) | Line::Places(_) | Line::AddOn(_) => made,
            });
        }
        asked @ (Asked::Listed | Asked::Agreed(_)) => asked,
    };
    let (on, minutes) = (made.zone().local_date(made.plain().start()), minutes(made.plain()));
    let (base, when) = match (asked, &terms.price) {
        (Asked::Listed, Price::PerHour(price)) => (*price, When::Hours { on, minutes }),
        (_, _) if terms.exact => (made.price(), When::Places { on, minutes }),
        (_, _) => (made.price(), When::Once { on, minutes }),
    };
    let (quantity, guests, zone) = (line.quantity, line.guests.as_ref(), made.zone());
    let priced = Priced { index, base, asked, when, quantity, guests, zone };
    let nothing = Selling::default();
    let selling = terms.selling.as_deref().unwrap_or(&nothing);
    match priced.charge(selling, catalogue.buyer())? {
        Some(charge) => made.charged(charge).map_err(|error| uncountable(index, error)),
        None => Ok(made),
    }
}

fn days_before(first: NaiveDate, booked_on: NaiveDate) -> i64 {
    (first - booked_on).num_days()
}
