//! Organizations: registered, changed, and who works for them.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Client, World, with};

fn nights_of_amman() -> Value {
    json!({
        "name": {"en": "Nights of Amman", "ar": "ليالي عمّان"},
        "contact": {"email": "desk@example.com", "phone": "+962 6 555 0100"},
        "zone": "Asia/Amman",
        "currency": "JOD",
        "weekend": "fri_sat",
    })
}

async fn shown(client: &Client, path: &str, position: i64) -> Value {
    client.get(&format!("{path}?min_position={position}")).await.expect(200)
}

#[tokio::test]
async fn an_organization_is_registered_and_found() {
    let world = World::start().await;
    let client = world.client();
    let made = client.post("/v1/organizations", &nights_of_amman()).await;
    let path = format!("/v1/organizations/{}", made.id(201));
    let found = shown(&client, &path, made.position()).await;
    for (member, value) in nights_of_amman().as_object().unwrap() {
        assert_eq!(&found[member], value, "{member}");
    }
    assert_eq!(found["members"], json!([]));
    let page = client.get("/v1/organizations").await.expect(200);
    assert_eq!(page["items"], json!([found]));

    let unknown = format!("/v1/organizations/{}", Uuid::now_v7());
    let problem = client.get(&unknown).await.problem(404, "not-found");
    assert_eq!(problem["reason"], "organization_not_found");
    client.patch(&unknown, &json!({})).await.problem(404, "not-found");
}

#[tokio::test]
async fn a_patch_records_what_it_changed_and_nothing_else() {
    let world = World::start().await;
    let client = world.client();
    let made = client.post("/v1/organizations", &nights_of_amman()).await;
    let path = format!("/v1/organizations/{}", made.id(201));
    let patch = json!({
        "name": {"en": "Amman Nights"},
        "contact": {"phone": null, "website": "https://example.com"},
        "weekend": "fri_sat",
    });
    let patched = client.patch(&path, &patch).await;
    patched.expect(200);
    let found = shown(&client, &path, patched.position()).await;
    assert_eq!(found["name"], json!({"en": "Amman Nights", "ar": "ليالي عمّان"}));
    let contact = json!({"email": "desk@example.com", "website": "https://example.com"});
    assert_eq!(found["contact"], contact);

    let again = client.patch(&path, &patch).await;
    again.expect(200);
    assert_eq!(client.head().await, patched.position());
    let history = client.get(&format!("{path}/history")).await.expect(200);
    let revised = &history["items"][1]["data"]["revised"];
    let mut members: Vec<_> = revised.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["at", "contact", "name"]);
}

#[tokio::test]
async fn members_come_change_and_go_but_an_owner_stays() {
    let world = World::start().await;
    let client = world.client();
    let path = format!(
        "/v1/organizations/{}",
        client.post("/v1/organizations", &nights_of_amman()).await.id(201)
    );
    let members = format!("{path}/members");
    let [owner, staff] = [Uuid::now_v7(), Uuid::now_v7()];
    let member = |id: Uuid, role| json!({"id": id, "name": "Rania Haddad", "role": role});
    client.post(&members, &member(owner, "owner")).await.expect(201);
    client.post(&members, &member(staff, "staff")).await.expect(201);
    let problem = client.post(&members, &member(staff, "staff")).await;
    let problem = problem.problem(409, "already-exists");
    assert_eq!(
        (&problem["reason"], &problem["errors"][0]["field"]),
        (&json!("already_member"), &json!("/id"))
    );

    let remove_owner = format!("{members}/{owner}/remove");
    let problem = client.post(&remove_owner, &json!({})).await.problem(422, "policy-refusal");
    assert_eq!(problem["reason"], "last_owner");
    let role = format!("{members}/{staff}/role");
    client.post(&role, &json!({"role": "owner"})).await.expect(200);
    let removed = client.post(&remove_owner, &json!({})).await;
    removed.expect(200);
    let found = shown(&client, &path, removed.position()).await;
    assert_eq!(found["members"], json!([member(staff, "owner")]));
    client.post(&remove_owner, &json!({})).await.problem(404, "not-found");
    client.post(&format!("{members}/x/remove"), &json!({})).await.problem(404, "not-found");
    client.post(&format!("{members}/%ff/remove"), &json!({})).await.problem(404, "not-found");

    let history = client.get(&format!("{path}/history")).await.expect(200);
    let types = history["items"].as_array().unwrap().iter();
    let types: Vec<_> = types.map(|event| event["event_type"].as_str().unwrap()).collect();
    let expected = ["registered", "member_added", "member_added", "role_changed", "member_removed"];
    assert_eq!(types, expected);
}

