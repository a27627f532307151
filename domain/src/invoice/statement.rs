//! What a booking costs, in the words of invoices.

use super::{Amounts, Item, Refusal, Subject};
use crate::booking::{Booking, Line, Status};
use crate::values::LocalizedText;

/// What a booking costs as it stands, line by line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// The lines, and what is kept for what was called off or changed.
    pub items: Vec<Item>,
}

impl Statement {
    /// The statement of a booking whose lines are described by `describe`.
    pub fn of(
        booking: &Booking,
        describe: impl Fn(&Line) -> LocalizedText,
    ) -> Result<Self, Refusal> {
        match booking.status() {
            Status::Absent
            | Status::Requested
            | Status::Held
            | Status::Declined
            | Status::Lapsed => return Err(Refusal::NotConfirmed),
            Status::Confirmed
            | Status::CheckedIn
            | Status::Completed
            | Status::Cancelled
            | Status::NoShow => {}
        }
        let listing = booking.listing().ok_or(Refusal::NotConfirmed)?;
        let mut items = Vec::new();
        for line in booking.lines_to_pay() {
            items.push(Item::of(line, listing, describe(line))?);
        }
        let kept = booking.kept().filter(|kept| !kept.is_zero());
        items.extend(kept.map(|kept| Item {
            subject: Subject::Fee,
            description: None,
            service: None,
            quantity: 1,
            amounts: Amounts::untaxed(kept),
        }));
        Ok(Self { items })
    }
}
