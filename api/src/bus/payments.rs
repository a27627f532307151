//! Commands on payments.

use daybook_domain::{
    booking::{self, Booking},
    payment::{CaptureMode, Command, Method, Payment, Purpose, Rest},
    values::{BookingId, Money, PaymentId, Timestamp},
};
use daybook_event_store::Answer;

use super::{NamedBy, Order, Told, kept_changing, told};
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
    pub(crate) purpose: Option<Purpose>,
    /// Whether the money was taken at once.
    pub(crate) captured: bool,
    pub(crate) at: Timestamp,
}

/// Asks for a payment and, if the money was handed over, records that as well.
pub(crate) async fn request(order: &Order, new: Request) -> Result<Answer, Problem> {
    let Request { id, named_by, booking, amount, method, purpose, captured, at } = new;
    let total = order.writer.peek(&booking.to_string(), Booking::total).await?;
    let currency = total.ok_or(booking::Refusal::NotFound)?.currency();
    if amount.currency() != currency {
        let detail = format!("the booking is priced in {currency}");
        return Err(Problem::bad_value("/amount/currency", detail));
    }
    let streams = [named_by.stream::<Payment>(id)];
    let answer = order.run(&streams, |unit| {
        let (provider, capture) = (None, CaptureMode::Manual);
        let command = Command::Request { booking, amount, method, provider, purpose, capture, at };
        unit.decide(id, |payment: &Payment| payment.decide(command))?;
        if captured {
            let command = Command::Capture { amount: None, rest: Rest::Released, at };
            unit.decide(id, |payment: &Payment| payment.decide(command))?;
        }
        Ok(told(201, id, unit.state::<Payment>(id).standing()))
    });
    answer.await?.ok_or_else(kept_changing)
}
