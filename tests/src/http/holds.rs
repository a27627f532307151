//! Holds: kept until a deadline, then free by themselves.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use serde_json::json;

use crate::harness::{Client, Hotel, World, eventually, with};

fn in_seconds(seconds: i64) -> String {
    (Utc::now() + TimeDelta::seconds(seconds)).to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

async fn status(client: &Client, booking: &str) -> String {
    let path = format!("/v1/bookings/{booking}?min_position={}", client.head().await);
    let booking = client.get(&path).await.expect(200);
    booking["status"].as_str().expect("a booking has a status").to_owned()
}

#[tokio::test]
async fn a_hold_is_confirmed_before_its_deadline() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let request = with(hotel.booking("2031-05-30", "2031-06-02"), "hold_minutes", 10);
    let answer = client.post("/v1/bookings", &request).await;
    let held = answer.expect(201);
    assert_eq!(held["status"], "held");
    let until: chrono::DateTime<Utc> = held["hold_until"].as_str().unwrap().parse().unwrap();
    let left = until - Utc::now();
    assert!(left > TimeDelta::minutes(9) && left <= TimeDelta::minutes(10), "{left}");
    // Nobody else is given what is held.
    client.post("/v1/bookings", &request).await.problem(409, "sold-out");
    let path = format!("/v1/bookings/{}/confirm", answer.id(201));
    let confirmed = client.request(reqwest::Method::POST, &path); // without a body at all
    let confirmed = crate::harness::send(confirmed).await;
    assert_eq!(confirmed.expect(200)["status"], "confirmed");
    // A repeat is not a new fact.
    client.post(&path, &json!({})).await.expect(200);
    assert_eq!(client.head().await, confirmed.position());
}

#[tokio::test]
async fn a_hold_lapses_by_itself_and_the_place_is_free_at_its_deadline() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let request = hotel.booking("2031-05-30", "2031-06-02");
    let held = with(request.clone(), "hold_until", in_seconds(2));
    let id = client.post("/v1/bookings", &held).await.id(201);
    let begun = std::time::Instant::now();
    client.post("/v1/bookings", &request).await.problem(409, "sold-out");
    eventually("the timer records the lapse", Duration::from_secs(8), || async {
        (status(&client, &id).await == "lapsed").then_some(())
    })
    .await;
    assert!(begun.elapsed() > Duration::from_secs(1), "it lapsed before its time");
    client.post("/v1/bookings", &request).await.expect(201);
    let late = client.post(&format!("/v1/bookings/{id}/confirm"), &json!({})).await;
    let problem = late.problem(422, "policy-refusal");
    assert!(["lapsed", "hold_ended"].contains(&problem["reason"].as_str().unwrap()), "{problem}");
    let audit = world.audit().await;
    assert_eq!(audit.bookings_with("hold_lapsed").await.get(&id), Some(&1));
    audit.assert_sound().await;
}

#[tokio::test]
async fn a_hold_that_ended_while_no_server_ran_lapses_after_the_start() {
    let mut world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let held = with(hotel.booking("2031-05-30", "2031-06-02"), "hold_until", in_seconds(1));
    let id = client.post("/v1/bookings", &held).await.id(201);
    world.server().kill();
    tokio::time::sleep(Duration::from_millis(1200)).await;
    world.server().start_again().await;
    eventually("the timer catches up", Duration::from_secs(8), || async {
        (status(&client, &id).await == "lapsed").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_deadline_in_the_past_or_both_kinds_of_deadline_are_refused() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let request = hotel.booking("2031-05-30", "2031-06-02");
    let past =
        client.post("/v1/bookings", &with(request.clone(), "hold_until", in_seconds(-5))).await;
    assert!(matches!(past.status, 422), "{}", past.text());
    past.any_problem();
    let mut both = with(request.clone(), "hold_until", in_seconds(60));
    both["hold_minutes"] = json!(5);
    client.post("/v1/bookings", &both).await.problem(422, "bad-value");
    for minutes in [json!(0), json!(-1), json!(43_201)] {
        let request = with(request.clone(), "hold_minutes", minutes);
        client.post("/v1/bookings", &request).await.problem(422, "bad-value");
    }
    assert_eq!(client.head().await, hotel.position);
}
