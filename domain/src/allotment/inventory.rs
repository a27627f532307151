//! What is taken of a session, kept so that a decision costs the same however full the session is.
//!
//! `taken`, the hall and the counts of customers hold everything that is firm and every hold whose
//! deadline lies after `as_of`. `as_of` is the latest instant at which places were given away; it only
//! moves forward, and holds whose deadline it passes leave the counts once. What counts at any other
//! instant differs only by the holds with a deadline between the two, which the ordered set finds at once.

use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;

use serde::Deserialize;
use uuid::Uuid;

use super::allocation::{Allocation, Counts, Draws, shares_of};
use super::hall::{Hall, SeatIndex, SeatState};
use super::stored::Stored;
use super::{Change, Session, Status, Take};
use crate::values::{BookingId, CustomerId, Seat, TimeRange, Timestamp};

/// No id comes after it.
const LAST: BookingId = BookingId::from_uuid(Uuid::max());

/// An open allotment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Stored")]
pub(super) struct Inventory {
    session: Session,
    status: Status,
    as_of: Option<Timestamp>,
    draws: Draws,
    taken: Counts,
    sold: Counts,
    blocked: Counts,
    hall: Hall,
    customers: HashMap<CustomerId, u32>,
    holds: BTreeSet<(Timestamp, BookingId)>,
    /// The first deadline after `as_of`: before it, the counts are what counts.
    soonest: Option<Timestamp>,
    allocations: HashMap<BookingId, Allocation>,
    /// Bytes of the session, and bytes that allocations take elsewhere.
    session_weight: usize,
    elsewhere: usize,
}

impl Inventory {
    pub(super) fn new(session: Session) -> Self {
        let none: Counts = session.details().pools.iter().map(|_| 0).collect();
        Self {
            status: Status::OnSale,
            as_of: None,
            draws: Draws::new(&session),
            taken: none.clone(),
            sold: none.clone(),
            blocked: none,
            hall: Hall::new(&session),
            customers: HashMap::new(),
            holds: BTreeSet::new(),
            soonest: None,
            allocations: HashMap::new(),
            session_weight: session.weight(),
            elsewhere: 0,
            session,
        }
    }

