//! What PayPal reads and writes, as far as it is needed here. Whatever may be missing is optional.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// An amount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Amount {
    pub(super) currency_code: String,
    pub(super) value: String,
}

/// An order that is asked for.
#[derive(Debug, Serialize)]
pub(super) struct NewOrder {
    pub(super) intent: Intent,
    pub(super) purchase_units: [NewUnit; 1],
    pub(super) payment_source: NewSource,
}

/// What is paid for in a new order.
#[derive(Debug, Serialize)]
pub(super) struct NewUnit {
    pub(super) reference_id: String,
    pub(super) custom_id: String,
    pub(super) amount: Amount,
}

/// How a new order is paid.
#[derive(Debug, Serialize)]
pub(super) struct NewSource {
    pub(super) paypal: NewPayPal,
}

/// By an account.
#[derive(Debug, Serialize)]
pub(super) struct NewPayPal {
    pub(super) experience_context: Experience,
}

/// What the customer sees.
#[derive(Debug, Serialize)]
pub(super) struct Experience {
    pub(super) user_action: &'static str,
    pub(super) shipping_preference: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) return_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cancel_url: Option<String>,
}

/// A capture that is asked for.
#[derive(Debug, Serialize)]
pub(super) struct NewCapture {
    pub(super) amount: Amount,
    pub(super) final_capture: bool,
}

/// A refund that is asked for.
#[derive(Debug, Serialize)]
pub(super) struct NewRefund {
    pub(super) amount: Amount,
    pub(super) custom_id: String,
}

/// What becomes of an order that is approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Intent {
    Capture,
    Authorize,
}

/// An order.
#[derive(Debug, Deserialize)]
pub(super) struct Order {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) intent: Option<Intent>,
    #[serde(default)]
    pub(super) purchase_units: Vec<Unit>,
    #[serde(default)]
    pub(super) links: Vec<Link>,
}

/// What is paid for in an order.
#[derive(Debug, Deserialize)]
pub(super) struct Unit {
    pub(super) amount: Option<Amount>,
    pub(super) custom_id: Option<String>,
    #[serde(default)]
    pub(super) payments: Payments,
}

/// What was done about an order.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Payments {
    #[serde(default)]
    pub(super) authorizations: Vec<Movement>,
    #[serde(default)]
    pub(super) captures: Vec<Movement>,
    #[serde(default)]
    pub(super) refunds: Vec<Movement>,
}

/// An authorization, a capture or a refund: they look alike.
#[derive(Debug, Deserialize)]
pub(super) struct Movement {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) status_details: Option<Details>,
    pub(super) amount: Option<Amount>,
    pub(super) custom_id: Option<String>,
    pub(super) supplementary_data: Option<Supplementary>,
    pub(super) seller_receivable_breakdown: Option<Breakdown>,
    #[serde(default)]
    pub(super) links: Vec<Link>,
}

/// What is left of a capture.
#[derive(Debug, Deserialize)]
pub(super) struct Breakdown {
    pub(super) paypal_fee: Option<Amount>,
}

/// Why something stands as it does.
#[derive(Debug, Deserialize)]
pub(super) struct Details {
    pub(super) reason: Option<String>,
}

/// What else is known.
#[derive(Debug, Deserialize)]
pub(super) struct Supplementary {
    pub(super) related_ids: Option<Related>,
}

/// To what something belongs.
#[derive(Debug, Deserialize)]
pub(super) struct Related {
    pub(super) order_id: Option<String>,
}

/// Where to go from here.
#[derive(Debug, Deserialize)]
pub(super) struct Link {
    pub(super) rel: String,
    pub(super) href: String,
}

/// An answer that something did not work.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Refusal {
    pub(super) name: Option<String>,
    pub(super) message: Option<String>,
    #[serde(default)]
    pub(super) details: Vec<Issue>,
    /// How the token endpoint calls `name` and `message`.
    pub(super) error: Option<String>,
    pub(super) error_description: Option<String>,
}

/// What exactly did not work.
#[derive(Debug, Deserialize)]
pub(super) struct Issue {
    pub(super) issue: Option<String>,
    pub(super) description: Option<String>,
}

/// Leave to call PayPal for a while.
#[derive(Deserialize)]
pub(super) struct Granted {
    pub(super) access_token: String,
    pub(super) expires_in: u64,
}

/// A webhook.
#[derive(Debug, Deserialize)]
#[expect(clippy::struct_field_names, reason = "PayPal names them so")]
pub(super) struct Event<'a> {
    pub(super) id: String,
    pub(super) event_type: String,
    pub(super) create_time: DateTime<Utc>,
    #[serde(borrow)]
    pub(super) resource: &'a RawValue,
}

/// The question whether PayPal sent a webhook.
#[derive(Debug, Serialize)]
pub(super) struct Verify<'a> {
    pub(super) auth_algo: &'a str,
    pub(super) cert_url: &'a str,
    pub(super) transmission_id: &'a str,
    pub(super) transmission_sig: &'a str,
    pub(super) transmission_time: &'a str,
    pub(super) webhook_id: &'a str,
    /// As it came, byte for byte: the signature is over its digest.
    pub(super) webhook_event: &'a RawValue,
}

/// The answer to it.
#[derive(Debug, Deserialize)]
pub(super) struct Verified {
    pub(super) verification_status: String,
}

/// A dispute.
#[derive(Debug, Deserialize)]
#[expect(clippy::struct_field_names, reason = "PayPal names them so")]
pub(super) struct Dispute {
    pub(super) dispute_id: String,
    pub(super) reason: Option<String>,
    pub(super) dispute_amount: Amount,
    pub(super) dispute_outcome: Option<Outcome>,
    #[serde(default)]
    pub(super) disputed_transactions: Vec<Disputed>,
}

/// How a dispute ended.
#[derive(Debug, Deserialize)]
pub(super) struct Outcome {
    pub(super) outcome_code: Option<String>,
}

/// What a dispute is about.
#[derive(Debug, Deserialize)]
pub(super) struct Disputed {
    pub(super) seller_transaction_id: Option<String>,
}

/// A page of PayPal's books.
#[derive(Debug, Deserialize)]
pub(super) struct Transactions {
    #[serde(default)]
    pub(super) transaction_details: Vec<Transaction>,
    #[serde(default)]
    pub(super) total_pages: u32,
}

/// A line of them.
#[derive(Debug, Deserialize)]
pub(super) struct Transaction {
    pub(super) transaction_info: TransactionInfo,
}

/// What the line says.
#[derive(Debug, Deserialize)]
pub(super) struct TransactionInfo {
    pub(super) transaction_id: String,
    pub(super) paypal_reference_id: Option<String>,
    pub(super) paypal_reference_id_type: Option<String>,
    pub(super) transaction_event_code: String,
    #[serde(deserialize_with = "instant")]
    pub(super) transaction_initiation_date: DateTime<Utc>,
    pub(super) transaction_amount: Amount,
    pub(super) transaction_status: Option<String>,
    pub(super) custom_field: Option<String>,
}

/// PayPal's books write zones without a colon (`+0000`), which RFC 3339 does not.
fn instant<'de, D: serde::Deserializer<'de>>(from: D) -> Result<DateTime<Utc>, D::Error> {
    let text = String::deserialize(from)?;
    DateTime::parse_from_rfc3339(&text)
        .or_else(|_| DateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .map(|at| at.to_utc())
        .map_err(serde::de::Error::custom)
}
