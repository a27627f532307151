//! Money that goes back.

use serde_json::{Value, json};

use super::{PATIENCE, about, telling, visible};
use crate::harness::{Client, Hotel, eventually};

fn euros(minor: u64) -> Value {
    json!({"minor": minor, "currency": "EUR"})
}

async fn refunds(client: &Client, booking: &str) -> Vec<Value> {
    let mut told = about(client, booking).await;
    told.retain(|notice| notice["kind"] == "refunded");
    told
}

#[tokio::test]
async fn what_is_given_back_by_hand_is_told() {
    let world = telling().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    let booking = client.post("/v1/bookings", &hotel.booking("2031-05-30", "2031-06-02")).await;
    let booking = booking.id(201);
    let body = json!({
        "booking_id": booking, "amount": euros(10_000), "method": "cash", "captured": true,
    });
    let payment = client.post("/v1/payments", &body).await.id(201);
    assert!(refunds(&client, &booking).await.is_empty());
    let path = format!("/v1/payments/{payment}/refund");
    client.post(&path, &json!({"amount": euros(4_000)})).await.expect(200);
    let told = refunds(&client, &booking).await;
    assert_eq!(told.len(), 1);
    let text = visible(&told[0]["text"]);
    assert!(text.contains("40.00 EUR"), "{text}");
    client.post(&path, &json!({})).await.expect(200);
    assert_eq!(refunds(&client, &booking).await.len(), 2, "each refund is told");
}

#[tokio::test]
async fn what_a_provider_gives_back_is_told_once_when_it_is_asked_for() {
    let world = telling().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    let booking = client.post("/v1/bookings", &hotel.booking("2031-05-30", "2031-06-01")).await;
    let booking = booking.id(201);
    let body = json!({"booking_id": booking, "amount": euros(25_100), "method": "card"});
    let payment = client.post("/v1/payments", &body).await.id(201);
    let path = format!("/v1/payments/{payment}");
    let becomes = async |status: &str| {
        eventually(status, PATIENCE, || async {
            let seen = client.get(&path).await.expect(200);
            (seen["status"] == status).then_some(())
        })
        .await;
    };
    client.post(&format!("{path}/checkout"), &json!({})).await.expect(200);
    let means = json!({"means": "sim_success"});
    client.post(&format!("{path}/simulate"), &means).await.expect(200);
    becomes("captured").await;
    client.post(&format!("{path}/refund"), &json!({"amount": euros(5_000)})).await.expect(200);
    becomes("partially_refunded").await;
    assert_eq!(refunds(&client, &booking).await.len(), 1);
}
