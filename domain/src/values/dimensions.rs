//! What reports group bookings by.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Label;

/// Where a booking came from and whom it serves; all of it optional.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dimensions {
    /// Through which channel it was sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Label>,
    /// To which market segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<Label>,
    /// From which country the customer comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Label>,
    /// What kind of customer it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_type: Option<Label>,
    /// Whatever else the seller keeps apart.
    #[serde(default, skip_serializing_if = "Extras::is_empty")]
    pub extra: Extras,
}

/// Up to 16 further dimensions by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<Label, Label>")]
pub struct Extras(BTreeMap<Label, Label>);

/// There are more further dimensions than a booking carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a booking has at most {} further dimensions", Extras::MAX)]
pub struct TooManyExtras;

impl Extras {
    /// The most entries.
    pub const MAX: usize = 16;

    /// The dimensions by name.
    pub fn try_new(extras: BTreeMap<Label, Label>) -> Result<Self, TooManyExtras> {
        if extras.len() > Self::MAX { Err(TooManyExtras) } else { Ok(Self(extras)) }
    }

    /// The value of one dimension.
    pub fn get(&self, name: &str) -> Option<&Label> {
        self.iter().find(|(key, _)| key.as_str() == name).map(|(_, value)| value)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Label, &Label)> {
        self.0.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryFrom<BTreeMap<Label, Label>> for Extras {
    type Error = TooManyExtras;

    fn try_from(extras: BTreeMap<Label, Label>) -> Result<Self, Self::Error> {
        Self::try_new(extras)
    }
}
