//! Requests and holds: kept until a deadline, unless somebody says otherwise before.

use super::{Booking, Event, Refusal, Status, check_ends};
use crate::values::{Reason, Timestamp};

impl Booking {
    /// Agrees to what was requested.
    pub(super) fn approve(
        &self,
        until: Option<Timestamp>,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        match self.status {
            Status::Requested => {
                self.check_deadline(at)?;
                if let Some(until) = until.filter(|until| *until <= at) {
                    return Err(Refusal::DeadlinePassed { at: until });
                }
                Ok(vec![Event::Approved { until, at }])
            }
            // was approved before, whatever came after: a repeat is not a new fact
            Status::Held | Status::Confirmed | Status::CheckedIn | Status::Completed
                if self.approved =>
            {
                Ok(Vec::new())
            }
            Status::Held | Status::Confirmed | Status::CheckedIn | Status::Completed => {
                Err(Refusal::NotRequested)
            }
            Status::Absent
            | Status::Declined
            | Status::Lapsed
            | Status::Cancelled
            | Status::NoShow => Err(self.stands_in_the_way()),
        }
    }

    /// Turns down what was requested.
    pub(super) fn decline(
        &self,
        reason: Option<Reason>,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        match self.status {
            Status::Requested => Ok(vec![Event::Declined { reason, at }]),
            Status::Declined => Ok(Vec::new()), // a repeat is not a new fact
            Status::Held | Status::Confirmed | Status::CheckedIn | Status::Completed => {
                Err(Refusal::NotRequested)
            }
            Status::Absent | Status::Lapsed | Status::Cancelled | Status::NoShow => {
                Err(self.stands_in_the_way())
            }
        }
    }

    /// Puts a deadline off.
    pub(super) fn extend(&self, until: Timestamp, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        match (self.status, self.until) {
            (Status::Requested | Status::Held, Some(present)) => {
                self.check_deadline(at)?;
                if until < present {
                    return Err(Refusal::NotLater { until: present });
                }
                let new = until > present;
                Ok(if new { vec![Event::HoldExtended { until, at }] } else { Vec::new() })
            }
            (Status::Absent, _) => Err(Refusal::NotFound),
            (_, _) => Err(Refusal::NotHeld),
        }
    }

    /// Keeps for good what is held.
    pub(super) fn confirm(&self, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        match self.status {
            Status::Held => {
                self.check_deadline(at)?;
                Ok(vec![Event::Confirmed { at }])
            }
            // was confirmed before, whatever came after: a repeat is not a new fact
            Status::Confirmed | Status::CheckedIn | Status::Completed => Ok(Vec::new()),
            Status::Absent
            | Status::Requested
            | Status::Declined
            | Status::Lapsed
            | Status::Cancelled
            | Status::NoShow => Err(self.stands_in_the_way()),
        }
    }

    /// Keeps for good what was held, also when its deadline has come: whoever paid late has it, if there is still room.
    pub(super) fn confirm_late(&self, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        match (self.status, &self.order) {
            (Status::Held | Status::Lapsed, Some(order)) => {
                check_ends(&order.lines, at)?;
                Ok(vec![Event::Confirmed { at }])
            }
            _ => self.confirm(at),
        }
    }

    /// Records that a deadline came.
    pub(super) fn lapse(&self, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        match (self.status, self.until) {
            (Status::Requested | Status::Held, Some(until)) if at < until => {
                Err(Refusal::StillHeld { until })
            }
            (Status::Requested | Status::Held, Some(until)) => {
                Ok(vec![Event::HoldLapsed { until, at }])
            }
            (Status::Lapsed, _) => Ok(Vec::new()), // a repeat is not a new fact
            (Status::Absent, _) => Err(Refusal::NotFound),
            (
                Status::Requested
                | Status::Held
                | Status::Confirmed
                | Status::CheckedIn
                | Status::Completed
                | Status::Declined
                | Status::Cancelled
                | Status::NoShow,
                _,
            ) => Err(Refusal::NotHeld),
        }
    }

    /// The deadline is exclusive: at the instant itself the places are free.
    pub(super) fn check_deadline(&self, at: Timestamp) -> Result<(), Refusal> {
        match self.until {
            Some(until) if at >= until => Err(Refusal::HoldEnded { at: until }),
            Some(_) | None => Ok(()),
        }
    }
}
