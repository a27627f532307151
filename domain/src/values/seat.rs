//! Names of numbered seats.

use std::fmt;
use std::str::FromStr;

use super::{Code, CodeError};

/// What a row is called on its sign: 1 to 8 letters and digits of ASCII, such as `A` or `12`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowName(Box<str>);

/// One numbered seat, written `<section>/<row>-<number>`, as in `stalls/A-12`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seat {
    /// The section it stands in.
    pub section: Code,
    /// The row of the section.
    pub row: RowName,
    /// The number on the seat.
    pub number: u16,
}

/// Why a text names no row or seat.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeatError {
    /// It has not the form of a seat.
    #[error("a seat is named by section, row and number, as in `stalls/A-12`")]
    Shape,
    /// The section is no code.
    #[error("the section of the seat: {0}")]
    Section(#[from] CodeError),
    /// The row has no name.
    #[error("a row is named by 1 to {} letters and digits", RowName::MAX)]
    Row,
    /// The number is none.
    #[error("the number of a seat lies between 0 and 65535")]
    Number,
}

impl RowName {
    /// The most characters.
    pub const MAX: usize = 8;

    /// The name, exactly as it is written.
    pub fn try_new(text: &str) -> Result<Self, SeatError> {
        let fits = (1..=Self::MAX).contains(&text.len());
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if fits && plain { Ok(Self(text.into())) } else { Err(SeatError::Row) }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RowName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RowName {
    type Err = SeatError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_new(text)
    }
}

impl fmt::Display for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { section, row, number } = self;
        write!(f, "{section}/{row}-{number}")
    }
}

impl FromStr for Seat {
    type Err = SeatError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (section, rest) = text.split_once('/').ok_or(SeatError::Shape)?;
        let (row, number) = rest.split_once('-').ok_or(SeatError::Shape)?;
        let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let short = number == "0" || !number.starts_with('0'); // one way to write each seat
        if !(plain && short) {
            return Err(SeatError::Number);
        }
        let number = number.parse().map_err(|_| SeatError::Number)?;
        Ok(Self { section: Code::try_new(section)?, row: RowName::try_new(row)?, number })
    }
}

super::stored_as_text!(RowName, "the name of a row, 1 to 8 letters and digits");
super::stored_as_text!(Seat, "a section, row and number, as in `stalls/A-12`");
