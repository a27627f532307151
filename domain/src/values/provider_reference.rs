//! What a payment provider calls a thing.

use std::fmt;
use std::str::FromStr;

/// The name a payment provider gave to a payment, an authorization, a capture, a refund or a dispute: 1 to 255 visible
/// ASCII characters, kept as they are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderReference(Box<str>);

/// The text is no name that a provider gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a provider's reference has 1 to 255 visible ASCII characters")]
pub struct ProviderReferenceError;

impl ProviderReference {
    /// The most characters.
    pub const MAX: usize = 255;

    /// The reference, just as the provider wrote it.
    pub fn try_new(text: &str) -> Result<Self, ProviderReferenceError> {
        let fits = (1..=Self::MAX).contains(&text.len());
        if fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.into()))
        } else {
            Err(ProviderReferenceError)
        }
    }

    /// The reference as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProviderReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ProviderReference {
    type Err = ProviderReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_new(text)
    }
}

super::stored_as_text!(ProviderReference, "1 to 255 visible ASCII characters");