#[tokio::test]
async fn what_is_wrong_with_an_organization_is_named_and_nothing_is_written() {
    let world = World::start().await;
    let client = world.client();
    let made = client.post("/v1/organizations", &nights_of_amman()).await;
    let path = format!("/v1/organizations/{}", made.id(201));
    for (member, value, field) in [
        ("zone", json!("Mars/Olympus"), "/zone"),
        ("currency", json!("XXX"), "/currency"),
        ("weekend", json!("sun_mon"), "/weekend"),
        ("name", json!({}), "/name"),
        ("name", json!({"not a tag": "x"}), "/name"),
        ("contact", json!({"email": "nobody"}), "/contact/email"),
        ("contact", json!({"phone": "06 555"}), "/contact/phone"),
        ("contact", json!({"website": "http://example.com"}), "/contact/website"),
        ("contact", json!({"fax": "+962 6 555 0100"}), "/contact/fax"),
        ("colour", json!("red"), "/colour"),
        ("occurred_at", json!("soon"), "/occurred_at"),
    ] {
        let body = with(nights_of_amman(), member, value.clone());
        let problem = client.post("/v1/organizations", &body).await.any_problem();
        assert_eq!(problem["errors"][0]["field"], field, "{body}: {problem}");
        let patch = json!({ (member): value });
        if member != "name" || patch["name"] != json!({}) {
            let problem = client.patch(&path, &patch).await.any_problem();
            assert_eq!(problem["errors"][0]["field"], field, "{patch}: {problem}");
        }
    }
    for member in ["name", "zone", "currency", "weekend"] {
        client.patch(&path, &json!({ (member): null })).await.problem(422, "bad-value");
    }
    let post = client.post_bytes(&path, b"{}".as_slice()).await;
    post.problem(405, "method-not-allowed");
    assert_eq!(client.head().await, made.position());
}

#[tokio::test]
async fn a_patch_says_that_it_is_one() {
    let world = World::start().await;
    let client = world.client();
    let made = client.post("/v1/organizations", &nights_of_amman()).await;
    let path = format!("/v1/organizations/{}", made.id(201));
    let request = client.request(reqwest::Method::PATCH, &path).json(&json!({"zone": "UTC"}));
    crate::harness::send(request).await.problem(415, "unsupported-media-type");
    for wrong in [json!([]), json!(null), json!("x")] {
        client.patch(&path, &wrong).await.any_problem();
    }
    assert_eq!(client.head().await, made.position());
}

#[tokio::test]
async fn a_patch_reaches_the_owner_of_the_log_and_is_made_once() {
    let mut world = World::start().await;
    world.add_server().await;
    let clients = world.clients();
    let (one, other) = (&clients[0], &clients[1]);
    let made = one.post("/v1/organizations", &nights_of_amman()).await;
    let path = format!("/v1/organizations/{}", made.id(201));
    for (n, client) in [one, other].into_iter().enumerate() {
        let patch = json!({"name": {"en": format!("Nights {n}")}});
        let key = format!("patch-{n}");
        let first = client.patch_with(&path, &patch, &[("idempotency-key", &key)]).await;
        first.expect(200);
        for client in [one, other] {
            let again = client.patch_with(&path, &patch, &[("idempotency-key", &key)]).await;
            assert_eq!((again.status, &again.body), (200, &first.body));
        }
        assert_eq!(client.head().await, first.position());
    }
}
