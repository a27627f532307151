//! Sessions on the wall clock they go by.

use serde_json::json;
use uuid::Uuid;

use crate::harness::{Client, World, order};

/// A class of twenty in Amman, under a listing of its own.
async fn class(client: &Client) -> (String, String) {
    let listing = json!({
        "organization_id": Uuid::now_v7(), "kind": "experience", "name": {"en": "Pottery"},
        "zone": "Asia/Amman", "currency": "JOD",
    });
    let listing = client.post("/v1/listings", &listing).await.id(201);
    let session = json!({
        "listing_id": listing,
        "start": "2031-06-24T17:00:00Z",
        "end": "2031-06-24T22:30:00Z",
        "pools": [{"code": "bench", "capacity": 20}],
        "offers": [{
            "code": "adult", "name": {"en": "Adult"},
            "price": {"minor": 25_000, "currency": "JOD"},
            "draws": [{"pool": "bench", "places": 1}],
        }],
    });
    let session = client.post("/v1/sessions", &session).await.id(201);
    (listing, session)
}

async fn book(client: &Client, listing: &str, session: &str) -> String {
    let request = order(listing, &[json!({"session_id": session, "offer": "adult"})]);
    client.post("/v1/bookings", &request).await.id(201)
}

#[tokio::test]
async fn a_session_tells_its_times_on_the_wall_clock_where_it_takes_place() {
    let world = World::start().await;
    let client = world.client();
    let (listing, session) = class(&client).await;
    let booking = book(&client, &listing, &session).await;
    let position = client.head().await;
    let path = format!("/v1/sessions/{session}?min_position={position}");
    let one = client.get(&path).await.expect(200);
    let page = client.get("/v1/sessions").await.expect(200);
    for shown in [&one, &page["items"][0]] {
        let times = ["start", "end", "starts_local", "ends_local", "zone"];
        let expected = [
            "2031-06-24T17:00:00Z",
            "2031-06-24T22:30:00Z",
            "2031-06-24T20:00:00",
            "2031-06-25T01:30:00",
            "Asia/Amman",
        ];
        assert_eq!(times.map(|member| shown[member].as_str().unwrap()), expected);
    }
    let booked = client.get(&format!("/v1/bookings/{booking}")).await.expect(200);
    for member in ["starts_local", "ends_local", "zone"] {
        assert_eq!(booked["lines"][0][member], one[member], "{member}");
    }
}
