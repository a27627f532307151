//! Money taken and given back by hand.

use serde_json::{Value, json};

use crate::harness::{Client, Hotel, World};

fn euros(minor: u64) -> Value {
    json!({"minor": minor, "currency": "EUR"})
}

async fn paid(client: &Client, amount: u64, captured: bool) -> String {
    let hotel = Hotel::open(client, 5).await;
    let booking = client.post("/v1/bookings", &hotel.booking("2031-05-30", "2031-06-02")).await;
    let body = json!({
        "booking_id": booking.id(201),
        "amount": euros(amount),
        "method": "cash",
        "captured": captured,
    });
    client.post("/v1/payments", &body).await.id(201)
}

#[tokio::test]
async fn a_payment_is_captured_and_refunded_in_parts_but_never_beyond() {
    let world = World::start().await;
    let client = world.client();
    let payment = paid(&client, 10_000, true).await;
    let refund = format!("/v1/payments/{payment}/refund");
    let part =
        client.post(&refund, &json!({"amount": euros(4_000), "reason": "a noisy night"})).await;
    assert_eq!(part.expect(200)["status"], "partially_refunded");
    let over = client.post(&refund, &json!({"amount": euros(6_001)})).await;
    assert_eq!(over.problem(422, "policy-refusal")["reason"], "refund_exceeds_captured");
    let rest = client.post(&refund, &json!({})).await;
    assert_eq!(rest.expect(200)["status"], "refunded");
    let path = format!("/v1/payments/{payment}?min_position={}", rest.position());
    let payment = client.get(&path).await.expect(200);
    assert_eq!(payment["status"], "refunded");
    assert_eq!(payment["captured"], euros(10_000));
    assert_eq!(payment["refunded"], euros(10_000));
}

#[tokio::test]
async fn a_requested_payment_is_captured_once_or_called_off() {
    let world = World::start().await;
    let client = world.client();
    let payment = paid(&client, 10_000, false).await;
    let capture = format!("/v1/payments/{payment}/capture");
    let more = client.post(&capture, &json!({"amount": euros(10_001)})).await;
    assert_eq!(more.problem(422, "policy-refusal")["reason"], "capture_exceeds_requested");
    let foreign = json!({"amount": {"minor": 100, "currency": "USD"}});
    let foreign = client.post(&capture, &foreign).await;
    assert_eq!(foreign.problem(422, "policy-refusal")["reason"], "currency_mismatch");
    assert_eq!(client.post(&capture, &json!({})).await.expect(200)["status"], "captured");
    let head = client.head().await;
    client.post(&capture, &json!({})).await.expect(200);
    assert_eq!(client.head().await, head, "a repeat is not a new fact");
    let void = client.post(&format!("/v1/payments/{payment}/void"), &json!({})).await;
    assert_eq!(void.problem(422, "policy-refusal")["reason"], "already_captured");

    let other = paid(&client, 10_000, false).await;
    let void = client.post(&format!("/v1/payments/{other}/void"), &json!({})).await;
    assert_eq!(void.expect(200)["status"], "voided");
    let capture = client.post(&format!("/v1/payments/{other}/capture"), &json!({})).await;
    assert_eq!(capture.problem(422, "policy-refusal")["reason"], "voided");
}

#[tokio::test]
async fn payments_are_listed_by_booking_and_need_one() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    let booking = client.post("/v1/bookings", &hotel.booking("2031-05-30", "2031-06-02")).await;
    let body =
        |booking: &str| json!({"booking_id": booking, "amount": euros(500), "method": "cash"});
    let first = client.post("/v1/payments", &body(&booking.id(201))).await;
    let second = client.post("/v1/payments", &body(&booking.id(201))).await;
    let path =
        format!("/v1/payments?booking_id={}&min_position={}", booking.id(201), second.position());
    let page = client.get(&path).await.expect(200);
    let mut ids: Vec<_> =
        page["items"].as_array().unwrap().iter().map(|item| &item["id"]).collect();
    ids.sort_by_key(ToString::to_string);
    assert_eq!(ids, [&json!(first.id(201)), &json!(second.id(201))]);
    let nobody = uuid::Uuid::now_v7().to_string();
    client.post("/v1/payments", &body(&nobody)).await.problem(404, "not-found");
}
