//! Terms of services and rooms by the hour, and when their resources are open.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Client, Hotel, World, with};

fn haircut() -> Value {
    json!({
        "organization_id": Uuid::now_v7(), "kind": "service", "name": {"en": "Haircut"},
        "zone": "Asia/Amman", "currency": "JOD", "on_request": true,
        "slots": {"duration": 45, "buffer_after": 10, "notice": {"minutes": 120}},
        "price": {"minor": 15_000, "currency": "JOD"},
    })
}

fn chair(listing: &str) -> Value {
    json!({"listing_id": listing, "kind": "room", "name": {"en": "Chair"}, "capacity": 3})
}

fn open(hours: &Value) -> Value {
    json!({"zone": "Asia/Amman", "hours": {"monday": hours}})
}

async fn shown(client: &Client, path: &str, position: i64) -> Value {
    client.get(&format!("{path}?min_position={position}")).await.expect(200)
}

/// The members of what an event of a history says, without the time of it.
fn members(history: &Value, n: usize, event: &str) -> Vec<String> {
    let said = history["items"][n]["data"][event].as_object().unwrap();
    said.keys().filter(|member| *member != "at").cloned().collect()
}

#[tokio::test]
async fn a_service_says_what_it_asks_of_a_time_and_what_it_costs() {
    let world = World::start().await;
    let client = world.client();
    let made = client.post("/v1/listings", &haircut()).await;
    let path = format!("/v1/listings/{}", made.id(201));
    let found = shown(&client, &path, made.position()).await;
    assert_eq!((&found["price"], &found["on_request"]), (&haircut()["price"], &json!(true)));
    assert_eq!((&found["slots"]["duration"], &found["slots"]["step"]), (&json!(45), &json!(15)));
    let patch = json!({"slots": {"duration": 60}, "price": null, "on_request": false});
    let patched = client.patch(&path, &patch).await;
    let found = shown(&client, &path, patched.position()).await;
    assert_eq!((found.get("price"), &found["on_request"]), (None, &json!(false)));
    let slots = &found["slots"];
    assert_eq!((&slots["duration"], &slots["buffer_after"]), (&json!(60), &json!(10)));
    client.patch(&path, &patch).await.expect(200);
    assert_eq!(client.head().await, patched.position());
    let history = client.get(&format!("{path}/history")).await.expect(200);
    let mut said = members(&history, 1, "revised");
    said.sort_unstable();
    assert_eq!(said, ["on_request", "price", "slots"]);
    assert_eq!(history["items"][1]["data"]["revised"]["price"], Value::Null);

    let patched = client.patch(&path, &json!({"slots": null})).await;
    assert!(shown(&client, &path, patched.position()).await.get("slots").is_none());
}

#[tokio::test]
async fn what_is_wrong_with_the_terms_of_a_listing_is_named_and_nothing_is_written() {
    let world = World::start().await;
    let client = world.client();
    let price = haircut()["price"].clone();
    let bare = with(with(haircut(), "slots", Value::Null), "price", Value::Null);
    for (body, field) in [
        (with(haircut(), "kind", "event"), "/slots"),
        (with(haircut(), "kind", "room"), "/price"),
        (with(haircut(), "price_per_hour", price.clone()), "/price_per_hour"),
        (with(with(bare, "kind", "event"), "price", price), "/price"),
        (with(haircut(), "slots", json!({"duration": 0})), "/slots/duration"),
        (with(haircut(), "slots", json!({"duration": 5, "grid": "moon"})), "/slots/grid"),
        (with(haircut(), "slots", json!({"duration": 5, "colour": 1})), "/slots/colour"),
        (with(haircut(), "slots", json!({"step": 5})), "/slots"),
        (with(haircut(), "price", json!({"minor": -1, "currency": "JOD"})), "/price/minor"),
        (with(haircut(), "on_request", "yes"), "/on_request"),
    ] {
        let problem = client.post("/v1/listings", &body).await.any_problem();
        assert_eq!(problem["errors"][0]["field"], field, "{body}: {problem}");
    }
    let dollars = with(haircut(), "price", json!({"minor": 1, "currency": "USD"}));
    let problem = client.post("/v1/listings", &dollars).await.problem(422, "policy-refusal");
    assert_eq!(problem["reason"], "currency_mismatch");
    assert_eq!(client.head().await, 0);
}

