//! `/v1/sessions`: concerts, departures and classes, and the places of each.

pub mod content;
mod misfit;
pub mod schema;
pub mod view;
pub mod wire;

use axum::{extract::State, response::Response};
use daybook_domain::{
    allotment::{Allotment, Command as SessionCommand, Status},
    values::{FIRST_DAY, LAST_DAY, ListingId, Seat, Timestamp},
};
use daybook_projections::{ModelName, SessionFilter, SessionView};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use self::{
    content::{SessionPatch, revised},
    view::{SeatPlan, Session},
    wire::{CallOff, MoveSession, NewSession, Seats},
};
use crate::{
    app::{App, json},
    bus::{self, Answered},
    extract::{self, Command, Reader},
    history::History,
    one::{Directed, Lookup},
    pages::{self, Asked, Newness, PageOf, Paging, Tagged, bad_query, missing},
    problem::Problem,
    wire::{CommandProblems, Occurrence, QueryProblems, Receipt},
};

/// The routes of sessions.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, revise))
        .routes(routes!(seats))
        .routes(routes!(history))
        .routes(routes!(move_to))
        .routes(routes!(call_off))
        .routes(routes!(close_sales))
        .routes(routes!(reopen_sales))
        .routes(routes!(block_seats))
        .routes(routes!(unblock_seats))
}

/// Which sessions are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SessionsWanted {
    /// Only those of this listing.
    listing_id: Option<Uuid>,
    /// Only those that are `on_sale`, `sales_closed` or `called_off`.
    #[param(value_type = Option<String>, example = "on_sale")]
    status: Option<Status>,
    /// Only those that start at this instant or later.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Only those that start before this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
}

impl SessionsWanted {
    fn meant(&self) -> Result<SessionFilter, Problem> {
        let kept = |at: &Timestamp| (FIRST_DAY..=LAST_DAY).contains(&at.date_naive());
        if ![self.from, self.to].iter().flatten().all(kept) {
            let detail = format!("sessions are kept from {FIRST_DAY} to {LAST_DAY} only");
            return Err(bad_query(detail));
        }
        Ok(SessionFilter {
            listing: self.listing_id.map(ListingId::from_uuid),
            status: self.status,
            from: self.from,
            to: self.to,
        })
    }
}

/// List sessions in the order they were opened
#[utoipa::path(get, path = "/v1/sessions", tag = "sessions", params(SessionsWanted, Paging),
    responses((status = 200, description = "A page of sessions", body = PageOf<Session>), QueryProblems))]
async fn list(
    State(app): State<App>,
    _: Reader,
    asked: Asked<SessionsWanted>,
) -> Result<Response, Problem> {
    let filter = asked.filter.meant()?;
    let page = asked.page(&app, ModelName::Sessions).await?;
    let now = extract::now();
    let sessions = app.projections.queries().sessions(filter, now, page).await?;
    Ok(pages::answer(sessions, |view| Session::listed(view, now)))
}

/// Look at one session
///
/// What is sold of it, how many places are left for each offer, and why an offer cannot be bought, if it cannot. Its
/// tag changes with what is sold, when it takes place and whether it is on sale, and not with bookings: what was seen
/// can be edited with `If-Match` in the middle of a sale.
#[utoipa::path(get, path = "/v1/sessions/{id}", tag = "sessions",
    params(("id" = Uuid, Path, description = "The session"), Newness),
    responses((status = 200, description = "The session; its ETag is the version of its terms", body = Session), QueryProblems))]
async fn get(session: Lookup) -> Result<Response, Problem> {
    let now = extract::now();
    let view = found(&session, now).await?;
    Ok(Tagged::new(view.terms_version, Session::of(view, now)).into())
}

/// See which seats of a session are free
#[utoipa::path(get, path = "/v1/sessions/{id}/seats", tag = "sessions",
    params(("id" = Uuid, Path, description = "The session"), Newness),
    responses((status = 200, description = "The seat map with the state of each seat", body = SeatPlan), QueryProblems))]
async fn seats(session: Lookup) -> Result<Response, Problem> {
    let now = extract::now();
    let view = found(&session, now).await?;
    let states = session.app.projections.queries().seats(view.id, now).await?;
    Ok(json(&SeatPlan::of(&view, &states)))
}

async fn found(session: &Lookup, now: Timestamp) -> Result<SessionView, Problem> {
    let id = session.id(&[ModelName::Bookings, ModelName::Payments, ModelName::Sessions]).await?;
    session.app.projections.queries().session(id, now).await?.ok_or_else(unknown)
}

/// See all that happened to a session
///
/// Its events in the order in which they were written: what, when, and who.
#[utoipa::path(get, path = "/v1/sessions/{id}/history", tag = "sessions",
    params(("id" = Uuid, Path, description = "The session"), Newness),
    responses((status = 200, description = "The events, oldest first", body = History), QueryProblems))]
async fn history(session: Lookup) -> Result<Response, Problem> {
    session.history::<Allotment>(ModelName::Sessions, unknown).await
}

