//! What a provider says of charges and refunds.

use std::fmt;

use daybook_domain::values::{Money, Timestamp};
use reqwest::Url;
use serde::{Deserialize, Serialize};

use crate::{ChargeReference, Decline, OurId, ProviderId, RefundReference};

/// How a charge stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What the provider calls it.
    pub reference: ChargeReference,
    /// Our payment, as it was named when the charge was started.
    pub payment: Option<OurId>,
    /// How much was asked for.
    pub amount: Money,
    /// How far it is.
    pub progress: Progress,
    /// How much was given back, where the provider says so.
    pub refunded: Option<Money>,
    /// How much the provider kept of it in all, where it says so and reckons in the currency of the charge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee: Option<Money>,
    /// What the client needs for its part. Never stored: [`look`](crate::Gateway::look) tells it again.
    #[serde(skip)]
    pub for_client: Option<ForClient>,
}

/// How far a charge is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum Progress {
    /// The customer has yet to say how to pay.
    RequiresMethod,
    /// The customer has yet to do something: approve, or prove to be who they are.
    RequiresAction,
    /// The customer has agreed, and the provider waits for [`resume`](crate::Gateway::resume).
    Approved,
    /// The provider is at it, and will notify.
    Processing,
    /// The money is promised.
    Authorized {
        /// How much can be captured.
        amount: Money,
    },
    /// The money is taken.
    Captured {
        /// How much, whatever was given back since.
        amount: Money,
    },
    /// The last attempt did not work; the customer may try another means of payment.
    Declined(Decline),
    /// Called off, by us or because it was left for too long.
    Voided,
}

/// What a client needs to do its part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ForClient {
    /// A secret for the provider's SDK.
    Secret(ClientSecret),
    /// A page of the provider where the customer approves.
    Approve(Url),
}

/// Lets one client confirm one charge. Told to that client, and to no log.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientSecret(String);

impl ClientSecret {
    /// The provider's secret.
    pub(crate) fn new(secret: String) -> Self {
        Self(secret)
    }

    /// The secret, for the client it belongs to.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(..)")
    }
}

/// How a refund stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundStanding {
    /// What the provider calls it.
    pub reference: RefundReference,
    /// Of which charge, unless it is none that was started here.
    pub charge: Option<ChargeReference>,
    /// Our refund, unless it was made at the provider's own desk.
    pub refund: Option<OurId>,
    /// How much.
    pub amount: Money,
    /// How far it is.
    pub progress: RefundProgress,
}

/// How far a refund is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum RefundProgress {
    /// On its way.
    Pending,
    /// Given back.
    Succeeded,
    /// It did not work: the money is still ours.
    Failed {
        /// In the provider's words.
        why: String,
    },
}

/// One line of a provider's books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What the provider calls the movement.
    pub id: ProviderId,
    /// When it was made.
    pub at: Timestamp,
    /// What it was, and how it stands now.
    pub moved: Moved,
    /// Which charge it belongs to, unless it is none of those started here.
    pub charge: Option<ChargeReference>,
    /// Our payment for a charge, our refund for a refund.
    pub ours: Option<OurId>,
    /// How much was given back, or asked for; PayPal tells of a charge how much was captured.
    pub amount: Money,
}

/// What a line of the books stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moved {
    /// Money in.
    Charge(Progress),
    /// Money out.
    Refund(RefundProgress),
}
