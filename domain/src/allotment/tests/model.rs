//! The plainest allotment there is: a list of bookings, all of which is counted for every question.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::values::Limits;

/// The rows of the hall, by the numbers under which the model knows the seats.
const ROWS: [&[usize]; 3] = [&[0, 1, 2, 3], &[4, 5, 6], &[7, 8]];
pub(super) const SEATS: usize = 9;
pub(super) const OFFERS: [&str; 3] = ["adult", "seat", "both"];
pub(super) const POOLS: [&str; 2] = ["floor", "stalls"];
/// What one of each offer takes of each pool.
const DRAWS: [[u32; 2]; 3] = [[1, 0], [0, 1], [2, 1]];
const PER_ORDER: u32 = 6;
const PER_CUSTOMER: u32 = 8;
const MOST_SEATS: u32 = 4;

/// The session that the model knows.
pub(super) fn session(limits: [Limits; 2]) -> Details {
    let mut details = Details {
        pools: vec![pool("floor", 0, 0), seated("stalls", 0, &["stalls"])],
        offers: vec![
            offer("adult", &[("floor", 1)]),
            offer("seat", &[("stalls", 1)]),
            offer("both", &[("stalls", 1), ("floor", 2)]),
        ],
        seat_map: Some(map(vec![section("stalls", &[("A", 4), ("B", 3), ("C", 2)])])),
        order_limits: OrderLimits {
            per_order: Some(quantity(PER_ORDER)),
            per_customer: Some(quantity(PER_CUSTOMER)),
        },
        ..trip(0, 0, 0)
    };
    details.pools[0].limits = limits[0];
    details.pools[1].limits = limits[1];
    details.offers[1].most = Some(quantity(MOST_SEATS));
    details
}

pub(super) fn seat_of(n: usize) -> Seat {
    let (row, number) = match n {
        0..4 => ("A", n + 1),
        4..7 => ("B", n - 3),
        _ => ("C", n - 6),
    };
    seat(&format!("stalls/{row}-{number}"))
}

fn number_of(seat: &Seat) -> usize {
    (0..SEATS).find(|n| seat_of(*n) == *seat).expect("a seat of the hall")
}

fn offer_of(code: &Code) -> usize {
    OFFERS.iter().position(|offer| *offer == code.as_str()).expect("an offer of the session")
}

/// How many of one offer, and in which seats.
type Share = (u32, BTreeSet<usize>);

/// What a booking takes of each offer.
pub(super) type Taken = [Share; 3];

pub(super) fn taken(takes: &[Take]) -> Taken {
    let mut taken = Taken::default();
    for take in takes {
        let (units, seats) = &mut taken[offer_of(&take.offer)];
        *units += take.quantity.get();
        seats.extend(take.seats.iter().map(number_of));
    }
    taken
}

pub(super) fn places(taken: &Taken, pool: usize) -> u32 {
    taken.iter().zip(DRAWS).map(|((units, _), draws)| units * draws[pool]).sum()
}

pub(super) fn seats_of(taken: &Taken) -> BTreeSet<usize> {
    taken.iter().flat_map(|(_, seats)| seats.iter().copied()).collect()
}

fn units(taken: &Taken) -> u32 {
    taken.iter().map(|(units, _)| units).sum()
}

#[derive(Clone)]
struct Entry {
    customer: CustomerId,
    taken: Taken,
    until: Option<Timestamp>,
    /// Whether it counted in every decision that gave places away since it was made.
    assured: bool,
}

impl Entry {
    fn counts_at(&self, at: Timestamp) -> bool {
        self.until.is_none_or(|until| until > at)
    }
}

#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    Takes(Taken),
    Accepted,
    Nothing,
    Refused,
}

pub(super) struct Model {
    limits: [Limits; 2],
    blocked: BTreeSet<usize>,
    closed: bool,
    latest: Option<Timestamp>,
    entries: BTreeMap<BookingId, Entry>,
}

impl Model {
    pub(super) fn new(limits: [Limits; 2]) -> Self {
        let (blocked, entries) = (BTreeSet::new(), BTreeMap::new());
        Self { limits, blocked, closed: false, latest: None, entries }
    }

    pub(super) fn free(&self, pool: usize, at: Timestamp) -> u32 {
        self.room(pool).saturating_sub(self.others(pool, at, None))
    }

    pub(super) fn takes_of(&self, who: BookingId) -> Taken {
        self.entries.get(&who).map(|own| own.taken.clone()).unwrap_or_default()
    }

    fn room(&self, pool: usize) -> u32 {
        let seats = u32::try_from(SEATS - self.blocked.len()).unwrap();
        let total = self.limits[pool].total();
        if pool == 1 { total.min(seats) } else { total }
    }

    fn counting(&self, at: Timestamp, except: Option<BookingId>) -> impl Iterator<Item = &Entry> {
        let others = self.entries.iter().filter(move |(id, _)| Some(**id) != except);
        others.map(|(_, entry)| entry).filter(move |entry| entry.counts_at(at))
    }

