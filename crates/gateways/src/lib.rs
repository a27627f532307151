//! Payment providers behind one trait.
//!
//! A [`Gateway`] starts, captures, voids and refunds charges, tells how they stand, lists them for reconciliation and
//! reads the provider's webhooks. It knows nothing of bookings: our ids are texts that travel with a charge and come
//! back with it. Card numbers never come near it; clients give them to the provider's own SDK.
//!
//! * [`stripe`]: cards, and Apple Pay as a wallet of cards, by payment intents
//! * [`paypal`]: PayPal accounts, by Orders v2
//! * [`simulated`]: a gateway without a provider, for demonstrations and tests
//! * [`resilient`]: time limits, retries and a circuit breaker around any of them
//!
//! Each call that changes something carries a [`ProviderKey`]. Whatever happened to the answer, the same call under the
//! same key is harmless, and is the way to learn what became of the first.

mod charge;
mod error;
mod gateway;
mod http;
mod notification;
mod signature;
mod standing;
mod text;

pub mod paypal;
pub mod resilient;
pub mod simulated;
pub mod stripe;

pub use charge::{Charge, Refund};
pub use daybook_domain::payment::{CaptureMode, FailureCode, Method, Provider};
pub use error::{Conflict, Decline, GatewayError, SetupError, WebhookError};
pub use gateway::{Gateway, Period, PeriodError};
pub use notification::{Dispute, DisputeState, Kind, Notification};
pub use reqwest::{Url, header::HeaderMap};
pub use secrecy::SecretString;
pub use standing::{
    ClientSecret, Entry, ForClient, Moved, Progress, RefundProgress, RefundStanding, Standing,
};
pub use text::{
    ChargeReference, OurId, ProviderId, ProviderKey, RefundReference, TextError, Token,
};
