//! What happened to a booked series.

use chrono::NaiveDateTime;
use cqrs_es::DomainEvent;
use serde::{Deserialize, Serialize};

use super::{Hindrance, Outcome};
use crate::series::SeriesPlan;
use crate::values::{CustomerId, ListingId, Reason, ResourceId, TimeRange, Timestamp};

/// What happened. Stored for good: add variants and optional fields, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Its dates were booked, all of them or all but some.
    Created(Box<Created>),
    /// Some dates were called off.
    Cancelled {
        /// Which, by their original local starts.
        occurrences: Vec<NaiveDateTime>,
        /// Why, in the words of whoever called them off.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
        /// When.
        at: Timestamp,
    },
    /// Some dates were held and are kept for good.
    Confirmed {
        /// Which, by their original local starts.
        occurrences: Vec<NaiveDateTime>,
        /// Those that were to be kept, but whose holds had ended.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        lapsed: Vec<NaiveDateTime>,
        /// When.
        at: Timestamp,
    },
    /// Some dates take place at another time or elsewhere.
    Rescheduled {
        /// Those that do.
        moved: Vec<Moved>,
        /// Those that were to, but could not, and stayed as they were.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        kept: Vec<Kept>,
        /// When.
        at: Timestamp,
    },
}

/// A series as it was booked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    /// What listing was booked.
    pub listing: ListingId,
    /// Who booked.
    pub customer: CustomerId,
    /// How its dates were given.
    pub plan: SeriesPlan,
    /// Its dates in order, as the zone's rules had them then.
    pub occurrences: Vec<Dated>,
    /// When.
    pub at: Timestamp,
}

/// One date, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dated {
    /// What the wall clock shows at its start by the plan: its name within the series.
    pub original: NaiveDateTime,
    /// When it takes place.
    pub time: TimeRange,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// One date that takes place at another time or elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// Its name within the series.
    pub original: NaiveDateTime,
    /// When it was to take place before.
    pub from: TimeRange,
    /// When it takes place from then on.
    pub to: TimeRange,
    /// Where or with whom, if that changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<ResourceId>,
}

/// One date that stayed as it was although it was to change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Its name within the series.
    pub original: NaiveDateTime,
    /// What stood in the way.
    pub hindrance: Hindrance,
}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        let name = match self {
            Self::Created(_) => "created",
            Self::Cancelled { .. } => "cancelled",
            Self::Confirmed { .. } => "confirmed",
            Self::Rescheduled { .. } => "rescheduled",
        };
        name.to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}
