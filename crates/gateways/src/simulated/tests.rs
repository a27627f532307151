use chrono::DateTime;
use proptest::prelude::*;

use super::*;
use crate::{
    CaptureMode, Conflict, FailureCode, ForClient, Moved, OurId, Progress, RefundProgress, Token,
    resilient::{Patience, Resilient},
};

fn now() -> Timestamp {
    DateTime::from_timestamp(1_900_000_000, 0).unwrap()
}

fn simulated() -> (Simulated, UnboundedReceiver<Delivery>) {
    Simulated::with_clock("simulated".into(), now)
}

fn eur(minor: u64) -> Money {
    Money::try_new(minor, Currency::try_new("EUR").unwrap()).unwrap()
}

fn key(text: &str) -> ProviderKey {
    ProviderKey::try_new(text).unwrap()
}

fn charge(capture: CaptureMode, means: Option<Means>) -> Charge {
    Charge {
        amount: eur(10_000),
        payment: OurId::try_new("payment-1").unwrap(),
        booking: OurId::try_new("booking-1").unwrap(),
        method: Method::Card,
        capture,
        token: means.map(Means::token),
        return_url: None,
    }
}

fn refund(charge: &ChargeReference, amount: Money) -> Refund {
    Refund { charge: charge.clone(), amount, refund: OurId::try_new("refund-1").unwrap() }
}

#[tokio::test]
async fn a_card_is_authorized_captured_in_part_and_refunded_within_that() {
    let (gateway, _received) = simulated();
    let started = gateway.start(&charge(CaptureMode::Manual, None), &key("start")).await.unwrap();
    assert_eq!(started.progress, Progress::RequiresMethod);
    assert!(matches!(started.for_client, Some(ForClient::Secret(_))));
    let reference = started.reference;

    let confirmed = gateway.confirm(&reference, Means::Success).await.unwrap();
    assert_eq!(confirmed.progress, Progress::Authorized { amount: eur(10_000) });
    let too_much = gateway.capture(&reference, eur(10_001), &key("more")).await;
    assert!(matches!(too_much, Err(GatewayError::Refused { .. })));
    let captured = gateway.capture(&reference, eur(80_00), &key("capture")).await.unwrap();
    assert_eq!(captured.progress, Progress::Captured { amount: eur(80_00) });

    let part = refund(&reference, eur(30_00));
    let given = gateway.refund(&part, &key("refund")).await.unwrap();
    assert_eq!(given.progress, RefundProgress::Succeeded);
    assert_eq!(gateway.refund(&part, &key("refund")).await.unwrap(), given, "once for each key");
    assert_eq!(gateway.look(&reference).await.unwrap().refunded, Some(eur(30_00)));

    let too_much = gateway.refund(&refund(&reference, eur(50_01)), &key("r2")).await;
    assert!(matches!(too_much, Err(GatewayError::Refused { .. })));
    gateway.refund(&refund(&reference, eur(50_00)), &key("r3")).await.unwrap();
    let nothing_left = gateway.refund(&refund(&reference, eur(1)), &key("r4")).await;
    let conflict = Conflict::AlreadyRefunded;
    assert!(
        matches!(nothing_left, Err(GatewayError::Conflict { conflict: it, .. }) if it == conflict)
    );
}

#[tokio::test]
async fn each_means_that_is_declined_says_why_and_another_may_be_tried() {
    let (gateway, _received) = simulated();
    let declines = [
        (Means::Decline, FailureCode::CardDeclined),
        (Means::InsufficientFunds, FailureCode::InsufficientFunds),
        (Means::ExpiredCard, FailureCode::ExpiredCard),
        (Means::IncorrectCvc, FailureCode::IncorrectCvc),
        (Means::Fraud, FailureCode::FraudSuspected),
    ];
    for (means, code) in declines {
        let charge = charge(CaptureMode::Automatic, Some(means));
        let started = gateway.start(&charge, &key(means.as_str())).await.unwrap();
        let Progress::Declined(decline) = started.progress else { panic!("{means:?}") };
        assert_eq!(decline.code, code);
        let again = gateway.confirm(&started.reference, Means::Success).await.unwrap();
        assert_eq!(again.progress, Progress::Captured { amount: eur(10_000) });
    }
}