#[tokio::test]
async fn the_schedules_of_a_resource_are_replaced_all_at_once() {
    let world = World::start().await;
    let client = world.client();
    let listing = client.post("/v1/listings", &haircut()).await.id(201);
    let made = client.post("/v1/resources", &chair(&listing)).await;
    let path = format!("/v1/resources/{}", made.id(201));
    let found = shown(&client, &path, made.position()).await;
    assert_eq!((&found["schedules"], found.get("stay_rules")), (&json!([]), None));

    let morning = open(&json!([{"from": "09:00", "to": "12:00"}]));
    let evening = with(open(&json!([{"from": "18:00", "to": "24:00"}])), "zone", "Europe/London");
    let both = json!({"schedules": [morning, evening]});
    let changed = client.post(&format!("{path}/schedules"), &both).await;
    let found = shown(&client, &path, changed.position()).await;
    assert_eq!(found["schedules"], both["schedules"]);
    client.post(&format!("{path}/schedules"), &both).await.expect(200);
    assert_eq!(client.head().await, changed.position());

    let none = client.post(&format!("{path}/schedules"), &json!({"schedules": []})).await;
    assert_eq!(shown(&client, &path, none.position()).await["schedules"], json!([]));
    let stale = [("if-match", "\"1\"")];
    let refused = client.post_with(&format!("{path}/schedules"), &both, &stale).await;
    refused.problem(412, "precondition-failed");
}

#[tokio::test]
async fn what_is_wrong_with_a_schedule_is_named_and_nothing_is_written() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let listing = client.post("/v1/listings", &haircut()).await.id(201);
    let chair = client.post("/v1/resources", &chair(&listing)).await;
    let path = format!("/v1/resources/{}/schedules", chair.id(201));
    let fine = open(&json!([{"from": "09:00", "to": "12:00"}]));
    let overlapping = json!([{"from": "09:00", "to": "12:00"}, {"from": "11:00", "to": "13:00"}]);
    let twice = json!([
        {"date": "2031-05-01", "hours": "closed"}, {"date": "2031-05-01", "hours": {"open": []}},
    ]);
    for (schedules, field) in [
        (json!([fine, open(&overlapping)]), "/schedules/1/hours/monday"),
        (json!([open(&json!([{"from": "12:00", "to": "09:00"}]))]), "/schedules/0/hours/monday/0"),
        (json!([open(&json!([{"from": "9", "to": "10:00"}]))]), "/schedules/0/hours/monday/0/from"),
        (json!([with(fine.clone(), "zone", "Mars/Olympus")]), "/schedules/0/zone"),
        (json!([with(fine.clone(), "special", twice)]), "/schedules/0"),
        (json!([with(fine.clone(), "colour", "red")]), "/schedules/0/colour"),
        (json!(vec![fine.clone(); 11]), "/schedules"),
        (json!("always"), "/schedules"),
    ] {
        let problem = client.post(&path, &json!({"schedules": schedules})).await.any_problem();
        assert_eq!(problem["errors"][0]["field"], field, "{schedules}: {problem}");
    }
    let room = format!("/v1/resources/{}/schedules", hotel.rooms[0]);
    let fine = json!({"schedules": [fine]});
    let problem = client.post(&room, &fine).await.problem(422, "policy-refusal");
    assert_eq!(problem["reason"], "not_taken_by_time");
    let unknown = format!("/v1/resources/{}/schedules", Uuid::now_v7());
    client.post(&unknown, &fine).await.problem(404, "not-found");
    assert_eq!(client.head().await, chair.position());
}
