//! What may not be asked of waiting lists: a problem that names the field, and nothing is written.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Answer, Gig, World, with};

const PATH: &str = "/v1/waiting-list-entries";

#[track_caller]
fn told(answer: &Answer, status: u16) -> (String, String) {
    let problem = answer.any_problem();
    assert_eq!(answer.status, status, "{problem}");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&problem["reason"]), text(&problem["errors"][0]["field"]))
}

fn is(reason: &str, field: &str) -> (String, String) {
    (reason.to_owned(), field.to_owned())
}

#[tokio::test]
async fn what_cannot_be_waited_for_is_named_and_nothing_is_written() {
    let world = World::start().await;
    let (gig, _) = Gig::sold_out(&world.client(), 2).await;
    let good = gig.waiting(1, 0);
    let line =
        |member: &str, value: Value| with(good.clone(), "line", with(gig.line(1), member, value));
    let head = gig.client.head().await;
    for (body, status, reason, field) in [
        (line("quantity", json!(0)), 422, "", "/line/quantity"),
        (line("quantity", json!("two")), 422, "", "/line/quantity"),
        (line("quantity", json!(3)), 422, "never_free", "/line/quantity"),
        (line("session_id", json!(Uuid::now_v7())), 404, "session_not_found", "/line/session_id"),
        (line("offer", json!("none")), 422, "", "/line/offer"),
        (line("seats", json!(["stalls/A-1"])), 422, "", "/line/seats"),
        (line("arrival", json!("2031-01-01")), 422, "", "/line/arrival"),
        (with(good.clone(), "line", json!({})), 422, "", "/line/resource_id"),
        (with(good.clone(), "priority", json!(101)), 422, "", "/priority"),
        (with(good.clone(), "customer_id", json!("x")), 422, "", "/customer_id"),
        (with(good.clone(), "id", json!(Uuid::from_u128(7))), 422, "", "/id"),
        (
            with(good.clone(), "wait_until", json!("2020-01-01T00:00:00Z")),
            422,
            "deadline_passed",
            "/wait_until",
        ),
        (
            with(good.clone(), "listing_id", json!(Uuid::now_v7())),
            404,
            "listing_not_found",
            "/listing_id",
        ),
        (with(good.clone(), "colour", json!("red")), 400, "", "/colour"),
    ] {
        let answer = gig.client.post(PATH, &body).await;
        assert_eq!(told(&answer, status), is(reason, field), "{body}");
    }
    assert_eq!(gig.client.head().await, head);
    let missing = json!({"listing_id": gig.listing, "customer_id": Uuid::now_v7()});
    gig.client.post(PATH, &missing).await.problem(422, "bad-value");
}

#[tokio::test]
async fn nobody_waits_twice_nor_for_what_is_free_or_over() {
    let world = World::start().await;
    let client = world.client();
    let (gig, bookings) = Gig::sold_out(&client, 2).await;
    let first = gig.waiting(1, 0);
    let id = client.post(PATH, &first).await.id(201);
    let twice = client.post(PATH, &first).await;
    assert_eq!(told(&twice, 422), is("already_waiting", "/customer_id"));
    let same_id = client.post(PATH, &with(gig.waiting(1, 0), "id", json!(id))).await;
    assert_eq!(told(&same_id, 409), is("already_exists", "/id"));

    // both places are free, and only one is needed by who waits
    gig.cancel(&bookings[0]).await.expect(200);
    gig.cancel(&bookings[1]).await.expect(200);
    let free = client.post(PATH, &gig.waiting(1, 0)).await;
    assert_eq!(told(&free, 422), is("still_free", "/line"));
    gig.client.post(PATH, &gig.waiting(2, 0)).await.id(201);

    let begun = json!({
        "listing_id": gig.listing, "start": "2024-06-24T17:00:00Z", "end": "2024-06-24T20:00:00Z",
        "pools": [{"code": "hall", "capacity": 0}],
        "offers": [{
            "code": "any", "name": {"en": "any"}, "price": {"minor": 1, "currency": "JOD"},
            "draws": [{"pool": "hall", "places": 1}],
        }],
    });
    let begun = Gig { session: client.post("/v1/sessions", &begun).await.id(201), ..gig.clone() };
    let head = client.head().await;
    let late = client.post(PATH, &begun.waiting(1, 0)).await;
    assert_eq!(told(&late, 422), is("no_longer_on_sale", "/line/session_id"));
    assert_eq!(client.head().await, head);
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let world = World::start().await;
    let (gig, _) = Gig::sold_out(&world.client(), 1).await;
    let nobody = Uuid::now_v7().to_string();
    for step in ["accept", "decline", "leave"] {
        let answer = gig.step(&nobody, step, json!({})).await;
        assert_eq!(answer.problem(404, "not-found")["reason"], "waiting_list_entry_not_found");
    }
    let answer = gig.step(&nobody, "prioritize", json!({"priority": 1})).await;
    answer.problem(404, "not-found");
    let client = &gig.client;
    client.get(&format!("{PATH}/{nobody}")).await.problem(404, "not-found");
    client.get(&format!("/v1/waiting-lists/{nobody}")).await.problem(404, "not-found");
    client
        .get(&format!("/v1/waiting-lists/{}/history", gig.session))
        .await
        .problem(404, "not-found");
    let patch = json!({"offer_minutes": 5});
    client.patch(&format!("/v1/waiting-lists/{nobody}"), &patch).await.problem(404, "not-found");
    for list in [&nobody, &gig.session] {
        let path = format!("/v1/waiting-lists/{list}/distribute");
        let answer = client.post(&path, &json!({})).await.problem(404, "not-found");
        assert_eq!(answer["reason"], "waiting_list_not_found");
    }
    let entry = gig.join(1, 0).await;
    let early = gig.step(&entry, "accept", json!({})).await.problem(422, "policy-refusal");
    assert_eq!(early["reason"], "not_offered");
    gig.step(&entry, "prioritize", json!({"priority": -1})).await.problem(422, "bad-value");
    let zero = json!({"offer_minutes": 0});
    let path = format!("/v1/waiting-lists/{}", gig.session);
    client.patch(&path, &zero).await.problem(422, "bad-value");
    let both = format!("{PATH}?session_id={nobody}&resource_id={nobody}");
    client.get(&both).await.problem(400, "bad-query");
}

#[tokio::test]
async fn who_may_only_read_may_not_wait() {
    let world = World::start().await;
    let (gig, _) = Gig::sold_out(&world.client(), 1).await;
    let key = json!({"name": "reader", "rights": ["read"]});
    let key = gig.client.post("/v1/api-keys", &key).await.expect(201);
    let reader = gig.client.with_key(key["key"].as_str().expect("a new key is told once"));
    let entry = gig.join(1, 0).await;
    reader.post(PATH, &gig.waiting(1, 0)).await.problem(403, "forbidden");
    for step in ["leave", "accept", "decline"] {
        let path = format!("{PATH}/{entry}/{step}");
        reader.post(&path, &json!({})).await.problem(403, "forbidden");
    }
    let path = format!("/v1/waiting-lists/{}", gig.session);
    reader.post(&format!("{path}/distribute"), &json!({})).await.problem(403, "forbidden");
    reader.get(&path).await.expect(200);
}
