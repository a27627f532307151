//! The shared test server: one database for each test, gone afterwards.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use daybook_local_postgres::testing;
use sqlx::{Connection, PgConnection};

async fn count(connection: &mut PgConnection, database: &str) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM pg_database WHERE datname = $1")
        .bind(database)
        .fetch_one(connection)
        .await
        .expect("the catalogue can be read")
}

/// A database is gone soon. Sessions of other tests that are about to begin may hold it up a moment.
async fn goes(watcher: &mut PgConnection, name: &str) {
    let begun = Instant::now();
    while count(watcher, name).await > 0 {
        assert!(begun.elapsed() < Duration::from_secs(15), "{name} outlives its test");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn each_test_has_a_database_of_its_own_that_goes_with_it() {
    let (first, second) = tokio::join!(testing::database(), testing::database());
    assert_ne!(first.name(), second.name());
    let mut watcher = PgConnection::connect(&first.url()).await.unwrap();
    let _session = PgConnection::connect(&second.socket_url()).await.unwrap();
    let name = second.name().to_owned();
    assert_eq!(count(&mut watcher, &name).await, 1);
    drop(second);
    // Although a session was open.
    goes(&mut watcher, &name).await;
}

/// Begins a session and leaves it where the server waits for the password, as a pool does whose
/// runtime is blocked.
fn half_a_session(url: &str) -> TcpStream {
    const VERSION_3: u32 = 3 << 16;
    let (_, address) = url.split_once('@').expect("the URL has a password");
    let (host, database) = address.split_once('/').expect("the URL names a database");
    let mut stream = TcpStream::connect(host).expect("the server listens");
    let names = format!("user\0daybook\0database\0{database}\0\0");
    let length = u32::try_from(8 + names.len()).expect("a short message");
    let start = [&length.to_be_bytes(), &VERSION_3.to_be_bytes(), names.as_bytes()].concat();
    stream.write_all(&start).expect("the server reads");
    let mut kind = [0];
    stream.read_exact(&mut kind).expect("the server answers");
    assert_eq!(&kind, b"R", "it asks for the password");
    stream
}

#[tokio::test]
async fn the_end_of_a_test_does_not_wait_for_its_own_half_open_sessions() {
    let (database, other) = tokio::join!(testing::database(), testing::database());
    let mut watcher = PgConnection::connect(&other.url()).await.unwrap();
    let half = half_a_session(&database.url());
    let (name, begun) = (database.name().to_owned(), Instant::now());
    drop(database);
    assert!(begun.elapsed() < Duration::from_secs(20), "it took {:?}", begun.elapsed());
    drop(half);
    goes(&mut watcher, &name).await;
}

#[tokio::test]
async fn arabic_letters_are_letters_to_the_server() {
    let database = testing::database().await;
    let mut connection = PgConnection::connect(&database.url()).await.unwrap();
    sqlx::query("CREATE EXTENSION pg_trgm").execute(&mut connection).await.unwrap();
    let similarity: f32 = sqlx::query_scalar("SELECT similarity('فندق', 'الفندق')")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert!(similarity > 0.2, "{similarity}");
}
