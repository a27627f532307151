//! The part of the API that the importer speaks, as any other client would.

use bytes::Bytes;
use chrono::{NaiveDate, NaiveTime};
use daybook_domain::values::{
    BookingId, Currency, CustomerId, Dimensions, ListingId, LocalizedText, Money, OrganizationId,
    Party, ResourceId, Timestamp, Zone,
};
use serde::{Deserialize, Serialize, Serializer};

/// `POST /v1/listings`.
#[derive(Serialize)]
pub(super) struct NewListing {
    pub(super) id: ListingId,
    pub(super) organization_id: OrganizationId,
    pub(super) kind: &'static str,
    pub(super) name: LocalizedText,
    pub(super) zone: Zone,
    pub(super) currency: Currency,
    pub(super) check_in: WallTime,
    pub(super) check_out: WallTime,
    pub(super) occurred_at: Timestamp,
}

/// A time of day as the API writes it: `15:00`.
pub(super) struct WallTime(pub(super) NaiveTime);

impl Serialize for WallTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.format("%H:%M"))
    }
}

/// `POST /v1/resources`.
#[derive(Serialize)]
pub(super) struct NewResource {
    pub(super) id: ResourceId,
    pub(super) listing_id: ListingId,
    pub(super) name: LocalizedText,
    pub(super) capacity: u32,
    pub(super) price_per_night: Money,
    pub(super) occurred_at: Timestamp,
}

/// `POST /v1/resources/{id}/limits`.
#[derive(Serialize)]
pub(super) struct NewLimits {
    pub(super) capacity: u32,
}

/// `POST /v1/bookings`.
#[derive(Serialize)]
pub(super) struct NewBooking<'a> {
    pub(super) id: BookingId,
    pub(super) listing_id: ListingId,
    pub(super) customer_id: CustomerId,
    pub(super) lines: [NewLine; 1],
    pub(super) party: Party,
    pub(super) dimensions: &'a Dimensions,
    pub(super) occurred_at: Timestamp,
}

/// What a booking asks for.
#[derive(Serialize)]
pub(super) struct NewLine {
    pub(super) resource_id: ResourceId,
    pub(super) arrival: NaiveDate,
    pub(super) departure: NaiveDate,
    pub(super) price_per_night: Money,
}

/// Any later step of a booking.
#[derive(Serialize)]
pub(super) struct Happened {
    pub(super) occurred_at: Timestamp,
}

/// The body of a request.
pub(super) fn json(request: &impl Serialize) -> Bytes {
    serde_json::to_vec(request).expect("requests have text for keys and nothing that fails").into()
}

/// `GET /v1/resources/{id}`, as far as it matters here.
#[derive(Deserialize)]
pub(super) struct Resource {
    pub(super) capacity: u32,
}

/// `GET /v1/bookings`, as far as it matters here.
#[derive(Deserialize)]
pub(super) struct BookingPage {
    pub(super) items: Vec<Booking>,
    pub(super) next_cursor: Option<String>,
}

/// A booking that exists already.
#[derive(Deserialize)]
pub(super) struct Booking {
    pub(super) id: BookingId,
    pub(super) status: Status,
}

/// How far a booking has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    Held,
    Confirmed,
    CheckedIn,
    Completed,
    Lapsed,
    Cancelled,
    NoShow,
}
