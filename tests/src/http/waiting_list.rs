//! Waiting lists: who may wait, who is served when, and what becomes of an offer.

mod input;
mod resources;

use std::{slice, time::Duration};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Gig, World, eventually, run, said, with};

fn offered(entry: &str) -> (String, String) {
    (entry.to_owned(), "offered".to_owned())
}

fn waiting(entry: &str) -> (String, String) {
    (entry.to_owned(), "waiting".to_owned())
}

#[tokio::test]
async fn who_waits_is_offered_what_is_cancelled_and_books_it() {
    let world = World::start().await;
    let (gig, bookings) = Gig::sold_out(&world.client(), 2).await;
    let [first, second] = [gig.join(1, 0).await, gig.join(1, 0).await];
    let entry = gig.entry(&second).await;
    assert_eq!((&entry["status"], &entry["place"]), (&json!("waiting"), &json!(2)));
    assert_eq!(entry["line"]["session_id"], json!(gig.session));

    gig.cancel(&bookings[0]).await.expect(200);
    assert_eq!(gig.queue().await, [offered(&first), waiting(&second)]);
    // the place is kept: nobody else can have it, and whoever asks is told why
    let refused = gig.book(1).await.problem(409, "sold-out");
    assert_eq!((&refused["reason"], &refused["free"]), (&json!("waiting_list"), &json!(0)));
    assert_eq!(refused["obstacle"], "waiting_list");
    let head = gig.client.head().await;
    let session =
        gig.client.get(&format!("/v1/sessions/{}?min_position={head}", gig.session)).await;
    assert_eq!(session.expect(200)["offers"][0]["left"], json!(0), "{}", session.text());

    let accepted = gig.step(&first, "accept", json!({"party": {"adults": 1}})).await;
    assert_eq!(accepted.id(201), first, "the booking has the id of the entry");
    assert_eq!(accepted.json()["status"], "confirmed");
    let entry = gig.entry(&first).await;
    assert_eq!((&entry["status"], &entry["booking_id"]), (&json!("accepted"), &json!(first)));
    let path = format!("/v1/bookings/{first}?min_position={}", accepted.position());
    let booking = gig.client.get(&path).await.expect(200);
    assert_eq!(booking["customer_id"], entry["customer_id"]);
    assert_eq!(gig.queue().await, [waiting(&second)]);
    let audit = world.audit().await;
    audit.assert_sound().await;
    let issued = audit.events("tickets").await.into_iter().filter(|e| e.event_type == "issued");
    assert_eq!(issued.count(), 3, "also who waited has a ticket");
}