    fn others(&self, pool: usize, at: Timestamp, except: Option<BookingId>) -> u32 {
        self.counting(at, except).map(|entry| places(&entry.taken, pool)).sum()
    }

    fn free_seats(&self, at: Timestamp, except: Option<BookingId>) -> BTreeSet<usize> {
        let taken: BTreeSet<_> =
            self.counting(at, except).flat_map(|entry| seats_of(&entry.taken)).collect();
        (0..SEATS).filter(|seat| !taken.contains(seat) && !self.blocked.contains(seat)).collect()
    }

    /// Notes that places were given away at an instant: what had ended by then did not count.
    fn gave(&mut self, at: Timestamp) {
        self.latest = self.latest.max(Some(at));
        for entry in self.entries.values_mut() {
            entry.assured = entry.until.is_none_or(|until| Some(until) > self.latest);
        }
    }

    /// Whether the allotment must accept, refuse, or has nothing to do; what is accepted is done here too.
    pub(super) fn answer(&mut self, command: &Command) -> Answer {
        match command {
            Command::Revise { changes, .. } => self.revise(changes),
            Command::CloseSales { .. } => self.close(true),
            Command::ReopenSales { .. } => self.close(false),
            Command::Block { seats, at } => self.block(seats, *at),
            Command::Unblock { seats, .. } => {
                let before = self.blocked.len();
                for seat in seats {
                    self.blocked.remove(&number_of(seat));
                }
                if self.blocked.len() == before { Answer::Nothing } else { Answer::Accepted }
            }
            Command::Allocate { booking, .. } if self.entries.contains_key(booking) => {
                Answer::Refused
            }
            Command::Reallocate { booking, items, .. } if items.is_empty() => {
                self.release(*booking, None)
            }
            Command::Allocate { booking, customer, items, until, at }
            | Command::Reallocate { booking, customer, items, until, at } => {
                self.order(*booking, *customer, items, *until, *at)
            }
            Command::Confirm { booking, at } => self.confirm(*booking, *at),
            Command::Release { booking, parts, .. } => self.release(*booking, parts.as_deref()),
            Command::Open { .. }
            | Command::Move { .. }
            | Command::CallOff { .. }
            | Command::SetAside { .. } => {
                panic!("the model is not asked this")
            }
        }
    }

    fn revise(&mut self, changes: &[Change]) -> Answer {
        let mut differs = false;
        for change in changes {
            let Change::Pool(pool) = change else { panic!("the model knows pools only") };
            let place = POOLS.iter().position(|code| *code == pool.code.as_str());
            let limits = &mut self.limits[place.expect("a pool of the session")];
            differs |= *limits != pool.limits;
            *limits = pool.limits;
        }
        if differs { Answer::Accepted } else { Answer::Nothing }
    }

    fn close(&mut self, closed: bool) -> Answer {
        let changes = self.closed != closed;
        self.closed = closed;
        if changes { Answer::Accepted } else { Answer::Nothing }
    }

    fn block(&mut self, seats: &[Seat], at: Timestamp) -> Answer {
        let seats: BTreeSet<_> = seats.iter().map(number_of).collect();
        let new: BTreeSet<_> = seats.difference(&self.blocked).copied().collect();
        if new.is_empty() {
            return Answer::Nothing;
        }
        if !new.is_subset(&self.free_seats(at, None)) {
            return Answer::Refused;
        }
        self.blocked.extend(new);
        self.gave(at);
        Answer::Accepted
    }

    fn order(
        &mut self,
        who: BookingId,
        customer: CustomerId,
        items: &[Item],
        until: Option<Timestamp>,
        at: Timestamp,
    ) -> Answer {
        if items.is_empty() || until.is_some_and(|until| until <= at) {
            return Answer::Refused;
        }
        let own = self.entries.get(&who).cloned();
        let sure = own.clone().filter(|own| own.assured && own.counts_at(at));
        let had = sure.as_ref().map(|own| own.taken.clone()).unwrap_or_default();
        let Some(wanted) = self.seat(who, items, &had, at) else { return Answer::Refused };
        let same_customer = sure.as_ref().is_some_and(|own| own.customer == customer);
        let limits = self.within_limits(who, customer, &wanted, &had, same_customer, at);
        let room = (0..2).all(|pool| {
            let asked = places(&wanted, pool);
            asked == 0
                || asked <= places(&had, pool)
                || self.others(pool, at, Some(who)) + asked <= self.room(pool)
        });
        if !limits || !room {
            return Answer::Refused;
        }
        let same =
            |own: &Entry| own.taken == wanted && own.until == until && own.customer == customer;
        if sure.as_ref().is_some_and(same) {
            return Answer::Nothing;
        }
        self.entries.insert(who, Entry { customer, taken: wanted.clone(), until, assured: true });
        self.gave(at);
        Answer::Takes(wanted)
    }

