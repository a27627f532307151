//! `/v1/bookings`: one customer's order, from the first hold to the end of the stay.

pub mod booked_line;
pub mod cancellation;
pub mod changes;
pub mod history;
pub mod lines;
pub mod links;
pub mod view;
pub mod wire;

use std::sync::Arc;

use axum::extract::State;
use daybook_domain::{booking::ChangeTerms, values::Timestamp};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{
    changes::{
        ApproveBooking, ConfirmBooking, DeclineBooking, ExtendBooking, MoveBooking,
        RescheduleBooking,
    },
    lines::Offering,
    wire::{AmendBooking, BookingChanged, BookingMade, MakeBooking},
};
use crate::{
    app::App,
    bus::{self, Answered, Change, Order, Step, paid_under_policy},
    extract::{Command, CommandBody},
    keys::Right,
    one::Directed,
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
        .merge(cancellation::routes())
        .routes(routes!(amend))
        .routes(routes!(reschedule))
        .routes(routes!(move_lines))
        .routes(routes!(approve))
        .routes(routes!(decline))
        .routes(routes!(extend))
}

/// Make a booking
///
/// All lines are booked together or none is: nights, times and places of sessions, of any listings of one organization.
/// With `hold_minutes` or `hold_until` the places are held until then and the booking is to be confirmed before; else it
/// is confirmed at once. With `request`, or if a listing asks for it, it waits for approval. With `quote_id`, what was
/// quoted is booked at the price that was told.
#[utoipa::path(post, path = "/v1/bookings", tag = "bookings", request_body = MakeBooking,
    responses((status = 201, description = "The booking is made", body = BookingMade), CommandProblems))]
async fn make(State(app): State<App>, command: Command<MakeBooking>) -> Result<Answered, Problem> {
    if command.body.sets_prices() {
        command.caller.require(Right::SetPrice)?;
    }
    let (order, body, at) = app.order(command)?;
    let new = if let Some(quote) = body.quote() {
        let terms = bus::quoted(&order.writer, quote).await?;
        body.of_quote(quote, &terms, at)?
    } else {
        let offering = Offering::of(&app, body.wanted()).await?;
        body.checked(&offering, at)?
    };
    app.carry_out(async move { bus::book(&order, &new).await }).await
}

/// Book something else instead
///
/// The new places are taken and the old ones freed in one commit, or nothing changes. Lines are priced anew: at today's
/// prices, at those of a quote, or at those that are given. What is not given stays. If a policy was agreed, it says until
/// when anything can be changed and what that costs, and what becomes cheaper counts as called off.
#[utoipa::path(post, path = "/v1/bookings/{id}/amend", tag = "bookings", request_body = AmendBooking,
    params(("id" = Uuid, Path, description = "The booking")),
    responses((status = 200, description = "The booking is as asked for", body = BookingChanged), CommandProblems))]
async fn amend(booking: Directed<AmendBooking>) -> Result<Answered, Problem> {
    let body = &booking.command.body;
    let waived = body.waive_fee;
    if body.sets_prices() || waived {
        booking.command.caller.require(Right::SetPrice)?;
    }
    let app = Arc::clone(&booking.app);
    if let Some(quote) = body.quote_id {
        let terms = bus::quoted(&app.writer()?, quote).await?;
        change(booking, waived, |body| body.of_quote(quote, &terms)).await
    } else {
        let offering = Offering::of(&app, body.wanted()).await?;
        change(booking, waived, |body| body.checked(&offering)).await
    }
}

/// Put some lines off to other times
///
/// The new places are taken and the old ones freed in one commit, or nothing changes. The lines are priced anew, at
/// today's prices unless a price is given; the answer tells the difference. If a policy was agreed, it says until when
/// anything can be changed and what that costs, and what becomes cheaper counts as called off.
#[utoipa::path(post, path = "/v1/bookings/{id}/reschedule", tag = "bookings", request_body = RescheduleBooking,
    params(("id" = Uuid, Path, description = "The booking")),
    responses((status = 200, description = "The booking is as asked for", body = BookingChanged), CommandProblems))]
async fn reschedule(booking: Directed<RescheduleBooking>) -> Result<Answered, Problem> {
    let waived = booking.command.body.waive_fee;
    if booking.command.body.sets_prices() || waived {
        booking.command.caller.require(Right::SetPrice)?;
    }
    change(booking, waived, RescheduleBooking::checked).await
}

