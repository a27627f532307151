//! How money changes hands, through whom, and what for.

use serde::{Deserialize, Serialize};

/// How money changes hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Notes and coins.
    Cash,
    /// From one bank account to another.
    BankTransfer,
    /// A credit or debit card, through a provider.
    Card,
    /// A card in a phone of Apple's, through a provider.
    ApplePay,
    /// An account with PayPal.
    Paypal,
}

impl Method {
    /// The method as it is written in tables and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::BankTransfer => "bank_transfer",
            Self::Card => "card",
            Self::ApplePay => "apple_pay",
            Self::Paypal => "paypal",
        }
    }

    /// Whether a provider moves the money, so that only it can say what was moved. Otherwise people record it by hand.
    pub fn is_online(self) -> bool {
        match self {
            Self::Cash | Self::BankTransfer => false,
            Self::Card | Self::ApplePay | Self::Paypal => true,
        }
    }
}

/// Who moves money for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// Stripe.
    Stripe,
    /// PayPal.
    Paypal,
    /// Nobody: a provider that moves no money, for demonstrations and tests.
    Simulated,
}

impl Provider {
    /// The provider as it is written in tables and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stripe => "stripe",
            Self::Paypal => "paypal",
            Self::Simulated => "simulated",
        }
    }
}

/// Which part of a booking's price a payment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// What is paid beforehand, so that the booking is kept.
    Deposit,
    /// What is left to pay after that.
    Balance,
    /// All of it.
    Full,
    /// Something else.
    Other,
}

impl Purpose {
    /// The purpose as it is written in tables and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deposit => "deposit",
            Self::Balance => "balance",
            Self::Full => "full",
            Self::Other => "other",
        }
    }
}

/// Whether a provider takes money as soon as it is promised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptureMode {
    /// Only when it is asked to.
    #[default]
    Manual,
    /// At once.
    Automatic,
}

impl CaptureMode {
    /// The mode as it is written in tables and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Automatic => "automatic",
        }
    }

    /// Whether it is only taken when the provider is asked to.
    pub fn is_manual(&self) -> bool {
        *self == Self::Manual
    }
}

/// What becomes of what was promised and is not taken yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rest {
    /// It is let go: this was the last time that something was taken.
    #[default]
    Released,
    /// It is kept: more may be taken.
    Kept,
}

impl Rest {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
    pub(super) fn is_released(&self) -> bool {
        *self == Self::Released
    }
}
