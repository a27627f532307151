//! `/v1/bookings`: one customer's order, from the first hold to the end of the stay.

pub mod history;
pub mod view;
pub mod wire;

use axum::extract::State;
use daybook_domain::values::BookingId;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::wire::{AmendBooking, BookingMade, CancelBooking, MakeBooking};
use crate::{
    app::App,
    bus::{self, Answered, Step},
    extract::Command,
    keys::Right,
    pages::Segment,
    problem::Problem,
    wire::{CommandProblems, Occurrence, Receipt},
};

/// The routes of bookings.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(view::list, make))
        .routes(routes!(view::get))
        .routes(routes!(history::history))
        .routes(routes!(confirm))
        .routes(routes!(check_in))
        .routes(routes!(check_out))
        .routes(routes!(no_show))
        .routes(routes!(cancel))
        .routes(routes!(amend))
}

/// Make a booking
///
/// All lines are booked together or none is. With `hold_minutes` or `hold_until` the places are held until then and
/// the booking is to be confirmed before; else it is confirmed at once.
#[utoipa::path(post, path = "/v1/bookings", tag = "bookings", request_body = MakeBooking,
    responses((status = 201, description = "The booking is made", body = BookingMade), CommandProblems))]
async fn make(State(app): State<App>, command: Command<MakeBooking>) -> Result<Answered, Problem> {
    if command.body.sets_prices() {
        command.caller.require(Right::SetPrice)?;
    }
    let (order, body, at) = app.order(command)?;
    let new = body.checked(at)?;
    app.carry_out(async move { bus::book(&order, &new).await }).await
}

/// Book something else instead
///
/// The new places are taken and the old ones freed in one commit, or nothing changes. Lines are priced anew, at today's
/// prices unless a price is given. What is not given stays.
#[utoipa::path(post, path = "/v1/bookings/{id}/amend", tag = "bookings", request_body = AmendBooking,
    params(("id" = Uuid, Path, description = "The booking")),
    responses((status = 200, description = "The booking is as asked for", body = Receipt), CommandProblems))]
async fn amend(
    State(app): State<App>,
    id: Segment,
    command: Command<AmendBooking>,
) -> Result<Answered, Problem> {
    let id = BookingId::from_uuid(id.id()?);
    if command.body.sets_prices() {
        command.caller.require(Right::SetPrice)?;
    }
    let (order, body, at) = app.order(command)?;
    let amendment = body.checked(at)?;
    app.carry_out(async move { bus::amend(&order, id, &amendment).await }).await
}

/// Keep for good what is held
#[utoipa::path(post, path = "/v1/bookings/{id}/confirm", tag = "bookings", request_body = Option<Occurrence>,
    params(("id" = Uuid, Path, description = "The booking")),
    responses((status = 200, description = "The booking is confirmed", body = Receipt), CommandProblems))]
async fn confirm(
    State(app): State<App>,
    id: Segment,
    command: Command<Occurrence>,
) -> Result<Answered, Problem> {
    step(&app, &id, command, |_| Step::Confirm).await
}

/// Record that the guest has come
#[utoipa::path(post, path = "/v1/bookings/{id}/check-in", tag = "bookings", request_body = Option<Occurrence>,
    params(("id" = Uuid, Path, description = "The booking")),
    responses((status = 200, description = "The guest is here", body = Receipt), CommandProblems))]
async fn check_in(
    State(app): State<App>,
    id: Segment,
    command: Command<Occurrence>,
) -> Result<Answered, Problem> {
    step(&app, &id, command, |_| Step::CheckIn).await
}

/// Record that the guest has left
///
/// The nights from that day on are free again.
#[utoipa::path(post, path = "/v1/bookings/{id}/check-out", tag = "bookings", request_body = Option<Occurrence>,
    params(("id" = Uuid, Path, description = "The booking")),
    responses((status = 200, description = "The stay is over", body = Receipt), CommandProblems))]
async fn check_out(
    State(app): State<App>,
    id: Segment,
    command: Command<Occurrence>,
) -> Result<Answered, Problem> {
    step(&app, &id, command, |_| Step::CheckOut).await
}

/// Record that the guest did not come
///
/// The nights after that day are free again.
#[utoipa::path(post, path = "/v1/bookings/{id}/no-show", tag = "bookings", request_body = Option<Occurrence>,
    params(("id" = Uuid, Path, description = "The booking")),
    responses((status = 200, description = "The guest did not come", body = Receipt), CommandProblems))]
async fn no_show(
    State(app): State<App>,
    id: Segment,
    command: Command<Occurrence>,
) -> Result<Answered, Problem> {
    step(&app, &id, command, |_| Step::NoShow).await
}

/// Call a booking off
#[utoipa::path(post, path = "/v1/bookings/{id}/cancel", tag = "bookings", request_body = Option<CancelBooking>,
    params(("id" = Uuid, Path, description = "The booking")),
    responses((status = 200, description = "The booking is cancelled and its places are free", body = Receipt), CommandProblems))]
async fn cancel(
    State(app): State<App>,
    id: Segment,
    command: Command<CancelBooking>,
) -> Result<Answered, Problem> {
    step(&app, &id, command, |body| Step::Cancel(body.reason)).await
}

async fn step<T: crate::extract::CommandBody>(
    app: &App,
    id: &Segment,
    command: Command<T>,
    step: impl FnOnce(T) -> Step,
) -> Result<Answered, Problem> {
    let id = BookingId::from_uuid(id.id()?);
    let (order, body, at) = app.order(command)?;
    let step = step(body);
    app.carry_out(async move { bus::step(&order, id, &step, at).await }).await
}
