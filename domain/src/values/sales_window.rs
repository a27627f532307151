//! When something is on sale.

use serde::{Deserialize, Serialize};

use super::{EmptyRange, Timestamp};

/// From when and until when something is on sale; either side may be left to others to say.
///
/// The instant of opening belongs to it, the instant of closing does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Sides")]
pub struct SalesWindow {
    #[serde(skip_serializing_if = "Option::is_none")]
    opens: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closes: Option<Timestamp>,
}

impl SalesWindow {
    /// A window that says nothing.
    pub const UNSAID: Self = Self { opens: None, closes: None };

    /// The window from `opens` up to, but without, `closes`; it must contain an instant.
    pub fn try_new(
        opens: Option<Timestamp>,
        closes: Option<Timestamp>,
    ) -> Result<Self, EmptyRange> {
        match (opens, closes) {
            (Some(start), Some(end)) if start >= end => Err(EmptyRange { start, end }),
            (_, _) => Ok(Self { opens, closes }),
        }
    }

    /// The first instant of sale, if it says.
    pub fn opens(self) -> Option<Timestamp> {
        self.opens
    }

    /// The first instant after the sale, if it says.
    pub fn closes(self) -> Option<Timestamp> {
        self.closes
    }

    /// Whether neither side is said.
    pub fn is_unsaid(&self) -> bool {
        *self == Self::UNSAID
    }

    /// This window, and where it says nothing, what `other` says.
    #[must_use]
    pub fn or(self, other: Self) -> (Option<Timestamp>, Option<Timestamp>) {
        (self.opens.or(other.opens), self.closes.or(other.closes))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "SalesWindow")]
struct Sides {
    #[serde(default)]
    opens: Option<Timestamp>,
    #[serde(default)]
    closes: Option<Timestamp>,
}

impl TryFrom<Sides> for SalesWindow {
    type Error = EmptyRange;

    fn try_from(Sides { opens, closes }: Sides) -> Result<Self, Self::Error> {
        Self::try_new(opens, closes)
    }
}
