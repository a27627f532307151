//! Stripe: cards, and Apple Pay as a wallet of cards, by payment intents.
//!
//! A client confirms the intent with Stripe's SDK and the [`ClientSecret`](crate::ClientSecret), so card numbers go
//! from the browser to Stripe. Apple Pay needs nothing else here; Stripe asks the shop's site for a file that proves
//! the domain.
//!
//! Stripe keeps the answer to a key even if it was a fault of its own, and repeats it for a day. A call that stays
//! [unavailable](GatewayError::Unavailable) under its key is found out about by looking, and then sent under a new one.

mod amounts;
mod errors;
mod standing;
mod webhook;
mod wire;

use async_trait::async_trait;
use daybook_domain::values::{Currency, Money, Timestamp};
use reqwest::{
    Client, RequestBuilder, Url,
    header::{AUTHORIZATION, HeaderMap, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

use crate::{
    CaptureMode, Charge, ChargeReference, Entry, Gateway, GatewayError, Method, Notification,
    Period, Provider, ProviderKey, Refund, RefundStanding, SetupError, Standing, WebhookError,
    http::{self, Answer},
    signature::Seal,
};

/// The version of Stripe's API that [`wire`] was written for. Webhooks come in the version of their endpoint.
const VERSION: &str = "2024-06-20";

/// The largest page Stripe gives.
const PAGE: &str = "100";

/// Where Stripe is, and who we are there.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `https://api.stripe.com`, or an emulator on this machine.
    pub base: Url,
    /// The secret key, or better a restricted key for payment intents and refunds.
    pub api_key: SecretString,
    /// The secrets that webhooks are signed with: several while they are being changed.
    pub webhook_secrets: Vec<SecretString>,
}

/// Stripe.
#[derive(Debug)]
pub struct Stripe {
    client: Client,
    base: String,
    authorization: HeaderValue,
    seal: Seal,
}

/// What is sent in a form or a query.
type Fields = Vec<(&'static str, String)>;

impl Stripe {
    /// A Stripe account. Nothing is asked of it yet.
    pub fn try_new(settings: &Settings) -> Result<Self, SetupError> {
        if settings.webhook_secrets.is_empty() {
            return Err(SetupError::NoWebhookSecret);
        }
        let bearer = format!("Bearer {}", settings.api_key.expose_secret());
        let mut authorization = HeaderValue::from_str(&bearer).map_err(|_| SetupError::Key)?;
        authorization.set_sensitive(true);
        Ok(Self {
            client: http::client(&settings.base)?,
            base: http::safe(&settings.base)?,
            authorization,
            seal: Seal::new(&settings.webhook_secrets),
        })
    }

    async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &Fields,
    ) -> Result<T, GatewayError> {
        let request = self.client.get(format!("{}{path}", self.base)).query(query);
        read(&self.send(request).await?)
    }

    async fn post(
        &self,
        path: &str,
        form: &Fields,
        key: &ProviderKey,
    ) -> Result<Answer, GatewayError> {
        let request = self.client.post(format!("{}{path}", self.base));
        self.send(request.form(form).header("Idempotency-Key", key.as_str())).await
    }

    async fn send(&self, request: RequestBuilder) -> Result<Answer, GatewayError> {
        let request = request
            .header(AUTHORIZATION, self.authorization.clone())
            .header("Stripe-Version", VERSION);
        http::send(request).await
    }

    /// All of a list, page by page.
    async fn all<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &Fields,
        name: fn(&T) -> &str,
    ) -> Result<Vec<T>, GatewayError> {
        let mut all: Vec<T> = Vec::new();
        loop {
            let mut query = query.clone();
            query.extend(all.last().map(|last| ("starting_after", name(last).to_owned())));
            let page: wire::Page<T> = self.get(path, &query).await?;
            let more = page.has_more && !page.data.is_empty();
            all.extend(page.data);
            if !more {
                return Ok(all);
            }
        }
    }
}

#[async_trait]
impl Gateway for Stripe {
    fn provider(&self) -> Provider {
        Provider::Stripe
    }

    fn takes(&self, method: Method, currency: Currency) -> bool {
        matches!(method, Method::Card | Method::ApplePay) && amounts::taken(currency)
    }

