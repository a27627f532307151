//! Takes webhooks in, and acts on each exactly once: what it tells is a fact with a place in an order of its own, so that
//! telling it late, twice or out of order changes nothing.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use daybook_domain::{
    payment::{Payment, Provider, Status},
    values::PaymentId,
};
use daybook_event_store::Role;
use daybook_gateways::{HeaderMap, Kind, Notification, WebhookError};
use daybook_projections::ModelName;

use super::{
    facts,
    gateways::Deliveries,
    record::{self, Recorded},
    webhooks::{Outcome, Webhook},
    worker::{Worker, pause_after},
};
use crate::{app::App, extract::now};

/// How often webhooks are looked at.
const TICK: Duration = Duration::from_millis(250);
/// How many are worked off in one go.
const BATCH: i64 = 100;
/// How often one that tells of an unknown payment is looked at, and one that could not be worked off.
const UNMATCHED: i32 = 3;
const ATTEMPTS: i32 = 20;
/// How long to wait after something went wrong here.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long the list of payments may take to come up with the log.
const BEHIND: Duration = Duration::from_secs(5);

/// Whether a webhook is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stored {
    /// It is now.
    Now,
    /// It was before.
    Before,
}

/// Why a webhook is not stored.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotStored {
    /// It is not proved to come from the provider, or cannot be checked now.
    #[error(transparent)]
    Unchecked(WebhookError),
    /// The database does not take it now.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// The provider is not set up here.
    #[error("the provider is not set up here")]
    NoGateway,
}

/// Checks who sent a webhook, and stores it before anything else.
pub(super) async fn receive(
    app: &App,
    provider: Provider,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Stored, NotStored> {
    let gateway = app.cashier.gateways.get(provider).ok_or(NotStored::NoGateway)?;
    let webhooks = &app.cashier.webhooks;
    let stored = match gateway.read_webhook(headers, body, now()).await {
        Ok(told) => webhooks.store(provider, &told, body).await?,
        Err(WebhookError::Unreadable(why)) => {
            tracing::error!(provider = provider.as_str(), why, "a webhook cannot be understood");
            count(provider, "unreadable");
            webhooks.store_unreadable(provider, body, &why).await?
        }
        Err(error) => {
            count(provider, if is_forged(&error) { "forged" } else { "unchecked" });
            return Err(NotStored::Unchecked(error));
        }
    };
    app.cashier.arrivals.notify_one();
    Ok(if stored { Stored::Now } else { Stored::Before })
}

fn is_forged(error: &WebhookError) -> bool {
    !matches!(error, WebhookError::Unavailable(_))
}

/// Hands the webhooks of the simulated provider over, as a real one would over HTTP.
pub(super) async fn relay(app: App, mut deliveries: Deliveries) {
    while let Some(delivery) = deliveries.recv().await {
        for _ in 0..ATTEMPTS {
            let received =
                receive(&app, Provider::Simulated, &delivery.headers, &delivery.body).await;
            match received {
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "a simulated webhook was not taken");
                    tokio::time::sleep(PATIENCE).await;
                }
            }
        }
    }
}

/// Works webhooks off for as long as the task lives, while this process owns the log.
pub(super) async fn run(app: App) {
    loop {
        let _ = tokio::time::timeout(TICK, app.cashier.arrivals.notified()).await;
        let writer = match &*app.role.borrow() {
            Role::Owner(writer) => writer.clone(),
            Role::Follower(_) => continue,
        };
        let inbox = Inbox { worker: Worker { app: Arc::clone(&app), writer } };
        if let Err(error) = inbox.work_off().await {
            let error = format!("{error:#}");
            tracing::warn!(error, "webhooks could not be worked off");
            tokio::time::sleep(PATIENCE).await;
        }
    }
}

struct Inbox {
    worker: Worker,
}

/// What came of one, or why it is looked at again.
enum Worked {
    Settled(Outcome, Option<PaymentId>, Option<String>),
    Unmatched,
}

impl Inbox {
    async fn work_off(&self) -> Result<()> {
        let webhooks = &self.worker.app.cashier.webhooks;
        for webhook in webhooks.due(BATCH).await? {
            let worked = match &webhook.told {
                Some(told) => self.act_on(&webhook, told).await,
                None => Ok(Worked::Settled(Outcome::Unreadable, None, None)),
            };
            self.close(&webhook, worked).await?;
        }
        Ok(())
    }

