//! What happened in a calendar. Each event carries all that a reader needs to keep counts of its own.

use cqrs_es::DomainEvent;
use serde::{Deserialize, Serialize};

use super::Take;
use crate::values::{BlockId, BookingId, Limits, Month, Reason, TimeRange, Timestamp, VoucherId};

/// What happened. Stored for good: add variants and optional fields, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The month takes bookings.
    Opened {
        /// The month.
        month: Month,
        /// How many there are.
        limits: Limits,
        /// The time of the month, if it is sold by times; otherwise it is sold by nights. Nobody need
        /// know the zone to read on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        times: Option<TimeRange>,
        /// When.
        at: Timestamp,
    },
    /// There are more or fewer.
    LimitsChanged {
        /// How many there are from now on.
        limits: Limits,
        /// When.
        at: Timestamp,
    },
    /// Days or times were taken for a booking.
    Allocated {
        /// For whom.
        booking: BookingId,
        /// Which, and how many of each: in order, days summed up.
        takes: Vec<Take>,
        /// Until when, unless for good.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
        /// Whether this promised more than exist, within the allowance.
        overbooked: bool,
        /// When.
        at: Timestamp,
    },
    /// What a booking held is its own for good.
    Confirmed {
        /// Whose hold.
        booking: BookingId,
        /// When.
        at: Timestamp,
    },
    /// A booking took other days or times instead.
    Reallocated {
        /// For whom.
        booking: BookingId,
        /// What it took before, all of it.
        freed: Vec<Take>,
        /// What it takes from now on, all of it.
        takes: Vec<Take>,
        /// Until when, unless for good.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
        /// Whether this promised more than exist, within the allowance.
        overbooked: bool,
        /// When.
        at: Timestamp,
    },
    /// A booking gave days or times up.
    Released {
        /// Whose.
        booking: BookingId,
        /// What is free again.
        freed: Vec<Take>,
        /// When.
        at: Timestamp,
    },
    /// Days or times were taken for nobody.
    Blocked {
        /// The block.
        block: BlockId,
        /// Which, and how many of each: in order, days summed up.
        takes: Vec<Take>,
        /// What for.
        reason: Reason,
        /// Whether this left less than was promised, within the allowance.
        overbooked: bool,
        /// When.
        at: Timestamp,
    },
    /// What was blocked can be booked again.
    Unblocked {
        /// The block.
        block: BlockId,
        /// What is free again: all of it.
        freed: Vec<Take>,
        /// When.
        at: Timestamp,
    },
    /// Something else than before is set aside for whoever uses a voucher.
    SetAside {
        /// The voucher.
        voucher: VoucherId,
        /// What was set aside for it before, all of it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        freed: Vec<Take>,
        /// What is set aside for it from now on, all of it: in order, summed up, and perhaps nothing.
        takes: Vec<Take>,
        /// Until when.
        until: Timestamp,
        /// Whether this promised more than exist, within the allowance.
        overbooked: bool,
        /// When.
        at: Timestamp,
    },
}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        let name = match self {
            Self::Opened { .. } => "opened",
            Self::LimitsChanged { .. } => "limits_changed",
            Self::Allocated { .. } => "allocated",
            Self::Confirmed { .. } => "confirmed",
            Self::Reallocated { .. } => "reallocated",
            Self::Released { .. } => "released",
            Self::Blocked { .. } => "blocked",
            Self::Unblocked { .. } => "unblocked",
            Self::SetAside { .. } => "set_aside",
        };
        name.to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}
