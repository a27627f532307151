//! What calling a booking off would cost.

use daybook_domain::{
    booking::{Booking, Command, Event, Paid},
    tickets::Tickets,
    values::{BookingId, CancellationQuoteId, Money, Timestamp},
};
use daybook_event_store::{Answer, Response, Stream};
use serde::Serialize;
use uuid::Uuid;

use super::{Gone, Order, kept_changing};
use crate::problem::Problem;

#[derive(Serialize)]
struct Told {
    id: CancellationQuoteId,
    fee: Money,
    refund: Money,
    valid_until: Timestamp,
}

/// Tells what calling a booking off, or some of it, would cost.
pub(crate) async fn quote(
    order: &Order,
    id: BookingId,
    gone: &Gone,
    paid: Option<Paid>,
    at: Timestamp,
) -> Result<Answer, Problem> {
    let stream = id.to_string();
    let quote = CancellationQuoteId::from_uuid(Uuid::now_v7());
    let mut streams = vec![Stream::of::<Booking>(&stream)];
    if gone.tickets().is_some() {
        streams.push(Stream::of::<Tickets>(&stream));
    }
    let answer = order.run(&streams, |unit| {
        order.check::<Booking>(unit, &stream)?;
        let mut told = None;
        let lines = unit.state::<Booking>(&stream).lines().to_vec();
        let portion = gone.portion(|| unit.state::<Tickets>(&stream), &lines)?;
        let command = Command::QuoteCancellation { quote, portion, paid, at };
        unit.decide(&stream, |booking: &Booking| {
            let events = booking.decide(command.clone())?;
            told = events.first().and_then(Told::of);
            Ok::<_, Problem>(events)
        })?;
        let body = serde_json::to_string(&told).expect("an answer is plain JSON");
        Ok(Response { status: 201, body })
    });
    answer.await?.ok_or_else(kept_changing)
}

impl Told {
    fn of(event: &Event) -> Option<Self> {
        let Event::CancellationQuoted { quote, fee, refund, valid_until, .. } = event else {
            return None;
        };
        Some(Self { id: *quote, fee: *fee, refund: *refund, valid_until: *valid_until })
    }
}
