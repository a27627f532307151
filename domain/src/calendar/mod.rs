//! A calendar: the inventory of one resource in one month, and the place where overselling is impossible.
//!
//! Capacity is a fact of this stream, so a decision needs nothing else. A calendar is sold by nights or
//! by times: everywhere on its days, or minutes, the quantities of all allocations together may not
//! exceed the limits. A hold stops counting at its deadline by itself; releasing it later is
//! book-keeping and decides nothing. A block counts like a booking, but belongs to nobody; what is set aside for a
//! voucher counts like a hold until the voucher ends.

mod aside;
mod axis;
mod command;
mod counts;
mod decide;
mod event;
mod inventory;
mod occupant;
mod room;
mod span;
mod take;
#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use aside::Drawn;
pub use command::{Aside, Command, Obstacle, Refusal};
pub use event::Event;
pub use occupant::Occupant;
pub use take::{Beside, Extent, Point, SoldBy, Take};

use crate::values::{
    BlockId, BookingId, DayRange, Limits, Month, Reason, TimeRange, Timestamp, VoucherId,
};
use axis::Axis;
use inventory::Inventory;

/// Raised whenever the serialised state changes, so that older snapshots are left alone.
pub const STATE_VERSION: u32 = 3;

/// A calendar so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    inventory: Option<Box<Inventory>>,
}

/// What nobody may book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its name.
    pub id: BlockId,
    /// Which days or times, and how many of each.
    pub takes: Vec<Take>,
    /// What for.
    pub reason: Reason,
}

impl Calendar {
    /// The month, once the calendar was opened.
    pub fn month(&self) -> Option<Month> {
        self.inventory.as_ref().map(|inventory| inventory.axis().month())
    }

    /// The time of the month, if the calendar was opened to be sold by times. It stays as it was then,
    /// whatever becomes of the zone.
    pub fn time(&self) -> Option<TimeRange> {
        self.inventory.as_ref().and_then(|inventory| inventory.axis().time())
    }

    /// How many there are, once the calendar was opened.
    pub fn limits(&self) -> Option<Limits> {
        self.inventory.as_ref().map(|inventory| inventory.limits())
    }

    /// How many can still be taken on a day, as things stand at an instant; none outside the month.
    pub fn free(&self, day: NaiveDate, at: Timestamp) -> u32 {
        self.free_over(Extent::Days(DayRange::single(day)), at)
    }

    /// How many can still be taken throughout some days or a time: the fewest that are free anywhere in
    /// it. None if not all of it is in the month, or of the kind the calendar is not sold by.
    pub fn free_over(&self, extent: Extent, at: Timestamp) -> u32 {
        self.inventory.as_ref().and_then(|inventory| inventory.free(extent, at)).unwrap_or(0)
    }

    /// How many more than exist are promised on a day, as things stand at an instant.
    pub fn overbooked_by(&self, day: NaiveDate, at: Timestamp) -> u32 {
        self.overbooked_over(Extent::Days(DayRange::single(day)), at)
    }

    /// How many more than exist are promised at most anywhere in some days or a time of this calendar.
    pub fn overbooked_over(&self, extent: Extent, at: Timestamp) -> u32 {
        self.inventory
            .as_ref()
            .and_then(|inventory| inventory.overbooked_by(extent, at))
            .unwrap_or(0)
    }

    /// What a booking takes of this calendar, lapsed holds included until they are released.
    pub fn takes_of(&self, booking: BookingId) -> Vec<Take> {
        self.inventory.as_ref().map_or_else(Vec::new, |inventory| inventory.takes_of(booking))
    }

    /// What is set aside for a voucher, lapsed or not.
    pub fn aside_for(&self, voucher: VoucherId) -> Vec<Take> {
        self.inventory.as_ref().map_or_else(Vec::new, |inventory| inventory.aside_for(voucher))
    }

    /// What a booking that asks for something here with a voucher has of what is set aside for it, if it had some of it
    /// before. Buffers come from it too where they lie in it.
    pub fn drawn(&self, voucher: VoucherId, asked: &[Take], had: &[Take], at: Timestamp) -> Drawn {
        let inventory = self.inventory.as_ref();
        inventory.map_or_else(Drawn::default, |inventory| inventory.drawn(voucher, asked, had, at))
    }

