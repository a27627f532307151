//! A small hotel to book in.

use serde_json::{Value, json};
use uuid::Uuid;

use super::Client;

/// A listing with its room types, made over HTTP.
#[derive(Clone, Debug)]
pub(crate) struct Hotel {
    pub(crate) organization: String,
    pub(crate) listing: String,
    pub(crate) rooms: Vec<String>,
    /// The position of the last event it took to make.
    pub(crate) position: i64,
}

/// What a night costs in every room.
pub(crate) const PRICE: u64 = 12_550;

impl Hotel {
    /// A hotel with one room type of this capacity.
    pub(crate) async fn open(client: &Client, capacity: u32) -> Self {
        Self::with_rooms(client, &[capacity]).await
    }

    /// A hotel with a room type for each capacity.
    pub(crate) async fn with_rooms(client: &Client, capacities: &[u32]) -> Self {
        let organization = Uuid::now_v7().to_string();
        let answer = client.post("/v1/listings", &Self::listing(&organization)).await;
        let listing = answer.id(201);
        let mut hotel =
            Self { organization, listing, rooms: Vec::new(), position: answer.position() };
        for capacity in capacities {
            let answer = client.post("/v1/resources", &hotel.resource(*capacity)).await;
            hotel.rooms.push(answer.id(201));
            hotel.position = answer.position();
        }
        hotel
    }

    /// A request for a listing.
    pub(crate) fn listing(organization: &str) -> Value {
        json!({
            "organization_id": organization,
            "kind": "stay",
            "name": {"en": "House by the Sea", "ar": "بيت البحر"},
            "zone": "Europe/Lisbon",
            "currency": "EUR",
            "check_in": "15:00",
            "check_out": "11:00",
            "occurred_at": "2024-01-01T09:00:00Z",
        })
    }

    /// A request for a room type in this listing.
    pub(crate) fn resource(&self, capacity: u32) -> Value {
        json!({
            "listing_id": self.listing,
            "name": {"en": "Double room"},
            "capacity": capacity,
            "price_per_night": {"minor": PRICE, "currency": "EUR"},
            "occurred_at": "2024-01-01T10:00:00Z",
        })
    }

    /// A line for one room of the first type.
    pub(crate) fn line(&self, arrival: &str, departure: &str) -> Value {
        self.line_in(0, arrival, departure)
    }

    /// A line for one room of a type.
    pub(crate) fn line_in(&self, room: usize, arrival: &str, departure: &str) -> Value {
        json!({"resource_id": self.rooms[room], "arrival": arrival, "departure": departure})
    }

    /// A request for a booking of one room of the first type by a new customer.
    pub(crate) fn booking(&self, arrival: &str, departure: &str) -> Value {
        self.order(&[self.line(arrival, departure)])
    }

    /// A request for a booking of several lines by a new customer.
    pub(crate) fn order(&self, lines: &[Value]) -> Value {
        json!({
            "listing_id": self.listing,
            "customer_id": Uuid::now_v7(),
            "lines": lines,
        })
    }

    /// The path of the availability of the first room type.
    pub(crate) fn availability(&self, from: &str, to: &str, position: i64) -> String {
        let room = &self.rooms[0];
        format!("/v1/availability?resource_id={room}&from={from}&to={to}&min_position={position}")
    }
}

/// A request with one more member.
pub(crate) fn with(mut request: Value, member: &str, value: impl Into<Value>) -> Value {
    request[member] = value.into();
    request
}
