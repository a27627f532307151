//! The feed of events: in order, without a gap, from anywhere.

use reqwest::{Method, header::ACCEPT};
use serde_json::Value;

use crate::harness::{Client, Hotel, Load, World, send};

fn positions(events: &[Value]) -> Vec<i64> {
    events.iter().map(|event| event["position"].as_i64().expect("a position")).collect()
}

/// The feed in pages of JSON.
async fn in_pages(client: &Client, limit: usize) -> Vec<Value> {
    let mut events = Vec::new();
    let mut after = 0;
    loop {
        let page = client.get(&format!("/v1/events?after={after}&limit={limit}")).await.expect(200);
        let items = page["items"].as_array().expect("a page has items");
        events.extend(items.iter().cloned());
        let next = page["next_after"].as_i64().expect("where to go on");
        if next >= page["head"].as_i64().expect("the head") {
            return events;
        }
        assert!(next > after, "the feed does not move on");
        after = next;
    }
}

#[tokio::test]
async fn the_feed_is_the_log_in_order_without_a_gap() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 100).await;
    for _ in 0..20 {
        client.post("/v1/bookings", &hotel.booking("2031-05-30", "2031-06-02")).await.expect(201);
    }
    let head = client.head().await;
    let lines = client.feed(0).await;
    assert_eq!(positions(&lines), (1..=head).collect::<Vec<_>>());
    for limit in [1, 7, 1000] {
        assert_eq!(in_pages(&client, limit).await, lines, "in pages of {limit}");
    }
    let resumed = client.feed(head - 5).await;
    assert_eq!(resumed, lines[lines.len() - 5..]);
    assert_eq!(client.feed(head).await, Vec::<Value>::new());
    assert_eq!(client.feed(head + 1_000_000).await, Vec::<Value>::new());
    let beyond = client.get(&format!("/v1/events?after={}", head + 7)).await.expect(200);
    assert_eq!(
        (&beyond["items"], &beyond["head"]),
        (&Value::from(Vec::<Value>::new()), &head.into())
    );
    for event in &lines {
        for member in ["aggregate_type", "aggregate_id", "event_type", "recorded_at"] {
            assert!(event[member].is_string(), "{member} in {event}");
        }
        assert!(event["sequence"].is_i64());
    }
}

#[tokio::test]
async fn a_reader_that_follows_the_feed_under_load_misses_nothing() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1000).await;
    let load = Load::start(&world.clients(), &hotel, 8);
    let mut seen = client.feed(0).await;
    for _ in 0..30 {
        let after = positions(&seen).last().copied().unwrap_or_default();
        seen.extend(client.feed(after).await);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let ledger = load.finish().await;
    let after = positions(&seen).last().copied().unwrap_or_default();
    seen.extend(client.feed(after).await);
    assert_eq!(positions(&seen), (1..=client.head().await).collect::<Vec<_>>());
    assert_eq!(seen, client.feed(0).await);
    ledger.assert_kept(&world.audit().await).await;
}

#[tokio::test]
async fn the_feed_can_be_narrowed_to_kinds_of_events() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 100).await;
    for _ in 0..5 {
        let answer = client.post("/v1/bookings", &hotel.booking("2031-05-30", "2031-06-02")).await;
        let path = format!("/v1/bookings/{}/cancel", answer.id(201));
        client.post(&path, &serde_json::json!({})).await.expect(200);
    }
    let all = client.feed(0).await;
    let page =
        client.get("/v1/events?aggregate_type=booking&event_type=cancelled").await.expect(200);
    let wanted =
        |event: &&Value| event["aggregate_type"] == "booking" && event["event_type"] == "cancelled";
    let expected: Vec<_> = all.iter().filter(wanted).cloned().collect();
    assert_eq!(expected.len(), 5);
    assert_eq!(page["items"], Value::from(expected));
    assert_eq!(page["next_after"], page["head"]);
    let none = client.get("/v1/events?aggregate_type=unheard-of").await.expect(200);
    assert_eq!(none["items"], Value::from(Vec::<Value>::new()));
}

#[tokio::test]
async fn lines_are_limited_when_asked() {
    let world = World::start().await;
    let client = world.client();
    Hotel::with_rooms(&client, &[1, 1, 1]).await;
    let request = client.request(Method::GET, "/v1/events?after=1&limit=2");
    let answer = send(request.header(ACCEPT, "application/x-ndjson")).await;
    assert!(answer.header("content-type").starts_with("application/x-ndjson"));
    let lines: Vec<Value> =
        answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(positions(&lines), [2, 3]);
}
