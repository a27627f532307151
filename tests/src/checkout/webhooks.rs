//! What providers tell unasked: proved, stored, acted on once, and never dropped.

use ring::hmac;
use serde_json::{Value, json};

use super::{PATIENCE, Paying, held};
use crate::harness::{
    Answer, Client, Emulator, GOOD_CARD, Hotel, World, charge_of, eventually, send,
};

const PATH: &str = "/v1/webhooks/stripe";

/// Sends a body as Stripe signs it, so many seconds ago.
async fn tell(client: &Client, secret: &str, body: &str, age: i64) -> Answer {
    let at = chrono::Utc::now().timestamp() - age;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{at}.{body}").as_bytes());
    let tag = tag.as_ref().iter().fold(String::new(), |tag, byte| format!("{tag}{byte:02x}"));
    let request = client.request(reqwest::Method::POST, PATH).body(body.to_owned());
    send(request.header("stripe-signature", format!("t={at},v1={tag}"))).await
}

fn event(id: &str, kind: &str, object: &Value) -> String {
    let created = chrono::Utc::now().timestamp();
    json!({"id": id, "object": "event", "type": kind, "created": created, "data": {"object": object}})
        .to_string()
}

async fn settled(client: &Client, id: &str) -> Value {
    eventually("something came of the webhook", PATIENCE, || async {
        let all = client.get("/v1/webhook-events").await.expect(200);
        let items = all["items"].as_array().expect("a list");
        let found = items.iter().find(|item| item["event_id"] == id)?.clone();
        (found["outcome"] != "waiting").then_some(found)
    })
    .await
}

#[tokio::test]
async fn webhooks_prove_who_sends_them_and_are_kept_whatever_they_tell() {
    let emulator = Emulator::start();
    let world = World::start_with(&emulator.settings()).await;
    let (client, secret) = (world.client(), "whsec_emulated");
    let body = event("evt_unknown", "customer.created", &json!({"id": "cus_1"}));
    let anonymous = Client::anonymous(&world.servers[0].url());
    for (secret, age) in [("whsec_wrong", 0), (secret, 3_600), (secret, -3_600)] {
        let forged = tell(&anonymous, secret, &body, age).await;
        assert_eq!(forged.problem(401, "unauthorized")["reason"], "forged");
    }
    let unsigned = anonymous.post(PATH, &json!({"id": "evt_1"})).await;
    assert_eq!(unsigned.problem(401, "unauthorized")["reason"], "forged");
    anonymous.post("/v1/webhooks/paypal", &json!({})).await.problem(404, "not-found");
    assert_eq!(client.get("/v1/webhook-events").await.expect(200)["items"], json!([]));

    for _ in 0..3 {
        assert_eq!(tell(&anonymous, secret, &body, 0).await.status, 204);
    }
    let unknown = settled(&client, "evt_unknown").await;
    assert_eq!(
        (&unknown["outcome"], &unknown["name"]),
        (&json!("unknown"), &json!("customer.created"))
    );
    let path = format!("/v1/webhook-events/{}", unknown["id"]);
    assert_eq!(client.get(&path).await.expect(200)["body"], body, "byte for byte");

    assert_eq!(tell(&anonymous, secret, "{\"id\": 7}", 0).await.status, 204);
    let all = client.get("/v1/webhook-events?outcome=unreadable").await.expect(200);
    assert_eq!(all["items"].as_array().map(Vec::len), Some(1), "{all}");

    let intent = json!({
        "id": "pi_of_somebody_else", "object": "payment_intent", "amount": 100, "currency": "eur",
        "status": "succeeded", "amount_received": 100, "created": 1, "metadata": {},
    });
    let body = event("evt_stranger", "payment_intent.succeeded", &intent);
    assert_eq!(tell(&anonymous, secret, &body, 0).await.status, 204);
    let stranger = settled(&client, "evt_stranger").await;
    assert_eq!(stranger["outcome"], "unmatched", "{stranger}");
    let again = format!("/v1/webhook-events/{}/retry", stranger["id"]);
    assert_eq!(client.post(&again, &json!({})).await.status, 202);
    anonymous.get("/v1/webhook-events").await.problem(401, "unauthorized");
}

