//! What was paid, compared with the books of the provider.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

use crate::harness::{
    BAD_CARD, Client, Emulator, GOOD_CARD, Hotel, World, charge_of, eventually, run, said,
};

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

/// What the provider's books of this hour say beside ours.
async fn compare(client: &Client, record: bool) -> Value {
    let hour = TimeDelta::hours(1);
    let body = json!({
        "provider": "stripe",
        "from": Utc::now() - hour,
        "until": Utc::now() + hour,
        "record": record,
    });
    let begun = client.post("/v1/reconciliations", &body).await.expect(202);
    let path = format!("/v1/reconciliations/{}", begun["items"][0]["id"]);
    eventually("the books are read", PATIENCE, || async {
        let seen = client.get(&path).await.expect(200);
        assert_ne!(seen["state"], "failed", "{seen}");
        (seen["state"] == "done").then_some(seen)
    })
    .await
}

fn codes(compared: &Value) -> Vec<&str> {
    let differences = compared["differences"].as_array().expect("all that differs");
    differences.iter().map(|found| found["code"].as_str().unwrap_or_default()).collect()
}

#[tokio::test]
async fn a_refund_of_the_desk_is_told_and_recorded_when_that_is_asked() {
    let emulator = Emulator::start();
    let mut world = World::start_with(&emulator.settings()).await;
    emulator.send_webhooks_to(world.server()).await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    let paying = Paying::begin(&client, &hotel).await;
    emulator.pay(&paying.secret, GOOD_CARD).await;
    paying.becomes(&client, "captured").await;
    assert_eq!(codes(&compare(&client, false).await), [""; 0]);

    emulator.lose_webhooks().await;
    let refund = emulator.refund(paying.charge(), 5_000).await;
    let told = compare(&client, false).await;
    assert_eq!(codes(&told), ["refund_unknown_here"]);
    let difference = &told["differences"][0];
    assert_eq!(difference["payment_id"], paying.payment, "{difference}");
    assert_eq!(difference["booking_id"], paying.booking);
    assert_eq!(difference["reference"], refund["id"]);
    assert_eq!(difference["there"], json!({"minor": 5_000, "currency": "EUR"}));
    assert_eq!((&told["open"], &told["recorded"]), (&json!(1), &json!(0)));
    let metrics = client.get("/metrics").await;
    let gauge = "daybook_reconciliation_differences{provider=\"stripe\"} 1";
    assert!(metrics.text().contains(gauge), "{}", metrics.text());
    assert_eq!(paying.becomes(&client, "captured").await["refunded"]["minor"], 0);

    let recorded = compare(&client, true).await;
    assert_eq!(codes(&recorded), ["refund_unknown_here"]);
    assert_eq!((&recorded["open"], &recorded["recorded"]), (&json!(0), &json!(1)), "{recorded}");
    let seen = paying.becomes(&client, "partially_refunded").await;
    assert_eq!(seen["refunded"], json!({"minor": 5_000, "currency": "EUR"}));
    let again = compare(&client, true).await;
    assert_eq!(codes(&again), [""; 0]);
    let latest = client.get("/v1/reconciliations?provider=stripe&limit=1").await.expect(200);
    assert_eq!(latest["items"][0]["id"], again["id"]);
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn what_was_paid_though_no_webhook_came_is_found_in_the_books() {
    let emulator = Emulator::start();
    let world = World::start_with(&emulator.settings()).await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    let paying = Paying::begin(&client, &hotel).await;
    emulator.pay(&paying.secret, GOOD_CARD).await;
    paying.becomes(&client, "requested").await;
    assert_eq!(codes(&compare(&client, false).await), ["authorized_only_there"]);
    paying.becomes(&client, "requested").await;
    assert_eq!(compare(&client, true).await["recorded"], 1);
    paying.becomes(&client, "captured").await;
    let path = format!("/v1/bookings/{}", paying.booking);
    assert_eq!(client.get(&path).await.expect(200)["status"], "confirmed");
    assert_eq!(codes(&compare(&client, true).await), [""; 0]);
    assert_eq!(emulator.intent(paying.charge()).await["amount_received"], 25_100);
}

#[tokio::test]
async fn a_server_compares_by_itself_unless_it_is_told_not_to() {
    let emulator = Emulator::start();
    let world = World::start_with(&emulator.settings()).await;
    let client = world.client();
    let done = eventually("the books are read", PATIENCE, || async {
        let seen = client.get("/v1/reconciliations").await.expect(200);
        (seen["items"][0]["state"] == "done").then_some(seen)
    })
    .await;
    assert_eq!(done["items"].as_array().map(Vec::len), Some(1), "{done}");
    let first = &done["items"][0];
    assert_eq!((&first["provider"], &first["scheduled"]), (&json!("stripe"), &json!(true)));
    assert_eq!((&first["record"], &first["open"]), (&json!(true), &json!(0)));
    let age = |member: &str| {
        let at = first[member].as_str().expect("an instant");
        Utc::now() - at.parse::<chrono::DateTime<Utc>>().expect("an instant")
    };
    assert!(age("until") >= TimeDelta::minutes(10), "what is on its way is left out: {first}");
    assert!(age("from") >= TimeDelta::days(3), "{first}");

    let [key, secrets, url] = emulator.settings();
    let never = World::start_with(&[key, secrets, url, ("DAYBOOK_RECONCILE_HOURS", "0")]).await;
    let none = never.client().get("/v1/reconciliations").await.expect(200);
    assert_eq!(none["items"], json!([]));
}

#[tokio::test]
async fn the_command_line_fails_as_long_as_differences_are_left() {
    let emulator = Emulator::start();
    let mut world = World::start_with(&emulator.settings()).await;
    let url = world.server().url();
    let key = world.server().data_dir().join("admin.key");
    let key = key.to_str().expect("a path in UTF-8");
    let from = (Utc::now() - TimeDelta::hours(1)).to_rfc3339();
    let until = (Utc::now() + TimeDelta::hours(1)).to_rfc3339();
    let asked = [
        "payments",
        "reconcile",
        "--url",
        &url,
        "--key-file",
        key,
        "--from",
        &from,
        "--until",
        &until,
    ];
    let output = run(&asked).output().await.expect("it runs");
    assert!(output.status.success(), "{}", said(&output));

    let stranger = emulator.charge(700, "usd").await;
    let output = run(&asked).arg("--record").output().await.expect("it runs");
    assert!(!output.status.success(), "{}", said(&output));
    let printed = String::from_utf8_lossy(&output.stdout);
    let line = printed.lines().find(|line| line.contains("charge_unknown_here"));
    let line = line.unwrap_or_else(|| panic!("{printed}"));
    assert!(line.contains(stranger["id"].as_str().expect("an id")), "{line}");
    assert!(line.contains("7.00 USD"), "{line}");

    let output = run(&asked).arg("--json").output().await.expect("it runs");
    let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(codes(&json["items"][0]), ["charge_unknown_here"]);
}
