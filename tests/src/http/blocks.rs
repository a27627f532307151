//! Days and times that nobody may book.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Client, Hotel, World, with};

fn renovation(first: &str, end: &str) -> Value {
    json!({"first": first, "end": end, "reason": "Renovation"})
}

fn lunch(start: &str, end: &str) -> Value {
    json!({"start": start, "end": end, "reason": "Lunch"})
}

async fn sauna(client: &Client, hotel: &Hotel) -> String {
    let sauna = json!({
        "listing_id": hotel.listing, "kind": "room", "name": {"en": "Sauna"}, "capacity": 2,
        "zone": "Asia/Amman",
    });
    let id = client.post("/v1/resources", &sauna).await.id(201);
    format!("/v1/resources/{id}/blocks")
}

async fn listed(client: &Client, path: &str, days: &str, position: i64) -> Vec<Value> {
    let path = format!("{path}?{days}&min_position={position}");
    client.get(&path).await.expect(200)["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn blocked_days_of_several_months_are_booked_by_nobody_until_they_are_lifted() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 3).await;
    let path = format!("/v1/resources/{}/blocks", hotel.rooms[0]);
    let made = client.post(&path, &renovation("2031-05-30", "2031-07-02")).await;
    let block = made.id(201);
    let events = client.feed(hotel.position).await;
    let blocked = events.iter().filter(|event| event["event_type"] == "blocked").count();
    assert_eq!((blocked, made.expect(201)["status"].clone()), (3, json!("blocked")));
    for (arrival, departure) in [("2031-05-29", "2031-05-31"), ("2031-07-01", "2031-07-02")] {
        let booking = hotel.booking(arrival, departure);
        client.post("/v1/bookings", &booking).await.problem(409, "sold-out");
    }
    for (arrival, departure) in [("2031-05-29", "2031-05-30"), ("2031-07-02", "2031-07-03")] {
        client.post("/v1/bookings", &hotel.booking(arrival, departure)).await.expect(201);
    }
    for (days, count) in [
        ("from=2031-06-10&to=2031-06-11", 1),
        ("from=2031-07-01&to=2031-07-02", 1),
        ("from=2031-07-02&to=2031-08-01", 0),
        ("from=2031-05-01&to=2031-05-30", 0),
    ] {
        let found = listed(&client, &path, days, made.position()).await;
        assert_eq!(found.len(), count, "{days}");
        for found in found {
            let whole = (&found["first"], &found["end"], &found["quantity"], &found["reason"]);
            let expected = ("2031-05-30", "2031-07-02", 3, "Renovation");
            let expected =
                (&json!(expected.0), &json!(expected.1), &json!(expected.2), &json!(expected.3));
            assert_eq!((whole, &found["id"]), (expected, &json!(block)));
        }
    }

    let lifted = client.post(&format!("{path}/{block}/lift"), &json!({})).await;
    assert_eq!(lifted.expect(200)["status"], "lifted");
    let left = listed(&client, &path, "from=2031-06-10&to=2031-06-11", lifted.position()).await;
    assert!(left.is_empty(), "{left:?}");
    client.post("/v1/bookings", &hotel.booking("2031-05-30", "2031-07-02")).await.expect(201);
    let again = client.post(&format!("{path}/{block}/lift"), &json!({})).await;
    assert_eq!(again.problem(404, "not-found")["reason"], "block_not_found");
}

#[tokio::test]
async fn a_time_is_blocked_in_the_months_of_its_own_zone() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let path = sauna(&client, &hotel).await;
    // Over the midnight between two months in Amman, three hours ahead of UTC.
    let night = with(lunch("2031-05-31T20:00:00Z", "2031-05-31T22:30:00Z"), "quantity", 1);
    let head = client.head().await;
    let made = client.post(&path, &night).await;
    let events = client.feed(head).await;
    let blocked: Vec<_> = events.iter().filter(|event| event["event_type"] == "blocked").collect();
    assert_eq!(blocked.len(), 2, "{events:?}");
    for (days, count) in [
        ("from=2031-05-31&to=2031-06-01", 1),
        ("from=2031-06-01&to=2031-06-02", 1),
        ("from=2031-06-02&to=2031-06-03", 0),
    ] {
        let found = listed(&client, &path, days, made.position()).await;
        assert_eq!(found.len(), count, "{days}");
        for found in found {
            let time = (&found["start"], &found["end"], &found["quantity"]);
            assert_eq!(time, (&night["start"], &night["end"], &json!(1)));
        }
    }
    // There are two; one is left.
    client.post(&path, &night).await.expect(201);
    client.post(&path, &night).await.problem(409, "sold-out");
}

