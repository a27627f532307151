//! What a voucher promises, to whom, and how often.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Benefit, Block};
use crate::pricing::Minor;
use crate::values::{Code, Codes, ListingId, Timestamp};

/// How often something may be done: 1 to 1,000,000 times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32")]
pub struct Uses(u32);

/// Something may be done never, or more often than can be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a voucher is used 1 to {} times", Uses::MAX)]
pub struct UsesError;

impl Uses {
    /// The most uses.
    pub const MAX: u32 = 1_000_000;

    /// So many times.
    pub fn try_new(value: u32) -> Result<Self, UsesError> {
        if (1..=Self::MAX).contains(&value) { Ok(Self(value)) } else { Err(UsesError) }
    }

    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for Uses {
    type Error = UsesError;

    fn try_from(value: u32) -> Result<Self, Self::Error> {
        Self::try_new(value)
    }
}

/// What a voucher is for: nothing named means everything of its organization.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Only lines sold under one of these listings.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub listings: BTreeSet<ListingId>,
    /// Only places of one of these offers.
    #[serde(default, skip_serializing_if = "Codes::is_empty")]
    pub offers: Codes,
}

/// What a voucher promises; all of it can change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Raw", into = "Raw")]
pub struct Terms {
    /// What it is worth.
    pub benefit: Benefit,
    /// From when on it can be used.
    pub valid_from: Option<Timestamp>,
    /// From when on it can no longer be used.
    pub valid_until: Option<Timestamp>,
    /// What it is for.
    pub scope: Scope,
    /// What the lines it is for come to at the least, before it takes anything off.
    pub minimum: Option<Minor>,
    /// How often it can be used.
    pub max_uses: Option<Uses>,
    /// How often one customer can use it.
    pub max_uses_per_customer: Option<Uses>,
    /// How much it gives away in all.
    pub budget: Option<Minor>,
    /// What is set aside for it until it can no longer be used.
    pub blocks: Vec<Block>,
}

/// Why terms do not go together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    /// It would never be valid.
    #[error("the voucher would end before it begins")]
    NeverValid,
    /// Something would be set aside for ever.
    #[error("a voucher for which something is set aside has a `valid_until`")]
    BlocksWithoutEnd,
    /// The same offer of the same session is set aside twice.
    #[error("the offer `{0}` of one session is set aside twice")]
    BlockedTwice(Code),
    /// The same nights, or the same time, of a resource are set aside twice.
    #[error("some of it is set aside twice")]
    Overlapping {
        /// Which block, counted from 0, overlaps one before it.
        block: usize,
    },
    /// What is set aside could never be redeemed.
    #[error("the voucher is not for the offer `{0}` that is set aside for it")]
    BlockedInVain(Code),
    /// What is set aside could never be redeemed: a voucher for some offers is for places alone.
    #[error("a voucher for some `offers` is for places alone")]
    NoPlaces {
        /// Which block, counted from 0.
        block: usize,
    },
    /// What is set aside lies in too many calendars.
    #[error(
        "what is set aside lies in at most {} months, those of each resource counted",
        Terms::MAX_MONTHS
    )]
    TooManyMonths,
    /// There are too many.
    #[error("there are at most {max} `{what}`")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there can be.
        max: usize,
    },
}

impl Terms {
    /// The most listings it is for.
    pub const MAX_LISTINGS: usize = 100;
    /// The most blocks.
    pub const MAX_BLOCKS: usize = 50;
    /// In how many calendars blocks can lie.
    pub const MAX_MONTHS: usize = 120;

    /// The same, if it goes together.
    pub fn checked(self) -> Result<Self, TermsError> {
        if self.valid_from.zip(self.valid_until).is_some_and(|(from, until)| from >= until) {
            return Err(TermsError::NeverValid);
        }
        if self.scope.listings.len() > Self::MAX_LISTINGS {
            return Err(TermsError::TooMany { what: "listings", max: Self::MAX_LISTINGS });
        }
        if self.blocks.len() > Self::MAX_BLOCKS {
            return Err(TermsError::TooMany { what: "blocks", max: Self::MAX_BLOCKS });
        }
        if !self.blocks.is_empty() && self.valid_until.is_none() {
            return Err(TermsError::BlocksWithoutEnd);
        }
        self.check_blocks()?;
        Ok(self)
    }

    fn check_blocks(&self) -> Result<(), TermsError> {
        let mut offers = BTreeSet::new();
        for (number, block) in self.blocks.iter().enumerate() {
            match block {
                Block::Places { session, offer, .. } => {
                    if !offers.insert((*session, offer)) {
                        return Err(TermsError::BlockedTwice(offer.clone()));
                    }
                    if !self.scope.has_offer(offer) {
                        return Err(TermsError::BlockedInVain(offer.clone()));
                    }
                }
                Block::Nights { .. } | Block::Time { .. } => {
                    if !self.scope.offers.is_empty() {
                        return Err(TermsError::NoPlaces { block: number });
                    }
                    if self.blocks[..number].iter().any(|other| other.overlaps(block)) {
                        return Err(TermsError::Overlapping { block: number });
                    }
                }
            }
        }
        let months: BTreeSet<_> = self.blocks.iter().flat_map(Block::calendars).collect();
        if months.len() > Self::MAX_MONTHS { Err(TermsError::TooManyMonths) } else { Ok(()) }
    }

    /// About how many bytes they take beyond their own size.
    pub(super) fn weight(&self) -> usize {
        self.scope.weight() + self.blocks.len() * (size_of::<Block>() + Code::MAX)
    }
}

impl Scope {
    /// Whether places of an offer are meant.
    pub(super) fn has_offer(&self, offer: &Code) -> bool {
        self.offers.is_empty() || self.offers.iter().any(|wanted| wanted == offer)
    }

    /// About how many bytes it takes beyond its own size.
    pub(super) fn weight(&self) -> usize {
        self.listings.len() * 2 * size_of::<ListingId>() + self.offers.weight()
    }
}

/// Terms as they are written: side by side, what is not said left out.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename = "Terms")]
struct Raw {
    benefit: Benefit,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    valid_from: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    valid_until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Scope::is_everything")]
    scope: Scope,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    minimum: Option<Minor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_uses: Option<Uses>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_uses_per_customer: Option<Uses>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    budget: Option<Minor>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    blocks: Vec<Block>,
}

impl Scope {
    /// Whether nothing is named.
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }
}

impl TryFrom<Raw> for Terms {
    type Error = TermsError;

    fn try_from(raw: Raw) -> Result<Self, Self::Error> {
        Self {
            benefit: raw.benefit,
            valid_from: raw.valid_from,
            valid_until: raw.valid_until,
            scope: raw.scope,
            minimum: raw.minimum,
            max_uses: raw.max_uses,
            max_uses_per_customer: raw.max_uses_per_customer,
            budget: raw.budget,
            blocks: raw.blocks,
        }
        .checked()
    }
}

impl From<Terms> for Raw {
    fn from(terms: Terms) -> Self {
        Self {
            benefit: terms.benefit,
            valid_from: terms.valid_from,
            valid_until: terms.valid_until,
            scope: terms.scope,
            minimum: terms.minimum,
            max_uses: terms.max_uses,
            max_uses_per_customer: terms.max_uses_per_customer,
            budget: terms.budget,
            blocks: terms.blocks,
        }
    }
}
