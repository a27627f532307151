//! The feed, replayed through the rules alone, gives what the server answers.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use cqrs_es::Aggregate;
use daybook_domain::{
    booking::Booking,
    calendar::Calendar,
    payment::Payment,
    values::{CalendarId, ResourceId},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::harness::{Client, Hotel, Load, World, with};

/// All aggregates of a kind, folded from lines of the feed.
fn replay<A>(feed: &[Value]) -> HashMap<String, A>
where
    A: Aggregate,
    A::Event: DeserializeOwned,
{
    let mut states: HashMap<String, A> = HashMap::new();
    for line in feed.iter().filter(|line| line["aggregate_type"] == A::TYPE) {
        let id = line["aggregate_id"].as_str().expect("an id").to_owned();
        let event = serde_json::from_value::<A::Event>(line["data"].clone())
            .expect("the data is the event");
        states.entry(id).or_default().apply(event);
    }
    states
}

#[tokio::test]
async fn the_feed_replayed_through_the_rules_gives_what_the_server_answers() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::with_rooms(&client, &[15, 10]).await;
    let load = Load::start(&world.clients(), &hotel, 8);
    load.go_on_for(200).await;
    let ledger = load.finish().await;
    for booking in ledger.made.keys().take(10) {
        let payment = json!({
            "booking_id": booking,
            "amount": {"minor": 500, "currency": "EUR"},
            "method": "cash",
        });
        let payment = client.post("/v1/payments", &payment).await.id(201);
        let refund = json!({"amount": {"minor": 200, "currency": "EUR"}});
        client.post(&format!("/v1/payments/{payment}/refund"), &refund).await.expect(200);
    }
    let position = client.head().await;
    let feed = client.feed(0).await;

    let bookings = replay::<Booking>(&feed);
    assert_eq!(bookings.len(), ledger.made.len());
    for (id, booking) in &bookings {
        let path = format!("/v1/bookings/{id}?min_position={position}");
        let told = client.get(&path).await.expect(200);
        assert_eq!(told["status"], booking.status().as_str(), "{id}");
        let total = booking.total().expect("a booking that was made costs something");
        assert_eq!(told["total"], serde_json::to_value(total).unwrap(), "{id}");
        assert_eq!(told["customer_id"], booking.customer().unwrap().to_string(), "{id}");
        assert_eq!(told["lines"].as_array().unwrap().len(), booking.lines().len(), "{id}");
    }
    let payments = replay::<Payment>(&feed);
    assert_eq!(payments.len(), 10);
    for id in payments.keys() {
        let path = format!("/v1/payments/{id}?min_position={position}");
        assert_eq!(client.get(&path).await.expect(200)["status"], "partially_refunded");
    }
    let calendars = replay::<Calendar>(&feed);
    assert!(calendars.len() >= 4, "two rooms in two months");
    for room in &hotel.rooms {
        compare_days(&client, room, &calendars, position).await;
    }
}

/// What is free on each day, by the rules and by the server.
async fn compare_days(
    client: &Client,
    room: &str,
    calendars: &HashMap<String, Calendar>,
    position: i64,
) {
    let path = format!(
        "/v1/availability?resource_id={room}&from=2031-05-01&to=2031-07-01&min_position={position}"
    );
    let page = client.get(&path).await.expect(200);
    let mut seen = BTreeMap::new();
    for item in page["items"].as_array().expect("days") {
        let day: NaiveDate = item["day"].as_str().unwrap().parse().unwrap();
        seen.insert(day, item["free"].as_u64().unwrap());
    }
    assert_eq!(seen.len(), 61);
    let resource: ResourceId = room.parse().expect("an id");
    let now: DateTime<Utc> = Utc::now();
    for (day, free) in seen {
        let month = daybook_domain::values::Month::of(day);
        let id = CalendarId { resource, month }.to_string();
        let calendar = calendars.get(&id).unwrap_or_else(|| panic!("no calendar {id}"));
        assert_eq!(u64::from(calendar.free(day, now)), free, "{room} on {day}");
    }
}

#[tokio::test]
async fn a_new_server_on_an_old_log_answers_the_same() {
    let mut world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    let held = with(hotel.booking("2031-05-30", "2031-06-02"), "hold_minutes", 60);
    let held = client.post("/v1/bookings", &held).await.id(201);
    let last = client.post("/v1/bookings", &hotel.booking("2031-05-30", "2031-06-02")).await;
    let position = last.position();
    let paths = [
        format!("/v1/bookings/{held}?min_position={position}"),
        format!("/v1/bookings/{}?min_position={position}", last.id(201)),
        format!("/v1/listings/{}?min_position={position}", hotel.listing),
        format!("/v1/resources/{}?min_position={position}", hotel.rooms[0]),
        hotel.availability("2031-05-29", "2031-06-03", position),
        format!("/v1/analytics/bookings?group_by=listing,month&min_position={position}"),
    ];
    let ask = async || {
        let mut answers = Vec::new();
        for path in &paths {
            answers.push(client.get(path).await.expect(200));
        }
        answers
    };
    let before = ask().await;
    world.server().kill();
    // Everything that is not the log can be thrown away.
    let pool = world.pool().await;
    for statement in ["DROP SCHEMA live CASCADE", "TRUNCATE checkpoint, parked_key, snapshots"] {
        sqlx::query(statement).execute(&pool).await.expect("the read side can be dropped");
    }
    world.server().start_again().await;
    assert_eq!(ask().await, before);
}
