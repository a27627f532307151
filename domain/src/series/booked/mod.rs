//! A series as it was booked: which booking each of its dates is, which dates were left out, and why.
//!
//! Each date is a booking of its own and can be changed by itself; how far it has come is for the
//! booking to say. What is changed for several dates at once is remembered here as well.

mod command;
mod event;
mod outcome;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Bound;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

pub use command::{Command, Refusal};
pub use event::{Created, Dated, Event, Kept, Moved};
pub use outcome::{Cause, Hindrance, Outcome};

use super::{NoSuchOccurrence, Scope, Series};
use crate::values::{BookingId, CustomerId, ListingId, Reason, Timestamp, Zone};

/// Raised whenever the serialised state changes, so that older snapshots are left alone.
pub const STATE_VERSION: u32 = 1;

/// A booked series so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookedSeries {
    details: Option<Box<Details>>,
}

/// What decisions and the edges read of a series that was booked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// What listing was booked.
    pub listing: ListingId,
    /// Who booked.
    pub customer: CustomerId,
    /// Where the wall clock of its dates hangs.
    pub zone: Zone,
    /// What became of each date, by its original local start.
    pub fates: BTreeMap<NaiveDateTime, Fate>,
}

/// What has become of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It is a booking of its own.
    Booked(BookingId),
    /// It was left out.
    Skipped,
    /// It was called off together with others or by its name in the series.
    Cancelled(BookingId),
}

impl Details {
    /// The dates that a change concerns, in order.
    pub fn concerned(
        &self,
        scope: Scope,
    ) -> Result<impl Iterator<Item = (NaiveDateTime, Fate)> + use<'_>, NoSuchOccurrence> {
        let (first, last) = match scope {
            Scope::One(original) => (Bound::Included(original), Bound::Included(original)),
            Scope::Following(original) => (Bound::Included(original), Bound::Unbounded),
            Scope::All => (Bound::Unbounded, Bound::Unbounded),
        };
        match scope {
            Scope::One(original) | Scope::Following(original) => self.fate(original).map(drop)?,
            Scope::All => {}
        }
        Ok(self.fates.range((first, last)).map(|(original, fate)| (*original, *fate)))
    }

    /// What has become of a date.
    pub fn fate(&self, original: NaiveDateTime) -> Result<Fate, NoSuchOccurrence> {
        self.fates.get(&original).copied().ok_or(NoSuchOccurrence(original))
    }

    /// Refuses a date that was left out or called off.
    pub fn check_booked(&self, original: NaiveDateTime) -> Result<(), Refusal> {
        match self.fate(original)? {
            Fate::Booked(_) => Ok(()),
            Fate::Skipped => Err(Refusal::WasSkipped(original)),
            Fate::Cancelled(_) => Err(Refusal::WasCancelled(original)),
        }
    }
}

impl BookedSeries {
    /// The series, once it was booked.
    pub fn details(&self) -> Option<&Details> {
        self.details.as_deref()
    }

    /// About how many bytes the state takes.
    pub fn weight(&self) -> usize {
        let entry = size_of::<(NaiveDateTime, Fate)>() * 3 / 2; // nodes of the map are about two thirds full
        let details = self
            .details
            .as_ref()
            .map_or(0, |details| size_of::<Details>() + details.fates.len() * entry);
        size_of::<Self>() + details
    }

