//! The gateways against their providers: against recorded wire where a provider or its emulator cannot be had, and
//! against an emulator of Stripe.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail loudly too")]

mod localstripe;
mod paypal;
mod stripe;

use chrono::{DateTime, Utc};
use daybook_domain::values::{Currency, Money};
use daybook_gateways::{
    CaptureMode, Charge, ChargeReference, Method, OurId, ProviderKey, Refund, Token, Url,
};

fn money(minor: u64, currency: &str) -> Money {
    Money::try_new(minor, Currency::try_new(currency).unwrap()).unwrap()
}

fn key(text: &str) -> ProviderKey {
    ProviderKey::try_new(text).unwrap()
}

fn reference(text: &str) -> ChargeReference {
    ChargeReference::try_new(text).unwrap()
}

fn ours(text: &str) -> OurId {
    OurId::try_new(text).unwrap()
}

/// A charge for a booking.
fn charge(method: Method, capture: CaptureMode, amount: Money) -> Charge {
    Charge {
        amount,
        payment: ours("payment-1"),
        booking: ours("booking-1"),
        method,
        capture,
        token: None,
        return_url: None,
    }
}

/// The same, paid at once.
fn paid_by(token: &str, charge: Charge) -> Charge {
    Charge { token: Some(Token::try_new(token).unwrap()), ..charge }
}

fn refund(charge: &ChargeReference, amount: Money) -> Refund {
    Refund { charge: charge.clone(), amount, refund: ours("refund-1") }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}
