//! What stands in the way of one command: all that counts at its instant, but what its own booking takes.

use super::allocation::{Allocation, Counts};
use super::hall::SeatState;
use super::inventory::Inventory;
use super::refusal::{Obstacle, Refusal};
use super::sketch::Sketch;
use crate::values::{BookingId, CustomerId, Timestamp};

/// Who asks for places, and what that booking takes already.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a> {
    pub(super) booking: BookingId,
    pub(super) customer: CustomerId,
    pub(super) own: Option<&'a Allocation>,
}

pub(super) struct Others<'a> {
    inventory: &'a Inventory,
    taken: Counts,
    sold: Counts,
    /// What the booking itself has for sure: so much of a pool is never refused to it.
    assured: Counts,
    /// How many units of offers the customer has in other bookings.
    pub(super) units: u32,
    pub(super) seats: Sketch<'a>,
}

impl<'a> Others<'a> {
    /// What others than the booking that asks take at an instant, and how much of it is its customer's.
    pub(super) fn new(inventory: &'a Inventory, asking: Option<Asking<'_>>, at: Timestamp) -> Self {
        let (booking, customer) = asking.map(|asking| (asking.booking, asking.customer)).unzip();
        let mut others = Self {
            inventory,
            taken: inventory.taken().clone(),
            sold: inventory.sold().clone(),
            assured: inventory.taken().iter().map(|_| 0).collect(),
            units: customer.map_or(0, |customer| inventory.units_of(customer)),
            seats: Sketch::new(inventory.hall()),
        };
        for (_, other) in inventory.differing(at).filter(|(id, _)| Some(*id) != booking) {
            if inventory.is_past(at) {
                others.add(other, customer);
            } else {
                others.subtract(other, customer);
            }
        }
        // last, so that a seat the booking has for sure is free for it whoever held it before
        let own = asking.and_then(|asking| asking.own);
        if let Some(own) = own.filter(|own| inventory.is_in_taken(own)) {
            others.subtract(own, customer);
            if own.counts(at) {
                inventory.draws().add(&mut others.assured, &own.shares);
            }
        }
        others
    }

    /// Refuses what does not fit into a pool, and tells whether what fits is more than exist.
    pub(super) fn check_room(&self, asked: &Counts) -> Result<bool, Refusal> {
        let pools = &self.inventory.session().details().pools;
        let mut overbooked = false;
        for (pool, asked) in asked.iter().copied().enumerate().filter(|(_, asked)| *asked > 0) {
            let free = self.free(pool);
            if asked > free && asked > self.assured[pool] {
                return Err(self.sold_out(pool, asked));
            }
            let capacity = pools[pool].limits.capacity.get();
            overbooked |= self.taken[pool].saturating_add(asked) > capacity;
        }
        Ok(overbooked)
    }

    pub(super) fn sold_out(&self, pool: usize, asked: u32) -> Refusal {
        let code = self.inventory.session().details().pools[pool].code.clone();
        let (free, reason) = (self.free(pool), self.obstacle(pool, asked));
        Refusal::SoldOut { pool: code, free, asked, reason }
    }

    fn free(&self, pool: usize) -> u32 {
        self.inventory.room(pool).saturating_sub(self.taken[pool])
    }

    /// The first thing that would have to go for so many places to be free.
    fn obstacle(&self, pool: usize, asked: u32) -> Obstacle {
        let room = self.inventory.room(pool);
        if asked > self.inventory.room_unblocked(pool) {
            Obstacle::Capacity
        } else if asked > room {
            Obstacle::Blocked
        } else if asked.saturating_add(self.sold[pool]) > room {
            Obstacle::Sold
        } else {
            Obstacle::Held
        }
    }

    /// Whether all that an allocation takes would fit.
    pub(super) fn leave_room_for(&self, own: &Allocation) -> bool {
        let mut asked: Counts = self.taken.iter().map(|_| 0).collect();
        self.inventory.draws().add(&mut asked, &own.shares);
        let fits = |(pool, asked): (usize, &u32)| {
            *asked == 0 || self.taken[pool].saturating_add(*asked) <= self.inventory.room(pool)
        };
        let seats: Vec<_> = own.seats().collect();
        asked.iter().enumerate().all(fits) && self.seats.are_free(&seats)
    }

    fn add(&mut self, other: &Allocation, customer: Option<CustomerId>) {
        self.inventory.draws().add(&mut self.taken, &other.shares);
        if Some(other.customer) == customer {
            self.units = self.units.saturating_add(other.units());
        }
        for seat in other.seats() {
            if self.seats.state(seat) == SeatState::Free {
                self.seats.set(seat, SeatState::Held);
            }
        }
    }

    fn subtract(&mut self, other: &Allocation, customer: Option<CustomerId>) {
        self.inventory.draws().subtract(&mut self.taken, &other.shares);
        if other.until.is_none() {
            self.inventory.draws().subtract(&mut self.sold, &other.shares);
        }
        if Some(other.customer) == customer {
            self.units = self.units.saturating_sub(other.units());
        }
        other.seats().for_each(|seat| self.seats.set(seat, SeatState::Free));
    }
}
