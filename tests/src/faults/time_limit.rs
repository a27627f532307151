//! A request that takes too long is told so; its command goes on, and asking again tells how it ended.

use std::time::{Duration, Instant};

use crate::harness::{Hotel, World, insist};

#[tokio::test]
async fn a_command_that_takes_too_long_is_told_so_and_carried_out_once() {
    let mut world = World::start_with(&[("DAYBOOK_REQUEST_TIMEOUT_MS", "400")]).await;
    world.add_server().await;
    let clients = world.clients();
    let hotel = Hotel::open(&clients[0], 50).await;
    // The log's head is locked by someone else: nothing can be appended for a while.
    let pool = world.pool().await;
    let mut lock = pool.begin().await.expect("a transaction");
    sqlx::query("SELECT FROM log_head WHERE shard = 0 FOR NO KEY UPDATE")
        .execute(&mut *lock)
        .await
        .expect("the head can be locked");

    let request = hotel.booking("2031-05-30", "2031-06-02");
    // Once to the owner of the log, once to a server that passes it on.
    for (client, key) in clients.iter().zip(["order-0", "order-1"]) {
        let begun = Instant::now();
        let answer = client.post_keyed("/v1/bookings", &request, key).await;
        answer.problem(503, "request-timeout");
        assert_eq!(answer.header("retry-after"), "1");
        let took = begun.elapsed();
        assert!(took >= Duration::from_millis(400), "after {took:?}");
        assert!(took < Duration::from_secs(3), "after {took:?}");
        // While it still runs, nobody is told anything else.
        let again = clients[0].post_keyed("/v1/bookings", &request, key).await;
        again.problem(409, "command-in-progress");
    }
    let line = world.servers[0].requests().into_iter().find(|line| line["status"] == 503);
    assert_eq!(line.expect("it is logged")["level"], "WARN");
    lock.rollback().await.expect("the lock is let go");

    let audit = world.audit().await;
    for key in ["order-0", "order-1"] {
        let patience = Duration::from_secs(10);
        let (first, _) = insist(&clients, "/v1/bookings", &request, key, patience).await;
        let again = clients[1].post_keyed("/v1/bookings", &request, key).await;
        assert_eq!((again.id(201), again.position()), (first.id(201), first.position()));
        assert_eq!(again.header("idempotency-replayed"), "true");
    }
    assert_eq!(audit.bookings_made().await.len(), 2);
    audit.assert_sound().await;
}
