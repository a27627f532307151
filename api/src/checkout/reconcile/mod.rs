//! Compares payments with the books of their providers, reports what differs, and records what a provider is entitled to
//! tell: what was paid or given back though no webhook said so. Nothing is asked of a provider but what it knows.
//!
//! * `compare`: finds each `difference`, without asking anybody; `reports`: the table of what was found
//! * `routes`: how staff see and ask for it

mod compare;
mod difference;
mod reports;
mod routes;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use chrono::{TimeDelta, Utc};
use daybook_domain::{
    payment::Provider,
    values::{PaymentId, Timestamp},
};
use daybook_event_store::Role;
use daybook_gateways::{ChargeReference, Entry, Gateway, GatewayError, Moved, OurId, Period};
use daybook_projections::ModelName;
use tokio::sync::Mutex;

pub use self::reports::Reconciliation;
use self::{
    compare::{compare, looked_at},
    difference::{Found, Known},
    reports::{Report, Reports},
};
use super::{record, worker::Worker};
use crate::app::App;

pub(super) use routes::routes;

/// How often it is seen whether something is due.
const TICK: Duration = Duration::from_mins(1);
/// How soon something that came to nothing is tried again.
const PAUSE: TimeDelta = TimeDelta::hours(1);
/// The days that are compared each time: some longer than a provider takes to write its books.
const DAYS: TimeDelta = TimeDelta::days(3);
/// What is as young as that may still be on its way here.
const UNDERWAY: TimeDelta = TimeDelta::minutes(10);
/// How far the books are read beyond a period: what is asked for at its end is written down after it.
const MARGIN: TimeDelta = TimeDelta::days(1);
/// How long the list of payments may take to come up with the log.
const BEHIND: Duration = Duration::from_secs(10);

/// What it takes to compare.
#[derive(Debug)]
pub(super) struct Reconciler {
    reports: Reports,
    /// How often it is done by itself, if ever.
    every: Option<TimeDelta>,
    /// One at a time: providers count requests.
    turn: Mutex<()>,
}

impl Reconciler {
    pub(super) fn new(pool: sqlx::PgPool, hours: u32) -> Self {
        let every = (hours > 0).then(|| TimeDelta::hours(hours.into()));
        Self { reports: Reports::new(pool), every, turn: Mutex::new(()) }
    }
}

/// Compares every so often for as long as the task lives, while this process owns the log.
pub(super) async fn run(app: App) {
    let mut role = app.role.clone();
    let mut owned = false;
    loop {
        let writer = match &*role.borrow_and_update() {
            Role::Owner(writer) => Some(writer.clone()),
            Role::Follower(_) => None,
        };
        if let Some(writer) = writer {
            let worker = Worker { app: Arc::clone(&app), writer };
            match tick(&worker, owned).await {
                Ok(()) => owned = true,
                Err(error) => {
                    let error = format!("{error:#}");
                    tracing::warn!(error, "payments could not be compared with their providers");
                }
            }
        } else {
            owned = false;
        }
        if let Ok(Err(_)) = tokio::time::timeout(TICK, role.changed()).await {
            return; // nobody takes the log over any more
        }
    }
}

async fn tick(worker: &Worker, owned: bool) -> Result<()> {
    let Reconciler { reports, every, .. } = &worker.app.cashier.reconciler;
    if !owned {
        reports.break_off().await?;
    }
    let Some(every) = *every else { return Ok(()) };
    for provider in worker.app.cashier.gateways.providers() {
        // what is simulated is forgotten with the process, and would be missed
        if provider != Provider::Simulated && reports.is_due(provider, every, PAUSE).await? {
            let until = Utc::now() - UNDERWAY;
            let period = Period::try_new(until - DAYS, until)?;
            let begun = reports.begin(provider, period, true, true).await?;
            reconcile(worker, provider, period, &begun).await?;
        }
    }
    Ok(())
}