    /// The bookings that count at an instant and of which a time begins within a range, buffers apart, in no
    /// order: for limits on how many may. It looks at every booking of the month. The part of a time that runs on from
    /// the month before counts as beginning with the month; the calendar of that month tells which those are.
    pub fn begun_within(&self, range: TimeRange, at: Timestamp) -> impl Iterator<Item = BookingId> {
        self.inventory.iter().flat_map(move |inventory| inventory.begun_within(range, at))
    }

    /// Who takes anything of some days or a time at an instant: blocks, bookings, then vouchers, in the order of
    /// their ids. This looks at all that is taken of the calendar.
    pub fn occupants(&self, extent: Extent, at: Timestamp) -> Vec<Occupant> {
        let inventory = self.inventory.as_ref();
        inventory.map_or_else(Vec::new, |inventory| inventory.occupants(extent, at))
    }

    /// What is blocked, in the order of the blocks' ids.
    pub fn blocks(&self) -> impl Iterator<Item = Block> {
        self.inventory.iter().flat_map(|inventory| inventory.blocks())
    }

    /// About how many bytes the state takes.
    pub fn weight(&self) -> usize {
        size_of::<Self>() + self.inventory.as_ref().map_or(0, |inventory| inventory.weight())
    }

    /// Answers a command with new events, or refuses it. Pure: no clock, no I/O, no chance.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        if let Command::Open { month, sold_by, limits, at } = command {
            return self.open(month, sold_by, limits, at);
        }
        let inventory = self.inventory.as_deref().ok_or(Refusal::NotOpen)?;
        match command {
            Command::Open { .. } => Ok(Vec::new()),
            Command::ChangeLimits { limits, at } => {
                let changed = inventory.limits() != limits;
                Ok(if changed { vec![Event::LimitsChanged { limits, at }] } else { Vec::new() })
            }
            Command::Allocate { booking, takes, until, at } => {
                decide::allocate(inventory, booking, &takes, until, at)
            }
            Command::Confirm { booking, at } => decide::confirm(inventory, booking, at),
            Command::Reallocate { booking, takes, until, at } => {
                decide::reallocate(inventory, (booking, None), &takes, until, at)
            }
            Command::Release { booking, from, at } => decide::release(inventory, booking, from, at),
            Command::Block { block, takes, reason, at } => {
                decide::block(inventory, block, &takes, reason, at)
            }
            Command::Unblock { block, at } => Ok(decide::unblock(inventory, block, at)),
            Command::SetAside { voucher, takes, until, how_much, at } => {
                aside::set_aside(inventory, voucher, (&takes, how_much), until, at)
            }
            Command::Draw { voucher, drawn, booking, takes, until, at } => {
                let drawn = inventory.drawing(voucher, &drawn, at);
                let mut events =
                    decide::reallocate(inventory, (booking, drawn.as_ref()), &takes, until, at)?;
                events
                    .splice(0..0, drawn.and_then(|d| aside::lessened(inventory, voucher, &d, at)));
                Ok(events)
            }
        }
    }

    /// Folds one event into the state. Total: whatever was stored can be replayed.
    pub fn evolve(&mut self, event: &Event) {
        if let Event::Opened { month, limits, times, at: _ } = event {
            let axis = times.map_or(Axis::Days(*month), |time| Axis::Minutes(*month, time));
            self.inventory = Some(Box::new(Inventory::new(axis, *limits)));
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
            Event::Blocked { block, takes, reason, overbooked: _, at } => {
                inventory.put_block(*block, takes, reason);
                inventory.advance(*at);
            }
            Event::Unblocked { block, freed: _, at: _ } => inventory.remove_block(*block),
            Event::SetAside { voucher, freed: _, takes, until, overbooked: _, at } => {
                inventory.put_aside(*voucher, takes, *until);
                inventory.advance(*at);
            }
        }
    }

    fn open(
        &self,
        month: Month,
        sold_by: SoldBy,
        limits: Limits,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let times = match sold_by {
            SoldBy::Nights => None,
            SoldBy::Times { zone, beside } => Some(beside.bound(month.time(zone))),
        };
        match self.month() {
            None => Ok(vec![Event::Opened { month, limits, times, at }]),
            Some(open) if open != month => Err(Refusal::OtherMonth { month: open }),
            Some(_) if self.time().is_some() != times.is_some() => Err(Refusal::OtherShape),
            Some(_) => Ok(Vec::new()), // a repeat is not a new fact
        }
    }
}

crate::aggregate::aggregate!(Calendar, "calendar");
