//! Dates that cannot be had, with both sides by name.

use std::{collections::HashMap, fmt};

use anyhow::Result;
use chrono::{Days, NaiveDateTime};
use daybook_domain::values::{BlockId, BookingId, Timestamp};
use serde::Serialize;

use super::{
    book::{Booker, Outcome, Placed},
    row::Row,
    wire::{Blocks, Booking, Conflict, Obstacle},
};

/// A date that cannot be had: whose it is, and what is in its way.
#[derive(Debug, Serialize)]
pub(super) struct Clash {
    line: u64,
    title: String,
    room: String,
    /// What the wall clock of the room shows at its start.
    local_start: NaiveDateTime,
    start: Timestamp,
    end: Timestamp,
    cause: String,
    in_the_way: Vec<Other>,
}

/// The other side.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Other {
    /// Another row of the file.
    Row { line: u64, title: String },
    /// A booking that was there.
    Booking { id: BookingId, title: Option<String> },
    /// A block.
    Block { id: BlockId, reason: Option<String> },
}

/// Looks up what things are called, each once.
pub(super) struct Namer<'a> {
    booker: &'a Booker,
    outcomes: &'a [Outcome],
    bookings: HashMap<BookingId, Other>,
}

impl<'a> Namer<'a> {
    /// Knows the rows that are placed by their bookings.
    pub(super) fn new(booker: &'a Booker, outcomes: &'a [Outcome]) -> Self {
        let mut bookings = HashMap::new();
        for (row, outcome) in booker.rows().iter().zip(outcomes) {
            if let Outcome::Placed(Placed { view, .. }) = outcome {
                let booked = view.occurrences.iter().filter_map(|date| date.booking_id);
                let other = || Other::Row { line: row.line, title: row.title.clone() };
                bookings.extend(booked.map(|booking| (booking, other())));
            }
        }
        Self { booker, outcomes, bookings }
    }

    /// All dates that cannot be had, in the order of the file.
    pub(super) async fn name_all(&mut self) -> Result<Vec<Clash>> {
        let mut clashes = Vec::new();
        for (row, outcome) in self.booker.rows().iter().zip(self.outcomes) {
            for conflict in conflicts(outcome) {
                clashes.push(self.name(row, conflict).await?);
            }
        }
        Ok(clashes)
    }

    async fn name(&mut self, row: &Row, conflict: Conflict) -> Result<Clash> {
        let Conflict { original, start, end, obstacle } = conflict;
        let Obstacle { cause, taken_by_bookings, taken_by_blocks } = obstacle;
        let mut in_the_way = Vec::new();
        for booking in taken_by_bookings {
            in_the_way.push(self.booking(booking).await?);
        }
        if !taken_by_blocks.is_empty() {
            let reasons = self.reasons(row, original).await?;
            let named = |id: BlockId| Other::Block { id, reason: reasons.get(&id).cloned() };
            in_the_way.extend(taken_by_blocks.into_iter().map(named));
        }
        Ok(Clash {
            line: row.line,
            title: row.title.clone(),
            room: row.room_name.clone(),
            local_start: original,
            start,
            end,
            cause,
            in_the_way,
        })
    }

    async fn booking(&mut self, id: BookingId) -> Result<Other> {
        if let Some(known) = self.bookings.get(&id) {
            return Ok(known.clone());
        }
        let answer = self.booker.client().get(&format!("/v1/bookings/{id}")).await?;
        let booking: Booking = answer.json()?;
        let title = booking.dimensions.extra.get("title").map(|title| title.as_str().to_owned());
        let other = Other::Booking { id, title };
        self.bookings.insert(id, other.clone());
        Ok(other)
    }

    /// What the blocks of a room around a date are for.
    async fn reasons(&self, row: &Row, at: NaiveDateTime) -> Result<HashMap<BlockId, String>> {
        // a class lasts no longer than a month
        let (from, to) = (at.date() - Days::new(1), at.date() + Days::new(33));
        let path = format!("/v1/resources/{}/blocks?from={from}&to={to}", row.room);
        let blocks: Blocks = self.booker.client().get(&path).await?.json()?;
        Ok(blocks.items.into_iter().map(|block| (block.id, block.reason)).collect())
    }
}

/// What is in the way of a row's dates: of all of them, or of those that were left out.
fn conflicts(outcome: &Outcome) -> Vec<Conflict> {
    match outcome {
        Outcome::Refused(conflicts) => conflicts.clone(),
        Outcome::Placed(Placed { view, .. }) => {
            let dates = view.occurrences.iter().cloned();
            let left_out = dates.filter_map(|date| {
                let (original, start, end) = (date.original, date.start, date.end);
                date.conflict.map(|obstacle| Conflict { original, start, end, obstacle })
            });
            left_out.collect()
        }
    }
}

impl fmt::Display for Clash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, title, room, local_start, cause, in_the_way, .. } = self;
        let at = local_start.format("%Y-%m-%d %H:%M");
        write!(f, "line {line}, {title}, {room} on {at}: {cause}")?;
        for (index, other) in in_the_way.iter().enumerate() {
            f.write_str(if index == 0 { ", by " } else { " and " })?;
            write!(f, "{other}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row { line, title } => write!(f, "line {line}, {title}"),
            Self::Booking { id, title: Some(title) } => write!(f, "{title} (booking {id})"),
            Self::Booking { id, title: None } => write!(f, "booking {id}"),
            Self::Block { id, reason: Some(reason) } => write!(f, "{reason} (block {id})"),
            Self::Block { id, reason: None } => write!(f, "block {id}"),
        }
    }
}
