//! What a booking draws of what is set aside for its voucher.
//!
//! Nobody comes between what is given up for a booking and what it takes: those who wait are served before the first, and
//! then not until the use of the voucher is finished.

use std::collections::BTreeMap;

use daybook_domain::{
    allotment::{self, Allotment, Item, Part, Seating, Take},
    booking::{Demands, Line, Time},
    calendar::{self, Calendar, Drawn},
    values::{CalendarId, Code, ListingId, Quantity, ResourceId, SessionId, Timestamp, VoucherId},
    voucher::{Block, Grant, Voucher},
};
use daybook_event_store::Unit;

use crate::bus::{
    Stop,
    inventory::Taking,
    lines::{Plan, Planned},
};

/// What a booking draws, while it takes what it asks for.
pub(in crate::bus) struct Drawing {
    grant: Grant,
    listing: ListingId,
    /// What it had before.
    before: Vec<Block>,
    /// The places that it asks for and the voucher is for.
    places: Vec<(SessionId, Item)>,
    /// The nights and times, once it is known of whom.
    takes: BTreeMap<CalendarId, Vec<calendar::Take>>,
    /// What it has from now on, as far as that is decided.
    drawn: Vec<Block>,
}

impl Drawing {
    pub(super) fn new(grant: Grant, plan: &Plan, listing: ListingId, before: Vec<Block>) -> Self {
        let places = plan.lines.iter().filter_map(Planned::places);
        let meant =
            places.filter(|(places, _)| grant.is_for(&Line::Places(places.clone()), listing));
        let places = meant.map(|(places, item)| (places.session(), item)).collect();
        Self { grant, listing, before, places, takes: BTreeMap::new(), drawn: Vec::new() }
    }

    pub(super) fn grant(&self) -> &Grant {
        &self.grant
    }

    pub(super) fn listing(&self) -> ListingId {
        self.listing
    }

    /// What it had before, and what it has now.
    pub(super) fn into_blocks(self) -> (Vec<Block>, Vec<Block>) {
        (self.before, self.drawn)
    }

    /// Asks for the nights and times among some lines.
    pub(in crate::bus) fn ask_for(&mut self, lines: &[Line]) {
        let meant = lines.iter().filter(|line| self.grant.is_for(line, self.listing));
        self.takes = Demands::of(&meant.cloned().collect::<Vec<_>>()).calendars;
    }

    /// What is asked of a calendar, and what is drawn of it by that.
    pub(in crate::bus) fn of_calendar(
        &mut self,
        unit: &mut Unit,
        calendar: CalendarId,
        takes: Vec<calendar::Take>,
        taking: Taking,
    ) -> calendar::Command {
        let meant = self.takes.get(&calendar).map_or(&[][..], |meant| meant);
        let state = unit.state::<Calendar>(calendar);
        let drawn = self.drawn_of(state, calendar.resource, meant, taking.at);
        let blocks = drawn.all.into_iter().map(|take| Block::of_take(calendar.resource, take));
        self.drawn.extend(blocks);
        command(self.grant.voucher, drawn.more, takes, taking)
    }

    /// What would be asked of a calendar if it were this one that is taken.
    pub(in crate::bus) fn for_one(
        &self,
        state: &Calendar,
        line: &Time,
        takes: Vec<calendar::Take>,
        taking: Taking,
    ) -> calendar::Command {
        let is_meant = self.grant.is_for(&Line::Time(line.clone()), self.listing);
        let meant = if is_meant { &*takes } else { &[] };
        let drawn = self.drawn_of(state, line.resource(), meant, taking.at);
        command(self.grant.voucher, drawn.more, takes, taking)
    }

    fn drawn_of(
        &self,
        state: &Calendar,
        resource: ResourceId,
        meant: &[calendar::Take],
        at: Timestamp,
    ) -> Drawn {
        let had = self.before.iter().filter_map(Block::take).filter(|(of, _)| *of == resource);
        let had: Vec<_> = had.map(|(_, take)| take).collect();
        state.drawn(self.grant.voucher, meant, &had, at)
    }

    /// Frees what is set aside of a session beyond what was drawn before, so that it can be taken.
    pub(in crate::bus) fn of_session(
        &mut self,
        unit: &mut Unit,
        session: SessionId,
        at: Timestamp,
    ) -> Result<(), Stop> {
        let (holder, _) = self.grant.voucher.as_holder();
        let details = unit.state::<Voucher>(self.grant.voucher).details();
        let in_force = details.is_some_and(|details| details.blocks_until(at).is_some());
        let mut had = self.had_of(session);
        let mut drawn = BTreeMap::<Code, u32>::new();
        for (_, item) in self.places.iter().filter(|(of, _)| *of == session) {
            let offer = &item.offer;
            let own = had.get(offer).copied().unwrap_or(0).min(item.quantity.get());
            had.entry(offer.clone()).and_modify(|had| *had -= own);
            let takes = unit.state::<Allotment>(session).takes_of(holder);
            let here = takes.iter().find(|take| in_force && take.offer == *offer);
            let part = here.and_then(|take| part_of(take, item, item.quantity.get() - own));
            let freed = part.as_ref().map_or(0, |part| part.quantity.get());
            if let Some(part) = part {
                let command =
                    allotment::Command::Release { booking: holder, parts: Some(vec![part]), at };
                unit.decide(session, |allotment: &Allotment| allotment.decide(command))?;
            }
            *drawn.entry(offer.clone()).or_default() += own + freed;
        }
        let block = |(offer, quantity)| {
            let quantity = Quantity::try_new(quantity).ok()?;
            Some(Block::Places { session, offer, quantity })
        };
        self.drawn.extend(drawn.into_iter().filter_map(block));
        Ok(())
    }

    /// How many of each offer of a session it had before.
    fn had_of(&self, session: SessionId) -> BTreeMap<Code, u32> {
        let had = self.before.iter().filter_map(|block| match block {
            Block::Places { session: of, offer, quantity } => {
                (*of == session).then(|| (offer.clone(), quantity.get()))
            }
            Block::Nights { .. } | Block::Time { .. } => None,
        });
        had.collect()
    }
}

fn command(
    voucher: VoucherId,
    drawn: Vec<calendar::Take>,
    takes: Vec<calendar::Take>,
    taking: Taking,
) -> calendar::Command {
    if drawn.is_empty() {
        return taking.command(takes);
    }
    let Taking { booking, customer: _, until, at } = taking;
    calendar::Command::Draw { voucher, drawn, booking, takes, until, at }
}

/// What can be had of what is set aside, for at most so many: with chosen seats, only those of them that are.
fn part_of(take: &Take, item: &Item, most: u32) -> Option<Part> {
    let each = take.seats.len() / take.quantity.get() as usize;
    let seats: Vec<_> = match &item.seating {
        Seating::Chosen(chosen) => {
            chosen.iter().filter(|seat| take.seats.contains(seat)).cloned().collect()
        }
        Seating::BestAvailable | Seating::Unseated => take.seats.clone(),
    };
    let seated = seats.len().checked_div(each);
    let seated = seated.and_then(|units| u32::try_from(units).ok());
    let quantity = most.min(take.quantity.get()).min(seated.unwrap_or(u32::MAX));
    let quantity = Quantity::try_new(quantity).ok()?;
    let seats = seats.into_iter().take(each * quantity.get() as usize).collect();
    Some(Part { offer: take.offer.clone(), quantity, seats })
}
