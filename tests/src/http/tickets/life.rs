//! From the booking to the void ticket.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::harness::World;

fn column<'a>(tickets: &'a [Value], member: &str) -> Vec<&'a str> {
    tickets.iter().map(|ticket| ticket[member].as_str().unwrap_or_default()).collect()
}

#[tokio::test]
async fn each_person_has_a_ticket_once_the_booking_is_confirmed() {
    let world = World::start().await;
    let tonight = Tonight::open(&world.client(), json!({})).await;
    let lines = [tonight.line("seat", 2), tonight.line("family", 1)];
    let mut held = order(&tonight.listing, &lines);
    held["hold_minutes"] = json!(15);
    let made = tonight.client.post("/v1/bookings", &held).await;
    let mut booked =
        Booked { client: tonight.client.clone(), id: made.id(201), position: made.position() };
    assert_eq!(booked.tickets().await, [Value::Null; 0], "nothing is confirmed");
    booked.post("confirm", json!({})).await.expect(200);
    let tickets = booked.tickets().await;
    assert_eq!(column(&tickets, "offer"), ["seat", "seat", "family", "family", "family", "family"]);
    assert_eq!(column(&tickets, "seat"), ["stalls/A-1", "stalls/A-2", "", "", "", ""]);
    assert!(tickets.iter().zip(1..).all(|(ticket, number)| ticket["number"] == json!(number)));
    assert!(column(&tickets, "payload").iter().all(|payload| payload.starts_with("DBT1.")));
    let codes: BTreeSet<_> = column(&tickets, "code").into_iter().collect();
    assert!(codes.len() == 6 && codes.iter().all(|code| code.len() == 19), "{codes:?}");
    let feed = tonight.client.feed(0).await;
    let feed = serde_json::to_string(&feed).unwrap();
    assert!(codes.iter().all(|code| !feed.contains(*code)), "a code is in the log");
    assert_eq!(tonight.attendance(booked.position).await, [6, 0, 0, 0, 0, 0]);
}

#[tokio::test]
async fn a_cancelled_booking_has_void_tickets() {
    let world = World::start().await;
    let tonight = Tonight::open(&world.client(), json!({})).await;
    let (mut booked, before) = tonight.on_the_lawn(2).await;
    booked.post("cancel", json!({})).await.expect(200);
    let after = booked.tickets().await;
    assert_eq!(column(&after, "status"), ["void", "void"]);
    assert_eq!((column(&after, "code"), column(&after, "payload")), (vec![""; 2], vec![""; 2]));
    assert_eq!(scan(&tonight.client, &shown(&before[0], "entry")).await, refused("void"));
    let picture = format!("/v1/bookings/{}/tickets/1/qr.svg", booked.id);
    assert_eq!(
        tonight.client.get(&picture).await.problem(404, "not-found")["reason"],
        "ticket_void"
    );
    assert_eq!(tonight.attendance(booked.position).await[0], 0);
}

#[tokio::test]
async fn tickets_follow_what_is_booked() {
    let world = World::start().await;
    let tonight = Tonight::open(&world.client(), json!({})).await;
    let later = tonight.another(60, json!({})).await;
    let mut booked = tonight.book(&[tonight.line("seat", 1), tonight.line("lawn", 3)]).await;
    let before = booked.tickets().await;

    let seats = json!({"lines": [{"line": 0, "seats": ["stalls/A-5"]}]});
    booked.post("move", seats).await.expect(200);
    let moved = booked.tickets().await;
    assert_eq!((&moved[0]["seat"], &moved[0]["generation"]), (&json!("stalls/A-5"), &json!(2)));
    assert_eq!(moved[1..], before[1..], "the others are as they were");
    assert_eq!(scan(&tonight.client, &shown(&before[0], "entry")).await, refused("superseded"));
    let typed = json!({"code": before[0]["code"], "gate": "x", "direction": "entry", "nonce": "t"});
    assert_eq!(scan(&tonight.client, &typed).await, refused("superseded"));

    let lines = json!({"lines": [
        {"session_id": tonight.session, "offer": "seat", "quantity": 1, "seats": ["stalls/A-5"]},
        tonight.line("lawn", 2),
    ]});
    booked.post("amend", lines).await.expect(200);
    let fewer = booked.tickets().await;
    assert_eq!(column(&fewer, "status"), ["valid", "valid", "valid", "void"]);

    let dates = json!({"lines": [{"line": 1, "session_id": later}]});
    booked.post("reschedule", dates).await.expect(200);
    let elsewhere = booked.tickets().await;
    assert_eq!(elsewhere[1]["session_id"], json!(later));
    assert_eq!(elsewhere[1]["generation"], json!(2));
    let list = |session: &str| {
        let path = format!("/v1/sessions/{session}/check-in-list?min_position={}", booked.position);
        let client = tonight.client.clone();
        async move {
            let list = client.get(&path).await.expect(200);
            let status = |ticket: &Value| ticket["status"].as_str().unwrap().to_owned();
            let mut all: Vec<_> = list["items"].as_array().unwrap().iter().map(status).collect();
            all.sort();
            all
        }
    };
    assert_eq!(list(&tonight.session).await, ["superseded", "superseded", "valid", "void"]);
    assert_eq!(list(&later).await, ["valid", "valid"]);

    booked.post("cancel", json!({"lines": [1]})).await.expect(200);
    assert_eq!(column(&booked.tickets().await, "status"), ["valid", "void", "void", "void"]);
}

