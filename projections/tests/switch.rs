//! The switch of a rebuild is short, whatever else goes on, and holds nobody up if its process freezes.

mod support;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use daybook_domain::values::DayRange;
use daybook_local_postgres::{LocalPostgres, Settings};
use daybook_projections::{
    AnalyticsQuery, AvailabilityOf, BookingFilter, GroupBy, ListingFilter, ModelName, PageRequest,
    ProjectionError, Projections, ProjectionsSettings, RebuildReport, ResourceFilter,
};
use support::{Hotel, World, at, busy, day};
use tokio::{sync::oneshot, task::JoinHandle};

const FIRST: PageRequest = PageRequest { cursor: None, limit: 50 };
const SOON: Duration = Duration::from_secs(3);

/// Asks every model something.
async fn ask_all(projections: &Projections, hotel: Hotel) -> Result<(), ProjectionError> {
    let queries = projections.queries();
    let days = DayRange::try_new(day(1), day(30)).expect("dates in order");
    let report =
        AnalyticsQuery { group_by: GroupBy::default(), from: None, to: None, listing: None };
    queries.organizations(FIRST).await?;
    queries.listings(ListingFilter::default(), FIRST).await?;
    let of = ResourceFilter { listing: Some(hotel.listing), ..ResourceFilter::default() };
    queries.resources(of, FIRST).await?;
    queries.bookings(&BookingFilter::default(), FIRST).await?;
    queries.payments(None, FIRST).await?;
    queries.availability(AvailabilityOf::Resource(hotel.room), days, at(1, 12)).await?;
    queries.analytics(&report).await?;
    queries.due(at(3, 0), 10).await?;
    Ok(())
}

/// A server that looks every second for tables to vacuum.
async fn tidy_server(home: &tempfile::TempDir) -> LocalPostgres {
    let mut settings = Settings::new(home.path().join("data"));
    settings.parameters.push(("autovacuum_naptime".to_owned(), "1s".to_owned()));
    let server = LocalPostgres::start(settings).await.expect("the server starts");
    server.create_database("tidy").await.expect("a database can be created");
    server
}

/// Has the server vacuum the bookings, so thoroughly that it does not come to an end.
async fn vacuum(world: &World) {
    sqlx::query(
        "ALTER TABLE live.bookings
           SET (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0,
                autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)",
    )
    .execute(&world.pool)
    .await
    .expect("a table may be tidy");
    let started = Instant::now();
    while world.count(VACUUMING).await == 0 {
        assert!(started.elapsed() < Duration::from_secs(30), "nothing is vacuumed");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

const VACUUMING: &str = "
SELECT count(*)
  FROM pg_stat_activity
 WHERE backend_type = 'autovacuum worker' AND query LIKE 'autovacuum: VACUUM%live.bookings'";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_rebuild_under_load_switches_at_once() {
    let home = tempfile::tempdir().expect("a temporary directory can be created");
    let server = tidy_server(&home).await;
    let world = World::at(server.url("tidy")).await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 40).await;
    busy(&world, hotel, 9, 400).await;
    world.settle(&projections).await;
    let done = AtomicBool::new(false);
    let writing = async |seed| {
        while !done.load(Ordering::Relaxed) {
            busy(&world, hotel, seed, 10).await;
        }
    };
    let asking = async {
        let mut longest = Duration::ZERO;
        while !done.load(Ordering::Relaxed) {
            let started = Instant::now();
            ask_all(&projections, hotel).await.expect("every question is answered");
            longest = longest.max(started.elapsed());
        }
        longest
    };
    let rebuilding = async {
        vacuum(&world).await;
        for model in [ModelName::Bookings].into_iter().chain(ModelName::ALL) {
            let report = projections.rebuild(model).await.expect("nothing stands in the way");
            let switched = Duration::from_secs_f64(report.switch_seconds);
            assert!(switched < SOON, "{model} took {switched:?} to switch");
        }
        done.store(true, Ordering::Relaxed);
    };
    let ((), (), longest, ()) = tokio::join!(writing(1), writing(2), asking, rebuilding);
    assert!(longest < SOON, "a round of questions took {longest:?}");
    world.settle(&projections).await;
    world.assert_verified(&projections).await;
    projections.shutdown().await;
    drop(world);
    server.stop().await.expect("the server stops");
}

/// A process that rebuilds the bookings, and can be frozen at any instant.
struct Process {
    freeze: Option<oneshot::Sender<std::sync::mpsc::Receiver<()>>>,
    thread: std::thread::JoinHandle<Result<RebuildReport, ProjectionError>>,
}

impl Process {
    fn start(url: String) -> Self {
        let (freeze, frozen) = oneshot::channel::<std::sync::mpsc::Receiver<()>>();
        let thread = std::thread::spawn(move || {
            // All that this process does, it does on this thread.
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async move {
                let _freezing: JoinHandle<()> = tokio::spawn(async move {
                    if let Ok(thaw) = frozen.await {
                        let _ = thaw.recv(); // blocks the thread
                    }
                });
                let idle = ProjectionsSettings { run: false, ..ProjectionsSettings::default() };
                let projections = support::elsewhere(&url, idle).await;
                projections.rebuild(ModelName::Bookings).await
            })
        });
        Self { freeze: Some(freeze), thread }
    }

    /// Freezes it, until what is returned is dropped.
    fn freeze(&mut self) -> std::sync::mpsc::Sender<()> {
        let (thaw, frozen) = std::sync::mpsc::channel();
        let freeze = self.freeze.take().expect("it is not frozen yet");
        freeze.send(frozen).expect("it still runs");
        thaw
    }
}

/// The session that waits for the live bookings, or has them.
async fn holder(world: &World, granted: bool) -> Option<i32> {
    sqlx::query_scalar(
        "SELECT pg_locks.pid
           FROM pg_locks
           JOIN pg_stat_activity USING (pid)
          WHERE relation = 'live.bookings'::regclass AND mode = 'AccessExclusiveLock'
            AND granted = $1 AND ($1 = (state = 'idle in transaction'))",
    )
    .bind(granted)
    .fetch_optional(&world.pool)
    .await
    .expect("anybody may look")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_switch_whose_process_freezes_holds_nobody_up() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    busy(&world, hotel, 1, 20).await;
    world.settle(&projections).await;

    // The switch has to wait for a query; the process freezes meanwhile, and so never goes on when it gets its locks.
    let (process, thaw) = loop {
        let mut query = world.pool.begin().await.unwrap();
        sqlx::query("SELECT count(*) FROM live.bookings").execute(&mut *query).await.unwrap();
        let mut process = Process::start(world.url.clone());
        while holder(&world, false).await.is_none() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let thaw = process.freeze();
        query.commit().await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        if holder(&world, true).await.is_some() {
            break (process, thaw);
        }
        drop(thaw); // it froze too late, or too early
        let _ = process.thread.join().expect("it ends in order");
    };
    busy(&world, hotel, 2, 20).await;
    let going_on = async {
        ask_all(&projections, hotel).await.unwrap();
        world.settle(&projections).await;
    };
    tokio::time::timeout(2 * SOON, going_on).await.expect("everybody goes on");
    drop(thaw);
    let outcome = process.thread.join().expect("it ends in order");
    assert!(outcome.is_err(), "{outcome:?}");
    projections.rebuild(ModelName::Bookings).await.unwrap();
    world.assert_verified(&projections).await;
}
