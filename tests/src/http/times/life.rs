//! What becomes of bookings by times: approved, put off, moved, called off, come or not.

use serde_json::{Value, json};

use super::{refused, shown};
use crate::harness::{Client, Studio, World, order, time, with};

async fn step(client: &Client, id: &str, step: &str, body: Value) -> crate::harness::Answer {
    client.post(&format!("/v1/bookings/{id}/{step}"), &body).await
}

#[tokio::test]
async fn a_request_holds_its_place_until_it_is_approved_or_declined() {
    let world = World::start().await;
    let client = world.client();
    let studio = Studio::open(&client, json!({"duration": 60}), &[1]).await;
    let path = format!("/v1/listings/{}", studio.service);
    client.patch(&path, &json!({"on_request": true})).await.expect(200);
    let request = studio.booking(0, "2031-05-05T10:00:00Z");
    let asked = client.post("/v1/bookings", &request).await;
    assert_eq!(asked.expect(201)["status"], "requested");
    let booking = shown(&client, &asked).await;
    let links: Vec<_> = booking["links"].as_object().unwrap().keys().map(String::as_str).collect();
    assert!(links.contains(&"approve") && links.contains(&"decline"), "{links:?}");
    assert!(!links.contains(&"confirm"), "{links:?}");
    client.post("/v1/bookings", &request).await.problem(409, "sold-out");
    let id = asked.id(201);
    refused(&step(&client, &id, "confirm", json!({})).await, "not_approved");
    refused(&step(&client, &id, "check-in", json!({})).await, "not_approved");

    let declined = step(&client, &id, "decline", json!({"reason": "On leave"})).await;
    assert_eq!(declined.expect(200)["status"], "declined");
    assert_eq!(shown(&client, &declined).await["decline_reason"], "On leave");
    refused(&step(&client, &id, "approve", json!({})).await, "declined");

    let id = client.post("/v1/bookings", &request).await.id(201);
    let extended = step(&client, &id, "extend", json!({"hold_minutes": 2880})).await;
    extended.expect(200);
    let approved = step(&client, &id, "approve", json!({"hold_minutes": 30})).await;
    assert_eq!(approved.expect(200)["status"], "held");
    client.post("/v1/bookings", &request).await.problem(409, "sold-out");
    let confirmed = step(&client, &id, "confirm", json!({})).await;
    assert_eq!(confirmed.expect(200)["status"], "confirmed");

    let other = client.post("/v1/bookings", &studio.booking(0, "2031-05-05T12:00:00Z")).await;
    let approved = step(&client, &other.id(201), "approve", json!({})).await;
    assert_eq!(approved.expect(200)["status"], "confirmed");
    client
        .post("/v1/bookings", &studio.booking(0, "2031-05-05T12:00:00Z"))
        .await
        .problem(409, "sold-out");
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn what_is_put_off_or_moved_takes_the_new_place_or_keeps_the_old_one() {
    let world = World::start().await;
    let client = world.client();
    let studio = Studio::open(&client, json!({"duration": 60}), &[1, 1]).await;
    let other_service = studio.offer(&client, json!({"duration": 30})).await;
    let stranger = studio.person(&client, 1, &[&other_service]).await;
    let id = client.post("/v1/bookings", &studio.booking(0, "2031-05-05T10:00:00Z")).await.id(201);
    client.post("/v1/bookings", &studio.booking(0, "2031-05-05T12:00:00Z")).await.expect(201);
    client.post("/v1/bookings", &studio.booking(1, "2031-05-05T10:30:00Z")).await.expect(201);
    let start = |start: &str| json!({"lines": [{"line": 0, "start": start}]});
    let to = |resource: &str| json!({"lines": [{"line": 0, "resource_id": resource}]});

    let head = client.head().await;
    step(&client, &id, "reschedule", start("2031-05-05T11:30:00Z")).await.problem(409, "sold-out");
    step(&client, &id, "move", to(&studio.people[1])).await.problem(409, "sold-out");
    step(&client, &id, "move", to(&stranger)).await.problem(422, "bad-value");
    let longer = json!({"lines": [{"line": 0, "start": "2031-05-05T10:00:00Z", "end": "2031-05-05T11:30:00Z"}]});
    step(&client, &id, "reschedule", longer).await.problem(422, "bad-value");
    let dates = json!({"lines": [{"line": 0, "arrival": "2031-05-05", "departure": "2031-05-06"}]});
    step(&client, &id, "reschedule", dates).await.problem(422, "bad-value");
    let unknown = json!({"lines": [{"line": 1, "start": "2031-05-05T15:00:00Z"}]});
    step(&client, &id, "reschedule", unknown).await.problem(422, "bad-value");
    assert_eq!(client.head().await, head);

    // onto a part of its own time
    let moved = step(&client, &id, "reschedule", start("2031-05-05T10:45:00Z")).await;
    moved.expect(200);
    let line = shown(&client, &moved).await["lines"][0].clone();
    assert_eq!(
        (&line["starts_at"], &line["ends_at"]),
        (&json!("2031-05-05T10:45:00Z"), &json!("2031-05-05T11:45:00Z"))
    );
    step(&client, &id, "reschedule", start("2031-05-05T15:00:00Z")).await.expect(200);
    let moved = step(&client, &id, "move", to(&studio.people[1])).await;
    moved.expect(200);
    assert_eq!(shown(&client, &moved).await["lines"][0]["resource_id"], *studio.people[1]);
    client.post("/v1/bookings", &studio.booking(0, "2031-05-05T15:00:00Z")).await.expect(201);
    client
        .post("/v1/bookings", &studio.booking(1, "2031-05-05T15:00:00Z"))
        .await
        .problem(409, "sold-out");
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn who_asks_for_anybody_anew_may_keep_whoever_they_have() {
    let world = World::start().await;
    let client = world.client();
    let studio = Studio::open(&client, json!({"duration": 60}), &[1, 1]).await;
    let made = client.post("/v1/bookings", &studio.booking(1, "2031-05-05T10:00:00Z")).await;
    client.post("/v1/bookings", &studio.booking(0, "2031-05-05T10:00:00Z")).await.expect(201);
    // nobody but the one they have is free at that time
    let lines = json!({"lines": [{"service_id": studio.service, "start": "2031-05-05T10:15:00Z"}]});
    let amended = step(&client, &made.id(201), "amend", lines).await;
    amended.expect(200);
    assert_eq!(shown(&client, &amended).await["lines"][0]["resource_id"], *studio.people[1]);
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn somebody_may_take_over_at_short_notice() {
    let world = World::start().await;
    let client = world.client();
    let slots = json!({"duration": 60, "notice": {"minutes": 1440}});
    let studio = Studio::open(&client, slots, &[1, 1]).await;
    let request = studio.booking(0, "2024-05-06T10:00:00Z");
    let request = with(request, "occurred_at", "2024-05-01T10:00:00Z");
    let id = client.post("/v1/bookings", &request).await.id(201);
    let late = "2024-05-06T09:30:00Z";
    let to = json!({"lines": [{"line": 0, "resource_id": studio.people[1]}], "occurred_at": late});
    step(&client, &id, "move", to).await.expect(200);
    let start =
        json!({"lines": [{"line": 0, "start": "2024-05-06T14:00:00Z"}], "occurred_at": late});
    refused(&step(&client, &id, "reschedule", start).await, "notice");
}

#[tokio::test]
async fn lines_are_called_off_one_by_one_and_free_their_times() {
    let world = World::start().await;
    let client = world.client();
    let studio = Studio::open(&client, json!({"duration": 60}), &[1, 1]).await;
    let starts = ["2031-05-05T10:00:00Z", "2031-05-05T12:00:00Z", "2031-05-31T20:30:00Z"];
    let lines = starts.map(|start| studio.line(0, start));
    let made = client.post("/v1/bookings", &studio.order(&lines)).await;
    assert_eq!(made.expect(201)["total"]["minor"], 45_000);
    let id = made.id(201);
    let gone = step(&client, &id, "cancel", json!({"lines": [0, 2], "reason": "Too many"})).await;
    assert_eq!(gone.expect(200)["status"], "confirmed");
    let booking = shown(&client, &gone).await;
    assert_eq!(
        (&booking["total"]["minor"], &booking["lines"][0]["starts_at"]),
        (&json!(15_000), &json!(starts[1]))
    );
    for (start, status) in starts.into_iter().zip([201, 409, 201]) {
        assert_eq!(
            client.post("/v1/bookings", &studio.booking(0, start)).await.status,
            status,
            "{start}"
        );
    }
    refused(&step(&client, &id, "cancel", json!({"lines": [0]})).await, "nothing_left");
    refused(&step(&client, &id, "cancel", json!({"lines": [1]})).await, "unknown_line");
    assert_eq!(step(&client, &id, "cancel", json!({})).await.expect(200)["status"], "cancelled");
    client.post("/v1/bookings", &studio.booking(0, starts[1])).await.expect(201);
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn who_leaves_early_or_never_comes_frees_the_rest_of_the_time() {
    let world = World::start().await;
    let client = world.client();
    let studio = Studio::open(&client, json!({"duration": 60}), &[]).await;
    let (listing, room) =
        studio.room(&client, 1, json!({"duration": 30, "buffer_after": 15})).await;
    let book = |start: &str, end: &str, at: &str| {
        let request = with(order(&listing, &[time(&room, start, end)]), "occurred_at", at);
        let client = client.clone();
        async move { client.post("/v1/bookings", &request).await }
    };
    let at = |at: &str| json!({ "occurred_at": at });
    let made = book("2024-05-06T10:00:00Z", "2024-05-06T14:00:00Z", "2024-05-01T08:00:00Z").await;
    let id = made.id(201);
    // the day before, in Amman
    let early = step(&client, &id, "check-in", at("2024-05-05T20:59:00Z")).await;
    refused(&early, "arrival_not_yet");
    step(&client, &id, "check-in", at("2024-05-06T09:50:00Z")).await.expect(200);
    let moved = json!({"lines": [{"line": 0, "start": "2024-05-07T10:00:00Z"}], "occurred_at": "2024-05-06T10:00:00Z"});
    refused(&step(&client, &id, "reschedule", moved).await, "already_checked_in");
    step(&client, &id, "check-out", at("2024-05-06T11:00:30Z")).await.expect(200);
    let now = "2024-05-06T11:00:40Z";
    book("2024-05-06T10:59:00Z", "2024-05-06T11:30:00Z", now).await.any_problem();
    book("2024-05-06T11:01:00Z", "2024-05-06T12:00:00Z", now).await.expect(201);

    // over the end of the month, never come
    let made = book("2024-05-31T20:00:00Z", "2024-05-31T22:00:00Z", "2024-05-01T08:00:00Z").await;
    let absent = step(&client, &made.id(201), "no-show", at("2024-05-31T20:20:00Z")).await;
    assert_eq!(absent.expect(200)["status"], "no_show");
    let now = "2024-05-31T20:20:00Z";
    book("2024-05-31T20:20:00Z", "2024-05-31T22:00:00Z", now).await.expect(201);
    world.audit().await.assert_sound().await;
}
