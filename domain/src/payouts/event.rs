//! What happened to payouts.

use chrono::NaiveDate;
use cqrs_es::DomainEvent;
use serde::{Deserialize, Serialize};

use crate::values::{DayRange, Money, PayoutId, Phrase, Reason, Timestamp};

/// What happened. Stored for good: add variants and optional fields, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The partner was paid.
    Recorded {
        /// Which payout this is.
        payout: PayoutId,
        /// For which days.
        period: DayRange,
        /// How much.
        amount: Money,
        /// What the transfer is called.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<Phrase>,
        /// On which day, where the organization is.
        paid_on: NaiveDate,
        /// When that was recorded.
        at: Timestamp,
    },
    /// The partner was not paid after all.
    Withdrawn {
        /// Which payout.
        payout: PayoutId,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
        /// On which day, where the organization is.
        withdrawn_on: NaiveDate,
        /// When that was recorded.
        at: Timestamp,
    },
}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        let name = match self {
            Self::Recorded { .. } => "recorded",
            Self::Withdrawn { .. } => "withdrawn",
        };
        name.to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}
