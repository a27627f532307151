//! Short names for programs and spreadsheets.

use std::fmt;
use std::str::FromStr;

/// A short name that people and programs tell things apart by: 1 to 40 characters of `a-z`, `0-9`, `_` and `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(Box<str>);

/// The text is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a code has 1 to {} characters, each of a-z, 0-9, _ and -", Code::MAX)]
pub struct CodeError;

impl Code {
    /// The most characters.
    pub const MAX: usize = 40;

    /// The code, exactly as it is written.
    pub fn try_new(text: &str) -> Result<Self, CodeError> {
        let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
        let fits = (1..=Self::MAX).contains(&text.len()) && text.bytes().all(allowed);
        if fits { Ok(Self(text.into())) } else { Err(CodeError) }
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Code {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_new(text)
    }
}

super::stored_as_text!(Code, "a code of 1 to 40 characters, each of a-z, 0-9, _ and -");
