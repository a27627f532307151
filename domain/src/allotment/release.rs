//! Giving places up.

use std::collections::{BTreeMap, BTreeSet};

use super::allocation::{Allocation, Share};
use super::hall::SeatIndex;
use super::inventory::Inventory;
use super::order::found;
use super::{Event, Part, Refusal};
use crate::values::{BookingId, Code, Seat, Timestamp};

/// Releases all that a booking takes; nothing if it takes nothing, since a repeat is not a new fact.
pub(super) fn release_all(inventory: &Inventory, booking: BookingId, at: Timestamp) -> Vec<Event> {
    let freed = inventory.takes_of(booking);
    if freed.is_empty() { Vec::new() } else { vec![Event::Released { booking, freed, at }] }
}

/// Releases part of what a booking takes, all of the parts or none.
pub(super) fn release_parts(
    inventory: &Inventory,
    booking: BookingId,
    parts: &[Part],
    at: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let own = inventory.allocation(booking).ok_or(Refusal::NotAllocated)?;
    let mut given_up: BTreeMap<usize, (u32, BTreeSet<SeatIndex>)> = BTreeMap::new();
    for Part { offer: code, quantity, seats } in parts {
        let unknown = || Refusal::UnknownOffer { offer: code.clone() };
        let offer = inventory.offer(code).ok_or_else(unknown)?;
        check_seat_count(inventory, offer, code, quantity.get(), seats.len())?;
        let (units, given_up) = given_up.entry(offer).or_default();
        *units = units.saturating_add(quantity.get());
        let taken = own.share(offer).map_or(0, |share| share.quantity);
        if *units > taken {
            return Err(Refusal::NotTaken { offer: code.clone(), taken, asked: *units });
        }
        for seat in seats {
            if !given_up.insert(own_seat(inventory, own, offer, seat)?) {
                return Err(Refusal::SeatTwice { seat: seat.clone() });
            }
        }
    }
    let share = |(offer, (quantity, seats)): (usize, (u32, BTreeSet<_>))| Share {
        offer,
        quantity,
        seats: seats.into_iter().collect(),
    };
    let shares: Vec<_> = given_up.into_iter().map(share).collect();
    let freed = inventory.told(&shares);
    if freed.is_empty() {
        return Err(Refusal::NothingAsked);
    }
    Ok(vec![Event::Released { booking, freed, at }])
}

fn check_seat_count(
    inventory: &Inventory,
    offer: usize,
    code: &Code,
    quantity: u32,
    chosen: usize,
) -> Result<(), Refusal> {
    match inventory.seats_of(offer).map(|(_, seats)| seats * quantity) {
        None if chosen > 0 => Err(Refusal::NotSeated { offer: code.clone() }),
        Some(needed) if chosen != needed as usize => {
            Err(Refusal::SeatCount { offer: code.clone(), needed, chosen })
        }
        None | Some(_) => Ok(()),
    }
}

fn own_seat(
    inventory: &Inventory,
    own: &Allocation,
    offer: usize,
    seat: &Seat,
) -> Result<SeatIndex, Refusal> {
    let found = found(inventory, seat)?;
    let taken = own.share(offer).is_some_and(|share| share.seats.binary_search(&found).is_ok());
    if taken { Ok(found) } else { Err(Refusal::SeatNotTaken { seat: seat.clone() }) }
}
