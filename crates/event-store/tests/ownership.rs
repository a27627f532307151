//! Who may write: fencing, outages, and taking over.

mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use daybook_event_store::{
    Candidate, CommandContext, CommandError, Response, Role, Stream, WriteError, Writer,
    WriterSettings,
};
use futures::future::join_all;
use support::{Order, Stock, TooFew, World, accepted, assert_dense, keyed, stocked};

/// Takes one from the stock under a key, asking again as a client would, until there is an answer.
async fn take_surely(writer: impl Fn() -> Writer, id: Arc<str>, key: String) -> u32 {
    for attempt in 1.. {
        let writer = writer();
        let result = writer
            .run(&[Stream::of::<Stock>(&id)], &keyed(&key), |unit| {
                unit.decide::<Stock, _>(&id, |stock| stock.decide(Order::Take(1)))?;
                Ok::<_, TooFew>(accepted(&key))
            })
            .await;
        match result {
            Ok(answer) => {
                assert_eq!(answer.response.body, key);
                return attempt;
            }
            Err(CommandError::Refused(refusal)) => unreachable!("{refusal}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
    unreachable!("there is always another attempt")
}

#[tokio::test]
async fn the_former_owner_is_fenced() {
    let world = World::new().await;
    let first = world.writer().await;
    let id = stocked(&first, 10).await;
    let second_log = support::open(&world.database.url(), 0).await;
    let second =
        Writer::take_over(&second_log, &support::node(), WriterSettings::default()).await.unwrap();
    let context = CommandContext::default();
    let late = first.execute::<Stock>(&id, Order::Take(1), &context, Response::default()).await;
    assert!(matches!(late, Err(CommandError::Write(WriteError::NotOwner))));
    assert!(first.is_fenced());
    second.execute::<Stock>(&id, Order::Take(1), &context, Response::default()).await.unwrap();
    assert_eq!(world.log.load::<Stock>(&id).await.unwrap().0.left, 9);
    assert_dense(&world.pool().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ownership_that_changes_hands_under_load_loses_and_doubles_nothing() {
    let world = World::new().await;
    let first = world.writer().await;
    let writer = Arc::new(parking_lot::RwLock::new(first.clone()));
    let id = stocked(&first, 100_000).await;
    let clients = (0..16).map(|client| {
        let (writer, id) = (Arc::clone(&writer), id.clone());
        tokio::spawn(async move {
            for number in 0..60 {
                let current = || writer.read().clone();
                take_surely(current, id.clone(), format!("{client}-{number}")).await;
            }
        })
    });
    let clients = join_all(clients);
    let usurper = async {
        for _ in 0..12 {
            tokio::time::sleep(Duration::from_millis(15)).await;
            let log = support::open(&world.database.url(), 0).await;
            let node = support::node();
            let next = Writer::take_over(&log, &node, WriterSettings::default()).await.unwrap();
            tokio::time::sleep(Duration::from_millis(5)).await; // both believe to own the log
            *writer.write() = next;
        }
    };
    let (clients, ()) = tokio::join!(clients, usurper);
    assert!(clients.iter().all(Result::is_ok));
    assert_eq!(world.log.load::<Stock>(&id).await.unwrap().0.taken, 16 * 60);
    assert_dense(&world.pool().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_lost_connection_leaves_no_command_in_doubt() {
    let world = World::new().await;
    let writer = world.writer().await;
    let id = stocked(&writer, 100_000).await;
    let pool = world.pool().await;
    let over = AtomicBool::new(false);
    let clients = join_all((0..16).map(|client| {
        let (writer, id, over) = (&writer, &id, &over);
        async move {
            let (mut taken, mut attempts) = (0_u64, 0);
            while !over.load(Ordering::Relaxed) {
                let current = || writer.clone();
                attempts += take_surely(current, id.clone(), format!("{client}-{taken}")).await;
                taken += 1;
            }
            (taken, attempts)
        }
    }));
    let killer = async {
        let mut killed = 0;
        while killed < 10 {
            tokio::time::sleep(Duration::from_millis(12)).await;
            let ended: Vec<bool> = sqlx::query_scalar(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                  WHERE datname = current_database() AND application_name = 'daybook committer'",
            )
            .fetch_all(&pool)
            .await
            .unwrap();
            killed += ended.len();
        }
        over.store(true, Ordering::Relaxed);
    };
    let (clients, ()) = tokio::join!(clients, killer);
    let taken: u64 = clients.iter().map(|(taken, _)| taken).sum();
    let attempts: u64 = clients.iter().map(|(_, attempts)| u64::from(*attempts)).sum();
    assert_eq!(attempts, taken, "the committer settles each doubt itself: nobody had to ask twice");
    assert_eq!(world.log.load::<Stock>(&id).await.unwrap().0.taken, taken);
    assert_dense(&pool).await;
}

#[tokio::test]
async fn a_head_moved_by_somebody_else_stops_the_writer() {
    let world = World::new().await;
    let writer = world.writer().await;
    let id = stocked(&writer, 10).await;
    let pool = world.pool().await;
    sqlx::query("UPDATE log_head SET position = position + 1").execute(&pool).await.unwrap();
    let context = CommandContext::default();
    let answer = writer.execute::<Stock>(&id, Order::Take(1), &context, Response::default()).await;
    assert!(matches!(answer, Err(CommandError::Write(WriteError::Broken(_)))));
    assert!(writer.is_fenced());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_takes_over_when_the_owner_is_gone() {
    let world = World::new().await;
    let mut nodes = Vec::new();
    for number in 0..2 {
        let log = support::open(&world.database.url(), 0).await;
        let node = daybook_event_store::Node {
            address: format!("http://127.0.0.1:{number}"),
            ..support::node()
        };
        let candidate = Candidate::new(log, node, WriterSettings::default());
        let role = candidate.role();
        let task = tokio::spawn(candidate.run());
        nodes.push((role, task));
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert!(matches!(&*nodes[0].0.borrow(), Role::Owner(_)));
    let follower = nodes[1].0.borrow().clone();
    let Role::Follower(Some(owner)) = follower else { unreachable!("the second one follows") };
    assert_eq!(owner.node.address, "http://127.0.0.1:0");

    nodes[0].1.abort(); // its pulse stops, though its connection stays
    let mut role = nodes[1].0.clone();
    tokio::time::timeout(
        Duration::from_secs(5),
        role.wait_for(|role| matches!(role, Role::Owner(_))),
    )
    .await
    .expect("it takes over within five seconds")
    .expect("the candidate lives");
    let former = nodes[0].0.borrow().clone();
    let Role::Owner(former) = former else { unreachable!("it was the owner") };
    let context = CommandContext::default();
    let late = former.execute::<Stock>("x", Order::Stock(1), &context, Response::default()).await;
    assert!(late.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_released_log_is_taken_at_once() {
    let world = World::new().await;
    let first = world.writer().await;
    first.release().await.unwrap();
    let candidate = Candidate::new(world.log.clone(), support::node(), WriterSettings::default());
    let role = candidate.role();
    let task = tokio::spawn(candidate.run());
    let mut watched = role.clone();
    tokio::time::timeout(
        Duration::from_millis(800),
        watched.wait_for(|role| matches!(role, Role::Owner(_))),
    )
    .await
    .expect("a vacant log is taken at once")
    .expect("the candidate lives");
    task.abort();
}
