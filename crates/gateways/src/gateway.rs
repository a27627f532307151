//! What every payment provider can do.

use std::fmt;

use async_trait::async_trait;
use daybook_domain::{
    payment::{Method, Provider},
    values::{Currency, Money, Timestamp},
};
use reqwest::header::HeaderMap;

use crate::{
    Charge, ChargeReference, Entry, GatewayError, Notification, ProviderKey, Refund,
    RefundStanding, Standing, WebhookError,
};

/// A payment provider. All amounts are in the minor units of [`Money`]. All calls that change something can be
/// repeated under the same key while the provider remembers it: a day with Stripe, six hours with PayPal. After that,
/// look first.
#[async_trait]
pub trait Gateway: Send + Sync + fmt::Debug {
    /// Which one it is.
    fn provider(&self) -> Provider;

    /// Whether it takes this currency this way, as far as can be said without asking.
    fn takes(&self, method: Method, currency: Currency) -> bool;

    /// Starts a charge. A charge that exists but was declined is [`Progress::Declined`](crate::Progress::Declined);
    /// where there is nothing to try again it is [`GatewayError::Declined`].
    async fn start(&self, charge: &Charge, key: &ProviderKey) -> Result<Standing, GatewayError>;

    /// Goes on after the customer has [approved](crate::Progress::Approved), and otherwise only looks. Call it when
    /// the customer comes back, and when a notification says so. Most providers never wait for us.
    async fn resume(
        &self,
        reference: &ChargeReference,
        _key: &ProviderKey,
    ) -> Result<Standing, GatewayError> {
        self.look(reference).await
    }

    /// Takes what was authorized, or a part of it. The rest is released: a charge is captured once.
    async fn capture(
        &self,
        reference: &ChargeReference,
        amount: Money,
        key: &ProviderKey,
    ) -> Result<Standing, GatewayError>;

    /// Calls a charge off before it is captured.
    async fn void(
        &self,
        reference: &ChargeReference,
        key: &ProviderKey,
    ) -> Result<Standing, GatewayError>;

    /// Gives back some of what was captured. Not every provider knows how much is left: check before.
    async fn refund(
        &self,
        refund: &Refund,
        key: &ProviderKey,
    ) -> Result<RefundStanding, GatewayError>;

    /// How a charge stands now.
    async fn look(&self, reference: &ChargeReference) -> Result<Standing, GatewayError>;

    /// All charges and refunds that were made in a period, in no order.
    async fn list(&self, period: Period) -> Result<Vec<Entry>, GatewayError>;

    /// Checks who sent a webhook, and reads it. `body` is what was received, byte for byte.
    async fn read_webhook(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Notification, WebhookError>;
}

/// A half-open time, never empty: `from` belongs to it, `until` does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    from: Timestamp,
    until: Timestamp,
}

/// The period ends before it has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a period must end after it begins")]
pub struct PeriodError;

impl Period {
    /// From one instant until another.
    pub fn try_new(from: Timestamp, until: Timestamp) -> Result<Self, PeriodError> {
        if from < until { Ok(Self { from, until }) } else { Err(PeriodError) }
    }

    /// The first instant.
    pub fn from(self) -> Timestamp {
        self.from
    }

    /// The first instant after it.
    pub fn until(self) -> Timestamp {
        self.until
    }

    /// Whether an instant belongs to it.
    pub fn contains(self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}
