//! `/health` and `/metrics`: what operators and their machines ask.

use std::time::Duration;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use daybook_event_store::Role;
use daybook_projections::ModelStatus;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::{App, json};

/// The routes for operators.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(live)).routes(routes!(ready)).routes(routes!(metrics))
}

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How far a read model may be behind.
const MOST_LAG: i64 = 200_000;

/// Whether this process can serve.
#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// Whether it can.
    ready: bool,
    /// `owner`: it appends to the log; `follower`: it passes commands on.
    role: &'static str,
    /// Where the owner takes commands, if there is one.
    owner: Option<String>,
    /// The position of the last event in the log.
    head: Option<i64>,
    /// How many events the slowest read model is behind.
    lag: Option<i64>,
}

/// Whether the process runs
#[utoipa::path(get, path = "/health/live", tag = "operation", security(()),
    responses((status = 200, description = "It runs", body = String, content_type = "text/plain")))]
async fn live() -> &'static str {
    "live\n"
}

/// Whether the process can serve
#[utoipa::path(get, path = "/health/ready", tag = "operation", security(()),
    responses(
        (status = 200, description = "It can serve", body = Readiness),
        (status = 503, description = "It cannot serve yet, or not now", body = Readiness),
    ))]
async fn ready(State(app): State<App>) -> Response {
    let (role, owner) = match &*app.role.borrow() {
        Role::Owner(_) => ("owner", None),
        Role::Follower(owner) => {
            ("follower", owner.as_ref().map(|owner| owner.node.address.clone()))
        }
    };
    let asked = tokio::time::timeout(PATIENCE, app.projections.status()).await;
    let models = asked.ok().and_then(Result::ok);
    let lag = models.as_ref().and_then(|models| models.iter().map(ModelStatus::lag).max());
    let head = models.as_ref().and_then(|models| models.first()).map(|model| model.head.get());
    let answering = models.is_some_and(|models| models.iter().all(|model| model.ready));
    let has_owner = role == "owner" || owner.is_some();
    let ready = answering && has_owner && lag.is_some_and(|lag| lag <= MOST_LAG);
    let owner = if role == "owner" { Some("self".to_owned()) } else { owner };
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, json(&Readiness { ready, role, owner, head, lag })).into_response()
}

/// What is measured
#[utoipa::path(get, path = "/metrics", tag = "operation", security(()),
    responses((status = 200, description = "Metrics as Prometheus reads them", body = String, content_type = "text/plain")))]
async fn metrics(State(app): State<App>) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, app.metrics.render()).into_response()
}
