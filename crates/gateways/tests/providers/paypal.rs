//! PayPal, against its public API as recorded wire: there is no emulator.

use daybook_gateways::{
    CaptureMode, Conflict, DisputeState, FailureCode, ForClient, Gateway, GatewayError, HeaderMap,
    Kind, Method, Moved, Period, Progress, RefundProgress, WebhookError,
    paypal::{PayPal, Settings},
};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{
        any, basic_auth, bearer_token, body_json, body_string, body_string_contains, header,
        method, path, query_param,
    },
};

use super::{at, charge, key, money, ours, reference, refund, url};

/// A recorded answer.
macro_rules! wire {
    ($name:literal) => {
        include_str!(concat!("../wire/paypal/", $name, ".json"))
    };
}

const ORDER: &str = "/v2/checkout/orders/5O190127TN364715T";
const VERIFY: &str = "/v1/notifications/verify-webhook-signature";

fn json(body: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body, "application/json")
}

fn paypal(server: &MockServer) -> PayPal {
    PayPal::try_new(&Settings {
        base: url(&server.uri()),
        client_id: "client".to_owned(),
        secret: "hidden".into(),
        webhook_id: "WH-1".to_owned(),
    })
    .unwrap()
}

/// A server that grants tokens.
async fn server() -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/oauth2/token"))
        .and(basic_auth("client", "hidden"))
        .and(body_string("grant_type=client_credentials"))
        .respond_with(json(wire!("token")))
        .expect(1..)
        .mount(&server)
        .await;
    server
}

async fn on_get(server: &MockServer, at: &str, body: &str) {
    Mock::given(method("GET")).and(path(at)).respond_with(json(body)).mount(server).await;
}

async fn on_post(server: &MockServer, at: &str, answer: ResponseTemplate) {
    Mock::given(method("POST")).and(path(at)).respond_with(answer).mount(server).await;
}

fn order() -> daybook_gateways::ChargeReference {
    reference("5O190127TN364715T")
}

#[tokio::test]
async fn an_order_is_asked_for_and_approved_on_paypals_page() {
    let server = server().await;
    Mock::given(method("POST"))
        .and(path("/v2/checkout/orders"))
        .and(bearer_token("A21AAFs9YGJxO3-hidden"))
        .and(header("paypal-request-id", "payment-1-start"))
        .and(header("prefer", "return=representation"))
        .and(body_json(json!({
            "intent": "AUTHORIZE",
            "purchase_units": [{
                "reference_id": "booking-1",
                "custom_id": "payment:payment-1",
                "amount": {"currency_code": "EUR", "value": "100.00"},
            }],
            "payment_source": {"paypal": {"experience_context": {
                "user_action": "PAY_NOW",
                "shipping_preference": "NO_SHIPPING",
                "return_url": "https://shop.example/back",
                "cancel_url": "https://shop.example/back",
            }}},
        })))
        .respond_with(json(wire!("order_payer_action")))
        .expect(1)
        .mount(&server)
        .await;
    let mut charge = charge(Method::Paypal, CaptureMode::Manual, money(10_000, "EUR"));
    charge.return_url = Some(url("https://shop.example/back"));
    let standing = paypal(&server).start(&charge, &key("payment-1-start")).await.unwrap();
    assert_eq!(standing.reference, order());
    assert_eq!(standing.payment, Some(ours("payment-1")));
    assert_eq!(standing.progress, Progress::RequiresAction);
    let page = "https://www.sandbox.paypal.com/checkoutnow?token=5O190127TN364715T";
    assert_eq!(standing.for_client, Some(ForClient::Approve(url(page))));
}

#[tokio::test]
async fn an_approved_order_is_authorized_under_its_key() {
    let server = server().await;
    on_get(&server, ORDER, wire!("order_approved")).await;
    Mock::given(method("POST"))
        .and(path(format!("{ORDER}/authorize")))
        .and(header("paypal-request-id", "k"))
        .respond_with(json(wire!("order_authorized")))
        .expect(1)
        .mount(&server)
        .await;
    let paypal = paypal(&server);
    assert_eq!(paypal.look(&order()).await.unwrap().progress, Progress::Approved);
    let standing = paypal.resume(&order(), &key("k")).await.unwrap();
    assert_eq!(standing.progress, Progress::Authorized { amount: money(10_000, "EUR") });
    assert_eq!(standing.payment, Some(ours("payment-1")));
}

#[tokio::test]
async fn an_order_that_nobody_approved_is_only_looked_at() {
    let server = server().await;
    on_get(&server, ORDER, wire!("order_payer_action")).await;
    let standing = paypal(&server).resume(&order(), &key("k")).await.unwrap();
    assert_eq!(standing.progress, Progress::RequiresAction);
}

