//! A calendar: the inventory of one resource in one month, and the place where overselling is impossible.
//!
//! Capacity is a fact of this stream, so a decision needs nothing else. For every day the quantities
//! of all allocations together may not exceed the limits. A hold stops counting at its deadline by
//! itself; releasing it later is book-keeping and decides nothing.

mod command;
mod event;
mod inventory;
mod per_day;
#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use serde::{Deserialize, Serialize};

pub use command::{Command, Refusal};
pub use event::{Event, Take};

use crate::values::{BookingId, Limits, Month, Timestamp};
use inventory::Inventory;
use per_day::PerDay;

/// Raised whenever the serialised state changes, so that older snapshots are left alone.
pub const STATE_VERSION: u32 = 1;

/// A calendar so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    inventory: Option<Box<Inventory>>,
}

impl Calendar {
    /// The month, once the calendar was opened.
    pub fn month(&self) -> Option<Month> {
        self.inventory.as_ref().map(|inventory| inventory.month())
    }

    /// How many there are, once the calendar was opened.
    pub fn limits(&self) -> Option<Limits> {
        self.inventory.as_ref().map(|inventory| inventory.limits())
    }

    /// How many can still be taken on a day, as things stand at an instant; none outside the month.
    pub fn free(&self, day: NaiveDate, at: Timestamp) -> u32 {
        self.inventory.as_ref().map_or(0, |inventory| inventory.free(day, at))
    }

    /// How many more than exist are promised on a day, as things stand at an instant.
    pub fn overbooked_by(&self, day: NaiveDate, at: Timestamp) -> u32 {
        self.inventory.as_ref().map_or(0, |inventory| inventory.overbooked_by(day, at))
    }

    /// What a booking takes of this calendar, lapsed holds included until they are released.
    pub fn takes_of(&self, booking: BookingId) -> Vec<Take> {
        self.inventory.as_ref().map_or_else(Vec::new, |inventory| inventory.takes_of(booking))
    }

    /// About how many bytes the state takes.
    pub fn weight(&self) -> usize {
        size_of::<Self>() + self.inventory.as_ref().map_or(0, |inventory| inventory.weight())
    }

    /// Answers a command with new events, or refuses it. Pure: no clock, no I/O, no chance.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        if let Command::Open { month, limits, at } = command {
            return self.open(month, limits, at);
        }
        let inventory = self.inventory.as_deref().ok_or(Refusal::NotOpen)?;
        match command {
            Command::Open { .. } => Ok(Vec::new()),
            Command::ChangeLimits { limits, at } => {
                let changed = inventory.limits() != limits;
                Ok(if changed { vec![Event::LimitsChanged { limits, at }] } else { Vec::new() })
            }
            Command::Allocate { booking, takes, until, at } => {
                allocate(inventory, booking, &takes, until, at)
            }
            Command::Confirm { booking, at } => confirm(inventory, booking, at),
            Command::Reallocate { booking, takes, until, at } => {
                reallocate(inventory, booking, &takes, until, at)
            }
            Command::Release { booking, from, at } => Ok(release(inventory, booking, from, at)),
        }
    }

    /// Folds one event into the state. Total: whatever was stored can be replayed.
    pub fn evolve(&mut self, event: &Event) {
        if let Event::Opened { month, limits, at: _ } = event {
            self.inventory = Some(Box::new(Inventory::new(*month, *limits)));
            return;
        }
        let Some(inventory) = &mut self.inventory else { return };
        match event {
            Event::Opened { .. } => {}
            Event::LimitsChanged { limits, at: _ } => inventory.set_limits(*limits),
            Event::Allocated { booking, takes, until, overbooked: _, at }
            | Event::Reallocated { booking, takes, until, overbooked: _, at, freed: _ } => {
                inventory.put(*booking, takes, *until);
                inventory.advance(*at);
            }
            Event::Confirmed { booking, at } => {
                inventory.firm(*booking);
                inventory.advance(*at);
            }
            Event::Released { booking, freed, at: _ } => inventory.free_up(*booking, freed),
        }
    }

    fn open(&self, month: Month, limits: Limits, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        match self.month() {
            None => Ok(vec![Event::Opened { month, limits, at }]),
            Some(open) if open == month => Ok(Vec::new()), // a repeat is not a new fact
            Some(open) => Err(Refusal::OtherMonth { month: open }),
        }
    }
}

