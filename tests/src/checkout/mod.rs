//! Bookings that are paid online, from the hold to the money in the bank or back with whoever paid.

mod killed;
mod late;
mod left_to_people;
mod simulated;
mod webhooks;

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Client, Hotel, eventually};

/// How long what a provider has to be asked, or sends by itself, may take.
const PATIENCE: Duration = Duration::from_secs(20);

fn euros(minor: u64) -> Value {
    json!({"minor": minor, "currency": "EUR"})
}

/// A payment by card as its customer sees it.
struct Paying {
    booking: String,
    payment: String,
}

impl Paying {
    /// Makes a booking and begins to pay an amount for it.
    async fn begin(client: &Client, request: &Value, amount: u64) -> Self {
        let booking = client.post("/v1/bookings", request).await.id(201);
        Self::of(client, &booking, json!({"amount": euros(amount)})).await
    }

    /// Begins to pay for a booking.
    async fn of(client: &Client, booking: &str, mut body: Value) -> Self {
        body["booking_id"] = booking.into();
        body["method"] = "card".into();
        let payment = client.post("/v1/payments", &body).await.id(201);
        Self { booking: booking.to_owned(), payment }
    }

    fn path(&self, step: &str) -> String {
        format!("/v1/payments/{}/{step}", self.payment)
    }

    async fn checkout(&self, client: &Client) -> Value {
        client.post(&self.path("checkout"), &json!({})).await.expect(200)
    }

    /// The secret that a customer confirms with.
    async fn secret(&self, client: &Client) -> String {
        let told = self.checkout(client).await;
        let secret = told["client_secret"].as_str();
        secret.unwrap_or_else(|| panic!("a secret for the client: {told}")).to_owned()
    }

    /// Pays with the simulated provider.
    async fn simulate(&self, client: &Client, means: &str) -> Value {
        client.post(&self.path("simulate"), &json!({"means": means})).await.expect(200)
    }

    async fn shown(&self, client: &Client) -> Value {
        let head = client.head().await;
        let path = format!("/v1/payments/{}?min_position={head}", self.payment);
        client.get(&path).await.expect(200)
    }

    /// Waits until the payment has come so far.
    async fn becomes(&self, client: &Client, status: &str) -> Value {
        eventually(&format!("the payment is {status}"), PATIENCE, || async {
            let shown = self.shown(client).await;
            (shown["status"] == status).then_some(shown)
        })
        .await
    }

    /// Waits until its booking has come so far.
    async fn booking_becomes(&self, client: &Client, status: &str) -> Value {
        eventually(&format!("the booking is {status}"), PATIENCE, || async {
            let path =
                format!("/v1/bookings/{}?min_position={}", self.booking, client.head().await);
            let shown = client.get(&path).await.expect(200);
            (shown["status"] == status).then_some(shown)
        })
        .await
    }
}

/// A hold on the only kind of room for two nights, which cost 251 euros.
fn held(hotel: &Hotel) -> Value {
    let mut request = hotel.booking("2031-05-30", "2031-06-01");
    request["hold_minutes"] = 15.into();
    request
}

/// The names of all events of a stream, in their order.
async fn events(client: &Client, kind: &str, id: &str) -> Vec<String> {
    let feed = client.feed(0).await;
    let of = |event: &&Value| event["aggregate_type"] == kind && event["aggregate_id"] == id;
    let name = |event: &Value| event["event_type"].as_str().map(str::to_owned);
    feed.iter().filter(of).filter_map(name).collect()
}
