//! Requests as bytes: written once, then only ids are put in.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use uuid::{Uuid, fmt::Hyphenated};

/// The night that everybody wants.
pub(super) const ARRIVAL: &str = "2031-06-15";
/// The morning after.
pub(super) const DEPARTURE: &str = "2031-06-16";

/// Stand-ins for the ids that change, told apart by their last digit.
const KEY: Uuid = Uuid::from_u128(u128::MAX - 1);
const RESOURCE: Uuid = Uuid::from_u128(u128::MAX - 2);

/// `POST /v1/bookings` for one night of one resource, confirmed at once.
#[derive(Clone)]
pub(super) struct BookingRequest {
    bytes: Vec<u8>,
    key: usize,
    resource: usize,
}

impl BookingRequest {
    /// The request of one customer; ids are put in by [`BookingRequest::fill`].
    pub(super) fn try_new(api_key: &str, listing: Uuid, customer: Uuid) -> Result<Self> {
        let body = json!({
            "listing_id": listing,
            "customer_id": customer,
            "lines": [{ "resource_id": RESOURCE, "arrival": ARRIVAL, "departure": DEPARTURE }],
        });
        let bytes = post("/v1/bookings", api_key, KEY, &body);
        Ok(Self { key: place_of(&bytes, KEY)?, resource: place_of(&bytes, RESOURCE)?, bytes })
    }

    /// The bytes to send for a new booking under an idempotency key. The server names it.
    pub(super) fn fill(&mut self, key: Uuid, resource: Uuid) -> &[u8] {
        for (place, id) in [(self.key, key), (self.resource, resource)] {
            if let Some(hole) = self.bytes.get_mut(place..place + Hyphenated::LENGTH) {
                id.hyphenated().encode_lower(hole);
            }
        }
        &self.bytes
    }
}

/// A command as bytes.
pub(super) fn post(path: &str, api_key: &str, key: Uuid, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {api_key}\r\n\
         Content-Type: application/json\r\nIdempotency-Key: {key}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A query as bytes.
pub(super) fn get(path: &str, api_key: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {api_key}\r\n\r\n")
        .into_bytes()
}

fn place_of(bytes: &[u8], id: Uuid) -> Result<usize> {
    let id = id.to_string();
    let found = bytes.windows(id.len()).position(|window| window == id.as_bytes());
    found.context("the request lacks an id")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filled_request_carries_the_ids_and_its_true_length() {
        let (listing, customer) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let mut request = BookingRequest::try_new("dbk_1", listing, customer).expect("it has all");
        let (key, resource) = (Uuid::from_u128(3), Uuid::from_u128(4));
        let text = String::from_utf8(request.fill(key, resource).to_vec()).expect("text");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.contains(&format!("Idempotency-Key: {key}")));
        assert!(head.ends_with(&format!("Content-Length: {}", body.len())));
        let body: Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(body["listing_id"], listing.to_string());
        assert_eq!(body["lines"][0]["resource_id"], resource.to_string());
    }
}
