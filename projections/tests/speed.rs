//! How fast a model is rebuilt, compared with what merely copying the log out takes.

mod support;

use std::time::Instant;

use daybook_event_store::Position;
use daybook_projections::{ModelName, ProjectionsSettings};
use futures::StreamExt;
use sqlx::{Connection, PgConnection};
use support::{Order, World, at, euros};

/// Bookings that are made by the book; they fill a month of a room type.
const BOOKINGS: u32 = 40;
/// Copies of them all, made by the database itself, because only their number matters here.
const COPIES: i64 = 2_500;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures: run it with --release on a quiet machine"]
async fn a_rebuild_takes_at_most_three_times_as_long_as_copying_the_log() {
    let world = World::new().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    for number in 0..BOOKINGS {
        let first = 4 + number % 10 * 2;
        let order = Order { channel: Some("Direct"), ..Order::new(hotel, first, first + 2, 1) };
        whole_story(&world, &order, first).await.expect("one booking goes its way");
    }
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

async fn whole_story(world: &World, order: &Order, first: u32) -> Result<Position, String> {
    world.book(order, Some(at(2, 0)), at(1, 9)).await?;
    world.confirm(order, at(1, 10)).await?;
    world.pay(order.booking, euros(200), at(1, 11)).await;
    world.check_in(order, at(first, 8)).await?;
    world.check_out(order, at(first + 1, 2)).await
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

/// All streams but those of the listing and its resource, again and again under other ids. What is said in them stays the
/// same: a copied calendar is that of another resource, taken by the same bookings.
const MULTIPLY: [&str; 2] = [
    "INSERT INTO events
     SELECT one.aggregate_type,
            overlay(one.aggregate_id PLACING
                    md5(copies.n || left(one.aggregate_id, 36))::uuid::text FROM 1 FOR 36),
            one.sequence, one.event_type, one.event_version, one.payload, one.metadata,
            head.position + (copies.n - 1) * one.of + one.place, gen_random_uuid(), one.recorded_at
       FROM generate_series(1, $1::bigint) AS copies (n)
      CROSS JOIN (SELECT *, row_number() OVER (ORDER BY position) AS place, count(*) OVER () AS of
                    FROM events
                   WHERE aggregate_type IN ('booking', 'calendar', 'payment')) AS one
      CROSS JOIN log_head AS head
      ORDER BY 8",
    "UPDATE log_head
        SET position = (SELECT max(position) FROM events) + 0 * $1::bigint",
];
