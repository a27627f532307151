//! Two servers on one database: one takes over when the other dies or freezes, and two never write.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use super::assert_projections_hold;
use crate::harness::{Client, Hotel, Load, World, eventually};

/// How soon the other one must be at work.
const SOON: Duration = Duration::from_secs(5);

async fn role(client: &Client) -> Option<String> {
    let ready = client.try_get("/health/ready").await.ok()?;
    let ready: Value = serde_json::from_slice(&ready.body).ok()?;
    ready["role"].as_str().map(str::to_owned)
}

async fn becomes(client: &Client, wanted: &str) {
    eventually(&format!("it becomes the {wanted}"), SOON, || async {
        (role(client).await.as_deref() == Some(wanted)).then_some(())
    })
    .await;
}

/// Two servers under load, the first of which owns the log.
async fn pair() -> (World, Hotel, Load) {
    let mut world = World::start().await;
    world.add_server().await;
    let clients = world.clients();
    let hotel = Hotel::with_rooms(&clients[0], &[60, 60]).await;
    assert_eq!(role(&clients[0]).await.as_deref(), Some("owner"));
    // As behind a balancer that gives up on a server that does not answer.
    let patient: Vec<_> =
        clients.iter().map(|client| client.impatient(Duration::from_secs(2))).collect();
    let load = Load::start(&patient, &hotel, 12);
    load.go_on_for(50).await;
    (world, hotel, load)
}

/// The other server must take a command soon.
async fn sells(client: &Client, hotel: &Hotel) -> Vec<String> {
    let begun = Instant::now();
    let request = hotel.booking("2032-01-01", "2032-01-02");
    loop {
        let answer = client.post("/v1/bookings", &request).await;
        if answer.status == 201 {
            return vec![answer.id(201)];
        }
        answer.problem(503, "no-owner");
        assert_ne!(answer.header("retry-after"), "");
        assert!(begun.elapsed() < SOON, "nobody sells after {SOON:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Its read models must come as far as its log, whatever the other one had begun when it froze.
async fn reads(client: &Client) {
    let head = client.head().await;
    for model in ["bookings", "payments", "listings", "resources"] {
        let path = format!("/v1/{model}?limit=1&min_position={head}");
        eventually(&format!("{model} are read"), Duration::from_secs(15), || async {
            (client.get(&path).await.status == 200).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn the_log_survives_an_owner_that_freezes_and_comes_back() {
    let (world, hotel, load) = pair().await;
    let clients = world.clients();
    let mut extra = Vec::new();
    for (frozen, other) in [(0, 1), (1, 0)] {
        world.servers[frozen].signal(Signal::STOP);
        becomes(&clients[other], "owner").await;
        extra.extend(sells(&clients[other], &hotel).await);
        reads(&clients[other]).await;
        load.go_on_for(30).await;
        world.servers[frozen].signal(Signal::CONT);
        becomes(&clients[frozen], "follower").await;
        // It forwards from now on.
        extra.extend(sells(&clients[frozen], &hotel).await);
        assert_eq!(role(&clients[other]).await.as_deref(), Some("owner"));
        load.go_on_for(30).await;
    }
    let mut ledger = load.finish().await;
    ledger.made.extend(extra.into_iter().map(|booking| (booking, 0)));
    ledger.assert_kept(&world.audit().await).await;
    assert_projections_hold(&world).await;
}

#[tokio::test]
async fn the_log_survives_an_owner_that_is_killed() {
    let (mut world, hotel, load) = pair().await;
    let mut extra = Vec::new();
    for (dead, other) in [(0, 1), (1, 0), (0, 1)] {
        world.servers[dead].kill();
        let clients = world.clients();
        becomes(&clients[other], "owner").await;
        extra.extend(sells(&clients[other], &hotel).await);
        world.servers[dead].start_again().await;
        assert_eq!(role(&clients[dead]).await.as_deref(), Some("follower"));
        extra.extend(sells(&clients[dead], &hotel).await);
        load.go_on_for(30).await;
    }
    let mut ledger = load.finish().await;
    ledger.made.extend(extra.into_iter().map(|booking| (booking, 0)));
    ledger.assert_kept(&world.audit().await).await;
    assert_projections_hold(&world).await;
}

#[tokio::test]
async fn an_owner_that_stops_in_an_orderly_way_hands_over_at_once() {
    let mut world = World::start().await;
    world.add_server().await;
    let clients = world.clients();
    let hotel = Hotel::open(&clients[0], 100).await;
    assert!(world.servers[0].stop().await.success());
    let begun = Instant::now();
    sells(&clients[1], &hotel).await;
    assert!(begun.elapsed() < Duration::from_millis(1500), "after {:?}", begun.elapsed());
    assert_eq!(role(&clients[1]).await.as_deref(), Some("owner"));
}
