//! The answer to each command, given what is taken.

use smallvec::SmallVec;

use super::inventory::{Allocation, Inventory};
use super::span::Spans;
use super::{Event, Point, Refusal, Take};
use crate::values::{BlockId, BookingId, Reason, Timestamp};

pub(super) fn allocate(
    inventory: &Inventory,
    booking: BookingId,
    takes: &[Take],
    until: Option<Timestamp>,
    at: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    if inventory.has(booking) {
        return Err(Refusal::AlreadyAllocated);
    }
    if takes.is_empty() {
        return Err(Refusal::NothingAsked);
    }
    reallocate(inventory, (booking, None), takes, until, at)
}

/// Until its deadline nobody else is given a hold's place, so it can be made firm without counting.
/// Only when clocks disagree can a decision at a later instant have passed the hold over already:
/// then its place must be counted anew.
pub(super) fn confirm(
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

/// Lets a booking take others instead of what it has, and instead of what is given up for it besides.
pub(super) fn reallocate(
    inventory: &Inventory,
    (booking, besides): (BookingId, Option<&Allocation>),
    takes: &[Take],
    until: Option<Timestamp>,
    at: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    if takes.is_empty() {
        return release(inventory, booking, None, at);
    }
    let own = inventory.own(booking);
    let asked = asked(inventory, takes)?;
    if inventory.is_unchanged(booking, &asked, until, at) {
        return Ok(Vec::new());
    }
    check_deadline(until, at)?;
    let given_up: SmallVec<[&Allocation; 2]> = own.into_iter().chain(besides).collect();
    let overbooked = inventory.check_room(&asked, &given_up, at)?;
    let takes = inventory.axis().takes(&asked);
    if own.is_none() {
        return Ok(vec![Event::Allocated { booking, takes, until, overbooked, at }]);
    }
    let freed = inventory.takes_of(booking);
    Ok(vec![Event::Reallocated { booking, freed, takes, until, overbooked, at }])
}

pub(super) fn release(
    inventory: &Inventory,
    booking: BookingId,
    from: Option<Point>,
    at: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let mut freed = inventory.takes_of(booking);
    if let Some(from) = from {
        if !inventory.axis().knows(from) {
            return Err(Refusal::OtherShape);
        }
        freed = freed.into_iter().filter_map(|take| take.on_or_after(from)).collect();
    }
    Ok(if freed.is_empty() { Vec::new() } else { vec![Event::Released { booking, freed, at }] })
}

/// A block needs room like a booking: whoever is there already has to be moved first.
pub(super) fn block(
    inventory: &Inventory,
    block: BlockId,
    takes: &[Take],
    reason: Reason,
    at: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let asked = asked(inventory, takes)?;
    let takes = inventory.axis().takes(&asked);
    if let Some(there) = inventory.block(block) {
        let same = there.takes == takes && there.reason == reason;
        return if same { Ok(Vec::new()) } else { Err(Refusal::AlreadyBlocked) };
    }
    let overbooked = inventory.check_room(&asked, &[], at)?;
    Ok(vec![Event::Blocked { block, takes, reason, overbooked, at }])
}

pub(super) fn unblock(inventory: &Inventory, block: BlockId, at: Timestamp) -> Vec<Event> {
    let there = inventory.block(block);
    there.map(|there| Event::Unblocked { block, freed: there.takes, at }).into_iter().collect()
}

/// What is asked for in all, if it is something that can be had here.
fn asked(inventory: &Inventory, takes: &[Take]) -> Result<Spans, Refusal> {
    let asked = inventory.axis().asked(takes)?;
    if asked.is_empty() { Err(Refusal::NothingAsked) } else { Ok(asked) }
}

pub(super) fn check_deadline(until: Option<Timestamp>, at: Timestamp) -> Result<(), Refusal> {
    match until {
        Some(until) if until <= at => Err(Refusal::DeadlinePassed { at: until }),
        Some(_) | None => Ok(()),
    }
}
