//! `/v1/payouts`: what partners are owed, and what they were paid.

mod view;

use std::sync::Arc;

use axum::{extract::State, response::Response};
use chrono::NaiveDate;
use daybook_domain::values::{
    DayRange, Money, OrganizationId, PayoutId, Phrase, Reason, Timestamp,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::{App, json},
    bus::{self, Answered},
    extract::{Command, CommandBody, Reader},
    keys::Right,
    ledger::{self, MODELS},
    one::Directed,
    pages::{Parameters, bad_query},
    problem::Problem,
    wire::{self, CommandProblems, NewId, QueryProblems, Receipt, chosen},
};
pub use view::{Payout, PayoutReport, PayoutStatement};

/// The routes of payouts.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(report, record)).routes(routes!(withdraw))
}

/// Whose payouts are asked for, and for which days.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// The organization.
    organization_id: Uuid,
    /// From this day on.
    #[serde(deserialize_with = "wire::date")]
    #[param(example = "2027-05-01")]
    from: NaiveDate,
    /// To before this day.
    #[serde(deserialize_with = "wire::date")]
    #[param(example = "2027-06-01")]
    to: NaiveDate,
    /// Waits until the answer includes this position.
    #[param(minimum = 0)]
    min_position: Option<i64>,
}

/// See what a partner earned in a period and is owed for it
///
/// One item for each currency. An organization is a partner once a commission was agreed with it; bookings made before
/// that are not settled. What was not paid for earlier days is brought forward.
#[utoipa::path(get, path = "/v1/payouts", tag = "payouts", params(Wanted),
    responses((status = 200, description = "What is owed, and what was paid", body = PayoutReport), QueryProblems))]
async fn report(
    State(app): State<App>,
    _: Reader,
    Parameters(wanted): Parameters<Wanted>,
) -> Result<Response, Problem> {
    let period = DayRange::try_new(wanted.from, wanted.to);
    let period = period.map_err(|error| bad_query(error.to_string()))?;
    for model in MODELS {
        app.wait(model, wanted.min_position).await?;
    }
    let organization = OrganizationId::from_uuid(wanted.organization_id);
    ledger::found(&app, organization).await?;
    let answer = app.projections.queries().payouts(organization, period).await?;
    Ok(json(&PayoutReport::new(organization, period, answer)))
}

/// A payout to be recorded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "organization_id": "0199aa00-0000-7000-8000-000000000003",
    "from": "2027-05-01",
    "to": "2027-06-01",
    "amount": {"minor": 84_150, "currency": "EUR"},
    "reference": "SEPA 2027-06-03/17",
}))]
pub struct NewPayout {
    /// The id it shall have: a UUID of version 7.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    id: Option<NewId>,
    /// Who was paid.
    #[schema(value_type = Uuid)]
    organization_id: OrganizationId,
    /// For the days from this one on: none before the end of the last period that was paid in this currency.
    #[serde(deserialize_with = "wire::date")]
    #[schema(example = "2027-05-01")]
    from: NaiveDate,
    /// For the days before this one.
    #[serde(deserialize_with = "wire::date")]
    #[schema(example = "2027-06-01")]
    to: NaiveDate,
    /// How much: no more than was owed at the end of the period.
    #[schema(value_type = wire::Money)]
    amount: Money,
    /// What the transfer is called.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200, example = "SEPA 2027-06-03/17")]
    reference: Option<Phrase>,
    /// On which day it was paid, if not on that of the command, where the organization is. The period is over by then.
    #[serde(default, deserialize_with = "wire::optional_date")]
    paid_on: Option<NaiveDate>,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

impl CommandBody for NewPayout {
    const RIGHT: Right = Right::Admin;

    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

/// Record that a partner was paid
///
/// For the operator of the installation alone: this needs the right `admin`. The money itself moves elsewhere.
#[utoipa::path(post, path = "/v1/payouts", tag = "payouts", request_body = NewPayout,
    responses((status = 201, description = "The payout is recorded", body = Receipt), CommandProblems))]
async fn record(State(app): State<App>, command: Command<NewPayout>) -> Result<Answered, Problem> {
    let (order, body, at) = app.order(command)?;
    let period = DayRange::try_new(body.from, body.to);
    let payout = bus::NewPayout {
        id: PayoutId::from_uuid(chosen(body.id)),
        organization: body.organization_id,
        period: period.map_err(|error| Problem::bad_value("/to", error.to_string()))?,
        amount: body.amount,
        reference: body.reference,
        paid_on: body.paid_on,
        at,
    };
    let state = Arc::clone(&app);
    app.carry_out(async move { bus::record_payout(&state, &order, payout).await }).await
}

/// What is taken back, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawPayout {
    /// Who was to be paid.
    #[schema(value_type = Uuid)]
    organization_id: OrganizationId,
    /// Why.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 500, example = "The account is closed")]
    reason: Option<Reason>,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

impl CommandBody for WithdrawPayout {
    const RIGHT: Right = Right::Admin;

    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

/// Take back that a partner was paid
///
/// The transfer came back, or was never made: what was paid is owed again. This needs the right `admin`.
#[utoipa::path(post, path = "/v1/payouts/{id}/withdraw", tag = "payouts", request_body = WithdrawPayout,
    params(("id" = Uuid, Path, description = "The payout")),
    responses((status = 200, description = "The payout counts no longer", body = Receipt), CommandProblems))]
async fn withdraw(payout: Directed<WithdrawPayout>) -> Result<Answered, Problem> {
    payout
        .carry_out(
            |body, _| Ok(body),
            |order, id, WithdrawPayout { organization_id, reason, .. }, at| async move {
                bus::withdraw_payout(&order, id, organization_id, reason, at).await
            },
        )
        .await
}
