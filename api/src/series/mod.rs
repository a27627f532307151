//! `/v1/series`: bookings that recur by a rule, made and changed together.

pub mod change;
pub mod view;
pub mod wire;

use axum::extract::State;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::wire::{BookSeries, SeriesBooked};
use crate::{
    app::App,
    bookings::lines::Offering,
    bus::{self, Answered},
    extract::Command,
    keys::Right,
    problem::Problem,
    wire::CommandProblems,
};

/// The routes of series.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(view::list, book))
        .routes(routes!(view::get))
        .routes(routes!(view::history))
        .routes(routes!(change::cancel))
        .routes(routes!(change::confirm))
        .routes(routes!(change::reschedule))
}

/// Book all dates of a rule
///
/// Each date becomes a booking of its own, all in one commit. If a date cannot be had, none is booked and the problem
/// names each such date and who stands in its way; or, with `skip_conflicts`, those dates are left out and the series
/// remembers why. A series has at most 1,000 dates. With `hold_minutes` every booking is held until then and is to be
/// confirmed before, by itself or with all others.
#[utoipa::path(post, path = "/v1/series", tag = "series", request_body = BookSeries,
    responses((status = 201, description = "The dates are booked", body = SeriesBooked), CommandProblems))]
async fn book(State(app): State<App>, command: Command<BookSeries>) -> Result<Answered, Problem> {
    if command.body.sets_prices() {
        command.caller.require(Right::SetPrice)?;
    }
    let (order, body, at) = app.order(command)?;
    let offering = Offering::of(&app, body.wanted()).await?;
    let new = body.checked(&offering, at)?;
    app.carry_out(async move { bus::book_series(&order, &new).await }).await
}
