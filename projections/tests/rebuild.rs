//! Models are rebuilt beside themselves, and compared with what the log says.

mod support;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use daybook_event_store::Position;
use daybook_projections::{
    BookingFilter, BookingView, ModelName, PageRequest, ProjectionError, Projections,
    ProjectionsSettings, View as _,
};
use support::{Order, PATIENCE, World, at, busy};

const FIRST: PageRequest = PageRequest { cursor: None, limit: 50 };

async fn run(world: &World, sql: &str) {
    sqlx::query(sql).execute(&world.pool).await.expect("the statement is in order");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_notices_a_rebuild() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    busy(&world, hotel, 9, 40).await;
    world.settle(&projections).await;
    let done = AtomicBool::new(false);
    let writing = async {
        tokio::join!(busy(&world, hotel, 1, 150), busy(&world, hotel, 2, 150));
    };
    let asking = async {
        let (mut asked, mut last) = (0, Position::START);
        while !done.load(Ordering::Relaxed) {
            let filter = BookingFilter::default();
            let page = projections.queries().bookings(&filter, FIRST).await.unwrap();
            assert!(!page.items.is_empty());
            assert!(page.position >= last, "time went back from {last} to {}", page.position);
            (asked, last) = (asked + 1, page.position);
        }
        asked
    };
    let rebuilding = async {
        for model in ModelName::ALL.into_iter().chain([ModelName::Bookings; 3]) {
            projections.rebuild(model).await.unwrap();
        }
    };
    let work = async {
        tokio::join!(writing, rebuilding);
        done.store(true, Ordering::Relaxed);
    };
    let (asked, ()) = tokio::join!(asking, work);
    assert!(asked > 10);
    world.settle(&projections).await;
    world.assert_verified(&projections).await;
    for status in projections.status().await.unwrap() {
        let rebuilt = if status.name == ModelName::Bookings { 5 } else { 2 };
        assert_eq!((status.generation, status.rebuilding), (rebuilt, None), "{}", status.name);
    }
}

#[tokio::test]
async fn a_comparison_finds_what_was_changed_by_hand_and_a_rebuild_mends_it() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    for first in [10, 20, 30] {
        world.book(&Order::new(hotel, first, first + 2, 1), None, at(1, 9)).await.unwrap();
    }
    world.settle(&projections).await;
    world.assert_verified(&projections).await;

    run(
        &world,
        "UPDATE live.bookings SET total_minor = total_minor + 1 WHERE arrival = '2026-05-20'",
    )
    .await;
    let report = projections.verify(ModelName::Bookings).await.unwrap();
    assert_eq!(report.differing_rows, 2); // the row as it is, and as it should be
    assert_eq!(report.differences.len(), 2);
    assert!(report.differences.iter().all(|difference| difference.table == "bookings"));
    assert!(report.differences[0].live && report.differences[0].row.contains("20001"));

    run(&world, "DELETE FROM live.availability WHERE day = '2026-05-31'").await;
    let report = projections.verify(ModelName::Availability).await.unwrap();
    assert_eq!((report.differing_rows, report.differences[0].live), (1, false));

    run(&world, "INSERT INTO live.analytics_daily SELECT listing_id, day - 100, channel, segment,
            country, customer_type, currency, 1, 0, 0, 0, 0, 0, 0, 0 FROM live.analytics_daily LIMIT 1").await;
    let report = projections.verify(ModelName::Analytics).await.unwrap();
    assert_eq!((report.differing_rows, report.differences[0].live), (1, true));

    for model in ModelName::ALL {
        projections.rebuild(model).await.unwrap();
    }
    world.assert_verified(&projections).await;
}

