//! Stripe, against an emulator of it: one server for each test, gone with it.

use std::{path::PathBuf, process::Stdio, time::Duration};

use chrono::Utc;
use daybook_gateways::{
    CaptureMode, ChargeReference, FailureCode, Gateway, GatewayError, Kind, Method, Moved,
    Notification, Period, Progress, RefundProgress, WebhookError,
    stripe::{Settings, Stripe},
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use super::{charge, key, money, paid_by, refund, url};

const SECRET: &str = "whsec_emulated";

/// An emulator, what stands for a client with its SDK, and the gateway under test.
struct Emulator {
    gateway: Stripe,
    base: String,
    client: reqwest::Client,
    /// Ends when its standard input is closed, and that is when this is dropped.
    _server: Child,
    _state: TempDir,
}

impl Emulator {
    async fn start() -> Self {
        let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let python = here.join("../../target/localstripe/bin/python");
        assert!(python.exists(), "the emulator is not installed: run `scripts/setup test`");
        let state = TempDir::new().unwrap();
        let mut server = Command::new(python)
            .arg(here.join("tests/localstripe/serve.py"))
            .arg(state.path().join("state"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
        let port = lines.next_line().await.unwrap().expect("the emulator says its port");
        let base = format!("http://127.0.0.1:{port}");
        let settings = Settings {
            base: url(&base),
            api_key: "sk_test_1234567".into(),
            webhook_secrets: vec![SECRET.into()],
        };
        let gateway = Stripe::try_new(&settings).unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { gateway, base, client, _server: server, _state: state }
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let request = self.client.post(format!("{}{path}", self.base)).form(form);
        let answer = request.bearer_auth("sk_test_1234567").send().await.unwrap();
        answer.json().await.unwrap_or_default()
    }

    /// What a client does: makes a means of payment of a card and confirms with it.
    async fn pay(&self, charge: &ChargeReference, card: &str) -> Value {
        let card = [
            ("type", "card"),
            ("card[number]", card),
            ("card[exp_month]", "12"),
            ("card[exp_year]", "2040"),
            ("card[cvc]", "123"),
        ];
        let means = self.post("/v1/payment_methods", &card).await;
        let means = means["id"].as_str().unwrap();
        let path = format!("/v1/payment_intents/{charge}");
        self.post(&path, &[("payment_method", means)]).await;
        // the emulator takes no form without fields
        self.post(&format!("{path}/confirm"), &[("expand[]", "latest_charge")]).await
    }

    /// Where the emulator's webhooks arrive.
    async fn webhooks(&self) -> MockServer {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&server).await;
        let fields = [("url", server.uri()), ("secret", SECRET.to_owned())];
        let path = format!("{}/_config/webhooks/test", self.base);
        self.client.post(path).form(&fields).send().await.unwrap().error_for_status().unwrap();
        server
    }

    /// The next webhook, read by the gateway. The emulator sends it after a second.
    async fn notification(
        &self,
        server: &MockServer,
        secret_side: &Stripe,
    ) -> Result<Notification, WebhookError> {
        for _ in 0..100 {
            if let Some(request) = server.received_requests().await.unwrap().pop() {
                return secret_side.read_webhook(&request.headers, &request.body, Utc::now()).await;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no webhook in ten seconds");
    }
}

#[tokio::test]
async fn a_card_is_authorized_captured_in_part_and_refunded_in_part() {
    let emulator = Emulator::start().await;
    let gateway = &emulator.gateway;
    let wanted = charge(Method::Card, CaptureMode::Manual, money(10_000, "EUR"));
    let started = gateway.start(&wanted, &key("start")).await.unwrap();
    assert_eq!(started.progress, Progress::RequiresMethod);
    assert!(started.for_client.is_some(), "the client needs a secret");
    let reference = started.reference;

    emulator.pay(&reference, "4242424242424242").await;
    let standing = gateway.look(&reference).await.unwrap();
    assert_eq!(standing.progress, Progress::Authorized { amount: money(10_000, "EUR") });
    assert_eq!(standing.payment, Some(super::ours("payment-1")));

    let captured = gateway.capture(&reference, money(80_00, "EUR"), &key("capture")).await.unwrap();
    assert_eq!(captured.progress, Progress::Captured { amount: money(80_00, "EUR") });

    let made = gateway.refund(&refund(&reference, money(30_00, "EUR")), &key("refund")).await;
    let made = made.unwrap();
    assert_eq!(made.progress, RefundProgress::Succeeded);
    assert_eq!(made.charge, Some(reference.clone()));
    assert_eq!(made.refund, Some(super::ours("refund-1")));
    assert_eq!(made.amount, money(30_00, "EUR"));
}

#[tokio::test]
async fn a_token_is_confirmed_and_captured_at_once() {
    let emulator = Emulator::start().await;
    for (amount, token) in
        [(money(5_00, "EUR"), "one"), (money(500, "JPY"), "two"), (money(5_120, "JOD"), "three")]
    {
        let wanted = charge(Method::ApplePay, CaptureMode::Automatic, amount);
        let started =
            emulator.gateway.start(&paid_by("pm_card_visa", wanted), &key(token)).await.unwrap();
        assert_eq!(started.progress, Progress::Captured { amount });
    }
}

#[tokio::test]
async fn a_decline_is_told_and_can_be_looked_at() {
    let emulator = Emulator::start().await;
    let wanted = charge(Method::Card, CaptureMode::Automatic, money(5_00, "EUR"));
    let declined = paid_by("pm_card_chargeCustomerFail", wanted.clone());
    let error = emulator.gateway.start(&declined, &key("a")).await.unwrap_err();
    let code = FailureCode::CardDeclined;
    assert!(matches!(&error, GatewayError::Declined(it) if it.code == code), "{error}");

    let started = emulator.gateway.start(&wanted, &key("b")).await.unwrap();
    emulator.pay(&started.reference, "4000000000000341").await;
    let standing = emulator.gateway.look(&started.reference).await.unwrap();
    let Progress::Declined(decline) = standing.progress else { panic!("{standing:?}") };
    assert_eq!(decline.code, code);
    assert_eq!(decline.message.as_deref(), Some("Your card was declined."));
}

#[tokio::test]
async fn three_d_secure_waits_for_the_customer() {
    let emulator = Emulator::start().await;
    let gateway = &emulator.gateway;
    let wanted = charge(Method::Card, CaptureMode::Automatic, money(5_00, "EUR"));
    for (success, name) in [("true", "passed"), ("false", "failed")] {
        let reference = gateway.start(&wanted, &key(name)).await.unwrap().reference;
        let intent = emulator.pay(&reference, "4000002500003155").await;
        let waiting = gateway.look(&reference).await.unwrap();
        assert_eq!(waiting.progress, Progress::RequiresAction);
        let secret = intent["client_secret"].as_str().unwrap();
        let path = format!("/v1/payment_intents/{reference}/_authenticate");
        emulator.post(&path, &[("client_secret", secret), ("success", success)]).await;
        let standing = gateway.resume(&reference, &key("resume")).await.unwrap();
        match (success, standing.progress) {
            ("true", Progress::Captured { amount }) => assert_eq!(amount, money(5_00, "EUR")),
            ("false", Progress::Declined(decline)) => {
                assert_eq!(decline.code, FailureCode::AuthenticationFailed);
            }
            (_, other) => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_charge_can_be_called_off_until_it_is_captured() {
    let emulator = Emulator::start().await;
    let gateway = &emulator.gateway;
    let wanted = charge(Method::Card, CaptureMode::Manual, money(5_00, "EUR"));
    let wanted = paid_by("pm_card_visa", wanted);
    let reference = gateway.start(&wanted, &key("a")).await.unwrap().reference;
    let voided = gateway.void(&reference, &key("b")).await.unwrap();
    assert_eq!(voided.progress, Progress::Voided);

    let unknown = super::reference("pi_unknown");
    assert!(matches!(gateway.look(&unknown).await, Err(GatewayError::Refused { .. })));
}

#[tokio::test]
async fn webhooks_are_read_if_they_are_signed() {
    let emulator = Emulator::start().await;
    let server = emulator.webhooks().await;
    let wanted = charge(Method::Card, CaptureMode::Automatic, money(5_00, "EUR"));
    let wanted = paid_by("pm_card_visa", wanted);
    let started = emulator.gateway.start(&wanted, &key("a")).await.unwrap();

    let read = emulator.notification(&server, &emulator.gateway).await.unwrap();
    assert_eq!(read.name, "payment_intent.succeeded");
    let Kind::Charge(standing) = read.kind else { panic!("{read:?}") };
    assert_eq!(standing.reference, started.reference);
    assert_eq!(standing.progress, Progress::Captured { amount: money(5_00, "EUR") });

    let stranger = Stripe::try_new(&Settings {
        base: url(&emulator.base),
        api_key: "sk_test_1234567".into(),
        webhook_secrets: vec!["whsec_other".into()],
    });
    let forged = emulator.notification(&server, &stranger.unwrap()).await;
    assert_eq!(forged, Err(WebhookError::Forged));
}

#[tokio::test]
async fn the_books_of_a_period_are_read_page_by_page() {
    let emulator = Emulator::start().await;
    let gateway = &emulator.gateway;
    let wanted = charge(Method::Card, CaptureMode::Automatic, money(5_00, "EUR"));
    let wanted = paid_by("pm_card_visa", wanted);
    let mut last = None;
    // one more than a page holds
    for number in 0..101 {
        let started = gateway.start(&wanted, &key(&format!("start-{number}"))).await.unwrap();
        last = Some(started.reference);
    }
    let last = last.unwrap();
    gateway.refund(&refund(&last, money(1_00, "EUR")), &key("refund")).await.unwrap();

    let hour = chrono::Duration::hours(1);
    let period = Period::try_new(Utc::now() - hour, Utc::now() + hour).unwrap();
    let entries = gateway.list(period).await.unwrap();
    let (charges, refunds): (Vec<_>, Vec<_>) =
        entries.iter().partition(|entry| matches!(entry.moved, Moved::Charge(_)));
    assert_eq!((charges.len(), refunds.len()), (101, 1));
    assert_eq!(refunds[0].charge, Some(last));
    let before = Period::try_new(Utc::now() - hour - hour, Utc::now() - hour).unwrap();
    assert!(gateway.list(before).await.unwrap().is_empty());
}
