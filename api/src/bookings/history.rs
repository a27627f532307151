//! All that ever happened to a booking, its payments included.

use axum::{extract::State, response::Response};
use daybook_domain::{booking::Booking, payment::Payment, values::BookingId};
use daybook_projections::{ModelName, PageRequest};

use crate::{
    app::App,
    extract::Reader,
    history::{History, told, whole_stream},
    pages::{Newness, Parameters, Segment, missing},
    problem::Problem,
    wire::QueryProblems,
};

/// No booking has more payments than anybody wants to read at once.
const MOST: u32 = 1000;

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
    let mut events = whole_stream::<Booking>(&app, id).await?;
    if events.is_empty() {
        return Err(missing("there is no such booking", "booking_not_found"));
    }
    let page = PageRequest { cursor: None, limit: MOST };
    for payment in app.projections.queries().payments(Some(id), page).await?.items {
        events.extend(whole_stream::<Payment>(&app, payment.id).await?);
    }
    events.sort_by_key(|event| event.position);
    told(&events)
}
