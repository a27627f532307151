//! How much of a booking's price is to be paid, and how much of what was paid may be kept.

use super::{Booking, Refusal, Status};
use crate::values::{Money, MoneyError, Timestamp};

impl Booking {
    /// What has to be promised or paid before it is kept for good: the deposit, if one was agreed, or all of it.
    ///
    /// # Errors
    /// [`MoneyError`] when a part of the price is more than money can count.
    pub fn due_to_confirm(&self) -> Result<Option<Money>, MoneyError> {
        let Some(order) = &self.order else { return Ok(None) };
        let total = order.lines.total();
        let Some(deposit) = order.deposit else { return Ok(Some(total)) };
        let start = order.lines.start(order.zone);
        let first_day = start.zone.local_date(start.at);
        let booked_on = order.zone.local_date(order.booked_at);
        deposit.due(total, first_day, booked_on).map(|due| Some(due.now))
    }

    /// The most that may be kept of what was paid for it: what it costs and what was charged for calling off and for
    /// changes. None while it is open whether it will be kept for good.
    ///
    /// Nothing is kept of what never was confirmed. Where nothing was agreed about calling off, whatever it once cost
    /// may be kept: people decide.
    ///
    /// # Errors
    /// [`MoneyError`] when the sum is more than money can count.
    pub fn keeps(&self) -> Result<Option<Money>, MoneyError> {
        let Some(order) = &self.order else { return Ok(None) };
        let total = order.lines.total();
        let nothing = Money::zero(total.currency());
        let fees = order.fees.unwrap_or(nothing);
        let agreed = order.policy.is_some();
        let keeps = match self.status {
            Status::Absent | Status::Requested | Status::Held => return Ok(None),
            Status::Declined | Status::Lapsed => nothing,
            Status::Cancelled if !self.was_confirmed => nothing,
            Status::Cancelled | Status::NoShow if agreed => fees,
            Status::Confirmed | Status::CheckedIn | Status::Completed if agreed => {
                total.try_add(fees)?
            }
            Status::Cancelled
            | Status::NoShow
            | Status::Confirmed
            | Status::CheckedIn
            | Status::Completed => total.try_add(fees)?.try_add(order.gone.unwrap_or(nothing))?,
        };
        Ok(Some(keeps))
    }

    /// Whether somebody can begin to pay for it online at a time.
    ///
    /// # Errors
    /// [`Refusal`] when nothing is to be paid for it any more.
    pub fn check_payable(&self, at: Timestamp) -> Result<(), Refusal> {
        match (self.status, self.until) {
            (Status::Requested | Status::Held, Some(until)) if until <= at => {
                Err(Refusal::DeadlinePassed { at: until })
            }
            (
                Status::Requested
                | Status::Held
                | Status::Confirmed
                | Status::CheckedIn
                | Status::Completed,
                _,
            ) => Ok(()),
            (
                Status::Absent
                | Status::Declined
                | Status::Lapsed
                | Status::Cancelled
                | Status::NoShow,
                _,
            ) => Err(self.stands_in_the_way()),
        }
    }

    /// The most that is ever to be paid for it, as it stands: what it costs, and what is kept for what was called off.
    ///
    /// # Errors
    /// [`MoneyError`] when the sum is more than money can count.
    pub fn payable(&self) -> Result<Option<Money>, MoneyError> {
        match self.keeps()? {
            Some(keeps) => Ok(Some(keeps)),
            None => Ok(self.total()),
        }
    }
}
