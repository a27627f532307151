//! How much of a resource there is.

use serde::{Deserialize, Serialize};

use super::Capacity;

/// How many of a resource exist, and how many more may be promised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Limits {
    /// How many exist.
    pub capacity: Capacity,
    /// How many may be promised beyond the capacity; such bookings are flagged.
    pub overbooking: u32,
}

impl Limits {
    /// How many may be promised altogether.
    pub fn total(self) -> u32 {
        self.capacity.get().saturating_add(self.overbooking)
    }
}
