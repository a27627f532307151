//! Days on which clocks are changed: of 23 hours, of 25, and without a midnight.

use serde_json::{Value, json};

use super::{refused, shown};
use crate::harness::{Client, Studio, World, order, time, with};

/// A room of a zone, at 10 dinars an hour, that is open at these hours of every day.
async fn room(client: &Client, studio: &Studio, zone: &str, from: &str, to: &str) -> Room {
    let price = json!({"minor": 10_000, "currency": "JOD"});
    let listing = with(with(studio.listing("room"), "zone", zone), "price_per_hour", price);
    let listing = client.post("/v1/listings", &listing).await.id(201);
    let room = with(studio.resource("room", 1), "listing_id", listing.clone());
    let room = client.post("/v1/resources", &room).await.id(201);
    let hours = json!([{"from": from, "to": to}]);
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let week: serde_json::Map<_, _> =
        days.map(|day| (day.to_owned(), hours.clone())).into_iter().collect();
    let schedules = json!({"schedules": [{"zone": zone, "hours": week}]});
    client.post(&format!("/v1/resources/{room}/schedules"), &schedules).await.expect(200);
    Room { listing, room }
}

struct Room {
    listing: String,
    room: String,
}

impl Room {
    fn booking(&self, start: &str, end: &str) -> Value {
        order(&self.listing, &[time(&self.room, start, end)])
    }
}

#[tokio::test]
async fn hours_are_those_that_the_wall_clock_shows_and_prices_those_that_pass() {
    let world = World::start().await;
    let client = world.client();
    let studio = Studio::open(&client, json!({"duration": 60}), &[]).await;
    let new_york = room(&client, &studio, "America/New_York", "01:00", "04:00").await;
    let cairo = room(&client, &studio, "Africa/Cairo", "22:00", "24:00").await;
    let morning = room(&client, &studio, "Africa/Cairo", "00:00", "02:00").await;
    for (room, start, end, minutes, local) in [
        // three hours on the clock, of which one is skipped
        (&new_york, "2031-03-09T06:00:00Z", "2031-03-09T08:00:00Z", 120, "01:00:00 04:00:00"),
        (&new_york, "2031-03-10T05:00:00Z", "2031-03-10T08:00:00Z", 180, "01:00:00 04:00:00"),
        // three on the clock, of which one is shown twice
        (&new_york, "2031-11-02T05:00:00Z", "2031-11-02T09:00:00Z", 240, "01:00:00 04:00:00"),
        // the last hour of this Thursday is shown twice
        (&cairo, "2031-10-30T19:00:00Z", "2031-10-30T22:00:00Z", 180, "22:00:00 00:00:00"),
        // this Friday begins at one
        (&morning, "2031-04-24T22:00:00Z", "2031-04-24T23:00:00Z", 60, "01:00:00 02:00:00"),
    ] {
        let made = client.post("/v1/bookings", &room.booking(start, end)).await;
        assert_eq!(made.expect(201)["total"]["minor"], minutes * 10_000 / 60, "{start}");
        let line = shown(&client, &made).await["lines"][0].clone();
        let clock = |field: &str| line[field].as_str().unwrap()[11..].to_owned();
        assert_eq!(format!("{} {}", clock("starts_local"), clock("ends_local")), local, "{start}");
    }
    for (room, start, end) in [
        (&new_york, "2031-03-09T05:30:00Z", "2031-03-09T06:00:00Z"),
        (&new_york, "2031-03-09T07:30:00Z", "2031-03-09T08:30:00Z"),
        (&new_york, "2031-11-02T04:30:00Z", "2031-11-02T05:00:00Z"),
        (&cairo, "2031-10-30T18:30:00Z", "2031-10-30T19:00:00Z"),
        (&cairo, "2031-10-30T22:00:00Z", "2031-10-30T22:30:00Z"),
        (&morning, "2031-04-24T21:30:00Z", "2031-04-24T22:30:00Z"),
        (&morning, "2031-04-24T22:30:00Z", "2031-04-24T23:30:00Z"),
    ] {
        refused(&client.post("/v1/bookings", &room.booking(start, end)).await, "closed");
    }
    world.audit().await.assert_sound().await;
}
