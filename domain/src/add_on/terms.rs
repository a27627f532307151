//! What an add-on is, what it costs, and how many there are.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::values::{ListingId, LocalizedText, Money, Quantity};

/// What one of an add-on is paid for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Charged {
    /// Once.
    #[default]
    Once,
    /// Each night of the booking.
    PerNight,
    /// Each person of the party.
    PerPerson,
    /// Each person and night.
    PerPersonNight,
}

impl Charged {
    /// Whether it depends on the nights that are booked.
    pub const fn by_night(self) -> bool {
        matches!(self, Self::PerNight | Self::PerPersonNight)
    }

    /// Whether it depends on who comes.
    pub const fn by_person(self) -> bool {
        matches!(self, Self::PerPerson | Self::PerPersonNight)
    }
}

/// How many pieces there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Raw", into = "Raw")]
pub enum Stock {
    /// As many as are asked for.
    #[default]
    Unlimited,
    /// So many in all.
    Total(u32),
    /// So many for each day.
    PerDay(u32),
}

/// A stock is counted in two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("give `total` or `per_day`, not both")]
pub struct StockError;

impl Stock {
    /// Whether each day has its own.
    pub const fn is_by_day(self) -> bool {
        matches!(self, Self::PerDay(_))
    }

    /// Whether there are as many as are asked for.
    pub fn is_unlimited(&self) -> bool {
        *self == Self::Unlimited
    }
}

/// A stock as it is written.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename = "Stock")]
struct Raw {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    total: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    per_day: Option<u32>,
}

impl TryFrom<Raw> for Stock {
    type Error = StockError;

    fn try_from(raw: Raw) -> Result<Self, Self::Error> {
        match (raw.total, raw.per_day) {
            (None, None) => Ok(Self::Unlimited),
            (Some(total), None) => Ok(Self::Total(total)),
            (None, Some(per_day)) => Ok(Self::PerDay(per_day)),
            (Some(_), Some(_)) => Err(StockError),
        }
    }
}

impl From<Stock> for Raw {
    fn from(stock: Stock) -> Self {
        let (mut total, mut per_day) = (None, None);
        match stock {
            Stock::Unlimited => {}
            Stock::Total(stock) => total = Some(stock),
            Stock::PerDay(stock) => per_day = Some(stock),
        }
        Self { total, per_day }
    }
}

/// What an add-on is, and what it costs; all of it can change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// What it is called.
    pub name: LocalizedText,
    /// What one costs.
    pub price: Money,
    /// What one is paid for.
    #[serde(default, skip_serializing_if = "is_once")]
    pub charged: Charged,
    /// How many there are.
    #[serde(default, skip_serializing_if = "Stock::is_unlimited")]
    pub stock: Stock,
    /// The most pieces that one booking can have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_per_booking: Option<Quantity>,
    /// Only beside these listings, instead of all of the organization.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub listings: BTreeSet<ListingId>,
}

impl Terms {
    /// The most listings that it is offered with.
    pub const MAX_LISTINGS: usize = 100;

    /// Whether it is offered with a listing.
    pub fn is_offered_with(&self, listing: ListingId) -> bool {
        self.listings.is_empty() || self.listings.contains(&listing)
    }

    /// About how many bytes they take beyond their own size.
    pub(super) fn weight(&self) -> usize {
        self.name.weight() + self.listings.len() * 2 * size_of::<ListingId>()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_once(charged: &Charged) -> bool {
    *charged == Charged::Once
}
