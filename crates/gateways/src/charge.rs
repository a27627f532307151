//! What is asked of a provider.

use daybook_domain::{
    payment::{CaptureMode, Method},
    values::Money,
};
use reqwest::Url;

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
    pub capture: CaptureMode,
    /// The means of payment, if the client has one already: then the charge is confirmed at once.
    pub token: Option<Token>,
    /// Where the provider sends the customer back to.
    pub return_url: Option<Url>,
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
