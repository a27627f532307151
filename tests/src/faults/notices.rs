//! kill -9 between any two steps of telling a customer: each notice is written once, and none is lost.

use std::{collections::BTreeSet, time::Duration};

use rand::RngExt;
use serde_json::Value;
use tempfile::TempDir;

use super::assert_projections_hold;
use crate::{
    harness::{Hotel, Load, World},
    http::notices::{delivery::taken, settled},
};

const ROUNDS: usize = 8;

#[tokio::test]
async fn each_notice_is_written_once_and_delivered_whenever_the_server_is_killed() {
    let home = TempDir::new().unwrap();
    let file = home.path().join("notices.ndjson");
    let destination = format!("file:{}", file.display());
    let mut world = World::start_with(&[("DAYBOOK_NOTICES", &destination)]).await;
    let hotel = Hotel::with_rooms(&world.client(), &[30, 30]).await;
    let load = Load::start(&world.clients(), &hotel, 4);
    for _ in 0..ROUNDS {
        load.go_on_for(5).await;
        tokio::time::sleep(Duration::from_millis(rand::rng().random_range(0..900))).await;
        world.server().kill();
        world.server().start_again().await;
    }
    load.go_on_for(5).await;
    let ledger = load.finish().await;
    let client = world.client();
    settled(&client).await;

    let events = client.feed(0).await;
    let of = |kind: &str, name: &str| -> Vec<&Value> {
        let wanted =
            |event: &&Value| event["aggregate_type"] == kind && event["event_type"] == name;
        events.iter().filter(wanted).collect()
    };
    // One notice for each fact; those about the same fact would have the same booking and cause.
    let letter = |event: &Value| {
        let written = &event["data"]["written"];
        let letter = &written["letter"];
        let kind = letter["message"].as_object().and_then(|kind| kind.keys().next().cloned());
        (letter["topic"]["booking"].to_string(), written["cause"].to_string(), kind)
    };
    let written = of("notice", "written");
    let facts: BTreeSet<_> = written.iter().map(|event| letter(event)).collect();
    assert_eq!(facts.len(), written.len(), "a fact was told twice");
    let confirmations = facts.iter().filter(|(_, _, kind)| kind.as_deref() == Some("confirmed"));
    let confirmed = of("booking", "booked").len() + of("booking", "confirmed").len();
    assert_eq!(confirmations.count(), confirmed, "a fact was told to nobody");
    assert!(confirmed >= ledger.confirmed.len() && confirmed > ROUNDS, "{confirmed}");
    // All of it went out. A notice that went out just before a kill may have gone out again, under its key.
    let delivered = of("notice", "delivered");
    let keys: BTreeSet<_> = delivered.iter().map(|event| event["aggregate_id"].as_str()).collect();
    assert_eq!(keys.len(), delivered.len(), "a delivery was recorded twice");
    let taken = taken(&file);
    let gone_out: BTreeSet<_> = taken.keys().map(|key| Some(key.as_str())).collect();
    let differences: Vec<_> = keys.symmetric_difference(&gone_out).collect();
    assert!(differences.is_empty(), "{differences:?}");
    let twice = taken.values().filter(|copies| copies.len() > 1).count();
    assert!(twice <= ROUNDS * 64, "{twice} went out twice");
    assert!(taken.values().all(|copies| copies.iter().all(|copy| *copy == copies[0])));
    assert_projections_hold(&world).await;
}
