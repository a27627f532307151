//! What can be asked of an allotment.

use super::{Change, Session};
use crate::values::{
    BookingId, Code, CustomerId, Quantity, Reason, Seat, TimeRange, Timestamp, VoucherId,
};

/// So many of one offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The offer.
    pub offer: Code,
    /// How many of it.
    pub quantity: Quantity,
    /// Where.
    pub seating: Seating,
}

/// Where somebody wants to sit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seating {
    /// Anywhere: the places have no seats.
    Unseated,
    /// In the best seats there are, together if that can be.
    ///
    /// The best are found in the order of the seat map: the first seats side by side in the first row
    /// that has enough. If no row has enough, the longest stretch of free seats is taken, the first of
    /// several as long, and the rest is looked for in the same way; so the party is split into as few
    /// groups as can be. The seats of an item are looked for together, item by item, after all chosen
    /// seats. A booking that already has as many seats of the offer keeps them.
    BestAvailable,
    /// In these seats: as many as the offer takes.
    Chosen(Vec<Seat>),
}

/// Part of what a booking takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The offer.
    pub offer: Code,
    /// How many of it.
    pub quantity: Quantity,
    /// In which seats; none if the places have no seats.
    pub seats: Vec<Seat>,
}

/// What a caller asks for, with every fact the answer needs, the time included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Take bookings for this session.
    Open {
        /// What is sold.
        session: Box<Session>,
        /// When.
        at: Timestamp,
    },
    /// Sell other than before; nothing that was promised is taken back.
    Revise {
        /// What is to change, one after the other.
        changes: Vec<Change>,
        /// When.
        at: Timestamp,
    },
    /// Let it take place at another time.
    Move {
        /// When it takes place.
        time: TimeRange,
        /// When this is decided.
        at: Timestamp,
    },
    /// Let it not take place at all. What was taken stays until it is released.
    CallOff {
        /// Why.
        reason: Option<Reason>,
        /// When this is decided.
        at: Timestamp,
    },
    /// Sell nothing more for now; holds can still be confirmed.
    CloseSales {
        /// When.
        at: Timestamp,
    },
    /// Sell again.
    ReopenSales {
        /// When.
        at: Timestamp,
    },
    /// Keep free seats from being sold.
    Block {
        /// Which.
        seats: Vec<Seat>,
        /// When.
        at: Timestamp,
    },
    /// Let blocked seats be sold.
    Unblock {
        /// Which.
        seats: Vec<Seat>,
        /// When.
        at: Timestamp,
    },
    /// Take places for a booking: all of them, or none.
    Allocate {
        /// For which booking.
        booking: BookingId,
        /// Who books.
        customer: CustomerId,
        /// What is wanted.
        items: Vec<Item>,
        /// Until when, unless for good.
        until: Option<Timestamp>,
        /// When.
        at: Timestamp,
    },
    /// Keep what a booking holds for good.
    Confirm {
        /// Whose hold.
        booking: BookingId,
        /// When.
        at: Timestamp,
    },
    /// Take other places instead: the old ones are given up if the new ones can be had, else nothing
    /// changes. Limits and sales windows apply to the offers of which more is asked than before.
    Reallocate {
        /// For which booking.
        booking: BookingId,
        /// Who books.
        customer: CustomerId,
        /// What is wanted from now on; none gives everything up.
        items: Vec<Item>,
        /// Until when, unless for good.
        until: Option<Timestamp>,
        /// When.
        at: Timestamp,
    },
    /// Take places for whoever has a voucher, instead of those that are set aside for it already. Neither limits nor
    /// sales windows apply: they do to whoever redeems it.
    SetAside {
        /// The voucher, by whose id what it takes is known.
        voucher: VoucherId,
        /// What is to be set aside from now on; none gives everything up.
        items: Vec<Item>,
        /// Until when.
        until: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// Give up what a booking takes.
    Release {
        /// Whose.
        booking: BookingId,
        /// Which parts, unless all of it.
        parts: Option<Vec<Part>>,
        /// When.
        at: Timestamp,
    },
}
