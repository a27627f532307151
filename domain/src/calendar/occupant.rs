//! Who takes something of a calendar.

use serde::{Deserialize, Serialize};

use crate::values::{BlockId, BookingId, VoucherId};

/// Who takes something of a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occupant {
    /// Nobody: it is blocked.
    Block(BlockId),
    /// A booking.
    Booking(BookingId),
    /// Whoever will use a voucher: it is set aside.
    Voucher(VoucherId),
}

/// For whom something is counted until a deadline, or for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Holder {
    /// A booking.
    Booking(BookingId),
    /// A voucher.
    Voucher(VoucherId),
}
