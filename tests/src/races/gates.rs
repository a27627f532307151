//! One ticket shown at two gates of two servers at once: it lets one person in. The control decides on what was true a
//! moment ago, and lets in several.

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use daybook_domain::{
    allotment::Admission,
    tickets::{Command, Direction, Doors, Entitlement, Mode, Outcome as Came, Reading, Tickets},
    values::{Code, CodeHash, Generation, Nonce, SessionId, TicketNumber, TimeRange},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Outcome,
    engine::{Engine, Guard, until_it_shows},
    race, two_servers,
};
use crate::harness::{Client, order};

const CROWD: usize = 20;

/// Tickets for a session that begins soon.
async fn tickets(client: &Client, people: usize) -> (String, Vec<Value>) {
    let listing = json!({
        "organization_id": Uuid::now_v7(), "kind": "event", "name": {"en": "Tonight"},
        "zone": "Asia/Amman", "currency": "JOD",
    });
    let listing = client.post("/v1/listings", &listing).await.id(201);
    let soon = Utc::now() + TimeDelta::minutes(30);
    let session = json!({
        "listing_id": listing, "start": soon, "end": soon + TimeDelta::hours(2),
        "pools": [{"code": "hall", "capacity": 100}],
        "offers": [{
            "code": "any", "name": {"en": "Anybody"}, "price": {"minor": 1, "currency": "JOD"},
            "draws": [{"pool": "hall", "places": 1}],
        }],
    });
    let session = client.post("/v1/sessions", &session).await.id(201);
    let line = json!({"session_id": session, "offer": "any", "quantity": people});
    let made = client.post("/v1/bookings", &order(&listing, &[line])).await;
    let path = format!("/v1/bookings/{}/tickets?min_position={}", made.id(201), made.position());
    let tickets = client.get(&path).await.expect(200);
    (session, tickets["items"].as_array().unwrap().clone())
}

/// Shows a ticket at a gate; one gate reads the picture, the other types the code.
async fn show(client: Client, ticket: Value, number: usize) -> Outcome {
    let mut body = json!({"direction": "entry", "nonce": format!("n{number}")});
    if number.is_multiple_of(2) {
        body["gate"] = json!("north");
        body["payload"] = ticket["payload"].clone();
    } else {
        body["gate"] = json!("south");
        body["code"] = ticket["code"].clone();
    }
    let answer = client.post("/v1/scans", &body).await.expect(200);
    match answer["result"].as_str() {
        Some("admitted") => Outcome::Sold,
        Some("refused") if answer["reason"] == "already_inside" => Outcome::SoldOut,
        other => panic!("{other:?} in {answer}"),
    }
}

#[tokio::test]
async fn a_ticket_shown_at_two_gates_at_once_lets_one_person_in() {
    let world = two_servers().await;
    let clients = world.clients();
    let (session, tickets) = tickets(&clients[0], 5).await;
    for ticket in &tickets {
        let attempts =
            (0..2 * CROWD).map(|number| show(clients[number % 2].clone(), ticket.clone(), number));
        assert_eq!(race(attempts.collect()).await, (1, 2 * CROWD - 1));
    }
    let head = clients[0].head().await;
    let path = format!("/v1/sessions/{session}/attendance?min_position={head}");
    for client in &clients {
        let counts = client.get(&path).await.expect(200);
        let refused = tickets.len() * (2 * CROWD - 1);
        assert_eq!((&counts["inside"], &counts["refused"]), (&json!(5), &json!(refused)));
    }
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn two_gates_that_tell_of_one_ticket_at_once_are_both_heard() {
    let world = two_servers().await;
    let clients = world.clients();
    let (session, tickets) = tickets(&clients[0], 1).await;
    let batches = (0..CROWD).map(|number| {
        let (client, ticket) = (clients[number % 2].clone(), tickets[0].clone());
        async move {
            let at = Utc::now() - TimeDelta::minutes(i64::try_from(number).unwrap());
            let scan = json!({
                "payload": ticket["payload"], "gate": "north", "direction": "entry",
                "nonce": format!("n{number}"), "scanned_at": at,
            });
            client.post("/v1/scans/batch", &json!({"scans": [scan]})).await.expect(200);
        }
    });
    futures::future::join_all(batches).await;
    let head = clients[0].head().await;
    let path = format!("/v1/sessions/{session}/attendance?min_position={head}");
    let counts = clients[1].get(&path).await.expect(200);
    assert_eq!((&counts["inside"], &counts["duplicates"]), (&json!(1), &json!(CROWD - 1)));
    let path = format!("/v1/bookings/{}/tickets/1", tickets[0]["booking_id"].as_str().unwrap());
    let scans = clients[0].get(&format!("{path}?min_position={head}")).await.expect(200);
    assert_eq!(scans["scans"][0]["result"], "admitted", "the first in time");
    assert_eq!(scans["scans"][0]["nonce"], format!("n{}", CROWD - 1));
}

/// Issues one ticket, shows it to a crowd of gates, with their guard or without, and tells how many let somebody in.
async fn crowd(guard: Guard) -> usize {
    let engine = Engine::new().await;
    let id = Uuid::now_v7().to_string();
    let entitled = Entitlement { session: session(), offer: code("any"), seat: None };
    let issue = |tickets: &Tickets| {
        let digest = |_: TicketNumber, _: Generation| CodeHash::new([7; 32]);
        tickets.settle(vec![entitled.clone()], &BTreeSet::new(), digest, at())
    };
    engine.decide(Guard::On, &id, issue).await.expect("one ticket is few");
    let scans = (0..CROWD).map(|number| {
        let (engine, id) = (Arc::clone(&engine), id.clone());
        async move {
            let decide = |tickets: &Tickets| tickets.decide(entry(number));
            engine.decide(guard, &id, decide).await.expect("a scan is answered");
            let tickets: Tickets = engine.stored(&id).await;
            let scan = tickets.all()[0].scan(&nonce(number)).expect("it is kept");
            if scan.answered == Came::Admitted { Outcome::Sold } else { Outcome::SoldOut }
        }
    });
    race(scans.collect()).await.0
}

fn at() -> DateTime<Utc> {
    "2031-06-24T17:00:00Z".parse().expect("an instant")
}

fn session() -> SessionId {
    SessionId::from_uuid(Uuid::from_u128(7))
}

fn code(text: &str) -> Code {
    Code::try_new(text).expect("a code")
}

fn nonce(number: usize) -> Nonce {
    Nonce::try_new(&format!("n{number}")).expect("a nonce")
}

fn entry(number: usize) -> Command {
    let reading = Reading {
        nonce: nonce(number),
        gate: code(["north", "south"][number % 2]),
        direction: Direction::Entry,
        generation: Generation::FIRST,
        scanned_at: at(),
    };
    let time = TimeRange::try_new(at(), at() + TimeDelta::hours(2)).expect("two hours");
    let admission = Admission::default();
    let doors = Doors { session: session(), time, called_off: false, admission, only: None };
    let number = TicketNumber::try_new(1).expect("the first number");
    Command::Scan { number, reading, mode: Mode::Online, doors, at: at() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_engine_with_its_guard_lets_one_person_in() {
    assert_eq!(crowd(Guard::On).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_engine_with_its_guard_switched_off_lets_several_in() {
    until_it_shows(async || crowd(Guard::Off).await > 1).await;
}