#[tokio::test]
async fn an_order_to_be_captured_at_once_is() {
    let server = server().await;
    let approved = wire!("order_approved").replace("AUTHORIZE", "CAPTURE");
    on_get(&server, ORDER, &approved).await;
    let mut captured: Value = serde_json::from_str(wire!("order_authorized")).unwrap();
    let capture: Value = serde_json::from_str(wire!("capture")).unwrap();
    captured["purchase_units"][0]["payments"] = json!({ "captures": [capture] });
    on_post(&server, &format!("{ORDER}/capture"), json(&captured.to_string())).await;
    let standing = paypal(&server).resume(&order(), &key("k")).await.unwrap();
    assert_eq!(standing.progress, Progress::Captured { amount: money(80_00, "EUR") });
}

#[tokio::test]
async fn a_declined_means_can_be_replaced_on_the_same_page() {
    let server = server().await;
    on_get(&server, ORDER, wire!("order_approved")).await;
    let declined = ResponseTemplate::new(422)
        .set_body_raw(wire!("error_instrument_declined"), "application/json");
    on_post(&server, &format!("{ORDER}/authorize"), declined).await;
    let standing = paypal(&server).resume(&order(), &key("k")).await.unwrap();
    let Progress::Declined(decline) = standing.progress else { panic!("{standing:?}") };
    assert_eq!(decline.code, FailureCode::CardDeclined);
    assert_eq!(decline.provider_code.as_deref(), Some("INSTRUMENT_DECLINED"));
    assert!(matches!(standing.for_client, Some(ForClient::Approve(_))));
}

#[tokio::test]
async fn an_authorization_is_captured_in_part_and_the_rest_released() {
    let server = server().await;
    on_get(&server, ORDER, wire!("order_authorized")).await;
    let amount = json!({"currency_code": "EUR", "value": "80.00"});
    Mock::given(path("/v2/payments/authorizations/3KM30725CS262502P/capture"))
        .and(header("paypal-request-id", "c"))
        .and(body_json(json!({"amount": amount, "final_capture": true})))
        .respond_with(json(wire!("capture")))
        .expect(1)
        .mount(&server)
        .await;
    let standing = paypal(&server).capture(&order(), money(80_00, "EUR"), &key("c")).await.unwrap();
    assert_eq!(standing.progress, Progress::Captured { amount: money(80_00, "EUR") });
    assert_eq!(standing.amount, money(10_000, "EUR"));
}

#[tokio::test]
async fn a_refund_goes_to_the_capture_and_shows_in_the_order() {
    let server = server().await;
    on_get(&server, ORDER, wire!("order_refunded_in_part")).await;
    let amount = json!({"currency_code": "EUR", "value": "30.00"});
    Mock::given(path("/v2/payments/captures/2GG279541U471931P/refund"))
        .and(header("paypal-request-id", "r"))
        .and(body_json(json!({"amount": amount, "custom_id": "refund:refund-1"})))
        .respond_with(json(wire!("refund")))
        .expect(1)
        .mount(&server)
        .await;
    let paypal = paypal(&server);
    let made = paypal.refund(&refund(&order(), money(30_00, "EUR")), &key("r")).await.unwrap();
    assert_eq!(made.progress, RefundProgress::Succeeded);
    assert_eq!(made.charge, Some(order()));
    let standing = paypal.look(&order()).await.unwrap();
    assert_eq!(standing.progress, Progress::Captured { amount: money(80_00, "EUR") });
    assert_eq!(standing.refunded, Some(money(30_00, "EUR")));
    assert_eq!(standing.fee, Some(money(2_77, "EUR")));
}

#[tokio::test]
async fn an_authorization_is_voided_and_an_order_without_one_left_to_lapse() {
    let authorized = server().await;
    on_get(&authorized, ORDER, wire!("order_authorized")).await;
    Mock::given(path("/v2/payments/authorizations/3KM30725CS262502P/void"))
        .and(header("paypal-request-id", "v"))
        .respond_with(ResponseTemplate::new(204))
        .expect(1)
        .mount(&authorized)
        .await;
    let voided = paypal(&authorized).void(&order(), &key("v")).await.unwrap();
    assert_eq!(voided.progress, Progress::Voided);

    let unapproved = server().await;
    on_get(&unapproved, ORDER, wire!("order_payer_action")).await;
    let voided = paypal(&unapproved).void(&order(), &key("v")).await.unwrap();
    assert_eq!((voided.progress, voided.for_client), (Progress::Voided, None));
}