/// Move some lines to other resources or seats
///
/// To a room type of the same listing, to another room, person or thing, or to other seats of the same session; times
/// and prices stay.
#[utoipa::path(post, path = "/v1/bookings/{id}/move", tag = "bookings", request_body = MoveBooking,
    params(("id" = Uuid, Path, description = "The booking")),
    responses((status = 200, description = "The booking is as asked for", body = BookingChanged), CommandProblems))]
async fn move_lines(booking: Directed<MoveBooking>) -> Result<Answered, Problem> {
    change(booking, false, MoveBooking::checked).await
}

/// Agree to what was requested
///
/// It is confirmed at once, or held until a deadline, as when it is to be paid first.
#[utoipa::path(post, path = "/v1/bookings/{id}/approve", tag = "bookings", request_body = Option<ApproveBooking>,
    params(("id" = Uuid, Path, description = "The booking")),
    responses((status = 200, description = "The booking is confirmed or held", body = Receipt), CommandProblems))]
async fn approve(booking: Directed<ApproveBooking>) -> Result<Answered, Problem> {
    step(booking, |body, at| body.checked(at)).await
}

/// Turn down what was requested
#[utoipa::path(post, path = "/v1/bookings/{id}/decline", tag = "bookings", request_body = Option<DeclineBooking>,
    params(("id" = Uuid, Path, description = "The booking")),
    responses((status = 200, description = "The request is declined and its places are free", body = Receipt), CommandProblems))]
async fn decline(booking: Directed<DeclineBooking>) -> Result<Answered, Problem> {
    step(booking, |body, _| Ok(Step::Decline(body.reason))).await
}

/// Put a deadline off
///
/// Of a hold, or of a request that waits for approval.
#[utoipa::path(post, path = "/v1/bookings/{id}/extend", tag = "bookings", request_body = ExtendBooking,
    params(("id" = Uuid, Path, description = "The booking")),
    responses((status = 200, description = "The booking is held until then", body = Receipt), CommandProblems))]
async fn extend(booking: Directed<ExtendBooking>) -> Result<Answered, Problem> {
    step(booking, |body, at| body.checked(at)).await
}

/// Keep for good what is held
///
/// With `late`, also what was held until a deadline that has come, as when the money arrives after it: its places are taken
/// again if they are free, and otherwise nothing changes.
#[utoipa::path(post, path = "/v1/bookings/{id}/confirm", tag = "bookings", request_body = Option<ConfirmBooking>,
    params(("id" = Uuid, Path, description = "The booking")),
    responses((status = 200, description = "The booking is confirmed", body = Receipt), CommandProblems))]
async fn confirm(booking: Directed<ConfirmBooking>) -> Result<Answered, Problem> {
    step(booking, |body, _| Ok(if body.late { Step::ConfirmLate } else { Step::Confirm })).await
}

/// Record that the guest has come
#[utoipa::path(post, path = "/v1/bookings/{id}/check-in", tag = "bookings", request_body = Option<Occurrence>,
    params(("id" = Uuid, Path, description = "The booking")),
    responses((status = 200, description = "The guest is here", body = Receipt), CommandProblems))]
async fn check_in(booking: Directed<Occurrence>) -> Result<Answered, Problem> {
    step(booking, |_, _| Ok(Step::CheckIn)).await
}

/// Record that the guest has left
///
/// The nights from that day on are free again.
#[utoipa::path(post, path = "/v1/bookings/{id}/check-out", tag = "bookings", request_body = Option<Occurrence>,
    params(("id" = Uuid, Path, description = "The booking")),
    responses((status = 200, description = "The stay is over", body = Receipt), CommandProblems))]
async fn check_out(booking: Directed<Occurrence>) -> Result<Answered, Problem> {
    step(booking, |_, _| Ok(Step::CheckOut)).await
}

async fn change<T: CommandBody>(
    booking: Directed<T>,
    waived: bool,
    change: impl FnOnce(T) -> Result<Change, Problem>,
) -> Result<Answered, Problem> {
    let app = Arc::clone(&booking.app);
    let change = |body, _| change(body);
    let work = move |order: Order, id, change, at| async move {
        let paid = paid_under_policy(&app, &order.writer, id).await?;
        bus::change_booking(&order, id, &change, ChangeTerms { paid, waived }, at).await
    };
    booking.carry_out(change, work).await
}

async fn step<T: CommandBody>(
    booking: Directed<T>,
    step: impl FnOnce(T, Timestamp) -> Result<Step, Problem>,
) -> Result<Answered, Problem> {
    let work = |order, id, step, at| async move { bus::step(&order, id, &step, at).await };
    booking.carry_out(step, work).await
}
