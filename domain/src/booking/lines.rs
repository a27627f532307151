//! The lines of one booking together.

use serde::{Deserialize, Serialize, Serializer};

use super::Line;
use crate::policy::Start;
use crate::values::{Money, MoneyError, Zone};

/// The lines of one booking: 1 to 50, in one currency, with their sum.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<Line>")]
pub struct Lines {
    lines: Vec<Line>,
    total: Money,
}

/// Why lines do not make a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinesError {
    /// Nothing is booked.
    #[error("a booking needs at least one line")]
    Empty,
    /// Nothing is booked but add-ons.
    #[error("add-ons are booked beside something")]
    OnlyAddOns,
    /// Too much is booked at once.
    #[error("a booking has at most {} lines", Lines::MAX)]
    TooMany,
    /// The lines do not add up.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Lines {
    /// The most lines.
    pub const MAX: usize = 50;

    /// The lines with their sum.
    pub fn try_new(lines: Vec<Line>) -> Result<Self, LinesError> {
        if lines.len() > Self::MAX {
            return Err(LinesError::TooMany);
        }
        let (first, others) = lines.split_first().ok_or(LinesError::Empty)?;
        if lines.iter().all(|line| matches!(line, Line::AddOn(_))) {
            return Err(LinesError::OnlyAddOns);
        }
        let total = others.iter().try_fold(first.total(), |sum, line| sum.try_add(line.total()))?;
        Ok(Self { lines, total })
    }

    /// The lines, in the order they were booked.
    pub fn as_slice(&self) -> &[Line] {
        &self.lines
    }

    /// When the first of them begins, where days are counted as in a zone.
    pub fn start(&self, zone: Zone) -> Start {
        let starts = self.lines.iter().map(Line::starts_at);
        Start { at: starts.min().unwrap_or_default(), zone }
    }

    /// What they cost together.
    pub fn total(&self) -> Money {
        self.total
    }
}

impl Serialize for Lines {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.lines.serialize(serializer)
    }
}

impl TryFrom<Vec<Line>> for Lines {
    type Error = LinesError;

    fn try_from(lines: Vec<Line>) -> Result<Self, Self::Error> {
        Self::try_new(lines)
    }
}
