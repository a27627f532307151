//! A gateway without a provider: for demonstrations, and until one is configured. No money moves.
//!
//! It behaves as providers do: charges are authorized, captured, voided and refunded within their amounts, every key
//! is answered once and then always the same, and what happens is told by signed webhooks. What the customer does is
//! chosen by one of the [`Means`], given as a token when starting or [confirmed](Simulated::confirm) later.
//!
//! It keeps everything in memory. References and answers depend on the request alone, and a reference says how much it
//! is for: after a restart, a charge can be gone on with from there.

mod account;
mod ledger;
mod means;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::Utc;
use daybook_domain::values::{Currency, Money, Timestamp};
use parking_lot::Mutex;
use reqwest::header::{HeaderMap, HeaderValue};
use secrecy::SecretString;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use account::Account;
use ledger::{Answer, Ledger};
pub use means::Means;

use crate::{
    Charge, ChargeReference, Entry, Gateway, GatewayError, Kind, Method, Notification, Period,
    Provider, ProviderId, ProviderKey, Refund, RefundStanding, Standing, WebhookError,
    signature::Seal,
};

/// Under which header webhooks are signed, in the manner of Stripe.
pub const SIGNATURE: &str = "Simulated-Signature";

/// A webhook on its way: to be given to whoever receives those of real providers.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The headers, with the signature.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// How the customer did when asked to prove who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// They did.
    Passed,
    /// They did not.
    Failed,
}

/// The simulated gateway.
#[derive(Debug)]
pub struct Simulated {
    ledger: Mutex<Ledger>,
    seal: Seal,
    clock: Clock,
    deliveries: UnboundedSender<Delivery>,
}

/// What time it is, for events and signatures.
struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock(..)")
    }
}

impl Simulated {
    /// A gateway that signs with a secret, and where its webhooks come out.
    pub fn new(secret: SecretString) -> (Self, UnboundedReceiver<Delivery>) {
        Self::with_clock(secret, Utc::now)
    }

    /// The same, by another clock.
    pub fn with_clock(
        secret: SecretString,
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> (Self, UnboundedReceiver<Delivery>) {
        let (deliveries, received) = unbounded_channel();
        let simulated = Self {
            ledger: Mutex::default(),
            seal: Seal::new(&[secret]),
            clock: Clock(Arc::new(clock)),
            deliveries,
        };
        (simulated, received)
    }

    /// What a client does with a provider's SDK: pays a charge by some means.
    pub async fn confirm(
        &self,
        reference: &ChargeReference,
        means: Means,
    ) -> Result<Standing, GatewayError> {
        self.done_by_customer(reference, |account| account.confirm(means)).await
    }

    /// What a customer does on the page of their bank: proves to be who they are, or does not.
    pub async fn authenticate(
        &self,
        reference: &ChargeReference,
        authentication: Authentication,
    ) -> Result<Standing, GatewayError> {
        let passed = authentication == Authentication::Passed;
        self.done_by_customer(reference, |account| account.authenticate(passed)).await
    }

    async fn done_by_customer(
        &self,
        reference: &ChargeReference,
        act: impl FnOnce(&mut Account) -> Result<(), GatewayError> + Send,
    ) -> Result<Standing, GatewayError> {
        let (standing, delay) = {
            let mut ledger = self.ledger.lock();
            let account = ledger.account(reference, (self.clock.0)())?;
            act(account)?;
            let standing = account.standing();
            self.tell(&mut ledger, reference, Kind::Charge(standing.clone()));
            (standing, ledger.means(reference).delay())
        };
        take_time(delay).await;
        Ok(standing)
    }

    /// Carries a request out once, and answers it the same ever after. What was lost the first time was done all the
    /// same.
    async fn once(
        &self,
        key: &ProviderKey,
        request: String,
        act: impl FnOnce(&mut Ledger, Timestamp) -> Result<Answer, GatewayError> + Send,
    ) -> Result<Answer, GatewayError> {
        let (answer, means, first) = {
            let mut ledger = self.ledger.lock();
            let given = ledger.given(key, &request);
            let first = given.is_none();
            let answer = given.unwrap_or_else(|| {
                let answer = act(&mut ledger, (self.clock.0)());
                ledger.keep(key, request, answer.clone());
                if let Ok(answer) = &answer {
                    self.tell(&mut ledger, &answer.reference(), answer.kind());
                }
                answer
            });
            let means = answer.as_ref().map(|answer| ledger.means(&answer.reference()));
            let means = means.unwrap_or(Means::Success);
            (answer, means, first)
        };
        take_time(means.delay()).await;
        if first && means == Means::Timeout {
            return Err(GatewayError::in_doubt("simulated: the answer was lost"));
        }
        answer
    }

    /// Sends a webhook.
    fn tell(&self, ledger: &mut Ledger, reference: &ChargeReference, kind: Kind) {
        let now = (self.clock.0)();
        let (name, kind) = match kind {
            // secrets are for clients
            Kind::Charge(standing) => {
                ("charge", Kind::Charge(Standing { for_client: None, ..standing }))
            }
            kind => ("refund", kind),
        };
        let number = ledger.next_event();
        let id = format!("simevt.{}.{number}", account::short_digest(reference.as_str()));
        let Ok(id) = ProviderId::try_new(id) else { return };
        let notification = Notification { id, name: name.to_owned(), at: now, kind };
        let Some(delivery) = self.sealed(&notification, now) else { return };
        let times = if ledger.means(reference) == Means::Twice { 2 } else { 1 };
        for _ in 0..times {
            // nobody has to listen
            let _ = self.deliveries.send(delivery.clone());
        }
    }

    fn sealed(&self, notification: &Notification, now: Timestamp) -> Option<Delivery> {
        let body = Bytes::from(serde_json::to_vec(notification).ok()?);
        let signature = HeaderValue::try_from(self.seal.sign(&body, now)).ok()?;
        let name = reqwest::header::HeaderName::try_from(SIGNATURE).ok()?;
        Some(Delivery { headers: HeaderMap::from_iter([(name, signature)]), body })
    }

    async fn change(
        &self,
        what: &str,
        reference: &ChargeReference,
        key: &ProviderKey,
        act: impl FnOnce(&mut Account) -> Result<(), GatewayError> + Send,
    ) -> Result<Standing, GatewayError> {
        let answer = self.once(key, format!("{what} {reference}"), |ledger, now| {
            let account = ledger.account(reference, now)?;
            act(account)?;
            Ok(Answer::Charge(account.standing()))
        });
        answer.await?.charge()
    }
}

/// Takes as long as a call takes.
async fn take_time(delay: Duration) {
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
}

impl Answer {
    fn reference(&self) -> ChargeReference {
        match self {
            Self::Charge(standing) => standing.reference.clone(),
            Self::Refund(refund) => refund.charge.clone().expect("refunds here are of charges"),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Charge(standing) => Kind::Charge(standing.clone()),
            Self::Refund(refund) => Kind::Refund(refund.clone()),
        }
    }

