//! What happened to a quote.

use cqrs_es::DomainEvent;
use serde::{Deserialize, Serialize};

use super::Terms;
use crate::values::{BookingId, Timestamp};

/// What happened. Stored for good: add variants and optional fields, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was told what something would cost.
    Made {
        /// What, and what that costs.
        terms: Box<Terms>,
        /// From when on it is no longer kept to.
        expires_at: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// It was booked.
    Used {
        /// The booking that was made of it.
        booking: BookingId,
        /// When.
        at: Timestamp,
    },
}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        let name = match self {
            Self::Made { .. } => "made",
            Self::Used { .. } => "used",
        };
        name.to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}