    #[tracing::instrument(
        name = "stripe.start",
        skip_all,
        fields(payment = %charge.payment),
        err(Display, level = "debug")
    )]
    async fn start(&self, charge: &Charge, key: &ProviderKey) -> Result<Standing, GatewayError> {
        if charge.method == Method::Paypal {
            return Err(GatewayError::refused("method_not_supported", "PayPal is not for Stripe"));
        }
        let answer = self.post("/v1/payment_intents", &form(charge)?, key).await?;
        if let Some(declined) = declined(&answer) {
            return declined;
        }
        standing::standing(&read(&answer)?)
    }

    #[tracing::instrument(
        name = "stripe.capture",
        skip_all,
        fields(%reference),
        err(Display, level = "debug")
    )]
    async fn capture(
        &self,
        reference: &ChargeReference,
        amount: Money,
        key: &ProviderKey,
    ) -> Result<Standing, GatewayError> {
        let form = vec![("amount_to_capture", amounts::to_stripe(amount)?.to_string())];
        let path = format!("/v1/payment_intents/{reference}/capture");
        standing::standing(&read(&self.post(&path, &form, key).await?)?)
    }

    #[tracing::instrument(
        name = "stripe.void",
        skip_all,
        fields(%reference),
        err(Display, level = "debug")
    )]
    async fn void(
        &self,
        reference: &ChargeReference,
        key: &ProviderKey,
    ) -> Result<Standing, GatewayError> {
        let path = format!("/v1/payment_intents/{reference}/cancel");
        standing::standing(&read(&self.post(&path, &Vec::new(), key).await?)?)
    }

    #[tracing::instrument(
        name = "stripe.refund",
        skip_all,
        fields(charge = %refund.charge, refund = %refund.refund),
        err(Display, level = "debug")
    )]
    async fn refund(
        &self,
        refund: &Refund,
        key: &ProviderKey,
    ) -> Result<RefundStanding, GatewayError> {
        let form = vec![
            ("payment_intent", refund.charge.to_string()),
            ("amount", amounts::to_stripe(refund.amount)?.to_string()),
            ("metadata[refund]", refund.refund.to_string()),
        ];
        standing::refund_standing(&read(&self.post("/v1/refunds", &form, key).await?)?)
    }

    #[tracing::instrument(
        name = "stripe.look",
        skip_all,
        fields(%reference),
        err(Display, level = "debug")
    )]
    async fn look(&self, reference: &ChargeReference) -> Result<Standing, GatewayError> {
        // what is expanded within a charge expands the charge as well
        let query = vec![("expand[]", "latest_charge.balance_transaction".to_owned())];
        let intent = self.get(&format!("/v1/payment_intents/{reference}"), &query).await?;
        standing::standing(&intent)
    }

    #[tracing::instrument(name = "stripe.list", skip_all, err(Display, level = "debug"))]
    async fn list(&self, period: Period) -> Result<Vec<Entry>, GatewayError> {
        let query = vec![
            ("limit", PAGE.to_owned()),
            ("created[gte]", whole_seconds(period.from())),
            ("created[lt]", whole_seconds(period.until())),
        ];
        let intents: Vec<wire::Intent> =
            self.all("/v1/payment_intents", &query, |intent: &wire::Intent| &intent.id).await?;
        let refunds: Vec<wire::Refund> =
            self.all("/v1/refunds", &query, |refund: &wire::Refund| &refund.id).await?;
        let charges = intents.iter().map(standing::charge_entry);
        charges.chain(refunds.iter().map(standing::refund_entry)).collect()
    }

    async fn read_webhook(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Notification, WebhookError> {
        const NAME: &str = "Stripe-Signature";
        let header = headers.get(NAME).and_then(|header| header.to_str().ok());
        self.seal.verify(header.ok_or(WebhookError::Unsigned(NAME))?, body, now)?;
        webhook::read(body)
    }
}

/// Stripe's times are whole seconds: the first of them that is not before an instant.
fn whole_seconds(at: Timestamp) -> String {
    (at.timestamp() + i64::from(at.timestamp_subsec_nanos() > 0)).to_string()
}

/// A new intent. Only what is needed: what is not said, Stripe decides by the account's settings.
fn form(charge: &Charge) -> Result<Fields, GatewayError> {
    let capture = match charge.capture {
        CaptureMode::Manual => "manual",
        CaptureMode::Automatic => "automatic",
    };
    let mut form = vec![
        ("amount", amounts::to_stripe(charge.amount)?.to_string()),
        ("currency", charge.amount.currency().code().to_ascii_lowercase()),
        ("capture_method", capture.to_owned()),
        // wallets come with cards
        ("payment_method_types[]", "card".to_owned()),
        ("metadata[payment]", charge.payment.to_string()),
        ("metadata[booking]", charge.booking.to_string()),
    ];
    if let Some(token) = &charge.token {
        form.push(("payment_method", token.to_string()));
        form.push(("confirm", "true".to_owned()));
        form.extend(charge.return_url.as_ref().map(|url| ("return_url", url.to_string())));
    }
    Ok(form)
}

/// An intent that exists though its first attempt was declined: there is something to try again.
fn declined(answer: &Answer) -> Option<Result<Standing, GatewayError>> {
    if answer.status.as_u16() != 402 {
        return None;
    }
    let wire::Refusal { error } = answer.read_refusal();
    let mut standing = standing::standing(error.payment_intent.as_deref()?);
    if let Ok(standing) = &mut standing {
        standing.progress = crate::Progress::Declined(errors::decline(&error));
    }
    Some(standing)
}

fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, GatewayError> {
    if answer.status.is_success() { answer.read() } else { Err(errors::error(answer)) }
}