fn unknown() -> Problem {
    missing("there is no such session", "session_not_found")
}

/// Open a session
///
/// A concert, a departure, a class: what it sells, and the places that are counted.
#[utoipa::path(post, path = "/v1/sessions", tag = "sessions", request_body = NewSession,
    responses((status = 201, description = "The session can be booked", body = Receipt), CommandProblems))]
async fn create(State(app): State<App>, command: Command<NewSession>) -> Result<Answered, Problem> {
    let (order, body, at) = app.order(command)?;
    let opening = body.checked()?;
    let work = async move {
        let made = |listing: &_| opening.session(listing);
        bus::open_session(&order, opening.id, opening.listing, made, at).await
    };
    app.carry_out(work).await
}

/// Change what a session sells
///
/// Pools, offers and seats may be added and none removed; what an offer draws stays. A session that was called off
/// stays as it is.
#[utoipa::path(patch, path = "/v1/sessions/{id}", tag = "sessions",
    request_body(content = SessionPatch, content_type = "application/merge-patch+json"),
    params(("id" = Uuid, Path, description = "The session")),
    responses((status = 200, description = "The session is as asked for", body = Receipt), CommandProblems))]
async fn revise(session: Directed<SessionPatch>) -> Result<Answered, Problem> {
    session.change(Ok, revised).await
}

/// Let a session take place at another time
#[utoipa::path(post, path = "/v1/sessions/{id}/move", tag = "sessions", request_body = MoveSession,
    params(("id" = Uuid, Path, description = "The session")),
    responses((status = 200, description = "The session takes place then", body = Receipt), CommandProblems))]
async fn move_to(session: Directed<MoveSession>) -> Result<Answered, Problem> {
    session.change(MoveSession::time, |session, time, at| wire::moved(session, *time, at)).await
}

/// Call a session off for good
///
/// Nothing more of it is sold; what was taken stays until it is cancelled.
#[utoipa::path(post, path = "/v1/sessions/{id}/call-off", tag = "sessions", request_body = Option<CallOff>,
    params(("id" = Uuid, Path, description = "The session")),
    responses((status = 200, description = "The session does not take place", body = Receipt), CommandProblems))]
async fn call_off(session: Directed<CallOff>) -> Result<Answered, Problem> {
    session
        .change(Ok, |session: &Allotment, body, at| {
            Ok(session.decide(SessionCommand::CallOff { reason: body.reason.clone(), at })?)
        })
        .await
}

/// Sell nothing more of a session for now
#[utoipa::path(post, path = "/v1/sessions/{id}/close-sales", tag = "sessions", request_body = Option<Occurrence>,
    params(("id" = Uuid, Path, description = "The session")),
    responses((status = 200, description = "Only what is held can still be confirmed", body = Receipt), CommandProblems))]
async fn close_sales(session: Directed<Occurrence>) -> Result<Answered, Problem> {
    let close =
        |session: &Allotment, _: &_, at| Ok(session.decide(SessionCommand::CloseSales { at })?);
    session.change(Ok, close).await
}

/// Sell a session again
#[utoipa::path(post, path = "/v1/sessions/{id}/reopen-sales", tag = "sessions", request_body = Option<Occurrence>,
    params(("id" = Uuid, Path, description = "The session")),
    responses((status = 200, description = "It is sold as far as its sales windows say", body = Receipt), CommandProblems))]
async fn reopen_sales(session: Directed<Occurrence>) -> Result<Answered, Problem> {
    let reopen =
        |session: &Allotment, _: &_, at| Ok(session.decide(SessionCommand::ReopenSales { at })?);
    session.change(Ok, reopen).await
}

/// Keep free seats from being sold
///
/// All of them, or none; those that are blocked already are passed over.
#[utoipa::path(post, path = "/v1/sessions/{id}/block-seats", tag = "sessions", request_body = Seats,
    params(("id" = Uuid, Path, description = "The session")),
    responses((status = 200, description = "The seats are blocked", body = Receipt), CommandProblems))]
async fn block_seats(session: Directed<Seats>) -> Result<Answered, Problem> {
    change_seats(session, |seats, at| SessionCommand::Block { seats, at }).await
}

/// Let blocked seats be sold
///
/// Those that are not blocked are passed over.
#[utoipa::path(post, path = "/v1/sessions/{id}/unblock-seats", tag = "sessions", request_body = Seats,
    params(("id" = Uuid, Path, description = "The session")),
    responses((status = 200, description = "The seats can be sold", body = Receipt), CommandProblems))]
async fn unblock_seats(session: Directed<Seats>) -> Result<Answered, Problem> {
    change_seats(session, |seats, at| SessionCommand::Unblock { seats, at }).await
}

async fn change_seats(
    session: Directed<Seats>,
    meant: fn(Vec<Seat>, Timestamp) -> SessionCommand,
) -> Result<Answered, Problem> {
    session
        .change(Seats::checked, move |session: &Allotment, seats, at| {
            let decided = session.decide(meant(seats.clone(), at));
            decided.map_err(|refusal| wire::about_seats(refusal, seats))
        })
        .await
}