    fn within_limits(
        &self,
        who: BookingId,
        customer: CustomerId,
        wanted: &Taken,
        had: &Taken,
        same_customer: bool,
        at: Timestamp,
    ) -> bool {
        let more = wanted.iter().zip(had).any(|((asked, _), (had, _))| asked > had);
        let many_seats = wanted[1].0 > had[1].0 && wanted[1].0 > MOST_SEATS;
        let sum = units(wanted);
        let others = self.counting(at, Some(who)).filter(|entry| entry.customer == customer);
        let others: u32 = others.map(|entry| units(&entry.taken)).sum();
        let before = if same_customer { units(had) } else { 0 };
        !(many_seats || (more && self.closed))
            && (sum <= units(had) || sum <= PER_ORDER)
            && (sum <= before || others + sum <= PER_CUSTOMER)
    }

    /// Where everybody sits, unless somebody cannot.
    fn seat(&self, who: BookingId, items: &[Item], had: &Taken, at: Timestamp) -> Option<Taken> {
        let mut free = self.free_seats(at, Some(who));
        free.extend(seats_of(had));
        let mut wanted = Taken::default();
        for item in items {
            let (units, seats) = &mut wanted[offer_of(&item.offer)];
            *units += item.quantity.get();
            if let Seating::Chosen(chosen) = &item.seating {
                for seat in chosen.iter().map(number_of) {
                    if !free.remove(&seat) {
                        return None; // taken, or chosen twice
                    }
                    seats.insert(seat);
                }
            }
        }
        let own = self.takes_of(who);
        for offer in 1..3 {
            let (units, seats) = &mut wanted[offer];
            let as_many = *units == own[offer].0 && seats.is_empty();
            if as_many && own[offer].1.is_subset(&free) {
                seats.extend(&own[offer].1);
                free.retain(|seat| !seats.contains(seat));
            }
        }
        for item in items.iter().filter(|item| item.seating == Seating::BestAvailable) {
            let (units, seats) = &mut wanted[offer_of(&item.offer)];
            if seats.len() < *units as usize {
                let best = best(&free, item.quantity.get() as usize)?;
                free.retain(|seat| !best.contains(seat));
                seats.extend(best);
            }
        }
        Some(wanted)
    }

    fn confirm(&mut self, who: BookingId, at: Timestamp) -> Answer {
        let Some(own) = self.entries.get(&who).cloned() else { return Answer::Refused };
        if own.until.is_none() {
            return Answer::Nothing;
        }
        let fits = |pool| {
            let asked = places(&own.taken, pool);
            asked == 0 || self.others(pool, at, Some(who)) + asked <= self.room(pool)
        };
        let free = self.free_seats(at, Some(who));
        let anew = || (0..2).all(fits) && seats_of(&own.taken).is_subset(&free);
        if !own.counts_at(at) || !(own.assured || anew()) {
            return Answer::Refused;
        }
        self.entries.insert(who, Entry { until: None, ..own });
        self.gave(at);
        Answer::Accepted
    }

    fn release(&mut self, who: BookingId, parts: Option<&[Part]>) -> Answer {
        let Some(parts) = parts else {
            let gone = self.entries.remove(&who);
            return if gone.is_some() { Answer::Accepted } else { Answer::Nothing };
        };
        let Some(own) = self.entries.get(&who) else { return Answer::Refused };
        let mut left = own.taken.clone();
        for part in parts {
            let (units, seats) = &mut left[offer_of(&part.offer)];
            let Some(fewer) = units.checked_sub(part.quantity.get()) else {
                return Answer::Refused;
            };
            *units = fewer;
            if !part.seats.iter().all(|seat| seats.remove(&number_of(seat))) {
                return Answer::Refused;
            }
        }
        if parts.is_empty() {
            return Answer::Refused;
        }
        let entry = Entry { taken: left, ..own.clone() };
        if units(&entry.taken) == 0 {
            self.entries.remove(&who);
        } else {
            self.entries.insert(who, entry);
        }
        Answer::Accepted
    }
}

/// The best seats as the rule says, found by trying everything.
pub(super) fn best(free: &BTreeSet<usize>, seats: usize) -> Option<BTreeSet<usize>> {
    let mut free = free.clone();
    let mut best = BTreeSet::new();
    while best.len() < seats {
        let stretch = (1..=seats - best.len()).rev().find_map(|length| {
            let stretches = ROWS.iter().flat_map(|row| row.windows(length));
            let mut whole = stretches.filter(|seats| seats.iter().all(|seat| free.contains(seat)));
            whole.next()
        })?;
        free.retain(|seat| !stretch.contains(seat));
        best.extend(stretch);
    }
    Some(best)
}

/// In how many groups of neighbours some seats are.
pub(super) fn groups(seats: &BTreeSet<usize>) -> usize {
    let first = |row: &[usize], place: usize| {
        seats.contains(&row[place]) && (place == 0 || !seats.contains(&row[place - 1]))
    };
    ROWS.iter().map(|row| (0..row.len()).filter(|place| first(row, *place)).count()).sum()
}
