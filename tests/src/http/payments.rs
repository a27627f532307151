//! Money taken and given back by hand.

use serde_json::{Value, json};

use crate::harness::{Client, Hotel, PAYMENTS, World, overdrawn, with};

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

    let audit = world.audit().await;
    audit.assert_sound().await;
    let mut forged = audit.events(PAYMENTS).await;
    let mut again = forged.last().expect("a refund").clone();
    again.position += 1;
    again.payload["refunded"]["refund"] = uuid::Uuid::now_v7().to_string().into();
    forged.push(again);
    assert_eq!(overdrawn(&forged).len(), 1, "a refund more would be noticed");
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

#[tokio::test]
async fn a_payment_says_what_it_is_for_and_is_taken_in_parts() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    let booking = client.post("/v1/bookings", &hotel.booking("2031-05-30", "2031-06-02")).await;
    let body = json!({
        "booking_id": booking.id(201),
        "amount": euros(10_000),
        "method": "bank_transfer",
        "purpose": "deposit",
        "captured": false,
    });
    let payment = client.post("/v1/payments", &body).await.id(201);
    let capture = format!("/v1/payments/{payment}/capture");
    let part = json!({"amount": euros(3_000), "final": false});
    assert_eq!(client.post(&capture, &part).await.expect(200)["status"], "partially_captured");
    let part = client.post(&capture, &part).await;
    assert_eq!(part.expect(200)["status"], "partially_captured");
    let path = format!("/v1/payments/{payment}?min_position={}", part.position());
    let seen = client.get(&path).await.expect(200);
    assert_eq!((&seen["purpose"], &seen["captured"]), (&json!("deposit"), &euros(6_000)));
    let over = client.post(&capture, &json!({"amount": euros(4_001)})).await;
    assert_eq!(over.problem(422, "policy-refusal")["reason"], "capture_exceeds_requested");

    let void = client.post(&format!("/v1/payments/{payment}/void"), &json!({})).await;
    assert_eq!(void.expect(200)["status"], "captured", "only the rest is let go");
    let more = client.post(&capture, &json!({"amount": euros(1)})).await;
    assert_eq!(more.problem(422, "policy-refusal")["reason"], "already_captured");
}

#[tokio::test]
async fn a_refund_has_an_id_under_which_it_is_given_back_once() {
    let world = World::start().await;
    let client = world.client();
    let payment = paid(&client, 10_000, true).await;
    let refund = format!("/v1/payments/{payment}/refund");
    let id = uuid::Uuid::now_v7();
    let body = json!({"id": id, "amount": euros(4_000), "reason": "a noisy night"});
    let first = client.post(&refund, &body).await;
    assert_eq!(first.expect(200)["status"], "partially_refunded");
    let head = client.head().await;
    assert_eq!(client.post(&refund, &body).await.expect(200)["status"], "partially_refunded");
    assert_eq!(client.head().await, head, "a repeat is not a new fact");
    let other = client.post(&refund, &json!({"id": id, "amount": euros(4_001)})).await;
    assert_eq!(other.problem(422, "policy-refusal")["reason"], "refund_differs");
    let path = format!("/v1/payments/{payment}?min_position={}", first.position());
    let seen = client.get(&path).await.expect(200);
    assert_eq!(seen["refunds"].as_array().map(Vec::len), Some(1));
    let told = &seen["refunds"][0];
    assert_eq!((&told["id"], &told["status"]), (&json!(id), &json!("completed")));
    assert_eq!((&told["amount"], &told["reason"]), (&euros(4_000), &json!("a noisy night")));
    assert_eq!((&seen["refunding"], &seen["lost"]), (&euros(0), &euros(0)));
}

#[tokio::test]
async fn what_a_provider_says_is_nothing_a_client_can_record() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    let booking = client.post("/v1/bookings", &hotel.booking("2031-05-30", "2031-06-02")).await;
    let booking = booking.id(201);
    let body = json!({"booking_id": booking, "amount": euros(500), "method": "card"});
    for (field, value) in [
        ("captured", json!(true)),
        ("occurred_at", json!("2026-01-01T00:00:00Z")),
        ("provider", json!("stripe")),
        ("amount", euros(1_000_000)),
    ] {
        let problem = client.post("/v1/payments", &with(body.clone(), field, value)).await;
        let problem = problem.problem(422, "bad-value");
        assert_eq!(problem["errors"][0]["field"], format!("/{field}"), "{problem}");
    }
    let cash = with(body, "method", "cash");
    for (field, value) in [("provider", "simulated"), ("capture", "manual")] {
        let problem = client.post("/v1/payments", &with(cash.clone(), field, value)).await;
        let problem = problem.problem(422, "bad-value");
        assert_eq!(problem["errors"][0]["field"], format!("/{field}"), "{problem}");
    }
    let payment = paid(&client, 500, false).await;
    let again = client.post(&format!("/v1/payments/{payment}/retry"), &json!({})).await;
    assert_eq!(again.problem(422, "policy-refusal")["reason"], "recorded_by_hand");
    for command in ["authorize", "record", "fail", "expire", "dispute"] {
        let path = format!("/v1/payments/{payment}/{command}");
        client.post(&path, &json!({})).await.problem(404, "not-found");
    }
}
