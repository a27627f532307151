//! A small studio whose people and rooms are booked by the hour.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Client, with};

/// An organization in Amman with one service and the people who offer it, made over HTTP.
#[derive(Clone, Debug)]
pub(crate) struct Studio {
    pub(crate) organization: String,
    pub(crate) service: String,
    pub(crate) people: Vec<String>,
}

impl Studio {
    /// A studio whose service is cut into slots by these rules; each of its people serves so many at once.
    pub(crate) async fn open(client: &Client, slots: Value, people: &[u32]) -> Self {
        let organization = json!({
            "name": {"en": "Studio"}, "zone": "Asia/Amman", "currency": "JOD", "weekend": "fri_sat",
        });
        let organization = client.post("/v1/organizations", &organization).await.id(201);
        let mut studio = Self { organization, service: String::new(), people: Vec::new() };
        studio.service = studio.offer(client, slots).await;
        for capacity in people {
            studio.people.push(studio.person(client, *capacity, &[&studio.service]).await);
        }
        studio
    }

    /// One more service.
    pub(crate) async fn offer(&self, client: &Client, slots: Value) -> String {
        let price = json!({"minor": 15_000, "currency": "JOD"});
        let service = with(with(self.listing("service"), "slots", slots), "price", price);
        client.post("/v1/listings", &service).await.id(201)
    }

    /// One more person, whom those who ask for anybody may be given from now on.
    pub(crate) async fn person(&self, client: &Client, capacity: u32, services: &[&str]) -> String {
        let person = self.resource("staff", capacity);
        let answer = client.post("/v1/resources", &with(person, "services", json!(services))).await;
        let path = format!("/v1/resources?min_position={}&limit=1", answer.position());
        client.get(&path).await.expect(200);
        answer.id(201)
    }

    /// A listing of rooms by the hour at 10 dinars, and one resource of it.
    pub(crate) async fn room(
        &self,
        client: &Client,
        capacity: u32,
        slots: Value,
    ) -> (String, String) {
        let price = json!({"minor": 10_000, "currency": "JOD"});
        let listing = with(with(self.listing("room"), "slots", slots), "price_per_hour", price);
        let listing = client.post("/v1/listings", &listing).await.id(201);
        let room = with(self.resource("room", capacity), "listing_id", listing.clone());
        let room = client.post("/v1/resources", &room).await.id(201);
        (listing, room)
    }

    /// A request for a listing.
    pub(crate) fn listing(&self, kind: &str) -> Value {
        json!({
            "organization_id": self.organization, "kind": kind, "name": {"en": "To be booked"},
            "zone": "Asia/Amman", "currency": "JOD",
        })
    }

    /// A request for a resource of no listing.
    pub(crate) fn resource(&self, kind: &str, capacity: u32) -> Value {
        json!({
            "organization_id": self.organization, "kind": kind, "name": {"en": "To be taken"},
            "capacity": capacity,
        })
    }

    /// A line for the service by one of its people.
    pub(crate) fn line(&self, person: usize, start: &str) -> Value {
        json!({"resource_id": self.people[person], "start": start})
    }

    /// A request for a booking of the service by one of its people for a new customer.
    pub(crate) fn booking(&self, person: usize, start: &str) -> Value {
        self.order(&[self.line(person, start)])
    }

    /// A request for a booking of the service by whoever is free.
    pub(crate) fn anybody(&self, start: &str) -> Value {
        self.order(&[json!({ "start": start })])
    }

    /// A request for a booking of several lines by a new customer.
    pub(crate) fn order(&self, lines: &[Value]) -> Value {
        order(&self.service, lines)
    }
}

/// A request for a booking of a listing by a new customer.
pub(crate) fn order(listing: &str, lines: &[Value]) -> Value {
    json!({"listing_id": listing, "customer_id": Uuid::now_v7(), "lines": lines})
}

/// A request for a series: so many Mondays at nine with a resource, by a new customer.
pub(crate) fn mondays(listing: &str, resource: &str, count: usize) -> Value {
    json!({
        "listing_id": listing,
        "customer_id": Uuid::now_v7(),
        "start": "2031-03-10T09:00",
        "duration_minutes": 90,
        "rule": format!("FREQ=WEEKLY;COUNT={count}"),
        "lines": [{"resource_id": resource}],
    })
}

/// A line for a resource from when until when.
pub(crate) fn time(resource: &str, start: &str, end: &str) -> Value {
    json!({"resource_id": resource, "start": start, "end": end})
}
