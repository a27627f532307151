//! Short texts written by people.

use std::fmt;
use std::str::FromStr;

/// Why a text cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing is left without the white space around it.
    #[error("the text is empty")]
    Empty,
    /// The text has too many characters.
    #[error("the text is longer than {max} characters")]
    TooLong {
        /// The most characters allowed.
        max: usize,
    },
    /// The text contains a character that controls a device instead of showing something.
    #[error("the text contains a control character")]
    ControlCharacter,
}

/// Whether a text may run over several lines.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    One,
    Many,
}

/// Trims a text and checks it.
pub(super) fn checked(raw: &str, max: usize, lines: Lines) -> Result<&str, TextError> {
    let text = raw.trim();
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    if text.chars().any(|c| c.is_control() && !(c == '\n' && lines == Lines::Many)) {
        return Err(TextError::ControlCharacter);
    }
    // a character takes up to four bytes, so most texts need no counting
    if text.len() > max && text.chars().count() > max {
        return Err(TextError::TooLong { max });
    }
    Ok(text)
}

/// A short name on one line that reports can be grouped by: 1 to 64 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(Box<str>);

/// Why somebody did something, in their own words: 1 to 500 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reason(Box<str>);

/// A text on one line, such as a person's name or the line of an address: 1 to 200 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phrase(Box<str>);

/// What somebody wrote down about something, over several lines: 1 to 2000 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Remark(Box<str>);

impl Remark {
    /// The most characters.
    pub const MAX: usize = 2_000;

    /// The remark, without the white space around it.
    pub fn try_new(text: &str) -> Result<Self, TextError> {
        checked(text, Self::MAX, Lines::Many).map(|text| Self(text.into()))
    }

    /// The remark as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Phrase {
    /// The most characters.
    pub const MAX: usize = 200;

    /// The phrase, without the white space around it.
    pub fn try_new(text: &str) -> Result<Self, TextError> {
        checked(text, Self::MAX, Lines::One).map(|text| Self(text.into()))
    }

    /// The phrase as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Label {
    /// The most characters.
    pub const MAX: usize = 64;

    /// The label, without the white space around it.
    pub fn try_new(text: &str) -> Result<Self, TextError> {
        checked(text, Self::MAX, Lines::One).map(|text| Self(text.into()))
    }

    /// The label as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Reason {
    /// The most characters.
    pub const MAX: usize = 500;

    /// The reason, without the white space around it.
    pub fn try_new(text: &str) -> Result<Self, TextError> {
        checked(text, Self::MAX, Lines::Many).map(|text| Self(text.into()))
    }

    /// The reason as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Remark {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_new(text)
    }
}

impl FromStr for Phrase {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_new(text)
    }
}

impl FromStr for Label {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_new(text)
    }
}

impl FromStr for Reason {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_new(text)
    }
}

super::stored_as_text!(Phrase, "a text of 1 to 200 characters on one line");
super::stored_as_text!(Label, "a label of 1 to 64 characters");
super::stored_as_text!(Reason, "a reason of 1 to 500 characters");
super::stored_as_text!(Remark, "a remark of 1 to 2000 characters");
