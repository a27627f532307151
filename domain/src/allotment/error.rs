//! Why what is said about a session does not go together.

use crate::values::{Code, Quantity, Seat, Timestamp};

/// Why a session cannot be sold as described.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// Nothing is counted.
    #[error("a session needs at least one pool")]
    NoPool,
    /// Too much is counted.
    #[error("a session has at most {} pools", super::Session::MAX_POOLS)]
    TooManyPools,
    /// Two pools have the same code.
    #[error("the pool `{pool}` is there twice")]
    PoolTwice {
        /// The code of both.
        pool: Code,
    },
    /// A pool is seated in a section that is not on the seat map.
    #[error("the pool `{pool}` is seated in `{section}`, which is not on the seat map")]
    UnknownSection {
        /// The pool.
        pool: Code,
        /// The section.
        section: Code,
    },
    /// A section belongs to a pool twice, or to two pools.
    #[error("the section `{section}` belongs to one pool, once")]
    SectionTwice {
        /// The section.
        section: Code,
    },
    /// Nothing is sold.
    #[error("a session needs at least one offer")]
    NoOffer,
    /// Too much is sold.
    #[error("a session has at most {} offers", super::Session::MAX_OFFERS)]
    TooManyOffers,
    /// Two offers have the same code.
    #[error("the offer `{offer}` is there twice")]
    OfferTwice {
        /// The code of both.
        offer: Code,
    },
    /// An offer is priced in another currency than the first one.
    #[error("the offer `{offer}` is priced in another currency than the first one")]
    SeveralCurrencies {
        /// The offer.
        offer: Code,
    },
    /// No number of an offer could be ordered.
    #[error("of the offer `{offer}` at least {least} and at most {most} can be ordered")]
    LeastAboveMost {
        /// The offer.
        offer: Code,
        /// The fewest.
        least: Quantity,
        /// The most.
        most: Quantity,
    },
    /// The sale of an offer would end before it begins.
    #[error("the sale of the offer `{offer}` would open at {opens} and close at {closes}")]
    NeverOnSale {
        /// The offer.
        offer: Code,
        /// When its sale would open.
        opens: Timestamp,
        /// When its sale would close.
        closes: Timestamp,
    },
    /// An offer takes nothing.
    #[error("the offer `{offer}` draws on no pool")]
    NoDraw {
        /// The offer.
        offer: Code,
    },
    /// An offer draws on a pool that is not there.
    #[error("the offer `{offer}` draws on the pool `{pool}`, which is not there")]
    UnknownPool {
        /// The offer.
        offer: Code,
        /// The pool.
        pool: Code,
    },
    /// An offer draws on one pool twice.
    #[error("the offer `{offer}` draws on the pool `{pool}` twice")]
    PoolTwiceInOffer {
        /// The offer.
        offer: Code,
        /// The pool.
        pool: Code,
    },
    /// An offer draws on several pools with seats, so nobody could say which seats are meant.
    #[error("the offer `{offer}` draws on more than one pool with seats")]
    SeveralSeated {
        /// The offer.
        offer: Code,
    },
    /// An offer that may have been sold would draw other places than it did.
    #[error("what the offer `{offer}` draws cannot change; add another offer")]
    DrawsChanged {
        /// The offer.
        offer: Code,
    },
    /// A pool would lose a section, or begin or cease to have seats.
    #[error("the pool `{pool}` cannot lose a section, nor begin or cease to have seats")]
    SeatingChanged {
        /// The pool.
        pool: Code,
    },
    /// A seat that may have been sold would be gone.
    #[error("the seat {seat} cannot be removed; block it")]
    SeatRemoved {
        /// The seat.
        seat: Seat,
    },
    /// People would come in by too many ways.
    #[error("a session has at most {} gates", super::Admission::MAX_GATES)]
    TooManyGates,
    /// A gate is for an offer that is not there.
    #[error("the gate `{gate}` is for the offer `{offer}`, which is not there")]
    UnknownOfferAtGate {
        /// The gate.
        gate: Code,
        /// The offer.
        offer: Code,
    },
}
