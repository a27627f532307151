//! What is given back of what was paid, and from which payments.

use super::{Payments, Step, counted, had};
use crate::booking::Booking;
use crate::payment::{Payment, Purpose, RefundStatus, split_refund};
use crate::values::{Money, MoneyError};

/// Gives back what was taken beyond what the booking may keep, which is nothing of one that was never kept for good: the
/// latest payment first, and only through providers. What falls on cash or a transfer is left to people, as is a payment
/// that is disputed or whose last refund failed.
pub(super) fn steps(booking: &Booking, payments: &Payments<'_>) -> Result<Vec<Step>, MoneyError> {
    let Some(total) = booking.total() else { return Ok(Vec::new()) };
    let keeps = booking.keeps()?.unwrap_or(Money::zero(total.currency()));
    let mut sum = Money::zero(keeps.currency());
    for part in counted(payments).filter_map(had) {
        sum = sum.try_add(part)?;
    }
    let Some(excess) = sum.try_sub(keeps).ok().filter(|excess| !excess.is_zero()) else {
        return Ok(Vec::new());
    };
    let left: Vec<_> = payments
        .iter()
        .filter(|(_, payment)| payment.purpose() != Some(Purpose::Other))
        .filter_map(|(id, payment)| payment.left().map(|left| (*id, left)))
        .collect();
    // there is so much left, as it is the sum of these
    let Ok(shares) = split_refund(excess, &left) else { return Ok(Vec::new()) };
    let step = |(id, amount)| {
        let (_, payment) = payments.iter().find(|(payment, _)| *payment == id)?;
        let before = payment.refunds().len();
        is_automatic(payment).then_some(Step::Refund { payment: id, before, amount })
    };
    Ok(shares.into_iter().filter_map(step).collect())
}

fn is_automatic(payment: &Payment) -> bool {
    let failed = payment.refunds().last().is_some_and(|last| last.status == RefundStatus::Failed);
    payment.provider().is_some() && !payment.is_disputed() && !failed
}
