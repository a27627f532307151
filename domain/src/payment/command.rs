//! What can be asked of a payment.

use super::{AttemptNumber, CaptureMode, Failure, Method, Provider, Purpose, Rest};
use crate::values::{BookingId, Money, ProviderReference, Reason, RefundId, Timestamp};

/// What a caller asks for, with every fact the answer needs, the time included.
///
/// What people record by hand happened already, and is done with the command. What a provider has to do is only asked
/// for, and done once [`Command::Record`] tells that the provider said so.
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
        /// Through whom: needed for what is paid online.
        provider: Option<Provider>,
        /// What it is of the price.
        purpose: Option<Purpose>,
        /// Whether the provider takes the money as soon as it is promised.
        capture: CaptureMode,
        /// When.
        at: Timestamp,
    },
    /// Try again to pay, after an attempt that came to nothing.
    Retry {
        /// The new attempt: the one after the last.
        attempt: AttemptNumber,
        /// When.
        at: Timestamp,
    },
    /// Record by hand that all of it was promised.
    Authorize {
        /// When.
        at: Timestamp,
    },
    /// Take it: recorded by hand, or asked of the provider.
    Capture {
        /// How much, unless all that can be taken.
        amount: Option<Money>,
        /// What becomes of the rest.
        rest: Rest,
        /// When.
        at: Timestamp,
    },
    /// Let a promise end whose time has come.
    Expire {
        /// When.
        at: Timestamp,
    },
    /// Give some of it back: recorded by hand, or set aside and asked of the provider.
    Refund {
        /// Which refund this is; the same once more gives nothing back.
        refund: RefundId,
        /// How much, unless all that is left.
        amount: Option<Money>,
        /// Why.
        reason: Option<Reason>,
        /// When.
        at: Timestamp,
    },
    /// Call it off before it is taken, or the rest of it: recorded by hand, or asked of the provider.
    Void {
        /// When.
        at: Timestamp,
    },
    /// Give it up: it did not work.
    Fail {
        /// Why.
        failure: Failure,
        /// When.
        at: Timestamp,
    },
    /// Record what a provider says: never a client, only whoever asked the provider. What is known already, and what is
    /// older than that, records nothing; what cannot be true beside it is refused.
    Record {
        /// What the provider says.
        fact: Fact,
        /// When.
        at: Timestamp,
    },
}

/// What a provider says: late, twice or out of order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// It knows of an attempt.
    Started {
        /// Which attempt.
        attempt: AttemptNumber,
        /// What the provider calls it.
        reference: ProviderReference,
    },
    /// It says no to an attempt.
    Declined {
        /// Which attempt.
        attempt: AttemptNumber,
        /// Why.
        failure: Failure,
    },
    /// Money is promised.
    Authorized {
        /// In which attempt.
        attempt: AttemptNumber,
        /// How much in all.
        amount: Money,
        /// What the provider calls the promise, if that has a name of its own.
        reference: Option<ProviderReference>,
        /// When the promise runs out, if it does.
        expires_at: Option<Timestamp>,
    },
    /// The promise of an attempt ran out.
    Expired {
        /// Which attempt.
        attempt: AttemptNumber,
    },
    /// Money was taken.
    Captured {
        /// In which attempt.
        attempt: AttemptNumber,
        /// How much in all so far.
        total: Money,
        /// What becomes of the rest.
        rest: Rest,
        /// What the provider calls it.
        reference: Option<ProviderReference>,
    },
    /// What was to be taken was not.
    CaptureFailed {
        /// The so-manieth time, as the request was counted.
        number: u32,
        /// Why.
        failure: Failure,
    },
    /// What was promised is let go, or the attempt called off.
    Voided {
        /// Which attempt.
        attempt: AttemptNumber,
    },
    /// Money was given back.
    Refunded {
        /// Which refund. One that was made at the provider itself has an id that follows from its name there.
        refund: RefundId,
        /// How much.
        amount: Money,
        /// What the provider calls it.
        reference: Option<ProviderReference>,
    },
    /// Money was not given back after all.
    RefundFailed {
        /// Which refund.
        refund: RefundId,
        /// Why.
        failure: Failure,
    },
    /// Whoever paid wants money back from their bank.
    DisputeOpened {
        /// What the provider calls the dispute.
        dispute: ProviderReference,
        /// How much is disputed.
        amount: Money,
    },
    /// A dispute ended, and the money stays.
    DisputeWon {
        /// What the provider calls the dispute.
        dispute: ProviderReference,
    },
    /// A dispute ended, and the money is gone.
    DisputeLost {
        /// What the provider calls the dispute.
        dispute: ProviderReference,
        /// How much is gone.
        amount: Money,
    },
    /// It kept something for moving the money.
    Fee {
        /// How much in all so far, in the payment's currency.
        total: Money,
    },
}
