//! What is to be paid for a booking as it stands.

use super::{Booking, Line, Status};
use crate::values::Money;

impl Booking {
    /// The lines that are to be paid. Where nobody came and nothing was agreed about that, what was booked is.
    pub fn lines_to_pay(&self) -> &[Line] {
        match self.status {
            Status::Cancelled | Status::Declined | Status::Lapsed | Status::Absent => &[],
            Status::NoShow if self.policy().is_some() => &[],
            Status::Requested
            | Status::Held
            | Status::Confirmed
            | Status::CheckedIn
            | Status::Completed
            | Status::NoShow => self.lines(),
        }
    }

    /// What is kept for what was called off or changed, and for not coming.
    pub fn kept(&self) -> Option<Money> {
        self.order.as_ref().and_then(|order| order.fees)
    }
}
