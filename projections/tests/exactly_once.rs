//! Each event lands once, whoever else runs the same models, and whatever is killed.

mod support;

use std::time::Duration;

use daybook_domain::{booking::Status, values::BookingId};
use daybook_projections::{BookingView, ModelName, ProjectionsSettings, View as _};
use sqlx::{ConnectOptions, postgres::PgConnectOptions};
use support::{Order, World, at, busy, status};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_project_every_event_once() {
    let world = World::new().await;
    let (one, two) =
        (world.projections().await, world.elsewhere(ProjectionsSettings::default()).await);
    let (a, b) = (world.hotel("Asia/Tokyo", 4).await, world.hotel("Asia/Tokyo", 4).await);
    tokio::join!(busy(&world, a, 1, 60), busy(&world, b, 2, 60), busy(&world, a, 3, 60));
    world.settle(&one).await;
    world.settle(&two).await;
    assert!(world.count("SELECT sum(bookings)::bigint FROM live.analytics_daily").await > 30);
    world.assert_verified(&one).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_runner_that_is_killed_neither_loses_nor_repeats() {
    let world = World::new().await;
    world.projections().await.shutdown().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let writing = async {
        tokio::join!(
            busy(&world, hotel, 1, 80),
            busy(&world, hotel, 2, 80),
            busy(&world, hotel, 3, 80)
        );
    };
    let killing = async {
        for round in 0..12_u64 {
            let projections = world.elsewhere(ProjectionsSettings::default()).await;
            tokio::time::sleep(Duration::from_millis(20 + round * 7)).await;
            let killed = sqlx::query(KILL).fetch_all(&world.pool).await;
            killed.expect("connections can be ended");
            tokio::time::sleep(Duration::from_millis(15)).await;
            drop(projections); // in the middle of whatever it does
        }
    };
    tokio::join!(writing, killing);
    let projections = world.projections().await;
    world.settle(&projections).await;
    assert!(world.count("SELECT count(*) FROM live.bookings").await > 50);
    world.assert_verified(&projections).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_process_that_freezes_in_the_middle_of_a_batch_does_not_hold_up_the_others() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    world.settle(&projections).await;
    // What a frozen process leaves: checkpoints that it has moved, and rows that it has begun to send.
    let options: PgConnectOptions = world.url.parse().expect("a URL");
    let options = options.application_name("daybook projections");
    let mut frozen = options.connect().await.expect("the database answers");
    for statement in ["BEGIN", "UPDATE checkpoint SET position = position WHERE live"] {
        sqlx::query(statement).execute(&mut frozen).await.expect("anybody may begin");
    }
    let rows = frozen.copy_in_raw("COPY live.bookings FROM STDIN").await.expect("rows may come");
    busy(&world, hotel, 1, 20).await;
    world.settle(&projections).await;
    drop(rows);
    world.assert_verified(&projections).await;
}

/// Ends the connections that write to the models, in the middle of a transaction if they are in one.
const KILL: &str = "
SELECT pg_terminate_backend(pid)
  FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()
   AND (query LIKE 'COPY%FROM STDIN%' OR query LIKE '%UPDATE checkpoint%' OR state = 'idle in transaction')";

/// Appends to a stream what its aggregate would never say.
async fn forge(world: &World, booking: BookingId, event_type: &str, payload: &str) {
    sqlx::query(
        "WITH head AS (UPDATE log_head SET position = position + 1 RETURNING position)
         INSERT INTO events
         SELECT aggregate_type, aggregate_id, sequence + 1, $2, '1.0', $3::json, '{}',
                head.position, gen_random_uuid(), now()
           FROM events, head
          WHERE aggregate_type = 'booking' AND aggregate_id = $1
          ORDER BY sequence DESC
          LIMIT 1",
    )
    .bind(booking.to_string())
    .bind(event_type)
    .bind(payload)
    .execute(&world.pool)
    .await
    .expect("anything can be written by hand");
}

#[tokio::test]
async fn an_event_that_makes_no_sense_parks_its_booking_alone() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let (poisoned, sound) = (Order::new(hotel, 10, 12, 1), Order::new(hotel, 20, 22, 1));
    world.book(&poisoned, None, at(1, 9)).await.unwrap();
    forge(&world, poisoned.booking, "mislaid", r#"{"mislaid":{}}"#).await;
    let cancelled = r#"{"cancelled":{"at":"2026-05-02T00:00:00Z"}}"#;
    forge(&world, poisoned.booking, "cancelled", cancelled).await;
    let world = world.succeeded().await; // a writer that knows of the new head
    world.book(&sound, None, at(1, 10)).await.unwrap();
    world.settle(&projections).await;

    let queries = projections.queries();
    let kept = BookingView::find(queries, poisoned.booking).await.unwrap().unwrap();
    assert_eq!((kept.status, kept.span.sequence), (Status::Confirmed, 1)); // as it was before
    assert!(BookingView::find(queries, sound.booking).await.unwrap().is_some());
    for model in [ModelName::Bookings, ModelName::Analytics, ModelName::Timers] {
        assert_eq!(status(&projections, model).await.parked, 1, "{model}");
    }
    assert_eq!(status(&projections, ModelName::Availability).await.parked, 0);
    world.assert_verified(&projections).await;

    let report = projections.rebuild(ModelName::Bookings).await.unwrap();
    assert_eq!(report.parked, 1); // it makes no more sense than before
    let kept = BookingView::find(queries, poisoned.booking).await.unwrap().unwrap();
    assert_eq!(kept.span.sequence, 1);
}

#[tokio::test]
async fn a_rebuild_tries_parked_bookings_again() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let order = Order::new(hotel, 10, 12, 1);
    world.book(&order, None, at(1, 9)).await.unwrap();
    world.settle(&projections).await;
    projections.shutdown().await;
    sqlx::query(
        "INSERT INTO parked_key (projection, generation, key, position, reason)
         VALUES ('bookings', 1, 'booking/' || $1, 1, 'a fault that has been mended')",
    )
    .bind(order.booking.to_string())
    .execute(&world.pool)
    .await
    .unwrap();
    let projections = world.projections().await;
    world.cancel(&order, at(2, 9)).await.unwrap();
    world.settle(&projections).await;
    let stale = BookingView::find(projections.queries(), order.booking).await.unwrap().unwrap();
    assert_eq!(stale.status, Status::Confirmed);

    projections.rebuild(ModelName::Bookings).await.unwrap();
    let current = BookingView::find(projections.queries(), order.booking).await.unwrap().unwrap();
    assert_eq!(current.status, Status::Cancelled);
    assert_eq!(status(&projections, ModelName::Bookings).await.parked, 0);
}
