//! Guests by category, and what each category pays.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Minor, Rate};
use crate::values::{Code, Party};

/// The category whose price the others are parts of.
pub const ADULT: &str = "adult";

/// The categories that the party of a booking tells apart.
const OF_PARTY: [&str; 3] = [ADULT, "child", "baby"];

/// How many guests of each category come: 1 to 20 categories, up to 10,000 guests of each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<Code, u32>")]
pub struct Guests(BTreeMap<Code, u32>);

/// Why guests cannot be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GuestsError {
    /// Nobody comes.
    #[error("at least one guest comes")]
    Nobody,
    /// There are too many categories.
    #[error("there are at most {} categories of guests", Guests::MAX_CATEGORIES)]
    TooManyCategories,
    /// There are too many guests of one category.
    #[error("there are at most {} guests of a category", Guests::MAX)]
    TooMany,
}

impl Guests {
    /// The most guests of a category.
    pub const MAX: u32 = 10_000;

    /// The most categories.
    pub const MAX_CATEGORIES: usize = 20;

    /// So many of each.
    pub fn try_new(guests: BTreeMap<Code, u32>) -> Result<Self, GuestsError> {
        if guests.len() > Self::MAX_CATEGORIES {
            return Err(GuestsError::TooManyCategories);
        }
        if guests.values().any(|count| *count > Self::MAX) {
            return Err(GuestsError::TooMany);
        }
        if guests.values().all(|count| *count == 0) {
            return Err(GuestsError::Nobody);
        }
        Ok(Self(guests))
    }

    /// How many they are.
    pub fn count(&self) -> u32 {
        self.0.values().sum()
    }

    /// Each category with its guests.
    pub fn iter(&self) -> impl Iterator<Item = (&Code, u32)> {
        self.0.iter().map(|(code, count)| (code, *count))
    }

    /// Cuts so many off, if they and those who are left are known: all have to be of one category.
    pub(super) fn cut(&self, part: u32) -> Option<(Self, Self)> {
        let mut coming = self.iter().filter(|(_, count)| *count > 0);
        let ((code, count), None) = (coming.next()?, coming.next()) else { return None };
        let of = |count| Self::try_new(BTreeMap::from([(code.clone(), count)])).ok();
        of(part).zip(of(count.checked_sub(part)?))
    }

    /// About how many bytes they take.
    pub(super) fn weight(&self) -> usize {
        self.0.len() * (size_of::<(Code, u32)>() + Code::MAX)
    }
}

impl TryFrom<BTreeMap<Code, u32>> for Guests {
    type Error = GuestsError;

    fn try_from(guests: BTreeMap<Code, u32>) -> Result<Self, Self::Error> {
        Self::try_new(guests)
    }
}

/// What guests of one category pay: as adults do, a part of that, or an amount of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawCategory", into = "RawCategory")]
pub enum Category {
    /// As adults do.
    #[default]
    AsAdults,
    /// A part of what adults do.
    Share(Rate),
    /// An amount.
    Amount(Minor),
}

/// A category says two prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("give `percent` or `amount`, not both")]
pub struct CategoryError;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename = "Category")]
struct RawCategory {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    percent: Option<Rate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount: Option<Minor>,
}

impl TryFrom<RawCategory> for Category {
    type Error = CategoryError;

    fn try_from(raw: RawCategory) -> Result<Self, Self::Error> {
        match (raw.percent, raw.amount) {
            (None, None) => Ok(Self::AsAdults),
            (Some(percent), None) => Ok(Self::Share(percent)),
            (None, Some(amount)) => Ok(Self::Amount(amount)),
            (Some(_), Some(_)) => Err(CategoryError),
        }
    }
}

impl From<Category> for RawCategory {
    fn from(category: Category) -> Self {
        match category {
            Category::AsAdults => Self { percent: None, amount: None },
            Category::Share(percent) => Self { percent: Some(percent), amount: None },
            Category::Amount(amount) => Self { percent: None, amount: Some(amount) },
        }
    }
}

/// What guests pay by category: each for a place, or those beyond the included ones for a night.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuestTerms {
    /// How many guests the price of a night includes, for each one that is booked.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub included: u16,
    /// What each category pays; of adults it need not be said.
    #[serde(default)]
    pub categories: BTreeMap<Code, Category>,
}

impl GuestTerms {
    /// What a category pays, if there is one of that name.
    pub(super) fn category(&self, code: &str) -> Option<Category> {
        let mut known = self.categories.iter();
        let found = known.find(|(known, _)| known.as_str() == code).map(|(_, found)| *found);
        found.or((code == ADULT).then(Category::default))
    }

    /// About how many bytes they take.
    pub(super) fn weight(&self) -> usize {
        self.categories.len() * (size_of::<(Code, Category)>() + Code::MAX)
    }
}

/// The guests of a party by category; a booking is for one adult at least.
///
/// # Panics
/// Never: the names of the categories are codes.
pub(super) fn of_party(party: Party) -> BTreeMap<Code, u32> {
    let counts = [party.adults(), party.children(), party.babies()];
    let named = OF_PARTY.map(|name| Code::try_new(name).expect("a code"));
    named.into_iter().zip(counts).map(|(code, count)| (code, count.into())).collect()
}

/// Whether a party tells such guests apart.
pub(super) fn is_of_party(code: &Code) -> bool {
    OF_PARTY.contains(&code.as_str())
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_zero(number: &u16) -> bool {
    *number == 0
}
