//! Who may do what: people of an organization, keys with their rights, and what those who watch over it see.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{comes_back, measure, now};
use crate::harness::{Client, Hotel, World};

async fn key(admin: &Client, name: &str, rights: &[&str]) -> (String, Client) {
    let body = json!({"name": name, "rights": rights});
    let made = admin.post("/v1/api-keys", &body).await.expect(201);
    let [id, key] = ["id", "key"].map(|field| made[field].as_str().expect("a text").to_owned());
    (id, admin.with_key(&key))
}

#[tokio::test]
async fn a_house_gives_out_keys_and_sees_who_did_what() {
    let mut world = World::start().await;
    let admin = world.client();
    let house = super::register(&admin, "House", "Europe/Lisbon", "EUR").await;
    let members = format!("/v1/organizations/{house}/members");
    for (name, role) in [("Ana", "owner"), ("Rui", "staff")] {
        let member = json!({"id": Uuid::now_v7(), "name": name, "role": role});
        admin.post(&members, &member).await.expect(201);
    }
    let shown = now(&admin, &format!("/v1/organizations/{house}")).await;
    assert_eq!(shown["members"].as_array().map(Vec::len), Some(2));
    let hotel = Hotel::open(&admin, 2).await;
    let (desk_id, desk) = key(&admin, "Front desk", &["book", "read"]).await;
    let (_, auditor) = key(&admin, "Auditor", &["read"]).await;

    let request = hotel.booking("2031-05-10", "2031-05-12");
    auditor.post("/v1/bookings", &request).await.problem(403, "forbidden");
    let booking = desk.post("/v1/bookings", &request).await.id(201);
    let mut cheap = hotel.line("2031-05-10", "2031-05-12");
    cheap["price_per_night"] = json!({"minor": 1, "currency": "EUR"});
    desk.post("/v1/bookings", &hotel.order(&[cheap])).await.problem(403, "forbidden");
    let path = format!("/v1/bookings/{booking}");
    let asked = [("idempotency-key", "once")];
    let first = desk.post_with(&format!("{path}/cancel"), &json!({}), &asked).await;
    let again = desk.post_with(&format!("{path}/cancel"), &json!({}), &asked).await;
    assert_eq!(first.body, again.body);

    // the auditor sees who it was, event by event, and the sums
    let history = auditor.get(&format!("{path}/history")).await.expect(200);
    let who = |event: &Value| event["metadata"]["principal_name"].clone();
    let events = history["items"].as_array().unwrap();
    assert_eq!(
        events.iter().map(who).collect::<Vec<_>>(),
        ["Front desk", "Front desk"],
        "{history}"
    );
    let feed = auditor.feed(0).await;
    assert_eq!(i64::try_from(feed.len()).unwrap(), auditor.head().await);
    assert_eq!(measure(&auditor, &hotel.listing, "cancellations").await, 1);
    for path in ["/health/live", "/health/ready", "/metrics"] {
        assert_eq!(admin.get(path).await.status, 200, "{path}");
    }
    let models = auditor.get("/v1/projections").await.expect(200);
    assert!(models.to_string().contains("bookings"), "{models}");

    admin.post(&format!("/v1/api-keys/{desk_id}/revoke"), &json!({})).await;
    comes_back(&mut world, &[path, format!("/v1/organizations/{house}")]).await;
    desk.post("/v1/bookings", &request).await.problem(401, "unauthorized");
    auditor.get("/v1/bookings").await.expect(200);
}
