//! kill -9 of PostgreSQL beneath a running server.

use std::time::Duration;

use rand::RngExt;
use rustix::process::{Signal, kill_process};

use super::assert_projections_hold;
use crate::harness::{Hotel, Load, World, eventually};

const ROUNDS: usize = 20;
const CLIENTS: usize = 16;

#[tokio::test]
async fn what_was_acknowledged_survives_kills_of_the_database() {
    let mut world = World::start_embedded().await;
    let hotel = Hotel::with_rooms(&world.client(), &[12, 12]).await;
    let server = world.server().pid();
    let load = Load::start(&world.clients(), &hotel, CLIENTS);
    let mut killed = Vec::new();
    for round in 0..ROUNDS {
        load.go_on_for(20).await;
        tokio::time::sleep(Duration::from_millis(rand::rng().random_range(0..700))).await;
        // Some refusals need no database, so answers alone do not prove that it is back.
        let what = format!("PostgreSQL is back for round {round}");
        let postmaster = eventually(&what, Duration::from_secs(30), || async {
            world.servers[0].postmaster().filter(|postmaster| !killed.contains(postmaster))
        })
        .await;
        kill_process(postmaster, Signal::KILL).expect("it runs");
        killed.push(postmaster);
    }
    load.go_on_for(20).await;
    let ledger = load.finish().await;
    assert!(world.server().exited().is_none(), "the server did not outlive its database");
    assert_eq!(world.server().pid(), server);
    assert!(ledger.made.len() > 10 * ROUNDS, "only {} bookings", ledger.made.len());
    assert!(ledger.sold_out > 0, "nothing was scarce");
    ledger.assert_kept(&world.audit().await).await;
    assert_projections_hold(&world).await;
}

#[tokio::test]
async fn what_was_acknowledged_survives_kills_of_the_server_with_its_database() {
    let mut world = World::start_embedded().await;
    let hotel = Hotel::with_rooms(&world.client(), &[12, 12]).await;
    let load = Load::start(&world.clients(), &hotel, CLIENTS);
    for _ in 0..3 {
        load.go_on_for(50).await;
        world.server().kill();
        world.server().start_again().await;
    }
    load.go_on_for(20).await;
    let ledger = load.finish().await;
    ledger.assert_kept(&world.audit().await).await;
    assert_projections_hold(&world).await;
}
