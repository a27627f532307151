//! Money that is given back, or taken back.

use serde::{Deserialize, Serialize};

use super::Failure;
use crate::values::{Money, PaymentId, ProviderReference, Reason, RefundId, Timestamp};

/// How far a refund has come. A provider's word for an earlier one is old news in a later one: what was given back can
/// still come back from the customer's bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// Asked of the provider, and set aside.
    Requested,
    /// Given back.
    Completed,
    /// Not given back after all.
    Failed,
}

impl RefundStatus {
    /// The status as it is written in tables and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

/// One giving back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Which one; refunds of old had no name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RefundId>,
    /// How much.
    pub amount: Money,
    /// How far it has come.
    pub status: RefundStatus,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// What the provider calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<ProviderReference>,
    /// Why it did not work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Since when it has been known.
    pub at: Timestamp,
}

impl Refund {
    /// One that was just asked for.
    pub(super) fn new(
        id: Option<RefundId>,
        amount: Money,
        reason: Option<Reason>,
        at: Timestamp,
    ) -> Self {
        let status = RefundStatus::Requested;
        Self { id, amount, status, reason, reference: None, failure: None, at }
    }
}

/// How a dispute stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStatus {
    /// Nobody knows yet.
    Open,
    /// The money stays.
    Won,
    /// The money is gone.
    Lost,
}

impl DisputeStatus {
    /// The status as it is written in tables and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }
}

/// One dispute: whoever paid wants money back from their bank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// What the provider calls it.
    pub reference: ProviderReference,
    /// How much is disputed, or was lost; nothing is known of a dispute that was won before it was heard of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// How it stands.
    pub status: DisputeStatus,
    /// Since when it has been known.
    pub at: Timestamp,
}

/// Why an amount cannot be given back from some payments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SplitError {
    /// One of the payments is in another currency.
    #[error("money is given back in the currency it was paid in")]
    CurrencyMismatch,
    /// There is not so much left of them.
    #[error("only {left} can be given back")]
    TooMuch {
        /// What can be given back of all of them.
        left: Money,
    },
}

/// How much to give back of each payment of a booking, to give back an amount in all. The payments come in the order in
/// which they were made, each with what is left of it; those of which nothing is given back are left out.
///
/// The latest is given back first: so there are as few refunds as can be, each of which costs a fee and is a line on a
/// statement; the balance goes before the deposit; and the oldest, which providers stop giving back at some age, last.
pub fn split_refund(
    amount: Money,
    payments: &[(PaymentId, Money)],
) -> Result<Vec<(PaymentId, Money)>, SplitError> {
    if payments.iter().any(|(_, left)| left.currency() != amount.currency()) {
        return Err(SplitError::CurrencyMismatch);
    }
    let mut open = amount;
    let mut shares = Vec::new();
    for (payment, left) in payments.iter().rev() {
        let share = if left.minor() < open.minor() { *left } else { open };
        if !share.is_zero() {
            shares.push((*payment, share));
        }
        open = minus(open, share);
    }
    if open.is_zero() { Ok(shares) } else { Err(SplitError::TooMuch { left: minus(amount, open) }) }
}

/// The difference, or nothing. Total, as replaying must be; whoever decides has compared before.
pub(super) fn minus(from: Money, taken: Money) -> Money {
    from.try_sub(taken).unwrap_or(Money::zero(from.currency()))
}

/// The sum, or what there was. Total, as replaying must be; whoever decides has compared before.
pub(super) fn plus(to: Money, more: Money) -> Money {
    to.try_add(more).unwrap_or(to)
}
