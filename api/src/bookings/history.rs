//! All that ever happened to a booking, and who did it.

use axum::{extract::State, response::Response};
use daybook_domain::values::BookingId;
use daybook_event_store::Recorded;
use daybook_projections::{ModelName, PageRequest};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::{App, json},
    events::Event,
    extract::Reader,
    pages::{Newness, Parameters, Segment, missing},
    problem::Problem,
    wire::QueryProblems,
};

/// No booking has more events or payments than anybody wants to read at once.
const MOST: u32 = 1000;

/// All that happened to a booking, in order.
#[derive(Debug, Serialize, ToSchema)]
pub struct History {
    /// The events of the booking and of its payments, by position.
    items: Vec<Event>,
}

/// See all that happened to a booking
///
/// The events of the booking and of its payments, in the order in which they were written: what, when, and who.
#[utoipa::path(get, path = "/v1/bookings/{id}/history", tag = "bookings",
    params(("id" = Uuid, Path, description = "The booking"), Newness),
    responses((status = 200, description = "The events, oldest first", body = History), QueryProblems))]
pub(super) async fn history(
    State(app): State<App>,
    _: Reader,
    id: Segment,
    Parameters(newness): Parameters<Newness>,
) -> Result<Response, Problem> {
    let id = BookingId::from_uuid(id.id()?);
    app.wait(ModelName::Payments, newness.min_position).await?;
    let mut events = whole_stream(&app, "booking", &id.to_string()).await?;
    if events.is_empty() {
        return Err(missing("there is no such booking", "booking_not_found"));
    }
    let page = PageRequest { cursor: None, limit: MOST };
    for payment in app.projections.queries().payments(Some(id), page).await?.items {
        events.extend(whole_stream(&app, "payment", &payment.id.to_string()).await?);
    }
    events.sort_by_key(|event| event.position);
    let items = events.iter().map(Event::try_from).collect::<Result<_, _>>()?;
    Ok(json(&History { items }))
}

async fn whole_stream(app: &App, kind: &str, id: &str) -> Result<Vec<Recorded>, Problem> {
    let mut events = Vec::new();
    loop {
        let after = events.last().map_or(0, |event: &Recorded| event.sequence);
        let page = app.log.read_stream(kind, id, after, MOST as usize).await?;
        let full = page.len() == MOST as usize;
        events.extend(page);
        if !full {
            return Ok(events);
        }
    }
}
