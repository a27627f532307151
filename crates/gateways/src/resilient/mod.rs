//! Time limits, retries and a circuit breaker around a gateway.
//!
//! Only what may pass is tried again, under the key it had: a provider that is
//! [unavailable](GatewayError::Unavailable) or whose answer is [in doubt](GatewayError::InDoubt). Pauses grow twofold
//! and are drawn between nothing and that much, so that many callers do not come back at once; a provider that says
//! how long to wait is heard.

mod backoff;
mod breaker;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use backon::Retryable;
use daybook_domain::values::{Currency, Money, Timestamp};
use reqwest::header::HeaderMap;

pub use backoff::Draw;
use backoff::FullJitter;
use breaker::Breaker;

use crate::{
    Charge, ChargeReference, Entry, Gateway, GatewayError, Method, Notification, Period, Provider,
    ProviderKey, Refund, RefundStanding, Standing, WebhookError,
};

/// How much is put up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How long one attempt may take.
    pub attempt: Duration,
    /// How long one attempt at a list may take, which is many calls.
    pub list: Duration,
    /// How often something is tried in all.
    pub attempts: u32,
    /// The longest pause after the first attempt; twice as long after each further one.
    pub pause: Duration,
    /// The longest pause ever. A provider that asks for a longer one is left to the caller.
    pub longest_pause: Duration,
    /// After how many failures in a row the provider is left alone.
    pub failures: u32,
    /// For how long.
    pub rest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            attempt: Duration::from_secs(20),
            list: Duration::from_mins(5),
            attempts: 4,
            pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(8),
            failures: 8,
            rest: Duration::from_secs(30),
        }
    }
}

/// A gateway that is patient, and knows when to stop.
#[derive(Debug)]
pub struct Resilient {
    inner: Arc<dyn Gateway>,
    patience: Patience,
    draw: Draw,
    breaker: Breaker,
}

impl Resilient {
    /// Puts a gateway behind as much patience.
    pub fn new(inner: Arc<dyn Gateway>, patience: Patience) -> Self {
        Self::with_draw(inner, patience, Draw::random())
    }

    /// The same, with pauses drawn by somebody else.
    pub fn with_draw(inner: Arc<dyn Gateway>, patience: Patience, draw: Draw) -> Self {
        let breaker = Breaker::new(patience.failures, patience.rest);
        Self { inner, patience, draw, breaker }
    }

    /// Carries a call out, again and again if need be, each attempt within a time limit.
    async fn call<T, F>(
        &self,
        limit: Duration,
        mut attempt: impl FnMut() -> F,
    ) -> Result<T, GatewayError>
    where
        F: Future<Output = Result<T, GatewayError>>,
    {
        let longest = self.patience.longest_pause;
        let once = || {
            let call = attempt();
            async move {
                self.breaker.pass()?;
                let result = match tokio::time::timeout(limit, call).await {
                    Ok(result) => result,
                    Err(_) => Err(GatewayError::in_doubt(format_args!("no answer in {limit:?}"))),
                };
                self.breaker.record(result.as_ref().is_err_and(GatewayError::is_passing));
                result
            }
        };
        let mut before = None;
        let result = once
            .retry(FullJitter::new(&self.patience, &self.draw))
            .when(|error| worth_another(error, longest))
            .adjust(|error, pause| {
                pause.map(|pause| pause.max(error.retry_after().unwrap_or(pause)))
            })
            .notify(|error, pause| {
                tracing::warn!(%error, ?pause, provider = self.inner.provider().as_str(), "trying again");
                before = Some(in_all(before.take(), error.clone()));
            })
            .await;
        result.map_err(|error| in_all(before, error))
    }
}

/// What several attempts come to. Once one is in doubt, so is the call, unless a later one was answered; and a breaker
/// that opens meanwhile does not mean that nothing was asked.
fn in_all(before: Option<GatewayError>, last: GatewayError) -> GatewayError {
    match (before, &last) {
        (Some(doubt @ GatewayError::InDoubt { .. }), last) if last.is_passing() => doubt,
        (Some(before), GatewayError::BreakerOpen { .. }) => before,
        _ => last,
    }
}

fn worth_another(error: &GatewayError, longest: Duration) -> bool {
    match error {
        GatewayError::Unavailable { after, .. } => after.is_none_or(|after| after <= longest),
        GatewayError::InDoubt { .. } => true,
        GatewayError::BreakerOpen { .. }
        | GatewayError::Declined(_)
        | GatewayError::Refused { .. }
        | GatewayError::Conflict { .. } => false,
    }
}

#[async_trait]
impl Gateway for Resilient {
    fn provider(&self) -> Provider {
        self.inner.provider()
    }

    fn takes(&self, method: Method, currency: Currency) -> bool {
        self.inner.takes(method, currency)
    }

    async fn start(&self, charge: &Charge, key: &ProviderKey) -> Result<Standing, GatewayError> {
        self.call(self.patience.attempt, || self.inner.start(charge, key)).await
    }

    async fn resume(
        &self,
        reference: &ChargeReference,
        key: &ProviderKey,
    ) -> Result<Standing, GatewayError> {
        self.call(self.patience.attempt, || self.inner.resume(reference, key)).await
    }

    async fn capture(
        &self,
        reference: &ChargeReference,
        amount: Money,
        key: &ProviderKey,
    ) -> Result<Standing, GatewayError> {
        self.call(self.patience.attempt, || self.inner.capture(reference, amount, key)).await
    }

    async fn void(
        &self,
        reference: &ChargeReference,
        key: &ProviderKey,
    ) -> Result<Standing, GatewayError> {
        self.call(self.patience.attempt, || self.inner.void(reference, key)).await
    }

    async fn refund(
        &self,
        refund: &Refund,
        key: &ProviderKey,
    ) -> Result<RefundStanding, GatewayError> {
        self.call(self.patience.attempt, || self.inner.refund(refund, key)).await
    }

    async fn look(&self, reference: &ChargeReference) -> Result<Standing, GatewayError> {
        self.call(self.patience.attempt, || self.inner.look(reference)).await
    }

    async fn list(&self, period: Period) -> Result<Vec<Entry>, GatewayError> {
        self.call(self.patience.list, || self.inner.list(period)).await
    }

    /// Within the time limit, and once: whoever sent the webhook will send it again.
    async fn read_webhook(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Notification, WebhookError> {
        let limit = self.patience.attempt;
        tokio::time::timeout(limit, self.inner.read_webhook(headers, body, now))
            .await
            .unwrap_or_else(|_| {
                let late = GatewayError::in_doubt(format_args!("no answer in {limit:?}"));
                Err(WebhookError::Unavailable(late))
            })
    }
}
