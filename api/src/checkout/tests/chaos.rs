//! A provider that fails in every way.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use daybook_domain::{
    payment::{Method, Provider},
    values::{Currency, Money, Timestamp},
};
use daybook_gateways::{
    Charge, ChargeReference, Entry, Gateway, GatewayError, HeaderMap, Notification, Period,
    ProviderKey, Refund, RefundStanding, Standing, WebhookError, simulated::Simulated,
};

/// What becomes of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is answered.
    Fine,
    /// It does not reach the provider.
    NeverArrives,
    /// It is carried out, and nobody hears.
    AnswerIsLost,
}

/// The simulated provider behind a bad line. It may forget keys at once, as one does after a day.
#[derive(Debug)]
pub(super) struct Chaos {
    pub(super) inner: Arc<Simulated>,
    pub(super) fate: Fate,
    pub(super) remembers_keys: bool,
    pub(super) calls: Arc<AtomicU64>,
}

impl Chaos {
    fn key(&self, key: &ProviderKey) -> ProviderKey {
        if self.remembers_keys {
            return key.clone();
        }
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        ProviderKey::try_new(format!("{number}-{}", &key.as_str()[..20])).unwrap()
    }

    async fn call<T>(
        &self,
        work: impl Future<Output = Result<T, GatewayError>>,
    ) -> Result<T, GatewayError> {
        match self.fate {
            Fate::Fine => work.await,
            Fate::NeverArrives => {
                Err(GatewayError::Unavailable { why: "no connection".to_owned(), after: None })
            }
            Fate::AnswerIsLost => {
                let _ = work.await;
                Err(GatewayError::InDoubt { why: "no answer".to_owned() })
            }
        }
    }
}

#[async_trait]
impl Gateway for Chaos {
    fn provider(&self) -> Provider {
        self.inner.provider()
    }

    fn takes(&self, method: Method, currency: Currency) -> bool {
        self.inner.takes(method, currency)
    }

    async fn start(&self, charge: &Charge, key: &ProviderKey) -> Result<Standing, GatewayError> {
        let key = self.key(key);
        self.call(self.inner.start(charge, &key)).await
    }

    async fn capture(
        &self,
        reference: &ChargeReference,
        amount: Money,
        key: &ProviderKey,
    ) -> Result<Standing, GatewayError> {
        let key = self.key(key);
        self.call(self.inner.capture(reference, amount, &key)).await
    }

    async fn void(
        &self,
        reference: &ChargeReference,
        key: &ProviderKey,
    ) -> Result<Standing, GatewayError> {
        let key = self.key(key);
        self.call(self.inner.void(reference, &key)).await
    }

    async fn refund(
        &self,
        refund: &Refund,
        key: &ProviderKey,
    ) -> Result<RefundStanding, GatewayError> {
        let key = self.key(key);
        self.call(self.inner.refund(refund, &key)).await
    }

    async fn look(&self, reference: &ChargeReference) -> Result<Standing, GatewayError> {
        self.call(self.inner.look(reference)).await
    }

    async fn list(&self, period: Period) -> Result<Vec<Entry>, GatewayError> {
        self.inner.list(period).await
    }

    async fn read_webhook(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Notification, WebhookError> {
        self.inner.read_webhook(headers, body, now).await
    }
}
