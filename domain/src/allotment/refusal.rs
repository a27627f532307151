//! Why an allotment may say no.

use std::fmt;

use super::SessionError;
use crate::values::{Code, Quantity, Seat, Timestamp};

/// What stands in the way of places or of a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Obstacle {
    /// Somebody holds what is missing, until a deadline.
    Held,
    /// It is held for those who waited for it.
    WaitingList,
    /// What is missing is sold.
    Sold,
    /// What is missing is kept from being sold.
    Blocked,
    /// There are not so many.
    Capacity,
}

impl Obstacle {
    /// The obstacle as it is written in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::WaitingList => "waiting_list",
            Self::Sold => "sold",
            Self::Blocked => "blocked",
            Self::Capacity => "capacity",
        }
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a command was turned down: an answer to the caller, not a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The session takes no bookings yet.
    #[error("the session is not open")]
    NotOpen,
    /// The session was opened before, with other facts.
    #[error("the session is open already")]
    AlreadyOpen,
    /// The session does not take place.
    #[error("the session was called off")]
    CalledOff,
    /// What the session would be does not go together.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Nothing is sold at the moment.
    #[error("the sales of the session are closed")]
    SalesClosed,
    /// The booking takes places here already.
    #[error("the booking is allocated already")]
    AlreadyAllocated,
    /// The booking takes no places here.
    #[error("the booking is not allocated")]
    NotAllocated,
    /// Nothing was asked for.
    #[error("nothing was asked for")]
    NothingAsked,
    /// The deadline is not in the future.
    #[error("the deadline at {at} has passed")]
    DeadlinePassed {
        /// The deadline.
        at: Timestamp,
    },
    /// The hold ended at its deadline.
    #[error("the hold ended at {at}")]
    HoldEnded {
        /// The deadline.
        at: Timestamp,
    },
    /// The session has no such offer.
    #[error("there is no offer `{offer}`")]
    UnknownOffer {
        /// The offer asked for.
        offer: Code,
    },
    /// The offer is not sold yet.
    #[error("the offer `{offer}` is on sale from {opens_at} on")]
    NotYetOnSale {
        /// The offer.
        offer: Code,
        /// The first instant of its sale.
        opens_at: Timestamp,
    },
    /// The offer is no longer sold.
    #[error("the offer `{offer}` was on sale until {closed_at}")]
    NoLongerOnSale {
        /// The offer.
        offer: Code,
        /// The first instant after its sale.
        closed_at: Timestamp,
    },
    /// The offer is sold in greater numbers only.
    #[error("of the offer `{offer}` {asked} were asked for and at least {least} must be ordered")]
    TooFew {
        /// The offer.
        offer: Code,
        /// How many were asked for.
        asked: u32,
        /// The fewest in one order.
        least: Quantity,
    },
    /// The offer is sold in smaller numbers only.
    #[error("of the offer `{offer}` {asked} were asked for and at most {most} can be ordered")]
    TooMany {
        /// The offer.
        offer: Code,
        /// How many were asked for.
        asked: u32,
        /// The most in one order.
        most: Quantity,
    },
    /// One order may not have so much, all offers together.
    #[error("{asked} were asked for and an order has at most {most}")]
    OrderLimit {
        /// How many were asked for.
        asked: u32,
        /// The most in one order.
        most: Quantity,
    },
    /// One customer may not have so much, all orders together.
    #[error("the customer has {taken}, asked for {asked}, and may have at most {most}")]
    CustomerLimit {
        /// How many the customer has in other orders that count.
        taken: u32,
        /// How many were asked for.
        asked: u32,
        /// The most for one customer.
        most: Quantity,
    },
    /// Fewer places of a pool are free than were asked for.
    #[error("of the pool `{pool}` {free} are free and {asked} were asked for: {reason}")]
    SoldOut {
        /// The pool.
        pool: Code,
        /// How many of its places are free.
        free: u32,
        /// How many of its places were asked for.
        asked: u32,
        /// What stands in the way.
        reason: Obstacle,
    },
    /// Seats were asked for where there are none.
    #[error("the places of the offer `{offer}` have no seats")]
    NotSeated {
        /// The offer.
        offer: Code,
    },
    /// It was not said where to sit.
    #[error("the places of the offer `{offer}` have seats: choose them, or ask for the best")]
    SeatsNeeded {
        /// The offer.
        offer: Code,
    },
    /// More or fewer seats were named than places were asked for.
    #[error("for the offer `{offer}` {chosen} seats were named and {needed} are needed")]
    SeatCount {
        /// The offer.
        offer: Code,
        /// How many seats are needed.
        needed: u32,
        /// How many were named.
        chosen: usize,
    },
    /// The seat is not on the seat map.
    #[error("there is no seat {seat}")]
    UnknownSeat {
        /// The seat asked for.
        seat: Seat,
    },
    /// The seat is in a section where the offer does not seat anybody.
    #[error("the offer `{offer}` does not seat anybody in {seat}")]
    SeatElsewhere {
        /// The offer.
        offer: Code,
        /// The seat asked for.
        seat: Seat,
    },
    /// The seat was named twice.
    #[error("the seat {seat} was named twice")]
    SeatTwice {
        /// The seat.
        seat: Seat,
    },
    /// The seat is not free.
    #[error("the seat {seat} is not free: {reason}")]
    SeatNotFree {
        /// The seat.
        seat: Seat,
        /// What stands in the way.
        reason: Obstacle,
    },
    /// More is to be given up than the booking takes.
    #[error("of the offer `{offer}` {taken} are taken and {asked} were to be released")]
    NotTaken {
        /// The offer.
        offer: Code,
        /// How many of it the booking takes.
        taken: u32,
        /// How many were to be released.
        asked: u32,
    },
    /// A seat is to be given up that the booking does not take.
    #[error("the booking does not take the seat {seat}")]
    SeatNotTaken {
        /// The seat.
        seat: Seat,
    },
}
