//! The ways to reach somebody: several of a kind, one of them first.

use serde::{Deserialize, Serialize};

use crate::values::{Email, Label, PhoneNumber};

/// What somebody can be reached by.
pub trait Reachable {
    /// What two spellings of the same have in common.
    fn key(&self) -> String;
}

impl Reachable for Email {
    fn key(&self) -> String {
        self.folded()
    }
}

impl Reachable for PhoneNumber {
    fn key(&self) -> String {
        self.as_str().to_owned()
    }
}

/// One way to reach somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way<T> {
    /// Where to.
    pub value: T,
    /// Which it is of several, as in `work`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// Whether it is tried first.
    pub primary: bool,
}

/// All ways of a kind in the order in which they were given. If there are any, one is the primary one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Way<T>>", bound(deserialize = "T: Deserialize<'de> + Reachable"))]
pub struct Ways<T>(Vec<Way<T>>);

/// Why the ways cannot be kept. It does not repeat them: they are somebody's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WaysError {
    /// There are more than anybody tries.
    #[error("there are at most {max} of them")]
    TooMany {
        /// The most.
        max: usize,
    },
    /// Two of them are the same.
    #[error("number {second} of them is there already")]
    Repeated {
        /// Which it is, counted from 1.
        second: usize,
    },
    /// Two of them are said to be tried first.
    #[error("only one of them is the primary one")]
    TwoPrimaries,
}

impl<T> Ways<T> {
    /// The most of a kind.
    pub const MAX: usize = 20;

    /// All of them, in order.
    pub fn as_slice(&self) -> &[Way<T>] {
        &self.0
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The one that is tried first.
    pub fn primary(&self) -> Option<&Way<T>> {
        self.0.iter().find(|way| way.primary)
    }

    /// Takes others over as they are.
    pub(super) fn extend(&mut self, more: &[Way<T>])
    where
        T: Clone,
    {
        self.0.extend_from_slice(more);
    }
}

impl<T: Reachable> Ways<T> {
    /// The ways in their order. If none is said to be tried first, the first one is.
    pub fn try_new(mut ways: Vec<Way<T>>) -> Result<Self, WaysError> {
        if ways.len() > Self::MAX {
            return Err(WaysError::TooMany { max: Self::MAX });
        }
        if ways.iter().filter(|way| way.primary).count() > 1 {
            return Err(WaysError::TwoPrimaries);
        }
        let mut keys = std::collections::BTreeSet::new();
        for (index, way) in ways.iter().enumerate() {
            if !keys.insert(way.value.key()) {
                return Err(WaysError::Repeated { second: index + 1 });
            }
        }
        if !ways.iter().any(|way| way.primary)
            && let Some(first) = ways.first_mut()
        {
            first.primary = true;
        }
        Ok(Self(ways))
    }

    /// What others have and these lack, as it is taken over: whoever has a primary way keeps it.
    pub(super) fn lacking(&self, others: &Self) -> Vec<Way<T>>
    where
        T: Clone,
    {
        let has = |way: &Way<T>| self.0.iter().any(|own| own.value.key() == way.value.key());
        let lacking = others.0.iter().filter(|way| !has(way)).cloned();
        let keeps = !self.is_empty();
        lacking.map(|way| Way { primary: way.primary && !keeps, ..way }).collect()
    }
}

impl<T> Default for Ways<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Reachable> TryFrom<Vec<Way<T>>> for Ways<T> {
    type Error = WaysError;

    fn try_from(ways: Vec<Way<T>>) -> Result<Self, Self::Error> {
        Self::try_new(ways)
    }
}
