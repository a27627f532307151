//! The whole way with the provider that is there when nothing is set up.

use serde_json::json;

use super::{Paying, euros, events, held};
use crate::{
    faults::assert_projections_hold,
    harness::{Client, Hotel, World, eventually},
};

async fn cancel(client: &Client, booking: &str) {
    client.post(&format!("/v1/bookings/{booking}/cancel"), &json!({})).await.expect(200);
}

#[tokio::test]
async fn a_booking_is_kept_and_charged_once_it_is_paid() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let paying = Paying::begin(&client, &held(&hotel), 25_100).await;
    let told = paying.checkout(&client).await;
    assert_eq!(
        (&told["stage"], &told["provider"]),
        (&json!("requires_method"), &json!("simulated"))
    );
    let told = paying.simulate(&client, "sim_success").await;
    assert!(told.get("client_secret").is_none(), "nobody needs it any more: {told}");
    let payment = paying.becomes(&client, "captured").await;
    assert_eq!(payment["captured"], euros(25_100));
    paying.booking_becomes(&client, "confirmed").await;
    assert_eq!(events(&client, "booking", &paying.booking).await, ["held", "confirmed"]);
    let expected = ["requested", "started", "authorized", "capture_requested", "captured"];
    assert_eq!(events(&client, "payment", &paying.payment).await, expected);
    // it is confirmed and its money is asked for in one commit, or neither is done
    let feed = client.feed(0).await;
    let cause = |name: &str| {
        let found = feed.iter().find(|event| event["event_type"] == name).expect("it happened");
        (found["recorded_at"].clone(), found["metadata"]["causation"].clone())
    };
    assert_eq!(cause("capture_requested"), cause("confirmed"));
    eventually("nothing is left to ask", super::PATIENCE, || async {
        let calls = client.get("/v1/provider-calls").await.expect(200);
        (calls["items"] == json!([])).then_some(())
    })
    .await;
    world.audit().await.assert_sound().await;
    assert_projections_hold(&world).await;
}

#[tokio::test]
async fn whoever_is_declined_tries_again_under_a_new_key() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let paying = Paying::begin(&client, &held(&hotel), 25_100).await;
    let again = client.post(&paying.path("retry"), &json!({})).await;
    assert_eq!(again.problem(422, "policy-refusal")["reason"], "attempt_open");
    let first = paying.secret(&client).await;
    let told = paying.simulate(&client, "sim_insufficient_funds").await;
    assert_eq!(
        (&told["stage"], &told["failure_code"]),
        (&json!("declined"), &json!("insufficient_funds"))
    );
    client.post(&paying.path("retry"), &json!({})).await.expect(200);
    let told = paying.checkout(&client).await;
    assert_eq!((&told["attempt"], &told["stage"]), (&json!(2), &json!("requires_method")));
    assert_ne!(told["client_secret"], first);
    paying.simulate(&client, "sim_twice").await;
    paying.becomes(&client, "captured").await;
    let webhooks = eventually("each webhook came to something", super::PATIENCE, || async {
        let path = format!("/v1/webhook-events?payment_id={}", paying.payment);
        let all = client.get("/v1/webhook-events?outcome=waiting").await.expect(200);
        let known = client.get(&path).await.expect(200);
        (all["items"] == json!([])).then_some(known)
    })
    .await;
    let webhooks = webhooks["items"].as_array().expect("a list");
    assert!(!webhooks.is_empty());
    let fine = |outcome: &str| matches!(outcome, "recorded" | "nothing_new");
    assert!(webhooks.iter().all(|it| it["outcome"].as_str().is_some_and(fine)), "{webhooks:?}");
}

#[tokio::test]
async fn whoever_must_prove_who_they_are_does_or_does_not() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let paying = Paying::begin(&client, &held(&hotel), 25_100).await;
    let told = paying.simulate(&client, "sim_authenticate").await;
    assert_eq!(told["stage"], "requires_action");
    let failed = client.post(&paying.path("simulate"), &json!({"authenticated": false})).await;
    let failed = failed.expect(200);
    assert_eq!(
        (&failed["stage"], &failed["failure_code"]),
        (&json!("declined"), &json!("authentication_failed"))
    );
    client.post(&paying.path("retry"), &json!({})).await.expect(200);
    paying.checkout(&client).await;
    paying.simulate(&client, "sim_authenticate").await;
    client.post(&paying.path("simulate"), &json!({"authenticated": true})).await.expect(200);
    paying.booking_becomes(&client, "confirmed").await;
    for body in [
        json!({}),
        json!({"means": "sim_gold"}),
        json!({"means": "sim_success", "authenticated": true}),
    ] {
        let problem = client.post(&paying.path("simulate"), &body).await.problem(422, "bad-value");
        assert_eq!(problem["errors"][0]["field"], "/means", "{problem}");
    }
}

