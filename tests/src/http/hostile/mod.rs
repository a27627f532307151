//! Input that no honest client sends: each gets a problem of the client's own making, and the log stays as it is.

mod bodies;
mod series;
mod texts;
mod values;

use serde_json::Value;

use crate::harness::{Answer, Client, Hotel, World};

/// A hotel to aim at, and proof that nothing was written since it was made.
struct Target {
    world: World,
    client: Client,
    hotel: Hotel,
}

impl Target {
    async fn new() -> Self {
        let world = World::start().await;
        let client = world.client();
        let hotel = Hotel::open(&client, 5).await;
        Self { world, client, hotel }
    }

    fn booking(&self) -> Value {
        self.hotel.booking("2031-05-10", "2031-05-12")
    }

    async fn refuse(&self, body: &Value) -> Value {
        let answer = self.client.post("/v1/bookings", body).await;
        assert_client_error(&answer, &body.to_string());
        answer.json()
    }

    async fn assert_untouched(&self) {
        assert_eq!(self.world.audit().await.head().await, self.hotel.position);
        // The server is as well as before.
        self.client.post("/v1/bookings", &self.booking()).await.expect(201);
    }
}

#[track_caller]
fn assert_client_error(answer: &Answer, what: &str) {
    let what: String = what.chars().take(300).collect();
    assert!((400..500).contains(&answer.status), "{} to {what}: {}", answer.status, answer.text());
    answer.any_problem();
}
