//! Why something did not work.

use serde::{Deserialize, Serialize};

use crate::values::Reason;

/// Why something did not work, in a word that stays the same whoever says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureCode {
    /// The bank said no and not why.
    CardDeclined,
    /// There was not enough money.
    InsufficientFunds,
    /// The card is past its date.
    ExpiredCard,
    /// The number on the back of the card was another.
    IncorrectCvc,
    /// Whoever paid did not show that the card is theirs.
    AuthenticationFailed,
    /// It looked like fraud.
    FraudSuspected,
    /// Something broke on the way.
    ProcessingError,
    /// The currency cannot be paid in.
    CurrencyNotSupported,
    /// The means of payment does not do this kind of purchase.
    MethodNotSupported,
    /// The amount, or the number of payments, is above what the bank allows.
    LimitExceeded,
    /// Whoever was to pay gave up.
    CancelledByCustomer,
    /// It took too long.
    Expired,
    /// Something else, or nobody said.
    #[default]
    Other,
}

impl FailureCode {
    /// The code as it is written in tables and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CardDeclined => "card_declined",
            Self::InsufficientFunds => "insufficient_funds",
            Self::ExpiredCard => "expired_card",
            Self::IncorrectCvc => "incorrect_cvc",
            Self::AuthenticationFailed => "authentication_failed",
            Self::FraudSuspected => "fraud_suspected",
            Self::ProcessingError => "processing_error",
            Self::CurrencyNotSupported => "currency_not_supported",
            Self::MethodNotSupported => "method_not_supported",
            Self::LimitExceeded => "limit_exceeded",
            Self::CancelledByCustomer => "cancelled_by_customer",
            Self::Expired => "expired",
            Self::Other => "other",
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
    pub(super) fn is_other(&self) -> bool {
        *self == Self::Other
    }
}

/// Why something did not work.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Failure {
    /// In a word.
    pub code: FailureCode,
    /// In the words of whoever said so, such as the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

impl From<FailureCode> for Failure {
    fn from(code: FailureCode) -> Self {
        Self { code, reason: None }
    }
}
