//! Who uses a voucher, kept so that a decision costs the same however often it was used.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::drawn::Drawn;
use super::{Block, Event};
use crate::values::{BookingId, CustomerId, Money, Timestamp};

/// No id comes after it.
const LAST: BookingId = BookingId::from_uuid(Uuid::max());

/// One booking's use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Use {
    pub(super) customer: CustomerId,
    pub(super) given: Money,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) drawn: Vec<Block>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<Timestamp>,
}

/// How often a voucher counts as used, and what it gave away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many bookings use it.
    pub uses: u32,
    /// How many minor units it took off.
    pub given: u64,
}

/// All uses. Those held until a deadline stop counting at it by themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub(super) struct Ledger {
    uses: HashMap<BookingId, Use>,
    holds: BTreeSet<(Timestamp, BookingId)>,
    by_customer: HashMap<CustomerId, BTreeSet<BookingId>>,
    drawn: Drawn,
    given: u64,
    as_of: Option<Timestamp>,
}

impl Ledger {
    pub(super) fn of(&self, booking: BookingId) -> Option<&Use> {
        self.uses.get(&booking)
    }

    /// What counts at an instant, a booking's own use apart.
    pub(super) fn others(&self, own: Option<BookingId>, at: Timestamp) -> Tally {
        let mut uses = self.uses.len();
        let mut given = self.given;
        let mut leave = |gone: &Use| {
            uses -= 1;
            given = given.saturating_sub(gone.given.minor());
        };
        for (_, booking) in self.ended(at).filter(|(_, booking)| Some(*booking) != own) {
            self.uses.get(booking).into_iter().for_each(&mut leave);
        }
        own.and_then(|own| self.uses.get(&own)).into_iter().for_each(&mut leave);
        Tally { uses: u32::try_from(uses).unwrap_or(u32::MAX), given }
    }

    /// How often a customer uses it in other bookings.
    pub(super) fn others_of(
        &self,
        customer: CustomerId,
        own: Option<BookingId>,
        at: Timestamp,
    ) -> u32 {
        let bookings = self.by_customer.get(&customer).into_iter().flatten();
        let counts = |booking: &&BookingId| {
            let until = self.uses.get(booking).and_then(|using| using.until);
            Some(**booking) != own && until.is_none_or(|until| at < until)
        };
        u32::try_from(bookings.filter(counts).count()).unwrap_or(u32::MAX)
    }

    /// What bookings have of what is set aside.
    pub(super) fn drawn(&self) -> &Drawn {
        &self.drawn
    }

    /// Whether somebody was let use it at an instant at which a hold with this deadline no longer counted.
    pub(super) fn passed_over(&self, until: Timestamp) -> bool {
        self.as_of.is_some_and(|as_of| until <= as_of)
    }

    /// The latest instant at which somebody was let use it, or a later one.
    pub(super) fn latest(&self, at: Timestamp) -> Timestamp {
        self.as_of.map_or(at, |as_of| as_of.max(at))
    }

    fn put(&mut self, booking: BookingId, using: Use, at: Option<Timestamp>) {
        self.remove(booking);
        self.as_of = self.as_of.max(at);
        self.given = self.given.saturating_add(using.given.minor());
        if let Some(until) = using.until {
            self.holds.insert((until, booking));
        }
        self.by_customer.entry(using.customer).or_default().insert(booking);
        self.drawn.add(&using.drawn);
        self.uses.insert(booking, using);
    }

    fn remove(&mut self, booking: BookingId) -> Option<Use> {
        let gone = self.uses.remove(&booking)?;
        self.given = self.given.saturating_sub(gone.given.minor());
        if let Some(until) = gone.until {
            self.holds.remove(&(until, booking));
        }
        if let Some(bookings) = self.by_customer.get_mut(&gone.customer) {
            bookings.remove(&booking);
            if bookings.is_empty() {
                self.by_customer.remove(&gone.customer);
            }
        }
        self.drawn.subtract(&gone.drawn);
        Some(gone)
    }

    pub(super) fn weight(&self) -> usize {
        let one = size_of::<(BookingId, Use)>() + 3 * size_of::<(Timestamp, BookingId)>();
        let blocks = |using: &Use| using.drawn.capacity() * size_of::<Block>();
        let own = self.uses.values().map(blocks).sum::<usize>();
        self.uses.len() * one + own + self.drawn.weight()
    }

    /// The holds that have ended by an instant.
    fn ended(&self, at: Timestamp) -> impl Iterator<Item = &(Timestamp, BookingId)> {
        self.holds.range((Bound::Unbounded, Bound::Included((at, LAST))))
    }
}

impl Ledger {
    /// Folds one event into what is used.
    pub(super) fn evolve(&mut self, event: &Event) {
        match event {
            Event::Created { .. } | Event::Revised(_) | Event::Withdrawn { .. } => {}
            Event::Used { booking, customer, given, drawn, until, at } => {
                let (customer, given, until) = (*customer, *given, *until);
                let using = Use { customer, given, drawn: drawn.clone(), until };
                self.put(*booking, using, Some(*at));
            }
            Event::UseChanged { booking, given, drawn, at } => {
                self.renew(*booking, *at, |using| {
                    using.given = *given;
                    using.drawn.clone_from(drawn);
                });
            }
            Event::UseExtended { booking, until, at } => {
                self.renew(*booking, *at, |using| using.until = Some(*until));
            }
            Event::UseConfirmed { booking, at } => {
                self.renew(*booking, *at, |using| using.until = None);
            }
            Event::UseReturned { booking, given: _, at: _ } => {
                self.remove(*booking);
            }
        }
    }

    fn renew(&mut self, booking: BookingId, at: Timestamp, change: impl FnOnce(&mut Use)) {
        if let Some(mut using) = self.remove(booking) {
            change(&mut using);
            self.put(booking, using, Some(at));
        }
    }
}

/// What a snapshot keeps: what can be counted anew is.
#[derive(Serialize, Deserialize)]
struct Stored {
    uses: BTreeMap<BookingId, Use>,
    as_of: Option<Timestamp>,
}

impl From<Stored> for Ledger {
    fn from(Stored { uses, as_of }: Stored) -> Self {
        let mut ledger = Self { as_of, ..Self::default() };
        for (booking, using) in uses {
            ledger.put(booking, using, None);
        }
        ledger
    }
}

impl From<Ledger> for Stored {
    fn from(Ledger { uses, as_of, .. }: Ledger) -> Self {
        Self { uses: uses.into_iter().collect(), as_of }
    }
}
