//! What is to be done next about a booking that is paid online.
//!
//! Nothing is remembered of what was done before: the next steps follow from how the booking and its payments stand, and
//! are none once all is settled. So whoever asks twice, late, or after a crash, asks for nothing twice.
//!
//! A booking is kept for good once enough is promised; only then is money taken, and no more than the booking costs.
//! What is promised for a booking that will not be is let go, and what was taken is given back.

mod give_back;

use crate::booking::{Booking, Status};
use crate::payment::{Payment, Pending, Phase, Purpose};
use crate::values::{Money, MoneyError, PaymentId, Timestamp};

/// One thing to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Keep the booking for good: enough is promised or paid. If it cannot be kept any more, [`abandon`] it.
    Confirm,
    /// Take so much of what a payment promised.
    Capture {
        /// Which payment.
        payment: PaymentId,
        /// How much; the rest is let go.
        amount: Money,
    },
    /// Let go what a payment promised, or no longer wait for it.
    Void {
        /// Which payment.
        payment: PaymentId,
    },
    /// Give back some of what a payment took.
    Refund {
        /// Which payment.
        payment: PaymentId,
        /// How many refunds there were of it before.
        before: usize,
        /// How much.
        amount: Money,
    },
}

/// The payments of a booking, in the order in which they were asked for.
pub type Payments<'a> = [(PaymentId, &'a Payment)];

/// What is to be done next at a time. Nothing about bookings that nobody pays for online: people see to those.
///
/// # Errors
/// [`MoneyError`] when a sum is more than money can count, or adds different currencies.
pub fn next_steps(
    booking: &Booking,
    payments: &Payments<'_>,
    at: Timestamp,
) -> Result<Vec<Step>, MoneyError> {
    if payments.iter().all(|(_, payment)| payment.provider().is_none()) {
        return Ok(Vec::new());
    }
    match booking.status() {
        // the deadline may have come while the money was on its way
        Status::Held | Status::Lapsed if is_secured(booking, payments, at)? => {
            Ok(vec![Step::Confirm])
        }
        Status::Absent | Status::Requested | Status::Held => Ok(Vec::new()),
        Status::Lapsed | Status::Declined | Status::Cancelled | Status::NoShow => {
            abandon(booking, payments)
        }
        Status::Confirmed | Status::CheckedIn | Status::Completed => settle(booking, payments, at),
    }
}

/// What is to be done about the money of a booking that is not kept: what was promised is let go, and what was taken is
/// given back but for what may be kept.
///
/// # Errors
/// [`MoneyError`] when a sum is more than money can count.
pub fn abandon(booking: &Booking, payments: &Payments<'_>) -> Result<Vec<Step>, MoneyError> {
    let mut steps: Vec<Step> = payments
        .iter()
        .filter(|(_, payment)| is_open(payment))
        .map(|(payment, _)| Step::Void { payment: *payment })
        .collect();
    steps.extend(give_back::steps(booking, payments)?);
    Ok(steps)
}

/// Whether enough is promised and paid at a time for the booking to be kept for good.
///
/// # Errors
/// [`MoneyError`] when a sum is more than money can count.
pub fn is_secured(
    booking: &Booking,
    payments: &Payments<'_>,
    at: Timestamp,
) -> Result<bool, MoneyError> {
    let Some(due) = booking.due_to_confirm()? else { return Ok(false) };
    let mut sum = Money::zero(due.currency());
    for payment in counted(payments) {
        for part in [had(payment), promised(payment, at)].into_iter().flatten() {
            sum = sum.try_add(part)?;
        }
    }
    Ok(sum.minor() >= due.minor())
}

/// Takes what is promised, up to what the booking costs, lets go the rest, and gives back what is too much.
fn settle(
    booking: &Booking,
    payments: &Payments<'_>,
    at: Timestamp,
) -> Result<Vec<Step>, MoneyError> {
    let Some(keeps) = booking.keeps()? else { return Ok(Vec::new()) };
    let mut open = keeps;
    for payment in counted(payments) {
        let asked = match payment.pending() {
            Some(Pending::Capture { amount, .. }) => Some(amount),
            Some(Pending::Void) | None => None,
        };
        for part in [had(payment), asked].into_iter().flatten() {
            open = open.try_sub(part).unwrap_or(Money::zero(open.currency()));
        }
    }
    let mut steps = Vec::new();
    for &(id, payment) in payments.iter().filter(|(_, payment)| is_open(payment)) {
        let promised = promised(payment, at).filter(|promised| !promised.is_zero());
        let amount = promised.map(|promised| least(promised, open));
        match amount.filter(|amount| !amount.is_zero()) {
            Some(amount) => {
                open = open.try_sub(amount)?;
                steps.push(Step::Capture { payment: id, amount });
            }
            // nobody has to pay any more, or not so much
            None if promised.is_some() || open.is_zero() => steps.push(Step::Void { payment: id }),
            None => {}
        }
    }
    steps.extend(give_back::steps(booking, payments)?);
    Ok(steps)
}

/// Payments for the booking itself, and not for something besides.
fn counted<'a>(payments: &'a Payments<'_>) -> impl Iterator<Item = &'a Payment> {
    let payments = payments.iter().map(|(_, payment)| *payment);
    payments.filter(|payment| payment.purpose() != Some(Purpose::Other))
}

/// What of a payment is here to stay: taken, and neither given back, nor set aside for that, nor lost.
fn had(payment: &Payment) -> Option<Money> {
    payment.left()
}

/// What of a payment can still be taken at a time, and is not being taken already.
fn promised(payment: &Payment, at: Timestamp) -> Option<Money> {
    let holds = payment.pending().is_none()
        && payment.provider().is_some()
        && payment.expires_at().is_none_or(|end| at < end);
    payment.capturable().filter(|_| holds)
}

/// Whether a provider still holds money or waits for the customer, and is asked for nothing at the moment.
fn is_open(payment: &Payment) -> bool {
    let phase = payment.attempts().last().map(|attempt| attempt.phase);
    let ended = match payment.status() {
        crate::payment::Status::Voided | crate::payment::Status::Failed => true,
        crate::payment::Status::Absent
        | crate::payment::Status::Requested
        | crate::payment::Status::Authorized
        | crate::payment::Status::PartiallyCaptured
        | crate::payment::Status::Captured
        | crate::payment::Status::PartiallyRefunded
        | crate::payment::Status::Refunded
        | crate::payment::Status::Disputed => false,
    };
    let waits = match phase {
        Some(Phase::Open | Phase::Authorized) => true,
        // another attempt may follow as long as nobody ends it
        Some(Phase::Declined | Phase::Expired) => payment.captured().is_none_or(Money::is_zero),
        Some(Phase::Closed) | None => false,
    };
    payment.provider().is_some() && payment.pending().is_none() && !ended && waits
}

fn least(one: Money, other: Money) -> Money {
    if one.minor() < other.minor() { one } else { other }
}
