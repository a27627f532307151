//! SIGTERM under load: what was begun is finished, and the next start goes on from there.

use super::assert_projections_hold;
use crate::harness::{Hotel, Load, World};

#[tokio::test]
async fn what_was_acknowledged_survives_orderly_stops() {
    let mut world = World::start().await;
    let hotel = Hotel::with_rooms(&world.client(), &[60, 60]).await;
    let load = Load::start(&world.clients(), &hotel, 16);
    for _ in 0..3 {
        load.go_on_for(60).await;
        let status = world.server().stop().await;
        assert!(status.success(), "{status}\n{}", world.server().tail());
        world.server().start_again().await;
    }
    load.go_on_for(20).await;
    let ledger = load.finish().await;
    ledger.assert_kept(&world.audit().await).await;
    assert_projections_hold(&world).await;
}

#[tokio::test]
async fn a_private_database_survives_orderly_stops_and_leaves_no_process() {
    let mut world = World::start_embedded().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    let answer = client.post("/v1/bookings", &hotel.booking("2031-05-30", "2031-06-02")).await;
    let id = answer.id(201);
    let status = world.server().stop().await;
    assert!(status.success(), "{status}\n{}", world.server().tail());
    assert_eq!(world.server().postmaster(), None, "PostgreSQL was not stopped");
    world.server().start_again().await;
    let path = format!("/v1/bookings/{id}?min_position={}", answer.position());
    assert_eq!(client.get(&path).await.expect(200)["status"], "confirmed");
}
