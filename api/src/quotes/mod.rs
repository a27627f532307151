//! `/v1/quotes`: what something would cost.

pub mod view;
pub mod wire;

use axum::{extract::State, response::Response};
use daybook_domain::{quote::Quote as Aggregate, values::QuoteId};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{
    view::{Quote, QuoteMade},
    wire::MakeQuote,
};
use crate::{
    app::{App, json},
    bookings::lines::Offering,
    bus::{self, Answered},
    extract::{Command, Reader, now},
    keys::Right,
    pages::{Segment, missing},
    problem::Problem,
    wire::{CommandProblems, QueryProblems},
};

/// The routes of quotes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(make)).routes(routes!(get))
}

/// Ask what something would cost
///
/// The lines are those of a booking. Nothing is taken: whoever books the quote before it expires, by its id, gets
/// exactly that at exactly that price, as long as there is room.
#[utoipa::path(post, path = "/v1/quotes", tag = "quotes", request_body = MakeQuote,
    responses((status = 201, description = "What it costs, and until when that holds", body = QuoteMade), CommandProblems))]
async fn make(State(app): State<App>, command: Command<MakeQuote>) -> Result<Answered, Problem> {
    if command.body.sets_prices() {
        command.caller.require(Right::SetPrice)?;
    }
    let (order, body, at) = app.order(command)?;
    let offering = Offering::of(&app, body.wanted()).await?;
    let new = body.checked(&offering, at)?;
    app.carry_out(async move { bus::make_quote(&order, &new).await }).await
}

/// Look at one quote
#[utoipa::path(get, path = "/v1/quotes/{id}", tag = "quotes",
    params(("id" = Uuid, Path, description = "The quote")),
    responses((status = 200, description = "The quote as it stands", body = Quote), QueryProblems))]
async fn get(State(app): State<App>, _: Reader, id: Segment) -> Result<Response, Problem> {
    let id = QuoteId::from_uuid(id.id()?);
    let (quote, _) = app.log.load::<Aggregate>(&id.to_string()).await?;
    let details = quote.details().ok_or_else(unknown)?;
    Ok(json(&Quote::of(id, details, now())?))
}

fn unknown() -> Problem {
    missing("there is no such quote", "quote_not_found")
}
