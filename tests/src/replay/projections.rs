//! Read models against their rebuild from the log.

use std::{process::Output, time::Duration};

use serde_json::{Value, json};

use crate::harness::{Client, Hotel, Load, World, eventually, run, said, with};

async fn verify(world: &World, models: &[&str]) -> Output {
    let mut command = run(&["projections", "verify"]);
    command.args(models).env("DATABASE_URL", world.database_url());
    command.output().await.expect("the command runs")
}

async fn projections(client: &Client) -> Vec<Value> {
    let answer = client.get("/v1/projections").await.expect(200);
    let items = answer.as_array().or(answer["items"].as_array()).expect("a list of models");
    items.clone()
}

/// A hotel with some history, which every model has read to its end.
async fn lived_in() -> (World, Hotel) {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::with_rooms(&client, &[20, 20]).await;
    let load = Load::start(&world.clients(), &hotel, 8);
    load.go_on_for(150).await;
    load.finish().await;
    let head = client.head().await;
    eventually("the models catch up", Duration::from_secs(5), || async {
        let models = projections(&client).await;
        models.iter().all(|model| model["position"] == head).then_some(())
    })
    .await;
    (world, hotel)
}

#[tokio::test]
async fn every_model_equals_its_rebuild() {
    let (world, _) = lived_in().await;
    let output = verify(&world, &[]).await;
    assert!(output.status.success(), "{}", said(&output));
    for model in projections(&world.client()).await {
        assert_eq!(model["parked"], 0, "{model}");
        assert_eq!(model["lag"], 0, "{model}");
    }
}

#[tokio::test]
async fn a_difference_in_any_model_is_found_and_a_rebuild_mends_it() {
    let (world, _) = lived_in().await;
    let client = world.client();
    let pool = world.pool().await;
    let injuries = [
        ("listings", "UPDATE live.listings SET currency = 'USD'"),
        (
            "resources",
            "DELETE FROM live.resources WHERE resource_id = (SELECT min(resource_id::text)::uuid FROM live.resources)",
        ),
        (
            "bookings",
            "UPDATE live.bookings SET nights = nights + 1 WHERE booking_id = (SELECT min(booking_id::text)::uuid FROM live.bookings)",
        ),
        (
            "availability",
            "UPDATE live.availability SET taken = taken - 1 WHERE day = (SELECT max(day) FROM live.availability WHERE taken > 0)",
        ),
        ("analytics", "UPDATE live.analytics_daily SET bookings = bookings + 1"),
    ];
    for (model, injury) in injuries {
        let changed = sqlx::query(injury).execute(&pool).await;
        let changed = changed.unwrap_or_else(|error| panic!("{injury}: {error}"));
        assert!(changed.rows_affected() > 0, "{injury}");
        let output = verify(&world, &[model]).await;
        assert!(
            !output.status.success(),
            "{model}: the difference was not found\n{}",
            said(&output)
        );
        let path = format!("/v1/projections/{model}/rebuild");
        let rebuilt = client.post(&path, &json!({})).await;
        assert!((200..300).contains(&rebuilt.status), "{}", rebuilt.text());
        eventually("the rebuild mends it", Duration::from_secs(20), || async {
            verify(&world, &[model]).await.status.success().then_some(())
        })
        .await;
    }
    let output = verify(&world, &[]).await;
    assert!(output.status.success(), "{}", said(&output));
}

#[tokio::test]
async fn models_are_rebuilt_while_clients_write_and_read() {
    let (world, hotel) = lived_in().await;
    let client = world.client();
    let before = projections(&client).await;
    let load = Load::start(&world.clients(), &hotel, 8);
    for model in &before {
        let name = model["name"].as_str().expect("a name");
        let path = format!("/v1/projections/{name}/rebuild");
        let rebuilt = client.post(&path, &json!({})).await;
        assert!((200..300).contains(&rebuilt.status), "{}", rebuilt.text());
        eventually(&format!("{name} is rebuilt"), Duration::from_secs(20), || async {
            // Whatever is asked meanwhile is answered.
            client.get("/v1/bookings?limit=5").await.expect(200);
            client.get(&hotel.availability("2031-05-01", "2031-06-01", 0)).await.expect(200);
            let models = projections(&client).await;
            let now = models.iter().find(|model| model["name"] == name).expect("still listed");
            let newer = now["generation"].as_i64() > model["generation"].as_i64();
            (newer && now["rebuilding"].is_null()).then_some(())
        })
        .await;
    }
    load.go_on_for(50).await;
    let already = load.finish().await;
    assert_eq!(already.troubles.wrong, Vec::<String>::new());
    assert_eq!(already.troubles.later, 0);
    world.audit().await.assert_sound().await;
    let output = verify(&world, &[]).await;
    assert!(output.status.success(), "{}", said(&output));
}

#[tokio::test]
async fn only_models_that_exist_can_be_rebuilt_or_verified() {
    let world = World::start().await;
    let client = world.client();
    client.post("/v1/projections/unheard-of/rebuild", &json!({})).await.problem(404, "not-found");
    let output = verify(&world, &["unheard-of"]).await;
    assert!(!output.status.success(), "{}", said(&output));
}

#[tokio::test]
async fn a_sum_that_no_column_holds_parks_one_booking_and_operators_see_it() {
    let (world, hotel) = lived_in().await;
    let client = world.client();
    let fortune = json!({"minor": i64::MAX, "currency": "EUR"});
    let night = || with(hotel.line("2032-05-10", "2032-05-11"), "price_per_night", fortune.clone());
    client.post("/v1/bookings", &hotel.order(&[night()])).await.id(201);
    client.post("/v1/bookings", &hotel.order(&[night()])).await.id(201);
    let after = client.post("/v1/bookings", &hotel.booking("2032-05-10", "2032-05-12")).await;
    let parked = async |model: &str| {
        let models = projections(&client).await;
        let model = models.into_iter().find(|found| found["name"] == model).expect("it is listed");
        (model["position"].as_i64() >= Some(after.position())).then(|| model["parked"].clone())
    };
    for (model, count) in [("bookings", 0), ("analytics", 2)] {
        // the second fortune has no place in the sum of that night, nor has whatever follows it
        let told = eventually("it goes on", Duration::from_secs(5), || parked(model)).await;
        assert_eq!(told, count, "{model}");
        let answer = client.get("/metrics").await;
        let metrics = answer.text();
        let series = format!("daybook_projection_parked_keys{{projection=\"{model}\"}} {count}");
        assert!(metrics.contains(&series), "no {series} in\n{metrics}");
    }
    let output = verify(&world, &[]).await;
    assert!(output.status.success(), "{}", said(&output));
}