#[tokio::test]
async fn a_ticket_is_given_to_somebody_else_under_another_code() {
    let world = World::start().await;
    let tonight = Tonight::open(&world.client(), json!({})).await;
    let (mut booked, before) = tonight.on_the_lawn(2).await;
    let to = json!({"to": {"name": "Amal Haddad", "email": "amal@example.com"}});
    let done = booked.post("tickets/1/transfer", to.clone()).await.expect(200);
    assert_eq!((&done["number"], &done["generation"]), (&json!(1), &json!(2)));
    let after = booked.tickets().await;
    assert_eq!(after[0]["holder"], to["to"]);
    assert_ne!(after[0]["code"], before[0]["code"]);
    assert_eq!(after[1], before[1]);
    let head = tonight.client.head().await;
    booked.post("tickets/1/transfer", to.clone()).await.expect(200);
    assert_eq!(tonight.client.head().await, head, "she has it");
    assert_eq!(scan(&tonight.client, &shown(&before[0], "entry")).await, refused("superseded"));
    let in_she_goes =
        tonight.client.post("/v1/scans", &shown(&after[0], "entry")).await.expect(200);
    assert_eq!(told(&in_she_goes), admitted());
    assert_eq!(in_she_goes["ticket"]["holder"], "Amal Haddad");
    let other = json!({"to": {"name": "Basil"}});
    let late = booked.post("tickets/1/transfer", other.clone()).await;
    assert_eq!(late.problem(422, "policy-refusal")["reason"], "already_used");
    booked.post("tickets/9/transfer", other.clone()).await.problem(404, "not-found");
    let begun = Tonight { session: tonight.another(-5, json!({})).await, ..tonight };
    let (mut booked, _) = begun.on_the_lawn(1).await;
    let late = booked.post("tickets/1/transfer", other).await;
    assert_eq!(late.problem(422, "policy-refusal")["reason"], "session_begun");
}

#[tokio::test]
async fn a_ticket_is_shown_as_a_picture() {
    let world = World::start().await;
    let client = world.client();
    let tonight = Tonight::open(&client, json!({})).await;
    let (booked, _) = tonight.on_the_lawn(1).await;
    let path = format!("/v1/bookings/{}/tickets/1", booked.id);
    let svg = client.get(&format!("{path}/qr.svg?min_position={}", booked.position)).await;
    assert_eq!((svg.status, svg.header("content-type")), (200, "image/svg+xml"));
    assert_eq!(svg.header("cache-control"), "private, no-store");
    assert!(svg.text().contains("<svg"));
    let png = client.get(&format!("{path}/qr.png")).await;
    assert_eq!((png.status, png.header("content-type")), (200, "image/png"));
    assert!(png.body.starts_with(b"\x89PNG\r\n\x1a\n"));
    client.get(&path).await.expect(200);
    for unknown in ["2", "0", "x", "99999999999", "2/qr.png", "0/qr.svg"] {
        let path = format!("/v1/bookings/{}/tickets/{unknown}", booked.id);
        client.get(&path).await.problem(404, "not-found");
    }
    let nobody = format!("/v1/bookings/{}/tickets", Uuid::now_v7());
    client.get(&nobody).await.problem(404, "not-found");
}

#[tokio::test]
async fn the_public_keys_are_the_same_after_a_restart_and_on_every_server() {
    let mut world = World::start().await;
    world.add_server().await;
    let clients = world.clients();
    let keys = clients[0].get("/v1/tickets/keys").await.expect(200);
    assert_eq!(clients[1].get("/v1/tickets/keys").await.expect(200), keys);
    let key = &keys["keys"][0];
    assert_eq!(
        ["kty", "crv", "alg", "use"].map(|member| key[member].as_str().unwrap()),
        ["OKP", "Ed25519", "EdDSA", "sig"]
    );
    let server = world.server();
    server.kill();
    server.start_again().await;
    assert_eq!(clients[0].get("/v1/tickets/keys").await.expect(200), keys);
}

#[tokio::test]
async fn a_configured_key_signs_and_the_one_before_still_verifies() {
    let (old, new) = ("0f".repeat(32), "1e".repeat(32));
    let world = World::start_with(&[("DAYBOOK_TICKET_KEY", &format!("{new},{old}"))]).await;
    let keys = world.client().get("/v1/tickets/keys").await.expect(200);
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2);
    let before = World::start_with(&[("DAYBOOK_TICKET_KEY", &old)]).await;
    let old = before.client().get("/v1/tickets/keys").await.expect(200);
    assert_eq!(keys["keys"][1], old["keys"][0]);
    let pool = before.pool().await;
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM ticket_keys")
        .fetch_one(&pool)
        .await
        .expect("the table is there");
    assert_eq!(kept, 0, "what is configured is not kept");
}
