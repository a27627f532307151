//! Paying online: what providers are asked, what they say, and what follows for bookings.
//!
//! * `manager`: follows the log and does what is due next, by `settling` one booking after the other
//! * `worker`: has providers do what payments wait for; `asking` knows how, `calls` keeps what was asked
//! * `inbox`: acts on webhooks, which `webhooks` keeps
//! * `facts`: what a provider says, in the words of a payment; `record` writes it down
//! * `reconcile`: compares payments with the books of providers
//! * `client`: what whoever pays needs; `desk`: what staff see and can try again

mod asking;
mod calls;
mod client;
mod desk;
mod facts;
mod gateways;
mod inbox;
mod manager;
mod reconcile;
mod record;
mod settling;
#[cfg(test)]
mod tests;
mod webhooks;
mod worker;

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context, Result};
use bytes::Bytes;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use daybook_domain::{
    payment::{Method, Provider},
    values::Currency,
};
use sqlx::PgPool;
use tokio::{sync::Notify, task::JoinHandle};
use utoipa_axum::router::OpenApiRouter;

pub use self::{
    calls::Call as ProviderCall, client::PaymentCheckout, gateways::GatewaySettings,
    reconcile::Reconciliation, webhooks::Webhook,
};
use self::{
    calls::Calls,
    gateways::{Deliveries, Gateways},
    reconcile::Reconciler,
    webhooks::Webhooks,
};
use crate::{app::App, pages::missing, problem::Problem};

/// What it is called where its position is kept.
const NAME: &str = "checkout";

/// The routes of paying online.
pub fn routes() -> OpenApiRouter<App> {
    client::routes().merge(desk::routes()).merge(reconcile::routes())
}

/// What it takes to have providers move money.
#[derive(Debug)]
pub struct Cashier {
    gateways: Gateways,
    calls: Calls,
    webhooks: Webhooks,
    reconciler: Reconciler,
    /// The file by which Apple knows the site as a shop's.
    apple_pay_domain: Option<Bytes>,
    /// There may be something to ask of a provider.
    news: Notify,
    /// A webhook has come.
    arrivals: Notify,
}

/// Webhooks of a simulated provider, to be handed over once the server runs.
#[derive(Debug)]
pub struct Simulation(Option<Deliveries>);

impl Cashier {
    /// Sets providers up. Nothing is asked of them yet.
    ///
    /// # Errors
    /// When a setting cannot be used.
    pub fn try_new(settings: &GatewaySettings, pool: PgPool) -> Result<(Self, Simulation)> {
        let (gateways, deliveries) =
            Gateways::try_new(settings).context("payments cannot be set up")?;
        let read = |path: &PathBuf| {
            std::fs::read(path).map(Bytes::from).with_context(|| {
                format!("DAYBOOK_APPLE_PAY_DOMAIN_FILE: {} cannot be read", path.display())
            })
        };
        let apple_pay_domain = settings.apple_pay_domain_file.as_ref().map(read).transpose()?;
        tracing::info!(providers = %gateways, "payments go through");
        let reconciler = Reconciler::new(pool.clone(), settings.reconcile_hours);
        let (calls, webhooks) = (Calls::new(pool.clone()), Webhooks::new(pool));
        let (news, arrivals) = (Notify::new(), Notify::new());
        let cashier =
            Self { gateways, calls, webhooks, reconciler, apple_pay_domain, news, arrivals };
        Ok((cashier, Simulation(deliveries)))
    }

    /// Who moves the money of a payment: the provider that is asked for, or the first that takes it.
    pub(crate) fn choose(
        &self,
        method: Method,
        currency: Currency,
        wanted: Option<Provider>,
    ) -> Result<Provider, Problem> {
        self.gateways.choose(method, currency, wanted)
    }
}

/// The file by which Apple knows the site as a shop's, where Apple looks for it.
pub async fn apple_pay_domain(State(app): State<App>) -> Result<Response, Problem> {
    let file = app.cashier.apple_pay_domain.clone();
    file.map(IntoResponse::into_response)
        .ok_or_else(|| missing("Apple Pay is not set up here", "apple_pay_not_set_up"))
}

/// Starts to follow payments.
pub fn start(app: &App, Simulation(deliveries): Simulation) -> Vec<JoinHandle<()>> {
    let mut tasks = vec![
        tokio::spawn(manager::run(Arc::clone(app))),
        tokio::spawn(worker::run(Arc::clone(app))),
        tokio::spawn(inbox::run(Arc::clone(app))),
        tokio::spawn(reconcile::run(Arc::clone(app))),
    ];
    if let Some(deliveries) = deliveries {
        tasks.push(tokio::spawn(inbox::relay(Arc::clone(app), deliveries)));
    }
    tasks
}
