//! API keys: what they allow, and that they stop.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Client, Hotel, World, eventually, with};

async fn key(admin: &Client, rights: &[&str]) -> (String, Client) {
    let body = json!({"name": rights.join(" and "), "rights": rights});
    let made = admin.post("/v1/api-keys", &body).await.expect(201);
    let key = made["key"].as_str().expect("the key, this once");
    (made["id"].as_str().expect("its id").to_owned(), admin.with_key(key))
}

#[tokio::test]
async fn a_key_may_do_what_its_rights_say_and_nothing_else() {
    let world = World::start().await;
    let admin = world.client();
    let hotel = Hotel::open(&admin, 9).await;
    let booking = hotel.booking("2031-05-30", "2031-06-02");
    let (_, reader) = key(&admin, &["read"]).await;
    let (_, booker) = key(&admin, &["book"]).await;

    reader.get("/v1/bookings").await.expect(200);
    let refused = reader.post("/v1/bookings", &booking).await.problem(403, "forbidden");
    assert!(refused["detail"].as_str().unwrap().contains("book"), "{refused}");
    booker.post("/v1/bookings", &booking).await.expect(201);
    let refused = booker.get("/v1/bookings").await.problem(403, "forbidden");
    assert!(refused["detail"].as_str().unwrap().contains("read"), "{refused}");
    for client in [&reader, &booker] {
        let body = json!({"name": "mine", "rights": ["admin"]});
        client.post("/v1/api-keys", &body).await.problem(403, "forbidden");
        client.get("/v1/api-keys").await.problem(403, "forbidden");
        let rebuild = client.post("/v1/projections/bookings/rebuild", &json!({})).await;
        rebuild.problem(403, "forbidden");
    }
}

#[tokio::test]
async fn the_past_and_the_price_need_rights_of_their_own() {
    let world = World::start().await;
    let admin = world.client();
    let hotel = Hotel::open(&admin, 9).await;
    let (_, booker) = key(&admin, &["book"]).await;
    let (_, recorder) = key(&admin, &["book", "record_past"]).await;
    let (_, pricer) = key(&admin, &["book", "set_price"]).await;

    let past =
        with(hotel.booking("2024-03-10", "2024-03-12"), "occurred_at", "2024-02-01T10:00:00Z");
    let refused = booker.post("/v1/bookings", &past).await.problem(403, "forbidden");
    assert!(refused["detail"].as_str().unwrap().contains("record_past"), "{refused}");
    pricer.post("/v1/bookings", &past).await.problem(403, "forbidden");
    let id = recorder.post("/v1/bookings", &past).await.id(201);
    let cancel = format!("/v1/bookings/{id}/cancel");
    let at = json!({"occurred_at": "2024-02-02T10:00:00Z"});
    booker.post(&cancel, &at).await.problem(403, "forbidden");

    let mut line = hotel.line("2031-05-30", "2031-06-02");
    line["price_per_night"] = json!({"minor": 1, "currency": "EUR"});
    let cheap = hotel.order(&[line]);
    let refused = booker.post("/v1/bookings", &cheap).await.problem(403, "forbidden");
    assert!(refused["detail"].as_str().unwrap().contains("set_price"), "{refused}");
    assert_eq!(pricer.post("/v1/bookings", &cheap).await.expect(201)["total"]["minor"], 3);

    let future = chrono::Utc::now() + chrono::TimeDelta::minutes(6);
    let future =
        with(hotel.booking("2031-05-30", "2031-06-02"), "occurred_at", future.to_rfc3339());
    recorder.post("/v1/bookings", &future).await.problem(422, "bad-value");
}

