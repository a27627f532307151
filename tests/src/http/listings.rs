//! Listings and their resources: made, read, changed.

use serde_json::json;
use uuid::Uuid;

use crate::harness::{Hotel, World};

#[tokio::test]
async fn a_listing_and_its_resources_are_read_back_as_they_were_made() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::with_rooms(&client, &[4, 2]).await;

    let path = format!("/v1/listings/{}?min_position={}", hotel.listing, hotel.position);
    let listing = client.get(&path).await.expect(200);
    assert_eq!(listing["id"], *hotel.listing);
    assert_eq!(listing["organization_id"], *hotel.organization);
    assert_eq!(listing["name"], json!({"en": "House by the Sea", "ar": "بيت البحر"}));
    assert_eq!(listing["zone"], "Europe/Lisbon");
    assert_eq!(listing["currency"], "EUR");

    let (listing, position) = (&hotel.listing, hotel.position);
    let path = format!("/v1/resources?listing_id={listing}&min_position={position}");
    let page = client.get(&path).await.expect(200);
    let mut capacities: Vec<_> =
        page["items"].as_array().unwrap().iter().map(|item| item["capacity"].as_u64()).collect();
    capacities.sort_unstable();
    assert_eq!(capacities, [Some(2), Some(4)]);
    let room = client.get(&format!("/v1/resources/{}", hotel.rooms[0])).await.expect(200);
    assert_eq!(room["capacity"], 4);
    assert_eq!(room["overbooking"], 0);
    assert_eq!(room["price_per_night"], json!({"minor": 12_550, "currency": "EUR"}));
}

#[tokio::test]
async fn a_listing_is_patched_and_what_is_not_named_stays() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let path = format!("/v1/listings/{}", hotel.listing);
    let answer = client.patch(&path, &json!({"check_out": "10:00"})).await;
    assert_eq!(answer.id(200), hotel.listing);
    let position = answer.position();
    let path = format!("/v1/listings/{}?min_position={position}", hotel.listing);
    let listing = client.get(&path).await.expect(200);
    assert!(listing["check_out"].as_str().unwrap().starts_with("10:00"), "{listing}");
    assert!(listing["check_in"].as_str().unwrap().starts_with("15:00"), "{listing}");
    assert_eq!(listing["name"]["ar"], "بيت البحر");
}

#[tokio::test]
async fn a_listing_can_bring_its_own_id_but_not_take_another_ones() {
    let world = World::start().await;
    let client = world.client();
    let id = Uuid::now_v7().to_string();
    let mut request = Hotel::listing(&Uuid::now_v7().to_string());
    request["id"] = json!(id);
    assert_eq!(client.post("/v1/listings", &request).await.id(201), id);
    client.post("/v1/listings", &request).await.problem(409, "already-exists");
    request["id"] = json!("6b4b1a7e-9d55-4c5f-8a4b-0d9a3c1f2e11"); // version 4
    client.post("/v1/listings", &request).await.problem(422, "bad-value");
}

#[tokio::test]
async fn a_resource_needs_a_listing_and_its_currency() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let mut request = hotel.resource(1);
    request["price_per_night"] = json!({"minor": 100, "currency": "USD"});
    let problem = client.post("/v1/resources", &request).await.problem(422, "policy-refusal");
    assert_eq!(problem["reason"], "currency_mismatch");
    let mut request = hotel.resource(1);
    request["listing_id"] = json!(Uuid::now_v7());
    client.post("/v1/resources", &request).await.problem(404, "not-found");
}

#[tokio::test]
async fn a_change_of_limits_reaches_the_months_that_are_open_and_those_to_come() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    client.post("/v1/bookings", &hotel.booking("2031-03-01", "2031-03-02")).await.expect(201);
    let again = hotel.booking("2031-03-01", "2031-03-02");
    client.post("/v1/bookings", &again).await.problem(409, "sold-out");

    let path = format!("/v1/resources/{}/limits", hotel.rooms[0]);
    let answer = client.post(&path, &json!({"capacity": 2, "overbooking": 1})).await;
    answer.expect(200);
    for _ in 0..2 {
        client.post("/v1/bookings", &again).await.expect(201);
    }
    client.post("/v1/bookings", &again).await.problem(409, "sold-out");
    let later = hotel.booking("2031-04-01", "2031-04-02");
    for _ in 0..3 {
        client.post("/v1/bookings", &later).await.expect(201);
    }
    client.post("/v1/bookings", &later).await.problem(409, "sold-out");
}

#[tokio::test]
async fn a_new_price_is_asked_of_later_bookings_only() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    let request = hotel.booking("2031-03-01", "2031-03-04");
    let before = client.post("/v1/bookings", &request).await.expect(201);
    assert_eq!(before["total"], json!({"minor": 3 * 12_550, "currency": "EUR"}));
    let path = format!("/v1/resources/{}/price", hotel.rooms[0]);
    let price = json!({"price_per_night": {"minor": 9_900, "currency": "EUR"}});
    client.post(&path, &price).await.expect(200);
    let after = client.post("/v1/bookings", &request).await;
    assert_eq!(after.expect(201)["total"], json!({"minor": 3 * 9_900, "currency": "EUR"}));
    let id = before["id"].as_str().unwrap();
    let path = format!("/v1/bookings/{id}?min_position={}", after.position());
    assert_eq!(client.get(&path).await.expect(200)["total"]["minor"], 3 * 12_550);
}
