//! Those who wait, in the order in which they are served, and whose turn it is.

use std::sync::Arc;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{Ending, Entry, Event, Selling, Stock, Vacancy, Wanted, turn};
use crate::values::{Length, Timestamp, WaitingEntryId};

/// How long something is offered, unless the list says: a day.
const USUAL: TimeDelta = TimeDelta::days(1);

/// Those who wait or have an offer. Cheap to clone, so that it can be gone through while the inventory is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// In the order in which they are served.
    entries: Arc<Vec<Entry>>,
    offer_for: Option<Length>,
}

/// What happens next to an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The entry.
    pub entry: Entry,
    /// What is recorded of it.
    pub event: Event,
    /// What is done to the inventory.
    pub deed: Deed,
}

/// What happens to the inventory when it is somebody's turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It is held for the entry, under the entry's id.
    Hold {
        /// Until when.
        until: Timestamp,
    },
    /// What was held for the entry is free again.
    Release,
    /// Nothing.
    Nothing,
}

impl Queue {
    /// Those who wait or have an offer, in the order in which they are served.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// One who waits or has an offer.
    pub fn entry(&self, id: WaitingEntryId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    /// For how long something is offered, if the list says.
    pub fn offer_for(&self) -> Option<Length> {
        self.offer_for
    }

    /// Whose turn it is, and what happens to them; nobody's, if all is as it should be. Once it has happened, it may be
    /// another's turn.
    ///
    /// The higher priority comes first, then who has waited longer. What suits nobody before is offered to whoever is
    /// behind, so that a group does not keep free what is too little for it.
    pub fn next<S: Stock>(&self, stock: &mut S, at: Timestamp) -> Result<Option<Turn>, S::Fault> {
        let concerned = self.entries.iter().filter(|entry| stock.concerns(&entry.wanted));
        let concerned: Vec<_> = concerned.collect();
        // what is given back first can be offered next
        for entry in &concerned {
            let selling = stock.selling(&entry.wanted, at)?;
            if let Some(turn) = over(entry, selling, at) {
                return Ok(Some(turn));
            }
        }
        let mut taken: Vec<&Wanted> = Vec::new();
        for entry in concerned {
            let waits = entry.offered_until.is_none() && entry.joined_at <= at;
            if !waits || taken.iter().any(|taken| entry.wanted.is_at_least(taken)) {
                continue;
            }
            let Selling::Until(closes) = stock.selling(&entry.wanted, at)? else { continue };
            let until = closes.min(at + self.offer_for.map_or(USUAL, duration));
            match stock.vacancy(entry, until, at)? {
                Vacancy::Free => {
                    let event = Event::Offered { entry: entry.id, until, at };
                    let deed = Deed::Hold { until };
                    return Ok(Some(Turn { entry: entry.clone(), event, deed }));
                }
                Vacancy::Taken => taken.push(&entry.wanted),
                Vacancy::Never => {}
            }
        }
        Ok(None)
    }

    pub(super) fn set_offer_for(&mut self, offer_for: Length) {
        self.offer_for = Some(offer_for);
    }

    pub(super) fn insert(&mut self, entry: Entry) {
        let entries = Arc::make_mut(&mut self.entries);
        let place = entries.partition_point(|other| turn(other) <= turn(&entry));
        entries.insert(place, entry);
    }

    pub(super) fn remove(&mut self, id: WaitingEntryId) -> Option<Entry> {
        let place = self.entries.iter().position(|entry| entry.id == id)?;
        Some(Arc::make_mut(&mut self.entries).remove(place))
    }

    pub(super) fn change(&mut self, id: WaitingEntryId, change: impl FnOnce(&mut Entry)) {
        if let Some(mut entry) = self.remove(id) {
            change(&mut entry);
            self.insert(entry);
        }
    }

    pub(super) fn weight(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>()
    }
}

/// What happens to an entry that need not wait any longer, or whose offer ended.
fn over(entry: &Entry, selling: Selling, at: Timestamp) -> Option<Turn> {
    let id = entry.id;
    let ending = match selling {
        Selling::CalledOff => Some(Ending::CalledOff),
        Selling::Over => Some(Ending::Over),
        Selling::Until(_) => None,
    };
    let given_up = entry.wait_until.filter(|until| *until <= at).map(|_| Ending::GaveUp);
    let (event, deed) = match entry.offered_until {
        Some(_) if selling == Selling::CalledOff => {
            (Event::Ended { entry: id, ending: Ending::CalledOff, at }, Deed::Release)
        }
        Some(until) if until <= at => (Event::Expired { entry: id, at }, Deed::Release),
        Some(_) => return None,
        None => {
            let ending = ending.or(given_up)?;
            (Event::Ended { entry: id, ending, at }, Deed::Nothing)
        }
    };
    Some(Turn { entry: entry.clone(), event, deed })
}

fn duration(length: Length) -> TimeDelta {
    TimeDelta::minutes(length.get().into())
}
