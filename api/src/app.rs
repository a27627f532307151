//! What every handler works with, and all routes.

use std::{sync::Arc, time::Duration};

use axum::{Router, middleware, response::Response, routing::get};
use daybook_domain::values::Timestamp;
use daybook_event_store::{Answer, Log, Position, Role, Writer};
use daybook_projections::{ModelName, Projections};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    add_ons, analytics, api_keys, availability, bookings,
    bus::{Answered, Order},
    checkout::{self, Cashier},
    customers, events,
    extract::Command,
    forward::Forwarder,
    gate, health, invoices,
    keys::Keys,
    ledger, listings, notices, openapi, organizations,
    pages::bad_query,
    payments, payouts,
    problem::{Code, Problem},
    process::Processes,
    projections, quotes,
    rates::Rates,
    resources, series, sessions,
    tickets::{self, TicketKeys},
    vouchers, waiting_lists,
};

/// How long a query waits for the position it asks for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where Apple looks for the file that proves a shop's domain.
const APPLE_PAY_DOMAIN: &str = "/.well-known/apple-developer-merchantid-domain-association";

/// What every handler works with.
pub struct AppState {
    /// The log.
    pub log: Log,
    /// Whether this process appends to it.
    pub role: watch::Receiver<Role>,
    /// The read models.
    pub projections: Projections,
    /// Who may call.
    pub keys: Arc<Keys>,
    /// What codes of tickets are made with.
    pub ticket_keys: Arc<TicketKeys>,
    /// What it takes to have providers move money.
    pub cashier: Cashier,
    /// How far process managers have read the log.
    pub processes: Processes,
    /// How often.
    pub rates: Rates,
    /// The way to the owner.
    pub forwarder: Forwarder,
    /// What is measured.
    pub metrics: PrometheusHandle,
    /// Commands that are being carried out.
    pub commands: TaskTracker,
    /// How long a request may take until its answer begins.
    pub time_limit: Duration,
}

/// The state as handlers get it.
pub type App = Arc<AppState>;

impl AppState {
    /// Where and how a command is decided: its order, its body and when it happened.
    pub fn order<T>(&self, command: Command<T>) -> Result<(Order, T, Timestamp), Problem> {
        let Command { caller, context, expected, at, body } = command;
        let writer = self.writer()?;
        let tickets = Arc::clone(&self.ticket_keys);
        let about = Some(caller.about);
        Ok((Order { writer, context, about, expected, tickets }, body, at))
    }

    /// What writes the log, if this process owns it.
    pub fn writer(&self) -> Result<Writer, Problem> {
        match &*self.role.borrow() {
            Role::Owner(writer) => Ok(writer.clone()),
            // The gate forwards commands; the log changed hands since.
            Role::Follower(_) => Err(no_owner()),
        }
    }

    /// Carries a command out to its end, whether or not its sender still waits.
    pub async fn carry_out(
        &self,
        work: impl Future<Output = Result<Answer, Problem>> + Send + 'static,
    ) -> Result<Answered, Problem> {
        match self.commands.spawn(work).await {
            Ok(answer) => answer.map(Answered),
            Err(error) => Err(Problem::internal(&error)),
        }
    }

    /// Waits until a model has come as far as a query asks for.
    pub async fn wait(&self, model: ModelName, wanted: Option<i64>) -> Result<(), Problem> {
        if let Some(wanted) = wanted {
            if wanted < 0 {
                return Err(bad_query("`min_position` is a position: 0 or more"));
            }
            self.projections.wait_for(model, Position::new(wanted), PATIENCE).await?;
        }
        Ok(())
    }
}

/// No process takes commands at the moment.
pub fn no_owner() -> Problem {
    Problem::new(Code::NoOwner, "no process owns the log at the moment")
}

/// All routes with their part of the OpenAPI document.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::base())
        .merge(organizations::routes())
        .merge(listings::routes())
        .merge(resources::routes())
        .merge(sessions::routes())
        .merge(availability::routes())
        .merge(bookings::routes())
        .merge(series::routes())
        .merge(quotes::routes())
        .merge(tickets::routes())
        .merge(waiting_lists::routes())
        .merge(payments::routes())
        .merge(checkout::routes())
        .merge(invoices::routes())
        .merge(customers::routes())
        .merge(notices::routes())
        .merge(vouchers::routes())
        .merge(add_ons::routes())
        .merge(ledger::routes())
        .merge(payouts::routes())
        .merge(analytics::routes())
        .merge(events::routes())
        .merge(projections::routes())
        .merge(api_keys::routes())
        .merge(health::routes())
}

/// The whole service.
pub fn router(app: &App) -> Router {
    let (router, document) = api().split_for_parts();
    router
        .merge(openapi::pages(document))
        .route(APPLE_PAY_DOMAIN, get(checkout::apple_pay_domain))
        .fallback(|| async { Problem::new(Code::NotFound, "there is nothing under this address") })
        .method_not_allowed_fallback(|| async {
            Problem::new(Code::MethodNotAllowed, "this address does not take the method")
        })
        .layer(middleware::from_fn_with_state(Arc::clone(app), gate::pass))
        .with_state(Arc::clone(app))
}

/// An answer of our own in JSON.
pub fn json(body: &impl serde::Serialize) -> Response {
    use axum::response::IntoResponse;
    axum::Json(body).into_response()
}
