//! Where the numbered seats of a session stand.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::values::{Code, RowName, Seat};

/// Sections of rows of numbered seats: the best section first, in it the best row first, in it the
/// seats side by side. The order of the list is the order in which the best seats are looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Section>")]
pub struct SeatMap(Vec<Section>);

/// Rows that are sold together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Its code.
    pub code: Code,
    /// Its rows, the best first.
    pub rows: Vec<Row>,
}

/// Seats side by side. An aisle is told by making two rows of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its name.
    pub name: RowName,
    /// The numbers of its seats, as they stand: neighbours in the list are neighbours in the hall.
    pub seats: Vec<u16>,
}

/// Why sections do not make a seat map.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeatMapError {
    /// There is no section at all.
    #[error("a seat map needs at least one section")]
    Empty,
    /// There are more seats than one session sells.
    #[error("a seat map has at most {} seats", SeatMap::MAX_SEATS)]
    TooManySeats,
    /// Two sections have the same code.
    #[error("the section `{section}` is there twice")]
    SectionTwice {
        /// The code of both.
        section: Code,
    },
    /// Two rows of a section have the same name.
    #[error("the row `{row}` of section `{section}` is there twice")]
    RowTwice {
        /// The section.
        section: Code,
        /// The name of both.
        row: RowName,
    },
    /// Two seats of a row have the same number.
    #[error("the seat {seat} is there twice")]
    SeatTwice {
        /// The seat.
        seat: Seat,
    },
    /// A section has no row, or one of its rows no seat.
    #[error("the section `{section}` has a row without seats, or no row")]
    NoSeats {
        /// The section.
        section: Code,
    },
}

impl SeatMap {
    /// The most seats.
    pub const MAX_SEATS: usize = 200_000;

    /// A map of these sections, in which each seat has a name of its own.
    pub fn try_new(sections: Vec<Section>) -> Result<Self, SeatMapError> {
        if sections.is_empty() {
            return Err(SeatMapError::Empty);
        }
        let rows = sections.iter().flat_map(|section| &section.rows);
        if rows.map(|row| row.seats.len()).sum::<usize>() > Self::MAX_SEATS {
            return Err(SeatMapError::TooManySeats);
        }
        let mut codes = HashSet::new();
        for section in &sections {
            if !codes.insert(&section.code) {
                return Err(SeatMapError::SectionTwice { section: section.code.clone() });
            }
            section.check()?;
        }
        Ok(Self(sections))
    }

    /// The sections, the best first.
    pub fn sections(&self) -> &[Section] {
        &self.0
    }

    /// A section by its code.
    pub fn section(&self, code: &Code) -> Option<&Section> {
        self.0.iter().find(|section| section.code == *code)
    }

    /// Every seat, the best section and row first.
    pub fn seats(&self) -> impl Iterator<Item = Seat> {
        self.0.iter().flat_map(|section| section.rows.iter().flat_map(|row| section.seats_of(row)))
    }

    /// The first seat of this map that another one lacks.
    pub(super) fn missing_in(&self, other: &Self) -> Option<Seat> {
        for section in &self.0 {
            let Some(theirs) = other.section(&section.code) else {
                return section.rows.first().and_then(|row| section.seats_of(row).next());
            };
            for row in &section.rows {
                let kept: HashSet<u16> = theirs
                    .rows
                    .iter()
                    .filter(|other| other.name == row.name)
                    .flat_map(|other| other.seats.iter().copied())
                    .collect();
                if let Some(seat) = section.seats_of(row).find(|seat| !kept.contains(&seat.number))
                {
                    return Some(seat);
                }
            }
        }
        None
    }

    pub(super) fn weight(&self) -> usize {
        let section = |section: &Section| {
            size_of::<Section>()
                + section.code.as_str().len()
                + section.rows.iter().map(Row::weight).sum::<usize>()
        };
        self.0.iter().map(section).sum()
    }
}

impl TryFrom<Vec<Section>> for SeatMap {
    type Error = SeatMapError;

    fn try_from(sections: Vec<Section>) -> Result<Self, Self::Error> {
        Self::try_new(sections)
    }
}

impl Section {
    /// How many seats it has.
    pub fn size(&self) -> usize {
        self.rows.iter().map(|row| row.seats.len()).sum()
    }

    fn seats_of(&self, row: &Row) -> impl Iterator<Item = Seat> {
        let seat = |number: &u16| Seat {
            section: self.code.clone(),
            row: row.name.clone(),
            number: *number,
        };
        row.seats.iter().map(seat)
    }

    fn check(&self) -> Result<(), SeatMapError> {
        let mut names = HashSet::new();
        for row in &self.rows {
            if !names.insert(&row.name) {
                let (section, row) = (self.code.clone(), row.name.clone());
                return Err(SeatMapError::RowTwice { section, row });
            }
            let mut numbers = HashSet::new();
            if let Some(seat) = self.seats_of(row).find(|seat| !numbers.insert(seat.number)) {
                return Err(SeatMapError::SeatTwice { seat });
            }
        }
        if self.rows.is_empty() || self.rows.iter().any(|row| row.seats.is_empty()) {
            return Err(SeatMapError::NoSeats { section: self.code.clone() });
        }
        Ok(())
    }
}

impl Row {
    fn weight(&self) -> usize {
        size_of::<Self>() + self.name.as_str().len() + size_of_val(&*self.seats)
    }
}
