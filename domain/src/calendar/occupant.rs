//! Who takes something of a calendar.

use serde::{Deserialize, Serialize};

use crate::values::{BlockId, BookingId};

/// Who takes something of a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occupant {
    /// Nobody: it is blocked.
    Block(BlockId),
    /// A booking.
    Booking(BookingId),
}
