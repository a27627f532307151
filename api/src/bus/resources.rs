//! Commands on resources. A change of limits reaches every open calendar in the same commit.

use daybook_domain::{
    calendar::{self, Calendar},
    listing::{self, Listing},
    resource::{Command, Resource},
    values::{CalendarId, Currency, Limits, ListingId, Money, Month, ResourceId, Timestamp},
};
use daybook_event_store::{Answer, Response, Stream};

use super::{ATTEMPTS, Order, Stop, kept_changing};
use crate::problem::Problem;

/// Offers a resource under a listing; `command` gets the listing's currency.
pub(crate) async fn create(
    order: &Order,
    id: ResourceId,
    listing: ListingId,
    command: impl FnOnce(Currency) -> Command,
) -> Result<Answer, Problem> {
    let currency = order
        .writer
        .peek(&listing.to_string(), |listing: &Listing| listing.details().map(|d| d.currency))
        .await?
        .ok_or(listing::Refusal::NotFound)?;
    let response = Response { status: 201, body: body(id) };
    order.execute::<Resource>(&id.to_string(), command(currency), response).await
}

/// Asks another price of later bookings.
pub(crate) async fn change_price(
    order: &Order,
    id: ResourceId,
    price_per_night: Money,
    at: Timestamp,
) -> Result<Answer, Problem> {
    let command = Command::ChangePrice { price_per_night, at };
    let response = Response { status: 200, body: body(id) };
    let stream = id.to_string();
    if order.expected.is_none() {
        return order.execute::<Resource>(&stream, command, response).await;
    }
    let streams = [Stream::of::<Resource>(&stream)];
    let answer = order.run(&streams, |unit| {
        order.check::<Resource>(unit, &stream)?;
        unit.decide(&stream, |resource: &Resource| resource.decide(command.clone()))?;
        Ok(response.clone())
    });
    answer.await?.ok_or_else(kept_changing)
}

/// Has more or fewer of a resource, in all of its open calendars.
pub(crate) async fn change_limits(
    order: &Order,
    id: ResourceId,
    limits: Limits,
    at: Timestamp,
) -> Result<Answer, Problem> {
    let stream = id.to_string();
    for _ in 0..ATTEMPTS {
        let months = order.writer.peek(&stream, open_months).await?;
        let calendars: Vec<_> =
            months.iter().map(|month| CalendarId { resource: id, month: *month }).collect();
        let mut streams = vec![Stream::of::<Resource>(&stream)];
        streams.extend(calendars.iter().map(Stream::of::<Calendar>));
        let answer = order.run(&streams, |unit| {
            order.check::<Resource>(unit, &stream)?;
            if open_months(unit.state::<Resource>(&stream)) != months {
                return Err(Stop::Again);
            }
            let command = Command::ChangeLimits { limits, at };
            unit.decide(&stream, |resource: &Resource| resource.decide(command))?;
            for calendar in &calendars {
                let command = calendar::Command::ChangeLimits { limits, at };
                unit.decide(calendar, |calendar: &Calendar| calendar.decide(command))?;
            }
            Ok(Response { status: 200, body: body(id) })
        });
        if let Some(answer) = answer.await? {
            return Ok(answer);
        }
    }
    Err(kept_changing())
}

fn open_months(resource: &Resource) -> Vec<Month> {
    let details = resource.details();
    details.map_or_else(Vec::new, |details| details.open_months.iter().copied().collect())
}

fn body(id: ResourceId) -> String {
    format!(r#"{{"id":"{id}","status":"active"}}"#)
}
