//! What happened to a payment.

use cqrs_es::DomainEvent;
use serde::{Deserialize, Serialize};

use super::{AttemptNumber, CaptureMode, Failure, FailureCode, Method, Provider, Purpose, Rest};
use crate::values::{BookingId, Money, ProviderReference, Reason, RefundId, Timestamp};

/// What happened. Stored for good: add variants and optional fields, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was asked for; with an online method the first attempt to pay begins.
    Requested {
        /// What is paid for.
        booking: BookingId,
        /// How much.
        amount: Money,
        /// How it will be paid.
        method: Method,
        /// Through whom, if online.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        provider: Option<Provider>,
        /// What it is of the price, if that was said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        purpose: Option<Purpose>,
        /// Whether the provider takes the money as soon as it is promised.
        #[serde(default, skip_serializing_if = "CaptureMode::is_manual")]
        capture: CaptureMode,
        /// When.
        at: Timestamp,
    },
    /// The provider knows of an attempt.
    Started {
        /// Which attempt.
        attempt: AttemptNumber,
        /// What the provider calls it.
        reference: ProviderReference,
        /// When.
        at: Timestamp,
    },
    /// The provider said no to an attempt.
    Declined {
        /// Which attempt.
        attempt: AttemptNumber,
        /// Why.
        failure: Failure,
        /// When.
        at: Timestamp,
    },
    /// Another attempt was begun.
    Retried {
        /// Which attempt.
        attempt: AttemptNumber,
        /// When.
        at: Timestamp,
    },
    /// It was promised.
    Authorized {
        /// How much in all, unless all that was asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<Money>,
        /// What the provider calls the promise, if that has a name of its own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<ProviderReference>,
        /// When the promise runs out, if it does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<Timestamp>,
        /// When.
        at: Timestamp,
    },
    /// The promise ran out, or what was left of it.
    Expired {
        /// When.
        at: Timestamp,
    },
    /// The provider is to take some or all of what was promised.
    CaptureRequested {
        /// For the so-manieth time, counted from 1.
        number: u32,
        /// How much this time.
        amount: Money,
        /// What becomes of the rest.
        #[serde(default, skip_serializing_if = "Rest::is_released")]
        rest: Rest,
        /// When.
        at: Timestamp,
    },
    /// The provider did not take it.
    CaptureFailed {
        /// The so-manieth time.
        number: u32,
        /// Why.
        failure: Failure,
        /// When.
        at: Timestamp,
    },
    /// It was taken.
    Captured {
        /// How much this time.
        amount: Money,
        /// What becomes of the rest.
        #[serde(default, skip_serializing_if = "Rest::is_released")]
        rest: Rest,
        /// What the provider calls it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<ProviderReference>,
        /// When.
        at: Timestamp,
    },
    /// Some was taken, and the rest of what was promised was let go.
    Released {
        /// When.
        at: Timestamp,
    },
    /// The provider is to give some of it back; until it says so, that is set aside.
    RefundRequested {
        /// Which refund.
        refund: RefundId,
        /// How much.
        amount: Money,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
        /// When.
        at: Timestamp,
    },
    /// Some or all of it was given back.
    Refunded {
        /// Which refund.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refund: Option<RefundId>,
        /// How much this time.
        amount: Money,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
        /// What the provider calls it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<ProviderReference>,
        /// When.
        at: Timestamp,
    },
    /// It was not given back after all, and can be once more.
    RefundFailed {
        /// Which refund.
        refund: RefundId,
        /// Why.
        failure: Failure,
        /// When.
        at: Timestamp,
    },
    /// Whoever paid wants some of it back from their bank.
    DisputeOpened {
        /// What the provider calls the dispute.
        dispute: ProviderReference,
        /// How much is disputed.
        amount: Money,
        /// When.
        at: Timestamp,
    },
    /// A dispute ended, and the money stays.
    DisputeWon {
        /// What the provider calls the dispute.
        dispute: ProviderReference,
        /// When.
        at: Timestamp,
    },
    /// A dispute ended, and the money is gone.
    DisputeLost {
        /// What the provider calls the dispute.
        dispute: ProviderReference,
        /// How much is gone.
        amount: Money,
        /// When.
        at: Timestamp,
    },
    /// The provider kept something for moving the money.
    FeeCharged {
        /// How much this time.
        amount: Money,
        /// When.
        at: Timestamp,
    },
    /// The provider is to let go what it holds.
    VoidRequested {
        /// When.
        at: Timestamp,
    },
    /// It was called off before it was taken.
    Voided {
        /// When.
        at: Timestamp,
    },
    /// It did not work, and was given up.
    Failed {
        /// Why, in a word.
        #[serde(default, skip_serializing_if = "FailureCode::is_other")]
        code: FailureCode,
        /// Why, in the words of whoever said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
        /// When.
        at: Timestamp,
    },
}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        let name = match self {
            Self::Requested { .. } => "requested",
            Self::Started { .. } => "started",
            Self::Declined { .. } => "declined",
            Self::Retried { .. } => "retried",
            Self::Authorized { .. } => "authorized",
            Self::Expired { .. } => "expired",
            Self::CaptureRequested { .. } => "capture_requested",
            Self::CaptureFailed { .. } => "capture_failed",
            Self::Captured { .. } => "captured",
            Self::Released { .. } => "released",
            Self::RefundRequested { .. } => "refund_requested",
            Self::Refunded { .. } => "refunded",
            Self::RefundFailed { .. } => "refund_failed",
            Self::DisputeOpened { .. } => "dispute_opened",
            Self::DisputeWon { .. } => "dispute_won",
            Self::DisputeLost { .. } => "dispute_lost",
            Self::FeeCharged { .. } => "fee_charged",
            Self::VoidRequested { .. } => "void_requested",
            Self::Voided { .. } => "voided",
            Self::Failed { .. } => "failed",
        };
        name.to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}
