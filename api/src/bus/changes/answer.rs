//! What is answered to whoever changes a booking.

use daybook_domain::{
    booking::{Booking, Event},
    values::{BookingId, Money},
};
use serde::Serialize;

/// The answer to a step or a change.
#[derive(Serialize)]
pub(in crate::bus) struct Changed {
    id: BookingId,
    status: &'static str,
    /// What it costs from now on, and by how much that is more than before.
    #[serde(flatten)]
    cost: Option<Cost>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fee: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refund: Option<Money>,
}

#[derive(Serialize)]
struct Cost {
    total: Money,
    difference: Difference,
}

/// By how much a total rises, or falls with a minus.
#[derive(Serialize)]
struct Difference {
    minor: i128,
    currency: &'static str,
}

/// What an event keeps, and gives back.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::bus) struct Kept {
    fee: Option<Money>,
    refund: Option<Money>,
}

impl Kept {
    /// What the first of some events says of it.
    pub(in crate::bus) fn by(events: &[Event]) -> Self {
        match events.first() {
            Some(
                Event::Amended { fee, refund, .. }
                | Event::Rescheduled { fee, refund, .. }
                | Event::LinesCancelled { fee, refund, .. }
                | Event::NoShowRecorded { fee, refund, .. }
                | Event::Cancelled { fee, refund, .. },
            ) => Self { fee: *fee, refund: *refund },
            Some(_) | None => Self::default(),
        }
    }
}

impl Changed {
    /// What became of a booking, and what is kept and given back for that.
    pub(in crate::bus) fn of(booking: &Booking, id: BookingId, kept: Kept) -> Self {
        let Kept { fee, refund } = kept;
        Self { id, status: booking.status().as_str(), cost: None, fee, refund }
    }

    /// With what it costs now, and cost before.
    pub(super) fn costing(self, total: Money, before: Money) -> Self {
        let minor = i128::from(total.minor()) - i128::from(before.minor());
        let difference = Difference { minor, currency: total.currency().code() };
        Self { cost: Some(Cost { total, difference }), ..self }
    }
}
