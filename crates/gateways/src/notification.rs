//! What a provider tells unasked.

use daybook_domain::values::{Money, Timestamp};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{ChargeReference, GatewayError, ProviderId, RefundStanding, Standing, WebhookError};

/// A webhook that was checked and read. Providers send them late, more than once and in any order; so each tells how
/// things stood, not what changed. Repeats have the same `id`. Of two about the same thing, the later `at` counts; if
/// both are of the same second, the one that is further, or a [`look`](crate::Gateway::look).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// What the provider calls this event.
    pub id: ProviderId,
    /// What the provider calls this kind of event.
    pub name: String,
    /// When it happened, by the provider's clock.
    pub at: Timestamp,
    /// What it tells.
    pub kind: Kind,
}

/// What a notification tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// How a charge stands.
    Charge(Standing),
    /// How one refund stands.
    Refund(RefundStanding),
    /// How much of a charge was given back in all.
    Refunded {
        /// Of which charge.
        charge: ChargeReference,
        /// In all.
        total: Money,
    },
    /// How a dispute stands.
    Dispute(Dispute),
    /// Nothing that is known here, to be kept all the same.
    Unknown,
}

/// A customer's bank, or the provider, wants money back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// What the provider calls it.
    pub id: ProviderId,
    /// About which charge, unless it is none of those started here.
    pub charge: Option<ChargeReference>,
    /// How much is disputed.
    pub amount: Money,
    /// Why, as the provider's code says.
    pub reason: Option<String>,
    /// How it stands.
    pub state: DisputeState,
}

/// How a dispute stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeState {
    /// Not decided.
    Open,
    /// Decided for us: the money stays, or comes back.
    Won,
    /// Decided against us: the money is gone.
    Lost,
}

/// Reads what a provider tells about, as it wrote it.
pub(crate) fn parse<T: DeserializeOwned>(told: &RawValue) -> Result<T, WebhookError> {
    serde_json::from_str(told.get()).map_err(unreadable)
}

#[expect(clippy::needless_pass_by_value, reason = "so that it can be named in map_err")]
pub(crate) fn unreadable(error: serde_json::Error) -> WebhookError {
    WebhookError::Unreadable(error.to_string())
}

#[expect(clippy::needless_pass_by_value, reason = "so that it can be named in map_err")]
pub(crate) fn not_understood(error: GatewayError) -> WebhookError {
    WebhookError::Unreadable(error.to_string())
}
