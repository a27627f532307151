//! Commands on payments.

use daybook_domain::{
    booking::{self, Booking},
    payment::{self, CaptureMode, Command, Method, Payment, Provider, Purpose, Rest},
    values::{BookingId, Money, PaymentId, Timestamp},
};
use daybook_event_store::{Answer, Stream};

use super::{NamedBy, Order, Stop, Told, kept_changing, told};
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
    pub(crate) way: Way,
    pub(crate) at: Timestamp,
}

/// How money comes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    /// Somebody records it, and perhaps that it was handed over already.
    ByHand {
        /// Whether it was taken at once.
        captured: bool,
    },
    /// A provider moves it.
    Online {
        /// Which.
        provider: Provider,
        /// When it is taken.
        capture: CaptureMode,
    },
}

/// Asks for a payment and, if the money was handed over, records that as well.
pub(crate) async fn request(order: &Order, new: Request) -> Result<Answer, Problem> {
    let Request { id, booking, amount, at, .. } = new;
    let total = order.writer.peek(&booking.to_string(), Booking::total).await?;
    let currency = total.ok_or(booking::Refusal::NotFound)?.currency();
    if amount.currency() != currency {
        let detail = format!("the booking is priced in {currency}");
        return Err(Problem::bad_value("/amount/currency", detail));
    }
    let mut streams = vec![new.named_by.stream::<Payment>(id)];
    if let Way::Online { .. } = new.way {
        streams.push(Stream::of::<Booking>(booking));
    }
    let answer = order.run(&streams, |unit| {
        if let Way::Online { .. } = new.way {
            check(unit.state::<Booking>(booking), amount, at)?;
        }
        unit.decide(id, |payment: &Payment| payment.decide(new.command()))?;
        if let Way::ByHand { captured: true } = new.way {
            let command = Command::Capture { amount: None, rest: Rest::Released, at };
            unit.decide(id, |payment: &Payment| payment.decide(command))?;
        }
        Ok(told(201, id, unit.state::<Payment>(id).standing()))
    });
    answer.await?.ok_or_else(kept_changing)
}

/// Whether somebody can begin to pay so much for a booking.
fn check(booking: &Booking, amount: Money, at: Timestamp) -> Result<(), Stop> {
    booking.check_payable(at)?;
    let most = booking.payable().map_err(|error| Stop::Problem(Problem::internal(&error)))?;
    match most {
        Some(most) if amount.minor() > most.minor() => {
            let detail = format!("no more than {most} is to be paid for the booking");
            Err(Problem::bad_value("/amount", detail).into())
        }
        Some(_) | None => Ok(()),
    }
}

impl Request {
    fn command(&self) -> Command {
        let Self { booking, amount, method, purpose, at, .. } = *self;
        let (provider, capture) = match self.way {
            Way::ByHand { .. } => (None, CaptureMode::Manual),
            Way::Online { provider, capture } => (Some(provider), capture),
        };
        Command::Request { booking, amount, method, provider, purpose, capture, at }
    }
}

/// Begins another attempt to pay, as long as the booking is there to be paid for.
pub(crate) async fn retry(order: &Order, id: PaymentId, at: Timestamp) -> Result<Answer, Problem> {
    let booking = order.writer.peek(&id.to_string(), Payment::booking).await?;
    let booking = booking.ok_or(payment::Refusal::NotFound)?;
    let streams = [Stream::of::<Payment>(id), Stream::of::<Booking>(booking)];
    let stream = id.to_string();
    let answer = order.run(&streams, |unit| {
        order.check::<Payment>(unit, &stream)?;
        unit.state::<Booking>(booking).check_payable(at)?;
        unit.decide(id, |payment: &Payment| {
            let attempt = payment.attempt().ok_or(payment::Refusal::NotFound)?;
            let attempt = attempt.next().ok_or(payment::Refusal::AttemptOver { attempt })?;
            payment.decide(Command::Retry { attempt, at })
        })?;
        Ok(told(200, id, unit.state::<Payment>(id).standing()))
    });
    answer.await?.ok_or_else(kept_changing)
}
