//! Short texts that go to providers and come back, checked once.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The text is empty, too long, or holds characters that could mean something on the way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {0} letters, digits or any of `_ - . :`")]
pub struct TextError(usize);

/// One checked text type. The characters are those that need no escaping in a path, a header or a form.
macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $longest:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text, if it may stand in a path, a header and a form as it is.
            pub fn try_new(text: impl Into<String>) -> Result<Self, TextError> {
                checked(text.into(), $longest).map(Self)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::try_new(text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    };
}

text! {
    /// What the provider calls a charge: a Stripe payment intent, a PayPal order.
    ChargeReference, 255
}

text! {
    /// What the provider calls a refund.
    RefundReference, 255
}

text! {
    /// What the provider calls anything else: an event, a dispute, a movement of money.
    ProviderId, 255
}

text! {
    /// One of our own ids (of a payment, a booking, a refund) as it travels with a charge.
    OurId, 100
}

text! {
    /// Under which a call is carried out once, however often it is sent. Made from what is wanted, never drawn: a key
    /// belongs to one call with all it says, and providers refuse it for any other.
    ProviderKey, 100
}

text! {
    /// A means of payment as the provider's SDK hands it to clients; no card number, and good for nobody else.
    Token, 255
}

fn checked(text: String, longest: usize) -> Result<String, TextError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte);
    let dots = text.bytes().all(|byte| byte == b'.');
    if text.len() <= longest && !dots && text.bytes().all(plain) {
        Ok(text)
    } else {
        Err(TextError(longest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_leave_a_path_is_refused() {
        for text in ["", ".", "..", "a/b", "a b", "a?b", "a#b", "ä", "a\nb"] {
            assert!(ChargeReference::try_new(text).is_err(), "{text:?}");
        }
        assert!(ChargeReference::try_new("pi_3Nx.a:b-c").is_ok());
    }

    #[test]
    fn texts_end_somewhere() {
        assert!(ProviderKey::try_new("k".repeat(100)).is_ok());
        assert_eq!(ProviderKey::try_new("k".repeat(101)), Err(TextError(100)));
    }
}