#[tokio::test]
async fn what_was_captured_before_is_a_conflict() {
    let server = server().await;
    on_get(&server, ORDER, wire!("order_refunded_in_part")).await;
    let issue = json!({"details": [{"issue": "AUTHORIZATION_ALREADY_CAPTURED"}]});
    let conflict = ResponseTemplate::new(422).set_body_json(issue);
    Mock::given(method("POST"))
        .and(wiremock::matchers::path_regex("^/v2/payments/authorizations/.*"))
        .respond_with(conflict)
        .mount(&server)
        .await;
    let error = paypal(&server).capture(&order(), money(1_00, "EUR"), &key("c")).await.unwrap_err();
    let expected = Conflict::AlreadyCaptured;
    assert!(matches!(error, GatewayError::Conflict { conflict, .. } if conflict == expected));
}

#[tokio::test]
async fn a_token_is_kept_until_it_is_turned_down() {
    let server = MockServer::start().await;
    Mock::given(path("/v1/oauth2/token"))
        .respond_with(json(wire!("token")))
        .expect(2)
        .mount(&server)
        .await;
    let expired = ResponseTemplate::new(401).set_body_json(json!({"error": "invalid_token"}));
    let once = Mock::given(path(ORDER)).respond_with(expired).up_to_n_times(1).with_priority(1);
    let paypal = paypal(&server);
    on_get(&server, ORDER, wire!("order_approved")).await;
    paypal.look(&order()).await.unwrap();
    paypal.look(&order()).await.unwrap();
    once.mount(&server).await;
    paypal.look(&order()).await.unwrap();
}

#[tokio::test]
async fn faults_and_refusals_are_told_apart() {
    for status in [429, 500, 503, 409] {
        let server = server().await;
        Mock::given(path(ORDER)).respond_with(ResponseTemplate::new(status)).mount(&server).await;
        let error = paypal(&server).look(&order()).await.unwrap_err();
        assert!(matches!(error, GatewayError::Unavailable { .. }), "{status}: {error}");
    }
    let server = MockServer::start().await;
    let wrong =
        json!({"error": "invalid_client", "error_description": "Client Authentication failed"});
    let wrong = ResponseTemplate::new(401).set_body_json(wrong);
    Mock::given(any()).respond_with(wrong).mount(&server).await;
    let error = paypal(&server).look(&order()).await.unwrap_err();
    assert!(matches!(&error, GatewayError::Refused { code, .. } if code == "invalid_client"));

    let dinars = charge(Method::Paypal, CaptureMode::Manual, money(5_000, "JOD"));
    let error = paypal(&server).start(&dinars, &key("k")).await.unwrap_err();
    assert_eq!(error.to_string(), "declined: currency_not_supported: PayPal does not take JOD");
    assert!(!paypal(&server).takes(Method::Paypal, money(0, "JOD").currency()));
    assert!(!format!("{:?}", paypal(&server)).contains("hidden"), "secrets do not show");
}

fn sent() -> HeaderMap {
    let headers = [
        ("paypal-auth-algo", "SHA256withRSA"),
        ("paypal-cert-url", "https://api.paypal.com/v1/notifications/certs/CERT-360caa42"),
        ("paypal-transmission-id", "69cd13f0-d67a-11e5-baa3-778b53f4ae55"),
        ("paypal-transmission-sig", "lmI95Jx3Y9nhR5SJWlHVIWpg4AgFk7n9bCHSRxbrd8A9zrhdu2rMyFrmz"),
        ("paypal-transmission-time", "2026-03-01T12:00:02Z"),
    ];
    let parsed = headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    HeaderMap::from_iter(parsed)
}

async fn verifying(status: &str) -> MockServer {
    let server = server().await;
    let answer = json!({ "verification_status": status }).to_string();
    on_post(&server, VERIFY, json(&answer)).await;
    server
}

async fn read(server: &MockServer, body: &str) -> Result<Kind, WebhookError> {
    let now = at("2026-03-01T12:00:03Z");
    let read = paypal(server).read_webhook(&sent(), body.as_bytes(), now).await;
    read.map(|notification| notification.kind)
}

