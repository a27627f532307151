//! In whose name an organization invoices, and how.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Seller;
use crate::values::{Address, Language, Phrase};

/// In whose name an organization invoices, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The name under which it does business.
    pub legal_name: Phrase,
    /// Where it is.
    pub address: Address,
    /// Under which number it pays taxes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_number: Option<Phrase>,
    /// What stands before its numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<Prefix>,
    /// The language of documents for customers of whom none is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Whether documents are issued by themselves as bookings are confirmed, changed and called off.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub automatic: bool,
}

impl Settings {
    /// Who sells.
    pub fn seller(&self) -> Seller {
        Seller {
            name: self.legal_name.clone(),
            address: self.address.clone(),
            tax_number: self.tax_number.clone(),
        }
    }
}

/// What stands before the numbers of an organization: 1 to 12 capital letters and digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix(Box<str>);

/// The text cannot stand before a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a prefix has 1 to {} characters, each of A-Z and 0-9", Prefix::MAX)]
pub struct PrefixError;

impl Prefix {
    /// The most characters.
    pub const MAX: usize = 12;

    /// The prefix, exactly as it is written.
    pub fn try_new(text: &str) -> Result<Self, PrefixError> {
        let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let fits = (1..=Self::MAX).contains(&text.len()) && text.bytes().all(allowed);
        if fits { Ok(Self(text.into())) } else { Err(PrefixError) }
    }

    /// The prefix as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Prefix {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_new(text)
    }
}

crate::values::stored_as_text!(Prefix, "a prefix of 1 to 12 characters, each of A-Z and 0-9");
