//! More commands than can be taken in: some are told to come back, and nothing of theirs is written.

use std::time::{Duration, Instant};

use crate::harness::{Hotel, World};

#[tokio::test]
async fn a_full_queue_asks_to_come_back_and_writes_nothing_of_it() {
    let world = World::start_with(&[("DAYBOOK_QUEUE_CAPACITY", "2")]).await;
    let client = world.client();
    let hotel = Hotel::with_rooms(&client, &[50; 12]).await;
    // The log's head is locked by someone else: nothing can be appended for a while.
    let pool = world.pool().await;
    let mut lock = pool.begin().await.expect("a transaction");
    sqlx::query("SELECT FROM log_head WHERE shard = 0 FOR NO KEY UPDATE")
        .execute(&mut *lock)
        .await
        .expect("the head can be locked");

    let begun = Instant::now();
    let mut posts = tokio::task::JoinSet::new();
    for number in 0..12 {
        let line = hotel.line_in(number, "2031-05-10", "2031-05-12");
        let (client, request) = (client.clone(), hotel.order(&[line]));
        posts.spawn(async move {
            let answer =
                client.post_keyed("/v1/bookings", &request, &format!("order-{number}")).await;
            (number, request, answer, begun.elapsed())
        });
        // One after the other, so that the committer has taken the first when the next comes.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut refused = Vec::new();
    while refused.len() < 9 {
        let (number, request, answer, after) =
            posts.join_next().await.expect("nine of twelve find no place").expect("no panic");
        answer.problem(503, "overloaded");
        assert_eq!(answer.header("retry-after"), "1");
        assert!(after < Duration::from_secs(3), "told after {after:?}");
        refused.push((number, request));
    }
    // Queries go on meanwhile.
    client.get("/v1/bookings").await.expect(200);
    assert_eq!(client.head().await, hotel.position);
    lock.rollback().await.expect("the lock is let go");

    let mut made = std::collections::BTreeSet::new();
    while let Some(done) = posts.join_next().await {
        let (_, _, answer, _) = done.expect("no panic");
        made.insert(answer.id(201));
    }
    assert_eq!(made.len(), 3, "one with the committer and two in the queue");
    let audit = world.audit().await;
    assert_eq!(audit.bookings_made().await.len(), 3);
    // Coming back under the same key is all it takes.
    for (number, request) in refused {
        let answer = client.post_keyed("/v1/bookings", &request, &format!("order-{number}")).await;
        assert!(made.insert(answer.id(201)));
    }
    audit.assert_sound().await;
    assert_eq!(audit.bookings_made().await.into_keys().collect::<Vec<_>>(), Vec::from_iter(made));
}
