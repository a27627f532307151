//! `/v1/waiting-lists` and `/v1/waiting-list-entries`: who is served first when what is sold out becomes free.

pub(crate) mod turns;
pub mod view;
pub mod wire;

use std::sync::Arc;

use axum::extract::State;
use daybook_domain::values::{WaitingEntryId, WaitingListId};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{
    view::{Distributed, found},
    wire::{AcceptOffer, NewWaitingEntry, Prioritize, WaitingTerms},
};
use crate::{
    app::App,
    bookings::{lines::Offering, wire::BookingMade},
    bus::{self, Answered, Order, Serving, WaitingStep},
    extract::{Command, CommandBody},
    keys::Right,
    one::Directed,
    pages::missing,
    problem::Problem,
    wire::{CommandProblems, Occurrence, Receipt},
};

/// The routes of waiting lists.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(view::list, join))
        .routes(routes!(view::get))
        .routes(routes!(leave))
        .routes(routes!(prioritize))
        .routes(routes!(accept))
        .routes(routes!(decline))
        .routes(routes!(view::list_of, set_terms))
        .routes(routes!(view::history))
        .routes(routes!(distribute))
}

/// Wait for what is sold out
///
/// For places of a session, for nights of a room type, or for a time of a room, a person or a thing. Who waits is served
/// before the public, the higher priority first, then who has waited longer; a group is offered all it waits for at
/// once, and smaller parties behind it may be served while it does not fit. Refused while it can be booked.
#[utoipa::path(post, path = "/v1/waiting-list-entries", tag = "waiting lists", request_body = NewWaitingEntry,
    responses((status = 201, description = "The entry waits", body = Receipt), CommandProblems))]
async fn join(
    State(app): State<App>,
    command: Command<NewWaitingEntry>,
) -> Result<Answered, Problem> {
    if command.body.sets_prices() {
        command.caller.require(Right::SetPrice)?;
    }
    let (order, body, at) = app.order(command)?;
    let offering = Offering::of(&app, body.wanted()).await?;
    let new = body.checked(&offering, at)?;
    app.carry_out(async move { bus::join_waiting_list(&order, &new).await }).await
}

/// Wait no longer
///
/// What was offered is offered to the next.
#[utoipa::path(post, path = "/v1/waiting-list-entries/{id}/leave", tag = "waiting lists",
    request_body = Option<Occurrence>,
    params(("id" = Uuid, Path, description = "The entry")),
    responses((status = 200, description = "The entry is over", body = Receipt), CommandProblems))]
async fn leave(asked: Directed<Occurrence>) -> Result<Answered, Problem> {
    step(asked, |_| WaitingStep::Leave).await
}

/// Serve somebody sooner or later than others
#[utoipa::path(post, path = "/v1/waiting-list-entries/{id}/prioritize", tag = "waiting lists",
    request_body = Prioritize,
    params(("id" = Uuid, Path, description = "The entry")),
    responses((status = 200, description = "The entry has this priority", body = Receipt), CommandProblems))]
async fn prioritize(asked: Directed<Prioritize>) -> Result<Answered, Problem> {
    step(asked, |body| WaitingStep::Prioritize(body.priority)).await
}

/// Take what is offered
///
/// A booking is made of the offer, under the id of the entry, at today's price. What is held for the entry is its own to
/// take: nobody can come in between.
#[utoipa::path(post, path = "/v1/waiting-list-entries/{id}/accept", tag = "waiting lists",
    request_body = Option<AcceptOffer>,
    params(("id" = Uuid, Path, description = "The entry")),
    responses((status = 201, description = "The booking is made", body = BookingMade), CommandProblems))]
async fn accept(asked: Directed<AcceptOffer>) -> Result<Answered, Problem> {
    let app = Arc::clone(&asked.app);
    let work = |order: Order, id, how, at| async move {
        let entry = entry(&app, id).await?;
        bus::accept_offer(&order, entry, how, at).await
    };
    asked.carry_out(AcceptOffer::checked, work).await
}

/// Turn down what is offered
///
/// It is offered to the next, and the entry is over.
#[utoipa::path(post, path = "/v1/waiting-list-entries/{id}/decline", tag = "waiting lists",
    request_body = Option<Occurrence>,
    params(("id" = Uuid, Path, description = "The entry")),
    responses((status = 200, description = "The entry is over", body = Receipt), CommandProblems))]
async fn decline(asked: Directed<Occurrence>) -> Result<Answered, Problem> {
    step(asked, |_| WaitingStep::Decline).await
}

/// Say for how long something is offered
///
/// What is offered already stays offered as long as was said.
#[utoipa::path(patch, path = "/v1/waiting-lists/{id}", tag = "waiting lists",
    request_body(content = WaitingTerms, content_type = "application/merge-patch+json"),
    params(("id" = Uuid, Path, description = "The session or the resource")),
    responses((status = 200, description = "The list is as asked for", body = Receipt), CommandProblems))]
async fn set_terms(asked: Directed<WaitingTerms>) -> Result<Answered, Problem> {
    let app = Arc::clone(&asked.app);
    let work = |order: Order, list, body: WaitingTerms, at| async move {
        view::check_waited_for(&app, list).await?;
        bus::set_waiting_terms(&order, list, body.offer_minutes, at).await
    };
    asked.carry_out(|body, _| Ok(body), work).await
}

/// Serve those who wait, as far as there is room
///
/// This happens by itself whenever something becomes free; asking for it, however often, only makes sure.
#[utoipa::path(post, path = "/v1/waiting-lists/{id}/distribute", tag = "waiting lists",
    request_body = Option<Occurrence>,
    params(("id" = Uuid, Path, description = "The session or the resource")),
    responses((status = 200, description = "All who could be served are", body = Distributed), CommandProblems))]
async fn distribute(asked: Directed<Occurrence>) -> Result<Answered, Problem> {
    let work = |order, list, _, at| async move {
        let served = bus::serve_waiting_list(&order, list, Serving::Asked, at).await?;
        served.ok_or_else(|| missing("nobody has ever waited for it", "waiting_list_not_found"))
    };
    asked.carry_out(|body, _| Ok(body), work).await
}

async fn step<T: CommandBody>(
    asked: Directed<T>,
    meant: impl FnOnce(T) -> WaitingStep,
) -> Result<Answered, Problem> {
    let app = Arc::clone(&asked.app);
    let work = |order: Order, id, step, at| async move {
        let entry = entry(&app, id).await?;
        bus::step_waiting_entry(&order, entry, step, at).await
    };
    asked.carry_out(|body, _| Ok(meant(body)), work).await
}

/// An entry, and the list it is on.
async fn entry(app: &App, id: WaitingEntryId) -> Result<(WaitingListId, WaitingEntryId), Problem> {
    let found = found(app, id).await?;
    Ok((found.entry.list(), id))
}
