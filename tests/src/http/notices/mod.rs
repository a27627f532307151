//! What customers are told: once, in their language, with the right figures, and for as long as it is to be told.

pub(crate) mod delivery;
mod refunds;
mod reminders;
mod told;

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Client, Hotel, World, eventually, with};

/// Far longer than it takes to write a notice.
const PATIENCE: Duration = Duration::from_secs(15);

/// A world that tells its customers.
async fn telling() -> World {
    World::start_with(&[("DAYBOOK_NOTICES", "console")]).await
}

/// Waits until every event so far was looked at, and every notice that is due was delivered or given up.
pub(crate) async fn settled(client: &Client) {
    let head = client.head().await;
    eventually("the process manager catches up", PATIENCE, || async {
        let found = client.get("/v1/projections").await.expect(200);
        let mut processes = found["processes"].as_array()?.iter();
        let process = processes.find(|process| process["name"] == "notices")?;
        (process["position"].as_i64()? >= head).then_some(())
    })
    .await;
    eventually("nothing is due", PATIENCE, || async {
        let path = format!("/v1/notices?state=waiting&min_position={}", client.head().await);
        let waiting = items(client, &path).await;
        let now = Utc::now().to_rfc3339();
        let due = |notice: &Value| notice["next_attempt_at"].as_str().is_none_or(|at| at <= &*now);
        (!waiting.iter().any(due)).then_some(())
    })
    .await;
}

/// Everything that a list has, page by page.
async fn items(client: &Client, path: &str) -> Vec<Value> {
    let (mut all, mut next) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("{path}&limit=1000{next}")).await.expect(200);
        all.extend(page["items"].as_array().expect("a page has items").clone());
        let Some(cursor) = page["next_cursor"].as_str() else { return all };
        next = format!("&cursor={cursor}");
    }
}

/// The notices about a booking, but for its reminders, once all are written.
async fn about(client: &Client, booking: &str) -> Vec<Value> {
    settled(client).await;
    let mut found = items(client, &format!("/v1/notices?booking_id={booking}")).await;
    found.retain(|notice| notice["kind"] != "reminder");
    found
}

/// The reminders of a booking, once all are written.
async fn reminders(client: &Client, booking: &str) -> Vec<Value> {
    settled(client).await;
    items(client, &format!("/v1/notices?kind=reminder&booking_id={booking}")).await
}

fn each<'a>(notices: &'a [Value], member: &str) -> Vec<&'a str> {
    notices.iter().map(|notice| notice[member].as_str().unwrap_or_default()).collect()
}

/// Without what nobody sees.
fn visible(text: &Value) -> String {
    text.as_str().expect("a text").replace(['\u{2068}', '\u{2069}', '\u{200f}'], "")
}

/// The organization of a hotel, registered with what its customers are to hear of.
async fn organize(client: &Client, hotel: &Hotel, notices: &Value) {
    let organization = json!({
        "id": hotel.organization, "name": {"en": "Coast Hotels", "ar": "فنادق الساحل"},
        "zone": "Europe/Lisbon", "currency": "EUR", "weekend": "sat_sun", "notices": notices,
    });
    client.post("/v1/organizations", &organization).await.expect(201);
}

async fn customer(client: &Client, hotel: &Hotel, language: &str) -> String {
    let customer = json!({
        "organization_id": hotel.organization, "kind": "person", "name": "رانيا حداد", "language": language,
    });
    client.post("/v1/customers", &customer).await.id(201)
}

async fn step(client: &Client, booking: &str, name: &str, body: &Value) {
    client.post(&format!("/v1/bookings/{booking}/{name}"), body).await.expect(200);
}

fn other_times(arrival: &str, departure: &str) -> Value {
    json!({"lines": [{"line": 0, "arrival": arrival, "departure": departure}]})
}

fn ago(minutes: i64) -> String {
    (Utc::now() - TimeDelta::minutes(minutes)).to_rfc3339()
}

/// A booking of two nights, made at once.
async fn booked(client: &Client, hotel: &Hotel) -> String {
    client.post("/v1/bookings", &hotel.booking("2031-05-30", "2031-06-01")).await.id(201)
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_refused() {
    let world = telling().await;
    let client = world.client();
    for query in ["kind=gossip", "state=lost", "customer_id=me", "colour=red"] {
        client.get(&format!("/v1/notices?{query}")).await.problem(400, "bad-query");
    }
    let nobody = format!("/v1/notices/{}", Uuid::now_v7());
    let problem = client.get(&nobody).await.problem(404, "not-found");
    assert_eq!(problem["reason"], "notice_not_found");
    let retry = client.post(&format!("{nobody}/retry"), &json!({})).await;
    assert_eq!(retry.problem(404, "not-found")["reason"], "notice_not_found");
    let hotel = Hotel::open(&client, 1).await;
    let booking = booked(&client, &hotel).await;
    let notice = about(&client, &booking).await.remove(0);
    let path = format!("/v1/notices/{}", notice["id"].as_str().unwrap());
    client.get(&format!("{path}?language=fr")).await.problem(400, "bad-query");
    let retry = client.post(&format!("{path}/retry"), &json!({})).await;
    assert_eq!(retry.problem(422, "policy-refusal")["reason"], "notice_delivered");
    organize(&client, &hotel, &json!({})).await;
    let settings = format!("/v1/organizations/{}", hotel.organization);
    for (notices, field) in [
        (json!({"reminder_minutes": 600_000}), "/notices/reminder_minutes"),
        (json!({"off": ["gossip"]}), "/notices/off/0"),
        (json!({"colour": "red"}), "/notices/colour"),
    ] {
        let problem = client.patch(&settings, &with(json!({}), "notices", notices)).await;
        assert_eq!(problem.any_problem()["errors"][0]["field"], field);
    }
}