#[tokio::test]
async fn three_d_secure_needs_the_customer() {
    let (gateway, _received) = simulated();
    let charge = charge(CaptureMode::Automatic, Some(Means::Authenticate));
    let started = gateway.start(&charge, &key("a")).await.unwrap();
    assert_eq!(started.progress, Progress::RequiresAction);
    let failed = gateway.authenticate(&started.reference, Authentication::Failed).await.unwrap();
    let Progress::Declined(decline) = failed.progress else { panic!("{failed:?}") };
    assert_eq!(decline.code, FailureCode::AuthenticationFailed);

    let started = gateway.start(&charge, &key("b")).await.unwrap();
    let passed = gateway.authenticate(&started.reference, Authentication::Passed).await.unwrap();
    assert_eq!(passed.progress, Progress::Captured { amount: eur(10_000) });
    assert!(gateway.authenticate(&started.reference, Authentication::Passed).await.is_err());
}

#[tokio::test]
async fn an_answer_that_is_lost_is_had_under_the_same_key() {
    let (gateway, _received) = simulated();
    let charge = charge(CaptureMode::Automatic, Some(Means::Timeout));
    let lost = gateway.start(&charge, &key("a")).await.unwrap_err();
    assert!(matches!(lost, GatewayError::InDoubt { .. }));
    let found = gateway.start(&charge, &key("a")).await.unwrap();
    assert_eq!(found.progress, Progress::Captured { amount: eur(10_000) });
    let given = refund(&found.reference, eur(10_000));
    gateway.refund(&given, &key("r")).await.unwrap_err();
    gateway.refund(&given, &key("r")).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn patience_finds_what_was_lost() {
    let (gateway, mut received) = simulated();
    let patient = Resilient::new(Arc::new(gateway), Patience::default());
    let charge = charge(CaptureMode::Automatic, Some(Means::Timeout));
    let started = patient.start(&charge, &key("a")).await.unwrap();
    assert_eq!(started.progress, Progress::Captured { amount: eur(10_000) });
    received.recv().await.unwrap();
    assert!(received.try_recv().is_err(), "charged once");
}

#[tokio::test(start_paused = true)]
async fn slow_means_are_slow() {
    let (gateway, _received) = simulated();
    let began = tokio::time::Instant::now();
    gateway.start(&charge(CaptureMode::Automatic, Some(Means::Slow)), &key("a")).await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 3);
}

#[tokio::test]
async fn a_key_belongs_to_one_request() {
    let (gateway, _received) = simulated();
    gateway.start(&charge(CaptureMode::Automatic, None), &key("a")).await.unwrap();
    let other = gateway.start(&charge(CaptureMode::Manual, None), &key("a")).await.unwrap_err();
    assert!(matches!(other, GatewayError::Refused { code, .. } if code == "idempotency_error"));
}

#[tokio::test]
async fn references_depend_on_the_request_alone() {
    let charge = charge(CaptureMode::Manual, Some(Means::Success));
    let (one, _received) = simulated();
    let (other, _received) = simulated();
    let first = one.start(&charge, &key("a")).await.unwrap();
    assert_eq!(other.start(&charge, &key("a")).await.unwrap(), first);
    assert_ne!(other.start(&charge, &key("b")).await.unwrap().reference, first.reference);
}

#[tokio::test]
async fn after_a_restart_a_charge_is_gone_on_with() {
    let (before, _received) = simulated();
    let charge = charge(CaptureMode::Manual, Some(Means::Success));
    let reference = before.start(&charge, &key("a")).await.unwrap().reference;

    let (after, _received) = simulated();
    let captured = after.capture(&reference, eur(60_00), &key("c")).await.unwrap();
    assert_eq!(captured.progress, Progress::Captured { amount: eur(60_00) });
    let (after, _received) = simulated();
    after.refund(&refund(&reference, eur(60_00)), &key("r")).await.unwrap();

    let unknown = ChargeReference::try_new("pi_1").unwrap();
    assert!(matches!(after.look(&unknown).await, Err(GatewayError::Refused { .. })));
}

