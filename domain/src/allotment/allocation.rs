//! What one booking takes, in the compact form in which the state keeps it.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::hall::{Hall, SeatIndex};
use super::{Places, Session, Take};
use crate::values::{Code, CustomerId, Quantity, Timestamp};

/// What one booking takes of one offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Share {
    /// The offer, by its place among the offers of the session.
    pub(super) offer: usize,
    pub(super) quantity: u32,
    /// In order; none if the places have no seats.
    pub(super) seats: Box<[SeatIndex]>,
}

/// What one booking takes, each offer once and in order: nearly always a single one.
pub(super) type Shares = SmallVec<[Share; 1]>;

/// What one booking takes, for whom, and until when unless for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Allocation {
    pub(super) customer: CustomerId,
    pub(super) until: Option<Timestamp>,
    pub(super) shares: Shares,
}

/// Numbers by pool.
pub(super) type Counts = SmallVec<[u32; 8]>;

/// What one unit of each offer takes of each pool, by their places in the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Draws(Vec<SmallVec<[(usize, u32); 2]>>);

impl Allocation {
    /// Whether it counts at an instant: the deadline itself is over.
    pub(super) fn counts(&self, at: Timestamp) -> bool {
        self.until.is_none_or(|until| until > at)
    }

    /// How many units of offers it is.
    pub(super) fn units(&self) -> u32 {
        self.shares.iter().fold(0, |sum, share| sum.saturating_add(share.quantity))
    }

    pub(super) fn seats(&self) -> impl Iterator<Item = SeatIndex> {
        self.shares.iter().flat_map(|share| share.seats.iter().copied())
    }

    /// The share of an offer.
    pub(super) fn share(&self, offer: usize) -> Option<&Share> {
        self.shares.iter().find(|share| share.offer == offer)
    }

    /// About how many bytes it takes elsewhere.
    pub(super) fn weight(&self) -> usize {
        const BLOCK: usize = 16; // what an allocator adds
        let spilled = if self.shares.spilled() { BLOCK + size_of_val(&*self.shares) } else { 0 };
        let seats = |share: &Share| {
            if share.seats.is_empty() { 0 } else { BLOCK + size_of_val(&*share.seats) }
        };
        spilled + self.shares.iter().map(seats).sum::<usize>()
    }
}

impl Draws {
    pub(super) fn new(session: &Session) -> Self {
        let details = session.details();
        let place = |code: &Code| details.pools.iter().position(|pool| pool.code == *code);
        let of_offer = |offer: &super::Offer| {
            let draws = offer.draws.iter();
            draws.filter_map(|draw| Some((place(&draw.pool)?, draw.places.get()))).collect()
        };
        Self(details.offers.iter().map(of_offer).collect())
    }

    /// What so many of an offer take: the pools, and how many places of each.
    pub(super) fn of(&self, offer: usize, quantity: u32) -> impl Iterator<Item = (usize, u32)> {
        let draws = self.0.get(offer).map_or(&[][..], |draws| &draws[..]);
        draws.iter().map(move |(pool, places)| (*pool, places.saturating_mul(quantity)))
    }

    pub(super) fn add(&self, counts: &mut Counts, shares: &[Share]) {
        for (pool, places) in self.all(shares) {
            counts[pool] = counts[pool].saturating_add(places);
        }
    }

    pub(super) fn subtract(&self, counts: &mut Counts, shares: &[Share]) {
        for (pool, places) in self.all(shares) {
            counts[pool] = counts[pool].saturating_sub(places);
        }
    }

    fn all(&self, shares: &[Share]) -> impl Iterator<Item = (usize, u32)> {
        shares.iter().flat_map(|share| self.of(share.offer, share.quantity))
    }
}

/// Shares as an event tells them.
pub(super) fn takes_of(
    shares: &[Share],
    session: &Session,
    draws: &Draws,
    hall: &Hall,
) -> Vec<Take> {
    let details = session.details();
    let map = details.seat_map.as_ref();
    let take = |share: &Share| {
        let offer = details.offers.get(share.offer)?;
        let places = |(pool, places): (usize, u32)| {
            Some(Places { pool: details.pools.get(pool)?.code.clone(), places })
        };
        Some(Take {
            offer: offer.code.clone(),
            quantity: Quantity::try_new(share.quantity).ok()?,
            draws: draws.of(share.offer, share.quantity).filter_map(places).collect(),
            seats: share.seats.iter().filter_map(|seat| hall.name(map, *seat)).collect(),
        })
    };
    shares.iter().filter_map(take).collect()
}

/// What an event tells, as shares. What the session does not know is left out.
pub(super) fn shares_of(takes: &[Take], session: &Session, hall: &Hall) -> Shares {
    let details = session.details();
    let map = details.seat_map.as_ref();
    let share = |take: &Take| {
        let offer = details.offers.iter().position(|offer| offer.code == take.offer)?;
        let mut seats: Box<[_]> =
            take.seats.iter().filter_map(|seat| hall.find(map, seat)).collect();
        seats.sort_unstable();
        Some(Share { offer, quantity: take.quantity.get(), seats })
    };
    takes.iter().filter_map(share).collect()
}
