//! Records that are merged into each other at the same moment: one goes on, and nothing is lost.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Outcome, race, rotated, two_servers};
use crate::harness::{Client, Row};

/// What the log says of one record.
#[derive(Default)]
struct Record {
    /// What it ever had: addresses, tags and notes.
    known: BTreeSet<String>,
    into: Option<String>,
}

/// What is wrong with the records of a log: those that end in a circle, and what is missing where they ended.
fn unsound(events: &[Row]) -> Vec<String> {
    let mut records = BTreeMap::<&str, Record>::new();
    let mut wrong = Vec::new();
    for event in events {
        let record = records.entry(&event.aggregate_id).or_default();
        if record.into.is_some() {
            wrong.push(format!("{} goes on after its end", event.aggregate_id));
        }
        let content = &event.payload[&event.event_type];
        record.into = content["survivor"].as_str().map(str::to_owned);
        record.known.extend(facts(content));
    }
    for (id, record) in &records {
        let mut path = vec![*id];
        while let Some(into) = records[path[path.len() - 1]].into.as_deref() {
            if path.contains(&into) {
                wrong.push(format!("{id} ends in a circle"));
                break;
            }
            path.push(into);
        }
        let end = &records[path[path.len() - 1]];
        if !end.known.is_superset(&record.known) {
            wrong.push(format!("{id} lost something on its way"));
        }
    }
    wrong
}

/// The addresses, tags and notes that an event brings.
fn facts(content: &Value) -> Vec<String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let emails = list(&content["personal"]["emails"]).into_iter();
    let notes = list(&content["personal"]["notes"]).into_iter();
    let mut facts: Vec<_> = emails.filter_map(|way| text(&way["value"])).collect();
    facts.extend(notes.filter_map(|note| text(&note["id"])));
    facts.extend(list(&content["tags"]).iter().filter_map(text));
    facts.extend(text(&content["note"]));
    facts
}

async fn register(client: &Client, organization: &str, name: &str) -> String {
    let body = json!({
        "organization_id": organization, "kind": "person", "name": name, "language": "en",
        "emails": [{"address": format!("{name}@example.com")}], "tags": [name],
    });
    let id = client.post("/v1/customers", &body).await.id(201);
    client.post(&format!("/v1/customers/{id}/notes"), &json!({"text": name})).await.id(201);
    id
}

/// Sends a merge. Whoever comes too late hears that a record ended; anything else is a fault.
async fn merge(client: Client, merged: String, into: String) -> Outcome {
    let path = format!("/v1/customers/{merged}/merge");
    let answer = client.post(&path, &json!({ "into": into })).await;
    if answer.status == 200 {
        return Outcome::Sold;
    }
    assert_eq!(answer.problem(422, "policy-refusal")["reason"], "merged");
    Outcome::SoldOut
}

#[tokio::test]
async fn of_merges_that_cross_one_is_made_and_nothing_is_lost() {
    let world = two_servers().await;
    let clients = world.clients();
    let organization = Uuid::now_v7().to_string();
    for round in 0..8 {
        let one = register(&clients[0], &organization, &format!("one{round}")).await;
        let other = register(&clients[1], &organization, &format!("other{round}")).await;
        let merges = (0..12).map(|number| {
            let (merged, into) = if number / 2 % 2 == 0 { (&one, &other) } else { (&other, &one) };
            merge(rotated(&clients, number).remove(0), merged.clone(), into.clone())
        });
        // the same merge once more is answered as the first; the one that crosses it never
        assert_eq!(race(merges.collect()).await, (6, 6));
    }
    let audit = world.audit().await;
    audit.assert_sound().await;
    let events = audit.events("customer").await;
    assert_eq!(unsound(&events), [""; 0]);
    let ended = |events: &[Row]| events.iter().filter(|e| e.event_type == "merged_into").count();
    assert_eq!(ended(&events), 8);

    // the control: if the merge that crossed had been made as well, it would be seen
    let survivor = events.iter().find(|event| event.event_type == "took_over").unwrap().clone();
    let merged = survivor.payload["took_over"]["merged"].clone();
    let payload = json!({"merged_into": {"survivor": merged}});
    let crossing = Row { event_type: "merged_into".to_owned(), payload, ..survivor.clone() };
    let mut forged = events.clone();
    forged.push(crossing);
    assert!(unsound(&forged).iter().any(|wrong| wrong.ends_with("in a circle")));
    // and so would a survivor that took nothing over
    let robbed: Vec<_> =
        events.into_iter().filter(|event| event.position != survivor.position).collect();
    assert_ne!(unsound(&robbed), [""; 0]);
}

#[tokio::test]
async fn a_ring_of_merges_ends_in_one_record() {
    let world = two_servers().await;
    let clients = world.clients();
    let organization = Uuid::now_v7().to_string();
    for round in 0..6 {
        let mut ring = Vec::new();
        for number in 0..5 {
            ring.push(register(&clients[0], &organization, &format!("r{round}n{number}")).await);
        }
        let merges = (0..10).map(|number| {
            let (merged, into) = (&ring[number % 5], &ring[(number + 1) % 5]);
            merge(rotated(&clients, number).remove(0), merged.clone(), into.clone())
        });
        let (made, refused) = race(merges.collect()).await;
        assert!(made >= 2 && refused >= 2, "a ring is never closed: {made} made");
    }
    let audit = world.audit().await;
    audit.assert_sound().await;
    assert_eq!(unsound(&audit.events("customer").await), [""; 0]);
}

#[tokio::test]
async fn what_was_noted_while_records_were_merged_is_not_lost() {
    let world = two_servers().await;
    let clients = world.clients();
    let organization = Uuid::now_v7().to_string();
    for round in 0..6 {
        let one = register(&clients[0], &organization, &format!("one{round}")).await;
        let other = register(&clients[0], &organization, &format!("other{round}")).await;
        let notes = (0..16).map(|number| {
            let client = rotated(&clients, number).remove(0);
            let (one, other) = (one.clone(), other.clone());
            async move {
                if number == 8 {
                    return merge(client, one, other).await;
                }
                let path = format!("/v1/customers/{one}/notes");
                let answer = client.post(&path, &json!({"text": format!("note {number}")})).await;
                if answer.status == 201 {
                    return Outcome::Sold;
                }
                assert_eq!(answer.problem(422, "policy-refusal")["reason"], "merged");
                Outcome::SoldOut
            }
        });
        let (made, _) = race(notes.collect()).await;
        let path = format!("/v1/customers/{other}?min_position={}", clients[0].head().await);
        let found = clients[0].get(&path).await.expect(200);
        // all that was accepted, with the notes both had before, less the merge itself
        assert_eq!(found["notes"].as_array().map(Vec::len), Some(made + 1));
    }
    let audit = world.audit().await;
    audit.assert_sound().await;
    assert_eq!(unsound(&audit.events("customer").await), [""; 0]);
}
