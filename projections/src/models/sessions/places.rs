//! How many places are left, counted in the same way as the session itself counts them.

use daybook_domain::{
    allotment::{Offer, Pool, Section, Status},
    values::{Code, Timestamp},
};

use super::query::{SessionView, Units};

/// The places of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolPlaces<'a> {
    /// The pool.
    pub pool: &'a Pool,
    /// How many of its places are taken, held ones included.
    pub taken: u32,
    /// How many of those are only held until a deadline.
    pub held: u32,
    /// How many of its seats are kept from being sold.
    pub blocked: u32,
    /// How many can still be taken.
    pub free: u32,
    /// How many more than exist are promised.
    pub overbooked_by: u32,
    /// How many of the held ones are held by bookings that are to be paid.
    unpaid: u32,
    /// How many could be promised if nothing were taken or blocked.
    unblocked: u32,
    /// How many could be promised if nothing were taken.
    room: u32,
}

/// The places of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferPlaces<'a> {
    /// The offer.
    pub offer: &'a Offer,
    /// How many of it are taken, held ones included.
    pub taken: u32,
    /// How many of those are only held until a deadline.
    pub held: u32,
    /// For how many more of it there are places, whether or not it is on sale.
    pub left: u32,
    /// Why it cannot be bought, if it cannot.
    pub unavailable: Option<Unavailable>,
}

/// Why an offer cannot be bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// The session does not take place.
    CalledOff,
    /// Nothing is sold for now.
    SalesClosed,
    /// Its sale has not begun.
    NotYetOnSale,
    /// Its sale is over.
    NoLongerOnSale,
    /// There are not so many places as one order takes.
    Capacity,
    /// What is missing is kept from being sold.
    Blocked,
    /// What is missing is sold.
    Sold,
    /// Somebody holds what is missing until a deadline, and is about to pay.
    Unpaid,
    /// Somebody holds what is missing, until a deadline.
    Held,
}

impl SessionView {
    /// The places of each pool.
    pub fn pools(&self) -> Vec<PoolPlaces<'_>> {
        self.session.details().pools.iter().map(|pool| self.places_of(pool)).collect()
    }

    /// The places of each offer, and whether it can be bought at an instant.
    pub fn offers(&self, at: Timestamp) -> Vec<OfferPlaces<'_>> {
        let pools = self.pools();
        let offers = self.session.details().offers.iter();
        offers.map(|offer| self.places_for(offer, &pools, at)).collect()
    }

    fn places_of<'a>(&'a self, pool: &'a Pool) -> PoolPlaces<'a> {
        let Units { taken, held, unpaid } = self.drawn(&pool.code);
        let map = self.session.details().seat_map.as_ref();
        let sections = || pool.sections.iter();
        let size = |code: &Code| map.and_then(|map| map.section(code)).map_or(0, Section::size);
        let seats = u32::try_from(sections().map(size).sum::<usize>()).unwrap_or(u32::MAX);
        let blocked = sections().filter_map(|code| self.blocked.get(code)).sum::<u32>();
        let total = pool.limits.total();
        let (unblocked, room) = if seats == 0 {
            (total, total) // its places have no seats
        } else {
            (total.min(seats), total.min(seats.saturating_sub(blocked)))
        };
        PoolPlaces {
            pool,
            taken,
            held,
            unpaid,
            blocked,
            free: room.saturating_sub(taken),
            overbooked_by: taken.saturating_sub(pool.limits.capacity.get()),
            unblocked,
            room,
        }
    }

    /// How many places of a pool all offers together take.
    fn drawn(&self, pool: &Code) -> Units {
        let mut drawn = Units::default();
        for offer in &self.session.details().offers {
            let Some(units) = self.taken.get(&offer.code) else { continue };
            for draw in offer.draws.iter().filter(|draw| draw.pool == *pool) {
                let places = |units: u32| units.saturating_mul(draw.places.get());
                drawn.taken = drawn.taken.saturating_add(places(units.taken));
                drawn.held = drawn.held.saturating_add(places(units.held));
                drawn.unpaid = drawn.unpaid.saturating_add(places(units.unpaid));
            }
        }
        drawn
    }

    fn places_for<'a>(
        &'a self,
        offer: &'a Offer,
        pools: &[PoolPlaces<'_>],
        at: Timestamp,
    ) -> OfferPlaces<'a> {
        let drawn = || {
            offer.draws.iter().filter_map(|draw| {
                let pool = pools.iter().find(|places| places.pool.code == draw.pool)?;
                Some((pool, draw.places.get()))
            })
        };
        let left = drawn().map(|(pool, places)| pool.free.checked_div(places).unwrap_or(0)).min();
        let least = offer.least.get();
        let lacking =
            || drawn().find_map(|(pool, places)| pool.obstacle(places.saturating_mul(least)));
        let units = self.taken.get(&offer.code).copied().unwrap_or_default();
        OfferPlaces {
            offer,
            taken: units.taken,
            held: units.held,
            left: left.unwrap_or(0),
            unavailable: self.closed(offer, at).or_else(lacking),
        }
    }

    /// Why an offer is not on sale, however many places there are.
    fn closed(&self, offer: &Offer, at: Timestamp) -> Option<Unavailable> {
        match self.status {
            Status::CalledOff => return Some(Unavailable::CalledOff),
            Status::SalesClosed => return Some(Unavailable::SalesClosed),
            Status::OnSale => {}
        }
        let (opens, closes) = self.session.on_sale(offer);
        if opens.is_some_and(|opens| at < opens) {
            return Some(Unavailable::NotYetOnSale);
        }
        (at >= closes).then_some(Unavailable::NoLongerOnSale)
    }
}

impl PoolPlaces<'_> {
    /// The first thing that would have to go for so many places to be free, if they are not.
    fn obstacle(&self, asked: u32) -> Option<Unavailable> {
        let sold = self.taken.saturating_sub(self.held);
        if asked <= self.free {
            None
        } else if asked > self.unblocked {
            Some(Unavailable::Capacity)
        } else if asked > self.room {
            Some(Unavailable::Blocked)
        } else if asked.saturating_add(sold) > self.room {
            Some(Unavailable::Sold)
        } else if asked.saturating_add(sold).saturating_add(self.unpaid) > self.room {
            Some(Unavailable::Unpaid)
        } else {
            Some(Unavailable::Held)
        }
    }
}
