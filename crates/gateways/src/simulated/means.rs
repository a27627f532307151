//! The means of payment of the simulated gateway.

use std::time::Duration;

use crate::{FailureCode, Token};

/// What a [`Token`] makes happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Means {
    /// `sim_success`: it works.
    Success,
    /// `sim_decline`: the bank says no.
    Decline,
    /// `sim_insufficient_funds`: there is not enough money.
    InsufficientFunds,
    /// `sim_expired_card`: the card has expired.
    ExpiredCard,
    /// `sim_incorrect_cvc`: the security code is wrong.
    IncorrectCvc,
    /// `sim_fraud`: it is taken for fraud.
    Fraud,
    /// `sim_authenticate`: the customer has to prove to be who they are, as by 3-D Secure.
    Authenticate,
    /// `sim_slow`: it works, and every call about it takes three seconds.
    Slow,
    /// `sim_timeout`: it works, and the first answer to every call about it is lost.
    Timeout,
    /// `sim_twice`: it works, and every webhook about it comes twice.
    Twice,
}

impl Means {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Success,
        Self::Decline,
        Self::InsufficientFunds,
        Self::ExpiredCard,
        Self::IncorrectCvc,
        Self::Fraud,
        Self::Authenticate,
        Self::Slow,
        Self::Timeout,
        Self::Twice,
    ];

    /// The means behind a token, if it is one of these.
    pub fn of(token: &Token) -> Option<Self> {
        Self::ALL.into_iter().find(|means| means.as_str() == token.as_str())
    }

    /// The token.
    ///
    /// # Panics
    /// Never: all of them are made of letters.
    pub fn token(self) -> Token {
        Token::try_new(self.as_str()).expect("all of them are made of letters")
    }

    /// The token, as clients write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "sim_success",
            Self::Decline => "sim_decline",
            Self::InsufficientFunds => "sim_insufficient_funds",
            Self::ExpiredCard => "sim_expired_card",
            Self::IncorrectCvc => "sim_incorrect_cvc",
            Self::Fraud => "sim_fraud",
            Self::Authenticate => "sim_authenticate",
            Self::Slow => "sim_slow",
            Self::Timeout => "sim_timeout",
            Self::Twice => "sim_twice",
        }
    }

    /// Why it is declined, if it is.
    pub(super) fn declined(self) -> Option<FailureCode> {
        match self {
            Self::Decline => Some(FailureCode::CardDeclined),
            Self::InsufficientFunds => Some(FailureCode::InsufficientFunds),
            Self::ExpiredCard => Some(FailureCode::ExpiredCard),
            Self::IncorrectCvc => Some(FailureCode::IncorrectCvc),
            Self::Fraud => Some(FailureCode::FraudSuspected),
            Self::Success | Self::Authenticate | Self::Slow | Self::Timeout | Self::Twice => None,
        }
    }

    /// How long every call takes.
    pub(super) fn delay(self) -> Duration {
        if self == Self::Slow { Duration::from_secs(3) } else { Duration::ZERO }
    }
}
