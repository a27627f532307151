//! An emulator of Stripe: one for each test, on a port of its own, and gone with the test.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use reqwest::{Method, Url, header::CONTENT_TYPE};
use serde_json::Value;
use tempfile::TempDir;

use super::{Client, Server, send};

/// The key that servers and customers use; the emulator takes any.
const KEY: &str = "sk_test_1234567";
/// What the emulator signs its webhooks with.
const SECRET: &str = "whsec_emulated";

/// A card that works.
pub(crate) const GOOD_CARD: &str = "4242424242424242";
/// A card that is declined when it is used.
pub(crate) const BAD_CARD: &str = "4000000000000341";

/// A running emulator. Dropping it ends it.
pub(crate) struct Emulator {
    base: String,
    client: Client,
    server: Child,
    _state: TempDir,
}

impl Emulator {
    /// Starts an emulator. It sends no webhooks until it is told where to.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// One that forgets at once what it was asked under a key, and so does again whatever it is asked again.
    pub(crate) fn start_forgetful() -> Self {
        Self::start_with(&["--forget-keys"])
    }

    fn start_with(arguments: &[&str]) -> Self {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
        let python = root.join("target/localstripe/bin/python");
        assert!(python.exists(), "the emulator is not installed: run `scripts/setup test`");
        let state = tempfile::Builder::new().prefix("daybook-stripe-").tempdir();
        let state = state.expect("a directory");
        let mut command = Command::new(python);
        command.arg(root.join("crates/gateways/tests/localstripe/serve.py"));
        command
            .arg(state.path().join("state"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut server = command.spawn().expect("the emulator starts");
        let output = server.stdout.take().expect("its output is piped");
        let mut port = String::new();
        BufReader::new(output).read_line(&mut port).expect("the emulator says its port");
        let base = format!("http://127.0.0.1:{}", port.trim());
        let client = Client::new(&base, KEY);
        Self { base, client, server, _state: state }
    }

    /// What a server is told so that it charges here.
    pub(crate) fn settings(&self) -> [(&str, &str); 3] {
        [
            ("DAYBOOK_STRIPE_KEY", KEY),
            ("DAYBOOK_STRIPE_WEBHOOK_SECRETS", SECRET),
            ("DAYBOOK_STRIPE_URL", &self.base),
        ]
    }

    /// From now on a server hears of what is promised, taken, declined and given back: once each, a second later.
    pub(crate) async fn send_webhooks_to(&self, server: &Server) {
        let url = format!("{}/v1/webhooks/stripe", server.url());
        self.post("/_config/webhooks/server", &[("url", &url), ("secret", SECRET)]).await;
    }

    /// From now on whatever webhooks there are are lost on the way.
    pub(crate) async fn lose_webhooks(&self) {
        let nobody = [("url", "http://127.0.0.1:9/"), ("secret", SECRET)];
        self.post("/_config/webhooks/server", &nobody).await;
    }

    /// Pays as a customer does, with the secret that the checkout gave them. Answers with the intent.
    pub(crate) async fn pay(&self, client_secret: &str, card: &str) -> Value {
        let fields = [
            ("type", "card"),
            ("card[number]", card),
            ("card[exp_month]", "12"),
            ("card[exp_year]", "2040"),
            ("card[cvc]", "123"),
        ];
        let means = self.post("/v1/payment_methods", &fields).await;
        let means = means["id"].as_str().expect("a means of payment has an id");
        let path = format!("/v1/payment_intents/{}", charge_of(client_secret));
        self.post(&path, &[("payment_method", means)]).await;
        // the emulator takes no form without fields
        self.post(&format!("{path}/confirm"), &[("expand[]", "latest_charge")]).await
    }

    /// Gives money back at the provider's own desk, past Daybook. Answers with the refund.
    pub(crate) async fn refund(&self, charge: &str, minor: u64) -> Value {
        let minor = minor.to_string();
        self.post("/v1/refunds", &[("payment_intent", charge), ("amount", &minor)]).await
    }

    /// Takes money at the provider's own desk, for nothing that Daybook knows. Answers with the intent.
    pub(crate) async fn charge(&self, minor: u64, currency: &str) -> Value {
        let minor = minor.to_string();
        let fields = [
            ("amount", &*minor),
            ("currency", currency),
            ("payment_method", "pm_card_visa"),
            ("confirm", "true"),
        ];
        self.post("/v1/payment_intents", &fields).await
    }

    /// One charge as it stands there, with the names of Stripe.
    pub(crate) async fn intent(&self, charge: &str) -> Value {
        let path = format!("/v1/payment_intents/{charge}?expand[]=latest_charge");
        self.client.get(&path).await.expect(200)
    }

    /// All charges that were ever started.
    pub(crate) async fn intents(&self) -> Vec<Value> {
        self.all("/v1/payment_intents").await
    }

    /// All refunds that were ever made.
    pub(crate) async fn refunds(&self) -> Vec<Value> {
        self.all("/v1/refunds").await
    }

    async fn all(&self, path: &str) -> Vec<Value> {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let after = all.last().and_then(|last| last["id"].as_str());
            let after = after.map(|id| format!("&starting_after={id}")).unwrap_or_default();
            let mut page = self.client.get(&format!("{path}?limit=100{after}")).await.expect(200);
            all.append(page["data"].as_array_mut().expect("a page has data"));
            if page["has_more"] != true {
                return all;
            }
        }
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let form = Url::parse_with_params(&self.base, form).expect("its address is a URL");
        let request = self.client.request(Method::POST, path);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = send(request.body(form.query().unwrap_or_default().to_owned())).await;
        // what is declined is an answer too
        assert!(matches!(answer.status, 200 | 402), "{path}: {}", answer.text());
        if answer.body.is_empty() { Value::Null } else { answer.json() }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // Gone already is as good.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// The charge that a client's secret is for.
pub(crate) fn charge_of(client_secret: &str) -> &str {
    client_secret.split("_secret_").next().unwrap_or_default()
}
