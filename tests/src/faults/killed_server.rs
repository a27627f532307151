//! kill -9 of the server, at any instant.

use std::time::Duration;

use rand::RngExt;

use super::assert_projections_hold;
use crate::harness::{Hotel, Load, World};

const ROUNDS: usize = 20;
const CLIENTS: usize = 16;

#[tokio::test]
async fn what_was_acknowledged_survives_kills_of_the_server() {
    let mut world = World::start().await;
    let hotel = Hotel::with_rooms(&world.client(), &[15, 15]).await;
    let load = Load::start(&world.clients(), &hotel, CLIENTS);
    for round in 0..ROUNDS {
        load.go_on_for(20).await;
        tokio::time::sleep(Duration::from_millis(rand::rng().random_range(0..700))).await;
        assert!(world.server().exited().is_none(), "it died by itself before round {round}");
        world.server().kill();
        world.server().start_again().await;
    }
    load.go_on_for(20).await;
    let ledger = load.finish().await;
    assert!(ledger.troubles.lost >= ROUNDS, "the kills were not noticed: {:?}", ledger.troubles);
    assert!(ledger.made.len() > 10 * ROUNDS, "only {} bookings", ledger.made.len());
    assert!(ledger.sold_out > 0, "nothing was scarce");
    ledger.assert_kept(&world.audit().await).await;
    assert_projections_hold(&world).await;
}
