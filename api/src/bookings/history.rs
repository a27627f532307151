//! All that ever happened to a booking, its payments included.

use axum::response::Response;
use daybook_domain::{booking::Booking, payment::Payment, values::BookingId};
use daybook_projections::{ModelName, PageRequest};

use super::view::unknown;
use crate::{
    history::{History, told, whole_stream},
    one::Lookup,
    pages::Newness,
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
pub(super) async fn history(booking: Lookup) -> Result<Response, Problem> {
    let id: BookingId = booking.id(&[ModelName::Payments]).await?;
    let app = booking.app;
    let mut events = whole_stream::<Booking>(&app, id).await?;
    if events.is_empty() {
        return Err(unknown());
    }
    let page = PageRequest { cursor: None, limit: MOST };
    for payment in app.projections.queries().payments(Some(id), page).await?.items {
        events.extend(whole_stream::<Payment>(&app, payment.id).await?);
    }
    events.sort_by_key(|event| event.position);
    told(&events)
}
