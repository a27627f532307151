//! kill -9 at any instant of a checkout: nobody pays twice, nobody has a place without paying, and nothing is given back
//! twice, though the emulator forgets keys and gives back whatever it is asked to.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use rand::RngExt;
use serde_json::{Value, json};
use uuid::Uuid;

use super::euros;
use crate::{
    faults::assert_projections_hold,
    harness::{Client, Emulator, GOOD_CARD, Hotel, World, eventually, insist, with},
};

const ROUNDS: usize = 20;
const CUSTOMERS: usize = 4;
/// How long a customer insists.
const PATIENCE: Duration = Duration::from_mins(2);

/// What customers do until they are told to stop.
struct Customers {
    stop: AtomicBool,
    paid: AtomicUsize,
}

/// Books two nights, pays, and perhaps calls it off, each step until it is answered.
async fn buy(servers: &[Client], hotel: &Hotel, emulator: &Emulator) -> bool {
    let day = rand::rng().random_range(1..=26);
    let (arrival, departure) = (format!("2031-05-{day:02}"), format!("2031-05-{:02}", day + 2));
    let request = with(hotel.booking(&arrival, &departure), "hold_minutes", 15);
    let post = async |path: &str, body: &Value| {
        let key = Uuid::now_v7().to_string();
        insist(servers, path, body, &key, PATIENCE).await.0
    };
    let held = post("/v1/bookings", &request).await;
    if held.status == 409 {
        return false;
    }
    let booking = held.id(201);
    let capture = if rand::rng().random() { "automatic" } else { "manual" };
    let body = json!({"booking_id": booking, "amount": euros(25_100), "method": "card", "capture": capture});
    let payment = post("/v1/payments", &body).await.id(201);
    let checkout = format!("/v1/payments/{payment}/checkout");
    let secret = loop {
        let told = post(&checkout, &json!({})).await.expect(200);
        if let Some(secret) = told["client_secret"].as_str() {
            break secret.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    emulator.pay(&secret, GOOD_CARD).await;
    post(&checkout, &json!({})).await.expect(200);
    if rand::rng().random_bool(0.4) {
        let _ = post(&format!("/v1/bookings/{booking}/cancel"), &json!({})).await;
    }
    true
}

#[tokio::test]
async fn money_is_conserved_whenever_the_server_is_killed() {
    let emulator = Arc::new(Emulator::start_forgetful());
    let mut world = World::start_with(&emulator.settings()).await;
    emulator.send_webhooks_to(&world.servers[0]).await;
    let client = world.client();
    let hotel = Hotel::open(&client, 40).await;
    let policy = json!({"policy": {"tiers": [{"fee": {"percent": 3_000}}]}});
    client.patch(&format!("/v1/listings/{}", hotel.listing), &policy).await.expect(200);
    let customers =
        Arc::new(Customers { stop: AtomicBool::default(), paid: AtomicUsize::default() });
    let work: Vec<_> = (0..CUSTOMERS)
        .map(|_| {
            let (customers, hotel) = (Arc::clone(&customers), hotel.clone());
            let (emulator, servers) = (Arc::clone(&emulator), world.clients());
            tokio::spawn(async move {
                while !customers.stop.load(Ordering::Relaxed) {
                    if buy(&servers, &hotel, &emulator).await {
                        customers.paid.fetch_add(1, Ordering::Relaxed);
                    }
                }
            })
        })
        .collect();
    for round in 0..ROUNDS {
        let before = customers.paid.load(Ordering::Relaxed);
        eventually("customers pay", PATIENCE, || async {
            (customers.paid.load(Ordering::Relaxed) >= before + 3).then_some(())
        })
        .await;
        tokio::time::sleep(Duration::from_millis(rand::rng().random_range(0..400))).await;
        assert!(world.server().exited().is_none(), "it died by itself before round {round}");
        world.server().kill();
        world.server().start_again().await;
    }
    customers.stop.store(true, Ordering::Relaxed);
    for customer in work {
        customer.await.expect("customers go home");
    }
    let paid = customers.paid.load(Ordering::Relaxed);
    assert!(paid >= 3 * ROUNDS, "only {paid}");
    at_rest(&client).await;
    conserved(&world, &emulator).await;
}

/// Waits until nothing is asked of the provider any more, and nothing it told is unread.
async fn at_rest(client: &Client) {
    eventually("all is settled", PATIENCE, || async {
        let webhooks = client.get("/v1/webhook-events?outcome=waiting").await.expect(200);
        let calls = client.get("/v1/provider-calls").await.expect(200);
        let status = client.get("/v1/projections").await.expect(200);
        let follows = status["processes"].as_array()?.iter().all(|process| process["lag"] == 0);
        let mut idle = webhooks["items"] == json!([]) && calls["items"] == json!([]) && follows;
        let head = client.head().await;
        let path = format!("/v1/payments?limit=1000&min_position={head}");
        for payment in client.get(&path).await.expect(200)["items"].as_array()? {
            let status = payment["status"].as_str()?;
            idle &= matches!(status, "captured" | "partially_refunded" | "refunded" | "voided");
            idle &= payment["refunding"]["minor"] == 0;
        }
        idle.then_some(())
    })
    .await;
}

/// What the emulator has of each booking is what the booking may keep.
async fn conserved(world: &World, emulator: &Emulator) {
    let client = world.client();
    let mut net: BTreeMap<String, i64> = BTreeMap::new();
    for intent in emulator.intents().await {
        let charge = intent["id"].as_str().expect("an id");
        assert_ne!(intent["status"], "requires_capture", "promised for nothing: {intent}");
        let taken = intent["amount_received"].as_i64().unwrap_or_default();
        *net.entry(charge.to_owned()).or_default() += taken;
    }
    let mut refunds: BTreeMap<String, usize> = BTreeMap::new();
    for refund in emulator.refunds().await {
        let charge = refund["payment_intent"].as_str().expect("of a charge");
        *net.entry(charge.to_owned()).or_default() -= refund["amount"].as_i64().expect("so much");
        *refunds.entry(refund["metadata"].to_string()).or_default() += 1;
    }
    let page = client.get("/v1/payments?limit=1000").await.expect(200);
    let payments = page["items"].as_array().expect("a list");
    let (mut kept, mut known) = (0, 0);
    for payment in payments {
        let booking = payment["booking_id"].as_str().expect("a booking");
        let booking = client.get(&format!("/v1/bookings/{booking}")).await.expect(200);
        let has = payment["reference"].as_str().and_then(|charge| net.get(charge)).copied();
        let has = has.unwrap_or_default();
        known += has;
        let minor = |field: &str| payment[field]["minor"].as_i64().expect("an amount");
        assert_eq!(has, minor("captured") - minor("refunded"), "{payment}");
        match booking["status"].as_str().expect("a status") {
            "confirmed" => {
                kept += 1;
                assert_eq!(has, 25_100, "{payment}");
            }
            "cancelled" => assert!(matches!(has, 0 | 7_530), "{payment} {booking}"),
            other => panic!("{other} is no end: {booking}"),
        }
    }
    assert!(kept > 0 && !refunds.is_empty(), "{kept} kept, {} given back", refunds.len());
    assert_eq!(net.values().sum::<i64>(), known, "money in charges that nobody knows");
    let twice = refunds.iter().find(|(_, times)| **times > 1);
    assert_eq!(twice, None, "given back twice");
    world.audit().await.assert_sound().await;
    assert_projections_hold(world).await;
}
