//! What a snapshot keeps of an allotment: what was decided, and nothing that can be counted anew.

use serde::{Deserialize, Serialize, Serializer};

use super::allocation::Allocation;
use super::hall::SeatIndex;
use super::inventory::Inventory;
use super::{Session, Status};
use crate::values::{BookingId, Timestamp};

#[derive(Deserialize)]
pub(super) struct Stored {
    session: Session,
    status: Status,
    as_of: Option<Timestamp>,
    blocked: Vec<SeatIndex>,
    allocations: Vec<(BookingId, Allocation)>,
}

#[derive(Serialize)]
#[serde(rename = "Stored")]
struct Borrowed<'a> {
    session: &'a Session,
    status: Status,
    as_of: Option<Timestamp>,
    blocked: Vec<SeatIndex>,
    allocations: Vec<(&'a BookingId, &'a Allocation)>,
}

impl From<Stored> for Inventory {
    fn from(Stored { session, status, as_of, blocked, allocations }: Stored) -> Self {
        Self::restored(session, status, as_of, blocked, allocations)
    }
}

impl Serialize for Inventory {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let borrowed = Borrowed {
            session: self.session(),
            status: self.status(),
            as_of: self.as_of(),
            blocked: self.hall().blocked().collect(),
            allocations: self.allocations().collect(),
        };
        borrowed.serialize(serializer)
    }
}
