//! Writes what providers say into payments.

use anyhow::{Context, Result};
use daybook_domain::{
    payment::{Command, Fact, Payment, Refusal},
    values::PaymentId,
};
use daybook_event_store::{CommandContext, CommandError, Metadata, Response, Stream, Verdict};
use daybook_gateways::ChargeReference;

use super::{
    calls::About,
    facts::{self, Told},
    worker::{RETURN, Worker},
};
use crate::extract::now;

/// What came of recording something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Recorded {
    /// It was not known.
    News,
    /// It was.
    NothingNew,
    /// It cannot be true beside what is known.
    Refused(String),
}

/// Records what follows from what a provider says. Money that belongs to no attempt is given back.
pub(super) async fn told(
    worker: &Worker,
    id: PaymentId,
    told: Told,
    cause: &str,
) -> Result<Recorded> {
    let mut all = Recorded::NothingNew;
    for reference in &told.strays {
        stray(worker, id, reference).await?;
        all = Recorded::News;
    }
    for fact in told.facts {
        match record(worker, id, &fact, cause).await? {
            Ok(true) => {
                count(name_of(&fact));
                all = Recorded::News;
            }
            Ok(false) => {}
            Err(refusal) => {
                let payment = worker.payment(id).await?;
                if let Some(reference) = facts::stray_of(&payment, &fact, &refusal) {
                    stray(worker, id, &reference).await?;
                    return Ok(Recorded::News);
                }
                let fact = name_of(&fact);
                tracing::error!(payment = %id, %refusal, fact, "a provider says what cannot be");
                return Ok(Recorded::Refused(refusal.to_string()));
            }
        }
    }
    if all == Recorded::News {
        worker.forget_calls(id).await?;
    }
    Ok(all)
}

/// Records what a provider's books say, and nothing more: no money goes back by it. Whether any of it was news.
pub(super) async fn facts(
    worker: &Worker,
    id: PaymentId,
    facts: Vec<Fact>,
    cause: &str,
) -> Result<Result<bool, Refusal>> {
    let mut news = false;
    for fact in facts {
        let name = name_of(&fact);
        match record(worker, id, &fact, cause).await? {
            Ok(true) => {
                count(name);
                news = true;
            }
            Ok(false) => {}
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
    if news {
        worker.forget_calls(id).await?;
    }
    Ok(Ok(news))
}

/// Records one fact: whether it was news.
async fn record(
    worker: &Worker,
    id: PaymentId,
    fact: &Fact,
    cause: &str,
) -> Result<Result<bool, Refusal>> {
    let context = CommandContext { metadata: metadata(cause), idempotency: None };
    let streams = [Stream::of::<Payment>(id)];
    let mut news = false;
    let written = worker.writer.run(&streams, &context, |unit| {
        let before = unit.sequence::<Payment>(id);
        let command = Command::Record { fact: fact.clone(), at: now() };
        unit.decide(id, |payment: &Payment| payment.decide(command))?;
        news = unit.sequence::<Payment>(id) > before;
        Ok::<_, Refusal>(Verdict::Commit(Response::default()))
    });
    match written.await {
        Ok(_) => Ok(Ok(news)),
        Err(CommandError::Refused(refusal)) => Ok(Err(refusal)),
        Err(error) => Err(anyhow::anyhow!("{error:?}")),
    }
}

/// Sees to it that the money in a charge goes back.
pub(super) async fn stray(
    worker: &Worker,
    id: PaymentId,
    reference: &ChargeReference,
) -> Result<()> {
    let booking = worker.writer.peek(&id.to_string(), Payment::booking).await?;
    let about = About {
        key: format!("{RETURN}-{reference}"),
        step: RETURN,
        booking: booking.context("a payment is for a booking")?,
        payment: Some(id),
        reference: Some(reference.to_string()),
    };
    tracing::warn!(payment = %id, %reference, "money of no attempt is given back");
    worker.app.cashier.calls.note(&about, "it was paid too late").await?;
    worker.app.cashier.news.notify_one();
    Ok(())
}

/// What is written beside events that a provider caused.
pub(super) fn metadata(cause: &str) -> Metadata {
    Metadata::from([
        ("principal".to_owned(), "system".to_owned()),
        ("principal_name".to_owned(), super::NAME.to_owned()),
        ("causation".to_owned(), cause.to_owned()),
    ])
}

fn name_of(fact: &Fact) -> &'static str {
    match fact {
        Fact::Started { .. } => "started",
        Fact::Declined { .. } => "declined",
        Fact::Authorized { .. } => "authorized",
        Fact::Expired { .. } => "expired",
        Fact::Captured { .. } => "captured",
        Fact::CaptureFailed { .. } => "capture_failed",
        Fact::Voided { .. } => "voided",
        Fact::Refunded { .. } => "refunded",
        Fact::RefundFailed { .. } => "refund_failed",
        Fact::Fee { .. } => "fee",
        Fact::DisputeOpened { .. } => "dispute_opened",
        Fact::DisputeWon { .. } => "dispute_won",
        Fact::DisputeLost { .. } => "dispute_lost",
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("daybook_payments_total", "outcome" => outcome).increment(1);
}
