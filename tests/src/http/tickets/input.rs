//! What is no ticket, and what is no scan.

use serde_json::json;

use super::*;
use crate::harness::{World, with};

#[tokio::test]
async fn what_is_no_ticket_is_refused_and_nothing_is_written() {
    let other = "0f".repeat(32);
    let elsewhere = World::start_with(&[("DAYBOOK_TICKET_KEY", &other)]).await;
    let theirs = Tonight::open(&elsewhere.client(), json!({})).await;
    let (_, foreign) = theirs.on_the_lawn(1).await;

    let world = World::start().await;
    let client = world.client();
    let tonight = Tonight::open(&client, json!({})).await;
    let (_, tickets) = tonight.on_the_lawn(2).await;
    let payload = tickets[0]["payload"].as_str().unwrap();
    let other = tickets[1]["payload"].as_str().unwrap();
    let (claims, _) = payload.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    let head = client.head().await;
    let scanned = |payload: &str| with(shown(&tickets[0], "entry"), "payload", json!(payload));
    let half = &payload[..payload.len() / 2];
    for forged in [
        &format!("{claims}.{signature}"),
        half,
        &payload[..payload.len() - 2],
        &payload.replacen("DBT1", "DBT2", 1),
        foreign[0]["payload"].as_str().unwrap(),
        "DBT1..",
        "",
        &"é".repeat(900),
    ] {
        let body = scanned(forged);
        let problem = client.post("/v1/scans", &body).await.problem(422, "bad-value");
        assert_eq!(problem["reason"], "forged", "{forged}");
        assert_eq!(problem["errors"][0]["field"], "/payload");
        // others of the same batch are heard, as this one is: nothing is written for it
        let told = with(body, "scanned_at", json!(minutes(-1)));
        let told = client.post("/v1/scans/batch", &json!({"scans": [told]})).await.expect(200);
        assert_eq!(told["items"][0]["reason"], "forged", "{forged}");
    }
    let code = json!({
        "code": foreign[0]["code"], "gate": "north", "direction": "entry", "nonce": "foreign",
    });
    assert_eq!(scan(&client, &code).await, refused("unknown"));
    assert_eq!(client.head().await, head);
    let path = format!("/v1/sessions/{}/attendance", tonight.session);
    assert_eq!(client.get(&path).await.expect(200)["refused"], 0);
}

#[tokio::test]
async fn what_is_wrong_with_a_scan_is_named_and_nothing_is_written() {
    let world = World::start().await;
    let client = world.client();
    let tonight = Tonight::open(&client, json!({})).await;
    let (_, tickets) = tonight.on_the_lawn(1).await;
    let good = || shown(&tickets[0], "entry");
    let head = client.head().await;
    for (body, field) in [
        (with(good(), "scanned_at", json!(minutes(6))), "/scanned_at"),
        (with(good(), "scanned_at", json!("1066-10-14T09:00:00Z")), "/scanned_at"),
        (with(good(), "scanned_at", json!("yesterday")), "/scanned_at"),
        (with(good(), "code", json!("7Q4K-M0XE-9TBA-2HCD")), "/payload"),
        (with(good(), "payload", json!(null)), "/payload"),
        (with(good(), "gate", json!("North Gate")), "/gate"),
        (with(good(), "direction", json!("sideways")), "/direction"),
        (with(good(), "nonce", json!("")), "/nonce"),
        (with(good(), "nonce", json!("n".repeat(65))), "/nonce"),
        (with(good(), "session_id", json!("tonight")), "/session_id"),
    ] {
        let problem = client.post("/v1/scans", &body).await.problem(422, "bad-value");
        assert_eq!(problem["errors"][0]["field"], field, "{body}");
    }
    let strange = with(good(), "ticket", json!(1));
    client.post("/v1/scans", &strange).await.problem(400, "unknown-field");
    let soon = with(good(), "scanned_at", json!(minutes(4)));
    let batch = |scans: Value| json!({"scans": scans});
    let past = || with(good(), "scanned_at", json!(minutes(-1)));
    for (body, field) in [
        (
            batch(json!([past(), with(good(), "scanned_at", json!(minutes(6)))])),
            "/scans/1/scanned_at",
        ),
        (batch(json!([past(), good()])), "/scans/1/scanned_at"),
        (batch(json!([with(past(), "payload", json!(null))])), "/scans/0/payload"),
        (batch(json!([])), "/scans"),
        (batch(json!(vec![typed(0); 501])), "/scans"),
    ] {
        let problem = client.post("/v1/scans/batch", &body).await.problem(422, "bad-value");
        assert_eq!(problem["errors"][0]["field"], field);
    }
    assert_eq!(client.head().await, head);
    let flood: Vec<_> = (0..10_000).map(typed).collect();
    let flood = client.post("/v1/scans/batch", &batch(json!(flood))).await;
    flood.problem(413, "payload-too-large");
    assert_eq!(client.head().await, head);
    assert_eq!(scan(&client, &soon).await, admitted(), "clocks may differ a little");
    let to = json!({"to": {"name": ""}});
    let path =
        format!("/v1/bookings/{}/tickets/1/transfer", tickets[0]["booking_id"].as_str().unwrap());
    let problem = client.post(&path, &to).await.problem(422, "bad-value");
    assert_eq!(problem["errors"][0]["field"], "/to/name");
}

