//! What an order would take: its items summed up, checked against limits, pools and seats.

use std::collections::{BTreeMap, HashSet};

use super::allocation::{Allocation, Counts, Share, Shares};
use super::hall::SeatIndex;
use super::inventory::Inventory;
use super::others::{Asking, Others};
use super::{Item, Refusal, Seating, Status};
use crate::values::{Quantity, Seat, Timestamp};

/// An order for places.
#[derive(Clone, Copy)]
pub(super) struct Order<'a> {
    pub(super) asking: Asking<'a>,
    pub(super) items: &'a [Item],
    pub(super) at: Timestamp,
    /// Whether it is nobody's order, so that neither sales windows nor limits on orders apply.
    pub(super) aside: bool,
}

/// What an order takes, and whether that is more than exist.
pub(super) struct Placed {
    pub(super) shares: Shares,
    pub(super) overbooked: bool,
}

/// What is asked of one offer, all items together.
#[derive(Default)]
struct Asked {
    units: u32,
    /// How many of the units may sit anywhere.
    anywhere: u32,
    seats: Vec<SeatIndex>,
}

/// By the place of the offer among those of the session.
type ByOffer = BTreeMap<usize, Asked>;

impl<'a> Order<'a> {
    /// Finds places for all items, or says why there are none.
    pub(super) fn place(self, inventory: &Inventory) -> Result<Placed, Refusal> {
        let mut asked = self.asked(inventory)?;
        let mut others = Others::new(inventory, Some(self.asking), self.at);
        if !self.aside {
            self.check_limits(inventory, &asked, others.units)?;
        }
        self.take_chosen(inventory, &mut asked, &mut others)?;
        let places = places(inventory, &asked);
        let overbooked = others.check_room(&places)?;
        self.take_best(inventory, &mut asked, &mut others)?;
        let shares = asked.into_iter().map(|(offer, Asked { units, mut seats, .. })| {
            seats.sort_unstable();
            Share { offer, quantity: units, seats: seats.into() }
        });
        Ok(Placed { shares: shares.collect(), overbooked })
    }

