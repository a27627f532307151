//! Keeping seats from being sold, and letting them be sold again.

use std::collections::BTreeSet;

use super::hall::{SeatIndex, SeatState};
use super::inventory::Inventory;
use super::order::found;
use super::others::Others;
use super::{Event, Obstacle, Places, Refusal};
use crate::values::{Seat, Timestamp};

/// Blocks seats that are free, all or none; those that are blocked already are passed over.
pub(super) fn block(
    inventory: &Inventory,
    seats: &[Seat],
    at: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let standing = Others::new(inventory, None, at);
    let mut chosen = BTreeSet::new();
    for seat in seats {
        let found = found(inventory, seat)?;
        match standing.seats.state(found).obstacle() {
            None => {
                chosen.insert(found);
            }
            Some(Obstacle::Blocked) => {}
            Some(
                reason @ (Obstacle::Held
                | Obstacle::WaitingList
                | Obstacle::Sold
                | Obstacle::Capacity),
            ) => {
                return Err(Refusal::SeatNotFree { seat: seat.clone(), reason });
            }
        }
    }
    let told = told(inventory, chosen);
    Ok(told.map(|(seats, places)| Event::SeatsBlocked { seats, places, at }).into_iter().collect())
}

/// Lets blocked seats be sold; those that are not blocked are passed over.
pub(super) fn unblock(
    inventory: &Inventory,
    seats: &[Seat],
    at: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let mut chosen = BTreeSet::new();
    for seat in seats {
        let found = found(inventory, seat)?;
        if inventory.hall().state(found) == SeatState::Blocked {
            chosen.insert(found);
        }
    }
    let told = told(inventory, chosen);
    Ok(told
        .map(|(seats, places)| Event::SeatsUnblocked { seats, places, at })
        .into_iter()
        .collect())
}

/// The seats as an event tells them, unless there are none.
fn told(inventory: &Inventory, chosen: BTreeSet<SeatIndex>) -> Option<(Vec<Seat>, Vec<Places>)> {
    let chosen: Vec<_> = chosen.into_iter().collect();
    let seats: Vec<_> = chosen.iter().filter_map(|seat| inventory.seat_name(*seat)).collect();
    (!seats.is_empty()).then(|| (seats, inventory.places_of(&chosen)))
}
