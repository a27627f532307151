//! What tickets and their scans are known by.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::numbers::{shown_as_number, within};
use super::{BookingId, NumberError};

/// The number of a ticket within its booking: 1 to 10,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32")]
pub struct TicketNumber(u32);

impl TicketNumber {
    /// The highest number.
    pub const MAX: u32 = 10_000;

    /// A number within its bounds.
    pub fn try_new(value: u32) -> Result<Self, NumberError> {
        within(value, 1, Self::MAX).map(Self)
    }

    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }
}

/// How often a ticket was issued: 1 at first, and one more whenever its code is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32")]
pub struct Generation(u32);

impl Generation {
    /// That of a new ticket.
    pub const FIRST: Self = Self(1);

    /// A generation, the first or a later one.
    pub fn try_new(value: u32) -> Result<Self, NumberError> {
        within(value, 1, u32::MAX).map(Self)
    }

    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

shown_as_number!(TicketNumber, Generation);

/// One ticket as it was issued at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TicketId {
    /// Of which booking.
    pub booking: BookingId,
    /// Which of its tickets.
    pub number: TicketNumber,
    /// The how-manieth issue of it.
    pub generation: Generation,
}

/// The SHA-256 digest of a ticket's code: enough to find it, not to guess it. Written in 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodeHash([u8; 32]);

/// The text is no digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a digest has 64 digits, each of 0-9 and a-f")]
pub struct CodeHashError;

impl CodeHash {
    /// A digest.
    pub const fn new(digest: [u8; 32]) -> Self {
        Self(digest)
    }
}

impl fmt::Display for CodeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for CodeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CodeHash({self})")
    }
}

impl FromStr for CodeHash {
    type Err = CodeHashError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(CodeHashError),
        };
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return Err(CodeHashError) };
        let mut digest = [0; 32];
        if pairs.len() != digest.len() {
            return Err(CodeHashError);
        }
        for (byte, [high, low]) in digest.iter_mut().zip(pairs) {
            *byte = (digit(*high)? << 4) | digit(*low)?;
        }
        Ok(Self(digest))
    }
}

/// What a gate calls one scan, so that sending it again is no second one: 1 to 64 of letters, digits, `-`, `_` and `.`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nonce(Box<str>);

/// The text is no nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a nonce has 1 to {} characters, each a letter, a digit, `-`, `_` or `.`", Nonce::MAX)]
pub struct NonceError;

impl Nonce {
    /// The most characters.
    pub const MAX: usize = 64;

    /// The nonce, exactly as it is written.
    pub fn try_new(text: &str) -> Result<Self, NonceError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let fits = (1..=Self::MAX).contains(&text.len()) && text.bytes().all(allowed);
        if fits { Ok(Self(text.into())) } else { Err(NonceError) }
    }

    /// The nonce as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Nonce {
    type Err = NonceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_new(text)
    }
}

super::stored_as_text!(CodeHash, "a SHA-256 digest in 64 hexadecimal digits");
super::stored_as_text!(Nonce, "a nonce of 1 to 64 letters, digits, `-`, `_` and `.`");
