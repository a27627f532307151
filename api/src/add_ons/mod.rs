//! `/v1/add-ons`: what is sold beside what is booked, with a stock of its own.

pub mod view;
pub mod wire;

use axum::extract::State;
use daybook_domain::{
    add_on::{AddOn as Aggregate, Command as AddOnCommand, Terms},
    values::AddOnId,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::wire::{AddOnPatch, NewAddOn};
use crate::{
    app::App,
    bus::{self, Answered},
    extract::Command,
    one::Directed,
    problem::Problem,
    wire::{CommandProblems, Occurrence, Receipt},
};

/// The routes of add-ons.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(view::list, create))
        .routes(routes!(view::get, revise))
        .routes(routes!(view::left))
        .routes(routes!(view::history))
        .routes(routes!(withdraw))
}

/// Offer an add-on
///
/// Bookings and quotes take it by `add_ons`. What is occupied in time, such as a projector for an hour or a cot for a
/// night, is no add-on but a resource, and booked in a line.
#[utoipa::path(post, path = "/v1/add-ons", tag = "add-ons", request_body = NewAddOn,
    responses((status = 201, description = "The add-on is offered", body = Receipt), CommandProblems))]
async fn create(State(app): State<App>, command: Command<NewAddOn>) -> Result<Answered, Problem> {
    let (order, body, at) = app.order(command)?;
    let (id, organization, terms) = body.checked()?;
    let work = async move { bus::create_add_on(&order, id, organization, terms, at).await };
    app.carry_out(work).await
}

/// Offer an add-on otherwise
///
/// Bookings that have it keep it at the price that was agreed. A stock below what is taken takes nothing back.
#[utoipa::path(patch, path = "/v1/add-ons/{id}", tag = "add-ons",
    request_body(content = AddOnPatch, content_type = "application/merge-patch+json"),
    params(("id" = Uuid, Path, description = "The add-on")),
    responses((status = 200, description = "The add-on is as asked for", body = Receipt), CommandProblems))]
async fn revise(add_on: Directed<AddOnPatch>) -> Result<Answered, Problem> {
    add_on
        .carry_out(
            |patch, _| Ok(patch),
            |order, id: AddOnId, patch, at| async move {
                let patched = |present: &Terms| wire::patched(&patch, present);
                bus::revise_add_on(&order, id, patched, at).await
            },
        )
        .await
}

/// Offer an add-on no more
///
/// Bookings that have it keep it.
#[utoipa::path(post, path = "/v1/add-ons/{id}/withdraw", tag = "add-ons", request_body = Option<Occurrence>,
    params(("id" = Uuid, Path, description = "The add-on")),
    responses((status = 200, description = "The add-on is not offered any more", body = Receipt), CommandProblems))]
async fn withdraw(add_on: Directed<Occurrence>) -> Result<Answered, Problem> {
    add_on
        .change(Ok, |add_on: &Aggregate, _, at| Ok(add_on.decide(AddOnCommand::Withdraw { at })?))
        .await
}
