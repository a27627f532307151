//! Money that comes when the hold has ended: the place is had if it is still free, else the money goes back.

use chrono::{SecondsFormat, TimeDelta, Utc};
use serde_json::json;

use super::{PATIENCE, Paying, euros, events, held};
use crate::harness::{Emulator, GOOD_CARD, Hotel, World, charge_of, eventually, with};

fn in_seconds(seconds: i64) -> String {
    (Utc::now() + TimeDelta::seconds(seconds)).to_rfc3339_opts(SecondsFormat::Millis, true)
}

async fn start() -> (Emulator, World) {
    let emulator = Emulator::start();
    let world = World::start_with(&emulator.settings()).await;
    emulator.lose_webhooks().await;
    (emulator, world)
}

#[tokio::test]
async fn nobody_pays_for_a_hold_that_has_ended() {
    let (emulator, world) = start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let request = with(hotel.booking("2031-05-30", "2031-06-01"), "hold_until", in_seconds(3));
    let paying = Paying::begin(&client, &request, 25_100).await;
    let secret = paying.secret(&client).await;
    paying.booking_becomes(&client, "lapsed").await;
    paying.becomes(&client, "voided").await;
    assert_eq!(emulator.intent(charge_of(&secret)).await["status"], "canceled");
    let again = client.post(&paying.path("retry"), &json!({})).await;
    assert_eq!(again.problem(422, "policy-refusal")["reason"], "lapsed");
}

#[tokio::test]
async fn whoever_paid_in_time_has_the_place_though_nobody_said_so() {
    let (emulator, world) = start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let request = with(hotel.booking("2031-05-30", "2031-06-01"), "hold_until", in_seconds(3));
    let paying = Paying::begin(&client, &request, 25_100).await;
    let secret = paying.secret(&client).await;
    emulator.pay(&secret, GOOD_CARD).await;
    paying.booking_becomes(&client, "confirmed").await;
    paying.becomes(&client, "captured").await;
    let expected = ["held", "hold_lapsed", "confirmed"];
    assert_eq!(events(&client, "booking", &paying.booking).await, expected);
}

#[tokio::test]
async fn who_is_late_for_a_place_that_is_gone_has_all_of_the_money_back() {
    let (emulator, world) = start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let request = with(hotel.booking("2031-05-30", "2031-06-01"), "hold_until", in_seconds(4));
    let booking = client.post("/v1/bookings", &request).await.id(201);
    let body = json!({"amount": euros(25_100), "capture": "automatic"});
    let paying = Paying::of(&client, &booking, body).await;
    let secret = paying.secret(&client).await;
    emulator.pay(&secret, GOOD_CARD).await;
    // somebody else is there at the very instant
    eventually("somebody else has the room", PATIENCE, || async {
        let other = client.post("/v1/bookings", &hotel.booking("2031-05-30", "2031-06-01")).await;
        (other.status == 201).then_some(())
    })
    .await;
    let payment = paying.becomes(&client, "refunded").await;
    assert_eq!((&payment["captured"], &payment["refunded"]), (&euros(25_100), &euros(25_100)));
    assert_eq!(paying.booking_becomes(&client, "lapsed").await["status"], "lapsed");
    let charge = charge_of(&secret);
    let refunds = emulator.refunds().await;
    let back: u64 = refunds
        .iter()
        .filter(|refund| refund["payment_intent"] == charge)
        .filter_map(|refund| refund["amount"].as_u64())
        .sum();
    assert_eq!(back, 25_100);
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn an_attempt_that_was_given_up_cannot_be_paid_beside_the_next() {
    let (emulator, world) = start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let paying = Paying::begin(&client, &held(&hotel), 25_100).await;
    let first = paying.secret(&client).await;
    emulator.pay(&first, crate::harness::BAD_CARD).await;
    assert_eq!(paying.checkout(&client).await["stage"], "declined");
    client.post(&paying.path("retry"), &json!({})).await.expect(200);
    let second = paying.secret(&client).await;
    assert_eq!(emulator.intent(charge_of(&first)).await["status"], "canceled");
    emulator.pay(&second, GOOD_CARD).await;
    paying.checkout(&client).await;
    paying.becomes(&client, "captured").await;
}
