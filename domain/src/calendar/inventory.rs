//! What is taken of a month, kept so that a decision costs the same however full the month is.
//!
//! `taken` counts, per place, everything that is firm and every hold whose deadline lies after `as_of`.
//! `as_of` is the latest instant at which room was given away; it only moves forward, and holds whose
//! deadline it passes leave the count once. What counts at any other instant differs from `taken`
//! only by the holds with a deadline between the two, which the ordered set finds at once.
//! Of what `taken` counts, `held` counts the holds and `blocked` the blocks, to tell what stands in the way.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::{Bound, Range};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::axis::Axis;
use super::counts::{Counts, Window};
use super::span::{Span, Spans, summed};
use super::{Block, Extent, Occupant, Refusal, Take, occupant::Holder};
use crate::values::{BlockId, BookingId, Limits, Reason, TimeRange, Timestamp, VoucherId};

/// An open calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Inventory {
    axis: Axis,
    limits: Limits,
    pub(super) as_of: Option<Timestamp>,
    pub(super) taken: Counts,
    pub(super) held: Counts,
    pub(super) blocked: Counts,
    holds: BTreeSet<(Timestamp, Holder)>,
    allocations: HashMap<BookingId, Allocation>,
    /// What is set aside for vouchers, all of it held.
    aside: BTreeMap<VoucherId, Allocation>,
    blocks: BTreeMap<BlockId, (Spans, Reason)>,
}

/// What one booking or voucher takes, and until when unless for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Allocation {
    pub(super) spans: Spans,
    pub(super) until: Option<Timestamp>,
}

impl Allocation {
    /// Whether it counts at an instant: the deadline itself is over.
    pub(super) fn counts(&self, at: Timestamp) -> bool {
        self.until.is_none_or(|until| until > at)
    }
}

impl Inventory {
    pub(super) fn new(axis: Axis, limits: Limits) -> Self {
        Self {
            axis,
            limits,
            as_of: None,
            taken: Counts::default(),
            held: Counts::default(),
            blocked: Counts::default(),
            holds: BTreeSet::new(),
            allocations: HashMap::new(),
            aside: BTreeMap::new(),
            blocks: BTreeMap::new(),
        }
    }

