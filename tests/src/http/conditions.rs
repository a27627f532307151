//! Entity tags and `If-Match`: a change of what the client saw, or none.

use serde_json::json;

use crate::harness::{Hotel, World};

#[tokio::test]
async fn a_command_on_what_was_seen_is_done_and_on_what_changed_is_not() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    let answer = client.post("/v1/bookings", &hotel.booking("2031-05-30", "2031-06-02")).await;
    let id = answer.id(201);
    let path = format!("/v1/bookings/{id}");
    let seen = client.get(&format!("{path}?min_position={}", answer.position())).await;
    let etag = seen.header("etag").to_owned();
    assert_eq!(etag, "\"1\"");

    let amend = format!("{path}/amend");
    let body = json!({"lines": [hotel.line("2031-05-30", "2031-06-03")]});
    let amended = client.post_with(&amend, &body, &[("if-match", &etag)]).await;
    amended.expect(200);
    let stale =
        client.post_with(&format!("{path}/cancel"), &json!({}), &[("if-match", &etag)]).await;
    stale.problem(412, "precondition-failed");
    assert_eq!(client.head().await, amended.position());

    let seen = client.get(&format!("{path}?min_position={}", amended.position())).await;
    assert_eq!(seen.header("etag"), "\"2\"");
    let fresh = [("if-match", "\"2\"")];
    client.post_with(&format!("{path}/cancel"), &json!({}), &fresh).await.expect(200);
}

#[tokio::test]
async fn listings_resources_and_payments_have_etags_too() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    let booking = client.post("/v1/bookings", &hotel.booking("2031-05-30", "2031-06-02")).await;
    let payment = json!({
        "booking_id": booking.id(201),
        "amount": {"minor": 100, "currency": "EUR"},
        "method": "cash",
        "captured": false,
    });
    let payment = client.post("/v1/payments", &payment).await;
    let position = payment.position();
    let paths = [
        (format!("/v1/listings/{}", hotel.listing), "archive", json!({})),
        (format!("/v1/resources/{}", hotel.rooms[0]), "limits", json!({"capacity": 6})),
        (format!("/v1/payments/{}", payment.id(201)), "void", json!({})),
    ];
    for (path, command, body) in paths {
        let seen = client.get(&format!("{path}?min_position={position}")).await;
        seen.expect(200);
        let etag = seen.header("etag").to_owned();
        assert!(etag.starts_with('"') && etag.ends_with('"'), "{path}: {etag}");
        let command = format!("{path}/{command}");
        let wrong = client.post_with(&command, &body, &[("if-match", "\"999\"")]).await;
        wrong.problem(412, "precondition-failed");
        client.post_with(&command, &body, &[("if-match", &etag)]).await.expect(200);
    }
}

#[tokio::test]
async fn a_patch_of_what_was_seen_is_made_and_of_what_changed_is_not() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    for path in
        [format!("/v1/listings/{}", hotel.listing), format!("/v1/resources/{}", hotel.rooms[0])]
    {
        let seen = [("if-match", "\"1\"")];
        let patch = json!({"name": {"en": "Another"}});
        client.patch_with(&path, &patch, &seen).await.expect(200);
        let later = json!({"name": {"en": "A third"}});
        let stale = client.patch_with(&path, &later, &seen).await;
        stale.problem(412, "precondition-failed");
    }
}

#[tokio::test]
async fn of_two_changes_of_what_was_seen_one_is_done() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    let path = format!("/v1/resources/{}", hotel.rooms[0]);
    let etag = client.get(&format!("{path}?min_position={}", hotel.position)).await;
    let etag = etag.header("etag").to_owned();
    let headers = [("if-match", &*etag)];
    let command = format!("{path}/limits");
    let bodies: Vec<_> = (10..18).map(|capacity| json!({ "capacity": capacity })).collect();
    let posts = bodies.iter().map(|body| client.post_with(&command, body, &headers));
    let answers = futures::future::join_all(posts).await;
    let done = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(done, 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.problem(412, "precondition-failed");
    }
}
