//! Tickets: one for each person, shown at gates, online and after the fact.

mod gates;
mod input;
mod life;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Answer, Client, order};

/// An event tonight: its gates are open, it has not begun.
struct Tonight {
    client: Client,
    listing: String,
    session: String,
}

impl Tonight {
    async fn open(client: &Client, admission: Value) -> Self {
        let listing = json!({
            "organization_id": Uuid::now_v7(), "kind": "event", "name": {"en": "Tonight"},
            "zone": "Asia/Amman", "currency": "JOD",
        });
        let listing = client.post("/v1/listings", &listing).await.id(201);
        let mut tonight = Self { client: client.clone(), listing, session: String::new() };
        tonight.session = tonight.another(30, admission).await;
        tonight
    }

    /// A session that begins in so many minutes.
    async fn another(&self, begins: i64, admission: Value) -> String {
        let offer = |code: &str, pools: &[(&str, u32)]| {
            let draws = pools.iter().map(|(pool, places)| json!({"pool": pool, "places": places}));
            let (draws, price) =
                (draws.collect::<Vec<_>>(), json!({"minor": 25_000, "currency": "JOD"}));
            json!({"code": code, "name": {"en": code}, "price": price, "draws": draws})
        };
        let body = json!({
            "listing_id": self.listing, "start": minutes(begins), "end": minutes(begins + 180),
            "seat_map": [{"code": "stalls", "rows": [{"name": "A", "seats": [1, 2, 3, 4, 5, 6]}]}],
            "pools": [
                {"code": "stalls", "capacity": 6, "sections": ["stalls"]},
                {"code": "lawn", "capacity": 5000},
                {"code": "parking", "capacity": 9},
            ],
            "offers": [
                offer("seat", &[("stalls", 1), ("parking", 1)]),
                offer("lawn", &[("lawn", 1)]),
                offer("family", &[("lawn", 4), ("parking", 1)]),
            ],
            "sales": {"closes": minutes(begins + 170)},
            "admission": admission,
        });
        self.client.post("/v1/sessions", &body).await.id(201)
    }

    fn line(&self, offer: &str, quantity: usize) -> Value {
        json!({"session_id": self.session, "offer": offer, "quantity": quantity})
    }

    /// Books at once; gives the booking and what its tickets are read by.
    async fn book(&self, lines: &[Value]) -> Booked {
        let made = self.client.post("/v1/bookings", &order(&self.listing, lines)).await;
        Booked { client: self.client.clone(), id: made.id(201), position: made.position() }
    }

    /// The tickets of so many on the lawn.
    async fn on_the_lawn(&self, people: usize) -> (Booked, Vec<Value>) {
        let booked = self.book(&[self.line("lawn", people)]).await;
        let tickets = booked.tickets().await;
        (booked, tickets)
    }

    async fn attendance(&self, position: i64) -> [i64; 6] {
        let path = format!("/v1/sessions/{}/attendance?min_position={position}", self.session);
        let counts = self.client.get(&path).await.expect(200);
        ["expected", "inside", "left", "refused", "duplicates", "unmatched"]
            .map(|count| counts[count].as_i64().unwrap())
    }
}

/// A booking and the last that was written of it.
struct Booked {
    client: Client,
    id: String,
    position: i64,
}

impl Booked {
    async fn post(&mut self, what: &str, body: Value) -> Answer {
        let answer = self.client.post(&format!("/v1/bookings/{}/{what}", self.id), &body).await;
        if answer.status == 200 {
            self.position = answer.position();
        }
        answer
    }

    async fn tickets(&self) -> Vec<Value> {
        let path = format!("/v1/bookings/{}/tickets?min_position={}", self.id, self.position);
        self.client.get(&path).await.expect(200)["items"].as_array().unwrap().clone()
    }
}

fn minutes(from_now: i64) -> DateTime<Utc> {
    Utc::now() + TimeDelta::minutes(from_now)
}

/// A scan of a ticket's QR code at the north gate, under a nonce of its own.
fn shown(ticket: &Value, direction: &str) -> Value {
    json!({
        "payload": ticket["payload"], "gate": "north", "direction": direction,
        "nonce": Uuid::now_v7().to_string(),
    })
}

/// What a scan comes to, and why.
async fn scan(client: &Client, body: &Value) -> (String, String) {
    told(&client.post("/v1/scans", body).await.expect(200))
}

fn told(answer: &Value) -> (String, String) {
    let text = |member: &str| answer[member].as_str().unwrap_or_default().to_owned();
    (text("result"), text("reason"))
}

fn admitted() -> (String, String) {
    ("admitted".to_owned(), String::new())
}

fn refused(reason: &str) -> (String, String) {
    ("refused".to_owned(), reason.to_owned())
}
