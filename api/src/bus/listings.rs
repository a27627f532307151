//! Commands on listings.

use daybook_domain::{
    listing::{Command, Listing},
    values::ListingId,
};
use daybook_event_store::{Answer, Response, Stream};

use super::{Order, kept_changing};
use crate::problem::Problem;

/// Puts a listing on offer.
pub(crate) async fn create(
    order: &Order,
    id: ListingId,
    command: Command,
) -> Result<Answer, Problem> {
    let response = Response { status: 201, body: body(id) };
    order.execute::<Listing>(&id.to_string(), command, response).await
}

/// Changes a listing.
pub(crate) async fn revise(
    order: &Order,
    id: ListingId,
    command: Command,
) -> Result<Answer, Problem> {
    let response = Response { status: 200, body: body(id) };
    let stream = id.to_string();
    if order.expected.is_none() {
        return order.execute::<Listing>(&stream, command, response).await;
    }
    let streams = [Stream::of::<Listing>(&stream)];
    let answer = order.run(&streams, |unit| {
        order.check::<Listing>(unit, &stream)?;
        unit.decide(&stream, |listing: &Listing| listing.decide(command.clone()))?;
        Ok(response.clone())
    });
    answer.await?.ok_or_else(kept_changing)
}

fn body(id: ListingId) -> String {
    format!(r#"{{"id":"{id}","status":"active"}}"#)
}
