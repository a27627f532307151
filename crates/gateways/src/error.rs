//! Why a call to a provider did not work, and what to do about it.

use std::{fmt, time::Duration};

use daybook_domain::payment::FailureCode;
use serde::{Deserialize, Serialize};

/// Why a call did not work. What to do next differs by variant, and by nothing else.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// The customer's bank or the provider said no. Another means of payment may work.
    #[error("declined: {0}")]
    Declined(Decline),
    /// Our request is wrong, or we are: sending it again changes nothing.
    #[error("refused as {code}: {message}")]
    Refused {
        /// The provider's own code, or ours in the same manner.
        code: String,
        /// The provider's own words.
        message: String,
    },
    /// The charge has gone on meanwhile. Look at it.
    #[error("{conflict}: {message}")]
    Conflict {
        /// What it has become.
        conflict: Conflict,
        /// The provider's own words.
        message: String,
    },
    /// The provider cannot be reached, is broken or has too much to do. Send it again later, under the same key.
    #[error("unavailable: {why}")]
    Unavailable {
        /// What was seen.
        why: String,
        /// How long the provider asks to be left alone.
        after: Option<Duration>,
    },
    /// The answer was lost or late, so nobody here knows whether it happened. Send it again under the same key.
    #[error("in doubt: {why}")]
    InDoubt {
        /// What was seen.
        why: String,
    },
    /// The provider failed so often that it was not even asked.
    #[error("not asked, because the provider failed too often; again in {after:?}")]
    BreakerOpen {
        /// When it is asked again.
        after: Duration,
    },
}

impl GatewayError {
    /// Whether the same call under the same key may work in a moment.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unavailable { .. } | Self::InDoubt { .. } | Self::BreakerOpen { .. } => true,
            Self::Declined(_) | Self::Refused { .. } | Self::Conflict { .. } => false,
        }
    }

    /// How long to wait at least before the same call is sent again.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { after, .. } => *after,
            Self::BreakerOpen { after } => Some(*after),
            Self::InDoubt { .. }
            | Self::Declined(_)
            | Self::Refused { .. }
            | Self::Conflict { .. } => None,
        }
    }

    pub(crate) fn refused(code: &str, message: impl fmt::Display) -> Self {
        Self::Refused { code: code.to_owned(), message: message.to_string() }
    }

    pub(crate) fn in_doubt(why: impl fmt::Display) -> Self {
        Self::InDoubt { why: why.to_string() }
    }

    pub(crate) fn conflict(conflict: Conflict, message: impl fmt::Display) -> Self {
        Self::Conflict { conflict, message: message.to_string() }
    }

    pub(crate) fn declined(code: FailureCode, message: impl fmt::Display) -> Self {
        Self::Declined(Decline { code, provider_code: None, message: Some(message.to_string()) })
    }
}

/// What a charge has become before our call came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Conflict {
    /// The money is taken.
    #[error("already captured")]
    AlreadyCaptured,
    /// It was called off, or left for too long.
    #[error("already voided")]
    AlreadyVoided,
    /// All of it was given back.
    #[error("already refunded")]
    AlreadyRefunded,
    /// It is not as far as the call needs it.
    #[error("not ready")]
    NotReady,
}

/// Why somebody's money was not given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decline {
    /// What it comes down to, the same for all providers.
    pub code: FailureCode,
    /// The provider's own code.
    pub provider_code: Option<String>,
    /// The provider's own words.
    pub message: Option<String>,
}

impl fmt::Display for Decline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())?;
        self.provider_code.iter().try_for_each(|code| write!(f, " ({code})"))?;
        self.message.iter().try_for_each(|message| write!(f, ": {message}"))
    }
}

/// Why a webhook was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// A header that proves where it comes from is missing or cannot be read.
    #[error("the header {0} is missing or cannot be read")]
    Unsigned(&'static str),
    /// Nobody who knows our secret signed this body.
    #[error("the signature is wrong")]
    Forged,
    /// It was signed too long ago, or in the future.
    #[error("the signature is {age_seconds} seconds old")]
    Stale {
        /// Seconds since it was signed; negative for the future.
        age_seconds: i64,
    },
    /// The provider did sign it, but it says nothing that can be understood. Worth somebody's look.
    #[error("signed, but not understood: {0}")]
    Unreadable(String),
    /// What it takes to read it cannot be had now: answer with 503, and the provider sends it again.
    #[error("cannot be checked now: {0}")]
    Unavailable(GatewayError),
}

/// Why a gateway could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// Secrets may only travel encrypted, or stay on this machine.
    #[error("the address `{0}` is neither https nor on this machine")]
    Insecure(String),
    /// An API key holds characters that no key has.
    #[error("the API key holds characters that no key has")]
    Key,
    /// There is no way to check webhooks.
    #[error("no webhook secret is set")]
    NoWebhookSecret,
    /// No HTTP client can be had.
    #[error("cannot set up an HTTP client: {0}")]
    Http(#[from] reqwest::Error),
}
