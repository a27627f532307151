//! What a provider says, in the words of a payment. Pure.

use daybook_domain::{
    payment::{AttemptNumber, Fact, Failure, FailureCode, Payment, Pending, Refusal, Rest},
    values::{ProviderReference, Reason, RefundId, Timestamp},
};
use daybook_gateways::{
    ChargeReference, Decline, Dispute, DisputeState, Kind, Progress, RefundProgress,
    RefundReference, RefundStanding, Standing,
};
use sha2::{Digest, Sha256};

use crate::derived_id::version_7;

/// What follows from what a provider says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// To be recorded, in this order.
    pub(super) facts: Vec<Fact>,
    /// Charges that no attempt knows: money in them belongs to nobody here, and goes back.
    pub(super) strays: Vec<ChargeReference>,
}

impl Told {
    /// Facts alone.
    pub(super) fn facts(facts: impl IntoIterator<Item = Fact>) -> Self {
        Self { facts: facts.into_iter().collect(), strays: Vec::new() }
    }

    fn stray(reference: &ChargeReference) -> Self {
        Self { facts: Vec::new(), strays: vec![reference.clone()] }
    }
}

/// The charge whose money is to be given back where a fact was refused because nothing can be paid in its attempt any
/// more.
pub(super) fn stray_of(
    payment: &Payment,
    fact: &Fact,
    refusal: &Refusal,
) -> Option<ChargeReference> {
    let (Fact::Authorized { attempt, .. } | Fact::Captured { attempt, .. }) = fact else {
        return None;
    };
    let (Refusal::AttemptOver { .. } | Refusal::Voided) = refusal else { return None };
    let attempt = payment.attempts().nth(attempt.get() as usize - 1)?;
    ChargeReference::try_new(attempt.reference.as_ref()?.as_str()).ok()
}

/// What a notification tells of a payment.
pub(super) fn of_notification(payment: &Payment, kind: &Kind) -> Told {
    match kind {
        Kind::Charge(standing) => of_charge(payment, standing),
        Kind::Refund(standing) => Told::facts(of_refund(standing)),
        Kind::Dispute(dispute) => Told::facts(of_dispute(dispute)),
        // each refund is told by itself; sums are compared when payments are reconciled
        Kind::Refunded { .. } | Kind::Unknown => Told::default(),
    }
}

/// How a charge stands.
pub(super) fn of_charge(payment: &Payment, standing: &Standing) -> Told {
    let stray = || Told::stray(&standing.reference);
    let Some(reference) = named(standing.reference.as_str()) else { return stray() };
    let Some(attempt) = attempt_of(payment, &reference) else { return stray() };
    let news = match &standing.progress {
        Progress::RequiresMethod
        | Progress::RequiresAction
        | Progress::Approved
        | Progress::Processing => None,
        Progress::Authorized { amount } => {
            Some(Fact::Authorized { attempt, amount: *amount, reference: None, expires_at: None })
        }
        Progress::Captured { amount } => {
            let (total, rest) = (*amount, Rest::Released);
            Some(Fact::Captured { attempt, total, rest, reference: None })
        }
        Progress::Declined(decline) => Some(Fact::Declined { attempt, failure: failure(decline) }),
        Progress::Voided if payment.pending() == Some(Pending::Void) => {
            Some(Fact::Voided { attempt })
        }
        // left for too long, or called off at the provider's own desk: the customer can try again
        Progress::Voided => Some(Fact::Expired { attempt }),
    };
    // a provider keeps something of what it moved, and of nothing else
    let fee = standing.fee.filter(|fee| !fee.is_zero()).map(|total| Fact::Fee { total });
    let fee = fee.filter(|_| matches!(standing.progress, Progress::Captured { .. }));
    Told::facts([Fact::Started { attempt, reference }].into_iter().chain(news).chain(fee))
}

/// What refunds are called that give back what belongs to no attempt: no payment knows of them.
pub(super) const STRAY: &str = "stray-";

/// How a refund stands.
pub(super) fn of_refund(standing: &RefundStanding) -> Vec<Fact> {
    if standing.refund.as_ref().is_some_and(|ours| ours.as_str().starts_with(STRAY)) {
        return Vec::new();
    }
    let ours = standing.refund.as_ref().and_then(|ours| ours.as_str().parse().ok());
    let refund = ours.unwrap_or_else(|| made_elsewhere(&standing.reference));
    let fact = match &standing.progress {
        RefundProgress::Pending => None,
        RefundProgress::Succeeded => {
            let reference = named(standing.reference.as_str());
            Some(Fact::Refunded { refund, amount: standing.amount, reference })
        }
        // one that failed at the provider's own desk gave nothing back, and was never heard of here
        RefundProgress::Failed { .. } if ours.is_none() => None,
        RefundProgress::Failed { why } => {
            let failure = Failure { code: FailureCode::Other, reason: words(why) };
            Some(Fact::RefundFailed { refund, failure })
        }
    };
    fact.into_iter().collect()
}

fn of_dispute(dispute: &Dispute) -> Vec<Fact> {
    let Some(name) = named(dispute.id.as_str()) else { return Vec::new() };
    let amount = dispute.amount;
    let fact = match dispute.state {
        DisputeState::Open => Fact::DisputeOpened { dispute: name, amount },
        DisputeState::Won => Fact::DisputeWon { dispute: name },
        DisputeState::Lost => Fact::DisputeLost { dispute: name, amount },
    };
    vec![fact]
}

/// Why somebody's money was not given.
pub(super) fn failure(decline: &Decline) -> Failure {
    let said = [decline.provider_code.as_deref(), decline.message.as_deref()];
    let said: Vec<&str> = said.into_iter().flatten().collect();
    Failure { code: decline.code, reason: words(&said.join(": ")) }
}

/// The attempt that a charge belongs to: the one that knows it, or the last one, if that knows none yet.
fn attempt_of(payment: &Payment, reference: &ProviderReference) -> Option<AttemptNumber> {
    let known = payment.attempts().position(|known| known.reference.as_ref() == Some(reference));
    match known {
        Some(place) => AttemptNumber::try_new(u32::try_from(place).ok()? + 1).ok(),
        None => payment.attempt().filter(|_| payment.reference().is_none()),
    }
}

/// The id of a refund that was made at the provider's own desk: made of its name there, so that it is recorded once
/// whenever and by whomever it is told.
pub(super) fn made_elsewhere(reference: &RefundReference) -> RefundId {
    let mut hash = Sha256::new();
    hash.update("refund");
    hash.update(reference.as_str());
    RefundId::from_uuid(version_7(hash, Timestamp::UNIX_EPOCH))
}

fn named(text: &str) -> Option<ProviderReference> {
    ProviderReference::try_new(text).ok()
}

/// What somebody said, as far as it is a reason.
fn words(text: &str) -> Option<Reason> {
    let short: String = text.chars().take(Reason::MAX).collect();
    Reason::try_new(&short).ok()
}
