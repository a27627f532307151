//! How to reach somebody.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How to reach a business; all of it optional.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Where to write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// Where to call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// Where to read more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<WebAddress>,
}

impl Contact {
    /// Whether there is no way at all.
    pub fn is_empty(&self) -> bool {
        self.email.is_none() && self.phone.is_none() && self.website.is_none()
    }
}

/// The address of a mailbox: something before and something after one `@`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(Box<str>);

/// A telephone number with its country: `+`, then 5 to 20 digits, spaces, hyphens, brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone(Box<str>);

/// The address of something on the web, always by `https`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebAddress(Box<str>);

/// The text is no way to reach anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContactError {
    /// It is no address of a mailbox.
    #[error("an email address is written as in `desk@example.com`")]
    Email,
    /// It is no telephone number with its country.
    #[error("a telephone number is written as in `+962 6 555 0100`")]
    Phone,
    /// It is no address on the web, or one without encryption.
    #[error("an address on the web is written as in `https://example.com/a.jpg`")]
    WebAddress,
}

impl Email {
    /// The address, if it has the form of one.
    pub fn try_new(text: &str) -> Result<Self, ContactError> {
        let (mailbox, host) = text.rsplit_once('@').ok_or(ContactError::Email)?;
        let plain =
            |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\\\"@".contains(c);
        let mailbox_is_fine = (1..=64).contains(&mailbox.len()) && mailbox.chars().all(plain);
        if mailbox_is_fine && text.len() <= 254 && is_host(host) {
            Ok(Self(text.into()))
        } else {
            Err(ContactError::Email)
        }
    }

    /// The address in lower case: two that are the same then are the same mailbox wherever mail is read today.
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }

    /// How many bytes it takes, for a cache that counts them.
    pub(crate) fn weight(&self) -> usize {
        self.0.len()
    }
}

impl Phone {
    /// The number, if it has the form of one.
    pub fn try_new(text: &str) -> Result<Self, ContactError> {
        let rest = text.strip_prefix('+').ok_or(ContactError::Phone)?;
        let digits = rest.bytes().filter(u8::is_ascii_digit).count();
        let plain =
            rest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b' ' | b'-' | b'(' | b')'));
        if plain && rest.len() <= 40 && (5..=20).contains(&digits) {
            Ok(Self(text.into()))
        } else {
            Err(ContactError::Phone)
        }
    }
}

impl WebAddress {
    /// The most bytes.
    pub const MAX: usize = 2_000;

    /// The address, if it has the form of one.
    pub fn try_new(text: &str) -> Result<Self, ContactError> {
        let rest = text.strip_prefix("https://").ok_or(ContactError::WebAddress)?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (host, port) = authority.rsplit_once(':').unwrap_or((authority, "443"));
        let odd = |c: char| c.is_whitespace() || c.is_control() || "\"<>\\^`{|}".contains(c);
        let fine = is_host(host) && port.parse::<u16>().is_ok() && !path.contains(odd);
        if fine && text.len() <= Self::MAX {
            Ok(Self(text.into()))
        } else {
            Err(ContactError::WebAddress)
        }
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Labels of letters, digits and inner hyphens, with dots between them.
fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    host.len() <= 253 && host.contains('.') && host.split('.').all(label)
}

macro_rules! texts {
    ($($type:ident, $expecting:literal;)*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $type {
            type Err = ContactError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::try_new(text)
            }
        }

        super::stored_as_text!($type, $expecting);
    )*};
}

texts! {
    Email, "an email address";
    Phone, "a telephone number that begins with +";
    WebAddress, "an https address";
}