#[tokio::test]
async fn an_offer_that_is_declined_or_left_passes_on() {
    let world = World::start().await;
    let (gig, bookings) = Gig::sold_out(&world.client(), 1).await;
    let mut entries = Vec::new();
    for _ in 0..3 {
        entries.push(gig.join(1, 0).await);
    }
    gig.cancel(&bookings[0]).await.expect(200);
    let declined = gig.step(&entries[0], "decline", json!({})).await;
    assert_eq!(declined.expect(200)["status"], "declined");
    assert_eq!(gig.queue().await, [offered(&entries[1]), waiting(&entries[2])]);
    gig.step(&entries[1], "leave", json!({})).await.expect(200);
    assert_eq!(gig.queue().await, [offered(&entries[2])]);
    let late = gig.step(&entries[0], "accept", json!({})).await;
    assert_eq!(late.problem(422, "policy-refusal")["reason"], "entry_ended");
    // sent again it is the same, and writes nothing
    let head = gig.client.head().await;
    gig.step(&entries[0], "decline", json!({})).await.expect(200);
    gig.step(&entries[1], "leave", json!({})).await.expect(200);
    assert_eq!(gig.client.head().await, head);
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn an_offer_that_nobody_takes_expires_and_passes_on_by_itself() {
    let world = World::start().await;
    let (gig, bookings) = Gig::sold_out(&world.client(), 1).await;
    gig.offer_for(1).await;
    let [first, second] = [gig.join(1, 0).await, gig.join(1, 0).await];
    // freed 59 seconds ago, so that the offer lasts a second more
    let ago = chrono::Utc::now() - chrono::TimeDelta::seconds(57);
    let joined = with(gig.waiting(1, 5), "occurred_at", json!(ago - chrono::TimeDelta::seconds(1)));
    let early = gig.client.post("/v1/waiting-list-entries", &joined).await;
    // it was sold out then as well, as far as anybody knows
    let early = early.id(201);
    let path = format!("/v1/bookings/{}/cancel", bookings[0]);
    gig.client.post(&path, &json!({"occurred_at": ago})).await.expect(200);
    assert_eq!(gig.queue().await[0], offered(&early));
    let passed_on =
        || async { (gig.queue().await == [offered(&first), waiting(&second)]).then_some(()) };
    eventually("the offer passes on", Duration::from_secs(10), passed_on).await;
    assert_eq!(gig.entry(&early).await["status"], "expired");
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn a_group_is_offered_all_or_nothing_and_smaller_parties_are_served_behind_it() {
    let world = World::start().await;
    let (gig, bookings) = Gig::sold_out(&world.client(), 6).await;
    let group = gig.join(4, 9).await;
    let [couple, one] = [gig.join(2, 0).await, gig.join(1, 5).await];
    assert_eq!(gig.queue().await, [waiting(&group), waiting(&one), waiting(&couple)]);
    gig.cancel(&bookings[0]).await.expect(200);
    assert_eq!(gig.queue().await, [waiting(&group), offered(&one), waiting(&couple)]);
    gig.step(&couple, "prioritize", json!({"priority": 10})).await.expect(200);
    gig.cancel(&bookings[1]).await.expect(200);
    // one place suits nobody: the public may have it
    gig.book(2).await.problem(409, "sold-out");
    let taken = gig.book(1).await.id(201);
    for booking in [&taken, &bookings[2], &bookings[3], &bookings[4]] {
        gig.cancel(booking).await.expect(200);
    }
    assert_eq!(gig.queue().await, [offered(&couple), waiting(&group), offered(&one)]);
    gig.cancel(&bookings[5]).await.expect(200);
    gig.step(&one, "decline", json!({})).await.expect(200);
    assert_eq!(gig.queue().await, [offered(&couple), offered(&group)]);
    assert_eq!(gig.step(&group, "accept", json!({})).await.id(201), group);
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn more_places_and_holds_that_end_are_offered_by_themselves() {
    let world = World::start().await;
    let client = world.client();
    let gig = Gig::open(&client, 2).await;
    gig.book(1).await.id(201);
    let soon = chrono::Utc::now() + chrono::TimeDelta::seconds(2);
    client.post("/v1/bookings", &with(gig.order(1), "hold_until", json!(soon))).await.id(201);
    let [first, second] = [gig.join(1, 0).await, gig.join(1, 0).await];
    let served = |wanted: Vec<(String, String)>| {
        let gig = gig.clone();
        move || {
            let (gig, wanted) = (gig.clone(), wanted.clone());
            async move { (gig.queue().await == wanted).then_some(()) }
        }
    };
    let patience = Duration::from_secs(10);
    let one = vec![offered(&first), waiting(&second)];
    eventually("the hold that ended is offered", patience, served(one)).await;
    gig.resize(3).await;
    // whether or not anybody was served yet, the public is not before them
    gig.book(1).await.problem(409, "sold-out");
    let both = vec![offered(&first), offered(&second)];
    eventually("the new place is offered", patience, served(both)).await;
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn what_is_accepted_may_be_held_and_passes_on_when_it_lapses() {
    let world = World::start().await;
    let (gig, bookings) = Gig::sold_out(&world.client(), 1).await;
    let [first, second] = [gig.join(1, 0).await, gig.join(1, 0).await];
    gig.cancel(&bookings[0]).await.expect(200);
    let soon = chrono::Utc::now() + chrono::TimeDelta::seconds(1);
    let held = gig.step(&first, "accept", json!({"hold_until": soon})).await;
    assert_eq!(held.expect(201)["status"], "held");
    let passed_on = || async { (gig.queue().await == [offered(&second)]).then_some(()) };
    eventually("the lapsed booking passes on", Duration::from_secs(10), passed_on).await;
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn who_has_an_offer_may_simply_book_under_its_id_and_nobody_else_may() {
    let world = World::start().await;
    let (gig, bookings) = Gig::sold_out(&world.client(), 1).await;
    let entry = gig.join(1, 0).await;
    let customer = gig.entry(&entry).await["customer_id"].clone();
    let own = with(with(gig.order(1), "id", entry.clone()), "customer_id", customer);
    let early = gig.client.post("/v1/bookings", &own).await.problem(422, "policy-refusal");
    assert_eq!(early["reason"], "not_offered");
    gig.cancel(&bookings[0]).await.expect(200);
    let stolen = with(gig.order(1), "id", entry.clone());
    let stolen = gig.client.post("/v1/bookings", &stolen).await.problem(422, "policy-refusal");
    assert_eq!(stolen["reason"], "other_customer");
    let more = with(own.clone(), "lines", json!([gig.line(2)]));
    let more = gig.client.post("/v1/bookings", &more).await.problem(422, "policy-refusal");
    assert_eq!(more["reason"], "other_than_offered");
    assert_eq!(gig.client.post("/v1/bookings", &own).await.id(201), entry);
    assert_eq!(gig.entry(&entry).await["status"], "accepted");
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn nobody_waits_for_a_session_that_is_called_off() {
    let world = World::start().await;
    let (gig, bookings) = Gig::sold_out(&world.client(), 2).await;
    let [first, second] = [gig.join(1, 0).await, gig.join(2, 0).await];
    gig.cancel(&bookings[0]).await.expect(200);
    let path = format!("/v1/sessions/{}/call-off", gig.session);
    gig.client.post(&path, &json!({})).await.expect(200);
    let over = || async { gig.queue().await.is_empty().then_some(()) };
    eventually("all entries end", Duration::from_secs(10), over).await;
    for entry in [first, second] {
        assert_eq!(gig.entry(&entry).await["status"], "called_off");
    }
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn entries_are_listed_by_session_listing_customer_and_status() {
    let world = World::start().await;
    let client = world.client();
    let (gig, bookings) = Gig::sold_out(&client, 1).await;
    let (other, _) = Gig::sold_out(&client, 1).await;
    let [first, second] = [gig.join(1, 0).await, gig.join(1, 7).await];
    let elsewhere = other.join(1, 0).await;
    gig.cancel(&bookings[0]).await.expect(200);
    let customer = gig.entry(&first).await["customer_id"].as_str().unwrap().to_owned();
    let head = client.head().await;
    let listed = |filter: String| {
        let client = client.clone();
        async move {
            let path = format!("/v1/waiting-list-entries?{filter}&min_position={head}");
            let page = client.get(&path).await.expect(200);
            let items = page["items"].as_array().unwrap().iter();
            items.map(|entry| entry["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        }
    };
    let both = [first.clone(), second.clone()];
    assert_eq!(listed(format!("session_id={}", gig.session)).await, both);
    assert_eq!(listed(format!("listing_id={}", gig.listing)).await, both);
    assert_eq!(listed(format!("customer_id={customer}")).await, *slice::from_ref(&first));
    assert_eq!(listed("status=offered".to_owned()).await, *slice::from_ref(&second));
    assert_eq!(listed("status=waiting&limit=1".to_owned()).await, *slice::from_ref(&first));
    assert_eq!(listed("limit=10".to_owned()).await.len(), 3);
    assert!(listed(format!("session_id={}", Uuid::now_v7())).await.is_empty());
    let history = client.get(&format!("/v1/waiting-lists/{}/history", gig.session)).await;
    let history = history.expect(200);
    let types = history["items"].as_array().unwrap().iter().map(kind);
    assert_eq!(types.collect::<Vec<_>>(), ["joined", "joined", "offered"]);
    assert_eq!(other.entry(&elsewhere).await["place"], json!(1));

    // built anew from the log, the model says the same
    for command in ["verify", "rebuild", "verify"] {
        let mut command = run(&["projections", command, "waiting_entries"]);
        let done = command.env("DATABASE_URL", world.database_url()).output().await;
        let done = done.expect("the command runs");
        assert!(done.status.success(), "{}", said(&done));
    }
    assert_eq!(listed(format!("session_id={}", gig.session)).await, both);
}

fn kind(event: &Value) -> &str {
    event["event_type"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn terms_are_seen_and_changed_and_asking_to_serve_changes_nothing_twice() {
    let world = World::start().await;
    let (gig, _) = Gig::sold_out(&world.client(), 1).await;
    let path = format!("/v1/waiting-lists/{}", gig.session);
    let list = gig.client.get(&path).await;
    assert_eq!(
        (list.expect(200)["offer_minutes"].clone(), list.header("etag")),
        (json!(1440), "\"0\"")
    );
    gig.offer_for(90).await;
    let list = gig.client.get(&path).await;
    assert_eq!(
        (list.expect(200)["offer_minutes"].clone(), list.header("etag")),
        (json!(90), "\"1\"")
    );
    let patch = json!({"offer_minutes": 5});
    let stale = gig.client.patch_with(&path, &patch, &[("if-match", "\"0\"")]).await;
    stale.problem(412, "precondition-failed");

    let entry = gig.join(1, 0).await;
    gig.resize(2).await;
    let told = gig.client.post_bytes(&format!("{path}/distribute"), "{}").await.expect(200);
    // the clock of the server may have served it meanwhile
    assert!(told["offered"] == json!([entry]) || told["offered"] == json!([]), "{told}");
    assert_eq!(gig.queue().await, [offered(&entry)]);
    let head = gig.client.head().await;
    for _ in 0..3 {
        let again = gig.client.post(&format!("{path}/distribute"), &json!({})).await;
        assert_eq!(again.expect(200)["offered"], json!([]));
    }
    assert_eq!(gig.client.head().await, head);
}
