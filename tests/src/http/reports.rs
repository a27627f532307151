//! Analytics: what happened, counted on the day it belongs to.

use serde_json::{Value, json};

use crate::harness::{Hotel, PRICE, World, with};

fn sum(items: &[Value], measure: &str) -> i64 {
    items.iter().map(|item| item[measure].as_i64().unwrap_or_default()).sum()
}

#[tokio::test]
async fn bookings_are_counted_by_month_and_channel() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 10).await;
    let book = |arrival: &str, departure: &str, channel: &str| {
        let mut request = hotel.booking(arrival, departure);
        request["dimensions"] = json!({"channel": channel, "country": "PRT"});
        with(request, "occurred_at", "2024-02-01T10:00:00Z")
    };
    // Two nights in March and one in April, slept.
    let slept = client.post("/v1/bookings", &book("2024-03-30", "2024-04-02", "Direct")).await;
    let slept = slept.id(201);
    let gone =
        client.post("/v1/bookings", &book("2024-03-10", "2024-03-12", "Direct")).await.id(201);
    let absent =
        client.post("/v1/bookings", &book("2024-03-20", "2024-03-21", "Agent")).await.id(201);
    let steps = [
        (&slept, "check-in", "2024-03-30T16:00:00Z"),
        (&slept, "check-out", "2024-04-02T09:00:00Z"),
        (&gone, "cancel", "2024-02-15T09:00:00Z"),
        (&absent, "no-show", "2024-03-20T23:00:00Z"),
    ];
    let mut position = 0;
    for (id, step, at) in steps {
        let path = format!("/v1/bookings/{id}/{step}");
        let answer = client.post(&path, &json!({ "occurred_at": at })).await;
        answer.expect(200);
        position = answer.position();
    }

    let path = format!(
        "/v1/analytics/bookings?group_by=month&listing_id={}&from=2024-01-01&to=2024-05-01&min_position={position}",
        hotel.listing
    );
    let report = client.get(&path).await.expect(200);
    let items = report["items"].as_array().expect("rows");
    let month = |month: &str| {
        let row = items.iter().find(|item| item["month"] == month);
        let row = row.unwrap_or_else(|| panic!("no {month} in {report}"));
        [
            "bookings",
            "cancellations",
            "no_shows",
            "arrivals",
            "departures",
            "room_nights",
            "revenue_minor",
        ]
        .map(|measure| row[measure].as_i64().unwrap_or_else(|| panic!("{measure} in {row}")))
    };
    let price = i64::try_from(PRICE).expect("a price is small");
    assert_eq!(month("2024-02"), [3, 1, 0, 0, 0, 0, 0]);
    assert_eq!(month("2024-03"), [0, 0, 1, 1, 0, 2, 2 * price]);
    assert_eq!(month("2024-04"), [0, 0, 0, 0, 1, 1, price]);

    let path = format!("/v1/analytics/bookings?group_by=channel&min_position={position}");
    let report = client.get(&path).await.expect(200);
    let items = report["items"].as_array().expect("rows");
    assert_eq!(sum(items, "bookings"), 3);
    let direct: Vec<_> = items.iter().filter(|item| item["channel"] == "Direct").cloned().collect();
    assert_eq!(sum(&direct, "bookings"), 2);
    assert_eq!(sum(&direct, "cancellations"), 1);
    assert_eq!(sum(&direct, "room_nights"), 3);
}

#[tokio::test]
async fn a_hold_is_no_booking_until_it_is_confirmed() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 10).await;
    let held = with(hotel.booking("2031-05-10", "2031-05-13"), "hold_minutes", 60);
    let answer = client.post("/v1/bookings", &held).await;
    let report = async |position: i64| {
        let path = format!("/v1/analytics/bookings?group_by=listing&min_position={position}");
        let report = client.get(&path).await.expect(200);
        let items = report["items"].as_array().expect("rows").clone();
        (sum(&items, "bookings"), sum(&items, "room_nights"))
    };
    assert_eq!(report(answer.position()).await, (0, 0));
    let path = format!("/v1/bookings/{}/confirm", answer.id(201));
    let confirmed = client.post(&path, &json!({})).await;
    assert_eq!(report(confirmed.position()).await, (1, 3));
}
