//! What a booking that is paid online is due next, decided in one unit of work with its payments.
//!
//! Enough money and the booking's confirmation, or the money and its way back, are looked at and decided together: nobody
//! can withdraw what a booking was confirmed on.

use daybook_domain::{
    booking::Booking,
    checkout::{self, Payments},
    payment::{Command, Payment, Rest},
    values::{BookingId, PaymentId, RefundId, Timestamp},
};
use daybook_event_store::{Answer, Response, Stream, Unit};
use sha2::{Digest, Sha256};

use super::{
    Order, Step, Stop,
    bookings::{Along, step_along},
    kept_changing,
};
use crate::{derived_id::version_7, problem::Problem};

/// A booking and all its payments, in the order in which they were asked for.
#[derive(Clone, Debug)]
pub(crate) struct Checkout {
    pub(crate) booking: BookingId,
    pub(crate) payments: Vec<PaymentId>,
}

/// What was done about one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// There was nothing to do.
    Already,
    /// It is confirmed, and the money is to be taken.
    Confirmed,
    /// It was paid for, but its places are gone: the money goes back.
    TooLate,
    /// Money is to be taken, let go or given back.
    Moved,
}

/// Does what is due next about a booking's money. Doing it again does nothing more.
pub(crate) async fn settle(
    order: &Order,
    checkout: &Checkout,
    at: Timestamp,
) -> Result<Settled, Problem> {
    let steps = due(order, checkout, at).await?;
    match steps.as_slice() {
        [] => Ok(Settled::Already),
        [checkout::Step::Confirm, ..] => confirm(order, checkout, at).await,
        _ => {
            move_money(order, checkout, Why::Settled, at).await?;
            Ok(Settled::Moved)
        }
    }
}

/// What is due next, as all of it stands now.
pub(crate) async fn due(
    order: &Order,
    checkout: &Checkout,
    at: Timestamp,
) -> Result<Vec<checkout::Step>, Problem> {
    let booking = order.writer.peek(&checkout.booking.to_string(), Booking::clone).await?;
    let mut payments = Vec::with_capacity(checkout.payments.len());
    for id in &checkout.payments {
        payments.push((*id, order.writer.peek(&id.to_string(), Payment::clone).await?));
    }
    let payments: Vec<_> = payments.iter().map(|(id, payment)| (*id, payment)).collect();
    checkout::next_steps(&booking, &payments, at).map_err(|error| Problem::internal(&error))
}

/// Keeps the booking for good and asks for its money, or gives the money back if the booking cannot be had any more.
async fn confirm(order: &Order, checkout: &Checkout, at: Timestamp) -> Result<Settled, Problem> {
    let along = Paying { checkout, at };
    let answer = step_along(order, checkout.booking, &Step::ConfirmLate, &along, at).await;
    let refused = match &answer {
        Ok(answer) if answer.response.status < 300 => return Ok(Settled::Confirmed),
        Ok(_) => true,
        Err(problem) => problem.is_refusal(),
    };
    if refused {
        move_money(order, checkout, Why::TooLate, at).await?;
        return Ok(Settled::TooLate);
    }
    answer.map(|_| Settled::Confirmed)
}

/// Why money is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// The booking is settled one way or the other.
    Settled,
    /// It can no longer be confirmed.
    TooLate,
}

async fn move_money(
    order: &Order,
    checkout: &Checkout,
    why: Why,
    at: Timestamp,
) -> Result<Answer, Problem> {
    let mut streams = vec![Stream::of::<Booking>(checkout.booking)];
    streams.extend(Paying { checkout, at }.streams());
    let answer = order.run(&streams, |unit| {
        let steps = of_unit(unit, checkout, |booking, payments| match why {
            Why::Settled => checkout::next_steps(booking, payments, at),
            Why::TooLate => checkout::abandon(booking, payments),
        })?;
        carry_out(unit, &steps, at)?;
        Ok(Response::default())
    });
    answer.await?.ok_or_else(kept_changing)
}

/// The money that a booking is confirmed on.
struct Paying<'a> {
    checkout: &'a Checkout,
    at: Timestamp,
}

impl Along for Paying<'_> {
    fn streams(&self) -> Vec<Stream> {
        self.checkout.payments.iter().map(Stream::of::<Payment>).collect()
    }

    fn before(&self, unit: &mut Unit) -> Result<(), Stop> {
        let steps = of_unit(unit, self.checkout, |booking, payments| {
            checkout::next_steps(booking, payments, self.at)
        })?;
        // somebody withdrew the money, or ended the booking, a moment ago
        if steps == [checkout::Step::Confirm] { Ok(()) } else { Err(Stop::Again) }
    }

    fn after(&self, unit: &mut Unit) -> Result<(), Stop> {
        let steps = of_unit(unit, self.checkout, |booking, payments| {
            checkout::next_steps(booking, payments, self.at)
        })?;
        carry_out(unit, &steps, self.at)
    }
}

fn of_unit<T>(
    unit: &mut Unit,
    checkout: &Checkout,
    look: impl FnOnce(&Booking, &Payments<'_>) -> Result<T, daybook_domain::values::MoneyError>,
) -> Result<T, Stop> {
    let booking = unit.state::<Booking>(checkout.booking).clone();
    let payments = checkout.payments.iter();
    let payments: Vec<_> = payments.map(|id| (*id, unit.state::<Payment>(id).clone())).collect();
    let payments: Vec<_> = payments.iter().map(|(id, payment)| (*id, payment)).collect();
    look(&booking, &payments).map_err(|error| Stop::Problem(Problem::internal(&error)))
}

fn carry_out(unit: &mut Unit, steps: &[checkout::Step], at: Timestamp) -> Result<(), Stop> {
    for step in steps {
        let (id, command) = match *step {
            checkout::Step::Confirm => continue, // has a unit of work of its own
            checkout::Step::Capture { payment, amount } => {
                let (amount, rest) = (Some(amount), Rest::Released);
                (payment, Command::Capture { amount, rest, at })
            }
            checkout::Step::Void { payment } => (payment, Command::Void { at }),
            checkout::Step::Refund { payment, before, amount } => {
                let refund = refund_id(payment, before, at);
                let (amount, reason) = (Some(amount), None);
                (payment, Command::Refund { refund, amount, reason, at })
            }
        };
        unit.decide(id, |payment: &Payment| payment.decide(command.clone()))?;
    }
    Ok(())
}

/// The so-manieth refund of a payment.
fn refund_id(payment: PaymentId, before: usize, at: Timestamp) -> RefundId {
    let mut hash = Sha256::new();
    hash.update(payment.as_uuid());
    hash.update(before.to_be_bytes());
    RefundId::from_uuid(version_7(hash, at))
}
