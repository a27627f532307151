//! What is set aside for a voucher.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::calendar::Take;
use crate::values::{BusyTime, CalendarId, Code, DayRange, Month, Quantity, ResourceId, SessionId};

/// What is set aside for whoever has the voucher. Each kind is stored under its own fields, so that they tell which it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged, try_from = "Raw")]
pub enum Block {
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
        /// The nights, by the days on which they begin.
        days: DayRange,
        /// How many rooms on each of them.
        quantity: Quantity,
    },
    /// A time of a room, a person or a thing.
    Time {
        /// The resource.
        resource: ResourceId,
        /// From when until when; it has no buffers of its own.
        time: BusyTime,
        /// How many of what there is.
        quantity: Quantity,
    },
}

impl Block {
    /// A part of what is set aside of a resource.
    pub fn of_take(resource: ResourceId, take: Take) -> Self {
        match take {
            Take::Nights { days, quantity } => Self::Nights { resource, days, quantity },
            Take::Time { time, quantity } => Self::Time { resource, time, quantity },
        }
    }

    /// What is taken of which resource, unless it is places of a session.
    pub fn take(&self) -> Option<(ResourceId, Take)> {
        match *self {
            Self::Places { .. } => None,
            Self::Nights { resource, days, quantity } => {
                Some((resource, Take::Nights { days, quantity }))
            }
            Self::Time { resource, time, quantity } => {
                Some((resource, Take::Time { time, quantity }))
            }
        }
    }

    /// The session of which places are set aside, if they are.
    pub fn session(&self) -> Option<SessionId> {
        match self {
            Self::Places { session, .. } => Some(*session),
            Self::Nights { .. } | Self::Time { .. } => None,
        }
    }

    /// The calendars in which it may lie. Of a time these are the months of every zone there is: a calendar keeps the
    /// bounds it was opened with, whatever becomes of its zone.
    pub fn calendars(&self) -> BTreeSet<CalendarId> {
        let (resource, first, last) = match self {
            Self::Places { .. } => return BTreeSet::new(),
            Self::Nights { resource, days, .. } => (*resource, days.first(), days.end().pred_opt()),
            Self::Time { resource, time, .. } => {
                let time = time.range();
                let first = time.start().date_naive();
                (*resource, first.pred_opt().unwrap_or(first), time.end().date_naive().succ_opt())
            }
        };
        let last = Month::of(last.unwrap_or(first));
        let months = std::iter::successors(Some(Month::of(first)), |month| Some(month.next()));
        let months = months.take_while(|month| *month <= last);
        months.map(|month| CalendarId { resource, month }).collect()
    }

    /// Whether both are nights, or times, of one resource and have some of them in common.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Nights { resource, days, .. }, Self::Nights { resource: of, days: at, .. }) => {
                resource == of && days.first() < at.end() && at.first() < days.end()
            }
            (Self::Time { resource, time, .. }, Self::Time { resource: of, time: at, .. }) => {
                resource == of && time.range().overlaps(at.range())
            }
            (Self::Places { .. } | Self::Nights { .. } | Self::Time { .. }, _) => false,
        }
    }
}

/// All fields that blocks are stored under.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "Block")]
struct Raw {
    session: Option<SessionId>,
    offer: Option<Code>,
    resource: Option<ResourceId>,
    days: Option<DayRange>,
    time: Option<BusyTime>,
    quantity: Quantity,
}

impl TryFrom<Raw> for Block {
    type Error = &'static str;

    fn try_from(raw: Raw) -> Result<Self, Self::Error> {
        let Raw { session, offer, resource, days, time, quantity } = raw;
        match (session, offer, resource, days, time) {
            (Some(session), Some(offer), None, None, None) => {
                Ok(Self::Places { session, offer, quantity })
            }
            (None, None, Some(resource), Some(days), None) => {
                Ok(Self::Nights { resource, days, quantity })
            }
            (None, None, Some(resource), None, Some(time)) => {
                Ok(Self::Time { resource, time, quantity })
            }
            _ => Err("expected `session` and `offer`, or `resource` and one of `days` and `time`"),
        }
    }
}