#[tokio::test]
async fn a_block_needs_room_and_is_made_once_or_not_at_all() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 2).await;
    let path = format!("/v1/resources/{}/blocks", hotel.rooms[0]);
    client.post("/v1/bookings", &hotel.booking("2031-06-10", "2031-06-12")).await.expect(201);
    let head = client.head().await;
    let refused = client.post(&path, &renovation("2031-05-20", "2031-06-20")).await;
    let problem = refused.problem(409, "sold-out");
    assert_eq!((&problem["day"], &problem["free"]), (&json!("2031-06-10"), &json!(1)));
    assert_eq!(client.head().await, head);

    let id = Uuid::now_v7();
    let one = with(renovation("2031-05-20", "2031-06-20"), "quantity", 1);
    let one = with(one, "id", json!(id));
    let made = client.post(&path, &one).await;
    assert_eq!(made.id(201), id.to_string());
    client.post(&path, &one).await.expect(201);
    assert_eq!(client.head().await, made.position());
    for other in [
        with(one.clone(), "reason", "Another"),
        with(with(one.clone(), "first", "2031-08-01"), "end", "2031-08-02"),
    ] {
        let problem = client.post(&path, &other).await.problem(422, "policy-refusal");
        assert_eq!(problem["reason"], "already_blocked", "{other}");
    }
    assert_eq!(client.head().await, made.position());
}

#[tokio::test]
async fn what_is_wrong_with_a_block_is_named_and_nothing_is_written() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let room = format!("/v1/resources/{}/blocks", hotel.rooms[0]);
    let sauna = sauna(&client, &hotel).await;
    let head = client.head().await;
    let days = renovation("2031-05-30", "2031-06-02");
    let time = lunch("2031-05-30T10:00:00Z", "2031-05-30T11:00:00Z");
    let mut endless = days.clone();
    endless.as_object_mut().unwrap().remove("first");
    for (path, body, field) in [
        (&room, with(days.clone(), "end", "2031-05-30"), "/end"),
        (&room, with(days.clone(), "end", "2031-5-31"), "/end"),
        (&room, with(days.clone(), "end", "2032-06-01"), "/end"),
        (&room, with(days.clone(), "first", "yesterday"), "/first"),
        (&room, with(days.clone(), "start", "2031-05-30T10:00:00Z"), "/start"),
        (&room, with(days.clone(), "quantity", 0), "/quantity"),
        (&room, with(days.clone(), "reason", " "), "/reason"),
        (&room, with(days.clone(), "colour", "red"), "/colour"),
        (&room, endless, "/first"),
        (&room, time.clone(), "/start"),
        (&sauna, days, "/first"),
        (&sauna, with(time.clone(), "end", "2031-05-30"), "/end"),
        (&sauna, with(time.clone(), "end", "2031-05-30T10:00:00Z"), "/end"),
        (&sauna, with(time.clone(), "start", "2031-05-30T10:00:30Z"), "/start"),
        (&sauna, with(time.clone(), "end", "2031-05-30T11:00:30Z"), "/end"),
    ] {
        let problem = client.post(path, &body).await.any_problem();
        assert_eq!(problem["errors"][0]["field"], field, "{body}: {problem}");
    }
    let unknown = format!("/v1/resources/{}/blocks", Uuid::now_v7());
    client.post(&unknown, &time).await.problem(404, "not-found");
    client.get(&format!("{unknown}?from=2031-05-01&to=2031-06-01")).await.problem(404, "not-found");
    client.post(&format!("{unknown}/{}/lift", Uuid::now_v7()), &json!({})).await.any_problem();
    client.get(&format!("{room}?from=2031-05-01")).await.problem(400, "bad-query");
    client.get(&format!("{room}?from=2031-05-01&to=2033-05-01")).await.problem(400, "bad-query");
    assert_eq!(client.head().await, head);
}
