//! What can be had once, asked for by many at once on two servers: the place of holds that have ended, by guests who all
//! pay late; and the price of one quote. The control looks first and writes then, and gives the same away several times.

use std::time::Duration;

use daybook_local_postgres::testing;
use serde_json::{Value, json};
use sqlx::{PgPool, postgres::PgPoolOptions};
use uuid::Uuid;

use super::{Outcome, race, rotated, two_servers};
use crate::harness::{Client, Hotel, World, insist, with};

const CROWD: usize = 24;
const PATIENCE: Duration = Duration::from_mins(1);

/// Asks until there is a final answer: it was had, or one of these refusals came.
async fn ask(servers: Vec<Client>, path: String, body: Value, refusals: &[&str]) -> Outcome {
    let key = Uuid::now_v7().to_string();
    let (answer, troubles) = insist(&servers, &path, &body, &key, PATIENCE).await;
    assert_eq!(troubles.wrong, Vec::<String>::new());
    if answer.status < 300 {
        return Outcome::Sold;
    }
    let problem = answer.any_problem();
    let told = problem["type"].as_str().into_iter().chain(problem["reason"].as_str());
    let known = |told: &str| refusals.contains(&told.trim_start_matches("/problems/"));
    assert!(told.into_iter().any(known), "{problem}");
    Outcome::SoldOut
}

/// Guests who held the same room one after the other, and let their deadlines pass.
async fn too_late(world: &World, hotel: &Hotel) -> Vec<String> {
    let client = world.client();
    let began = chrono::Utc::now() - chrono::TimeDelta::days(1);
    let mut bookings = Vec::new();
    for number in 0..CROWD {
        let at = began + chrono::TimeDelta::minutes(i64::try_from(number).expect("few") * 10);
        let hold = with(hotel.booking("2031-05-30", "2031-06-02"), "hold_minutes", 5);
        let hold = with(hold, "occurred_at", at.to_rfc3339());
        bookings.push(client.post("/v1/bookings", &hold).await.id(201));
    }
    bookings
}

#[tokio::test]
async fn of_many_who_pay_late_for_one_place_one_has_it() {
    let world = two_servers().await;
    let hotel = Hotel::open(&world.client(), 1).await;
    let bookings = too_late(&world, &hotel).await;
    let late = bookings.iter().enumerate().map(|(number, booking)| {
        let servers = rotated(&world.clients(), number);
        let payment = json!({
            "booking_id": booking, "amount": {"minor": 37_650, "currency": "EUR"}, "method": "cash",
            "captured": true,
        });
        let confirm = format!("/v1/bookings/{booking}/confirm");
        async move {
            servers[0].post("/v1/payments", &payment).await.expect(201);
            let plain = servers[0].post(&confirm, &json!({})).await;
            let reason = plain.problem(422, "policy-refusal")["reason"].clone();
            assert!(
                ["hold_ended", "lapsed", "already_confirmed"].contains(&reason.as_str().unwrap())
            );
            ask(servers, confirm, json!({"late": true}), &["sold-out"]).await
        }
    });
    assert_eq!(race(late.collect()).await, (1, CROWD - 1));
    let audit = world.audit().await;
    audit.assert_sound().await;
    let confirmed = audit.bookings_with("confirmed").await;
    assert_eq!(confirmed.len(), 1, "{confirmed:?}");
}

#[tokio::test]
async fn of_many_who_book_one_quote_one_has_its_price() {
    let world = two_servers().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 100).await;
    let order = json!({
        "listing_id": hotel.listing, "lines": [hotel.line("2031-05-30", "2031-06-02")],
        "party": {"adults": 2},
    });
    let quote = client.post("/v1/quotes", &order).await.id(201);
    let tries = (0..CROWD).map(|number| {
        let servers = rotated(&world.clients(), number);
        let order = json!({"quote_id": quote, "customer_id": Uuid::now_v7()});
        ask(servers, "/v1/bookings".to_owned(), order, &["quote_used"])
    });
    assert_eq!(race(tries.collect()).await, (1, CROWD - 1));
    let audit = world.audit().await;
    assert_eq!(audit.bookings_made().await.len(), 1);
    audit.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_looks_first_and_writes_then_gives_the_same_away_twice() {
    let database = testing::database().await;
    let pool = PgPoolOptions::new().max_connections(16).connect(&database.url()).await;
    let pool = pool.expect("the database answers");
    let table = "CREATE TABLE once (id int PRIMARY KEY, takers int NOT NULL)";
    sqlx::query(table).execute(&pool).await.expect("a table can be made");
    for number in 0..20 {
        let one = sqlx::query("INSERT INTO once VALUES ($1, 0)").bind(number);
        one.execute(&pool).await.expect("a row");
        let takers = (0..CROWD).map(|_| look_then_take(pool.clone(), number)).collect();
        if race(takers).await.0 > 1 {
            return;
        }
    }
    panic!("nobody ever had what another one had: it is no race");
}

/// How one must not do it.
async fn look_then_take(pool: PgPool, number: i32) -> Outcome {
    let look = sqlx::query_scalar("SELECT takers FROM once WHERE id = $1").bind(number);
    let takers: i32 = look.fetch_one(&pool).await.expect("a count");
    if takers > 0 {
        return Outcome::SoldOut;
    }
    let take = sqlx::query("UPDATE once SET takers = takers + 1 WHERE id = $1").bind(number);
    take.execute(&pool).await.expect("an update");
    Outcome::Sold
}
