//! What can be asked of a waiting list, and why it may say no.

use super::{NewEntry, Status, Vacancy, Wanted};
use crate::values::{CustomerId, Length, Priority, Timestamp, WaitingEntryId};

/// What a caller asks for, with every fact the answer needs, the time included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Wait for something that cannot be had now.
    Join {
        /// Who waits for what.
        entry: NewEntry,
        /// Whether it can be had, once all who wait already were served.
        vacancy: Vacancy,
        /// When.
        at: Timestamp,
    },
    /// Change the terms.
    SetTerms {
        /// For how long something is offered.
        offer_for: Length,
        /// When.
        at: Timestamp,
    },
    /// Serve somebody sooner or later than others.
    Prioritize {
        /// Which entry.
        entry: WaitingEntryId,
        /// From now on.
        priority: Priority,
        /// When.
        at: Timestamp,
    },
    /// Take what was offered: a booking under the id of the entry.
    Accept {
        /// Which entry.
        entry: WaitingEntryId,
        /// Who books.
        customer: CustomerId,
        /// What is booked, if that is a single thing.
        wanted: Option<Wanted>,
        /// When.
        at: Timestamp,
    },
    /// Turn down what was offered.
    Decline {
        /// Which entry.
        entry: WaitingEntryId,
        /// When.
        at: Timestamp,
    },
    /// Wait no longer; an offer is given up.
    Leave {
        /// Which entry.
        entry: WaitingEntryId,
        /// When.
        at: Timestamp,
    },
}

/// Why a command was turned down: an answer to the caller, not a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody ever joined under this id.
    #[error("there is no such entry of the waiting list")]
    NotFound,
    /// Somebody joined under this id before.
    #[error("the entry exists already")]
    AlreadyJoined,
    /// The customer waits for the same already.
    #[error("the customer waits for it already, by the entry {entry}")]
    AlreadyWaiting {
        /// The other entry.
        entry: WaitingEntryId,
    },
    /// The customer has as many entries as one may have.
    #[error("a customer has at most {} entries of a waiting list", super::MAX_OF_CUSTOMER)]
    TooManyOfCustomer,
    /// As many wait as may.
    #[error("a waiting list has at most {} entries", super::MAX_ENTRIES)]
    Full,
    /// It can be had without waiting.
    #[error("there is room: it can be booked")]
    StillFree,
    /// There never was so much of it.
    #[error("there never was so much: waiting does not help")]
    NeverFree,
    /// Until then nobody need wait.
    #[error("the deadline at {at} has passed")]
    DeadlinePassed {
        /// The deadline.
        at: Timestamp,
    },
    /// The entry waits no longer.
    #[error("the entry is over: {}", status.as_str())]
    Ended {
        /// What became of it.
        status: Status,
    },
    /// Nothing was offered yet.
    #[error("nothing was offered yet")]
    NotOffered,
    /// The offer ended at its deadline.
    #[error("the offer ended at {at}")]
    OfferEnded {
        /// The deadline.
        at: Timestamp,
    },
    /// It was offered to another customer.
    #[error("it was offered to another customer")]
    OtherCustomer,
    /// Something else was offered.
    #[error("something else was offered")]
    OtherThanOffered,
}
