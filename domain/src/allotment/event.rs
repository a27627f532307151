//! What happened to an allotment. Each event carries all that a reader needs to keep counts of its own.

use cqrs_es::DomainEvent;
use serde::{Deserialize, Serialize};

use super::{Change, Session};
use crate::values::{BookingId, Code, CustomerId, Quantity, Reason, Seat, TimeRange, Timestamp};

/// So many places of one pool.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Places {
    /// The pool.
    pub pool: Code,
    /// How many.
    pub places: u32,
}

/// What one offer takes in one booking.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Take {
    /// The offer.
    pub offer: Code,
    /// How many of it.
    pub quantity: Quantity,
    /// How many places of each pool that makes.
    pub draws: Vec<Places>,
    /// Which seats, in the order of the seat map; none if the places have no seats.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seats: Vec<Seat>,
}

/// What happened. Stored for good: add variants and optional fields, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The session can be booked.
    Opened {
        /// What is sold.
        session: Box<Session>,
        /// When.
        at: Timestamp,
    },
    /// What is sold changed.
    Revised {
        /// What is new or other than before, in this order.
        changes: Vec<Change>,
        /// When.
        at: Timestamp,
    },
    /// The session takes place at another time.
    Moved {
        /// When it was to take place.
        before: TimeRange,
        /// When it takes place.
        time: TimeRange,
        /// When this was decided.
        at: Timestamp,
    },
    /// The session does not take place; nothing more of it is sold.
    CalledOff {
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
        /// When this was decided.
        at: Timestamp,
    },
    /// Nothing more is sold for now.
    SalesClosed {
        /// When.
        at: Timestamp,
    },
    /// Places are sold again.
    SalesReopened {
        /// When.
        at: Timestamp,
    },
    /// Free seats were kept from being sold.
    SeatsBlocked {
        /// Which, in the order of the seat map.
        seats: Vec<Seat>,
        /// How many places fewer that makes, of each pool.
        places: Vec<Places>,
        /// When.
        at: Timestamp,
    },
    /// Seats that were kept from being sold can be sold.
    SeatsUnblocked {
        /// Which, in the order of the seat map.
        seats: Vec<Seat>,
        /// How many places more that makes, of each pool.
        places: Vec<Places>,
        /// When.
        at: Timestamp,
    },
    /// Places were taken for a booking.
    Allocated {
        /// For which booking.
        booking: BookingId,
        /// Who booked.
        customer: CustomerId,
        /// What was taken: each offer once, in the order of the session's offers.
        takes: Vec<Take>,
        /// Until when, unless for good.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
        /// Whether this promised more than exist, within the allowance.
        overbooked: bool,
        /// When.
        at: Timestamp,
    },
    /// What a booking held is its own for good.
    Confirmed {
        /// Whose hold.
        booking: BookingId,
        /// When.
        at: Timestamp,
    },
    /// A booking took other places instead.
    Reallocated {
        /// For which booking.
        booking: BookingId,
        /// Who booked.
        customer: CustomerId,
        /// What it took before, all of it.
        freed: Vec<Take>,
        /// What it takes from now on, all of it.
        takes: Vec<Take>,
        /// Until when, unless for good.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
        /// Whether this promised more than exist, within the allowance.
        overbooked: bool,
        /// When.
        at: Timestamp,
    },
    /// A booking gave places up.
    Released {
        /// Whose.
        booking: BookingId,
        /// What is free again.
        freed: Vec<Take>,
        /// When.
        at: Timestamp,
    },
}

impl Event {
    /// Whether it changes the terms of the session: what is sold, when it takes place, whether it is on sale. What is
    /// taken or blocked of it is none of its terms.
    pub(super) fn changes_terms(&self) -> bool {
        match self {
            Self::Opened { .. }
            | Self::Revised { .. }
            | Self::Moved { .. }
            | Self::CalledOff { .. }
            | Self::SalesClosed { .. }
            | Self::SalesReopened { .. } => true,
            Self::SeatsBlocked { .. }
            | Self::SeatsUnblocked { .. }
            | Self::Allocated { .. }
            | Self::Confirmed { .. }
            | Self::Reallocated { .. }
            | Self::Released { .. } => false,
        }
    }
}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        let name = match self {
            Self::Opened { .. } => "opened",
            Self::Revised { .. } => "revised",
            Self::Moved { .. } => "moved",
            Self::CalledOff { .. } => "called_off",
            Self::SalesClosed { .. } => "sales_closed",
            Self::SalesReopened { .. } => "sales_reopened",
            Self::SeatsBlocked { .. } => "seats_blocked",
            Self::SeatsUnblocked { .. } => "seats_unblocked",
            Self::Allocated { .. } => "allocated",
            Self::Confirmed { .. } => "confirmed",
            Self::Reallocated { .. } => "reallocated",
            Self::Released { .. } => "released",
        };
        name.to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}
