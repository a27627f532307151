//! Dates of a series that cannot be had, and who stands in the way.

use chrono::{DateTime, NaiveDateTime, Utc};
use daybook_domain::{
    calendar::Occupant,
    series::booked::Hindrance,
    values::{BookingId, ResourceId, TimeRange},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A date that cannot be had, and who stands in its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Conflict {
    /// What the wall clock shows at its start by the plan: its name within the series.
    original: NaiveDateTime,
    /// The start that was asked for.
    start: DateTime<Utc>,
    /// The end that was asked for.
    end: DateTime<Utc>,
    /// The booking that was to be moved there, or confirmed, if it is one already.
    #[serde(skip_serializing_if = "Option::is_none")]
    booking_id: Option<Uuid>,
    #[serde(flatten)]
    obstacle: Obstacle,
    #[serde(skip)]
    is_taken: bool,
}

/// What stands in the way of a date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Obstacle {
    /// `held`, `blocked`, `sold`, `closed`, `notice`, `too_far_ahead`, `limit`, `past` or `skipped_by_clocks`; of what
    /// was to be confirmed, `lapsed` or `not_approved`.
    #[schema(value_type = String, example = "sold")]
    cause: &'static str,
    /// Of what there is not enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<Uuid>,
    /// Bookings that have it; up to ten are named, blocks and vouchers included.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    taken_by_bookings: Vec<Uuid>,
    /// Blocks that lie on it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    taken_by_blocks: Vec<Uuid>,
    /// Vouchers for which it is set aside.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    set_aside_for_vouchers: Vec<Uuid>,
}

/// Why a booking of a series cannot be confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unconfirmed {
    /// Its hold has ended.
    Lapsed,
    /// It waits for approval.
    NotApproved,
}

impl Conflict {
    /// The most that are told at once.
    pub const MOST: usize = 100;

    /// A date at a time at which it cannot be had.
    pub fn new(original: NaiveDateTime, time: TimeRange, hindrance: &Hindrance) -> Self {
        Self {
            original,
            start: time.start(),
            end: time.end(),
            booking_id: None,
            obstacle: hindrance.into(),
            is_taken: hindrance.cause.is_taken(),
        }
    }

    /// A date at its time whose booking cannot be confirmed.
    pub fn unconfirmed(original: NaiveDateTime, time: TimeRange, why: Unconfirmed) -> Self {
        Self {
            original,
            start: time.start(),
            end: time.end(),
            booking_id: None,
            obstacle: why.into(),
            is_taken: false,
        }
    }

    /// Of a booking that was to be moved there, or confirmed.
    #[must_use]
    pub fn of_booking(self, booking: BookingId) -> Self {
        Self { booking_id: Some(booking.as_uuid()), ..self }
    }

    /// Whether others have what is missing.
    pub fn is_taken(&self) -> bool {
        self.is_taken
    }

    /// Its name within the series.
    pub fn original(&self) -> NaiveDateTime {
        self.original
    }
}

impl From<Unconfirmed> for Obstacle {
    fn from(why: Unconfirmed) -> Self {
        let cause = match why {
            Unconfirmed::Lapsed => "lapsed",
            Unconfirmed::NotApproved => "not_approved",
        };
        Self {
            cause,
            resource_id: None,
            taken_by_bookings: Vec::new(),
            taken_by_blocks: Vec::new(),
            set_aside_for_vouchers: Vec::new(),
        }
    }
}

impl From<&Hindrance> for Obstacle {
    fn from(hindrance: &Hindrance) -> Self {
        let (mut taken_by_bookings, mut taken_by_blocks) = (Vec::new(), Vec::new());
        let mut set_aside_for_vouchers = Vec::new();
        for occupant in &hindrance.occupants {
            match occupant {
                Occupant::Booking(booking) => taken_by_bookings.push(booking.as_uuid()),
                Occupant::Block(block) => taken_by_blocks.push(block.as_uuid()),
                Occupant::Voucher(voucher) => set_aside_for_vouchers.push(voucher.as_uuid()),
            }
        }
        Self {
            cause: hindrance.cause.as_str(),
            resource_id: hindrance.resource.map(ResourceId::as_uuid),
            taken_by_bookings,
            taken_by_blocks,
            set_aside_for_vouchers,
        }
    }
}
