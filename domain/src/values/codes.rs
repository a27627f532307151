//! Several codes at once.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Code;

/// Up to 50 codes, each once: categories, tags.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Code>")]
pub struct Codes(BTreeSet<Code>);

/// Why the codes cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodesError {
    /// There are more than anybody reads.
    #[error("there are at most {} codes", Codes::MAX)]
    TooMany,
    /// One is there twice.
    #[error("the code `{0}` is there twice")]
    Repeated(Code),
}

impl Codes {
    /// The most codes.
    pub const MAX: usize = 50;

    /// The codes, in order.
    pub fn try_new(codes: impl IntoIterator<Item = Code>) -> Result<Self, CodesError> {
        let mut kept = BTreeSet::new();
        for code in codes {
            if kept.contains(&code) {
                return Err(CodesError::Repeated(code));
            }
            if kept.len() == Self::MAX {
                return Err(CodesError::TooMany);
            }
            kept.insert(code);
        }
        Ok(Self(kept))
    }

    /// The codes, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Code> {
        self.0.iter()
    }

    /// Those that others lack.
    #[must_use]
    pub fn less(&self, others: &Self) -> Self {
        Self(self.0.difference(&others.0).cloned().collect())
    }

    /// These and others, each once.
    pub fn and(&self, others: &Self) -> Result<Self, CodesError> {
        Self::try_new(self.0.union(&others.0).cloned())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// About how many bytes they take.
    pub(crate) fn weight(&self) -> usize {
        self.0.iter().map(|code| 32 + code.as_str().len()).sum()
    }
}

impl TryFrom<Vec<Code>> for Codes {
    type Error = CodesError;

    fn try_from(codes: Vec<Code>) -> Result<Self, Self::Error> {
        Self::try_new(codes)
    }
}
