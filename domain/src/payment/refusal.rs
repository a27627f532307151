//! Why a payment says no.

use super::AttemptNumber;
use crate::values::{Money, Timestamp};

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
    /// What is paid online is paid through somebody, and nothing else is.
    #[error("what is paid online needs a provider, and nothing else has one")]
    ProviderMismatch,
    /// No provider knows of it.
    #[error("the payment is recorded by hand")]
    ByHand,
    /// Nobody but the provider can say so.
    #[error("only the provider can say so")]
    ByProvider,
    /// There was no such attempt.
    #[error("there was no attempt {attempt}")]
    UnknownAttempt {
        /// Which attempt.
        attempt: AttemptNumber,
    },
    /// The attempt came to nothing, and another one was begun.
    #[error("attempt {attempt} is over")]
    AttemptOver {
        /// Which attempt.
        attempt: AttemptNumber,
    },
    /// Something can still come of the attempt.
    #[error("the attempt is not over")]
    AttemptOpen,
    /// The provider called it something else before.
    #[error("the provider called it something else before")]
    OtherReference,
    /// It was not promised.
    #[error("the payment is not authorized")]
    NotAuthorized,
    /// It was promised.
    #[error("the payment is authorized")]
    Authorized,
    /// The promise ran out.
    #[error("the authorization expired at {at}")]
    AuthorizationExpired {
        /// When.
        at: Timestamp,
    },
    /// The promise has not run out.
    #[error("the authorization has not expired")]
    NotExpired,
    /// More would be promised than was asked for.
    #[error("only {requested} were asked for")]
    AuthorizationExceedsRequested {
        /// What was asked for.
        requested: Money,
    },
    /// More would be taken than was asked for.
    #[error("only {requested} were asked for")]
    CaptureExceedsRequested {
        /// What was asked for.
        requested: Money,
    },
    /// More would be taken than was promised.
    #[error("only {authorized} were authorized")]
    CaptureExceedsAuthorized {
        /// What was promised.
        authorized: Money,
    },
    /// It was taken before.
    #[error("{amount} were taken already")]
    AlreadyCaptured {
        /// What was taken.
        amount: Money,
    },
    /// The provider is taking it.
    #[error("the provider is taking the money")]
    CaptureInProgress,
    /// Nobody asked to take it so many times.
    #[error("there was no capture {number}")]
    UnknownCapture {
        /// The so-manieth time.
        number: u32,
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
    /// The refund is of another amount.
    #[error("the refund is of {amount}")]
    RefundDiffers {
        /// What it is of.
        amount: Money,
    },
    /// There is no such refund.
    #[error("there is no such refund")]
    UnknownRefund,
    /// A dispute is open.
    #[error("the payment is disputed")]
    Disputed,
    /// More is disputed than was taken.
    #[error("only {captured} were taken")]
    DisputeExceedsCaptured {
        /// What was taken.
        captured: Money,
    },
    /// More would be gone than is left.
    #[error("only {left} can be lost")]
    LossExceedsCaptured {
        /// What is neither given back, nor set aside for that, nor lost.
        left: Money,
    },
    /// The dispute is about another amount.
    #[error("the dispute is about {amount}")]
    DisputeDiffers {
        /// What it is about.
        amount: Money,
    },
    /// The dispute ended otherwise.
    #[error("the dispute ended otherwise")]
    DisputeEnded,
    /// The provider is letting it go.
    #[error("the payment is being called off")]
    BeingVoided,
    /// It was called off.
    #[error("the payment was called off")]
    Voided,
    /// It did not work.
    #[error("the payment failed")]
    Failed,
}
