//! What is asked of a provider.

use daybook_domain::values::Money;
use reqwest::Url;
use serde::{Deserialize, Serialize};

use crate::{ChargeReference, OurId, Token};

/// Money to be charged for a booking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// How much.
    pub amount: Money,
    /// Our payment; it comes back with whatever the provider says of the charge.
    pub payment: OurId,
    /// What is paid for.
    pub booking: OurId,
    /// How it is paid.
    pub method: Method,
    /// When it is taken.
    pub capture: Capture,
    /// The means of payment, if the client has one already: then the charge is confirmed at once.
    pub token: Option<Token>,
    /// Where the provider sends the customer back to.
    pub return_url: Option<Url>,
}

/// How a customer pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// By a card.
    Card,
    /// By Apple Pay, which is a card for the provider.
    ApplePay,
    /// By a PayPal account.
    #[serde(rename = "paypal")]
    PayPal,
}

/// When money is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capture {
    /// Promised first, and taken when we say so.
    Manual,
    /// As soon as the customer has agreed.
    Automatic,
}

/// Money to be given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Of which charge.
    pub charge: ChargeReference,
    /// How much of what was taken.
    pub amount: Money,
    /// Our refund; it comes back with whatever the provider says of it.
    pub refund: OurId,
}
