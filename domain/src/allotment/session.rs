//! What a session sells: its pools of places, the offers that draw on them, and when they are on sale.
//!
//! An offer draws on pools and a pool is only a count of places, so nothing here can be circular.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::revision::{self, Change};
use super::{Admission, SeatMap, SessionError};
use crate::values::{
    Code, Limits, ListingId, LocalizedText, Money, Quantity, SalesWindow, TimeRange, Timestamp,
    Zone,
};

/// Places that are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// Its code.
    pub code: Code,
    /// How it is called, if anybody is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<LocalizedText>,
    /// How many places there are.
    pub limits: Limits,
    /// The sections of the seat map its places are in; none if its places have no seats.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sections: Vec<Code>,
}

/// What one unit of an offer takes of a pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draw {
    /// The pool.
    pub pool: Code,
    /// How many of its places.
    pub places: Quantity,
}

/// Something that can be bought, such as `Adult` or `VIP with parking`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// Its code.
    pub code: Code,
    /// How it is called.
    pub name: LocalizedText,
    /// What one costs.
    pub price: Money,
    /// What one takes, of each pool.
    pub draws: Vec<Draw>,
    /// The fewest of it in one order.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub least: Quantity,
    /// The most of it in one order, if there is a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<Quantity>,
    /// When it is on sale; each side it does not say is that of the session.
    #[serde(default, skip_serializing_if = "SalesWindow::is_unsaid")]
    pub sales: SalesWindow,
}

impl Offer {
    /// How many people one admits: as many as the most places it takes of one pool.
    pub fn admits(&self) -> u32 {
        self.draws.iter().map(|draw| draw.places.get()).max().unwrap_or(1)
    }
}

/// How many units of offers may be bought, all offers together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderLimits {
    /// In one order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_order: Option<Quantity>,
    /// By one customer, in all orders that count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_customer: Option<Quantity>,
}

/// All there is to say about a session, before it is checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Details {
    /// What takes place.
    pub listing: ListingId,
    /// When it takes place.
    pub time: TimeRange,
    /// Where the wall clock hangs that people go by.
    pub zone: Zone,
    /// What is special about this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<LocalizedText>,
    /// What is counted.
    pub pools: Vec<Pool>,
    /// What is sold.
    pub offers: Vec<Offer>,
    /// Where the seats stand, if any are numbered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat_map: Option<SeatMap>,
    /// When it is on sale: from always, up to its start, unless this says otherwise.
    #[serde(default, skip_serializing_if = "SalesWindow::is_unsaid")]
    pub sales: SalesWindow,
    /// How much may be bought.
    #[serde(default, skip_serializing_if = "OrderLimits::are_none")]
    pub order_limits: OrderLimits,
    /// Who is let in, when and where.
    #[serde(default, skip_serializing_if = "Admission::is_usual")]
    pub admission: Admission,
}

/// A session that can be sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Details")]
pub struct Session(Details);

impl Session {
    /// The most pools.
    pub const MAX_POOLS: usize = 100;
    /// The most offers.
    pub const MAX_OFFERS: usize = 200;

    /// The session, if all that is said about it goes together.
    pub fn try_new(details: Details) -> Result<Self, SessionError> {
        details.check_pools()?;
        details.check_offers()?;
        let sold = |code: &Code| details.offers.iter().any(|offer| offer.code == *code);
        details.admission.check(sold)?;
        Ok(Self(details))
    }

    /// All there is to say about it.
    pub fn details(&self) -> &Details {
        &self.0
    }

    /// A pool by its code.
    pub fn pool(&self, code: &Code) -> Option<&Pool> {
        self.0.pool(code)
    }

    /// An offer by its code.
    pub fn offer(&self, code: &Code) -> Option<&Offer> {
        self.0.offers.iter().find(|offer| offer.code == *code)
    }

    /// From when on an offer is sold, if not from always, and from when on no longer.
    pub fn on_sale(&self, offer: &Offer) -> (Option<Timestamp>, Timestamp) {
        self.0.on_sale(offer)
    }

    /// The session with changes made to it, and those that made a difference.
    pub(super) fn revised(
        &self,
        changes: Vec<Change>,
    ) -> Result<(Self, Vec<Change>), SessionError> {
        let (details, told) = revision::apply(self.0.clone(), changes);
        revision::check(&self.0, &details)?;
        Ok((Self::try_new(details)?, told))
    }

    /// The session with changes that were found to go together when they were made.
    #[must_use]
    pub fn after(self, changes: &[Change]) -> Self {
        Self(revision::apply(self.0, changes.to_vec()).0)
    }

    /// The session at another time.
    pub(super) fn moved(&self, time: TimeRange) -> Result<Self, SessionError> {
        Self::try_new(Details { time, ..self.0.clone() })
    }

    /// Lets the session take place at a time that was found to go together with the rest of it.
    pub fn set_time(&mut self, time: TimeRange) {
        self.0.time = time;
    }

