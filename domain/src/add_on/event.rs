//! What happened to an add-on.

use std::collections::BTreeSet;

use cqrs_es::DomainEvent;
use serde::{Deserialize, Serialize};

use super::{Ask, Charged, Stock, Terms};
use crate::values::{
    BookingId, Change, ListingId, LocalizedText, Money, OrganizationId, Quantity, Timestamp,
    changed, replace,
};

/// What happened. Stored for good: add variants and optional fields, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was offered.
    Created {
        /// Whose it is.
        organization: OrganizationId,
        /// What it is, and what it costs.
        terms: Box<Terms>,
        /// When.
        at: Timestamp,
    },
    /// It is offered otherwise; what is not given stayed.
    Revised(Box<Revised>),
    /// It is offered no more.
    Withdrawn {
        /// When.
        at: Timestamp,
    },
    /// A booking takes these pieces and nothing else.
    Taken {
        /// Which booking.
        booking: BookingId,
        /// What it takes.
        asks: Vec<Ask>,
        /// Until when, unless for good.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
        /// When.
        at: Timestamp,
    },
    /// A booking keeps for good what it held.
    Confirmed {
        /// Which booking.
        booking: BookingId,
        /// When.
        at: Timestamp,
    },
    /// A booking takes nothing any more.
    Released {
        /// Which booking.
        booking: BookingId,
        /// When.
        at: Timestamp,
    },
}

/// What changed of an add-on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revised {
    /// What it is called from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<LocalizedText>,
    /// What one costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// What one is paid for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charged: Option<Charged>,
    /// How many there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stock: Option<Stock>,
    /// The most pieces that one booking can have.
    #[serde(default, skip_serializing_if = "Change::is_kept")]
    pub max_per_booking: Change<Quantity>,
    /// All listings it is offered with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listings: Option<BTreeSet<ListingId>>,
    /// When.
    pub at: Timestamp,
}

impl Revised {
    /// What leads from some terms to others.
    pub(super) fn between(present: &Terms, new: Terms, at: Timestamp) -> Self {
        let Terms { name, price, charged, stock, max_per_booking, listings } = new;
        Self {
            name: changed(&present.name, name),
            price: changed(&present.price, price),
            charged: changed(&present.charged, charged),
            stock: changed(&present.stock, stock),
            max_per_booking: Change::between(present.max_per_booking.as_ref(), max_per_booking),
            listings: changed(&present.listings, listings),
            at,
        }
    }

    /// Makes the changes.
    pub fn apply(&self, terms: &mut Terms) {
        replace(&mut terms.name, self.name.as_ref());
        replace(&mut terms.price, self.price.as_ref());
        replace(&mut terms.charged, self.charged.as_ref());
        replace(&mut terms.stock, self.stock.as_ref());
        self.max_per_booking.apply(&mut terms.max_per_booking);
        replace(&mut terms.listings, self.listings.as_ref());
    }
}

impl Event {
    /// Whether it is about what is offered, and not about who takes it.
    pub fn changes_terms(&self) -> bool {
        match self {
            Self::Created { .. } | Self::Revised(_) | Self::Withdrawn { .. } => true,
            Self::Taken { .. } | Self::Confirmed { .. } | Self::Released { .. } => false,
        }
    }
}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        let name = match self {
            Self::Created { .. } => "created",
            Self::Revised(_) => "revised",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Taken { .. } => "taken",
            Self::Confirmed { .. } => "confirmed",
            Self::Released { .. } => "released",
        };
        name.to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}
