//! What an auditor sees of one booking: what happened, when, who did it, and why.

use chrono::{DateTime, Days, Utc};
use daybook_domain::values::Zone;
use serde_json::{Value, json};

use crate::harness::{Hotel, World, with};

#[tokio::test]
async fn the_history_of_a_booking_tells_who_what_and_when() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    let body = json!({"name": "front desk", "rights": ["book", "read", "record_past"]});
    let made = client.post("/v1/api-keys", &body).await.expect(201);
    let desk = client.with_key(made["key"].as_str().unwrap());

    let past = "2024-02-01T10:00:00Z";
    let request = with(hotel.booking("2024-03-10", "2024-03-12"), "occurred_at", past);
    let headers = [("idempotency-key", "order-77"), ("x-request-id", "request-88")];
    let id = desk.post_with("/v1/bookings", &request, &headers).await.id(201);
    let payment = json!({
        "booking_id": id,
        "amount": {"minor": 25_100, "currency": "EUR"},
        "method": "bank_transfer",
    });
    client.post("/v1/payments", &payment).await.expect(201);
    let path = format!("/v1/bookings/{id}/cancel");
    let cancelled = desk.post(&path, &json!({"reason": "the guest fell ill"})).await;
    cancelled.expect(200);

    let path = format!("/v1/bookings/{id}/history?min_position={}", cancelled.position());
    let history = client.get(&path).await.expect(200);
    let events = history["items"].as_array().expect("a list of events");
    let types: Vec<_> = events.iter().map(|event| event["event_type"].as_str().unwrap()).collect();
    assert_eq!(types, ["booked", "requested", "captured", "cancelled"]);
    let positions: Vec<_> =
        events.iter().map(|event| event["position"].as_i64().unwrap()).collect();
    assert!(positions.is_sorted());

    let booked = &events[0];
    let text = booked.to_string();
    assert!(text.contains("front desk"), "who: {text}");
    assert!(text.contains(made["id"].as_str().unwrap()), "whose key: {text}");
    assert!(text.contains("order-77"), "the idempotency key: {text}");
    assert!(text.contains("request-88"), "the request: {text}");
    let occurred: DateTime<Utc> = booked["occurred_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(occurred, past.parse::<DateTime<Utc>>().unwrap());
    let recorded: DateTime<Utc> = booked["recorded_at"].as_str().unwrap().parse().unwrap();
    assert!((Utc::now() - recorded).num_seconds().abs() < 60);
    assert!(!events[1].to_string().contains("front desk"));
    assert!(events[3]["data"].to_string().contains("the guest fell ill"));
}

#[tokio::test]
async fn the_history_holds_every_step_and_only_this_bookings() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    let zone = Zone::try_new("Europe/Lisbon").expect("the hotel's zone");
    let today = zone.local_date(Utc::now());
    let day = |days| (today + Days::new(days)).to_string();
    let request = hotel.booking(&day(0), &day(2));
    let held = with(request.clone(), "hold_minutes", 10);
    let id = client.post("/v1/bookings", &held).await.id(201);
    let other = client.post("/v1/bookings", &request).await.id(201);
    let lines = json!({"lines": [hotel.line(&day(0), &day(3))]});
    let steps = [
        ("confirm", json!({})),
        ("amend", lines),
        ("check-in", json!({})),
        ("check-out", json!({})),
    ];
    let mut position = 0;
    for (name, body) in steps {
        let answer = client.post(&format!("/v1/bookings/{id}/{name}"), &body).await;
        answer.expect(200);
        position = answer.position();
    }
    let path = format!("/v1/bookings/{id}/history?min_position={position}");
    let history = client.get(&path).await.expect(200);
    let events = history["items"].as_array().unwrap();
    let types: Vec<_> = events.iter().map(|event| event["event_type"].as_str().unwrap()).collect();
    assert_eq!(types, ["held", "confirmed", "amended", "checked_in", "checked_out"]);
    assert!(!Value::from(events.clone()).to_string().contains(&other));
}
