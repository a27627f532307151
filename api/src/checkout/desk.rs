//! What staff see of providers: webhooks that came, calls that did not work, and how to try them again. And where
//! providers send their webhooks.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use daybook_domain::payment::Provider;
use daybook_gateways::WebhookError;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    calls::{Call, State as CallState},
    inbox::{self, NotStored},
    webhooks::{Outcome, Webhook},
};
use crate::{
    app::{App, json},
    extract::{Command, Reader, read_body},
    pages::{Parameters, Segment, bad_query, missing},
    problem::{Code, Problem},
    wire::{CommandProblems, Occurrence, QueryProblems},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(receive))
        .routes(routes!(webhooks))
        .routes(routes!(webhook))
        .routes(routes!(retry_webhook))
        .routes(routes!(calls))
        .routes(routes!(retry_call))
}

/// Take a webhook of a provider
///
/// For providers only: the signature over the body proves who sends it, and no API key is needed. It is stored before
/// anything else; one that comes again is known by its name.
#[utoipa::path(post, path = "/v1/webhooks/{provider}", tag = "payments", security(()),
    request_body(content = String, content_type = "application/json"),
    params(("provider" = String, Path, description = "`stripe` or `paypal`")),
    responses((status = 204, description = "It is stored"), CommandProblems))]
async fn receive(
    State(app): State<App>,
    provider: Segment,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let body = read_body(body).await?;
    let known = [Provider::Stripe, Provider::Paypal, Provider::Simulated];
    let provider = known.into_iter().find(|known| known.as_str() == provider.0);
    let provider = provider.ok_or_else(no_provider)?;
    match inbox::receive(&app, provider, &headers, &body).await {
        Ok(_) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(NotStored::NoGateway) => Err(no_provider()),
        Err(NotStored::Unchecked(WebhookError::Unavailable(error))) => {
            tracing::warn!(%error, "a webhook could not be checked");
            Err(Problem::new(Code::Overloaded, "the signature cannot be checked at the moment"))
        }
        Err(NotStored::Unchecked(error)) => {
            tracing::warn!(provider = provider.as_str(), %error, "a webhook was refused");
            Err(Problem::new(Code::Unauthorized, error.to_string()).because("forged"))
        }
        Err(NotStored::Database(error)) => {
            tracing::error!(%error, "a webhook could not be stored");
            Err(Problem::new(Code::Overloaded, "it cannot be stored at the moment"))
        }
    }
}

fn no_provider() -> Problem {
    missing("no such provider is set up here", "provider_not_found")
}

/// Which webhooks are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct WantedWebhooks {
    /// Only those of this provider.
    #[param(example = "stripe")]
    provider: Option<String>,
    /// Only those that came to this: `waiting`, `recorded`, `nothing_new`, `unknown`, `unmatched`, `refused`,
    /// `unreadable` or `failed`.
    #[param(value_type = Option<String>, example = "unmatched")]
    outcome: Option<Outcome>,
    /// Only those about this payment.
    payment_id: Option<Uuid>,
    /// Only those that came before the one with this number.
    before: Option<i64>,
    /// How many at the most: 1 to 1000, 50 unless said otherwise.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
}

/// Webhooks, the latest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WebhookList {
    items: Vec<Webhook>,
}

/// A webhook with what was sent.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WebhookDetails {
    #[serde(flatten)]
    webhook: Webhook,
    /// The body, as it was sent.
    body: String,
}

/// List webhooks of providers, the latest first
#[utoipa::path(get, path = "/v1/webhook-events", tag = "payments", params(WantedWebhooks),
    responses((status = 200, description = "What providers told", body = WebhookList), QueryProblems))]
async fn webhooks(
    State(app): State<App>,
    _: Reader,
    Parameters(wanted): Parameters<WantedWebhooks>,
) -> Result<Response, Problem> {
    let WantedWebhooks { provider, outcome, payment_id, before, limit } = wanted;
    let limit = within(limit)?;
    let webhooks = &app.cashier.webhooks;
    let items = webhooks.list(provider.as_deref(), outcome, payment_id, before, limit).await;
    Ok(json(&WebhookList { items: items.map_err(|error| Problem::internal(&error))? }))
}