#[tokio::test]
async fn what_happens_is_told_by_signed_webhooks() {
    let (gateway, mut received) = simulated();
    let charge = charge(CaptureMode::Automatic, Some(Means::Success));
    let started = gateway.start(&charge, &key("a")).await.unwrap();
    let Delivery { headers, body } = received.recv().await.unwrap();
    let read = gateway.read_webhook(&headers, &body, now()).await.unwrap();
    assert_eq!(read.kind, Kind::Charge(Standing { for_client: None, ..started.clone() }));
    assert!(!String::from_utf8_lossy(&body).contains("secret"));

    let forged = String::from_utf8(body.to_vec()).unwrap().replace("10000", "1");
    let forged = gateway.read_webhook(&headers, forged.as_bytes(), now()).await;
    assert_eq!(forged, Err(WebhookError::Forged));
    let late = now() + chrono::Duration::seconds(301);
    let stale = gateway.read_webhook(&headers, &body, late).await;
    assert_eq!(stale, Err(WebhookError::Stale { age_seconds: 301 }));

    let given = refund(&started.reference, eur(1_00));
    let given = gateway.refund(&given, &key("r")).await.unwrap();
    let Delivery { headers, body } = received.recv().await.unwrap();
    let read = gateway.read_webhook(&headers, &body, now()).await.unwrap();
    assert_eq!(read.kind, Kind::Refund(given));
    assert!(received.try_recv().is_err(), "nothing else has happened");
}

#[tokio::test]
async fn webhooks_can_come_twice() {
    let (gateway, mut received) = simulated();
    gateway.start(&charge(CaptureMode::Automatic, Some(Means::Twice)), &key("a")).await.unwrap();
    let (first, second) = (received.recv().await.unwrap(), received.recv().await.unwrap());
    assert_eq!(first.body, second.body);
}

#[tokio::test]
async fn the_books_show_every_movement_once() {
    let (gateway, _received) = simulated();
    let charge = charge(CaptureMode::Automatic, Some(Means::Success));
    let reference = gateway.start(&charge, &key("a")).await.unwrap().reference;
    gateway.refund(&refund(&reference, eur(1_00)), &key("r")).await.unwrap();
    let day = chrono::Duration::days(1);
    let period = Period::try_new(now() - day, now() + day).unwrap();
    let entries = gateway.list(period).await.unwrap();
    let kinds: Vec<_> = entries.iter().map(|entry| (&entry.moved, entry.amount)).collect();
    let captured = Moved::Charge(Progress::Captured { amount: eur(10_000) });
    let refunded = Moved::Refund(RefundProgress::Succeeded);
    assert_eq!(kinds, [(&captured, eur(10_000)), (&refunded, eur(1_00))]);
    let before = Period::try_new(now() - day, now()).unwrap();
    assert!(gateway.list(before).await.unwrap().is_empty());
}

#[test]
fn tokens_are_found_again_and_others_are_not() {
    for means in Means::ALL {
        assert_eq!(Means::of(&means.token()), Some(means));
    }
    assert_eq!(Means::of(&Token::try_new("pm_card_visa").unwrap()), None);
}

proptest! {
    #[test]
    fn no_more_comes_out_than_went_in(
        capture in 1..=10_000_u64,
        refunds in prop::collection::vec(1..60_00_u64, 0..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (gateway, _received) = simulated();
            let charge = charge(CaptureMode::Manual, Some(Means::Success));
            let reference = gateway.start(&charge, &key("a")).await.unwrap().reference;
            gateway.capture(&reference, eur(capture), &key("c")).await.unwrap();
            let mut given = 0;
            for (number, amount) in refunds.iter().enumerate() {
                let refund = refund(&reference, eur(*amount));
                let made = gateway.refund(&refund, &key(&format!("r{number}"))).await;
                given += if made.is_ok() { *amount } else { 0 };
                assert!(given <= capture);
            }
            assert_eq!(gateway.look(&reference).await.unwrap().refunded, Some(eur(given)));
        });
    }
}