#[tokio::test]
async fn without_a_valid_key_nothing_is_told() {
    let world = World::start().await;
    let client = world.client();
    let strangers = [
        Client::anonymous(&world.servers[0].url()),
        client.with_key("dbk_0000000000000000000000000000000000000000000000000000000000000000"),
        client.with_key(""),
        client.with_key(&format!("{}x", world.admin_key())),
        client.with_key(&world.admin_key()[..world.admin_key().len() - 1]),
    ];
    for stranger in &strangers {
        for path in ["/v1/bookings", "/v1/events", "/v1/api-keys", "/v1/projections"] {
            let answer = stranger.get(path).await;
            answer.problem(401, "unauthorized");
            assert_ne!(answer.header("www-authenticate"), "");
        }
        stranger.post("/v1/bookings", &json!({})).await.problem(401, "unauthorized");
    }
}

#[tokio::test]
async fn a_revoked_key_stops_within_five_seconds_on_every_server() {
    let mut world = World::start().await;
    world.add_server().await;
    let clients = world.clients();
    let (id, first) = key(&clients[0], &["read"]).await;
    let made_key: Vec<Client> = vec![first.clone(), first.at(&clients[1])];
    for client in &made_key {
        eventually("a new key is known", Duration::from_secs(5), || async {
            (client.get("/v1/bookings").await.status == 200).then_some(())
        })
        .await;
    }
    let revoked = clients[0].post(&format!("/v1/api-keys/{id}/revoke"), &json!({})).await;
    assert!(matches!(revoked.status, 200 | 204), "{}", revoked.text());
    for client in &made_key {
        eventually("a revoked key stops", Duration::from_secs(5), || async {
            (client.get("/v1/bookings").await.status == 401).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn keys_are_listed_without_what_is_secret() {
    let world = World::start().await;
    let admin = world.client();
    let made = admin.post("/v1/api-keys", &json!({"name": "till", "rights": ["book"]})).await;
    let secret = made.expect(201)["key"].as_str().unwrap().to_owned();
    let answer = admin.get("/v1/api-keys").await;
    let listed = answer.expect(200);
    let empty = Vec::new();
    let items = listed["items"].as_array().or(listed.as_array()).unwrap_or(&empty);
    let till = items.iter().find(|item| item["name"] == "till").expect("it is listed");
    assert_eq!(till["rights"], json!(["book"]));
    assert!(!answer.text().contains(&secret));
    assert!(!answer.text().contains(world.admin_key()));
    for body in [
        json!({"name": "", "rights": ["book"]}),
        json!({"name": "x", "rights": ["fly"]}),
        json!({"name": "x"}),
    ] {
        let answer = admin.post("/v1/api-keys", &body).await;
        assert!((400..500).contains(&answer.status), "{body}: {}", answer.text());
        answer.any_problem();
    }
}

#[tokio::test]
async fn the_key_stands_in_no_log_and_no_table() {
    let mut world = World::start().await;
    let admin = world.client();
    Hotel::open(&admin, 1).await;
    admin.get("/v1/bookings").await.expect(200);
    let log = std::fs::read_to_string(world.server().log()).expect("the server logs");
    assert!(!log.contains(world.admin_key()));
    let rows: Vec<(String,)> = sqlx::query_as("SELECT api_keys::text FROM api_keys")
        .fetch_all(world.audit().await.pool())
        .await
        .expect("the keys can be read");
    assert!(!rows.is_empty());
    assert!(rows.iter().all(|(row,)| !row.contains(world.admin_key())));
    let path = world.server().data_dir().join("admin.key");
    let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let events = Value::from(admin.feed(0).await).to_string();
    assert!(!events.contains(world.admin_key()));
}

#[tokio::test]
async fn a_key_that_asks_too_much_is_slowed_down() {
    let world = World::start_with(&[("DAYBOOK_RATE_LIMIT", "20")]).await;
    let client = world.client();
    let gets = (0..200).map(|_| client.get("/v1/bookings?limit=1"));
    let answers = futures::future::join_all(gets).await;
    let slowed: Vec<_> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert!(slowed.len() > 50, "{} of 200", slowed.len());
    assert!(slowed.len() < 200);
    for answer in slowed {
        answer.problem(429, "too-many-requests");
        assert_ne!(answer.header("retry-after"), "");
    }
    tokio::time::sleep(Duration::from_millis(1100)).await;
    client.get("/v1/bookings?limit=1").await.expect(200);
}
