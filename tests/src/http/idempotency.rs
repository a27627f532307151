//! Idempotency keys: one request, one effect, one answer.

use serde_json::json;
use uuid::Uuid;

use crate::harness::{Hotel, World, with};

#[tokio::test]
async fn the_same_key_and_request_get_the_same_bytes() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    let request = hotel.booking("2031-05-30", "2031-06-02");
    let first = client.post_keyed("/v1/bookings", &request, "order-1").await;
    first.expect(201);
    assert_eq!(first.header("idempotency-replayed"), "");
    let head = client.head().await;
    let again = client.post_keyed("/v1/bookings", &request, "order-1").await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.position(), first.position());
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(client.head().await, head);

    let path = format!("/v1/bookings/{}/cancel", first.id(201));
    let cancelled = client.post_keyed(&path, &json!({}), "cancel-1").await;
    let again = client.post_keyed(&path, &json!({}), "cancel-1").await;
    assert_eq!((cancelled.status, cancelled.body), (again.status, again.body));
}

#[tokio::test]
async fn a_receipt_outlives_the_server() {
    let mut world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    let request = hotel.booking("2031-05-30", "2031-06-02");
    let first = client.post_keyed("/v1/bookings", &request, "order-1").await;
    world.server().kill();
    world.server().start_again().await;
    let again = client.post_keyed("/v1/bookings", &request, "order-1").await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(world.audit().await.bookings_made().await.len(), 1);
}

#[tokio::test]
async fn a_key_cannot_be_reused_for_another_request() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    let request = hotel.booking("2031-05-30", "2031-06-02");
    let first = client.post_keyed("/v1/bookings", &request, "order-1").await;
    let other = with(request.clone(), "hold_minutes", 5);
    let reused = client.post_keyed("/v1/bookings", &other, "order-1").await;
    reused.problem(422, "idempotency-key-reused");
    let path = format!("/v1/bookings/{}/cancel", first.id(201));
    let elsewhere = client.post_keyed(&path, &json!({}), "order-1").await;
    elsewhere.problem(422, "idempotency-key-reused");
    assert_eq!(client.head().await, first.position());
}

#[tokio::test]
async fn keys_of_different_principals_do_not_meet() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    let made = client.post("/v1/api-keys", &json!({"name": "other", "rights": ["book"]})).await;
    let other = client.with_key(made.expect(201)["key"].as_str().unwrap());
    let request = hotel.booking("2031-05-30", "2031-06-02");
    let first = client.post_keyed("/v1/bookings", &request, "order-1").await;
    let second = other.post_keyed("/v1/bookings", &request, "order-1").await;
    assert_ne!(first.id(201), second.id(201));
}

#[tokio::test]
async fn a_refusal_by_a_rule_is_kept_and_one_by_the_moment_is_not() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let request = hotel.booking("2031-05-30", "2031-06-02");
    let id = client.post("/v1/bookings", &request).await.id(201);

    let full = client.post_keyed("/v1/bookings", &request, "order-2").await;
    full.problem(409, "sold-out");
    let early = client.post_keyed(&format!("/v1/bookings/{id}/check-in"), &json!({}), "in").await;
    assert_eq!(early.problem(422, "policy-refusal")["reason"], "arrival_not_yet");
    client.post(&format!("/v1/bookings/{id}/cancel"), &json!({})).await.expect(200);

    // The place is free now, so the same order under the same key may be tried again.
    client.post_keyed("/v1/bookings", &request, "order-2").await.expect(201);
    let again = client.post_keyed(&format!("/v1/bookings/{id}/check-in"), &json!({}), "in").await;
    assert_eq!((again.status, &again.body), (early.status, &early.body));
    assert_eq!(again.header("idempotency-replayed"), "true");
}

#[tokio::test]
async fn requests_under_one_key_at_the_same_time_have_one_effect() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 100).await;
    for _ in 0..10 {
        let request = hotel.booking("2031-05-30", "2031-06-02");
        let key = Uuid::now_v7().to_string();
        let before = client.head().await;
        let posts = (0..8).map(|_| client.post_keyed("/v1/bookings", &request, &key));
        let answers = futures::future::join_all(posts).await;
        let mut bodies: Vec<_> = Vec::new();
        for answer in &answers {
            if answer.status == 201 {
                bodies.push(answer.body.clone());
            } else {
                answer.problem(409, "command-in-progress");
                assert_ne!(answer.header("retry-after"), "");
            }
        }
        assert!(!bodies.is_empty());
        assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]));
        let made = client.feed(before).await;
        let booked = made.iter().filter(|event| event["event_type"] == "booked").count();
        assert_eq!(booked, 1);
    }
}
