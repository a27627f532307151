//! How long things last, in whole minutes, days and nights.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::numbers::{shown_as_number, within};
use super::{NumberError, Stay};

/// How long something lasts: 1 to 44,640 minutes, which are 31 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32")]
pub struct Length(u32);

impl Length {
    /// The shortest there is.
    pub const MINUTE: Self = Self(1);

    /// A quarter of an hour.
    pub const QUARTER: Self = Self(15);

    /// A length within its bounds, in minutes.
    pub fn try_new(minutes: u32) -> Result<Self, NumberError> {
        within(minutes, 1, 31 * 24 * 60).map(Self)
    }

    /// The number of minutes.
    pub fn get(self) -> u32 {
        self.0
    }
}

/// Time before or after something, which may be none: 0 to 527,040 minutes, which are a leap year.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "u32")]
pub struct Minutes(u32);

impl Minutes {
    /// A number of minutes within its bounds.
    pub fn try_new(value: u32) -> Result<Self, NumberError> {
        within(value, 0, 366 * 24 * 60).map(Self)
    }

    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
    pub(crate) fn is_zero(&self) -> bool {
        self.0 == 0
    }
}

/// How many days to count from a day: 0 to 3,660.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "u32")]
pub struct DayCount(u32);

impl DayCount {
    /// A number of days within its bounds.
    pub fn try_new(value: u32) -> Result<Self, NumberError> {
        within(value, 0, 3_660).map(Self)
    }

    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }
}

/// How many nights a stay is long: 1 to 366.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32")]
pub struct NightCount(u32);

impl NightCount {
    /// A number of nights within its bounds.
    pub fn try_new(value: u32) -> Result<Self, NumberError> {
        within(value, 1, Stay::MAX_NIGHTS).map(Self)
    }

    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }
}

shown_as_number!(Length, Minutes, DayCount, NightCount);
