//! What happened to a waiting list.

use cqrs_es::DomainEvent;
use serde::{Deserialize, Serialize};

use super::{Status, Wanted};
use crate::values::{CustomerId, Length, ListingId, Priority, Timestamp, WaitingEntryId};

/// Why an entry ended that nobody ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// It waited as long as was said.
    GaveUp,
    /// What it waited for does not take place.
    CalledOff,
    /// What it waited for has begun, or is sold no longer.
    Over,
}

impl Ending {
    pub(super) fn status(self) -> Status {
        match self {
            Self::GaveUp => Status::GaveUp,
            Self::CalledOff => Status::CalledOff,
            Self::Over => Status::Over,
        }
    }
}

/// What happened. Stored for good: add variants and optional fields, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Somebody waits.
    Joined {
        /// The entry.
        entry: WaitingEntryId,
        /// Who.
        customer: CustomerId,
        /// The listing it is booked under.
        listing: ListingId,
        /// For what.
        wanted: Wanted,
        /// Before whom.
        priority: Priority,
        /// Until when, if not as long as it can be had.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wait_until: Option<Timestamp>,
        /// When.
        at: Timestamp,
    },
    /// What is offered from now on is offered for so long.
    TermsSet {
        /// For how long.
        offer_for: Length,
        /// When.
        at: Timestamp,
    },
    /// An entry is served sooner or later than before.
    Prioritized {
        /// The entry.
        entry: WaitingEntryId,
        /// From now on.
        priority: Priority,
        /// When.
        at: Timestamp,
    },
    /// What an entry waited for is held for it.
    Offered {
        /// The entry.
        entry: WaitingEntryId,
        /// Until when.
        until: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// A booking was made of the offer, under the id of the entry.
    Accepted {
        /// The entry.
        entry: WaitingEntryId,
        /// When.
        at: Timestamp,
    },
    /// The offer was turned down.
    Declined {
        /// The entry.
        entry: WaitingEntryId,
        /// When.
        at: Timestamp,
    },
    /// The offer ended at its deadline.
    Expired {
        /// The entry.
        entry: WaitingEntryId,
        /// When that was noticed.
        at: Timestamp,
    },
    /// Somebody waits no longer, and gives up what was offered.
    Left {
        /// The entry.
        entry: WaitingEntryId,
        /// When.
        at: Timestamp,
    },
    /// There is nothing more to wait for.
    Ended {
        /// The entry.
        entry: WaitingEntryId,
        /// Why.
        ending: Ending,
        /// When that was noticed.
        at: Timestamp,
    },
}

impl Event {
    /// The entry that it is about, if it is about one.
    pub fn entry(&self) -> Option<WaitingEntryId> {
        match self {
            Self::TermsSet { .. } => None,
            Self::Joined { entry, .. }
            | Self::Prioritized { entry, .. }
            | Self::Offered { entry, .. }
            | Self::Accepted { entry, .. }
            | Self::Declined { entry, .. }
            | Self::Expired { entry, .. }
            | Self::Left { entry, .. }
            | Self::Ended { entry, .. } => Some(*entry),
        }
    }

    /// How far its entry has come by it, if that is another status than before.
    pub fn status(&self) -> Option<Status> {
        match self {
            Self::TermsSet { .. } | Self::Prioritized { .. } => None,
            Self::Joined { .. } => Some(Status::Waiting),
            Self::Offered { .. } => Some(Status::Offered),
            Self::Accepted { .. } => Some(Status::Accepted),
            Self::Declined { .. } => Some(Status::Declined),
            Self::Expired { .. } => Some(Status::Expired),
            Self::Left { .. } => Some(Status::Left),
            Self::Ended { ending, .. } => Some(ending.status()),
        }
    }
}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        let name = match self {
            Self::Joined { .. } => "joined",
            Self::TermsSet { .. } => "terms_set",
            Self::Prioritized { .. } => "prioritized",
            Self::Offered { .. } => "offered",
            Self::Accepted { .. } => "accepted",
            Self::Declined { .. } => "declined",
            Self::Expired { .. } => "expired",
            Self::Left { .. } => "left",
            Self::Ended { .. } => "ended",
        };
        name.to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}
