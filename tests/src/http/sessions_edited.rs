//! Sessions that are edited while they are sold, and the wall clock they go by.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Client, World, order};

/// A class of twenty in Amman, under a listing of its own.
async fn class(client: &Client) -> (String, String) {
    let listing = json!({
        "organization_id": Uuid::now_v7(), "kind": "experience", "name": {"en": "Pottery"},
        "zone": "Asia/Amman", "currency": "JOD",
    });
    let listing = client.post("/v1/listings", &listing).await.id(201);
    let session = json!({
        "listing_id": listing,
        "start": "2031-06-24T17:00:00Z",
        "end": "2031-06-24T22:30:00Z",
        "pools": [{"code": "bench", "capacity": 20}],
        "offers": [{
            "code": "adult", "name": {"en": "Adult"},
            "price": {"minor": 25_000, "currency": "JOD"},
            "draws": [{"pool": "bench", "places": 1}],
        }],
    });
    let session = client.post("/v1/sessions", &session).await.id(201);
    (listing, session)
}

async fn book(client: &Client, listing: &str, session: &str) -> String {
    let request = order(listing, &[json!({"session_id": session, "offer": "adult"})]);
    client.post("/v1/bookings", &request).await.id(201)
}

fn title(title: &str) -> Value {
    json!({"title": {"en": title}})
}

#[tokio::test]
async fn a_session_is_edited_as_it_was_seen_although_it_is_being_sold() {
    let world = World::start().await;
    let client = world.client();
    let (listing, session) = class(&client).await;
    let path = format!("/v1/sessions/{session}");
    let tag = async |position| {
        let seen = client.get(&format!("{path}?min_position={position}")).await;
        let shown = seen.expect(200);
        assert_eq!(seen.header("etag"), format!("\"{}\"", shown["version"]), "{shown}");
        (seen.header("etag").to_owned(), shown["sequence"].clone())
    };
    let (etag, _) = tag(client.head().await).await;
    let mut bookings = Vec::new();
    for _ in 0..10 {
        bookings.push(book(&client, &listing, &session).await);
    }
    client.post(&format!("/v1/bookings/{}/cancel", bookings[0]), &json!({})).await.expect(200);
    assert_eq!(tag(client.head().await).await, (etag.clone(), json!(12)));

    let seen = [("if-match", &*etag)];
    let edited = client.patch_with(&path, &title("Bowls"), &seen).await;
    edited.expect(200);
    let stale = client.patch_with(&path, &title("Plates"), &seen).await;
    stale.problem(412, "precondition-failed");
    assert_eq!(client.head().await, edited.position());
    let stale = client.post_with(&format!("{path}/close-sales"), &json!({}), &seen).await;
    stale.problem(412, "precondition-failed");

    let (etag, _) = tag(edited.position()).await;
    assert_eq!(etag, "\"2\"");
    let seen = [("if-match", &*etag)];
    let time = json!({"start": "2031-06-25T17:00:00Z", "end": "2031-06-25T22:30:00Z"});
    client.post_with(&format!("{path}/move"), &time, &seen).await.expect(200);
    let (etag, _) = tag(client.head().await).await;
    // what changes nothing leaves the tag as it is
    client.post(&format!("{path}/move"), &time).await.expect(200);
    client.post(&format!("{path}/reopen-sales"), &json!({})).await.expect(200);
    assert_eq!(tag(client.head().await).await.0, etag);
    let unknown = format!("/v1/sessions/{}", Uuid::now_v7());
    let any = [("if-match", "*")];
    client.patch_with(&unknown, &title("None"), &any).await.problem(412, "precondition-failed");
    client.patch_with(&path, &title("Cups"), &any).await.expect(200);
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn of_two_edits_of_what_was_seen_one_is_made() {
    let world = World::start().await;
    let client = world.client();
    let (listing, session) = class(&client).await;
    let path = format!("/v1/sessions/{session}");
    let seen = [("if-match", "\"1\"")];
    let patches: Vec<_> = (0..8).map(|number| title(&format!("Class {number}"))).collect();
    let edits = patches.iter().map(|patch| client.patch_with(&path, patch, &seen));
    let sale = async {
        for _ in 0..8 {
            book(&client, &listing, &session).await;
        }
    };
    let (edits, ()) = tokio::join!(futures::future::join_all(edits), sale);
    assert_eq!(edits.iter().filter(|edit| edit.status == 200).count(), 1);
    for edit in edits.iter().filter(|edit| edit.status != 200) {
        edit.problem(412, "precondition-failed");
    }
}

#[tokio::test]
async fn a_session_tells_its_times_on_the_wall_clock_where_it_takes_place() {
    let world = World::start().await;
    let client = world.client();
    let (listing, session) = class(&client).await;
    let booking = book(&client, &listing, &session).await;
    let position = client.head().await;
    let path = format!("/v1/sessions/{session}?min_position={position}");
    let one = client.get(&path).await.expect(200);
    let page = client.get("/v1/sessions").await.expect(200);
    for shown in [&one, &page["items"][0]] {
        let times = ["start", "end", "starts_local", "ends_local", "zone"];
        let expected = [
            "2031-06-24T17:00:00Z",
            "2031-06-24T22:30:00Z",
            "2031-06-24T20:00:00",
            "2031-06-25T01:30:00",
            "Asia/Amman",
        ];
        assert_eq!(times.map(|member| shown[member].as_str().unwrap()), expected);
    }
    let booked = client.get(&format!("/v1/bookings/{booking}")).await.expect(200);
    for member in ["starts_local", "ends_local", "zone"] {
        assert_eq!(booked["lines"][0][member], one[member], "{member}");
    }
}
