//! Controls: the same race and the same auditor must see overselling where nothing prevents it, else the races above
//! would prove nothing.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use daybook_domain::{
    calendar::{Calendar, Command, Refusal, SoldBy, Take},
    values::{BookingId, Capacity, DayRange, Limits, Month, Quantity},
};
use daybook_event_store::CommandError;
use daybook_local_postgres::testing;
use sqlx::{PgPool, postgres::PgPoolOptions};
use uuid::Uuid;

use super::{
    Outcome,
    engine::{Engine, Guard, TRIES, until_it_shows},
    race,
};

const CAPACITY: u32 = 17;
const CROWD: usize = 120;

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

/// Lets a crowd take two nights of a calendar, with its guard or without, and tells how many had them.
async fn crowd(engine: &Arc<Engine>, guard: Guard) -> usize {
    let id = format!("{}/2031-05", Uuid::now_v7());
    let capacity = Capacity::try_new(CAPACITY).expect("a small capacity");
    let month = Month::try_new(2031, 5).expect("a month");
    let limits = Limits { capacity, overbooking: 0 };
    let open = Command::Open { month, sold_by: SoldBy::Nights, limits, at: at() };
    let opened = engine.decide(Guard::On, &id, |calendar: &Calendar| calendar.decide(open.clone()));
    opened.await.expect("a new calendar opens");
    let attempts = (0..CROWD).map(|_| {
        let (engine, id, command) = (Arc::clone(engine), id.clone(), allocate());
        async move {
            let decide = |calendar: &Calendar| calendar.decide(command.clone());
            match engine.decide(guard, &id, decide).await {
                Ok(()) => Outcome::Sold,
                Err(CommandError::Refused(Refusal::SoldOut { .. })) => Outcome::SoldOut,
                Err(error) => panic!("neither sold nor sold out: {error}"),
            }
        }
    });
    race(attempts.collect()).await.0
}

fn allocate() -> Command {
    let day = |day| NaiveDate::from_ymd_opt(2031, 5, day).expect("a date");
    let days = DayRange::try_new(day(10), day(12)).expect("two days");
    let takes = vec![Take::Nights { days, quantity: Quantity::ONE }];
    let booking = BookingId::from_uuid(Uuid::now_v7());
    Command::Allocate { booking, takes, until: None, at: at() }
}

fn at() -> DateTime<Utc> {
    "2031-01-01T00:00:00Z".parse().expect("an instant")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_engine_with_its_guard_sells_what_is_there() {
    let engine = Engine::new().await;
    assert_eq!(crowd(&engine, Guard::On).await, CAPACITY as usize);
    assert_eq!(engine.audit.oversold().await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_engine_with_its_guard_switched_off_oversells_and_the_auditor_sees_it() {
    until_it_shows(async || {
        let engine = Engine::new().await;
        let sold = crowd(&engine, Guard::Off).await;
        let oversold = engine.audit.oversold().await;
        let worst = oversold.iter().map(|found| found.taken).max();
        let seen = i64::try_from(sold).ok().filter(|sold| *sold > i64::from(CAPACITY));
        assert_eq!(worst, seen, "the auditor and the race agree");
        seen.is_some()
    })
    .await;
}
