//! Controls: the same race and the same auditor must see overselling where nothing prevents it, else the races above
//! would prove nothing.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use daybook_domain::{
    calendar::{Calendar, Command, Event, Refusal, SoldBy, Take},
    values::{BookingId, Capacity, DayRange, Limits, Month, Quantity},
};
use daybook_event_store::{
    CommandContext, CommandError, Log, LogSettings, Node, Response, Stream, Verdict, Writer,
    WriterSettings,
};
use daybook_local_postgres::testing::{self, TestDatabase};
use sqlx::{PgPool, postgres::PgPoolOptions};
use uuid::Uuid;

use super::{Outcome, race};
use crate::harness::Audit;

const CAPACITY: u32 = 17;
const CROWD: usize = 120;
/// A race is a matter of chance: the control may be run a few times until it shows.
const TRIES: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_check_before_an_insert_without_a_lock_oversells() {
    let database = testing::database().await;
    let pool = PgPoolOptions::new().max_connections(16).connect(&database.url()).await;
    let pool = pool.expect("the database answers");
    sqlx::query("CREATE TABLE naive (night date NOT NULL, guest uuid NOT NULL)")
        .execute(&pool)
        .await
        .expect("a table can be made");
    for night in 1..=TRIES {
        let night = NaiveDate::from_ymd_opt(2031, 5, u32::try_from(night).unwrap()).unwrap();
        let buyers = (0..CROWD).map(|_| check_then_insert(pool.clone(), night)).collect();
        let (sold, _) = race(buyers).await;
        assert!(sold >= CAPACITY as usize, "the naive guard sells at least what is there");
        if sold > CAPACITY as usize {
            return;
        }
    }
    panic!("the race never oversold a guard that prevents nothing: it is no race");
}

/// How one must not do it.
async fn check_then_insert(pool: PgPool, night: NaiveDate) -> Outcome {
    let mut transaction = pool.begin().await.expect("a transaction");
    let taken: i64 = sqlx::query_scalar("SELECT count(*) FROM naive WHERE night = $1")
        .bind(night)
        .fetch_one(&mut *transaction)
        .await
        .expect("a count");
    if taken >= i64::from(CAPACITY) {
        return Outcome::SoldOut;
    }
    sqlx::query("INSERT INTO naive (night, guest) VALUES ($1, $2)")
        .bind(night)
        .bind(Uuid::now_v7())
        .execute(&mut *transaction)
        .await
        .expect("a row");
    transaction.commit().await.expect("a commit");
    Outcome::Sold
}

/// The engine without HTTP around it: the real log, the real writer, the real calendar.
struct Engine {
    log: Log,
    writer: Writer,
    audit: Audit,
    calendar: String,
    _database: TestDatabase,
}

impl Engine {
    async fn new() -> Arc<Self> {
        let database = testing::database().await;
        daybook_event_store::migrate(&database.url()).await.expect("the migrations apply");
        let log = Log::connect(&database.url(), LogSettings::new(8)).await.expect("the log opens");
        let node = Node { id: Uuid::now_v7(), address: "http://127.0.0.1:1".to_owned() };
        let writer = Writer::take_over(&log, &node, WriterSettings::default()).await;
        let pool = PgPool::connect(&database.url()).await.expect("the database answers");
        let engine = Self {
            log,
            writer: writer.expect("the log can be owned"),
            audit: Audit::new(pool),
            calendar: format!("{}/2031-05", Uuid::now_v7()),
            _database: database,
        };
        engine.open().await;
        Arc::new(engine)
    }

    async fn open(&self) {
        let capacity = Capacity::try_new(CAPACITY).expect("a small capacity");
        let month = Month::try_new(2031, 5).expect("a month");
        let limits = Limits { capacity, overbooking: 0 };
        let open = Command::Open { month, sold_by: SoldBy::Nights, limits, at: at() };
        self.append(|calendar| calendar.decide(open.clone())).await.expect("a new calendar opens");
    }

    /// Runs one decision through the writer, as the server does.
    async fn append(
        &self,
        decide: impl Fn(&Calendar) -> Result<Vec<Event>, Refusal>,
    ) -> Result<(), CommandError<Refusal>> {
        let streams = [Stream::of::<Calendar>(&self.calendar)];
        let context = CommandContext::default();
        let answer = self.writer.run(&streams, &context, |unit| {
            unit.decide::<Calendar, _>(&self.calendar, &decide)?;
            Ok(Verdict::Commit(Response { status: 201, body: "{}".to_owned() }))
        });
        answer.await.map(drop)
    }

    /// The guard as it is: decided on the stream as it stands, in the stream's turn.
    async fn guarded(self: Arc<Self>) -> Outcome {
        let command = allocate();
        outcome(self.append(|calendar| calendar.decide(command.clone())).await)
    }

    /// The guard switched off: the same rule, decided on what was true a moment ago.
    async fn unguarded(self: Arc<Self>) -> Outcome {
        let (stale, _) = self.log.load::<Calendar>(&self.calendar).await.expect("it can be read");
        match stale.decide(allocate()) {
            Ok(events) => outcome(self.append(|_| Ok(events.clone())).await),
            Err(refusal) => outcome(Err(CommandError::Refused(refusal))),
        }
    }
}

fn outcome(result: Result<(), CommandError<Refusal>>) -> Outcome {
    match result {
        Ok(()) => Outcome::Sold,
        Err(CommandError::Refused(Refusal::SoldOut { .. })) => Outcome::SoldOut,
        Err(error) => panic!("neither sold nor sold out: {error}"),
    }
}

fn allocate() -> Command {
    let day = |day| NaiveDate::from_ymd_opt(2031, 5, day).expect("a date");
    let days = DayRange::try_new(day(10), day(12)).expect("two days");
    let takes = vec![Take::Nights { days, quantity: Quantity::ONE }];
    Command::Allocate {
        booking: BookingId::from_uuid(Uuid::now_v7()),
        takes,
        until: None,
        at: at(),
    }
}

fn at() -> DateTime<Utc> {
    "2031-01-01T00:00:00Z".parse().expect("an instant")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_engine_with_its_guard_sells_what_is_there() {
    let engine = Engine::new().await;
    let buyers = (0..CROWD).map(|_| Arc::clone(&engine).guarded()).collect();
    assert_eq!(race(buyers).await, (CAPACITY as usize, CROWD - CAPACITY as usize));
    assert_eq!(engine.audit.oversold().await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_engine_with_its_guard_switched_off_oversells_and_the_auditor_sees_it() {
    for _ in 0..TRIES {
        let engine = Engine::new().await;
        let buyers = (0..CROWD).map(|_| Arc::clone(&engine).unguarded()).collect();
        let (sold, _) = race(buyers).await;
        let oversold = engine.audit.oversold().await;
        assert_eq!(
            oversold.is_empty(),
            sold <= CAPACITY as usize,
            "the auditor and the race agree"
        );
        if sold > CAPACITY as usize {
            let worst = oversold.iter().map(|found| found.taken).max();
            assert_eq!(worst, i64::try_from(sold).ok());
            return;
        }
    }
    panic!("the race never oversold an engine without a guard: it is no race");
}
