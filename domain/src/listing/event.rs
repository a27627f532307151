//! What happened to a listing.

use chrono::NaiveTime;
use cqrs_es::DomainEvent;
use serde::{Deserialize, Serialize};

use super::ListingKind;
use crate::values::{Currency, LocalizedText, OrganizationId, Timestamp, Zone};

/// What happened. Stored for good: add variants and optional fields, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The listing was put on offer.
    Created {
        /// Whose listing it is.
        organization: OrganizationId,
        /// What it sells.
        kind: ListingKind,
        /// Its name.
        name: LocalizedText,
        /// Where its wall clock hangs.
        zone: Zone,
        /// In which currency it is priced.
        currency: Currency,
        /// From when on guests may arrive.
        check_in: NaiveTime,
        /// Until when guests have to leave.
        check_out: NaiveTime,
        /// When.
        at: Timestamp,
    },
    /// Some of it changed; what is not given stayed.
    Revised {
        /// The new name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<LocalizedText>,
        /// The new time of arrival.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        check_in: Option<NaiveTime>,
        /// The new time of departure.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        check_out: Option<NaiveTime>,
        /// When.
        at: Timestamp,
    },
}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        let name = match self {
            Self::Created { .. } => "created",
            Self::Revised { .. } => "revised",
        };
        name.to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}
