//! What happened to a payment.

use cqrs_es::DomainEvent;
use serde::{Deserialize, Serialize};

use super::Method;
use crate::values::{BookingId, Money, Reason, Timestamp};

/// What happened. Stored for good: add variants and optional fields, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was asked for.
    Requested {
        /// What is paid for.
        booking: BookingId,
        /// How much.
        amount: Money,
        /// How it will be paid.
        method: Method,
        /// When.
        at: Timestamp,
    },
    /// It was promised.
    Authorized {
        /// When.
        at: Timestamp,
    },
    /// It was taken.
    Captured {
        /// How much.
        amount: Money,
        /// When.
        at: Timestamp,
    },
    /// Some or all of it was given back.
    Refunded {
        /// How much this time.
        amount: Money,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
        /// When.
        at: Timestamp,
    },
    /// It was called off before it was taken.
    Voided {
        /// When.
        at: Timestamp,
    },
    /// It did not work.
    Failed {
        /// Why.
        reason: Reason,
        /// When.
        at: Timestamp,
    },
}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        let name = match self {
            Self::Requested { .. } => "requested",
            Self::Authorized { .. } => "authorized",
            Self::Captured { .. } => "captured",
            Self::Refunded { .. } => "refunded",
            Self::Voided { .. } => "voided",
            Self::Failed { .. } => "failed",
        };
        name.to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}
