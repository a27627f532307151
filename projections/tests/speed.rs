//! How fast a model is rebuilt, compared with what merely copying the log out takes.

mod support;

use std::time::Instant;

use daybook_projections::{ModelName, ProjectionsSettings};
use futures::StreamExt;
use sqlx::{Connection, PgConnection};
use support::{Order, World, at, euros};

/// Copies of one booking's streams, made by the database itself, because only their number matters here.
const COPIES: i64 = 100_000;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures: run it with --release on a quiet machine"]
async fn a_rebuild_takes_at_most_three_times_as_long_as_copying_the_log() {
    let world = World::new().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let order = Order { channel: Some("Direct"), ..Order::new(hotel, 10, 13, 1) };
    let appended = async {
        world.book(&order, Some(at(2, 0)), at(1, 9)).await?;
        world.confirm(&order, at(1, 10)).await?;
        world.pay(order.booking, euros(300), at(1, 11)).await;
        world.check_in(&order, at(10, 8)).await?;
        world.check_out(&order, at(12, 2)).await
    };
    appended.await.expect("one booking goes its way");
    for statement in MULTIPLY {
        sqlx::query(statement).bind(COPIES).execute(&world.pool).await.expect("the log grows");
    }
    sqlx::query("VACUUM ANALYZE events").execute(&world.pool).await.expect("the log is analyzed");

    let projections = world
        .projections_with(ProjectionsSettings { run: false, ..ProjectionsSettings::default() })
        .await;
    let mut ratios = Vec::new();
    for model in [ModelName::Bookings, ModelName::Availability, ModelName::Analytics] {
        let copied = copy_out(&world).await;
        let report = projections.rebuild(model).await.expect("the model is built");
        let ratio = copied / report.seconds;
        println!("{model}: copy {copied:.2} s, rebuild {:.2} s, {ratio:.2}", report.seconds);
        ratios.push(ratio);
    }
    assert!(ratios.iter().all(|ratio| *ratio >= 0.3), "{ratios:?}");
}

/// Seconds it takes to copy the whole log out and throw it away.
async fn copy_out(world: &World) -> f64 {
    let mut connection =
        PgConnection::connect(&world.database.url()).await.expect("the database answers");
    let started = Instant::now();
    let mut copy =
        connection.copy_out_raw("COPY events TO STDOUT").await.expect("the log can be copied");
    while let Some(row) = copy.next().await {
        row.expect("a row arrives");
    }
    started.elapsed().as_secs_f64()
}

/// All streams but those of the listing and its resource, again and again under other ids. Calendars stay what they are
/// called, and so does the booking in them: each copy is a resource of its own.
const MULTIPLY: [&str; 2] = [
    "INSERT INTO events
     SELECT one.aggregate_type,
            overlay(one.aggregate_id PLACING copies.id FROM 1 FOR 36),
            one.sequence, one.event_type, one.event_version, one.payload, one.metadata,
            head.position + (copies.n - 1) * one.of + one.place, gen_random_uuid(), one.recorded_at
       FROM (SELECT n, gen_random_uuid()::text AS id FROM generate_series(1, $1::bigint) AS n) AS copies
      CROSS JOIN (SELECT *, row_number() OVER (ORDER BY position) AS place, count(*) OVER () AS of
                    FROM events
                   WHERE aggregate_type IN ('booking', 'calendar', 'payment')) AS one
      CROSS JOIN log_head AS head
      ORDER BY 8",
    "UPDATE log_head
        SET position = (SELECT max(position) FROM events) + 0 * $1::bigint",
];
