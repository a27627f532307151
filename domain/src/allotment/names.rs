//! Between the names that commands and events use and the places under which the state knows things.

use super::allocation::{Share, takes_of};
use super::hall::SeatIndex;
use super::inventory::Inventory;
use super::{Places, Take};
use crate::values::{BookingId, Code, Seat};

impl Inventory {
    /// The place of a pool among those of the session.
    pub(super) fn pool(&self, code: &Code) -> Option<usize> {
        self.session().details().pools.iter().position(|pool| pool.code == *code)
    }

    /// The place of an offer among those of the session.
    pub(super) fn offer(&self, code: &Code) -> Option<usize> {
        self.session().details().offers.iter().position(|offer| offer.code == *code)
    }

    pub(super) fn takes_of(&self, booking: BookingId) -> Vec<Take> {
        self.allocation(booking).map_or_else(Vec::new, |own| self.told(&own.shares))
    }

    /// Shares as an event tells them.
    pub(super) fn told(&self, shares: &[Share]) -> Vec<Take> {
        takes_of(shares, self.session(), self.draws(), self.hall())
    }

    /// How many places of each pool some seats are.
    pub(super) fn places_of(&self, seats: &[SeatIndex]) -> Vec<Places> {
        let mut counts = vec![0; self.taken().len()];
        for pool in seats.iter().filter_map(|seat| self.hall().pool_of(*seat)) {
            counts[pool] += 1;
        }
        let pools = self.session().details().pools.iter().zip(counts);
        let told = pools.filter(|(_, places)| *places > 0);
        told.map(|(pool, places)| Places { pool: pool.code.clone(), places }).collect()
    }

    pub(super) fn find_seat(&self, seat: &Seat) -> Option<SeatIndex> {
        self.hall().find(self.session().details().seat_map.as_ref(), seat)
    }

    pub(super) fn seat_name(&self, seat: SeatIndex) -> Option<Seat> {
        self.hall().name(self.session().details().seat_map.as_ref(), seat)
    }
}
