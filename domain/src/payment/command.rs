//! What can be asked of a payment, and why it may say no.

use super::Method;
use crate::values::{BookingId, Money, Reason, Timestamp};

/// What a caller asks for, with every fact the answer needs, the time included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Ask for money.
    Request {
        /// What is paid for.
        booking: BookingId,
        /// How much.
        amount: Money,
        /// How it will be paid.
        method: Method,
        /// When.
        at: Timestamp,
    },
    /// Record that it was promised.
    Authorize {
        /// When.
        at: Timestamp,
    },
    /// Record that it was taken.
    Capture {
        /// How much, unless all that was asked for.
        amount: Option<Money>,
        /// When.
        at: Timestamp,
    },
    /// Give some of it back.
    Refund {
        /// How much, unless all that is left.
        amount: Option<Money>,
        /// Why.
        reason: Option<Reason>,
        /// When.
        at: Timestamp,
    },
    /// Call it off before it is taken.
    Void {
        /// When.
        at: Timestamp,
    },
    /// Record that it did not work.
    Fail {
        /// Why.
        reason: Reason,
        /// When.
        at: Timestamp,
    },
}

/// Why a command was turned down: an answer to the caller, not a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such payment.
    #[error("there is no such payment")]
    NotFound,
    /// The payment was asked for before.
    #[error("the payment exists already")]
    AlreadyExists,
    /// Nothing is no amount to pay.
    #[error("the amount is zero")]
    ZeroAmount,
    /// The amount is in another currency.
    #[error("a payment stays in the currency it was asked for in")]
    CurrencyMismatch,
    /// More would be taken than was asked for.
    #[error("only {requested} were asked for")]
    CaptureExceedsRequested {
        /// What was asked for.
        requested: Money,
    },
    /// It was taken before.
    #[error("{amount} were taken already")]
    AlreadyCaptured {
        /// What was taken.
        amount: Money,
    },
    /// It was not taken yet.
    #[error("the payment was not taken yet")]
    NotCaptured,
    /// More would be given back than was taken.
    #[error("only {left} can be given back")]
    RefundExceedsCaptured {
        /// What can still be given back.
        left: Money,
    },
    /// It was called off.
    #[error("the payment was called off")]
    Voided,
    /// It did not work.
    #[error("the payment failed")]
    Failed,
}
