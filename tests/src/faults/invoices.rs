//! kill -9 while invoices are issued by themselves: each booking is invoiced once, for what it costs, and no number is
//! lost.

use std::{collections::BTreeMap, time::Duration};

use rand::RngExt;

use super::assert_projections_hold;
use crate::{
    harness::{Hotel, Load, World, eventually},
    http::invoices::register,
};

const ROUNDS: usize = 6;
/// Far longer than it takes to issue a document.
const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn each_booking_is_invoiced_once_whenever_the_server_is_killed() {
    let mut world = World::start().await;
    let hotel = Hotel::with_rooms(&world.client(), &[30, 30]).await;
    register(&world.client(), &hotel, true).await;
    let load = Load::start(&world.clients(), &hotel, 4);
    for _ in 0..ROUNDS {
        load.go_on_for(5).await;
        tokio::time::sleep(Duration::from_millis(rand::rng().random_range(0..900))).await;
        world.server().kill();
        world.server().start_again().await;
    }
    load.go_on_for(5).await;
    load.finish().await;
    let client = world.client();
    let head = client.head().await;
    eventually("the process manager catches up", PATIENCE, || async {
        let found = client.get("/v1/projections").await.expect(200);
        let mut processes = found["processes"].as_array()?.iter();
        let process = processes.find(|process| process["name"] == "invoices")?;
        (process["position"].as_i64()? >= head).then_some(())
    })
    .await;

    let audit = world.audit().await;
    audit.assert_sound().await;
    let mut invoiced: BTreeMap<String, i64> = BTreeMap::new();
    for row in audit.events("invoices").await {
        let told = &row.payload["issued"];
        let total = told["totals"]["total"]["minor"].as_i64().expect("a total");
        let sign = if told["name"]["kind"] == "invoice" { 1 } else { -1 };
        *invoiced.entry(row.aggregate_id).or_default() += sign * total;
    }
    let mut confirmed = 0;
    for booking in audit.bookings_made().await.into_keys() {
        let path = format!("/v1/bookings/{booking}?min_position={head}");
        let shown = client.get(&path).await.expect(200);
        let costs = match shown["status"].as_str() {
            Some("confirmed" | "checked_in" | "completed" | "no_show") => {
                shown["total"]["minor"].as_i64()
            }
            _ => Some(0),
        };
        confirmed += usize::from(costs > Some(0));
        assert_eq!(invoiced.get(&booking).copied().unwrap_or_default(), costs.unwrap(), "{shown}");
    }
    assert!(confirmed > ROUNDS, "{confirmed}");
    assert_projections_hold(&world).await;
}