    /// Answers a command with new events, or refuses it. Pure: no clock, no I/O, no chance.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Create { listing, customer, series, outcomes, at } => {
                if self.details.is_some() {
                    return Err(Refusal::AlreadyExists);
                }
                let occurrences = accounted(&series, outcomes)?;
                let plan = series.plan().clone();
                let created = Created { listing, customer, plan, occurrences, at };
                Ok(vec![Event::Created(Box::new(created))])
            }
            Command::Cancel { occurrences, reason, at } => self.cancel(occurrences, reason, at),
            Command::Confirm { occurrences, lapsed, at } => self.confirm(occurrences, lapsed, at),
            Command::Reschedule { moved, kept, at } => self.reschedule(moved, kept, at),
        }
    }

    /// Folds one event into the state. Total: whatever was stored can be replayed.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::Created(created) => {
                let fate = |dated: &Dated| match dated.outcome {
                    Outcome::Booked(booking) => Fate::Booked(booking),
                    Outcome::Skipped(_) => Fate::Skipped,
                };
                let dates = created.occurrences.iter();
                self.details = Some(Box::new(Details {
                    listing: created.listing,
                    customer: created.customer,
                    zone: created.plan.zone,
                    fates: dates.map(|dated| (dated.original, fate(dated))).collect(),
                }));
            }
            Event::Cancelled { occurrences, reason: _, at: _ } => {
                let Some(details) = &mut self.details else { return };
                for original in occurrences {
                    if let Some(fate) = details.fates.get_mut(original)
                        && let Fate::Booked(booking) = *fate
                    {
                        *fate = Fate::Cancelled(booking);
                    }
                }
            }
            // how far a date has come, and when it takes place, is for its booking to say
            Event::Confirmed { occurrences: _, lapsed: _, at: _ }
            | Event::Rescheduled { moved: _, kept: _, at: _ } => {}
        }
    }

    fn cancel(
        &self,
        mut occurrences: Vec<NaiveDateTime>,
        reason: Option<Reason>,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let details = self.found()?;
        for original in &occurrences {
            if details.fate(*original)? == Fate::Skipped {
                return Err(Refusal::WasSkipped(*original));
            }
        }
        occurrences.retain(|original| matches!(details.fate(*original), Ok(Fate::Booked(_))));
        occurrences.sort_unstable();
        occurrences.dedup();
        if occurrences.is_empty() {
            return Ok(Vec::new()); // a repeat is not a new fact
        }
        Ok(vec![Event::Cancelled { occurrences, reason, at }])
    }

    fn confirm(
        &self,
        occurrences: Vec<NaiveDateTime>,
        lapsed: Vec<NaiveDateTime>,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let details = self.found()?;
        for original in occurrences.iter().chain(&lapsed) {
            details.check_booked(*original)?;
        }
        if occurrences.is_empty() {
            return Ok(Vec::new()); // nothing was kept that was not kept before
        }
        Ok(vec![Event::Confirmed { occurrences, lapsed, at }])
    }

    fn reschedule(
        &self,
        mut moved: Vec<Moved>,
        kept: Vec<Kept>,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let details = self.found()?;
        for date in &moved {
            details.check_booked(date.original)?;
        }
        moved.retain(|date| date.from != date.to || date.resource.is_some());
        if moved.is_empty() {
            return Ok(Vec::new()); // everything is as it was
        }
        Ok(vec![Event::Rescheduled { moved, kept, at }])
    }

    fn found(&self) -> Result<&Details, Refusal> {
        self.details().ok_or(Refusal::NotFound)
    }
}

/// The dates of a series with what became of each; at least one of them is a booking.
fn accounted(
    series: &Series,
    mut outcomes: BTreeMap<NaiveDateTime, Outcome>,
) -> Result<Vec<Dated>, Refusal> {
    let mut occurrences = Vec::with_capacity(series.occurrences().len());
    for occurrence in series.occurrences() {
        let original = occurrence.original;
        let outcome = outcomes.remove(&original).ok_or(Refusal::Unaccounted(original))?;
        occurrences.push(Dated { original, time: occurrence.time, outcome });
    }
    if let Some(unknown) = outcomes.into_keys().next() {
        return Err(NoSuchOccurrence(unknown).into());
    }
    let is_booked = |dated: &Dated| matches!(dated.outcome, Outcome::Booked(_));
    if occurrences.iter().any(is_booked) { Ok(occurrences) } else { Err(Refusal::NothingBooked) }
}

crate::aggregate::aggregate!(BookedSeries, "series");
