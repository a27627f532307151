//! What whoever pays needs: a way to begin, to look, and to try again.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::Response,
};
use daybook_domain::{
    payment::{self, AttemptNumber, Payment, Provider},
    values::{PaymentId, Timestamp},
};
use daybook_gateways::{
    ChargeReference, ForClient, Progress, Standing, Token,
    simulated::{Authentication, Means},
};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::worker::{self, SyncError, Worker};
use crate::{
    app::{App, json},
    bus::{self, Answered, Order},
    extract::{Command, CommandBody},
    one::Directed,
    pages::{Segment, missing},
    problem::{Code, Problem},
    wire::{CommandProblems, Occurrence, Receipt},
};

/// How long a client waits for the provider to hear of its payment.
const PATIENCE: Duration = Duration::from_secs(8);
/// How often it is looked at meanwhile.
const GLANCE: Duration = Duration::from_millis(25);

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(checkout)).routes(routes!(retry)).routes(routes!(simulate))
}

/// How a payment stands at its provider, and what the customer has to do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "payment_id": "019a0000-0000-7000-8000-000000000001",
    "provider": "stripe",
    "status": "requested",
    "attempt": 1,
    "stage": "requires_method",
    "client_secret": "pi_1_secret_2",
    "publishable_key": "pk_live_1"
}))]
pub struct PaymentCheckout {
    payment_id: Uuid,
    /// `stripe`, `paypal` or `simulated`.
    provider: &'static str,
    /// How far the payment has come.
    status: &'static str,
    /// Which attempt to pay it is.
    attempt: u32,
    /// `starting` (ask again in a moment), `requires_method`, `requires_action`, `processing`, `authorized`, `captured`,
    /// `declined` (confirm with another means, or try again) or `voided`.
    stage: &'static str,
    /// What the provider's SDK confirms the payment with. For one client, and to be kept nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    /// The key that the provider's SDK is set up with.
    #[serde(skip_serializing_if = "Option::is_none")]
    publishable_key: Option<String>,
    /// The page of the provider where the customer agrees.
    #[serde(skip_serializing_if = "Option::is_none")]
    approve_url: Option<String>,
    /// Why the last attempt came to nothing: a stable word.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_code: Option<&'static str>,
}

/// Go on with a payment
///
/// Tells how it stands at the provider and what the customer has to do: confirm it with the provider's SDK and the client
/// secret, or agree on the provider's page. Ask again when the customer comes back: what the provider says then is
/// recorded at once, whether or not its webhook has come.
#[utoipa::path(post, path = "/v1/payments/{id}/checkout", tag = "payments", request_body = Option<Occurrence>,
    params(("id" = Uuid, Path, description = "The payment")),
    responses((status = 200, description = "How it stands, never to be stored", body = PaymentCheckout), CommandProblems))]
async fn checkout(
    State(app): State<App>,
    id: Segment,
    _: Command<Occurrence>,
) -> Result<Response, Problem> {
    let id: PaymentId = id.id()?;
    let worker = Worker { app: Arc::clone(&app), writer: app.writer()? };
    let payment = started(&worker, id).await?;
    let provider = payment.provider().ok_or_else(by_hand)?;
    let standing = match worker::sync(&worker, id).await {
        Ok(standing) => standing,
        Err(SyncError::There(error)) if error.is_passing() => {
            tracing::warn!(payment = %id, %error, "a provider could not be asked");
            None
        }
        Err(error) => return Err(Problem::internal(&error)),
    };
    let payment = worker.writer.peek(&id.to_string(), Payment::clone).await?;
    let mut answer = json(&PaymentCheckout::of(&app, id, provider, &payment, standing));
    let no_store = HeaderValue::from_static("no-store");
    answer.headers_mut().insert(header::CACHE_CONTROL, no_store);
    Ok(answer)
}

/// The payment, as soon as its provider knows of it.
async fn started(worker: &Worker, id: PaymentId) -> Result<Payment, Problem> {
    let until = Instant::now() + PATIENCE;
    loop {
        let payment = worker.writer.peek(&id.to_string(), Payment::clone).await?;
        if payment.status() == payment::Status::Absent {
            return Err(missing("there is no such payment", "payment_not_found"));
        }
        if payment.tasks().is_empty() || payment.reference().is_some() || Instant::now() >= until {
            return Ok(payment);
        }
        worker.app.cashier.news.notify_one();
        tokio::time::sleep(GLANCE).await;
    }
}

impl PaymentCheckout {
    fn of(
        app: &App,
        id: PaymentId,
        provider: Provider,
        payment: &Payment,
        standing: Option<Standing>,
    ) -> Self {
        let stage = stage(payment, standing.as_ref());
        let (mut client_secret, mut approve_url) = (None, None);
        // nobody is to pay what was called off
        let open = payment.status() == payment::Status::Requested && payment.pending().is_none();
        match standing.and_then(|standing| standing.for_client).filter(|_| open) {
            Some(ForClient::Secret(secret)) => client_secret = Some(secret.expose().to_owned()),
            Some(ForClient::Approve(url)) => approve_url = Some(url.to_string()),
            None => {}
        }
        let key = app.cashier.gateways.publishable_key.clone();
        Self {
            payment_id: id.as_uuid(),
            provider: provider.as_str(),
            status: payment.status().as_str(),
            attempt: payment.attempt().map_or(0, AttemptNumber::get),
            stage,
            client_secret,
            publishable_key: key.filter(|_| provider == Provider::Stripe),
            approve_url,
            failure_code: payment.failure().map(|failure| failure.code.as_str()),
        }
    }
}

