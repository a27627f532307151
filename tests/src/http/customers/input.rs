//! What nobody should send about a customer: named, and nothing is written.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{rania, register};
use crate::harness::{World, with};

fn wrong_members() -> Vec<(&'static str, Value, &'static str)> {
    let email = |address: &str| json!({ "address": address });
    let primary = |address: &str| json!({"address": address, "primary": true});
    let many: Vec<_> = (0..21).map(|n| email(&format!("a{n}@example.com"))).collect();
    vec![
        ("kind", json!("robot"), "/kind"),
        ("name", json!(""), "/name"),
        ("name", json!(" \t "), "/name"),
        ("name", json!("a\u{0}b"), "/name"),
        ("name", json!("n".repeat(201)), "/name"),
        ("name", json!({"en": "Rania"}), "/name"),
        ("language", json!("not a language"), "/language"),
        ("language", json!(""), "/language"),
        ("zone", json!("Mars/Olympus"), "/zone"),
        ("emails", json!([email("nobody")]), "/emails/0/address"),
        ("emails", json!([email("a@example.com"), email("b@example")]), "/emails/1/address"),
        ("emails", json!([primary("a@example.com"), primary("b@example.com")]), "/emails"),
        ("emails", json!([email("a@example.com"), email("A@example.com")]), "/emails"),
        ("emails", json!(many), "/emails"),
        ("emails", json!(email("a@example.com")), "/emails"),
        ("emails", json!([{"address": "a@example.com", "verified": true}]), "/emails/0/verified"),
        ("emails", json!([{"address": "a@example.com", "colour": 1}]), "/emails/0/colour"),
        ("phones", json!([{"number": "0795550100"}]), "/phones/0/number"),
        ("phones", json!([{"number": "+962"}]), "/phones/0/number"),
        ("phones", json!([{"number": "+9627955501001234"}]), "/phones/0/number"),
        ("phones", json!([{"number": "+44 (0)20 7946 0018"}]), "/phones/0/number"),
        ("phones", json!([{"number": "+962795550100"}, {"number": "+962 795 550100"}]), "/phones"),
        ("tags", json!(["V.I.P."]), "/tags"),
        ("tags", json!(["vip", "vip"]), "/tags"),
        ("colour", json!("red"), "/colour"),
        ("status", json!("merged"), "/status"),
        ("notes", json!([]), "/notes"),
    ]
}

#[tokio::test]
async fn what_is_wrong_with_a_customer_is_named_and_nothing_is_written() {
    let world = World::start().await;
    let client = world.client();
    let body = rania(&Uuid::now_v7().to_string());
    let path = format!("/v1/customers/{}", register(&client, &body).await);
    let head = client.head().await;
    for (member, value, field) in wrong_members() {
        let wrong = with(body.clone(), member, value.clone());
        let problem = client.post("/v1/customers", &wrong).await.any_problem();
        let told = problem["errors"][0]["field"].as_str().unwrap_or_default();
        assert!(told.starts_with(field), "{wrong}: {problem}");
        let problem = client.patch(&path, &json!({ (member): value })).await.any_problem();
        let told = problem["errors"][0]["field"].as_str().unwrap_or_default();
        assert!(told.starts_with(field), "{member}: {problem}");
    }
    for member in ["organization_id", "kind", "name", "language"] {
        let mut lacking = body.clone();
        lacking.as_object_mut().unwrap().remove(member);
        client.post("/v1/customers", &lacking).await.problem(422, "bad-value");
    }
    for member in ["kind", "name", "language"] {
        client.patch(&path, &json!({ (member): null })).await.problem(422, "bad-value");
    }
    let other = json!({"organization_id": Uuid::now_v7()});
    client.patch(&path, &other).await.problem(400, "unknown-field");
    let old = with(body, "id", Uuid::from_u128(1).to_string());
    let problem = client.post("/v1/customers", &old).await.problem(422, "bad-value");
    assert_eq!(problem["errors"][0]["field"], "/id");
    assert_eq!(client.head().await, head);
}

#[tokio::test]
async fn notes_that_cannot_be_kept_are_refused() {
    let world = World::start().await;
    let client = world.client();
    let id = register(&client, &rania(&Uuid::now_v7().to_string())).await;
    let notes = format!("/v1/customers/{id}/notes");
    let note = client.post(&notes, &json!({"text": "n".repeat(2_000)})).await.id(201);
    let head = client.head().await;
    for text in [json!(""), json!(" \n "), json!("n".repeat(2_001)), json!("\u{7}"), json!(null)] {
        let problem = client.post(&notes, &json!({ "text": text })).await.problem(422, "bad-value");
        assert_eq!(problem["errors"][0]["field"], "/text");
    }
    let huge = json!({"text": "n".repeat(1 << 20)});
    client.post(&notes, &huge).await.problem(413, "payload-too-large");
    let again = json!({"id": note, "text": "once more"});
    let problem = client.post(&notes, &again).await.problem(409, "already-exists");
    assert_eq!(problem["reason"], "note_exists");
    let signed = json!({"text": "x", "author": "somebody else"});
    client.post(&notes, &signed).await.problem(400, "unknown-field");

    let unknown = Uuid::now_v7();
    let withdraw = format!("{notes}/{unknown}/withdraw");
    let problem = client.post(&withdraw, &json!({})).await.problem(404, "not-found");
    assert_eq!(problem["reason"], "note_not_found");
    client.post(&format!("{notes}/x/withdraw"), &json!({})).await.problem(404, "not-found");
    for path in ["notes", "merge"].map(|step| format!("/v1/customers/{unknown}/{step}")) {
        let body =
            if path.ends_with("merge") { json!({ "into": id }) } else { json!({"text": "x"}) };
        client.post(&path, &body).await.problem(404, "not-found");
    }
    client.patch(&format!("/v1/customers/{unknown}"), &json!({})).await.problem(404, "not-found");
    for part in ["", "/history", "/duplicates"] {
        let path = format!("/v1/customers/{unknown}{part}");
        client.get(&path).await.problem(404, "not-found");
    }
    client.get("/v1/customers/x/bookings").await.problem(404, "not-found");
    assert_eq!(client.head().await, head);
}