    /// What the booking has for sure.
    fn had(self, inventory: &Inventory) -> Option<&'a Allocation> {
        self.asking.own.filter(|own| inventory.is_assured(own, self.at))
    }

    /// Sums the items up, and refuses what could never be ordered.
    fn asked(self, inventory: &Inventory) -> Result<ByOffer, Refusal> {
        let mut asked = ByOffer::new();
        for Item { offer: code, quantity, seating } in self.items {
            let unknown = || Refusal::UnknownOffer { offer: code.clone() };
            let offer = inventory.offer(code).ok_or_else(unknown)?;
            let needed = inventory.seats_of(offer).map(|(_, seats)| seats * quantity.get());
            let entry = asked.entry(offer).or_default();
            match (needed, seating) {
                (None, Seating::Unseated) => {}
                (Some(_), Seating::BestAvailable) => {
                    entry.anywhere = entry.anywhere.saturating_add(quantity.get());
                }
                (Some(needed), Seating::Chosen(seats)) if seats.len() == needed as usize => {}
                (Some(needed), Seating::Chosen(seats)) => {
                    let (offer, chosen) = (code.clone(), seats.len());
                    return Err(Refusal::SeatCount { offer, needed, chosen });
                }
                (Some(_), Seating::Unseated) => {
                    return Err(Refusal::SeatsNeeded { offer: code.clone() });
                }
                (None, Seating::BestAvailable | Seating::Chosen(_)) => {
                    return Err(Refusal::NotSeated { offer: code.clone() });
                }
            }
            entry.units = entry.units.saturating_add(quantity.get());
        }
        if asked.is_empty() { Err(Refusal::NothingAsked) } else { Ok(asked) }
    }

    /// Refuses more than may be sold now to this customer. What the booking has for sure it may keep.
    fn check_limits(
        self,
        inventory: &Inventory,
        asked: &ByOffer,
        others: u32,
    ) -> Result<(), Refusal> {
        let had = self.had(inventory);
        for (offer, Asked { units, .. }) in asked {
            let before = had.and_then(|own| own.share(*offer)).map_or(0, |share| share.quantity);
            if *units > before {
                self.check_offer(inventory, *offer, *units)?;
            }
        }
        let limits = inventory.session().details().order_limits;
        let sum = asked.values().fold(0_u32, |sum, asked| sum.saturating_add(asked.units));
        let exceeds = |most: Quantity, other: u32| other.saturating_add(sum) > most.get();
        if sum > had.map_or(0, Allocation::units)
            && let Some(most) = limits.per_order.filter(|most| exceeds(*most, 0))
        {
            return Err(Refusal::OrderLimit { asked: sum, most });
        }
        let same_customer = had.filter(|own| own.customer == self.asking.customer);
        if sum > same_customer.map_or(0, Allocation::units)
            && let Some(most) = limits.per_customer.filter(|most| exceeds(*most, others))
        {
            return Err(Refusal::CustomerLimit { taken: others, asked: sum, most });
        }
        Ok(())
    }

    fn check_offer(self, inventory: &Inventory, offer: usize, asked: u32) -> Result<(), Refusal> {
        let session = inventory.session();
        let of = &session.details().offers[offer];
        let offer = || of.code.clone();
        if inventory.status() == Status::SalesClosed {
            return Err(Refusal::SalesClosed);
        }
        let (opens_at, closed_at) = session.on_sale(of);
        if let Some(opens_at) = opens_at.filter(|opens_at| self.at < *opens_at) {
            return Err(Refusal::NotYetOnSale { offer: offer(), opens_at });
        }
        if self.at >= closed_at {
            return Err(Refusal::NoLongerOnSale { offer: offer(), closed_at });
        }
        if asked < of.least.get() {
            return Err(Refusal::TooFew { offer: offer(), asked, least: of.least });
        }
        let most = of.most.unwrap_or(Quantity::MAX);
        if asked > most.get() {
            return Err(Refusal::TooMany { offer: offer(), asked, most });
        }
        Ok(())
    }

    fn take_chosen(
        self,
        inventory: &Inventory,
        asked: &mut ByOffer,
        others: &mut Others<'_>,
    ) -> Result<(), Refusal> {
        let mut named = HashSet::new();
        for Item { offer: code, seating, .. } in self.items {
            let Seating::Chosen(seats) = seating else { continue };
            let Some(offer) = inventory.offer(code) else { continue };
            let pool = inventory.seats_of(offer).map(|(pool, _)| pool);
            for seat in seats {
                let found = found(inventory, seat)?;
                if inventory.hall().pool_of(found) != pool {
                    let (offer, seat) = (code.clone(), seat.clone());
                    return Err(Refusal::SeatElsewhere { offer, seat });
                }
                if !named.insert(found) {
                    return Err(Refusal::SeatTwice { seat: seat.clone() });
                }
                if let Some(reason) = others.seats.state(found).obstacle() {
                    return Err(Refusal::SeatNotFree { seat: seat.clone(), reason });
                }
                asked.entry(offer).or_default().seats.push(found);
            }
        }
        for seat in named {
            others.seats.take(&[seat]);
        }
        Ok(())
    }

    fn take_best(
        self,
        inventory: &Inventory,
        asked: &mut ByOffer,
        others: &mut Others<'_>,
    ) -> Result<(), Refusal> {
        self.keep_seats(asked, others);
        for Item { offer: code, quantity, seating } in self.items {
            let Some(offer) = inventory.offer(code) else { continue };
            let Some((pool, seats)) = inventory.seats_of(offer) else { continue };
            let entry = asked.entry(offer).or_default();
            let seated = entry.seats.len() == (entry.units * seats) as usize;
            if seated || *seating != Seating::BestAvailable {
                continue;
            }
            // the pool has room, and each place in it a seat, so there are enough
            let needed = seats * quantity.get();
            let best = others.seats.take_best(pool, needed);
            let best = best.ok_or_else(|| others.sold_out(pool, needed))?;
            entry.seats.extend(best);
        }
        Ok(())
    }

    /// Leaves a booking the seats of each offer of which it wants as many as it has, wherever they are.
    fn keep_seats(self, asked: &mut ByOffer, others: &mut Others<'_>) {
        let Some(own) = self.asking.own else { return };
        for share in &own.shares {
            let Some(entry) = asked.get_mut(&share.offer) else { continue };
            let as_many = entry.anywhere == share.quantity && entry.units == share.quantity;
            if as_many && others.seats.are_free(&share.seats) {
                others.seats.take(&share.seats);
                entry.seats.extend(&share.seats);
            }
        }
    }
}

/// The seat with a name.
pub(super) fn found(inventory: &Inventory, seat: &Seat) -> Result<SeatIndex, Refusal> {
    inventory.find_seat(seat).ok_or_else(|| Refusal::UnknownSeat { seat: seat.clone() })
}

fn places(inventory: &Inventory, asked: &ByOffer) -> Counts {
    let mut counts: Counts = inventory.taken().iter().map(|_| 0).collect();
    for (offer, Asked { units, .. }) in asked {
        for (pool, places) in inventory.draws().of(*offer, *units) {
            counts[pool] = counts[pool].saturating_add(places);
        }
    }
    counts
}
