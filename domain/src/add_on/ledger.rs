//! What is taken of an add-on, kept so that a decision costs the same however much is sold.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Ask, Event, Refusal, Stock};
use crate::values::{BookingId, Timestamp};

/// No id comes after it.
const LAST: BookingId = BookingId::from_uuid(Uuid::max());

/// What one booking takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Taken {
    pub(super) asks: Vec<Ask>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<Timestamp>,
}

impl Taken {
    /// How many pieces.
    pub(super) fn quantity(&self) -> u32 {
        self.on(None)
    }

    /// How many pieces in all, or on a day.
    fn on(&self, day: Option<NaiveDate>) -> u32 {
        let asks = self.asks.iter();
        let here = asks.filter(|ask| day.is_none_or(|day| ask.days.contains(day)));
        here.map(|ask| ask.quantity).fold(0, u32::saturating_add)
    }
}

/// All that is taken. What is held until a deadline stops counting at it by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub(super) struct Ledger {
    takes: HashMap<BookingId, Taken>,
    holds: BTreeSet<(Timestamp, BookingId)>,
    all: u64,
    by_day: BTreeMap<NaiveDate, u64>,
    as_of: Option<Timestamp>,
}

impl Ledger {
    pub(super) fn of(&self, booking: BookingId) -> Option<&Taken> {
        self.takes.get(&booking)
    }

    /// How many pieces count at an instant, in all or on a day, a booking's own apart.
    pub(super) fn taken(
        &self,
        day: Option<NaiveDate>,
        own: Option<BookingId>,
        at: Timestamp,
    ) -> u32 {
        let all = day.map_or(self.all, |day| self.by_day.get(&day).copied().unwrap_or(0));
        let ended = self.holds.range((Bound::Unbounded, Bound::Included((at, LAST))));
        let ended = ended.map(|(_, booking)| *booking).filter(|booking| Some(*booking) != own);
        let gone = ended.chain(own).filter_map(|booking| self.takes.get(&booking));
        let gone: u64 = gone.map(|taken| u64::from(taken.on(day))).sum();
        u32::try_from(all.saturating_sub(gone)).unwrap_or(u32::MAX)
    }

    /// Whether what a booking takes counts at an instant, and counted whenever something was given away.
    pub(super) fn is_assured(&self, booking: BookingId, at: Timestamp) -> bool {
        self.takes.get(&booking).is_some_and(|own| {
            own.until.is_none_or(|until| self.as_of.is_none_or(|as_of| as_of < until) && at < until)
        })
    }

    /// The latest instant at which something was given away, or a later one.
    pub(super) fn latest(&self, at: Timestamp) -> Timestamp {
        self.as_of.map_or(at, |as_of| as_of.max(at))
    }

    /// Refuses more than there is beside what others take.
    pub(super) fn check(
        &self,
        stock: Stock,
        booking: BookingId,
        asks: &[Ask],
        at: Timestamp,
    ) -> Result<(), Refusal> {
        let wanted = Taken { asks: asks.to_vec(), until: None };
        let assured = self.is_assured(booking, at);
        let fits = |stock: u32, day: Option<NaiveDate>| {
            let asked = wanted.on(day);
            let had = self.takes.get(&booking).filter(|_| assured).map_or(0, |own| own.on(day));
            let free = stock.saturating_sub(self.taken(day, Some(booking), at));
            // what it has for sure it may keep, even if there are fewer by now
            if asked <= free || asked <= had {
                Ok(())
            } else {
                Err(Refusal::SoldOut { day, free, asked })
            }
        };
        match stock {
            Stock::Unlimited => Ok(()),
            Stock::Total(stock) => fits(stock, None),
            Stock::PerDay(stock) => {
                let days: BTreeSet<_> = asks.iter().flat_map(|ask| ask.days.iter()).collect();
                days.into_iter().try_for_each(|day| fits(stock, Some(day)))
            }
        }
    }

    pub(super) fn evolve(&mut self, event: &Event) {
        match event {
            Event::Created { .. } | Event::Revised(_) | Event::Withdrawn { .. } => {}
            Event::Taken { booking, asks, until, at } => {
                self.put(*booking, Taken { asks: asks.clone(), until: *until });
                self.as_of = self.as_of.max(Some(*at));
            }
            Event::Confirmed { booking, at } => {
                if let Some(taken) = self.remove(*booking) {
                    self.put(*booking, Taken { until: None, ..taken });
                }
                self.as_of = self.as_of.max(Some(*at));
            }
            Event::Released { booking, at: _ } => {
                self.remove(*booking);
            }
        }
    }

    pub(super) fn weight(&self) -> usize {
        let one = size_of::<(BookingId, Taken)>() + size_of::<Ask>() + size_of::<Timestamp>() * 4;
        self.takes.len() * one + self.by_day.len() * 2 * size_of::<(NaiveDate, u64)>()
    }

    fn put(&mut self, booking: BookingId, taken: Taken) {
        self.remove(booking);
        for Ask { quantity, days } in &taken.asks {
            self.all += u64::from(*quantity);
            for day in days.iter() {
                *self.by_day.entry(day).or_default() += u64::from(*quantity);
            }
        }
        if let Some(until) = taken.until {
            self.holds.insert((until, booking));
        }
        self.takes.insert(booking, taken);
    }

    fn remove(&mut self, booking: BookingId) -> Option<Taken> {
        let gone = self.takes.remove(&booking)?;
        for Ask { quantity, days } in &gone.asks {
            self.all = self.all.saturating_sub(u64::from(*quantity));
            for day in days.iter() {
                if let Some(taken) = self.by_day.get_mut(&day) {
                    *taken = taken.saturating_sub(u64::from(*quantity));
                    if *taken == 0 {
                        self.by_day.remove(&day);
                    }
                }
            }
        }
        if let Some(until) = gone.until {
            self.holds.remove(&(until, booking));
        }
        Some(gone)
    }
}

/// What a snapshot keeps: what can be counted anew is.
#[derive(Serialize, Deserialize)]
struct Stored {
    takes: BTreeMap<BookingId, Taken>,
    as_of: Option<Timestamp>,
}

impl From<Stored> for Ledger {
    fn from(Stored { takes, as_of }: Stored) -> Self {
        let mut ledger = Self { as_of, ..Self::default() };
        for (booking, taken) in takes {
            ledger.put(booking, taken);
        }
        ledger
    }
}

impl From<Ledger> for Stored {
    fn from(Ledger { takes, as_of, .. }: Ledger) -> Self {
        Self { takes: takes.into_iter().collect(), as_of }
    }
}