#[tokio::test]
async fn a_deposit_keeps_a_booking_and_calling_it_off_gives_back_what_the_policy_says() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let listing = format!("/v1/listings/{}", hotel.listing);
    let terms = json!({
        "deposit": {"percent": 2_000, "balance_days_before": 14},
        "policy": {"tiers": [{"fee": {"percent": 3_000}}]},
    });
    client.patch(&listing, &terms).await.expect(200);
    let deposit = Paying::begin(&client, &held(&hotel), 5_020).await;
    deposit.checkout(&client).await;
    deposit.simulate(&client, "sim_success").await;
    deposit.booking_becomes(&client, "confirmed").await;
    deposit.becomes(&client, "captured").await;
    let balance = json!({"amount": euros(20_080), "purpose": "balance", "capture": "automatic"});
    let balance = Paying::of(&client, &deposit.booking, balance).await;
    balance.simulate(&client, "sim_success").await;
    balance.becomes(&client, "captured").await;

    cancel(&client, &deposit.booking).await;
    // 30 percent of 251.00 are 75.30; 175.70 go back, all of it from the latest payment
    let back = balance.becomes(&client, "partially_refunded").await;
    assert_eq!((&back["refunded"], &back["refunding"]), (&euros(17_570), &euros(0)));
    assert_eq!(deposit.shown(&client).await["status"], "captured");

    // money that comes for what was called off goes back whole
    let late = json!({"booking_id": deposit.booking, "amount": euros(100), "method": "card"});
    let refused = client.post("/v1/payments", &late).await;
    assert_eq!(refused.problem(422, "policy-refusal")["reason"], "cancelled");
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn what_is_paid_twice_is_taken_once() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let first = Paying::begin(&client, &held(&hotel), 25_100).await;
    let all = json!({"amount": euros(25_100)});
    let second = Paying::of(&client, &first.booking, all.clone()).await;
    let at_once = json!({"amount": euros(25_100), "capture": "automatic"});
    let third = Paying::of(&client, &first.booking, at_once).await;
    for paying in [&first, &second, &third] {
        paying.checkout(&client).await;
    }
    let both = tokio::join!(
        first.simulate(&client, "sim_success"),
        second.simulate(&client, "sim_success"),
        third.simulate(&client, "sim_success"),
    );
    drop(both);
    first.booking_becomes(&client, "confirmed").await;
    let kept = eventually("only one is kept", super::PATIENCE, || async {
        let mut kept = 0;
        for paying in [&first, &second, &third] {
            let shown = paying.shown(&client).await;
            if shown["status"] == "requested" || shown["status"] == "authorized" {
                return None;
            }
            let minor = |field: &str| shown[field]["minor"].as_u64().unwrap_or_default();
            kept += minor("captured") - minor("refunded");
        }
        (kept == 25_100).then_some(kept)
    });
    assert_eq!(kept.await, 25_100);
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn apple_finds_the_file_that_proves_the_domain() {
    let home = tempfile::TempDir::new().expect("a directory");
    let file = home.path().join("apple");
    std::fs::write(&file, "7B2270737049...").expect("it is ours");
    let path = file.to_str().expect("a path in UTF-8");
    let world = World::start_with(&[("DAYBOOK_APPLE_PAY_DOMAIN_FILE", path)]).await;
    let anonymous = Client::anonymous(&world.servers[0].url());
    let path = "/.well-known/apple-developer-merchantid-domain-association";
    let found = anonymous.get(path).await;
    assert_eq!((found.status, found.text()), (200, "7B2270737049..."));
    let without = World::start().await;
    Client::anonymous(&without.servers[0].url()).get(path).await.problem(404, "not-found");
}