fn stage(payment: &Payment, standing: Option<&Standing>) -> &'static str {
    match payment.status() {
        payment::Status::Voided => return "voided",
        payment::Status::Failed => return "declined",
        payment::Status::Authorized => return "authorized",
        payment::Status::PartiallyCaptured
        | payment::Status::Captured
        | payment::Status::PartiallyRefunded
        | payment::Status::Refunded
        | payment::Status::Disputed => return "captured",
        payment::Status::Absent | payment::Status::Requested => {}
    }
    match standing.map(|standing| &standing.progress) {
        None => "starting",
        Some(Progress::RequiresMethod) => "requires_method",
        Some(Progress::RequiresAction) => "requires_action",
        Some(Progress::Approved | Progress::Processing) => "processing",
        Some(Progress::Authorized { .. }) => "authorized",
        Some(Progress::Captured { .. }) => "captured",
        Some(Progress::Declined(_)) => "declined",
        Some(Progress::Voided) => "voided",
    }
}

/// Try again to pay
///
/// After an attempt that was declined or ran out, as long as the booking is held or has something to pay. The provider is
/// asked under a new key, and whatever the customer began before is called off.
#[utoipa::path(post, path = "/v1/payments/{id}/retry", tag = "payments", request_body = Option<Occurrence>,
    params(("id" = Uuid, Path, description = "The payment")),
    responses((status = 200, description = "Another attempt has begun", body = Receipt), CommandProblems))]
async fn retry(payment: Directed<Occurrence>) -> Result<Answered, Problem> {
    let meant = |_, at| Ok(at);
    let work = |order: Order, id, at: Timestamp, _| async move {
        bus::retry_payment(&order, id, at).await
    };
    payment.carry_out(meant, work).await
}

/// What a customer of the simulated provider does.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Simulate {
    /// Pays by `sim_success`, `sim_decline`, `sim_insufficient_funds`, `sim_expired_card`, `sim_incorrect_cvc`,
    /// `sim_fraud`, `sim_authenticate`, `sim_slow`, `sim_timeout` or `sim_twice`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "sim_success")]
    means: Option<String>,
    /// Proves to be who they are, or fails to, when that is asked after `sim_authenticate`.
    #[serde(default)]
    authenticated: Option<bool>,
}

impl CommandBody for Simulate {
    fn occurred_at(&self) -> Option<Timestamp> {
        None
    }
}

/// Pay as a customer of the simulated provider
///
/// Stands for a provider's SDK where no provider is set up: no money moves.
#[utoipa::path(post, path = "/v1/payments/{id}/simulate", tag = "payments", request_body = Simulate,
    params(("id" = Uuid, Path, description = "The payment")),
    responses((status = 200, description = "How it stands", body = PaymentCheckout), CommandProblems))]
async fn simulate(
    State(app): State<App>,
    id: Segment,
    command: Command<Simulate>,
) -> Result<Response, Problem> {
    let id: PaymentId = id.id()?;
    let worker = Worker { app: Arc::clone(&app), writer: app.writer()? };
    let payment = started(&worker, id).await?;
    let provider = payment.provider().ok_or_else(by_hand)?;
    let simulated = app.cashier.gateways.simulated.as_ref();
    let simulated = simulated.filter(|_| provider == Provider::Simulated).ok_or_else(|| {
        Problem::new(Code::PolicyRefusal, "only payments of the simulated provider are simulated")
            .because("not_simulated")
    })?;
    let reference = payment.reference().map(|known| ChargeReference::try_new(known.as_str()));
    let Some(Ok(reference)) = reference else {
        return Err(Problem::new(Code::PolicyRefusal, "the provider does not know of it yet")
            .because("not_started"));
    };
    let Simulate { means, authenticated } = command.body;
    let done = match (means, authenticated) {
        (Some(means), None) => {
            let known = Token::try_new(means).ok().and_then(|token| Means::of(&token));
            let means = known
                .ok_or_else(|| Problem::bad_value("/means", "there is no such means of payment"))?;
            simulated.confirm(&reference, means).await
        }
        (None, Some(true)) => simulated.authenticate(&reference, Authentication::Passed).await,
        (None, Some(false)) => simulated.authenticate(&reference, Authentication::Failed).await,
        (Some(_), Some(_)) | (None, None) => {
            return Err(Problem::bad_value("/means", "give `means` or `authenticated`"));
        }
    };
    done.map_err(|error| {
        Problem::new(Code::PolicyRefusal, error.to_string()).because("refused_by_provider")
    })?;
    let standing = worker::sync(&worker, id).await.map_err(|error| Problem::internal(&error))?;
    let payment = worker.writer.peek(&id.to_string(), Payment::clone).await?;
    Ok(json(&PaymentCheckout::of(&app, id, provider, &payment, standing)))
}

fn by_hand() -> Problem {
    Problem::new(Code::PolicyRefusal, "the payment is recorded by hand").because("recorded_by_hand")
}
