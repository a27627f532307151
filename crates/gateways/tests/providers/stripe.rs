//! Stripe, as far as its emulator lacks it: keys, errors, pages, disputes.

use daybook_gateways::{
    CaptureMode, Conflict, DisputeState, FailureCode, ForClient, Gateway, GatewayError, HeaderMap,
    Kind, Method, Moved, Period, Progress, RefundProgress, SecretString, WebhookError,
    stripe::{Settings, Stripe},
};
use ring::hmac;
use serde_json::json;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_string, header, method, path, query_param, query_param_is_missing},
};

use super::{at, charge, key, money, paid_by, reference, refund, url};

const INTENT: &str = include_str!("../wire/stripe/intent_requires_capture.json");
const SUCCEEDED: &str = include_str!("../wire/stripe/intent_succeeded.json");
const DECLINED: &str = include_str!("../wire/stripe/error_card_declined.json");
const REFUND: &str = include_str!("../wire/stripe/refund_pending.json");
const DISPUTE: &str = include_str!("../wire/stripe/event_dispute_closed.json");
const REFUNDED: &str = include_str!("../wire/stripe/event_charge_refunded.json");

fn stripe(base: &str) -> Stripe {
    Stripe::try_new(&Settings {
        base: url(base),
        api_key: "sk_test_secret".into(),
        webhook_secrets: vec!["whsec_new".into(), "whsec_old".into()],
    })
    .unwrap()
}

/// A server that gives one answer, whatever it is asked.
async fn answering(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(wiremock::matchers::any()).respond_with(answer).mount(&server).await;
    server
}

fn json(body: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body, "application/json")
}

fn error(status: u16, error: &serde_json::Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({ "error": error }))
}

async fn void_error(answer: ResponseTemplate) -> GatewayError {
    let server = answering(answer).await;
    stripe(&server.uri()).void(&reference("pi_1"), &key("k")).await.unwrap_err()
}

#[tokio::test]
async fn a_charge_is_started_under_its_key_with_only_what_is_needed() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/payment_intents"))
        .and(header("authorization", "Bearer sk_test_secret"))
        .and(header("idempotency-key", "payment-1-start"))
        .and(header("stripe-version", "2024-06-20"))
        .and(body_string(
            "amount=2000&currency=eur&capture_method=manual&payment_method_types%5B%5D=card\
             &metadata%5Bpayment%5D=payment-1&metadata%5Bbooking%5D=booking-1",
        ))
        .respond_with(json(INTENT))
        .expect(1)
        .mount(&server)
        .await;
    let charge = charge(Method::ApplePay, CaptureMode::Manual, money(20_00, "EUR"));
    let standing = stripe(&server.uri()).start(&charge, &key("payment-1-start")).await.unwrap();
    assert_eq!(standing.progress, Progress::Authorized { amount: money(20_00, "EUR") });
    assert_eq!(standing.payment, Some(super::ours("payment-1")));
    let Some(ForClient::Secret(secret)) = &standing.for_client else { panic!("{standing:?}") };
    assert!(secret.expose().starts_with("pi_3MrPBM2eZvKYlo2C1TEMacFD_secret"));
    assert!(!format!("{standing:?}").contains("_secret_"), "secrets are not for logs");
}

#[tokio::test]
async fn captures_and_refunds_carry_their_keys_too() {
    let server = MockServer::start().await;
    Mock::given(path("/v1/payment_intents/pi_1/capture"))
        .and(header("idempotency-key", "c"))
        .and(body_string("amount_to_capture=1500"))
        .respond_with(json(SUCCEEDED))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(path("/v1/refunds"))
        .and(header("idempotency-key", "r"))
        .and(body_string("payment_intent=pi_1&amount=500&metadata%5Brefund%5D=refund-1"))
        .respond_with(json(REFUND))
        .expect(1)
        .mount(&server)
        .await;
    let stripe = stripe(&server.uri());
    let captured = stripe.capture(&reference("pi_1"), money(15_00, "EUR"), &key("c")).await;
    let captured = captured.unwrap();
    assert_eq!(captured.progress, Progress::Captured { amount: money(15_00, "EUR") });
    let made = stripe.refund(&refund(&reference("pi_1"), money(5_00, "EUR")), &key("r")).await;
    let made = made.unwrap();
    assert_eq!(made.progress, RefundProgress::Pending);
    assert_eq!(made.refund, Some(super::ours("refund-1")));
}

