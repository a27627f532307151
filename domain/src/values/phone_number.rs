//! Telephone numbers in the one form in which two of them can be compared.

use std::fmt;
use std::str::FromStr;

/// A telephone number as ITU-T E.164 has it: `+`, then 7 to 15 digits, those of the country first.
///
/// Which numbers a country gives out changes from year to year. What was stored stays readable, so only the form is
/// checked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(Box<str>);

/// The text is no telephone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a telephone number is `+` and 7 to 15 digits, those of the country first")]
pub struct PhoneNumberError;

impl PhoneNumber {
    /// The most bytes of a number with all that is put between its digits.
    const MAX: usize = 40;

    /// The number behind a text; what people put between digits is left out.
    pub fn try_new(text: &str) -> Result<Self, PhoneNumberError> {
        let rest = text.trim().strip_prefix('+').ok_or(PhoneNumberError)?;
        // Who writes `+44 (0)20` means two numbers at once.
        if rest.len() > Self::MAX || rest.contains("(0)") {
            return Err(PhoneNumberError);
        }
        let mut number = String::from("+");
        for byte in rest.bytes() {
            match byte {
                b'0'..=b'9' => number.push(char::from(byte)),
                b' ' | b'-' | b'.' | b'/' | b'(' | b')' => {}
                _ => return Err(PhoneNumberError),
            }
        }
        let has_country = !number.starts_with("+0");
        if has_country && (8..=16).contains(&number.len()) {
            Ok(Self(number.into()))
        } else {
            Err(PhoneNumberError)
        }
    }

    /// The number as text, without anything between its digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PhoneNumber {
    type Err = PhoneNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_new(text)
    }
}

super::stored_as_text!(PhoneNumber, "a telephone number that begins with +");