fn allocate(
    inventory: &Inventory,
    booking: BookingId,
    takes: &[Take],
    until: Option<Timestamp>,
    at: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    if inventory.has(booking) {
        return Err(Refusal::AlreadyAllocated);
    }
    let asked = asked(inventory, takes)?;
    if asked.is_empty() {
        return Err(Refusal::NothingAsked);
    }
    check_deadline(until, at)?;
    let overbooked = inventory.check_room(&asked, None, at)?;
    let takes = asked.takes(inventory.month());
    Ok(vec![Event::Allocated { booking, takes, until, overbooked, at }])
}

/// Until its deadline nobody else is given a hold's place, so it can be made firm without counting.
/// Only when clocks disagree can a decision at a later instant have passed the hold over already:
/// then its place must be counted anew.
fn confirm(
    inventory: &Inventory,
    booking: BookingId,
    at: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let Some(until) = inventory.deadline(booking)? else {
        return Ok(Vec::new()); // firm already: a repeat is not a new fact
    };
    if at >= until || (inventory.passed_over(until) && !inventory.still_fits(booking, at)) {
        return Err(Refusal::HoldEnded { at: until });
    }
    Ok(vec![Event::Confirmed { booking, at }])
}

fn reallocate(
    inventory: &Inventory,
    booking: BookingId,
    takes: &[Take],
    until: Option<Timestamp>,
    at: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    if takes.is_empty() {
        return Ok(release(inventory, booking, None, at));
    }
    if !inventory.has(booking) {
        return allocate(inventory, booking, takes, until, at);
    }
    let asked = asked(inventory, takes)?;
    if inventory.is_unchanged(booking, &asked, until, at) {
        return Ok(Vec::new());
    }
    check_deadline(until, at)?;
    let overbooked = inventory.check_room(&asked, Some(booking), at)?;
    let freed = inventory.takes_of(booking);
    let takes = asked.takes(inventory.month());
    Ok(vec![Event::Reallocated { booking, freed, takes, until, overbooked, at }])
}

fn release(
    inventory: &Inventory,
    booking: BookingId,
    from: Option<NaiveDate>,
    at: Timestamp,
) -> Vec<Event> {
    let mut freed = inventory.takes_of(booking);
    if let Some(from) = from {
        freed.retain_mut(|take| match take.days.on_or_after(from) {
            Some(days) => {
                take.days = days;
                true
            }
            None => false,
        });
    }
    if freed.is_empty() { Vec::new() } else { vec![Event::Released { booking, freed, at }] }
}

/// All takes summed up day by day, so that what is taken twice in one command counts twice.
fn asked(inventory: &Inventory, takes: &[Take]) -> Result<PerDay, Refusal> {
    let month = inventory.month();
    let inside = month.days();
    for Take { days, .. } in takes {
        if days.first() < inside.first() || days.end() > inside.end() {
            return Err(Refusal::OutsideMonth { month });
        }
    }
    Ok(PerDay::of(takes, month))
}

fn check_deadline(until: Option<Timestamp>, at: Timestamp) -> Result<(), Refusal> {
    match until {
        Some(until) if until <= at => Err(Refusal::DeadlinePassed { at: until }),
        Some(_) | None => Ok(()),
    }
}

impl Aggregate for Calendar {
    const TYPE: &'static str = "calendar";
    type Command = Command;
    type Event = Event;
    type Error = Refusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: Command,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), Refusal> {
        for event in self.decide(command)? {
            sink.write(event, self).await; // applies it as well
        }
        Ok(())
    }

    fn apply(&mut self, event: Event) {
        self.evolve(&event);
    }
}
