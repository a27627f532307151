//! Commands on payments.

use daybook_domain::{
    booking::{self, Booking},
    payment::{Command, Method, Payment},
    values::{BookingId, Money, PaymentId, Timestamp},
};
use daybook_event_store::{Answer, Response, Stream, Unit};
use serde::Serialize;

use super::{NamedBy, Order, kept_changing};
use crate::problem::Problem;

/// A payment to be asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    pub(crate) id: PaymentId,
    /// Who chose the id.
    pub(crate) named_by: NamedBy,
    pub(crate) booking: BookingId,
    pub(crate) amount: Money,
    pub(crate) method: Method,
    /// Whether the money was taken at once.
    pub(crate) captured: bool,
    pub(crate) at: Timestamp,
}

#[derive(Serialize)]
struct Changed<'a> {
    id: PaymentId,
    status: &'a str,
}

/// Asks for a payment and, if the money was handed over, records that as well.
pub(crate) async fn request(order: &Order, new: Request) -> Result<Answer, Problem> {
    let Request { id, named_by, booking, amount, method, captured, at } = new;
    let total = order.writer.peek(&booking.to_string(), Booking::total).await?;
    let currency = total.ok_or(booking::Refusal::NotFound)?.currency();
    if amount.currency() != currency {
        let detail = format!("the booking is priced in {currency}");
        return Err(Problem::bad_value("/amount/currency", detail));
    }
    let streams = [named_by.stream::<Payment>(id)];
    let answer = order.run(&streams, |unit| {
        let command = Command::Request { booking, amount, method, at };
        unit.decide(id, |payment: &Payment| payment.decide(command))?;
        if captured {
            let command = Command::Capture { amount: None, at };
            unit.decide(id, |payment: &Payment| payment.decide(command))?;
        }
        Ok(changed(unit, id, 201))
    });
    answer.await?.ok_or_else(kept_changing)
}

/// Takes, gives back or calls off a payment.
pub(crate) async fn change(
    order: &Order,
    id: PaymentId,
    command: Command,
) -> Result<Answer, Problem> {
    let stream = id.to_string();
    let streams = [Stream::of::<Payment>(&stream)];
    let answer = order.run(&streams, |unit| {
        order.check::<Payment>(unit, &stream)?;
        unit.decide(&stream, |payment: &Payment| payment.decide(command.clone()))?;
        Ok(changed(unit, id, 200))
    });
    answer.await?.ok_or_else(kept_changing)
}

fn changed(unit: &mut Unit, id: PaymentId, status: u16) -> Response {
    let state = unit.state::<Payment>(id).status();
    let body = serde_json::to_string(&Changed { id, status: state.as_str() });
    Response { status, body: body.expect("an answer is plain JSON") }
}