#[tokio::test]
async fn a_webhook_is_acted_on_once_in_any_order_and_hours_late() {
    let emulator = Emulator::start();
    let world = World::start_with(&emulator.settings()).await;
    let client = world.client();
    emulator.lose_webhooks().await;
    let hotel = Hotel::open(&client, 1).await;
    let paying = Paying::begin(&client, &held(&hotel), 25_100).await;
    let secret = paying.secret(&client).await;
    let charge = charge_of(&secret).to_owned();
    let before = emulator.intent(&charge).await;
    emulator.pay(&secret, GOOD_CARD).await;
    let promised = emulator.intent(&charge).await;
    let capturable = event("evt_2", "payment_intent.amount_capturable_updated", &promised);
    let created = event("evt_1", "payment_intent.created", &before);
    // the later one first, and each of them again and again
    for body in [&capturable, &capturable, &created, &capturable, &created] {
        assert_eq!(tell(&client, "whsec_emulated", body, 0).await.status, 204);
    }
    paying.booking_becomes(&client, "confirmed").await;
    paying.becomes(&client, "captured").await;
    // what was true hours ago is no news
    let stale = event("evt_3", "payment_intent.amount_capturable_updated", &promised);
    let stale = stale.replace("\"created\":", "\"created\":1,\"was_created\":");
    assert_eq!(tell(&client, "whsec_emulated", &stale, 0).await.status, 204);
    assert_eq!(settled(&client, "evt_3").await["outcome"], "nothing_new");
    let expected = ["requested", "started", "authorized", "capture_requested", "captured"];
    assert_eq!(super::events(&client, "payment", &paying.payment).await, expected);
    // what cannot be true is not believed
    let mut more = emulator.intent(&charge).await;
    (more["amount"], more["amount_received"]) = (99_900.into(), 99_900.into());
    let wrong = event("evt_4", "payment_intent.succeeded", &more);
    assert_eq!(tell(&client, "whsec_emulated", &wrong, 0).await.status, 204);
    let refused = settled(&client, "evt_4").await;
    assert_eq!(refused["outcome"], "refused", "{refused}");
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn a_provider_tells_by_itself_what_the_customer_did() {
    let emulator = Emulator::start();
    let mut world = World::start_with(&emulator.settings()).await;
    world.add_server().await;
    // any process takes webhooks in
    emulator.send_webhooks_to(&world.servers[1]).await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let paying = Paying::begin(&client, &held(&hotel), 25_100).await;
    let secret = paying.secret(&client).await;
    emulator.pay(&secret, GOOD_CARD).await;
    paying.booking_becomes(&client, "confirmed").await;
    paying.becomes(&client, "captured").await;
}

#[tokio::test]
async fn a_dispute_is_told_and_takes_what_the_bank_took() {
    let emulator = Emulator::start();
    let world = World::start_with(&emulator.settings()).await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let paying = Paying::begin(&client, &held(&hotel), 25_100).await;
    let secret = paying.secret(&client).await;
    emulator.pay(&secret, GOOD_CARD).await;
    paying.checkout(&client).await;
    paying.becomes(&client, "captured").await;
    let dispute = |status: &str| {
        json!({
            "id": "dp_1", "object": "dispute", "amount": 25_100, "currency": "eur",
            "status": status, "reason": "fraudulent", "payment_intent": charge_of(&secret),
        })
    };
    let opened = event("evt_opened", "charge.dispute.created", &dispute("needs_response"));
    assert_eq!(tell(&client, "whsec_emulated", &opened, 0).await.status, 204);
    let seen = paying.becomes(&client, "disputed").await;
    assert_eq!(seen["disputes"][0]["status"], "open", "{seen}");
    let refund = client.post(&paying.path("refund"), &json!({})).await;
    assert_eq!(refund.problem(422, "policy-refusal")["reason"], "disputed");
    let lost = event("evt_lost", "charge.dispute.closed", &dispute("lost"));
    assert_eq!(tell(&client, "whsec_emulated", &lost, 0).await.status, 204);
    assert_eq!(settled(&client, "evt_lost").await["outcome"], "recorded");
    assert_eq!(paying.shown(&client).await["lost"]["minor"], 25_100);
    world.audit().await.assert_sound().await;
}
