//! What was paid, compared with the books of the provider.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{BAD_CARD, Client, Emulator, GOOD_CARD, Hotel, World, charge_of, eventually};

/// How long what a provider has to be asked, or sends by itself, may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A payment by card as its customer sees it.
struct Paying {
    booking: String,
    payment: String,
    secret: String,
}

impl Paying {
    /// Begins to pay for two nights.
    async fn begin(client: &Client, hotel: &Hotel) -> Self {
        let booking = client.post("/v1/bookings", &hotel.booking("2031-05-30", "2031-06-01")).await;
        let booking = booking.id(201);
        let body = json!({
            "booking_id": booking,
            "amount": {"minor": 25_100, "currency": "EUR"},
            "method": "card",
        });
        let payment = client.post("/v1/payments", &body).await.id(201);
        let checkout = format!("/v1/payments/{payment}/checkout");
        let checkout = client.post(&checkout, &json!({})).await.expect(200);
        let secret = checkout["client_secret"].as_str().expect("a secret for the client");
        Self { secret: secret.to_owned(), booking, payment }
    }

    fn charge(&self) -> &str {
        charge_of(&self.secret)
    }

    async fn becomes(&self, client: &Client, status: &str) -> Value {
        let path = format!("/v1/payments/{}", self.payment);
        eventually("the payment goes on", PATIENCE, || async {
            let seen = client.get(&path).await.expect(200);
            (seen["status"] == status).then_some(seen)
        })
        .await
    }
}

#[tokio::test]
async fn a_webhook_of_the_provider_confirms_what_was_paid() {
    let emulator = Emulator::start();
    let mut world = World::start_with(&emulator.settings()).await;
    emulator.send_webhooks_to(world.server()).await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    let paying = Paying::begin(&client, &hotel).await;
    let declined = emulator.pay(&paying.secret, BAD_CARD).await;
    assert_eq!(declined["error"]["code"], "card_declined", "{declined}");
    let intent = emulator.pay(&paying.secret, GOOD_CARD).await;
    assert_eq!(intent["status"], "requires_capture", "{intent}");
    paying.becomes(&client, "captured").await;
    let path = format!("/v1/bookings/{}", paying.booking);
    eventually("the booking is confirmed", PATIENCE, || async {
        let seen = client.get(&path).await.expect(200);
        (seen["status"] == "confirmed").then_some(())
    })
    .await;
    assert_eq!(emulator.intent(paying.charge()).await["amount_received"], 25_100);
    assert_eq!((emulator.intents().await.len(), emulator.refunds().await.len()), (1, 0));
}