#[tokio::test]
async fn a_look_tells_what_stripe_kept_unless_it_reckons_in_another_currency() {
    for (currency, fee) in [("eur", Some(money(51, "EUR"))), ("gbp", None)] {
        let mut intent: serde_json::Value = serde_json::from_str(SUCCEEDED).unwrap();
        intent["latest_charge"] = json!({
            "id": "ch_3MrPBM2eZvKYlo2C1CnjTdg2",
            "currency": "eur",
            "amount_refunded": 0,
            "balance_transaction": {"id": "txn_1", "currency": currency, "fee": 51, "net": 1_449},
        });
        let server = MockServer::start().await;
        Mock::given(path("/v1/payment_intents/pi_1"))
            .and(query_param("expand[]", "latest_charge.balance_transaction"))
            .respond_with(ResponseTemplate::new(200).set_body_json(intent))
            .expect(1)
            .mount(&server)
            .await;
        let standing = stripe(&server.uri()).look(&reference("pi_1")).await.unwrap();
        assert_eq!((standing.fee, standing.refunded), (fee, Some(money(0, "EUR"))));
    }
}

#[tokio::test]
async fn a_declined_attempt_leaves_a_charge_to_try_again() {
    let server =
        answering(ResponseTemplate::new(402).set_body_raw(DECLINED, "application/json")).await;
    let charge = charge(Method::Card, CaptureMode::Automatic, money(20_00, "EUR"));
    let charge = paid_by("pm_card_visa_chargeDeclinedInsufficientFunds", charge);
    let standing = stripe(&server.uri()).start(&charge, &key("k")).await.unwrap();
    let Progress::Declined(decline) = standing.progress else { panic!("{standing:?}") };
    assert_eq!(decline.code, FailureCode::InsufficientFunds);
    assert_eq!(decline.provider_code.as_deref(), Some("insufficient_funds"));
    assert_eq!(decline.message.as_deref(), Some("Your card has insufficient funds."));
}

#[tokio::test]
async fn errors_are_told_apart_by_what_is_to_be_done() {
    let busy = ResponseTemplate::new(429).insert_header("retry-after", "7");
    let Err(GatewayError::Unavailable { after, .. }) = Err::<(), _>(void_error(busy).await) else {
        panic!("too many requests are to be sent again");
    };
    assert_eq!(after.unwrap().as_secs(), 7);

    for status in [500, 502, 503, 504, 409, 424] {
        let error = void_error(ResponseTemplate::new(status)).await;
        assert!(matches!(error, GatewayError::Unavailable { .. }), "{status}: {error}");
    }
    let garbled = void_error(ResponseTemplate::new(200).set_body_string("<html>")).await;
    assert!(matches!(garbled, GatewayError::InDoubt { .. }), "{garbled}");

    let wrong_key = json!({"type": "invalid_request_error", "message": "Invalid API Key"});
    let refused = void_error(error(401, &wrong_key)).await;
    assert!(matches!(&refused, GatewayError::Refused { code, .. } if code == "unauthorized"));
    let missing = json!({"type": "invalid_request_error", "code": "resource_missing"});
    let refused = void_error(error(404, &missing)).await;
    assert!(matches!(&refused, GatewayError::Refused { code, .. } if code == "resource_missing"));
    let reused = json!({"type": "idempotency_error", "message": "Keys for idempotent requests"});
    let refused = void_error(error(400, &reused)).await;
    assert!(matches!(&refused, GatewayError::Refused { code, .. } if code == "idempotency_error"));
    let currency = json!({"type": "invalid_request_error", "param": "currency"});
    let declined = void_error(error(400, &currency)).await;
    let code = FailureCode::CurrencyNotSupported;
    assert!(matches!(&declined, GatewayError::Declined(decline) if decline.code == code));
}

