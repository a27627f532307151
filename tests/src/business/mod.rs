//! One day of work for each kind of business, from its registration to its reports, and through a restart.

mod accounts;
mod appointments;
mod events;
mod rooms;
mod travel;

use serde_json::{Value, json};

use crate::{
    faults::assert_projections_hold,
    harness::{Answer, Client, World, with},
};

/// Registers an organization.
async fn register(client: &Client, name: &str, zone: &str, currency: &str) -> String {
    let body =
        json!({"name": {"en": name}, "zone": zone, "currency": currency, "weekend": "sat_sun"});
    client.post("/v1/organizations", &body).await.id(201)
}

/// Puts something on offer.
async fn offer(client: &Client, organization: &str, kind: &str, terms: Value) -> String {
    let profile = now(client, &format!("/v1/organizations/{organization}")).await;
    let mut body = json!({
        "organization_id": organization, "kind": kind, "name": {"en": kind},
        "zone": profile["zone"], "currency": profile["currency"],
    });
    for (member, value) in terms.as_object().expect("terms are named") {
        body = with(body, member, value.clone());
    }
    client.post("/v1/listings", &body).await.id(201)
}

/// Sends a step of a booking that must be taken.
async fn step(client: &Client, booking: &str, step: &str, body: Value) -> Answer {
    let answer = client.post(&format!("/v1/bookings/{booking}/{step}"), &body).await;
    answer.expect(200);
    answer
}

/// A path as of now.
async fn now(client: &Client, path: &str) -> Value {
    let joint = if path.contains('?') { '&' } else { '?' };
    let path = format!("{path}{joint}min_position={}", client.head().await);
    client.get(&path).await.expect(200)
}

/// The types of the events of a booking, oldest first.
async fn history(client: &Client, booking: &str) -> Vec<String> {
    let history = client.get(&format!("/v1/bookings/{booking}/history")).await.expect(200);
    let types = history["items"].as_array().expect("events").iter();
    types.map(|event| event["event_type"].as_str().expect("a type").to_owned()).collect()
}

/// A measure of a listing, from its report.
async fn measure(client: &Client, listing: &str, name: &str) -> i64 {
    let path = format!("/v1/analytics/bookings?group_by=listing&listing_id={listing}");
    let report = now(client, &path).await;
    let rows = report["items"].as_array().expect("rows").iter();
    rows.map(|row| row[name].as_i64().unwrap_or_else(|| panic!("{name} in {row}"))).sum()
}

/// Stops the server and starts it again: what it shows is what it showed, the log is sound, and each read model equals
/// its rebuild.
async fn comes_back(world: &mut World, paths: &[String]) {
    let client = world.client();
    let mut before = Vec::new();
    for path in paths {
        before.push(now(&client, path).await);
    }
    let status = world.server().stop().await;
    assert!(status.success(), "{status}\n{}", world.server().tail());
    world.server().start_again().await;
    for (path, before) in paths.iter().zip(before) {
        assert_eq!(now(&client, path).await, before, "{path}");
    }
    world.audit().await.assert_sound().await;
    assert_projections_hold(world).await;
}
