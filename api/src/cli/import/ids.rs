//! Ids that come out the same at every run, so that a second run finds what the first one wrote.

use chrono::{DateTime, Utc};
use daybook_domain::values::{
    BookingId, CustomerId, ListingId, OrganizationId, ResourceId, Timestamp,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::hotel::Hotel;
use crate::derived_id::version_7;

/// A date before any booking in the file: the ids of what the bookings are made for carry it.
pub(super) const BEFORE_ALL_BOOKINGS: Timestamp =
    match DateTime::<Utc>::from_timestamp(1_356_998_400, 0) {
        Some(instant) => instant, // 2013-01-01
        None => DateTime::UNIX_EPOCH,
    };

/// The hash a row's ids are made of: its content and its line, as equal rows are different bookings.
pub(super) struct RowHash(Sha256);

impl RowHash {
    pub(super) fn new(line: u64, fields: &csv::StringRecord) -> Self {
        let mut hash = Sha256::new();
        hash.update(line.to_be_bytes());
        for field in fields {
            hash.update(field.as_bytes());
            hash.update([0x1f]); // so that no text can move from one field to the next
        }
        Self(hash)
    }

    pub(super) fn booking(&self, booked_at: Timestamp) -> BookingId {
        BookingId::from_uuid(self.derived("booking", booked_at))
    }

    pub(super) fn customer(&self, booked_at: Timestamp) -> CustomerId {
        CustomerId::from_uuid(self.derived("customer", booked_at))
    }

    fn derived(&self, purpose: &str, at: Timestamp) -> Uuid {
        version_7(self.0.clone().chain_update(purpose), at)
    }
}

pub(super) fn organization() -> OrganizationId {
    OrganizationId::from_uuid(named(&["organization"]))
}

pub(super) fn listing(hotel: Hotel) -> ListingId {
    ListingId::from_uuid(named(&["listing", hotel.name()]))
}

pub(super) fn resource(hotel: Hotel, room_type: &str) -> ResourceId {
    ResourceId::from_uuid(named(&["resource", hotel.name(), room_type]))
}

fn named(parts: &[&str]) -> Uuid {
    let mut hash = Sha256::new_with_prefix("hotel-bookings");
    for part in parts {
        hash.update([0x1f]);
        hash.update(part);
    }
    version_7(hash, BEFORE_ALL_BOOKINGS)
}