    /// The same as it was when a snapshot was taken: what can be counted anew is.
    pub(super) fn restored(
        session: Session,
        status: Status,
        as_of: Option<Timestamp>,
        blocked: impl IntoIterator<Item = SeatIndex>,
        allocations: impl IntoIterator<Item = (BookingId, Allocation)>,
    ) -> Self {
        let mut restored = Self { status, as_of, ..Self::new(session) };
        blocked.into_iter().for_each(|seat| restored.set_blocked(seat, SeatState::Blocked));
        for (booking, own) in allocations {
            restored.insert(booking, own);
        }
        restored.find_soonest();
        restored
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    pub(super) fn status(&self) -> Status {
        self.status
    }

    pub(super) fn hall(&self) -> &Hall {
        &self.hall
    }

    pub(super) fn draws(&self) -> &Draws {
        &self.draws
    }

    pub(super) fn sold(&self) -> &Counts {
        &self.sold
    }

    pub(super) fn taken(&self) -> &Counts {
        &self.taken
    }

    pub(super) fn as_of(&self) -> Option<Timestamp> {
        self.as_of
    }

    pub(super) fn allocations(&self) -> impl Iterator<Item = (&BookingId, &Allocation)> {
        self.allocations.iter()
    }

    pub(super) fn allocation(&self, booking: BookingId) -> Option<&Allocation> {
        self.allocations.get(&booking)
    }

    /// How many units of offers a customer has, as of the last instant at which places were given away.
    pub(super) fn units_of(&self, customer: CustomerId) -> u32 {
        self.customers.get(&customer).copied().unwrap_or(0)
    }

    /// How many places of a pool may be promised: no seat twice, and no blocked one.
    pub(super) fn room(&self, pool: usize) -> u32 {
        self.room_without(pool, self.blocked[pool])
    }

    /// How many places of a pool could be promised if no seat were blocked.
    pub(super) fn room_unblocked(&self, pool: usize) -> u32 {
        self.room_without(pool, 0)
    }

    fn room_without(&self, pool: usize, blocked: u32) -> u32 {
        let total = self.session.details().pools[pool].limits.total();
        match self.hall.size(pool) {
            0 => total, // its places have no seats
            seats => total.min(seats.saturating_sub(blocked)),
        }
    }

    /// Of which pool an offer takes seats, and how many for one of it; none if its places have none.
    pub(super) fn seats_of(&self, offer: usize) -> Option<(usize, u32)> {
        self.draws.of(offer, 1).find(|(pool, _)| self.hall.size(*pool) > 0)
    }

    pub(super) fn free(&self, pool: usize, at: Timestamp) -> u32 {
        self.room(pool).saturating_sub(self.counted(at)[pool])
    }

    pub(super) fn free_of_offer(&self, offer: usize, at: Timestamp) -> u32 {
        let counted = self.counted(at);
        let draws = self.draws.of(offer, 1);
        let units = draws.map(|(pool, places)| {
            self.room(pool).saturating_sub(counted[pool]).checked_div(places).unwrap_or(0)
        });
        units.min().unwrap_or(0)
    }

    pub(super) fn overbooked_by(&self, pool: usize, at: Timestamp) -> u32 {
        let capacity = self.session.details().pools[pool].limits.capacity;
        self.counted(at)[pool].saturating_sub(capacity.get())
    }

    pub(super) fn weight(&self) -> usize {
        let entry = size_of::<(BookingId, Allocation)>() + 1;
        let customer = size_of::<(CustomerId, u32)>() + 1;
        let hold = size_of::<(Timestamp, BookingId)>() * 3 / 2; // nodes of the set are about two thirds full
        size_of::<Self>()
            + self.session_weight
            + self.hall.weight()
            + self.allocations.capacity() * entry
            + self.elsewhere
            + self.customers.capacity() * customer
            + self.holds.len() * hold
    }

    /// Whether places were given away at an instant at which a hold with this deadline no longer counted.
    pub(super) fn passed_over(&self, until: Timestamp) -> bool {
        self.as_of.is_some_and(|as_of| until <= as_of)
    }

    /// Whether an allocation is in the counts.
    pub(super) fn is_in_taken(&self, own: &Allocation) -> bool {
        own.until.is_none_or(|until| !self.passed_over(until))
    }

    /// Whether it counts at an instant and counted whenever places were given away.
    pub(super) fn is_assured(&self, own: &Allocation, at: Timestamp) -> bool {
        own.counts(at) && self.is_in_taken(own)
    }

    /// Whether an instant lies before the last one at which places were given away.
    pub(super) fn is_past(&self, at: Timestamp) -> bool {
        self.as_of.is_some_and(|as_of| at < as_of)
    }

    /// The holds by which the counts differ from what counts at an instant: too few if it is past,
    /// else too many.
    pub(super) fn differing(
        &self,
        at: Timestamp,
    ) -> impl Iterator<Item = (BookingId, &Allocation)> {
        let (after, up_to) =
            if self.is_past(at) { (Some(at), self.as_of.unwrap_or(at)) } else { (self.as_of, at) };
        let none = !self.is_past(at) && self.soonest.is_none_or(|soonest| at < soonest);
        let ending = (!none).then(|| self.holds_ending(after, up_to));
        ending.into_iter().flatten()
    }

    /// Seats may stand elsewhere on the map from now on, so all is counted anew.
    pub(super) fn revise(&mut self, changes: &[Change]) {
        let session = self.session.clone().after(changes);
        let hall = Hall::new(&session);
        let map = session.details().seat_map.as_ref();
        let mut allocations = std::mem::take(&mut self.allocations);
        let now_at = |seat: SeatIndex| hall.find(map, &self.seat_name(seat)?);
        let blocked: Vec<_> = self.hall.blocked().filter_map(now_at).collect();
        for share in allocations.values_mut().flat_map(|own| &mut own.shares) {
            share.seats = share.seats.iter().filter_map(|seat| now_at(*seat)).collect();
            share.seats.sort_unstable();
        }
        *self = Self::restored(session, self.status, self.as_of, blocked, allocations);
    }

    pub(super) fn set_time(&mut self, time: TimeRange) {
        self.session.set_time(time);
    }

    pub(super) fn set_status(&mut self, status: Status) {
        self.status = status;
    }

    /// Blocks seats, or makes blocked ones free.
    pub(super) fn block(&mut self, seats: &[Seat], state: SeatState) {
        let found: Vec<_> = seats.iter().filter_map(|seat| self.find_seat(seat)).collect();
        for seat in found {
            self.set_blocked(seat, state);
        }
    }

    /// Lets a booking take these places and nothing else.
    pub(super) fn put(
        &mut self,
        booking: BookingId,
        customer: CustomerId,
        takes: &[Take],
        until: Option<Timestamp>,
    ) {
        self.remove(booking);
        let shares = shares_of(takes, &self.session, &self.hall);
        self.insert(booking, Allocation { customer, until, shares });
        self.find_soonest();
    }

    /// Lets a booking keep for good what it holds.
    pub(super) fn firm(&mut self, booking: BookingId) {
        if let Some(own) = self.remove(booking) {
            self.insert(booking, Allocation { until: None, ..own });
        }
        self.find_soonest();
    }

    /// Takes places away from a booking.
    pub(super) fn free_up(&mut self, booking: BookingId, freed: &[Take]) {
        let Some(mut own) = self.remove(booking) else { return };
        for freed in shares_of(freed, &self.session, &self.hall) {
            if let Some(share) = own.shares.iter_mut().find(|share| share.offer == freed.offer) {
                share.quantity = share.quantity.saturating_sub(freed.quantity);
                let left =
                    share.seats.iter().filter(|seat| freed.seats.binary_search(seat).is_err());
                share.seats = left.copied().collect();
            }
        }
        own.shares.retain(|share| share.quantity > 0);
        own.shares.shrink_to_fit();
        if !own.shares.is_empty() {
            self.insert(booking, own);
        }
        self.find_soonest();
    }

    /// Lets the holds that ended by an instant leave the counts, each once.
    pub(super) fn advance(&mut self, at: Timestamp) {
        if self.as_of.is_some_and(|as_of| at <= as_of) {
            return;
        }
        let ended: Vec<_> = self.holds_ending(self.as_of, at).map(|(booking, _)| booking).collect();
        let allocations = std::mem::take(&mut self.allocations);
        for own in ended.iter().filter_map(|booking| allocations.get(booking)) {
            self.uncount(own);
        }
        self.allocations = allocations;
        self.as_of = Some(at);
        self.find_soonest();
    }

    fn find_soonest(&mut self) {
        let after = after(self.as_of);
        let soonest = self.holds.range((after, Bound::Unbounded)).next();
        self.soonest = soonest.map(|(until, _)| *until);
    }

    fn insert(&mut self, booking: BookingId, own: Allocation) {
        if self.is_in_taken(&own) {
            self.count(&own);
        }
        if let Some(until) = own.until {
            self.holds.insert((until, booking));
        }
        self.elsewhere += own.weight();
        self.allocations.insert(booking, own);
    }

    fn remove(&mut self, booking: BookingId) -> Option<Allocation> {
        let own = self.allocations.remove(&booking)?;
        if self.is_in_taken(&own) {
            self.uncount(&own);
        }
        if let Some(until) = own.until {
            self.holds.remove(&(until, booking));
        }
        self.elsewhere = self.elsewhere.saturating_sub(own.weight());
        Some(own)
    }

    fn count(&mut self, own: &Allocation) {
        self.draws.add(&mut self.taken, &own.shares);
        if own.until.is_none() {
            self.draws.add(&mut self.sold, &own.shares);
        }
        own.seats().for_each(|seat| self.hall.set(seat, SeatState::taken(own.until)));
        let units = self.customers.entry(own.customer).or_default();
        *units = units.saturating_add(own.units());
    }

    fn uncount(&mut self, own: &Allocation) {
        self.draws.subtract(&mut self.taken, &own.shares);
        if own.until.is_none() {
            self.draws.subtract(&mut self.sold, &own.shares);
        }
        own.seats().for_each(|seat| self.hall.set(seat, SeatState::Free));
        if let Some(units) = self.customers.get_mut(&own.customer) {
            *units = units.saturating_sub(own.units());
            if *units == 0 {
                self.customers.remove(&own.customer);
            }
        }
    }

    fn set_blocked(&mut self, seat: SeatIndex, state: SeatState) {
        let before = self.hall.state(seat);
        self.hall.set(seat, state);
        if let Some(pool) = self.hall.pool_of(seat) {
            let blocked = |state| u32::from(state == SeatState::Blocked);
            let count = self.blocked[pool] + blocked(state);
            self.blocked[pool] = count.saturating_sub(blocked(before));
        }
    }

    /// What counts at an instant, earlier or later than `as_of`.
    fn counted(&self, at: Timestamp) -> Counts {
        let mut counted = self.taken.clone();
        for (_, own) in self.differing(at) {
            if self.is_past(at) {
                self.draws.add(&mut counted, &own.shares);
            } else {
                self.draws.subtract(&mut counted, &own.shares);
            }
        }
        counted
    }

    /// The holds with a deadline after one instant, or any time before, and up to another.
    fn holds_ending(
        &self,
        after: Option<Timestamp>,
        up_to: Timestamp,
    ) -> impl Iterator<Item = (BookingId, &Allocation)> {
        let ending = self.holds.range((self::after(after), Bound::Included((up_to, LAST))));
        ending.filter_map(|(_, booking)| Some((*booking, self.allocations.get(booking)?)))
    }
}

/// Where the holds begin that end after an instant, or at any time.
fn after(at: Option<Timestamp>) -> Bound<(Timestamp, BookingId)> {
    at.map_or(Bound::Unbounded, |at| Bound::Excluded((at, LAST)))
}
