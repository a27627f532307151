//! What is called off of a booking: all of it, some lines, or some places of a line.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Line, Lines, Refusal};
use crate::values::{Quantity, Seat};

/// What is called off of a booking.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Portion {
    /// All of it.
    #[default]
    All,
    /// Some lines, counted from 0.
    Lines(BTreeSet<usize>),
    /// Some places of lines, which are counted from 0.
    Places(BTreeMap<usize, Given>),
}

/// Places of a line that are given back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// How many of the offer.
    pub quantity: Quantity,
    /// Their seats; none if the places have no seats.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seats: Vec<Seat>,
}

/// Lines in two parts that add up to what they were cut from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// What is called off.
    pub gone: Vec<Line>,
    /// What stays.
    pub kept: Vec<Line>,
}

impl Portion {
    /// Cuts it out of what is booked.
    pub fn cut(&self, lines: &Lines) -> Result<Cut, Refusal> {
        let lines = lines.as_slice();
        let last = match self {
            Self::All => None,
            Self::Lines(numbers) => numbers.last(),
            Self::Places(places) => places.last_key_value().map(|(number, _)| number),
        };
        if let Some(number) = last.filter(|number| **number >= lines.len()) {
            return Err(Refusal::UnknownLine { number: *number });
        }
        let mut cut = Cut::default();
        for (number, line) in lines.iter().enumerate() {
            match self {
                Self::All => cut.gone.push(line.clone()),
                Self::Lines(numbers) if numbers.contains(&number) => cut.gone.push(line.clone()),
                Self::Lines(_) => cut.kept.push(line.clone()),
                Self::Places(places) => match places.get(&number) {
                    None => cut.kept.push(line.clone()),
                    Some(given) => cut.places(line, given, number)?,
                },
            }
        }
        cut.with_additions()
    }
}

impl Cut {
    fn places(&mut self, line: &Line, given: &Given, number: usize) -> Result<(), Refusal> {
        let Line::Places(places) = line else { return Err(Refusal::UnknownPlaces { number }) };
        let (gone, kept) = places.cut(given, number)?;
        self.gone.push(Line::Places(gone));
        self.kept.extend(kept.map(Line::Places));
        Ok(())
    }

    /// Nights that go take along what was paid for by them; other add-ons stay as they are, until they are called off.
    fn with_additions(mut self) -> Result<Self, Refusal> {
        let is_other = |line: &&Line| !matches!(line, Line::AddOn(_));
        let others: Vec<_> = self.kept.iter().filter(is_other).cloned().collect();
        if self.gone.is_empty() || others.is_empty() {
            return Ok(self);
        }
        for line in std::mem::take(&mut self.kept) {
            let Line::AddOn(addition) = line else {
                self.kept.push(line);
                continue;
            };
            let (gone, kept) = addition.cut(&others)?;
            self.gone.extend(gone.map(Line::AddOn));
            self.kept.extend(kept.map(Line::AddOn));
        }
        Ok(self)
    }
}
