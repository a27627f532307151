//! A small concert that sells out, and those who wait for it.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Answer, Client, order};

/// An event with one session that has one pool of places, made over HTTP.
#[derive(Clone)]
pub(crate) struct Gig {
    pub(crate) client: Client,
    pub(crate) listing: String,
    pub(crate) session: String,
}

impl Gig {
    /// With so many places.
    pub(crate) async fn open(client: &Client, places: u32) -> Self {
        let listing = json!({
            "organization_id": Uuid::now_v7(), "kind": "event", "name": {"en": "Gig"},
            "zone": "Asia/Amman", "currency": "JOD",
        });
        let listing = client.post("/v1/listings", &listing).await.id(201);
        let mut gig = Self { client: client.clone(), listing, session: String::new() };
        gig.session = gig.another(places).await;
        gig
    }

    /// One more session of it.
    pub(crate) async fn another(&self, places: u32) -> String {
        let offer = |code: &str, each: u32| {
            let price = json!({"minor": 25_000, "currency": "JOD"});
            let draws = json!([{"pool": "hall", "places": each}]);
            json!({"code": code, "name": {"en": code}, "price": price, "draws": draws})
        };
        let session = json!({
            "listing_id": self.listing,
            "start": "2031-06-24T17:00:00Z", "end": "2031-06-24T20:00:00Z",
            "pools": [{"code": "hall", "capacity": places}],
            "offers": [offer("any", 1), offer("box", 4)],
        });
        self.client.post("/v1/sessions", &session).await.id(201)
    }

    /// The same with all places sold, each by a booking of its own; and these bookings.
    pub(crate) async fn sold_out(client: &Client, places: u32) -> (Self, Vec<String>) {
        let gig = Self::open(client, places).await;
        let mut bookings = Vec::new();
        for _ in 0..places {
            bookings.push(gig.book(1).await.id(201));
        }
        (gig, bookings)
    }

    pub(crate) fn line(&self, quantity: u32) -> Value {
        json!({"session_id": self.session, "offer": "any", "quantity": quantity})
    }

    /// An order of somebody who does not wait.
    pub(crate) fn order(&self, quantity: u32) -> Value {
        order(&self.listing, &[self.line(quantity)])
    }

    /// Somebody who does not wait books.
    pub(crate) async fn book(&self, quantity: u32) -> Answer {
        self.client.post("/v1/bookings", &self.order(quantity)).await
    }

    pub(crate) async fn cancel(&self, booking: &str) -> Answer {
        self.client.post(&format!("/v1/bookings/{booking}/cancel"), &json!({})).await
    }

    /// There are so many places from now on; nobody is served by that command itself.
    pub(crate) async fn resize(&self, places: u32) {
        let pools = json!([{"code": "hall", "capacity": places}]);
        let path = format!("/v1/sessions/{}", self.session);
        self.client.patch(&path, &json!({"pools": pools})).await.expect(200);
    }

    /// A request of somebody who would wait.
    pub(crate) fn waiting(&self, quantity: u32, priority: u32) -> Value {
        json!({
            "listing_id": self.listing, "customer_id": Uuid::now_v7(),
            "line": self.line(quantity), "priority": priority,
        })
    }

    /// Somebody waits.
    pub(crate) async fn join(&self, quantity: u32, priority: u32) -> String {
        let body = self.waiting(quantity, priority);
        self.client.post("/v1/waiting-list-entries", &body).await.id(201)
    }

    /// Takes an entry one step on.
    pub(crate) async fn step(&self, entry: &str, step: &str, body: Value) -> Answer {
        self.client.post(&format!("/v1/waiting-list-entries/{entry}/{step}"), &body).await
    }

    /// Something is offered for so long from now on.
    pub(crate) async fn offer_for(&self, minutes: u32) {
        let path = format!("/v1/waiting-lists/{}", self.session);
        self.client.patch(&path, &json!({"offer_minutes": minutes})).await.expect(200);
    }

    /// Those who wait or have an offer, in the order in which they are served, each with its status.
    pub(crate) async fn queue(&self) -> Vec<(String, String)> {
        let list = self.client.get(&format!("/v1/waiting-lists/{}", self.session)).await;
        let list = list.expect(200);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let entries = list["entries"].as_array().expect("a list has entries").iter();
        entries.map(|entry| (text(&entry["id"]), text(&entry["status"]))).collect()
    }

    /// How far an entry has come, as the read model has it once it knows all.
    pub(crate) async fn entry(&self, entry: &str) -> Value {
        let head = self.client.head().await;
        let path = format!("/v1/waiting-list-entries/{entry}?min_position={head}");
        self.client.get(&path).await.expect(200)
    }
}
