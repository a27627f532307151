//! The shared test server: one database for each test, gone afterwards.

use daybook_local_postgres::testing;
use sqlx::{Connection, PgConnection};

async fn count(connection: &mut PgConnection, database: &str) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM pg_database WHERE datname = $1")
        .bind(database)
        .fetch_one(connection)
        .await
        .expect("the catalogue can be read")
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
    assert_eq!(count(&mut watcher, &name).await, 0, "even though a session was open");
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
