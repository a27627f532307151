//! Two records of one customer, found and made one.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{bare, booked, ids, rania, register, shown};
use crate::harness::{Client, Hotel, World, with};

async fn merge(client: &Client, merged: &str, into: &str) -> crate::harness::Answer {
    client.post(&format!("/v1/customers/{merged}/merge"), &json!({ "into": into })).await
}

/// Another record of the same customer: the same telephone number, the name written otherwise.
fn rania_again(organization: &str) -> Value {
    let body = bare(organization, "رانيـا حدّاد");
    let body = with(body, "emails", json!([{"address": "haddad@example.com", "primary": true}]));
    let body =
        with(body, "phones", json!([{"number": "+962795550100"}, {"number": "+96265550100"}]));
    with(body, "tags", json!(["press", "vip"]))
}

#[tokio::test]
async fn duplicates_are_found_merged_and_then_found_no_more() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 20).await;
    let home = &hotel.organization;
    let survivor = register(&client, &rania(home)).await;
    let merged = register(&client, &rania_again(home)).await;
    register(&client, &bare(home, "Somebody Else")).await;
    register(&client, &rania_again(&Uuid::now_v7().to_string())).await;
    let note = json!({"text": "Prefers the terrace"});
    client.post(&format!("/v1/customers/{merged}/notes"), &note).await.id(201);
    let book = async |customer: &str| {
        let order = with(hotel.booking("2031-05-10", "2031-05-12"), "customer_id", customer);
        client.post("/v1/bookings", &order).await
    };
    let first = book(&merged).await.id(201);
    let second = book(&survivor).await.id(201);
    let duplicates = async |id: &str| {
        let path = format!("/v1/customers/{id}/duplicates?min_position={}", client.head().await);
        let found = client.get(&path).await.expect(200)["items"].clone();
        let found = found.as_array().unwrap().iter();
        let told = found.map(|found| (found["customer"]["id"].clone(), found["reasons"].clone()));
        told.collect::<Vec<_>>()
    };
    let reasons = json!(["phone", "name"]);
    assert_eq!(duplicates(&survivor).await, [(json!(merged), reasons.clone())]);
    assert_eq!(duplicates(&merged).await, [(json!(survivor), reasons)]);

    let answer = merge(&client, &merged, &survivor).await;
    assert_eq!(answer.expect(200)["status"], "merged");
    assert_eq!(duplicates(&survivor).await, []);
    let found = shown(&client, &survivor, &answer).await;
    let all = |list: &str, member: &str| {
        let items = found[list].as_array().unwrap().iter();
        items.map(|item| (item[member].clone(), item["primary"].clone())).collect::<Vec<_>>()
    };
    let expected = [("rania", false), ("r.haddad", true), ("haddad", false)];
    let expected = expected.map(|(n, first)| (json!(format!("{n}@example.com")), json!(first)));
    assert_eq!(all("emails", "address"), expected);
    let expected = [("+962795550100", true), ("+96265550100", false)];
    assert_eq!(all("phones", "number"), expected.map(|(n, first)| (json!(n), json!(first))));
    assert_eq!(found["tags"], json!(["press", "vip"]));
    assert_eq!(found["notes"][0]["text"], "Prefers the terrace");
    assert_eq!(found["merged_from"], json!([merged]));
    assert_eq!(booked(&client, &survivor).await, [second, first.clone()]);
    assert_eq!(booked(&client, &merged).await, [first]);

    let ended = shown(&client, &merged, &answer).await;
    assert_eq!((&ended["status"], &ended["merged_into"]), (&json!("merged"), &json!(survivor)));
    let listed = client.get("/v1/customers").await.expect(200);
    assert!(!ids(&listed).contains(&merged));
    assert_eq!(ids(&client.get("/v1/customers?status=merged").await.expect(200)), [merged]);
}