/// Makes one comparison that was begun, and keeps what it comes to.
async fn reconcile(
    worker: &Worker,
    provider: Provider,
    period: Period,
    begun: &Reconciliation,
) -> Result<()> {
    let Reconciler { reports, turn, .. } = &worker.app.cashier.reconciler;
    let _turn = turn.lock().await;
    let id = begun.id;
    let cause = format!("reconciliation {id} with {}", provider.as_str());
    match compared(worker, provider, period, begun.record.then_some(&*cause)).await {
        Ok(report) => {
            let (name, open) = (provider.as_str(), report.open());
            metrics::gauge!("daybook_reconciliation_differences", "provider" => name)
                .set(open as f64);
            if report.differences.is_empty() {
                tracing::info!(
                    provider = name,
                    id,
                    "the books of a provider say what is known here"
                );
            } else {
                let recorded = report.differences.len() - open;
                tracing::warn!(
                    provider = name,
                    id,
                    open,
                    recorded,
                    "the books of a provider say something else"
                );
            }
            reports.finish(id, Ok(&report)).await?;
        }
        Err(error) => {
            let error = format!("{error:#}");
            tracing::warn!(provider = provider.as_str(), id, error, "no books could be compared");
            reports.finish(id, Err(error)).await?;
        }
    }
    Ok(())
}

/// What differs; with a cause, what the provider is entitled to tell is recorded.
async fn compared(
    worker: &Worker,
    provider: Provider,
    period: Period,
    cause: Option<&str>,
) -> Result<Report> {
    let gateways = &worker.app.cashier.gateways;
    let gateway = gateways.get(provider).context("the provider is not set up here")?;
    let wide = Period::try_new(period.from() - MARGIN, period.until() + MARGIN)?;
    let books = gateway.list(wide).await?;
    let known = known(worker, provider, period, &books).await?;
    let in_period = |is: fn(&Moved) -> bool| {
        books.iter().filter(|entry| period.contains(entry.at) && is(&entry.moved)).count()
    };
    let mut report = Report {
        charges: in_period(|moved| matches!(moved, Moved::Charge(_))),
        refunds: in_period(|moved| matches!(moved, Moved::Refund(_))),
        payments: known.len(),
        differences: Vec::new(),
    };
    for found in compare(period, &books, &known) {
        let Some(mut found) = look(gateway.as_ref(), &known, found).await? else { continue };
        if let Some(cause) = cause {
            settle(worker, &mut found, cause).await?;
        }
        report.differences.push(found.difference);
    }
    Ok(report)
}

/// The payments of a period, and those that the books name.
async fn known(
    worker: &Worker,
    provider: Provider,
    period: Period,
    books: &[Entry],
) -> Result<Vec<Known>> {
    let app = &worker.app;
    app.projections.wait_for(ModelName::Payments, app.log.head().await?, BEHIND).await?;
    let ids = books.iter().filter_map(|entry| entry.ours.as_ref().map(OurId::as_str));
    let ids: BTreeSet<PaymentId> = ids.filter_map(|ours| ours.parse().ok()).collect();
    let names = books.iter().filter_map(|entry| entry.charge.as_ref());
    let names: BTreeSet<String> = names.map(ToString::to_string).collect();
    let (from, until): (Timestamp, Timestamp) = (period.from(), period.until());
    let queries = app.projections.queries();
    let views = queries.payments_through(provider, (from, until), &ids, &names).await?;
    let known = views.into_iter();
    let known =
        known.map(|view| Known { id: view.id, payment: view.state, created_at: view.created_at });
    Ok(known.collect())
}

/// Books are written late: what they lack is looked up before it is believed.
async fn look(gateway: &dyn Gateway, known: &[Known], found: Found) -> Result<Option<Found>> {
    let Some(charge) = &found.doubted else { return Ok(Some(found)) };
    let id = found.difference.payment_id;
    let ours = known.iter().find(|ours| Some(ours.id) == id).context("it is about a payment")?;
    match gateway.look(&ChargeReference::try_new(charge.as_str())?).await {
        Ok(standing) => Ok(looked_at(found, &standing, &ours.payment)),
        Err(GatewayError::Refused { .. }) => Ok(Some(found)),
        Err(error) => Err(error.into()),
    }
}

/// Records what the provider tells by a difference, as if a webhook had said so.
async fn settle(worker: &Worker, found: &mut Found, cause: &str) -> Result<()> {
    let Some(id) = found.difference.payment_id else { return Ok(()) };
    if found.facts.is_empty() {
        return Ok(());
    }
    match record::facts(worker, id, std::mem::take(&mut found.facts), cause).await? {
        Ok(_) => found.difference.recorded = true,
        Err(refusal) => found.difference.detail = Some(refusal.to_string()),
    }
    Ok(())
}
