//! What a booking is made of, looked up: the terms of its listing and the prices of its resources.

use daybook_domain::{
    booking::Line,
    listing::{Details, HouseTimes, Listing},
    resource::Resource,
    values::{ListingId, Money, Quantity, ResourceId, Stay},
};
use daybook_event_store::Writer;

use crate::problem::{Code, Problem};

/// One line to be booked.
#[derive(Clone, Copy, Debug)]
pub struct NewLine {
    /// The resource.
    pub resource: ResourceId,
    /// From which date to which.
    pub stay: Stay,
    /// How many of it.
    pub quantity: Quantity,
    /// What one costs for a night, unless the resource's own price.
    pub price_per_night: Option<Money>,
}

/// The terms of a listing that are frozen into a booking.
pub(super) async fn listing_of(writer: &Writer, id: ListingId) -> Result<Details, Problem> {
    let details =
        writer.peek(&id.to_string(), |listing: &Listing| listing.details().cloned()).await?;
    details.ok_or_else(|| {
        Problem::about(Code::NotFound, "/listing_id", "there is no such listing")
            .because("listing_not_found")
    })
}

/// Lines at their prices: the one given, else the resource's.
pub(super) async fn priced(
    writer: &Writer,
    id: ListingId,
    listing: &Details,
    lines: &[NewLine],
) -> Result<Vec<Line>, Problem> {
    let HouseTimes { check_in, check_out } = listing
        .terms
        .house_times()
        .ok_or_else(|| Problem::bad_value("/listing_id", "the listing is not sold by the night"))?;
    let mut priced = Vec::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        let resource = line.resource.to_string();
        let found = writer.peek(&resource, |resource: &Resource| {
            resource.details().map(|details| details.terms.nights().cloned())
        });
        let found = found.await?.ok_or_else(|| no_resource(index))?;
        let wrong = |detail| Problem::bad_value(format!("/lines/{index}/resource_id"), detail);
        let nights = found.ok_or_else(|| wrong("the resource is not sold by the night"))?;
        if nights.listing != id {
            return Err(wrong("the resource belongs to another listing"));
        }
        let line = Line::priced(
            line.resource,
            line.stay,
            line.quantity,
            line.price_per_night.unwrap_or(nights.price_per_night),
            listing.zone,
            check_in,
            check_out,
        );
        let line =
            line.map_err(|error| Problem::bad_value(format!("/lines/{index}"), error.to_string()))?;
        if line.price_per_night().currency() != listing.currency {
            let field = format!("/lines/{index}/price_per_night");
            let detail = format!("the listing is priced in {}", listing.currency);
            return Err(Problem::bad_value(field, detail));
        }
        priced.push(line);
    }
    Ok(priced)
}

fn no_resource(index: usize) -> Problem {
    let field = format!("/lines/{index}/resource_id");
    Problem::about(Code::NotFound, field, "there is no such resource").because("resource_not_found")
}