fn typed(number: usize) -> Value {
    json!({
        "code": "7Q4K-M0XE-9TBA-2HCD", "gate": "n", "direction": "entry",
        "scanned_at": "2031-01-01T00:00:00Z", "nonce": number.to_string(),
    })
}

#[tokio::test]
async fn a_full_batch_is_decided_at_once() {
    let world = World::start().await;
    let client = world.client();
    let tonight = Tonight::open(&client, json!({})).await;
    let (_, tickets) = tonight.on_the_lawn(250).await;
    let scans: Vec<_> = (0..500)
        .map(|number: usize| {
            let body = json!({
                "code": tickets[number % 250]["code"], "gate": "north", "direction": "entry",
                "nonce": format!("n{number}"),
            });
            let minute = -i64::try_from(number).unwrap() / 10;
            with(body, "scanned_at", json!(minutes(minute)))
        })
        .collect();
    let answer = client.post("/v1/scans/batch", &json!({ "scans": scans })).await.expect(200);
    let results = answer["items"].as_array().unwrap();
    let count = |result: &str| results.iter().filter(|item| item["result"] == result).count();
    assert_eq!((count("admitted"), count("duplicate")), (250, 250));
    let position = answer["position"].as_i64().unwrap();
    assert_eq!(tonight.attendance(position).await, [250, 250, 0, 0, 250, 0]);
}

#[tokio::test]
async fn what_is_wrong_with_gates_is_named() {
    let world = World::start().await;
    let client = world.client();
    let tonight = Tonight::open(&client, json!({"gates": {"north": ["lawn"]}})).await;
    let path = format!("/v1/sessions/{}", tonight.session);
    for (patch, field) in [
        (json!({"admission": {"gates": {"north": ["balcony"]}}}), "/admission/gates/north"),
        (json!({"admission": {"opens_before": -1}}), "/admission/opens_before"),
        (json!({"admission": {"gates": {"North Gate": []}}}), "/admission/gates/North Gate"),
    ] {
        let problem = client.patch(&path, &patch).await.problem(422, "bad-value");
        assert_eq!(problem["errors"][0]["field"], field);
    }
    let head = client.head().await;
    let found = client.get(&format!("{path}?min_position={head}")).await.expect(200);
    assert_eq!(found["admission"], json!({"gates": {"north": ["lawn"]}}));
    let without = json!({"admission": {"gates": null}});
    client.patch(&path, &without).await.expect(200);
}