#[tokio::test]
async fn a_merged_record_keeps_its_history_and_changes_no_more() {
    let world = World::start().await;
    let client = world.client();
    let home = Uuid::now_v7().to_string();
    let [one, other, third] = [
        register(&client, &rania(&home)).await,
        register(&client, &rania_again(&home)).await,
        register(&client, &bare(&home, "Somebody Else")).await,
    ];
    let note = client.post(&format!("/v1/customers/{one}/notes"), &json!({"text": "Called"})).await;
    let note = note.id(201);
    let merged = merge(&client, &one, &other).await;
    merged.expect(200);
    merge(&client, &one, &other).await.expect(200);
    assert_eq!(client.head().await, merged.position(), "merging again is no new fact");

    let path = format!("/v1/customers/{one}");
    let refusals = [
        client.patch(&path, &json!({"kind": "company"})).await,
        client.post(&format!("{path}/notes"), &json!({"text": "x"})).await,
        client.post(&format!("{path}/notes/{note}/withdraw"), &json!({})).await,
        merge(&client, &one, &third).await,
        merge(&client, &third, &one).await,
        merge(&client, &other, &one).await,
    ];
    for refusal in refusals {
        let problem = refusal.problem(422, "policy-refusal");
        assert_eq!(problem["reason"], "merged", "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(&other), "{problem}");
    }
    assert_eq!(client.head().await, merged.position());
    let history = client.get(&format!("{path}/history")).await.expect(200);
    let types = history["items"].as_array().unwrap().iter();
    let types: Vec<_> = types.map(|event| event["event_type"].as_str().unwrap()).collect();
    assert_eq!(types, ["registered", "note_added", "merged_into"]);
}

#[tokio::test]
async fn whoever_was_merged_books_under_the_record_that_goes_on() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 20).await;
    let home = &hotel.organization;
    let mut records = Vec::new();
    for name in ["First", "Second", "Third"] {
        records.push(register(&client, &bare(home, name)).await);
    }
    let order =
        |customer: &str| with(hotel.booking("2031-05-10", "2031-05-12"), "customer_id", customer);
    let booking = client.post("/v1/bookings", &order(&records[0])).await.id(201);
    merge(&client, &records[0], &records[1]).await.expect(200);
    merge(&client, &records[1], &records[2]).await.expect(200);
    let head = client.head().await;
    let series = |customer: &str| {
        json!({
            "listing_id": hotel.listing, "customer_id": customer, "start": "2031-03-10T09:00",
            "duration_minutes": 90, "rule": "FREQ=WEEKLY;COUNT=6",
            "lines": [{"resource_id": hotel.rooms[0]}],
        })
    };
    for merged in &records[..2] {
        for (path, body) in [("/v1/bookings", order(merged)), ("/v1/series", series(merged))] {
            let problem = client.post(path, &body).await.problem(422, "policy-refusal");
            assert_eq!(problem["reason"], "merged");
            assert_eq!(problem["errors"][0]["field"], "/customer_id");
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains(&records[2]), "the end of the chain is named: {detail}");
        }
    }
    assert_eq!(client.head().await, head);
    let under = client.post("/v1/bookings", &order(&records[2])).await.id(201);
    assert_eq!(booked(&client, &records[2]).await, [under, booking]);
    let path = format!("/v1/customers/{}", records[2]);
    let found = client.get(&path).await.expect(200);
    assert_eq!(found["merged_from"], json!([records[1], records[0]]));
}

#[tokio::test]
async fn what_cannot_be_merged_is_told_and_stays_as_it_is() {
    let world = World::start().await;
    let client = world.client();
    let [home, other] = [(); 2].map(|()| Uuid::now_v7().to_string());
    let one = register(&client, &rania(&home)).await;
    let stranger = register(&client, &rania(&other)).await;
    let unknown = Uuid::now_v7().to_string();
    let head = client.head().await;
    for (merged, into, status, code, reason) in [
        (&one, &one, 422, "policy-refusal", "into_itself"),
        (&one, &stranger, 422, "policy-refusal", "other_organization"),
        (&one, &unknown, 404, "not-found", "customer_not_found"),
    ] {
        let problem = merge(&client, merged, into).await.problem(status, code);
        assert_eq!(problem["reason"], reason);
        assert_eq!(problem["errors"][0]["field"], "/into", "{problem}");
    }
    let problem = merge(&client, &unknown, &one).await.problem(404, "not-found");
    assert_eq!(problem["reason"], "customer_not_found");
    let path = format!("/v1/customers/{one}/merge");
    client.post(&path, &json!({})).await.problem(422, "bad-value");
    client.post(&path, &json!({"into": "x"})).await.problem(422, "bad-value");
    let stale = [("if-match", "\"7\"")];
    let body = json!({ "into": stranger });
    client.post_with(&path, &body, &stale).await.problem(412, "precondition-failed");
    assert_eq!(client.head().await, head);
}
