//! Counts with bounds.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A count lies outside its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{value} is not between {min} and {max}")]
pub struct NumberError {
    value: u32,
    min: u32,
    max: u32,
}

pub(super) fn within(value: u32, min: u32, max: u32) -> Result<u32, NumberError> {
    if (min..=max).contains(&value) { Ok(value) } else { Err(NumberError { value, min, max }) }
}

/// How many of a resource are asked for: 1 to 10,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32")]
pub struct Quantity(u32);

impl Quantity {
    /// The largest quantity.
    pub const MAX: Self = Self(10_000);

    /// Just one.
    pub const ONE: Self = Self(1);

    /// A quantity within its bounds.
    pub fn try_new(value: u32) -> Result<Self, NumberError> {
        within(value, 1, Self::MAX.0).map(Self)
    }

    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }
}

/// How many of a resource there are: 0 to 10,000,000.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "u32")]
pub struct Capacity(u32);

impl Capacity {
    /// A capacity within its bounds.
    pub fn try_new(value: u32) -> Result<Self, NumberError> {
        within(value, 0, 10_000_000).map(Self)
    }

    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }
}

/// Who is served first of those who wait: 0 to 100, the higher the sooner.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "u32")]
pub struct Priority(u32);

impl Priority {
    /// A priority within its bounds.
    pub fn try_new(value: u32) -> Result<Self, NumberError> {
        within(value, 0, 100).map(Self)
    }

    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }
}

macro_rules! shown_as_number {
    ($($type:ty),*) => {$(
        impl TryFrom<u32> for $type {
            type Error = super::NumberError;

            fn try_from(value: u32) -> Result<Self, Self::Error> {
                Self::try_new(value)
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}
pub(super) use shown_as_number;
shown_as_number!(Quantity, Capacity, Priority);
