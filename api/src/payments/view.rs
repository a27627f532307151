//! Payments as clients see them.

use chrono::{DateTime, Utc};
use daybook_domain::{
    payment::{self, Method, Provider, Purpose},
    values::{Money, ProviderReference, Reason},
};
use daybook_projections::PaymentView;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::wire;

/// A payment as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Payment {
    id: Uuid,
    booking_id: Uuid,
    /// What it is of the booking's price, if that was said: `deposit`, `balance`, `full` or `other`.
    #[schema(value_type = Option<String>, example = "deposit")]
    purpose: Option<Purpose>,
    /// `cash`, `bank_transfer`, `card`, `apple_pay` or `paypal`.
    #[schema(value_type = String, example = "cash")]
    method: Method,
    /// Through whom it is paid, if online: `stripe`, `paypal` or `simulated`.
    #[schema(value_type = Option<String>)]
    provider: Option<Provider>,
    /// What the provider calls the last attempt.
    #[schema(value_type = Option<String>)]
    reference: Option<ProviderReference>,
    /// `requested`, `authorized`, `partially_captured`, `captured`, `partially_refunded`, `refunded`, `disputed`, `failed`
    /// or `voided`.
    status: &'static str,
    /// How much was asked for.
    #[schema(value_type = wire::Money)]
    amount: Money,
    /// How much was promised, or taken without a promise.
    #[schema(value_type = wire::Money)]
    authorized: Money,
    /// When the promise runs out, if it does.
    expires_at: Option<DateTime<Utc>>,
    /// How much was taken.
    #[schema(value_type = wire::Money)]
    captured: Money,
    /// How much was given back.
    #[schema(value_type = wire::Money)]
    refunded: Money,
    /// How much is set aside for refunds that are under way.
    #[schema(value_type = wire::Money)]
    refunding: Money,
    /// How much was lost in disputes.
    #[schema(value_type = wire::Money)]
    lost: Money,
    /// How much the provider kept for moving the money, as far as it has said so.
    #[schema(value_type = wire::Money)]
    fees: Money,
    /// How many attempts to pay were begun.
    attempts: u32,
    /// Why it failed, or else why the last attempt came to nothing.
    failure: Option<PaymentFailure>,
    /// What was given back or is to be, the earliest first.
    refunds: Vec<PaymentRefund>,
    /// Disputes of whoever paid with their bank, the earliest first.
    disputes: Vec<PaymentDispute>,
    /// When it was asked for.
    created_at: DateTime<Utc>,
    /// The sequence of its last event, for `If-Match`.
    sequence: i64,
}

/// Why something did not work.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentFailure {
    /// `card_declined`, `insufficient_funds`, `expired_card`, `incorrect_cvc`, `authentication_failed`,
    /// `fraud_suspected`, `processing_error`, `currency_not_supported`, `cancelled_by_customer`, `expired` or `other`.
    code: &'static str,
    /// The words of whoever said so, such as the provider.
    #[schema(value_type = Option<String>)]
    reason: Option<Reason>,
}

/// One giving back.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentRefund {
    /// Its id; refunds of old have none.
    id: Option<Uuid>,
    /// How much.
    #[schema(value_type = wire::Money)]
    amount: Money,
    /// `requested`, `completed` or `failed`.
    status: &'static str,
    /// Why.
    #[schema(value_type = Option<String>)]
    reason: Option<Reason>,
    /// What the provider calls it.
    #[schema(value_type = Option<String>)]
    reference: Option<ProviderReference>,
    /// Why it did not work.
    failure: Option<PaymentFailure>,
    /// When it was asked for.
    at: DateTime<Utc>,
}

/// One dispute.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentDispute {
    /// What the provider calls it.
    #[schema(value_type = String)]
    reference: ProviderReference,
    /// How much is disputed or lost, if that is known.
    #[schema(value_type = Option<wire::Money>)]
    amount: Option<Money>,
    /// `open`, `won` or `lost`.
    status: &'static str,
    /// Since when it has been known.
    at: DateTime<Utc>,
}

impl From<PaymentView> for Payment {
    fn from(view: PaymentView) -> Self {
        let state = &view.state;
        let amount = |of: Option<Money>| of.unwrap_or(Money::zero(view.amount.currency()));
        Self {
            id: view.id.as_uuid(),
            booking_id: view.booking.as_uuid(),
            purpose: state.purpose(),
            method: view.method,
            provider: state.provider(),
            reference: state.reference().cloned(),
            status: view.status.as_str(),
            amount: view.amount,
            authorized: amount(state.authorized()),
            expires_at: state.expires_at(),
            captured: view.captured,
            refunded: view.refunded,
            refunding: amount(state.reserved()),
            lost: amount(state.lost()),
            fees: amount(state.fees()),
            attempts: state.attempt().map_or(0, payment::AttemptNumber::get),
            failure: state.failure().map(PaymentFailure::from),
            refunds: state.refunds().iter().map(PaymentRefund::from).collect(),
            disputes: state.disputes().iter().map(PaymentDispute::from).collect(),
            created_at: view.created_at,
            sequence: view.span.sequence,
        }
    }
}

impl From<&payment::Failure> for PaymentFailure {
    fn from(failure: &payment::Failure) -> Self {
        Self { code: failure.code.as_str(), reason: failure.reason.clone() }
    }
}

impl From<&payment::Refund> for PaymentRefund {
    fn from(refund: &payment::Refund) -> Self {
        Self {
            id: refund.id.map(Uuid::from),
            amount: refund.amount,
            status: refund.status.as_str(),
            reason: refund.reason.clone(),
            reference: refund.reference.clone(),
            failure: refund.failure.as_ref().map(PaymentFailure::from),
            at: refund.at,
        }
    }
}

impl From<&payment::Dispute> for PaymentDispute {
    fn from(dispute: &payment::Dispute) -> Self {
        Self {
            reference: dispute.reference.clone(),
            amount: dispute.amount,
            status: dispute.status.as_str(),
            at: dispute.at,
        }
    }
}
