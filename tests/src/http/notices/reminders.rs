//! Reminders: written ahead, moved with the booking, and gone with it.

use chrono::DurationRound as _;
use serde_json::json;

use super::*;
use crate::harness::{Studio, order, time};

#[tokio::test]
async fn a_reminder_moves_with_its_booking_and_goes_with_it() {
    let world = telling().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 3).await;
    organize(&client, &hotel, &json!({"reminder_minutes": 120})).await;
    let booking = booked(&client, &hotel).await;
    let first = reminders(&client, &booking).await;
    assert_eq!(each(&first, "state"), ["waiting"]);
    // two hours before three in the afternoon of Lisbon's summer
    assert_eq!(first[0]["due_at"], "2031-05-30T12:00:00Z");

    step(&client, &booking, "reschedule", &other_times("2031-12-01", "2031-12-03")).await;
    let moved = reminders(&client, &booking).await;
    assert_eq!(each(&moved, "state"), ["withdrawn", "waiting"]);
    assert_eq!(moved[1]["due_at"], "2031-12-01T13:00:00Z");
    let text = visible(&moved[1]["text"]);
    assert!(text.contains("Monday 1 December 2031"), "{text}");

    // Back to where it was: the notice of that time is told again after all.
    step(&client, &booking, "reschedule", &other_times("2031-05-30", "2031-06-01")).await;
    let back = reminders(&client, &booking).await;
    assert_eq!(each(&back, "state"), ["withdrawn", "waiting"]);
    assert_eq!(back[1]["id"], first[0]["id"]);
    assert_eq!(back[1]["due_at"], first[0]["due_at"]);

    step(&client, &booking, "cancel", &json!({})).await;
    let gone = reminders(&client, &booking).await;
    assert_eq!(each(&gone, "state"), ["withdrawn", "withdrawn"]);
    let retry = format!("/v1/notices/{}/retry", gone[0]["id"].as_str().unwrap());
    let problem = client.post(&retry, &json!({})).await.problem(422, "policy-refusal");
    assert_eq!(problem["reason"], "notice_withdrawn");
}

#[tokio::test]
async fn only_what_is_kept_for_good_and_far_enough_away_is_reminded_of() {
    let world = telling().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 3).await;
    let held = with(hotel.booking("2031-05-30", "2031-06-01"), "hold_minutes", 30);
    let held = client.post("/v1/bookings", &held).await.id(201);
    assert_eq!(reminders(&client, &held).await, Vec::<Value>::new());
    step(&client, &held, "confirm", &json!({})).await;
    assert_eq!(reminders(&client, &held).await.len(), 1);
    let [today, tomorrow] = [0, 1].map(|days| (Utc::now() + TimeDelta::days(days)).date_naive());
    let soon = hotel.booking(&today.to_string(), &tomorrow.to_string());
    let soon = client.post("/v1/bookings", &soon).await.id(201);
    assert_eq!(about(&client, &soon).await.len(), 1);
    assert_eq!(reminders(&client, &soon).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_reminder_is_delivered_when_it_is_due_and_not_again_after_a_change() {
    let world = telling().await;
    let client = world.client();
    let studio = Studio::open(&client, json!({"duration": 30}), &[]).await;
    let (listing, room) = studio.room(&client, 2, json!({"duration": 60})).await;
    let settings = format!("/v1/organizations/{}", studio.organization);
    let month = json!({"notices": {"reminder_minutes": 30 * 24 * 60}});
    client.patch(&settings, &month).await.expect(200);
    // times are whole minutes, so that a month before the start is up to a minute from now
    let due = (Utc::now() + TimeDelta::seconds(5)).duration_trunc(TimeDelta::minutes(1)).unwrap();
    let start = due + TimeDelta::minutes(1) + TimeDelta::days(30);
    let written = |at: chrono::DateTime<Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let line = |start| time(&room, &written(start), &written(start + TimeDelta::hours(1)));
    let request = order(&listing, &[line(start)]);
    let booking = client.post("/v1/bookings", &request).await.id(201);
    let cancelled = client.post("/v1/bookings", &request).await.id(201);
    assert_eq!(each(&reminders(&client, &booking).await, "state"), ["waiting"]);
    step(&client, &cancelled, "cancel", &json!({})).await;
    let a_minute = PATIENCE + Duration::from_mins(1);
    eventually("the reminder is due", a_minute, || async {
        let reminders = reminders(&client, &booking).await;
        (each(&reminders, "state") == ["delivered"]).then_some(())
    })
    .await;
    assert_eq!(each(&reminders(&client, &cancelled).await, "state"), ["withdrawn"]);
    let later = start + TimeDelta::days(2);
    let later = json!({"lines": [{
        "line": 0, "start": written(later), "end": written(later + TimeDelta::hours(1)),
    }]});
    step(&client, &booking, "reschedule", &later).await;
    let reminders = reminders(&client, &booking).await;
    assert_eq!(each(&reminders, "state"), ["delivered", "waiting"]);
}
