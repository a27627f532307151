//! How staff see what differs from the books of providers, and ask for a comparison.

use std::sync::Arc;

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use daybook_domain::{payment::Provider, values::Timestamp};
use daybook_gateways::Period;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{super::worker::Worker, Reconciliation, difference::Difference, reconcile};
use crate::{
    app::{App, json},
    extract::{Command, CommandBody, Reader},
    pages::{Parameters, Segment, missing},
    problem::Problem,
    wire::{CommandProblems, QueryProblems},
};

pub(in crate::checkout) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, ask)).routes(routes!(get))
}

/// A comparison to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewReconciliation {
    /// With the books of which provider; unless said, of all that are set up.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "stripe")]
    provider: Option<Provider>,
    /// The first instant.
    from: DateTime<Utc>,
    /// The first instant that is not meant.
    until: DateTime<Utc>,
    /// Record what the provider is entitled to tell: what was paid, given back, or was not.
    #[serde(default)]
    record: bool,
}

impl CommandBody for NewReconciliation {
    fn occurred_at(&self) -> Option<Timestamp> {
        None
    }
}

/// Comparisons with the books of providers, the latest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReconciliationList {
    items: Vec<Reconciliation>,
}

/// A comparison with all that differs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReconciliationDetails {
    #[serde(flatten)]
    reconciliation: Reconciliation,
    differences: Vec<Difference>,
}

/// Which comparisons are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct WantedReconciliations {
    /// Only those with this provider.
    #[param(example = "stripe")]
    provider: Option<String>,
    /// Only those before the one with this number.
    before: Option<i64>,
    /// How many at the most: 1 to 1000, 50 unless said otherwise.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
}

/// List comparisons with the books of providers, the latest first
#[utoipa::path(get, path = "/v1/reconciliations", tag = "payments", params(WantedReconciliations),
    responses((status = 200, description = "What they came to", body = ReconciliationList), QueryProblems))]
async fn list(
    State(app): State<App>,
    _: Reader,
    Parameters(wanted): Parameters<WantedReconciliations>,
) -> Result<Response, Problem> {
    let WantedReconciliations { provider, before, limit } = wanted;
    let limit = super::super::desk::within(limit)?;
    let items = app.cashier.reconciler.reports.list(provider.as_deref(), before, limit).await;
    Ok(json(&ReconciliationList { items: items.map_err(|error| Problem::internal(&error))? }))
}

/// Look at one comparison with the books of a provider
#[utoipa::path(get, path = "/v1/reconciliations/{id}", tag = "payments",
    params(("id" = i64, Path, description = "Its number")),
    responses((status = 200, description = "What differs", body = ReconciliationDetails), QueryProblems))]
async fn get(State(app): State<App>, _: Reader, id: Segment) -> Result<Response, Problem> {
    let found = app.cashier.reconciler.reports.find(id.id()?).await;
    let found = found.map_err(|error| Problem::internal(&error))?;
    let (reconciliation, differences) = found
        .ok_or_else(|| missing("there is no such reconciliation", "reconciliation_not_found"))?;
    Ok(json(&ReconciliationDetails { reconciliation, differences }))
}

/// Compare payments with the books of their providers
///
/// Takes as long as the provider needs; look at what was begun until its `state` is `done`. Nothing is asked of a provider
/// but what it knows, and nothing is recorded unless `record` says so.
#[utoipa::path(post, path = "/v1/reconciliations", tag = "payments", request_body = NewReconciliation,
    responses((status = 202, description = "It is under way", body = ReconciliationList), CommandProblems))]
async fn ask(
    State(app): State<App>,
    command: Command<NewReconciliation>,
) -> Result<Response, Problem> {
    let NewReconciliation { provider, from, until, record } = command.body;
    let worker = Worker { app: Arc::clone(&app), writer: app.writer()? };
    let period = Period::try_new(from, until)
        .map_err(|_| Problem::bad_value("/until", "it must be after `from`"))?;
    let providers: Vec<Provider> = app.cashier.gateways.providers().collect();
    if let Some(unknown) = provider.filter(|wanted| !providers.contains(wanted)) {
        let detail = format!("{} is not set up here", unknown.as_str());
        return Err(Problem::bad_value("/provider", detail));
    }
    let mut items = Vec::new();
    let mut begun = Vec::new();
    for known in providers.into_iter().filter(|known| provider.is_none_or(|it| it == *known)) {
        let one = app.cashier.reconciler.reports.begin(known, period, record, false).await;
        let one = one.map_err(|error| Problem::internal(&error))?;
        items.push(one.clone());
        begun.push((known, one));
    }
    app.commands.spawn(async move {
        for (provider, begun) in begun {
            if let Err(error) = reconcile(&worker, provider, period, &begun).await {
                let error = format!("{error:#}");
                tracing::warn!(error, "payments could not be compared with their provider");
            }
        }
    });
    Ok((StatusCode::ACCEPTED, json(&ReconciliationList { items })).into_response())
}
