//! Who comes along.

use serde::{Deserialize, Serialize};

/// How many people of each age come, up to 1,000 each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Raw")]
pub struct Party {
    adults: u16,
    children: u16,
    babies: u16,
}

/// More people of one age than a booking can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a party has at most {} people of each age", Party::MAX)]
pub struct PartyTooLarge;

impl Party {
    /// The most people of each age.
    pub const MAX: u16 = 1_000;

    /// A party of so many adults, children and babies.
    pub fn try_new(adults: u16, children: u16, babies: u16) -> Result<Self, PartyTooLarge> {
        if adults.max(children).max(babies) > Self::MAX {
            return Err(PartyTooLarge);
        }
        Ok(Self { adults, children, babies })
    }

    /// How many adults.
    pub fn adults(self) -> u16 {
        self.adults
    }

    /// How many children.
    pub fn children(self) -> u16 {
        self.children
    }

    /// How many babies.
    pub fn babies(self) -> u16 {
        self.babies
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "Party")]
struct Raw {
    adults: u16,
    children: u16,
    babies: u16,
}

impl TryFrom<Raw> for Party {
    type Error = PartyTooLarge;

    fn try_from(Raw { adults, children, babies }: Raw) -> Result<Self, Self::Error> {
        Self::try_new(adults, children, babies)
    }
}
