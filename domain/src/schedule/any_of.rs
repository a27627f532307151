//! Slots that are free for any of several people.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::span::Span;
use super::{Found, NothingFree, Search, slots};
use crate::values::{Quantity, ResourceId, TimeRange};

/// Somebody who could do it. Who travels has several schedules, each a candidate with the same id.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// Who it is.
    pub resource: ResourceId,
    /// What is asked of them.
    pub search: Search<'a>,
}

/// Somebody who is free for a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FreeResource {
    /// Who it is.
    pub resource: ResourceId,
    /// How many more can have it with them.
    pub remaining: Quantity,
}

/// A time at which a service can begin with somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnySlot {
    /// From its start to its end, without buffers.
    pub time: TimeRange,
    /// Who is free, never nobody, and in the order of choice: who has the fewest bookings that
    /// begin on that date comes first, and among equals the smallest id.
    pub free: Vec<FreeResource>,
}

/// The slots in order, and the reason if there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundAny {
    /// The slots in the order of their starts, and among equals of their ends.
    pub slots: Vec<AnySlot>,
    /// Why there is none, if so: the reason of whoever came nearest to being free.
    pub why: Option<NothingFree>,
}

/// One candidate at one time: compares by the time first, then by the order of choice. There are many: it is kept small.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Offer {
    start: i64,
    /// How many seconds it takes.
    seconds: u32,
    bookings: u32,
    /// Which of the ids in order.
    resource: u32,
    remaining: Quantity,
}

impl Offer {
    fn service(&self) -> Span {
        Span { start: self.start, end: self.start + i64::from(self.seconds) }
    }
}

/// Finds the times at which a service can begin with any of several candidates.
pub fn any_of(candidates: &[Candidate<'_>]) -> FoundAny {
    let mut ids: Vec<ResourceId> = candidates.iter().map(|candidate| candidate.resource).collect();
    ids.sort_unstable();
    let mut offers = Vec::new();
    let mut why = None;
    for candidate in candidates {
        let found = slots(&candidate.search);
        why = why.max(found.why);
        let resource = ids.partition_point(|id| *id < candidate.resource);
        let resource = u32::try_from(resource).unwrap_or(u32::MAX);
        add_offers(resource, &candidate.search, &found, &mut offers);
    }
    offers.sort(); // those of one candidate are in order already, and this sort makes use of it
    let same_time = |a: &Offer, b: &Offer| a.service() == b.service();
    let travels = ids.windows(2).any(|pair| pair[0] == pair[1]);
    let slots: Vec<AnySlot> =
        offers.chunk_by(same_time).map(|offers| together(offers, &ids, travels)).collect();
    let why = if slots.is_empty() { why.or(Some(NothingFree::Closed)) } else { None };
    FoundAny { slots, why }
}

fn add_offers(resource: u32, search: &Search<'_>, found: &Found, offers: &mut Vec<Offer>) {
    let mut bookings: HashMap<NaiveDate, u32> = HashMap::new();
    for start in search.booked {
        *bookings.entry(search.schedule.zone().local_date(*start)).or_default() += 1;
    }
    offers.reserve(found.slots.len());
    for day in found.slots.chunk_by(|a, b| a.date == b.date) {
        let bookings = bookings.get(&day[0].date).copied().unwrap_or(0);
        offers.extend(day.iter().map(|slot| {
            let Span { start, end } = Span::around(slot.time);
            let seconds = u32::try_from(end - start).unwrap_or(u32::MAX);
            Offer { start, seconds, bookings, resource, remaining: slot.remaining }
        }));
    }
}

/// One slot of all offers for it; `travels` says that somebody may be among them twice.
fn together(offers: &[Offer], ids: &[ResourceId], travels: bool) -> AnySlot {
    let mut free: Vec<FreeResource> = Vec::with_capacity(offers.len());
    for Offer { resource, remaining, .. } in offers {
        let resource = ids[*resource as usize];
        if !travels || !free.iter().any(|other| other.resource == resource) {
            free.push(FreeResource { resource, remaining: *remaining });
        }
    }
    AnySlot { time: offers[0].service().range(), free }
}