    async fn close(&self, webhook: &Webhook, worked: Result<Worked>) -> Result<()> {
        let webhooks = &self.worker.app.cashier.webhooks;
        let failures = webhook.failures + 1;
        let (outcome, payment, detail) = match worked {
            Ok(Worked::Settled(outcome, payment, detail)) => (outcome, payment, detail),
            Ok(Worked::Unmatched) if failures < UNMATCHED => {
                let why = "there is no such payment yet";
                return Ok(webhooks.postpone(webhook.id, why, pause_after(failures, None)).await?);
            }
            Ok(Worked::Unmatched) => {
                let detail = "there is no such payment here".to_owned();
                (Outcome::Unmatched, None, Some(detail))
            }
            Err(error) if failures < ATTEMPTS => {
                let why = format!("{error:#}");
                return Ok(webhooks
                    .postpone(webhook.id, &why, pause_after(failures, None))
                    .await?);
            }
            Err(error) => (Outcome::Failed, None, Some(format!("{error:#}"))),
        };
        if let Outcome::Refused | Outcome::Failed | Outcome::Unmatched = outcome {
            let (id, outcome) = (webhook.id, outcome.as_str());
            tracing::error!(webhook = id, outcome, detail, "nothing came of a webhook");
        }
        count_text(&webhook.provider, outcome.as_str());
        let payment = payment.map(PaymentId::as_uuid);
        webhooks.settle(webhook.id, payment, outcome, detail.as_deref()).await?;
        Ok(())
    }

    async fn act_on(&self, webhook: &Webhook, told: &Notification) -> Result<Worked> {
        if told.kind == Kind::Unknown {
            return Ok(Worked::Settled(Outcome::Unknown, None, None));
        }
        let Some((id, payment)) = self.payment(webhook, &told.kind).await? else {
            return Ok(Worked::Unmatched);
        };
        let facts = facts::of_notification(&payment, &told.kind);
        let cause = format!("webhook {} of {}", told.id, webhook.provider);
        let recorded = record::told(&self.worker, id, facts, &cause).await?;
        if is_approved(&told.kind) {
            super::worker::sync(&self.worker, id).await?;
        }
        let (outcome, detail) = match recorded {
            Recorded::News => (Outcome::Recorded, None),
            Recorded::NothingNew => (Outcome::NothingNew, None),
            Recorded::Refused(why) => (Outcome::Refused, Some(why)),
        };
        Ok(Worked::Settled(outcome, Some(id), detail))
    }

    /// The payment that a notification is about.
    async fn payment(
        &self,
        webhook: &Webhook,
        kind: &Kind,
    ) -> Result<Option<(PaymentId, Payment)>> {
        let (ours, reference) = match kind {
            Kind::Charge(standing) => (standing.payment.as_ref(), Some(&standing.reference)),
            Kind::Refund(refund) => (None, refund.charge.as_ref()),
            Kind::Refunded { charge, .. } => (None, Some(charge)),
            Kind::Dispute(dispute) => (None, dispute.charge.as_ref()),
            Kind::Unknown => (None, None),
        };
        let ours: Option<PaymentId> = ours.and_then(|id| id.as_str().parse().ok());
        let id = match (ours, reference) {
            (Some(id), _) => Some(id),
            (None, Some(reference)) => {
                let app = &self.worker.app;
                let head = app.log.head().await?;
                app.projections.wait_for(ModelName::Payments, head, BEHIND).await?;
                let queries = app.projections.queries();
                queries.payment_known_as(&webhook.provider, reference.as_str()).await?
            }
            (None, None) => None,
        };
        let Some(id) = id else { return Ok(None) };
        let payment = self.worker.writer.peek(&id.to_string(), Payment::clone).await;
        let payment = payment.context("the payment cannot be read")?;
        Ok((payment.status() != Status::Absent).then_some((id, payment)))
    }
}

fn is_approved(kind: &Kind) -> bool {
    matches!(kind, Kind::Charge(standing) if standing.progress == daybook_gateways::Progress::Approved)
}

fn count(provider: Provider, outcome: &'static str) {
    count_text(provider.as_str(), outcome);
}

fn count_text(provider: &str, outcome: &'static str) {
    let provider = provider.to_owned();
    metrics::counter!("daybook_webhooks_total", "provider" => provider, "outcome" => outcome)
        .increment(1);
}
