//! What Stripe writes, as far as it is read here. Whatever may be missing is optional.

use serde::Deserialize;
use serde_json::value::RawValue;

/// A payment intent.
#[derive(Debug, Deserialize)]
pub(super) struct Intent {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) amount: u64,
    pub(super) currency: String,
    pub(super) created: i64,
    pub(super) amount_capturable: Option<u64>,
    pub(super) amount_received: Option<u64>,
    pub(super) client_secret: Option<String>,
    pub(super) last_payment_error: Option<Failure>,
    pub(super) latest_charge: Option<Expandable<Charge>>,
    #[serde(default)]
    pub(super) metadata: Metadata,
}

/// One attempt to charge: what an intent is made of.
#[derive(Debug, Deserialize)]
pub(super) struct Charge {
    pub(super) currency: String,
    pub(super) payment_intent: Option<Expandable<Named>>,
    #[serde(default)]
    pub(super) amount_refunded: u64,
    pub(super) balance_transaction: Option<Expandable<BalanceTransaction>>,
}

/// What a charge did to our balance, in the currency of that.
#[derive(Debug, Deserialize)]
pub(super) struct BalanceTransaction {
    pub(super) currency: String,
    /// What Stripe kept; negative if it gave something.
    pub(super) fee: Option<i64>,
}

/// A refund.
#[derive(Debug, Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) amount: u64,
    pub(super) currency: String,
    pub(super) created: i64,
    pub(super) status: Option<String>,
    pub(super) failure_reason: Option<String>,
    pub(super) payment_intent: Option<Expandable<Named>>,
    #[serde(default)]
    pub(super) metadata: Metadata,
}

/// A dispute.
#[derive(Debug, Deserialize)]
pub(super) struct Dispute {
    pub(super) id: String,
    pub(super) amount: u64,
    pub(super) currency: String,
    pub(super) status: String,
    pub(super) reason: Option<String>,
    pub(super) payment_intent: Option<Expandable<Named>>,
}

/// What travels with an object: our ids.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Metadata {
    pub(super) payment: Option<String>,
    pub(super) refund: Option<String>,
}

/// An object, or only its name.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Expandable<T> {
    Name(String),
    Object(Box<T>),
}

/// Something of which only the name matters.
#[derive(Debug, Deserialize)]
pub(super) struct Named {
    id: String,
}

impl Expandable<Named> {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Name(name) => name,
            Self::Object(object) => &object.id,
        }
    }
}

impl<T> Expandable<T> {
    pub(super) fn object(&self) -> Option<&T> {
        match self {
            Self::Name(_) => None,
            Self::Object(object) => Some(object),
        }
    }
}

/// A page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    pub(super) data: Vec<T>,
    #[serde(default)]
    pub(super) has_more: bool,
}

/// An answer that something did not work.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Refusal {
    #[serde(default)]
    pub(super) error: Failure,
}

/// What did not work, as an answer or as the last thing that happened to an intent.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Failure {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) code: Option<String>,
    pub(super) decline_code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) param: Option<String>,
    pub(super) payment_intent: Option<Box<Intent>>,
}

/// A webhook.
#[derive(Debug, Deserialize)]
pub(super) struct Event<'a> {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) created: i64,
    #[serde(borrow)]
    pub(super) data: EventData<'a>,
}

/// What a webhook is about.
#[derive(Debug, Deserialize)]
pub(super) struct EventData<'a> {
    #[serde(borrow)]
    pub(super) object: &'a RawValue,
}
