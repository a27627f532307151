//! A waiting list: who is served first when something that is sold out becomes free.
//!
//! There is one for each session and for each resource. It knows who waits for what and in which order; whether there is
//! room is asked of the inventory, where an offer is a hold like any other. So nobody can be given what was offered, and
//! an offer that nobody takes ends by itself.

mod command;
mod entry;
mod event;
mod queue;
mod stock;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use command::{Command, Refusal};
pub use entry::{Entry, NewEntry, Status, Wanted};
pub use event::{Ending, Event};
pub use queue::{Deed, Queue, Turn};
pub use stock::{Selling, Stock, Vacancy, in_calendar, in_session, seating};

use crate::values::{CustomerId, Length, Priority, Timestamp, WaitingEntryId};

/// Raised whenever the serialised state changes, so that older snapshots are left alone.
pub const STATE_VERSION: u32 = 1;

/// The most who wait at the same time.
pub const MAX_ENTRIES: usize = 1000;

/// The most entries of one customer at the same time.
pub const MAX_OF_CUSTOMER: usize = 10;

/// A waiting list so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingList {
    queue: Queue,
    /// What became of those who wait no longer.
    past: BTreeMap<WaitingEntryId, Status>,
    /// How many have joined so far.
    joined: u64,
    terms_version: i64,
}

impl WaitingList {
    /// Those who wait or have an offer.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// How far an entry has come, if there ever was one.
    pub fn status(&self, entry: WaitingEntryId) -> Option<Status> {
        let live = self.queue.entry(entry).map(Entry::status);
        live.or_else(|| self.past.get(&entry).copied())
    }

    /// How often its terms were changed. Those who join do not count.
    pub fn terms_version(&self) -> i64 {
        self.terms_version
    }

    /// About how many bytes the state takes.
    pub fn weight(&self) -> usize {
        let past = size_of::<(WaitingEntryId, Status)>() * 3 / 2; // nodes of the map are about two thirds full
        size_of::<Self>() + self.queue.weight() + self.past.len() * past
    }

    /// Answers a command with new events, or refuses it. Pure: no clock, no I/O, no chance.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Join { entry, vacancy, at } => self.join(entry, vacancy, at),
            Command::SetTerms { offer_for, at } => Ok(self.set_terms(offer_for, at)),
            Command::Prioritize { entry, priority, at } => {
                let waiting = self.live(entry)?;
                let same = waiting.priority == priority; // a repeat is not a new fact
                let event = Event::Prioritized { entry, priority, at };
                Ok(if same { Vec::new() } else { vec![event] })
            }
            Command::Accept { entry, customer, wanted, at } => {
                self.accept(entry, customer, wanted.as_ref(), at)
            }
            Command::Decline { entry, at } => {
                if self.status(entry) == Some(Status::Declined) {
                    return Ok(Vec::new());
                }
                self.offered(entry, at)?;
                Ok(vec![Event::Declined { entry, at }])
            }
            Command::Leave { entry, at } => {
                if self.status(entry) == Some(Status::Left) {
                    return Ok(Vec::new());
                }
                self.live(entry)?;
                Ok(vec![Event::Left { entry, at }])
            }
        }
    }

    /// Folds one event into the state. Total: whatever was stored can be replayed.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::Joined { entry, customer, listing, wanted, priority, wait_until, at } => {
                self.queue.insert(Entry {
                    id: *entry,
                    customer: *customer,
                    listing: *listing,
                    wanted: wanted.clone(),
                    priority: *priority,
                    number: self.joined,
                    wait_until: *wait_until,
                    joined_at: *at,
                    offered_until: None,
                });
                self.joined += 1;
            }
            Event::TermsSet { offer_for, at: _ } => {
                self.queue.set_offer_for(*offer_for);
                self.terms_version += 1;
            }
            Event::Prioritized { entry, priority, at: _ } => {
                self.queue.change(*entry, |entry| entry.priority = *priority);
            }
            Event::Offered { entry, until, at: _ } => {
                self.queue.change(*entry, |entry| entry.offered_until = Some(*until));
            }
            Event::Accepted { entry, at: _ } => self.end(*entry, Status::Accepted),
            Event::Declined { entry, at: _ } => self.end(*entry, Status::Declined),
            Event::Expired { entry, at: _ } => self.end(*entry, Status::Expired),
            Event::Left { entry, at: _ } => self.end(*entry, Status::Left),
            Event::Ended { entry, ending, at: _ } => self.end(*entry, ending.status()),
        }
    }

    fn end(&mut self, entry: WaitingEntryId, status: Status) {
        self.queue.remove(entry);
        self.past.insert(entry, status);
    }

    fn join(&self, new: NewEntry, vacancy: Vacancy, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        let NewEntry { id: entry, customer, listing, wanted, priority, wait_until } = new;
        if self.status(entry).is_some() {
            return Err(Refusal::AlreadyJoined);
        }
        if let Some(until) = wait_until.filter(|until| *until <= at) {
            return Err(Refusal::DeadlinePassed { at: until });
        }
        let own = || self.queue.entries().iter().filter(|entry| entry.customer == customer);
        if let Some(other) = own().find(|entry| entry.wanted.overlaps(&wanted)) {
            return Err(Refusal::AlreadyWaiting { entry: other.id });
        }
        if own().count() >= MAX_OF_CUSTOMER {
            return Err(Refusal::TooManyOfCustomer);
        }
        match vacancy {
            Vacancy::Free => return Err(Refusal::StillFree),
            Vacancy::Never => return Err(Refusal::NeverFree),
            Vacancy::Taken => {}
        }
        if self.queue.entries().len() >= MAX_ENTRIES {
            return Err(Refusal::Full);
        }
        Ok(vec![Event::Joined { entry, customer, listing, wanted, priority, wait_until, at }])
    }

    fn set_terms(&self, offer_for: Length, at: Timestamp) -> Vec<Event> {
        let same = self.queue.offer_for() == Some(offer_for);
        if same { Vec::new() } else { vec![Event::TermsSet { offer_for, at }] }
    }

    /// Only whoever it was offered to can have it, and only what was offered.
    fn accept(
        &self,
        entry: WaitingEntryId,
        customer: CustomerId,
        wanted: Option<&Wanted>,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let offered = self.offered(entry, at)?;
        if offered.customer != customer {
            return Err(Refusal::OtherCustomer);
        }
        if !wanted.is_some_and(|wanted| offered.wanted.is_same(wanted)) {
            return Err(Refusal::OtherThanOffered);
        }
        Ok(vec![Event::Accepted { entry, at }])
    }

    /// An entry that waits or has an offer.
    fn live(&self, entry: WaitingEntryId) -> Result<&Entry, Refusal> {
        let past = || self.past.get(&entry).copied();
        let gone = || past().map_or(Refusal::NotFound, |status| Refusal::Ended { status });
        self.queue.entry(entry).ok_or_else(gone)
    }

    /// An entry with an offer that can still be accepted.
    fn offered(&self, entry: WaitingEntryId, at: Timestamp) -> Result<&Entry, Refusal> {
        let offered = self.live(entry)?;
        match offered.offered_until {
            None => Err(Refusal::NotOffered),
            Some(until) if until <= at => Err(Refusal::OfferEnded { at: until }),
            Some(_) => Ok(offered),
        }
    }
}

/// The order in which entries are served: the higher priority first, then who has waited longer.
fn turn(entry: &Entry) -> (std::cmp::Reverse<Priority>, u64) {
    (std::cmp::Reverse(entry.priority), entry.number)
}

crate::aggregate::aggregate!(WaitingList, "waiting_list");