    pub(super) fn axis(&self) -> &Axis {
        &self.axis
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    /// The fewest that are free anywhere in a stretch of this calendar.
    pub(super) fn free(&self, extent: Extent, at: Timestamp) -> Option<u32> {
        let peak = self.counted(&self.taken, self.axis.places(extent)?, at).peak();
        Some(self.limits.total().saturating_sub(peak))
    }

    /// The most that are promised beyond the capacity anywhere in a stretch of this calendar.
    pub(super) fn overbooked_by(&self, extent: Extent, at: Timestamp) -> Option<u32> {
        let peak = self.counted(&self.taken, self.axis.places(extent)?, at).peak();
        Some(peak.saturating_sub(self.limits.capacity.get()))
    }

    pub(super) fn takes_of(&self, booking: BookingId) -> Vec<Take> {
        self.allocations.get(&booking).map_or_else(Vec::new, |own| self.axis.takes(&own.spans))
    }

    pub(super) fn has(&self, booking: BookingId) -> bool {
        self.allocations.contains_key(&booking)
    }

    pub(super) fn own(&self, booking: BookingId) -> Option<&Allocation> {
        self.allocations.get(&booking)
    }

    /// What is set aside for a voucher.
    pub(super) fn of_voucher(&self, voucher: VoucherId) -> Option<&Allocation> {
        self.aside.get(&voucher)
    }

    /// The deadline of a booking that takes something: none if it takes it for good.
    pub(super) fn deadline(&self, booking: BookingId) -> Result<Option<Timestamp>, Refusal> {
        self.allocations.get(&booking).map(|own| own.until).ok_or(Refusal::NotAllocated)
    }

    /// The bookings that count at an instant and of which a time begins within a range, buffers apart.
    pub(super) fn begun_within(
        &self,
        range: TimeRange,
        at: Timestamp,
    ) -> impl Iterator<Item = BookingId> {
        let begins = move |span: &Span| {
            let begins = self.axis.beginning(span);
            begins.is_some_and(|begins| range.start() <= begins && begins < range.end())
        };
        let counting = self.allocations.iter().filter(move |(_, own)| own.counts(at));
        counting.filter(move |(_, own)| own.spans.iter().any(begins)).map(|(id, _)| *id)
    }

    pub(super) fn blocks(&self) -> impl Iterator<Item = Block> {
        self.blocks.keys().filter_map(|id| self.block(*id))
    }

    pub(super) fn block(&self, id: BlockId) -> Option<Block> {
        let (spans, reason) = self.blocks.get(&id)?;
        Some(Block { id, takes: self.axis.takes(spans), reason: reason.clone() })
    }

    /// Who takes anything of a stretch of this calendar.
    pub(super) fn occupants(&self, extent: Extent, at: Timestamp) -> Vec<Occupant> {
        let Some(places) = self.axis.places(extent) else { return Vec::new() };
        let is_there = |spans: &Spans| {
            spans.iter().any(|span| span.first < places.end && places.start < span.end)
        };
        let blocks = self.blocks.iter().filter(|(_, (spans, _))| is_there(spans));
        let own = self.allocations.iter().filter(|(_, own)| own.counts(at) && is_there(&own.spans));
        let aside = self.aside.iter().filter(|(_, own)| own.counts(at) && is_there(&own.spans));
        let mut found: Vec<_> = blocks.map(|(id, _)| Occupant::Block(*id)).collect();
        found.extend(own.map(|(id, _)| Occupant::Booking(*id)));
        found.extend(aside.map(|(id, _)| Occupant::Voucher(*id)));
        found.sort_unstable();
        found
    }

    pub(super) fn weight(&self) -> usize {
        let entry = size_of::<(BookingId, Allocation)>() + 1;
        let hold = size_of::<(Timestamp, Holder)>() * 3 / 2; // nodes of the set are about two thirds full
        let aside = |own: &Allocation| {
            let beyond = if own.spans.spilled() { own.spans.len() * size_of::<Span>() } else { 0 };
            size_of::<(VoucherId, Allocation)>() * 3 / 2 + beyond
        };
        let block = size_of::<(BlockId, (Spans, Reason))>() * 3 / 2 + Reason::MAX / 8;
        size_of::<Self>()
            + self.allocations.capacity() * entry
            + self.holds.len() * hold
            + self.aside.values().map(aside).sum::<usize>()
            + self.blocks.len() * block
            + self.taken.weight()
            + self.held.weight()
            + self.blocked.weight()
    }

    /// Whether room was given away at an instant at which a hold with this deadline no longer counted.
    pub(super) fn passed_over(&self, until: Timestamp) -> bool {
        self.as_of.is_some_and(|as_of| until <= as_of)
    }

    /// Whether a booking that counts at an instant is within the limits together with all others.
    pub(super) fn still_fits(&self, booking: BookingId, at: Timestamp) -> bool {
        let Some(own) = self.allocations.get(&booking) else { return false };
        let peak = |span: &Span| self.counted(&self.taken, span.first..span.end, at).peak();
        own.spans.iter().all(|span| peak(span) <= self.limits.total())
    }

    /// Whether a booking takes exactly this already, and nobody may have been given its place.
    pub(super) fn is_unchanged(
        &self,
        booking: BookingId,
        asked: &Spans,
        until: Option<Timestamp>,
        at: Timestamp,
    ) -> bool {
        self.allocations.get(&booking).is_some_and(|own| {
            own.until == until && self.is_assured(own, at) && own.spans == *asked
        })
    }

    pub(super) fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Lets a booking take this and nothing else.
    pub(super) fn put(&mut self, booking: BookingId, takes: &[Take], until: Option<Timestamp>) {
        let spans = self.axis.spans(takes);
        self.replace(Holder::Booking(booking), Some(Allocation { spans, until }));
    }

    /// Sets this and nothing else aside for a voucher.
    pub(super) fn put_aside(&mut self, voucher: VoucherId, takes: &[Take], until: Timestamp) {
        let spans = summed(&self.axis.spans(takes));
        let aside = Allocation { spans, until: Some(until) };
        let something = !aside.spans.is_empty();
        self.replace(Holder::Voucher(voucher), something.then_some(aside));
    }

    /// Lets a booking keep for good what it holds.
    pub(super) fn firm(&mut self, booking: BookingId) {
        let holder = Holder::Booking(booking);
        if let Some(own) = self.remove(holder) {
            self.insert(holder, Allocation { until: None, ..own });
        }
    }

    /// Takes something away from a booking.
    pub(super) fn free_up(&mut self, booking: BookingId, freed: &[Take]) {
        let holder = Holder::Booking(booking);
        let Some(own) = self.remove(holder) else { return };
        let spans = self.axis.left(&own.spans, freed);
        if !spans.is_empty() {
            self.insert(holder, Allocation { spans, ..own });
        }
    }

    /// Takes something for nobody.
    pub(super) fn put_block(&mut self, block: BlockId, takes: &[Take], reason: &Reason) {
        self.remove_block(block);
        let spans = self.axis.spans(takes);
        self.taken.add(&spans);
        self.blocked.add(&spans);
        self.blocks.insert(block, (spans, reason.clone()));
    }

    /// Gives up what nobody has.
    pub(super) fn remove_block(&mut self, block: BlockId) {
        if let Some((spans, _)) = self.blocks.remove(&block) {
            self.taken.subtract(&spans);
            self.blocked.subtract(&spans);
        }
    }

    /// Lets the holds that ended by an instant leave the count, each once.
    pub(super) fn advance(&mut self, at: Timestamp) {
        if self.as_of.is_some_and(|as_of| at <= as_of) {
            return;
        }
        let (mut taken, mut held) =
            (std::mem::take(&mut self.taken), std::mem::take(&mut self.held));
        for spans in self.holds_ending(self.as_of, at) {
            taken.subtract(spans);
            held.subtract(spans);
        }
        (self.taken, self.held) = (taken, held);
        self.as_of = Some(at);
    }

    fn replace(&mut self, holder: Holder, own: Option<Allocation>) {
        self.remove(holder);
        if let Some(own) = own {
            self.insert(holder, own);
        }
    }

    fn insert(&mut self, holder: Holder, own: Allocation) {
        if self.is_in_taken(&own) {
            self.taken.add(&own.spans);
            if own.until.is_some() {
                self.held.add(&own.spans);
            }
        }
        if let Some(until) = own.until {
            self.holds.insert((until, holder));
        }
        match holder {
            Holder::Booking(booking) => self.allocations.insert(booking, own),
            Holder::Voucher(voucher) => self.aside.insert(voucher, own),
        };
    }

    fn remove(&mut self, holder: Holder) -> Option<Allocation> {
        let own = match holder {
            Holder::Booking(booking) => self.allocations.remove(&booking),
            Holder::Voucher(voucher) => self.aside.remove(&voucher),
        }?;
        if self.is_in_taken(&own) {
            self.taken.subtract(&own.spans);
            if own.until.is_some() {
                self.held.subtract(&own.spans);
            }
        }
        if let Some(until) = own.until {
            self.holds.remove(&(until, holder));
        }
        Some(own)
    }

    fn is_in_taken(&self, own: &Allocation) -> bool {
        own.until.is_none_or(|until| !self.passed_over(until))
    }

    /// Whether it counts at an instant and counted whenever room was given away.
    pub(super) fn is_assured(&self, own: &Allocation, at: Timestamp) -> bool {
        own.counts(at) && self.is_in_taken(own)
    }

    /// What counts on some places at an instant, earlier or later than `as_of`: of everything, or of the holds.
    pub(super) fn counted(&self, of: &Counts, places: Range<u16>, at: Timestamp) -> Window {
        let mut counted = of.window(places);
        match self.as_of {
            Some(as_of) if at < as_of => {
                self.holds_ending(Some(at), as_of).for_each(|spans| counted.add(spans));
            }
            after => self.holds_ending(after, at).for_each(|spans| counted.subtract(spans)),
        }
        counted
    }

    /// What is held until after one instant, but not until after the other.
    fn holds_ending(
        &self,
        after: Option<Timestamp>,
        up_to: Timestamp,
    ) -> impl Iterator<Item = &[Span]> {
        const LAST: Holder = Holder::Voucher(VoucherId::from_uuid(Uuid::max()));
        let after = after.map_or(Bound::Unbounded, |after| Bound::Excluded((after, LAST)));
        let up_to = Bound::Included((up_to, LAST));
        let ending = self.holds.range((after, up_to));
        ending.filter_map(|(_, holder)| {
            let own = match holder {
                Holder::Booking(booking) => self.allocations.get(booking),
                Holder::Voucher(voucher) => self.aside.get(voucher),
            };
            Some(&*own?.spans)
        })
    }
}
