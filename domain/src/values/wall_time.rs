//! Times of day as a wall clock shows them.

use std::fmt;
use std::str::FromStr;

/// A minute of the day on a wall clock, written `09:30`; `24:00` is the midnight that ends the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WallTime(u16);

/// The text or number is no minute of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a time of day is written as hour and minute from 00:00 to 24:00, as in `09:30`")]
pub struct WallTimeError;

impl WallTime {
    /// The midnight that begins the day.
    pub const START_OF_DAY: Self = Self(0);

    /// The midnight that ends the day.
    pub const END_OF_DAY: Self = Self(24 * 60);

    /// The time so many hours and minutes after midnight, up to 24:00.
    pub fn try_new(hour: u16, minute: u16) -> Result<Self, WallTimeError> {
        let valid = minute < 60 && (hour < 24 || (hour == 24 && minute == 0));
        if valid { Ok(Self(hour * 60 + minute)) } else { Err(WallTimeError) }
    }

    /// How many minutes the clock shows since midnight.
    pub fn minute_of_day(self) -> u16 {
        self.0
    }
}

impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl FromStr for WallTime {
    type Err = WallTimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let two_digits = |part: &str| {
            let digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            if digits { part.parse().map_err(|_| WallTimeError) } else { Err(WallTimeError) }
        };
        let (hour, minute) = text.split_once(':').ok_or(WallTimeError)?;
        Self::try_new(two_digits(hour)?, two_digits(minute)?)
    }
}

super::stored_as_text!(WallTime, "a time of day, as in `09:30`");