/// Look at one webhook
#[utoipa::path(get, path = "/v1/webhook-events/{id}", tag = "payments",
    params(("id" = i64, Path, description = "Its number")),
    responses((status = 200, description = "The webhook, with what was sent", body = WebhookDetails), QueryProblems))]
async fn webhook(State(app): State<App>, _: Reader, id: Segment) -> Result<Response, Problem> {
    let found = app.cashier.webhooks.find(id.id()?).await;
    let found = found.map_err(|error| Problem::internal(&error))?;
    let (webhook, body) = found.ok_or_else(no_webhook)?;
    let body = String::from_utf8_lossy(&body).into_owned();
    Ok(json(&WebhookDetails { webhook, body }))
}

/// Work a webhook off again
///
/// One that failed, was refused or found no payment is looked at once more.
#[utoipa::path(post, path = "/v1/webhook-events/{id}/retry", tag = "payments", request_body = Option<Occurrence>,
    params(("id" = i64, Path, description = "Its number")),
    responses((status = 202, description = "It is worked off in a moment"), CommandProblems))]
async fn retry_webhook(
    State(app): State<App>,
    id: Segment,
    _: Command<Occurrence>,
) -> Result<Response, Problem> {
    let again = app.cashier.webhooks.retry(id.id()?).await;
    if again.map_err(|error| Problem::internal(&error))? {
        app.cashier.arrivals.notify_one();
        return Ok(StatusCode::ACCEPTED.into_response());
    }
    Err(no_webhook())
}

fn no_webhook() -> Problem {
    missing("there is no such webhook", "webhook_not_found")
}

/// Which calls are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct WantedCalls {
    /// Only those that stand so: `failed` for those that are left to people.
    #[param(value_type = Option<String>, example = "failed")]
    state: Option<CallState>,
    /// Only those for this payment.
    payment_id: Option<Uuid>,
    /// Only those for this booking.
    booking_id: Option<Uuid>,
    /// How many at the most: 1 to 1000, 50 unless said otherwise.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
}

/// Calls to providers, the oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CallList {
    items: Vec<Call>,
}

/// List calls to providers that are not done
///
/// What is done is in the history of its payment. Here is what is under way, what is tried again by itself, what the
/// provider is at, and what was given up and is left to people.
#[utoipa::path(get, path = "/v1/provider-calls", tag = "payments", params(WantedCalls),
    responses((status = 200, description = "The calls, the oldest first", body = CallList), QueryProblems))]
async fn calls(
    State(app): State<App>,
    _: Reader,
    Parameters(wanted): Parameters<WantedCalls>,
) -> Result<Response, Problem> {
    let WantedCalls { state, payment_id, booking_id, limit } = wanted;
    let items = app.cashier.calls.list(state, payment_id, booking_id, within(limit)?).await;
    Ok(json(&CallList { items: items.map_err(|error| Problem::internal(&error))? }))
}

/// Make a call to a provider again
///
/// One that was given up is made at once, under a new key, as often as a new one; where it could move money twice, the
/// provider is asked first what became of it.
#[utoipa::path(post, path = "/v1/provider-calls/{key}/retry", tag = "payments", request_body = Option<Occurrence>,
    params(("key" = String, Path, description = "Its key")),
    responses((status = 200, description = "It is made in a moment", body = Call), CommandProblems))]
async fn retry_call(
    State(app): State<App>,
    key: Segment,
    _: Command<Occurrence>,
) -> Result<Response, Problem> {
    let again = app.cashier.calls.retry(&key.0).await;
    let again = again.map_err(|error| Problem::internal(&error))?;
    let call = again.ok_or_else(|| {
        missing("there is no such call that waits or was given up", "call_not_found")
    })?;
    app.cashier.news.notify_one();
    Ok(json(&call))
}

pub(super) fn within(limit: Option<i64>) -> Result<i64, Problem> {
    let limit = limit.unwrap_or(50);
    if (1..=1000).contains(&limit) {
        Ok(limit)
    } else {
        Err(bad_query("`limit` is a number from 1 to 1000"))
    }
}
