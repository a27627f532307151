//! Commands on listings.

use daybook_domain::{
    listing::{Command, Event, Listing, Status},
    values::ListingId,
};
use daybook_event_store::{Answer, Response};

use super::Order;
use crate::problem::Problem;

/// Makes a listing.
pub(crate) async fn create(
    order: &Order,
    id: ListingId,
    status: Status,
    command: Command,
) -> Result<Answer, Problem> {
    let response = Response { status: 201, body: body(id, status) };
    order.execute::<Listing>(&id.to_string(), command, response).await
}

/// Has a listing do something.
pub(crate) async fn instruct(
    order: &Order,
    id: ListingId,
    command: Command,
) -> Result<Answer, Problem> {
    change(order, id, |listing| Ok(listing.decide(command.clone())?)).await
}

/// Changes a listing by what is decided on it as it stands.
pub(crate) async fn change(
    order: &Order,
    id: ListingId,
    decide: impl Fn(&Listing) -> Result<Vec<Event>, Problem>,
) -> Result<Answer, Problem> {
    let changed = |listing: &Listing| {
        let status = listing.details().map_or(Status::Archived, |details| details.status);
        Response { status: 200, body: body(id, status) }
    };
    order.change(&id.to_string(), decide, changed).await
}

fn body(id: ListingId, status: Status) -> String {
    format!(r#"{{"id":"{id}","status":"{}"}}"#, status.as_str())
}
