//! Those who wait for nights of a room type, or for a time of somebody.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Client, Hotel, Studio, World, with};

async fn join(client: &Client, listing: &str, line: Value) -> String {
    let body = json!({"listing_id": listing, "customer_id": Uuid::now_v7(), "line": line});
    client.post("/v1/waiting-list-entries", &body).await.id(201)
}

async fn status(client: &Client, entry: &str) -> String {
    let path = format!("/v1/waiting-list-entries/{entry}?min_position={}", client.head().await);
    let entry = client.get(&path).await.expect(200);
    entry["status"].as_str().expect("an entry has a status").to_owned()
}

async fn cancel(client: &Client, booking: &str) {
    client.post(&format!("/v1/bookings/{booking}/cancel"), &json!({})).await.expect(200);
}

#[tokio::test]
async fn nights_of_two_months_are_offered_together_and_before_the_public() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let july =
        client.post("/v1/bookings", &hotel.booking("2031-07-28", "2031-08-01")).await.id(201);
    let august = client.post("/v1/bookings", &hotel.booking("2031-08-01", "2031-08-04")).await;
    let august = august.id(201);
    let free = json!({
        "listing_id": hotel.listing, "customer_id": Uuid::now_v7(),
        "line": hotel.line("2031-08-04", "2031-08-06"),
    });
    let free = client.post("/v1/waiting-list-entries", &free).await.problem(422, "policy-refusal");
    assert_eq!(free["reason"], "still_free");
    let long = join(&client, &hotel.listing, hotel.line("2031-07-30", "2031-08-03")).await;

    // July alone is of no use to who wants August as well: the public may have it
    cancel(&client, &july).await;
    assert_eq!(status(&client, &long).await, "waiting");
    let public =
        client.post("/v1/bookings", &hotel.booking("2031-07-30", "2031-08-01")).await.id(201);
    cancel(&client, &public).await;
    cancel(&client, &august).await;
    assert_eq!(status(&client, &long).await, "offered");
    let refused = client.post("/v1/bookings", &hotel.booking("2031-08-02", "2031-08-05")).await;
    assert_eq!(refused.problem(409, "sold-out")["obstacle"], "waiting_list");
    client.post("/v1/bookings", &hotel.booking("2031-08-03", "2031-08-05")).await.id(201);
    let path = format!("/v1/waiting-list-entries/{long}/accept");
    assert_eq!(client.post(&path, &json!({"party": {"adults": 2}})).await.id(201), long);
    assert_eq!(status(&client, &long).await, "accepted");
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn nights_that_became_free_otherwise_go_to_those_who_wait_first() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    client.post("/v1/bookings", &hotel.booking("2031-07-10", "2031-07-12")).await.id(201);
    let entry = join(&client, &hotel.listing, hotel.line("2031-07-10", "2031-07-11")).await;
    let path = format!("/v1/resources/{}/limits", hotel.rooms[0]);
    client.post(&path, &json!({"capacity": 2})).await.expect(200);
    // at once, whether or not who waits has been served by the clock
    let refused = client.post("/v1/bookings", &hotel.booking("2031-07-10", "2031-07-11")).await;
    refused.problem(409, "sold-out");
    client.post("/v1/bookings", &hotel.booking("2031-07-11", "2031-07-12")).await.id(201);
    client
        .post(&format!("/v1/waiting-lists/{}/distribute", hotel.rooms[0]), &json!({}))
        .await
        .expect(200);
    assert_eq!(status(&client, &entry).await, "offered");
    let answer =
        client.post(&format!("/v1/waiting-list-entries/{entry}/decline"), &json!({})).await;
    answer.expect(200);
    client.post("/v1/bookings", &hotel.booking("2031-07-10", "2031-07-11")).await.id(201);
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn a_time_of_somebody_is_offered_and_others_are_given_to_those_who_take_anybody() {
    let world = World::start().await;
    let client = world.client();
    let rules = json!({"duration": 60, "buffer_after": 15});
    let studio = Studio::open(&client, rules, &[1, 1]).await;
    let book = |line: Value| {
        let order = json!({
            "listing_id": studio.service, "customer_id": Uuid::now_v7(), "lines": [line],
        });
        let client = client.clone();
        async move { client.post("/v1/bookings", &order).await }
    };
    let start = "2031-06-24T09:00:00Z";
    let taken = book(studio.line(0, start)).await.id(201);
    let entry = join(&client, &studio.service, studio.line(0, start)).await;
    cancel(&client, &taken).await;
    assert_eq!(status(&client, &entry).await, "offered");
    let refused = book(studio.line(0, "2031-06-24T10:00:00Z")).await;
    assert_eq!(refused.problem(409, "sold-out")["obstacle"], "waiting_list");
    // whoever takes anybody is given the other one
    let anybody = book(json!({"start": start})).await;
    let path = format!("/v1/bookings/{}?min_position={}", anybody.id(201), anybody.position());
    let booking = client.get(&path).await.expect(200);
    assert_eq!(booking["lines"][0]["resource_id"], json!(studio.people[1]));
    let path = format!("/v1/waiting-list-entries/{entry}/accept");
    assert_eq!(client.post(&path, &json!({})).await.id(201), entry);
    let several = with(studio.line(0, start), "resource_ids", json!(studio.people));
    let several = with(several, "resource_id", Value::Null);
    let body = json!({
        "listing_id": studio.service, "customer_id": Uuid::now_v7(), "line": several,
    });
    let several = client.post("/v1/waiting-list-entries", &body).await.problem(422, "bad-value");
    assert_eq!(several["errors"][0]["field"], "/line/resource_id");
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn those_who_wait_for_nights_of_many_months_are_served_together() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let mut entries = Vec::new();
    for month in 1..=12 {
        // two nights, the second of them in the month after
        let (arrival, departure) = match month {
            2 => ("2031-02-28".to_owned(), "2031-03-02".to_owned()),
            4 | 6 | 9 | 11 => (format!("2031-{month:02}-30"), format!("2031-{:02}-02", month + 1)),
            12 => ("2031-12-31".to_owned(), "2032-01-02".to_owned()),
            _ => (format!("2031-{month:02}-31"), format!("2031-{:02}-02", month + 1)),
        };
        client.post("/v1/bookings", &hotel.booking(&arrival, &departure)).await.id(201);
        entries.push(join(&client, &hotel.listing, hotel.line(&arrival, &departure)).await);
    }
    let path = format!("/v1/resources/{}/limits", hotel.rooms[0]);
    client.post(&path, &json!({"capacity": 2})).await.expect(200);
    let path = format!("/v1/waiting-lists/{}/distribute", hotel.rooms[0]);
    client.post(&path, &json!({})).await.expect(200);
    for entry in &entries {
        assert_eq!(status(&client, entry).await, "offered");
    }
    let all = client.post("/v1/bookings", &hotel.booking("2031-01-15", "2031-12-15")).await;
    assert_eq!(all.problem(409, "sold-out")["reason"], "waiting_list");
    world.audit().await.assert_sound().await;
}
