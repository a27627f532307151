//! What was asked for, and what of it was promised, taken and given back.

use serde::{Deserialize, Serialize};

use super::refund::minus;
use super::{
    Attempt, AttemptNumber, CaptureMode, Dispute, DisputeStatus, Event, Failure, Method, Phase,
    Provider, Purpose, Refund, Refusal, Rest, Status,
};
use crate::values::{BookingId, Money, ProviderReference, RefundId, Timestamp};

/// Money that was taken in one go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capture {
    /// How much.
    pub amount: Money,
    /// What the provider calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<ProviderReference>,
}

/// What a provider was asked to do and has not answered yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pending {
    /// To take money.
    Capture {
        /// For the so-manieth time.
        number: u32,
        /// How much this time.
        amount: Money,
        /// How much in all once that is taken.
        total: Money,
        /// What becomes of the rest.
        rest: Rest,
    },
    /// To let go what it holds.
    Void,
}

/// How a payment ended before anything was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum End {
    Failed,
    Voided,
}

/// All that is known of a payment that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Account {
    pub(super) booking: BookingId,
    pub(super) purpose: Option<Purpose>,
    pub(super) method: Method,
    pub(super) provider: Option<Provider>,
    pub(super) capture: CaptureMode,
    pub(super) requested: Money,
    /// What was promised in the last attempt, once somebody said so.
    pub(super) authorized: Option<Money>,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) captured: Money,
    pub(super) refunded: Money,
    /// What is set aside for refunds under way.
    pub(super) reserved: Money,
    /// What went in disputes that were lost.
    pub(super) lost: Money,
    /// What the provider kept for moving the money.
    pub(super) fees: Money,
    /// The attempts before the last one.
    pub(super) earlier: Vec<Attempt>,
    /// The last attempt.
    pub(super) attempt: Attempt,
    pub(super) end: Option<End>,
    /// Why it was given up.
    pub(super) failure: Option<Failure>,
    pub(super) pending: Option<Pending>,
    /// What was taken, each time.
    pub(super) captures: Vec<Capture>,
    /// How many times the provider was asked to take something.
    pub(super) asked: u32,
    pub(super) refunds: Vec<Refund>,
    pub(super) disputes: Vec<Dispute>,
}

impl Account {
    /// What was asked for, by the event that begins a payment.
    pub(super) fn begin(event: &Event) -> Option<Self> {
        let Event::Requested { booking, amount, method, provider, purpose, capture, at: _ } = event
        else {
            return None;
        };
        let nothing = Money::zero(amount.currency());
        Some(Self {
            booking: *booking,
            purpose: *purpose,
            method: *method,
            provider: *provider,
            capture: *capture,
            requested: *amount,
            authorized: None,
            expires_at: None,
            captured: nothing,
            refunded: nothing,
            reserved: nothing,
            lost: nothing,
            fees: nothing,
            earlier: Vec::new(),
            attempt: Attempt::default(),
            end: None,
            failure: None,
            pending: None,
            captures: Vec::new(),
            asked: 0,
            refunds: Vec::new(),
            disputes: Vec::new(),
        })
    }

    /// The number of the last attempt.
    pub(super) fn number(&self) -> AttemptNumber {
        AttemptNumber::after(self.earlier.len())
    }

    /// The most that may be taken in all.
    pub(super) fn ceiling(&self) -> Money {
        self.authorized.unwrap_or(self.requested)
    }

    /// What can still be taken.
    pub(super) fn capturable(&self) -> Money {
        let open = match (self.end, self.attempt.phase) {
            (Some(_), _) | (None, Phase::Expired | Phase::Closed) => false,
            (None, Phase::Open | Phase::Declined) => !self.method.is_online(),
            (None, Phase::Authorized) => true,
        };
        let left = minus(self.ceiling(), self.captured);
        if open { left } else { Money::zero(left.currency()) }
    }

    /// What can still be given back.
    pub(super) fn left(&self) -> Money {
        minus(minus(minus(self.captured, self.refunded), self.reserved), self.lost)
    }

    pub(super) fn refund(&self, id: RefundId) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.id == Some(id))
    }

    pub(super) fn dispute(&self, reference: &ProviderReference) -> Option<&Dispute> {
        self.disputes.iter().find(|dispute| dispute.reference == *reference)
    }

    pub(super) fn is_disputed(&self) -> bool {
        self.disputes.iter().any(|dispute| dispute.status == DisputeStatus::Open)
    }

    /// How far it has come.
    pub(super) fn status(&self) -> Status {
        if self.captured.is_zero() {
            return match (self.end, self.attempt.phase) {
                (Some(End::Failed), _) => Status::Failed,
                (Some(End::Voided), _) => Status::Voided,
                (None, Phase::Authorized) => Status::Authorized,
                (None, Phase::Open | Phase::Declined | Phase::Expired | Phase::Closed) => {
                    Status::Requested
                }
            };
        }
        if self.is_disputed() || !self.lost.is_zero() {
            Status::Disputed
        } else if self.refunded.minor() >= self.captured.minor() {
            Status::Refunded
        } else if !self.refunded.is_zero() {
            Status::PartiallyRefunded
        } else if self.attempt.phase == Phase::Authorized {
            Status::PartiallyCaptured
        } else {
            Status::Captured
        }
    }

    /// Refuses what is no amount of this payment.
    pub(super) fn check(&self, amount: Money) -> Result<(), Refusal> {
        if amount.currency() != self.requested.currency() {
            return Err(Refusal::CurrencyMismatch);
        }
        if amount.is_zero() { Err(Refusal::ZeroAmount) } else { Ok(()) }
    }

    /// Refuses when it ended before anything was taken.
    pub(super) fn check_alive(&self) -> Result<(), Refusal> {
        match self.end {
            None => Ok(()),
            Some(End::Failed) => Err(Refusal::Failed),
            Some(End::Voided) => Err(Refusal::Voided),
        }
    }
}