#[tokio::test]
async fn paypal_is_asked_whether_it_sent_exactly_this() {
    let server = server().await;
    let body = wire!("event_order_approved");
    Mock::given(path(VERIFY))
        .and(body_string_contains(body.trim()))
        .and(body_string_contains(r#""webhook_id":"WH-1""#))
        .respond_with(json(r#"{"verification_status": "SUCCESS"}"#))
        .expect(1)
        .mount(&server)
        .await;
    let Kind::Charge(standing) = read(&server, body).await.unwrap() else { panic!("no charge") };
    assert_eq!(standing.progress, Progress::Approved);
    assert_eq!(standing.reference, order());
}

#[tokio::test]
async fn webhooks_that_paypal_did_not_send_are_not_read() {
    let server = verifying("FAILURE").await;
    let body = wire!("event_capture_completed");
    assert_eq!(read(&server, body).await, Err(WebhookError::Forged));
    assert_eq!(read(&server, "no json").await, Err(WebhookError::Forged));
    let now = at("2026-03-01T12:00:03Z");
    let unsigned = paypal(&server).read_webhook(&HeaderMap::new(), b"{}", now).await;
    assert_eq!(unsigned, Err(WebhookError::Unsigned("PayPal-Auth-Algo")));

    let broken = self::server().await;
    on_post(&broken, VERIFY, ResponseTemplate::new(503)).await;
    assert!(matches!(read(&broken, body).await, Err(WebhookError::Unavailable(_))));
}

#[tokio::test]
async fn a_capture_is_told_with_the_charge_it_belongs_to() {
    let server = verifying("SUCCESS").await;
    // the order may be a moment behind the event
    on_get(&server, ORDER, wire!("order_authorized")).await;
    let kind = read(&server, wire!("event_capture_completed")).await.unwrap();
    let Kind::Charge(standing) = kind else { panic!("{kind:?}") };
    assert_eq!(standing.progress, Progress::Captured { amount: money(80_00, "EUR") });
    assert_eq!(standing.payment, Some(ours("payment-1")));
    assert_eq!(standing.amount, money(10_000, "EUR"));
}

#[tokio::test]
async fn refunds_and_disputes_find_their_charge_by_the_capture() {
    let server = verifying("SUCCESS").await;
    on_get(&server, "/v2/payments/captures/2GG279541U471931P", wire!("capture")).await;
    let kind = read(&server, wire!("event_capture_refunded")).await.unwrap();
    let Kind::Refund(told) = kind else { panic!("{kind:?}") };
    assert_eq!(told.charge, Some(order()));
    assert_eq!(told.refund, Some(ours("refund-1")));
    assert_eq!(told.amount, money(30_00, "EUR"));
    assert_eq!(told.progress, RefundProgress::Succeeded);

    let body = wire!("event_dispute_resolved");
    for (outcome, state) in [
        ("RESOLVED_BUYER_FAVOUR", DisputeState::Lost),
        ("RESOLVED_SELLER_FAVOUR", DisputeState::Won),
        ("CANCELED_BY_BUYER", DisputeState::Won),
        ("NONE", DisputeState::Open),
    ] {
        let kind = read(&server, &body.replace("RESOLVED_BUYER_FAVOUR", outcome)).await.unwrap();
        let Kind::Dispute(dispute) = kind else { panic!("{kind:?}") };
        assert_eq!(dispute.state, state, "{outcome}");
        assert_eq!(dispute.charge, Some(order()));
    }
    let other = body.replace("CUSTOMER.DISPUTE.RESOLVED", "BILLING.PLAN.CREATED");
    assert_eq!(read(&server, &other).await.unwrap(), Kind::Unknown);
}

#[tokio::test]
async fn the_books_are_read_to_their_last_page() {
    let server = server().await;
    for (page, body) in [("1", wire!("transactions_1")), ("2", wire!("transactions_2"))] {
        Mock::given(path("/v1/reporting/transactions"))
            .and(query_param("page", page))
            .and(query_param("start_date", "2026-03-01T00:00:00.000Z"))
            .and(query_param("end_date", "2026-03-08T00:00:00.000Z"))
            .respond_with(json(body))
            .expect(1)
            .mount(&server)
            .await;
    }
    Mock::given(path("/v2/payments/captures/2GG279541U471931P"))
        .respond_with(json(wire!("capture")))
        .expect(1)
        .mount(&server)
        .await;
    let week = Period::try_new(at("2026-03-01T00:00:00Z"), at("2026-03-08T00:00:00Z")).unwrap();
    let entries = paypal(&server).list(week).await.unwrap();
    let told: Vec<_> = entries
        .iter()
        .map(|entry| (entry.moved.clone(), entry.amount, entry.charge.clone(), entry.ours.clone()))
        .collect();
    let captured = Moved::Charge(Progress::Captured { amount: money(80_00, "EUR") });
    let pending = Moved::Charge(Progress::Processing);
    let refunded = Moved::Refund(RefundProgress::Succeeded);
    assert_eq!(
        told,
        [
            (captured, money(80_00, "EUR"), Some(order()), Some(ours("payment-1"))),
            (refunded, money(30_00, "EUR"), Some(order()), Some(ours("refund-1"))),
            (pending, money(12_00, "EUR"), Some(reference("8HD65802VF9526337")), None),
        ]
    );
}

#[tokio::test]
async fn long_periods_are_asked_for_in_parts() {
    let server = server().await;
    let empty = json!({"transaction_details": [], "total_pages": 0}).to_string();
    Mock::given(path("/v1/reporting/transactions"))
        .respond_with(json(&empty))
        .expect(3)
        .mount(&server)
        .await;
    let long = Period::try_new(at("2026-01-01T00:00:00Z"), at("2026-03-15T00:00:00Z")).unwrap();
    assert!(paypal(&server).list(long).await.unwrap().is_empty());
}
