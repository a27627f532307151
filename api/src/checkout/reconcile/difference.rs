//! What can differ between the books of a provider and ours.

use daybook_domain::{
    payment::{Attempt, Fact, Payment, Refund as Back},
    values::{BookingId, Money, PaymentId, RefundId, Timestamp},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::wire;

/// What differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Code {
    /// Money was taken there for no payment of ours.
    ChargeUnknownHere,
    /// Money was taken here in a charge that the provider does not know.
    ChargeUnknownThere,
    /// Money is promised there, and nobody knows here.
    AuthorizedOnlyThere,
    /// Money was taken there, and nobody knows here.
    CapturedOnlyThere,
    /// Money was taken here, and not there.
    CapturedOnlyHere,
    /// More or less was taken there than here.
    CapturedDiffers,
    /// Money was taken there in an attempt that was over, and was not given back.
    ChargeOfNoAttempt,
    /// Money was given back there, and nobody knows here.
    RefundUnknownHere,
    /// Money was given back here, and not there.
    RefundUnknownThere,
    /// More or less was given back there than here.
    RefundDiffers,
    /// It was given back there; here it is asked for, or did not work.
    RefundSucceededThere,
    /// It was not given back there; here it is asked for, or was given back.
    RefundFailedThere,
    /// The same money has another currency there.
    CurrencyDiffers,
}

/// One thing that a provider's books and ours tell differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(super) struct Difference {
    pub(super) code: Code,
    /// Our payment, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    pub(super) payment_id: Option<PaymentId>,
    /// What was paid for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    pub(super) booking_id: Option<BookingId>,
    /// Our refund, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    pub(super) refund_id: Option<RefundId>,
    /// What the provider calls the charge or the refund.
    pub(super) reference: String,
    /// How much it is here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<wire::Money>)]
    pub(super) here: Option<Money>,
    /// How much it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<wire::Money>)]
    pub(super) there: Option<Money>,
    /// Whether what the provider says is recorded now.
    pub(super) recorded: bool,
    /// Why it is not, or what else is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) detail: Option<String>,
}

/// A difference, and what can be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) difference: Difference,
    /// What the provider tells by it, to be recorded.
    pub(super) facts: Vec<Fact>,
    /// Books are written later than money moves: the charge that is to be looked at before this is believed.
    pub(super) doubted: Option<String>,
}

/// A payment as it is known here.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) id: PaymentId,
    pub(super) payment: Payment,
    pub(super) created_at: Timestamp,
}

impl Known {
    fn booking(&self) -> Option<BookingId> {
        self.payment.booking()
    }

    /// Whether a charge is that of the last attempt, where all money is.
    pub(super) fn is_last(&self, charge: &str) -> bool {
        let called = |attempt: &Attempt| {
            attempt.reference.as_ref().is_some_and(|known| known.as_str() == charge)
        };
        match self.payment.attempts().position(called) {
            Some(place) => place + 1 == self.payment.attempts().count(),
            None => self.payment.reference().is_none(),
        }
    }

    pub(super) fn refund(&self, named: Option<RefundId>, reference: &str) -> Option<&Back> {
        let by_name = named.and_then(|id| self.payment.refund(id));
        let called = |refund: &&Back| {
            refund.reference.as_ref().is_some_and(|known| known.as_str() == reference)
        };
        by_name.or_else(|| self.payment.refunds().iter().find(called))
    }

    pub(super) fn differs(&self, code: Code, reference: &str) -> Difference {
        Difference {
            payment_id: Some(self.id),
            booking_id: self.booking(),
            ..nobodys(code, reference, None)
        }
    }
}

/// A difference that is about no payment of ours.
pub(super) fn nobodys(code: Code, reference: &str, there: Option<Money>) -> Difference {
    let (payment_id, booking_id, refund_id, here) = (None, None, None, None);
    let (reference, recorded, detail) = (reference.to_owned(), false, None);
    Difference { code, payment_id, booking_id, refund_id, reference, here, there, recorded, detail }
}
