//! Who waits, and for what.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::calendar::Take;
use crate::values::{
    BusyTime, CalendarId, Code, CustomerId, ListingId, Priority, Quantity, ResourceId, SessionId,
    Stay, Timestamp, WaitingEntryId, WaitingListId, Zone,
};

/// What somebody waits for: a group waits for all of it at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// Places of a session.
    Places {
        /// The session.
        session: SessionId,
        /// Which of its offers.
        offer: Code,
        /// How many of it.
        quantity: Quantity,
    },
    /// Nights of a room type.
    Nights {
        /// The room type.
        resource: ResourceId,
        /// From when until when.
        stay: Stay,
        /// How many of it.
        quantity: Quantity,
        /// The first instant of the stay.
        starts_at: Timestamp,
    },
    /// A time of a room, a person or a thing.
    Time {
        /// The resource.
        resource: ResourceId,
        /// From when until when, with the buffers.
        time: BusyTime,
        /// How many of it.
        quantity: Quantity,
        /// How many of what there is are taken.
        occupies: Quantity,
        /// Where its wall clock hangs.
        zone: Zone,
        /// The service that somebody is wanted for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        service: Option<ListingId>,
    },
}

/// Somebody who would wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// The id it shall have.
    pub id: WaitingEntryId,
    /// Who.
    pub customer: CustomerId,
    /// The listing it is booked under.
    pub listing: ListingId,
    /// For what.
    pub wanted: Wanted,
    /// Before whom.
    pub priority: Priority,
    /// Until when, if not as long as it can be had.
    pub wait_until: Option<Timestamp>,
}

/// Somebody who waits or has an offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its id, which is that of the booking that is made of it.
    pub id: WaitingEntryId,
    /// Who.
    pub customer: CustomerId,
    /// The listing it is booked under.
    pub listing: ListingId,
    /// For what.
    pub wanted: Wanted,
    /// Before whom.
    pub priority: Priority,
    /// How many joined before.
    pub number: u64,
    /// Until when, if not as long as it can be had.
    pub wait_until: Option<Timestamp>,
    /// Since when.
    pub joined_at: Timestamp,
    /// Until when it is held for them, if it is offered.
    pub offered_until: Option<Timestamp>,
}

impl Entry {
    /// How far it has come.
    pub fn status(&self) -> Status {
        if self.offered_until.is_some() { Status::Offered } else { Status::Waiting }
    }
}

/// How far an entry has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It waits.
    Waiting,
    /// What it waited for is held for it, until a deadline.
    Offered,
    /// A booking was made of the offer.
    Accepted,
    /// The offer was turned down.
    Declined,
    /// The offer ended at its deadline.
    Expired,
    /// Whoever it was waits no longer.
    Left,
    /// It waited as long as was said.
    GaveUp,
    /// It does not take place.
    CalledOff,
    /// It has begun, or is sold no longer.
    Over,
}

impl Status {
    /// The status as it is written in tables and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Offered => "offered",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Left => "left",
            Self::GaveUp => "gave_up",
            Self::CalledOff => "called_off",
            Self::Over => "over",
        }
    }
}

impl Wanted {
    /// The list on which one waits for it.
    pub fn list(&self) -> WaitingListId {
        match self {
            Self::Places { session, .. } => (*session).into(),
            Self::Nights { resource, .. } | Self::Time { resource, .. } => (*resource).into(),
        }
    }

    /// How many of it.
    pub fn quantity(&self) -> Quantity {
        match self {
            Self::Places { quantity, .. }
            | Self::Nights { quantity, .. }
            | Self::Time { quantity, .. } => *quantity,
        }
    }

    /// What it takes of each calendar; nothing, if it is places of a session.
    pub fn takes(&self) -> BTreeMap<CalendarId, Take> {
        match self {
            Self::Places { .. } => BTreeMap::new(),
            Self::Nights { resource, stay, quantity, .. } => {
                let months = stay.days().split_by_month().into_iter();
                let take = |(month, days)| {
                    let take = Take::Nights { days, quantity: *quantity };
                    (CalendarId { resource: *resource, month }, take)
                };
                months.map(take).collect()
            }
            Self::Time { resource, time, occupies, zone, .. } => {
                let months = time.split_by_month(*zone).into_iter();
                let take = |(month, time)| {
                    let take = Take::Time { time, quantity: *occupies };
                    (CalendarId { resource: *resource, month }, take)
                };
                months.map(take).collect()
            }
        }
    }

    /// Whether it is the same, with or without what is kept free around it.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Time { resource, time, quantity, .. },
                Self::Time { resource: other, time: at, quantity: many, .. },
            ) => resource == other && time.plain() == at.plain() && quantity == many,
            (one, other) => one == other,
        }
    }

    /// Whether nobody need wait for both.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Places { session, .. }, Self::Places { session: other, .. }) => session == other,
            (Self::Nights { stay, .. }, Self::Nights { stay: other, .. }) => {
                let (one, other) = (stay.days(), other.days());
                one.first() < other.end() && other.first() < one.end()
            }
            (Self::Time { time, .. }, Self::Time { time: other, .. }) => {
                time.range().overlaps(other.range())
            }
            (Self::Places { .. } | Self::Nights { .. } | Self::Time { .. }, _) => false,
        }
    }

    /// Whether nobody can have it while nobody can have the other: at least as much of the same.
    pub(super) fn is_at_least(&self, other: &Self) -> bool {
        let same = match (self, other) {
            (
                Self::Places { session, offer, .. },
                Self::Places { session: place, offer: of, .. },
            ) => session == place && offer == of,
            (Self::Nights { stay, .. }, Self::Nights { stay: other, .. }) => stay == other,
            (Self::Time { time, .. }, Self::Time { time: other, .. }) => time == other,
            (Self::Places { .. } | Self::Nights { .. } | Self::Time { .. }, _) => false,
        };
        same && self.quantity() >= other.quantity()
    }
}
