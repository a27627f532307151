//! Series that are held first, and kept for good all together or not at all.

use chrono::{SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::harness::{Answer, Client, Studio, World, mondays, with};

const MONDAYS: [&str; 4] =
    ["2031-03-10T09:00:00", "2031-03-17T09:00:00", "2031-03-24T09:00:00", "2031-03-31T09:00:00"];

/// A series of four Mondays in a room, held for some minutes.
struct Held {
    client: Client,
    path: String,
    bookings: Vec<String>,
}

impl Held {
    async fn for_minutes(client: &Client, minutes: u32) -> Self {
        let studio = Studio::open(client, json!({"duration": 60}), &[]).await;
        let (listing, room) = studio.room(client, 1, json!({"duration": 30})).await;
        Self::booked(client, with(mondays(&listing, &room, 4), "hold_minutes", minutes)).await
    }

    async fn booked(client: &Client, request: Value) -> Self {
        let made = client.post("/v1/series", &request).await;
        let path = format!("/v1/series/{}", made.id(201));
        let mut held = Self { client: client.clone(), path, bookings: Vec::new() };
        held.bookings = held.each("booking_id").await;
        held
    }

    /// A member of each date, as it stands now.
    async fn each(&self, member: &str) -> Vec<String> {
        let head = self.client.head().await;
        let found = self.client.get(&format!("{}?min_position={head}", self.path)).await;
        let found = found.expect(200);
        let dates = found["occurrences"].as_array().expect("dates").iter();
        dates.map(|date| date[member].as_str().unwrap_or_default().to_owned()).collect()
    }

    async fn confirm(&self, body: &Value) -> Answer {
        self.client.post(&format!("{}/confirm", self.path), body).await
    }

    async fn step(&self, date: usize, name: &str, body: &Value) {
        let path = format!("/v1/bookings/{}/{name}", self.bookings[date]);
        self.client.post(&path, body).await.expect(200);
    }

    async fn history(&self) -> Vec<Value> {
        let history = self.client.get(&format!("{}/history", self.path)).await.expect(200);
        history["items"].as_array().expect("events").clone()
    }
}

fn in_minutes(minutes: i64) -> String {
    (Utc::now() + TimeDelta::minutes(minutes)).to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[tokio::test]
async fn all_dates_that_are_held_are_kept_in_one_commit() {
    let world = World::start().await;
    let client = world.client();
    let held = Held::for_minutes(&client, 60).await;
    held.step(1, "confirm", &json!({})).await;
    held.step(2, "cancel", &json!({})).await;
    let head = client.head().await;

    let path = format!("{}/confirm", held.path);
    let first = client.post_keyed(&path, &json!({}), "keep").await;
    let told = first.expect(200);
    assert_eq!(told["changed"], json!([MONDAYS[0], MONDAYS[3]]));
    assert_eq!(told["unchangeable"], json!([MONDAYS[1], MONDAYS[2]]));
    assert_eq!(told["conflicts"], json!([]));
    assert_eq!(held.each("status").await, ["confirmed", "confirmed", "cancelled", "confirmed"]);
    // two bookings, the month they are in, and the series
    assert_eq!(first.position() - head, 5);
    let again = client.post_keyed(&path, &json!({}), "keep").await;
    assert_eq!((again.status, &again.body), (200, &first.body));

    // A repeat is not a new fact.
    let request = client.request(reqwest::Method::POST, &path); // without a body at all
    let repeated = crate::harness::send(request).await;
    let told = repeated.expect(200);
    assert_eq!((&told["changed"], &told["unchangeable"]), (&json!([]), &json!(MONDAYS)));
    assert_eq!(client.head().await, first.position());
    let history = held.history().await;
    let types: Vec<_> = history.iter().map(|event| event["event_type"].as_str().unwrap()).collect();
    assert_eq!(types, ["created", "confirmed"]);
    let data = &history[1]["data"]["confirmed"];
    assert_eq!(data["occurrences"], json!([MONDAYS[0], MONDAYS[3]]));
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn a_date_whose_hold_has_ended_refuses_all_or_is_left_out_with_the_reason() {
    let world = World::start().await;
    let client = world.client();
    let held = Held::for_minutes(&client, 2).await;
    for date in [0, 2, 3] {
        held.step(date, "extend", &json!({"hold_minutes": 60})).await;
    }
    let head = client.head().await;
    let late = json!({"occurred_at": in_minutes(3)});
    let problem = held.confirm(&late).await.problem(422, "policy-refusal");
    assert_eq!(problem["reason"], "dates_lapsed");
    let conflicts = json!([{
        "original": MONDAYS[1], "start": "2031-03-17T06:00:00Z", "end": "2031-03-17T07:30:00Z",
        "booking_id": held.bookings[1], "cause": "lapsed",
    }]);
    assert_eq!(problem["conflicts"], conflicts);
    assert_eq!(client.head().await, head);
    assert_eq!(held.each("status").await[0], "held");

    let skipping = with(late, "skip_lapsed", true);
    let told = held.confirm(&skipping).await.expect(200);
    assert_eq!(told["changed"], json!([MONDAYS[0], MONDAYS[2], MONDAYS[3]]));
    assert_eq!(told["conflicts"], conflicts);
    let statuses = held.each("status").await;
    assert_eq!([&statuses[0], &statuses[2], &statuses[3]], ["confirmed"; 3]);
    let history = held.history().await;
    assert_eq!(history[1]["data"]["confirmed"]["lapsed"], json!([MONDAYS[1]]));
    // once that was recorded it is told in the same way, and nothing is left to be kept
    let head = client.head().await;
    let told = held.confirm(&skipping).await.expect(200);
    assert_eq!((&told["changed"], &told["conflicts"]), (&json!([]), &conflicts));
    assert_eq!(client.head().await, head);
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn one_date_or_those_from_it_on_are_kept() {
    let world = World::start().await;
    let client = world.client();
    let held = Held::for_minutes(&client, 60).await;
    let one = json!({"scope": "one", "original": MONDAYS[0]});
    assert_eq!(held.confirm(&one).await.expect(200)["changed"], json!([MONDAYS[0]]));
    let following = json!({"scope": "following", "original": MONDAYS[2]});
    assert_eq!(held.confirm(&following).await.expect(200)["changed"], json!(MONDAYS[2..]));
    assert_eq!(held.each("status").await, ["confirmed", "held", "confirmed", "confirmed"]);

    let cancel = json!({"scope": "one", "original": MONDAYS[1]});
    client.post(&format!("{}/cancel", held.path), &cancel).await.expect(200);
    let head = client.head().await;
    let problem = held.confirm(&cancel).await.problem(422, "policy-refusal");
    assert_eq!(problem["reason"], "was_cancelled");
    held.step(3, "cancel", &json!({})).await;
    let by_itself = json!({"scope": "one", "original": MONDAYS[3]});
    let problem = held.confirm(&by_itself).await.problem(422, "policy-refusal");
    assert_eq!(problem["reason"], "cancelled");
    assert!(client.head().await > head);

    let stale = [("if-match", "\"1\"")];
    let path = format!("{}/confirm", held.path);
    client.post_with(&path, &json!({}), &stale).await.problem(412, "precondition-failed");
}

#[tokio::test]
async fn what_waits_for_approval_is_not_kept_for_good() {
    let world = World::start().await;
    let client = world.client();
    let studio = Studio::open(&client, json!({"duration": 60}), &[]).await;
    let hall = with(studio.listing("room"), "on_request", true);
    let hall = client.post("/v1/listings", &hall).await.id(201);
    let room = with(studio.resource("room", 1), "listing_id", hall.clone());
    let room = client.post("/v1/resources", &room).await.id(201);
    let held = Held::booked(&client, mondays(&hall, &room, 4)).await;
    assert_eq!(held.each("status").await, ["requested"; 4]);
    for date in [0, 2] {
        held.step(date, "approve", &json!({"hold_minutes": 30})).await;
    }
    let head = client.head().await;
    for body in [json!({}), json!({"skip_lapsed": true})] {
        let problem = held.confirm(&body).await.problem(422, "policy-refusal");
        assert_eq!(problem["reason"], "dates_not_approved");
        let conflicts = problem["conflicts"].as_array().unwrap();
        let named: Vec<_> = conflicts.iter().map(|date| &date["original"]).collect();
        assert_eq!(named, [MONDAYS[1], MONDAYS[3]]);
        assert_eq!(conflicts[0]["cause"], "not_approved");
    }
    assert_eq!(client.head().await, head);
    for date in [1, 3] {
        held.step(date, "approve", &json!({})).await;
    }
    let told = held.confirm(&json!({})).await.expect(200);
    assert_eq!(told["changed"], json!([MONDAYS[0], MONDAYS[2]]));
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn however_many_keep_dates_or_call_them_off_at_once_each_is_kept_or_called_off_once() {
    let world = World::start().await;
    let client = world.client();
    let held = Held::for_minutes(&client, 60).await;
    let all = json!({});
    let cancel = format!("/v1/bookings/{}/cancel", held.bookings[2]);
    let keepers = (0..6).map(|_| held.confirm(&all));
    let (kept, called_off) =
        tokio::join!(futures::future::join_all(keepers), client.post(&cancel, &all));
    called_off.expect(200);
    let changed = kept.iter().map(|answer| answer.expect(200)["changed"].clone());
    let mut changed: Vec<_> =
        changed.flat_map(|dates| dates.as_array().expect("dates").clone()).collect();
    changed.retain(|date| *date != MONDAYS[2]); // it may have been kept before it was called off
    assert_eq!(changed, [MONDAYS[0], MONDAYS[1], MONDAYS[3]]);
    assert_eq!(held.each("status").await, ["confirmed", "confirmed", "cancelled", "confirmed"]);
    assert_eq!(held.history().await.len(), 2);
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn a_thousand_dates_are_kept_in_one_commit_and_outlive_the_server() {
    let mut world = World::start().await;
    let client = world.client();
    let studio = Studio::open(&client, json!({"duration": 60}), &[]).await;
    let (listing, room) = studio.room(&client, 1, json!({"duration": 30})).await;
    let mut daily = with(mondays(&listing, &room, 1), "hold_minutes", 60);
    daily["rule"] = json!("FREQ=DAILY;COUNT=1000");
    let held = Held::booked(&client, daily).await;
    let told = held.confirm(&json!({})).await.expect(200);
    assert_eq!(told["changed"].as_array().unwrap().len(), 1000);
    world.server().kill();
    world.server().start_again().await;
    assert!(held.each("status").await.iter().all(|status| status == "confirmed"));
    world.audit().await.assert_sound().await;
}