#[tokio::test]
async fn a_charge_that_has_gone_on_is_a_conflict() {
    let state = |status: &str| {
        let mut intent: serde_json::Value = serde_json::from_str(INTENT).unwrap();
        intent["status"] = json!(status);
        let unexpected = json!({
            "type": "invalid_request_error",
            "code": "payment_intent_unexpected_state",
            "payment_intent": intent,
        });
        error(400, &unexpected)
    };
    for (status, expected) in [
        ("succeeded", Conflict::AlreadyCaptured),
        ("canceled", Conflict::AlreadyVoided),
        ("requires_action", Conflict::NotReady),
    ] {
        let GatewayError::Conflict { conflict, .. } = void_error(state(status)).await else {
            panic!("{status}");
        };
        assert_eq!(conflict, expected);
    }
    let refunded = json!({"type": "invalid_request_error", "code": "charge_already_refunded"});
    let refunded = void_error(error(400, &refunded)).await;
    let expected = Conflict::AlreadyRefunded;
    assert!(matches!(refunded, GatewayError::Conflict { conflict, .. } if conflict == expected));
}

#[tokio::test]
async fn a_server_that_is_not_there_has_done_nothing() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = stripe(&base).void(&reference("pi_1"), &key("k")).await.unwrap_err();
    assert!(matches!(error, GatewayError::Unavailable { .. }), "{error}");
}

#[tokio::test]
async fn what_stripe_cannot_do_is_not_asked_of_it() {
    let stripe = stripe("http://127.0.0.1:9");
    let paypal = charge(Method::Paypal, CaptureMode::Manual, money(1_00, "EUR"));
    assert!(matches!(stripe.start(&paypal, &key("k")).await, Err(GatewayError::Refused { .. })));
    let dinars = charge(Method::Card, CaptureMode::Manual, money(5_124, "KWD"));
    assert!(matches!(stripe.start(&dinars, &key("k")).await, Err(GatewayError::Refused { .. })));
    let iraqi = charge(Method::Card, CaptureMode::Manual, money(5_000, "IQD"));
    assert!(matches!(stripe.start(&iraqi, &key("k")).await, Err(GatewayError::Declined(_))));
    assert!(stripe.takes(Method::ApplePay, money(0, "JOD").currency()));
    assert!(!stripe.takes(Method::Paypal, money(0, "EUR").currency()));
}

#[tokio::test]
async fn lists_are_read_to_their_last_page() {
    let page = |name: &str, more: bool| {
        let mut intent: serde_json::Value = serde_json::from_str(SUCCEEDED).unwrap();
        intent["id"] = json!(name);
        ResponseTemplate::new(200).set_body_json(json!({"data": [intent], "has_more": more}))
    };
    let server = MockServer::start().await;
    let intents = || {
        Mock::given(path("/v1/payment_intents"))
            .and(query_param("limit", "100"))
            .and(query_param("created[gte]", "1680739200"))
            .and(query_param("created[lt]", "1680825600"))
    };
    let first = intents().and(query_param_is_missing("starting_after"));
    first.respond_with(page("pi_1", true)).expect(1).mount(&server).await;
    let second = intents().and(query_param("starting_after", "pi_1"));
    second.respond_with(page("pi_2", false)).expect(1).mount(&server).await;
    let refund: serde_json::Value = serde_json::from_str(REFUND).unwrap();
    let refunds = json!({"data": [refund], "has_more": false});
    Mock::given(path("/v1/refunds"))
        .respond_with(ResponseTemplate::new(200).set_body_json(refunds))
        .expect(1)
        .mount(&server)
        .await;
    let period = Period::try_new(at("2023-04-06T00:00:00Z"), at("2023-04-07T00:00:00Z")).unwrap();
    let entries = stripe(&server.uri()).list(period).await.unwrap();
    let names: Vec<_> = entries.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(names, ["pi_1", "pi_2", "re_1Nispe2eZvKYlo2Cd31jOCgZ"]);
    assert_eq!(entries[2].moved, Moved::Refund(RefundProgress::Pending));
    assert_eq!(entries[2].charge, Some(reference("pi_3MrPBM2eZvKYlo2C1TEMacFD")));
}

fn signed(secret: &str, body: &str, seconds: i64) -> HeaderMap {
    let signing = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signature = hmac::sign(&signing, format!("{seconds}.{body}").as_bytes());
    let hex: Vec<_> = signature.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let mut headers = HeaderMap::new();
    headers.insert("stripe-signature", format!("t={seconds},v1={}", hex.concat()).parse().unwrap());
    headers
}

