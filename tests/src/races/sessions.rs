//! Crowds for the last places and seats of sessions, over two servers.

use serde_json::{Value, json};

use super::{Outcome, book, race, rotated, two_servers};
use crate::harness::{Client, SESSIONS, order};

/// An event with one session of ten numbered seats in two rows, a lawn of nine and three places to park.
struct Evening {
    listing: String,
    sessions: Vec<String>,
}

impl Evening {
    async fn open(client: &Client, sessions: usize) -> Self {
        let listing = json!({
            "organization_id": uuid::Uuid::now_v7(), "kind": "event", "name": {"en": "Evening"},
            "zone": "Asia/Amman", "currency": "JOD",
        });
        let mut evening = Self {
            listing: client.post("/v1/listings", &listing).await.id(201),
            sessions: Vec::new(),
        };
        for _ in 0..sessions {
            let made = client.post("/v1/sessions", &evening.session()).await;
            evening.sessions.push(made.id(201));
        }
        evening
    }

    fn session(&self) -> Value {
        let offer = |code: &str, pools: &[&str]| {
            let draws = pools.iter().map(|pool| json!({"pool": pool, "places": 1}));
            let draws: Vec<_> = draws.collect();
            let price = json!({"minor": 25_000, "currency": "JOD"});
            json!({"code": code, "name": {"en": code}, "price": price, "draws": draws})
        };
        let row = |name: &str| json!({"name": name, "seats": [1, 2, 3, 4, 5]});
        json!({
            "listing_id": self.listing,
            "start": "2031-06-24T17:00:00Z", "end": "2031-06-24T20:00:00Z",
            "seat_map": [{"code": "stalls", "rows": [row("A"), row("B")]}],
            "pools": [
                {"code": "stalls", "capacity": 10, "sections": ["stalls"]},
                {"code": "lawn", "capacity": 9},
                {"code": "parking", "capacity": 3},
            ],
            "offers": [
                offer("seat", &["stalls"]),
                offer("lawn", &["lawn"]),
                offer("picnic", &["lawn", "parking"]),
                offer("vip", &["stalls", "parking"]),
            ],
        })
    }

    fn line(&self, session: usize, offer: &str, quantity: usize) -> Value {
        json!({"session_id": self.sessions[session], "offer": offer, "quantity": quantity})
    }

    fn seat(&self, seats: &[&str]) -> Value {
        let mut line = self.line(0, "seat", seats.len());
        line["seats"] = json!(seats);
        order(&self.listing, &[line])
    }
}

async fn crowd(clients: &[Client], orders: Vec<Value>) -> (usize, usize) {
    let attempts = orders.into_iter().enumerate();
    let attempts: Vec<_> =
        attempts.map(|(number, order)| book(rotated(clients, number), order)).collect();
    race(attempts).await
}

#[tokio::test]
async fn a_seat_that_many_choose_is_given_to_one() {
    let world = two_servers().await;
    let clients = world.clients();
    let evening = Evening::open(&clients[0], 1).await;
    let pairs = [["stalls/A-2", "stalls/A-3"], ["stalls/A-3", "stalls/A-4"]];
    let orders = (0..40).map(|number| match number % 4 {
        0 => evening.seat(&["stalls/A-3"]),
        1 => evening.seat(&["stalls/B-5"]),
        pair => evening.seat(&pairs[pair - 2]),
    });
    assert_eq!(crowd(&clients, orders.collect()).await, (2, 38));
    let audit = world.audit().await;
    audit.assert_sound().await;
    assert_eq!(audit.doubles_noticed(SESSIONS).await, (2, 2));
}

#[tokio::test]
async fn the_last_seats_go_to_those_who_choose_and_those_who_take_the_best() {
    let world = two_servers().await;
    let clients = world.clients();
    let evening = Evening::open(&clients[0], 1).await;
    let orders = (0..48).map(|number| match number % 3 {
        0 => evening.seat(&[&format!("stalls/{}-{}", ["A", "B"][number % 2], 1 + number % 5)]),
        1 => order(&evening.listing, &[evening.line(0, "seat", 1)]),
        _ => order(&evening.listing, &[evening.line(0, "vip", 1)]),
    });
    let (sold, _) = crowd(&clients, orders.collect()).await;
    assert_eq!(sold, 10, "each seat once");
    let audit = world.audit().await;
    audit.assert_sound().await;
    assert_eq!(audit.doubles_noticed(SESSIONS).await, (10, 10), "a seat is noticed at once");
}

#[tokio::test]
async fn orders_over_crossing_pools_and_sessions_all_end() {
    let world = two_servers().await;
    let clients = world.clients();
    let evening = Evening::open(&clients[0], 2).await;
    let orders = (0..56).map(|number| {
        let offers = [["picnic", "vip"], ["vip", "picnic"], ["lawn", "picnic"], ["seat", "lawn"]];
        let [first, second] = offers[number % 4];
        let mut lines = [evening.line(0, first, 1), evening.line(1, second, 1)];
        lines.rotate_left(number / 4 % 2);
        order(&evening.listing, &lines)
    });
    let (sold, sold_out) = crowd(&clients, orders.collect()).await;
    assert!(sold >= 3 && sold_out > 0, "{sold} sold, {sold_out} sold out");
    let audit = world.audit().await;
    audit.assert_sound().await;
    assert_eq!(audit.bookings_made().await.len(), sold);
    // nobody was turned away from what was left
    let events = audit.events(SESSIONS).await;
    let lawn: u64 = events
        .iter()
        .filter(|event| event.aggregate_id == evening.sessions[0])
        .filter_map(|event| event.payload["allocated"]["takes"].as_array())
        .flatten()
        .filter(|take| take["offer"] == "lawn" || take["offer"] == "picnic")
        .filter_map(|take| take["quantity"].as_u64())
        .sum();
    let last = order(&evening.listing, &[evening.line(0, "lawn", 1)]);
    let outcome = book(clients, last).await;
    assert_eq!(outcome == Outcome::Sold, lawn < 9, "{lawn} on the lawn");
    let (noticed, all) = audit.doubles_noticed(SESSIONS).await;
    assert!(noticed >= 1 && all >= 2 * sold, "{noticed} of {all}");
}