#[tokio::test]
async fn a_new_version_is_built_before_it_answers() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let order = Order::new(hotel, 10, 12, 1);
    world.book(&order, None, at(1, 9)).await.unwrap();
    world.settle(&projections).await;
    projections.shutdown().await;
    // what an older program would have left behind
    run(&world, "UPDATE checkpoint SET version = 0 WHERE projection = 'bookings'").await;
    run(&world, "ALTER TABLE live.bookings DROP COLUMN adults").await;

    let idle = ProjectionsSettings { run: false, ..ProjectionsSettings::default() };
    let waiting = world.elsewhere(idle).await;
    let early = waiting.ready(Duration::from_millis(100)).await;
    assert!(matches!(early, Err(ProjectionError::Behind { model: ModelName::Bookings, .. })));
    let early = BookingView::find(waiting.queries(), order.booking).await;
    assert!(matches!(early, Err(ProjectionError::NotReady(_))), "{early:?}");

    let projections = world.projections().await;
    assert!(BookingView::find(projections.queries(), order.booking).await.unwrap().is_some());
    waiting.ready(PATIENCE).await.unwrap(); // it learns of it from the database
    let status = projections.status().await.unwrap();
    let bookings = status.iter().find(|status| status.name == ModelName::Bookings).unwrap();
    assert_eq!((bookings.generation, bookings.version, bookings.ready), (2, 6, true));
    world.assert_verified(&projections).await;
}

#[tokio::test]
async fn a_rebuild_waits_for_a_long_query_and_not_the_other_way_round() {
    let world = World::new().await;
    let projections = world.projections().await;
    let mut reader = world.pool.begin().await.unwrap();
    sqlx::query("SELECT count(*) FROM live.bookings").execute(&mut *reader).await.unwrap();
    let rebuilding = async { projections.rebuild(ModelName::Bookings).await.unwrap() };
    let reading = async {
        let waits =
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'relation')";
        while !sqlx::query_scalar::<_, bool>(waits).fetch_one(&world.pool).await.unwrap() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(1500)).await; // longer than a switch waits at once
        sqlx::query("SELECT count(*) FROM live.bookings").execute(&mut *reader).await.unwrap();
        reader.commit().await.unwrap();
    };
    let (report, ()) = tokio::join!(rebuilding, reading);
    assert_eq!(report.generation, 2);
    assert!(report.switch_seconds > 1.0);
}

#[tokio::test]
async fn a_model_is_rebuilt_by_one_process_at_a_time() {
    let world = World::new().await;
    let projections = world.projections().await;
    let mut other = world.pool.acquire().await.unwrap();
    sqlx::query("SELECT pg_advisory_lock(hashtextextended('daybook projection bookings', 0))")
        .execute(&mut *other)
        .await
        .unwrap();
    let refused = projections.rebuild(ModelName::Bookings).await;
    assert!(matches!(refused, Err(ProjectionError::Busy(ModelName::Bookings))));
    let refused = projections.verify(ModelName::Bookings).await;
    assert!(matches!(refused, Err(ProjectionError::Busy(ModelName::Bookings))));
    projections.rebuild(ModelName::Timers).await.unwrap();
}

#[tokio::test]
async fn a_rebuild_that_fails_leaves_the_live_tables_in_place() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let order = Order::new(hotel, 10, 12, 1);
    world.book(&order, None, at(1, 9)).await.unwrap();
    world.settle(&projections).await;
    run(&world, "CREATE VIEW public.of_an_analyst AS SELECT * FROM live.bookings").await;
    let failed = projections.rebuild(ModelName::Bookings).await;
    assert!(matches!(failed, Err(ProjectionError::Database(_))), "{failed:?}");
    world.cancel(&order, at(2, 9)).await.unwrap();
    world.settle(&projections).await;
    let status = projections.status().await.unwrap();
    assert!(status.iter().all(|status| status.generation == 1 && status.rebuilding.is_none()));
    assert_eq!(world.count("SELECT count(*) FROM public.of_an_analyst").await, 1);
    assert_eq!(
        world.count("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'next%'").await,
        0
    );
    world.assert_verified(&projections).await;
}

#[tokio::test]
async fn who_waits_for_the_future_is_told_how_far_the_model_came() {
    let world = World::new().await;
    let projections: Projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let position = world.book(&Order::new(hotel, 10, 12, 1), None, at(1, 9)).await.unwrap();
    let idle = ProjectionsSettings { run: false, ..ProjectionsSettings::default() };
    let elsewhere = world.elsewhere(idle).await;
    let reached = elsewhere.wait_for(ModelName::Bookings, position, PATIENCE).await.unwrap();
    assert!(reached >= position);
    let wanted = Position::new(position.get() + 1000);
    let late = projections.wait_for(ModelName::Bookings, wanted, Duration::from_millis(60)).await;
    let Err(ProjectionError::Behind { reached, .. }) = late else { panic!("{late:?}") };
    assert_eq!(reached, position);
}
