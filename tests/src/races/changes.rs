//! Commands that race on what is booked already: one of them is first, and the others hear so.

use std::collections::BTreeMap;

use chrono::{DurationRound, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{Outcome, race, rotated, two_servers};
use crate::harness::{Answer, Client, Row, Studio, time};

/// Sends a command to one server. Whoever comes too late is refused; anything else is a fault.
async fn attempt(client: Client, path: String, body: Value) -> Outcome {
    let answer = client.post(&path, &body).await;
    if answer.status == 200 { Outcome::Sold } else { late(&answer) }
}

fn late(answer: &Answer) -> Outcome {
    let code = answer.any_problem()["type"].clone();
    let expected = [json!("/problems/sold-out"), json!("/problems/policy-refusal")];
    assert!(expected.contains(&code), "{} {}", answer.status, answer.text());
    Outcome::SoldOut
}

/// How often each booking was decided upon: agreed to, or turned down.
fn decisions(events: &[Row]) -> BTreeMap<&str, usize> {
    let mut decided = BTreeMap::new();
    for event in events {
        if matches!(&*event.event_type, "approved" | "declined" | "cancelled") {
            *decided.entry(&*event.aggregate_id).or_default() += 1;
        }
    }
    decided
}

#[tokio::test]
async fn a_request_that_many_decide_upon_is_decided_once() {
    let world = two_servers().await;
    let clients = world.clients();
    let studio = Studio::open(&clients[0], json!({"duration": 60}), &[1]).await;
    let path = format!("/v1/listings/{}", studio.service);
    clients[0].patch(&path, &json!({"on_request": true})).await.expect(200);
    for round in 0..8 {
        let start = format!("2031-05-{:02}T07:00:00Z", 5 + round);
        let id = clients[round % 2].post("/v1/bookings", &studio.booking(0, &start)).await.id(201);
        let attempts = (0..8).map(|number| {
            let (step, body) = match number / 2 {
                0 => ("approve", json!({})),
                1 => ("approve", json!({"hold_minutes": 30})),
                2 => ("decline", json!({})),
                _ => ("cancel", json!({})),
            };
            let client = rotated(&clients, number).remove(0);
            attempt(client, format!("/v1/bookings/{id}/{step}"), body)
        });
        let (first, _) = race(attempts.collect()).await;
        assert!(first >= 1, "somebody has to be first");
    }
    let audit = world.audit().await;
    audit.assert_sound().await;
    let events = audit.events("booking").await;
    // a booking that was agreed to may be called off after that, but never the other way round
    for id in decisions(&events).into_keys() {
        let own = events.iter().filter(|event| event.aggregate_id == id);
        let types: Vec<_> = own.map(|event| &*event.event_type).collect();
        let sound = matches!(
            *types,
            ["requested", "approved" | "declined" | "cancelled"]
                | ["requested", "approved", "cancelled"]
        );
        assert!(sound, "{types:?}");
    }
    assert_eq!(decisions(&events).len(), 8);
}

#[tokio::test]
async fn whoever_may_have_the_last_slot_two_approvals_give_it_to_one() {
    let world = two_servers().await;
    let clients = world.clients();
    let studio = Studio::open(&clients[0], json!({"duration": 60}), &[1]).await;
    let requests = (0..24).map(|number| {
        let mut request = studio.booking(0, "2031-05-05T07:00:00Z");
        request["request"] = json!(true);
        super::book(rotated(&clients, number), request)
    });
    assert_eq!(race(requests.collect()).await, (1, 23));
    let events = world.audit().await.events("booking").await;
    let path = format!("/v1/bookings/{}/approve", events[0].aggregate_id);
    let approvals = (0..8).map(|number| {
        let client = rotated(&clients, number).remove(0);
        attempt(client, path.clone(), json!({}))
    });
    race(approvals.collect()).await;
    let audit = world.audit().await;
    audit.assert_sound().await;
    let events = audit.events("booking").await;
    assert_eq!(decisions(&events).into_values().collect::<Vec<_>>(), [1]);
    // the control: two decisions would have been seen
    let mut forged = events.clone();
    forged.extend(events.into_iter().filter(|event| event.event_type == "approved"));
    assert_eq!(decisions(&forged).into_values().collect::<Vec<_>>(), [2]);
}

#[tokio::test]
async fn customers_who_swap_their_times_end_with_one_each() {
    let world = two_servers().await;
    let clients = world.clients();
    let slots = json!({"duration": 60, "capacity": 4});
    let studio = Studio::open(&clients[0], slots, &[4]).await;
    // the last of these hours belongs to two months
    let hours = ["2031-05-05T07:00:00Z", "2031-05-05T07:30:00Z", "2031-05-31T20:30:00Z"];
    let mut customers = Vec::new();
    for number in [0, 2, 0, 2, 0, 2] {
        let request = studio.booking(0, hours[number]);
        customers.push(clients[0].post("/v1/bookings", &request).await.id(201));
    }
    for round in 0..6 {
        let moves = customers.iter().enumerate().map(|(number, id)| {
            let start = hours[(number + round) % 3];
            let body = json!({"lines": [{"line": 0, "start": start}]});
            let client = rotated(&clients, number + round).remove(0);
            attempt(client, format!("/v1/bookings/{id}/reschedule"), body)
        });
        race(moves.collect()).await;
    }
    let audit = world.audit().await;
    audit.assert_sound().await;
    // the control: a move that freed nothing would have been seen
    let bookings = audit.events("booking").await;
    let mut calendars = audit.events(crate::harness::CALENDARS).await;
    let freed = calendars
        .iter()
        .position(|event| event.event_type == "reallocated" || event.event_type == "released");
    calendars.remove(freed.expect("somebody moved"));
    assert_ne!(crate::harness::broken(&bookings, &calendars, &[]), [""; 0]);
}

#[tokio::test]
async fn lines_are_called_off_before_the_guest_comes_or_not_at_all() {
    let world = two_servers().await;
    let clients = world.clients();
    let studio = Studio::open(&clients[0], json!({"duration": 60}), &[]).await;
    // it has begun, so that the guest may come whatever the date is
    let now = Utc::now().duration_trunc(TimeDelta::minutes(1)).expect("now has minutes");
    let at =
        |minutes| (now + TimeDelta::minutes(minutes)).to_rfc3339_opts(SecondsFormat::Secs, true);
    let (start, end) = (at(-10), at(60));
    for round in 0..6 {
        let room = clients[0].post("/v1/resources", &studio.resource("room", 1)).await.id(201);
        let sauna = clients[0].post("/v1/resources", &studio.resource("room", 1)).await.id(201);
        let lines = [time(&room, &start, &end), time(&sauna, &start, &end)];
        let id = clients[0].post("/v1/bookings", &studio.order(&lines)).await.id(201);
        let cancel = json!({"lines": [1]});
        let steps = [("cancel", cancel), ("check-in", json!({}))];
        let attempts = steps.into_iter().enumerate().map(|(number, (step, body))| {
            let client = rotated(&clients, number + round).remove(0);
            attempt(client, format!("/v1/bookings/{id}/{step}"), body)
        });
        let (done, refused) = race(attempts.collect()).await;
        let left = studio.order(&lines[1..]);
        let free = clients[0].post("/v1/bookings", &left).await;
        assert_eq!((free.status, done), if refused == 0 { (201, 2) } else { (409, 1) });
        let path = format!("/v1/bookings/{id}/check-out");
        clients[1].post(&path, &json!({})).await.expect(200);
    }
    world.audit().await.assert_sound().await;
}