async fn read(body: &str) -> Kind {
    let now = at("2026-03-01T12:00:00Z");
    let stripe = stripe("http://127.0.0.1:9");
    let headers = signed("whsec_old", body, now.timestamp());
    stripe.read_webhook(&headers, body.as_bytes(), now).await.unwrap().kind
}

#[tokio::test]
async fn disputes_and_refunds_are_told_as_they_stand() {
    let Kind::Dispute(dispute) = read(DISPUTE).await else { panic!("no dispute") };
    assert_eq!(dispute.state, DisputeState::Lost);
    assert_eq!(dispute.amount, money(1_000, "USD"));
    assert_eq!(dispute.charge, Some(reference("pi_1Fg5Yj2eZvKYlo2CsVzVAk5r")));
    for (status, state) in [
        ("needs_response", DisputeState::Open),
        ("under_review", DisputeState::Open),
        ("won", DisputeState::Won),
        ("warning_closed", DisputeState::Won),
    ] {
        let body = DISPUTE.replace("\"lost\"", &format!("\"{status}\""));
        let Kind::Dispute(dispute) = read(&body).await else { panic!("no dispute") };
        assert_eq!(dispute.state, state, "{status}");
    }
    let refunded = Kind::Refunded {
        charge: reference("pi_3MrPBM2eZvKYlo2C1TEMacFD"),
        total: money(5_00, "EUR"),
    };
    assert_eq!(read(REFUNDED).await, refunded);
}

#[tokio::test]
async fn every_kind_of_event_is_kept() {
    let event = |kind: &str, object: &str| {
        format!(r#"{{"id":"evt_1","type":"{kind}","created":1,"data":{{"object":{object}}}}}"#)
    };
    let Kind::Charge(standing) = read(&event("payment_intent.succeeded", SUCCEEDED)).await else {
        panic!("no charge");
    };
    assert_eq!(standing.progress, Progress::Captured { amount: money(15_00, "EUR") });
    assert_eq!(standing.for_client, None);
    for name in ["refund.created", "refund.updated", "refund.failed", "charge.refund.updated"] {
        assert!(matches!(read(&event(name, REFUND)).await, Kind::Refund(_)), "{name}");
    }
    assert_eq!(read(&event("customer.created", r#"{"id": "cus_1"}"#)).await, Kind::Unknown);
}

#[tokio::test]
async fn webhooks_that_stripe_did_not_sign_are_not_read() {
    let stripe = stripe("http://127.0.0.1:9");
    let now = at("2026-03-01T12:00:00Z");
    let read = async |headers: &HeaderMap, body: &str| {
        stripe.read_webhook(headers, body.as_bytes(), now).await.unwrap_err()
    };
    let seconds = now.timestamp();
    let unsigned = WebhookError::Unsigned("Stripe-Signature");
    assert_eq!(read(&HeaderMap::new(), DISPUTE).await, unsigned);
    assert_eq!(read(&signed("other", DISPUTE, seconds), DISPUTE).await, WebhookError::Forged);
    let late = signed("whsec_new", DISPUTE, seconds - 301);
    assert_eq!(read(&late, DISPUTE).await, WebhookError::Stale { age_seconds: 301 });
    let odd = r#"{"id":"evt_1","type":"payment_intent.created","created":1,"data":{"object":{}}}"#;
    let unreadable = read(&signed("whsec_new", odd, seconds), odd).await;
    assert!(matches!(unreadable, WebhookError::Unreadable(_)), "{unreadable}");
}

#[test]
fn secrets_do_not_show() {
    let settings = Settings {
        base: url("https://api.stripe.com"),
        api_key: SecretString::from("sk_live_hidden"),
        webhook_secrets: vec![SecretString::from("whsec_hidden")],
    };
    let shown = format!("{settings:?} {:?}", Stripe::try_new(&settings).unwrap());
    assert!(!shown.contains("hidden"), "{shown}");
    let clear = Settings { base: url("http://api.stripe.com"), ..settings };
    assert!(Stripe::try_new(&clear).is_err(), "keys travel encrypted");
}