    /// About how many bytes it takes.
    pub(super) fn weight(&self) -> usize {
        let text = |text: &Option<LocalizedText>| text.as_ref().map_or(0, LocalizedText::weight);
        let pool = |pool: &Pool| {
            size_of::<Pool>() + Code::MAX * (1 + pool.sections.len()) + text(&pool.name)
        };
        let offer = |offer: &Offer| {
            let draws = offer.draws.len() * (size_of::<Draw>() + Code::MAX);
            size_of::<Offer>() + Code::MAX + offer.name.weight() + draws
        };
        size_of::<Self>()
            + text(&self.0.title)
            + self.0.pools.iter().map(pool).sum::<usize>()
            + self.0.offers.iter().map(offer).sum::<usize>()
            + self.0.seat_map.as_ref().map_or(0, SeatMap::weight)
            + self.0.admission.weight()
    }
}

impl TryFrom<Details> for Session {
    type Error = SessionError;

    fn try_from(details: Details) -> Result<Self, Self::Error> {
        Self::try_new(details)
    }
}

impl Details {
    /// Whether the places of an offer have seats.
    pub fn is_seated(&self, offer: &Offer) -> bool {
        let seated =
            |draw: &Draw| self.pool(&draw.pool).is_some_and(|pool| !pool.sections.is_empty());
        offer.draws.iter().any(seated)
    }

    fn pool(&self, code: &Code) -> Option<&Pool> {
        self.pools.iter().find(|pool| pool.code == *code)
    }

    fn on_sale(&self, offer: &Offer) -> (Option<Timestamp>, Timestamp) {
        let (opens, closes) = offer.sales.or(self.sales);
        (opens, closes.unwrap_or(self.time.start()))
    }

    fn check_pools(&self) -> Result<(), SessionError> {
        if self.pools.is_empty() {
            return Err(SessionError::NoPool);
        }
        if self.pools.len() > Session::MAX_POOLS {
            return Err(SessionError::TooManyPools);
        }
        let (mut codes, mut sections) = (HashSet::new(), HashSet::new());
        for Pool { code, sections: own, .. } in &self.pools {
            if !codes.insert(code) {
                return Err(SessionError::PoolTwice { pool: code.clone() });
            }
            for section in own {
                let known =
                    self.seat_map.as_ref().is_some_and(|map| map.section(section).is_some());
                if !known {
                    let (pool, section) = (code.clone(), section.clone());
                    return Err(SessionError::UnknownSection { pool, section });
                }
                if !sections.insert(section) {
                    return Err(SessionError::SectionTwice { section: section.clone() });
                }
            }
        }
        Ok(())
    }

    fn check_offers(&self) -> Result<(), SessionError> {
        let Some(first) = self.offers.first() else { return Err(SessionError::NoOffer) };
        if self.offers.len() > Session::MAX_OFFERS {
            return Err(SessionError::TooManyOffers);
        }
        let mut codes = HashSet::new();
        for offer in &self.offers {
            let named = || offer.code.clone();
            if !codes.insert(&offer.code) {
                return Err(SessionError::OfferTwice { offer: named() });
            }
            if offer.price.currency() != first.price.currency() {
                return Err(SessionError::SeveralCurrencies { offer: named() });
            }
            if let Some(most) = offer.most.filter(|most| offer.least > *most) {
                return Err(SessionError::LeastAboveMost {
                    offer: named(),
                    least: offer.least,
                    most,
                });
            }
            let (opens, closes) = self.on_sale(offer);
            if let Some(opens) = opens.filter(|opens| *opens >= closes) {
                return Err(SessionError::NeverOnSale { offer: named(), opens, closes });
            }
            self.check_draws(offer)?;
        }
        Ok(())
    }

    fn check_draws(&self, offer: &Offer) -> Result<(), SessionError> {
        let named = || offer.code.clone();
        if offer.draws.is_empty() {
            return Err(SessionError::NoDraw { offer: named() });
        }
        let (mut pools, mut seated) = (HashSet::new(), 0);
        for Draw { pool: code, .. } in &offer.draws {
            let Some(pool) = self.pool(code) else {
                return Err(SessionError::UnknownPool { offer: named(), pool: code.clone() });
            };
            if !pools.insert(code) {
                let pool = code.clone();
                return Err(SessionError::PoolTwiceInOffer { offer: named(), pool });
            }
            seated += usize::from(!pool.sections.is_empty());
        }
        if seated > 1 { Err(SessionError::SeveralSeated { offer: named() }) } else { Ok(()) }
    }
}

impl OrderLimits {
    fn are_none(&self) -> bool {
        *self == Self::default()
    }
}

fn one() -> Quantity {
    Quantity::ONE
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_one(quantity: &Quantity) -> bool {
    *quantity == Quantity::ONE
}