    fn charge(self) -> Result<Standing, GatewayError> {
        match self {
            Self::Charge(standing) => Ok(standing),
            Self::Refund(_) => Err(GatewayError::in_doubt("a refund under the key of a charge")),
        }
    }

    fn refund(self) -> Result<RefundStanding, GatewayError> {
        match self {
            Self::Refund(refund) => Ok(refund),
            Self::Charge(_) => Err(GatewayError::in_doubt("a charge under the key of a refund")),
        }
    }
}

#[async_trait]
impl Gateway for Simulated {
    fn provider(&self) -> Provider {
        Provider::Simulated
    }

    fn takes(&self, _method: Method, _currency: Currency) -> bool {
        true
    }

    #[tracing::instrument(name = "simulated.start", skip_all, fields(payment = %charge.payment))]
    async fn start(&self, charge: &Charge, key: &ProviderKey) -> Result<Standing, GatewayError> {
        let means = match &charge.token {
            Some(token) => Some(
                Means::of(token).ok_or_else(|| GatewayError::refused("resource_missing", token))?,
            ),
            None => None,
        };
        let answer = self.once(key, format!("start {charge:?}"), |ledger, now| {
            let mut account = Account::open(charge, key, now)?;
            means.map_or(Ok(()), |means| account.confirm(means))?;
            let standing = account.standing();
            ledger.open(account);
            Ok(Answer::Charge(standing))
        });
        answer.await?.charge()
    }

    #[tracing::instrument(name = "simulated.capture", skip_all, fields(%reference))]
    async fn capture(
        &self,
        reference: &ChargeReference,
        amount: Money,
        key: &ProviderKey,
    ) -> Result<Standing, GatewayError> {
        let what = format!("capture {amount} of");
        self.change(&what, reference, key, |account| account.capture(amount)).await
    }

    #[tracing::instrument(name = "simulated.void", skip_all, fields(%reference))]
    async fn void(
        &self,
        reference: &ChargeReference,
        key: &ProviderKey,
    ) -> Result<Standing, GatewayError> {
        self.change("void", reference, key, Account::void).await
    }

    #[tracing::instrument(name = "simulated.refund", skip_all, fields(charge = %refund.charge))]
    async fn refund(
        &self,
        refund: &Refund,
        key: &ProviderKey,
    ) -> Result<RefundStanding, GatewayError> {
        let answer = self.once(key, format!("refund {refund:?}"), |ledger, now| {
            let account = ledger.account(&refund.charge, now)?;
            account.refund(refund, key, now).map(Answer::Refund)
        });
        answer.await?.refund()
    }

    async fn look(&self, reference: &ChargeReference) -> Result<Standing, GatewayError> {
        let (standing, delay) = {
            let mut ledger = self.ledger.lock();
            let standing = ledger.account(reference, (self.clock.0)())?.look();
            (standing, ledger.means(reference).delay())
        };
        take_time(delay).await;
        Ok(standing)
    }

    async fn list(&self, period: Period) -> Result<Vec<Entry>, GatewayError> {
        Ok(self.ledger.lock().entries(period))
    }

    async fn read_webhook(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Notification, WebhookError> {
        let header = headers.get(SIGNATURE).and_then(|header| header.to_str().ok());
        self.seal.verify(header.ok_or(WebhookError::Unsigned(SIGNATURE))?, body, now)?;
        serde_json::from_slice(body).map_err(|error| WebhookError::Unreadable(error.to_string()))
    }
}
