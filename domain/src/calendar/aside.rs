//! What is set aside of a calendar for vouchers.
//!
//! All that is set aside for one voucher is one allocation with a deadline, counted like any hold. It is kept as counts
//! by place, without buffers, so that any part can be taken out of it: two nights of seven, or an hour of a day. Whenever
//! it becomes another, one event tells what it was and what it is.

use super::command::Aside;
use super::decide::check_deadline;
use super::inventory::{Allocation, Inventory};
use super::span::{Span, Spans, add_run, common, summed, without};
use super::{Event, Refusal, Take};
use crate::values::{Timestamp, VoucherId};

/// What a booking has of what is set aside for its voucher.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// All that it has of it.
    pub all: Vec<Take>,
    /// What of that it did not have before.
    pub more: Vec<Take>,
}

/// Sets something aside for a voucher, and nothing else.
pub(super) fn set_aside(
    inventory: &Inventory,
    voucher: VoucherId,
    (takes, how_much): (&[Take], Aside),
    until: Timestamp,
    at: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let own = inventory.of_voucher(voucher);
    let mut asked = inventory.here(takes)?;
    if !asked.is_empty() {
        check_deadline(Some(until), at)?;
    }
    match how_much {
        Aside::Whole => {}
        Aside::AsFarAsFree => asked = inventory.obtainable(&asked, own, at),
    }
    let freed = inventory.aside_for(voucher);
    if asked.is_empty() {
        let until = own.and_then(|own| own.until);
        let takes = Vec::new();
        let nothing =
            |until| Event::SetAside { voucher, freed, takes, until, overbooked: false, at };
        return Ok(until.map(nothing).into_iter().collect());
    }
    let same = |own: &Allocation| own.until == Some(until) && own.spans == asked;
    if own.is_some_and(|own| same(own) && inventory.is_assured(own, at)) {
        return Ok(Vec::new()); // a repeat is not a new fact
    }
    let overbooked = inventory.check_room(&asked, own.as_slice(), at)?;
    let takes = inventory.axis().takes(&asked);
    Ok(vec![Event::SetAside { voucher, freed, takes, until, overbooked, at }])
}

/// What happens to what is set aside for a voucher when some of it is drawn.
pub(super) fn lessened(
    inventory: &Inventory,
    voucher: VoucherId,
    drawn: &Allocation,
    at: Timestamp,
) -> Option<Event> {
    let own = inventory.of_voucher(voucher)?;
    let takes = inventory.axis().takes(&without(&own.spans, &drawn.spans));
    let (freed, until) = (inventory.aside_for(voucher), own.until?);
    Some(Event::SetAside { voucher, freed, takes, until, overbooked: false, at })
}

impl Inventory {
    pub(super) fn aside_for(&self, voucher: VoucherId) -> Vec<Take> {
        self.of_voucher(voucher).map_or_else(Vec::new, |own| self.axis().takes(&own.spans))
    }

    /// What a booking has of what is set aside: first what it had before, as far as it still asks for it.
    pub(super) fn drawn(
        &self,
        voucher: VoucherId,
        asked: &[Take],
        had: &[Take],
        at: Timestamp,
    ) -> Drawn {
        let spans = |takes| summed(&self.axis().spans(takes));
        let asked = spans(asked);
        let had = common(&asked, &spans(had));
        let aside = self.of_voucher(voucher).filter(|own| self.is_assured(own, at));
        let more = aside.map_or_else(Spans::new, |own| common(&without(&asked, &had), &own.spans));
        let all: Spans = had.into_iter().chain(more.iter().copied()).collect();
        Drawn { all: self.axis().takes(&summed(&all)), more: self.axis().takes(&more) }
    }

    /// What is drawn of what is set aside, as far as it still counts: until its end, and no more than there is.
    pub(super) fn drawing(
        &self,
        voucher: VoucherId,
        drawn: &[Take],
        at: Timestamp,
    ) -> Option<Allocation> {
        let own = self.of_voucher(voucher).filter(|own| self.is_assured(own, at))?;
        let spans = common(&summed(&self.axis().spans(drawn)), &own.spans);
        (!spans.is_empty()).then_some(Allocation { spans, until: own.until })
    }

    /// What lies here of what is to be set aside, if it is of the kind that is counted here.
    fn here(&self, takes: &[Take]) -> Result<Spans, Refusal> {
        let by_times = self.axis().time().is_some();
        let fits = |take: &Take| match take {
            Take::Nights { .. } => !by_times,
            Take::Time { .. } => by_times,
        };
        if takes.iter().all(fits) {
            Ok(summed(&self.axis().spans(takes)))
        } else {
            Err(Refusal::OtherShape)
        }
    }

    /// As much of what is asked for on each place as is free there, or had already.
    fn obtainable(&self, asked: &[Span], own: Option<&Allocation>, at: Timestamp) -> Spans {
        let mut runs = Spans::new();
        for ask in asked {
            let places = ask.first..ask.end;
            let (others, assured) = self.others(&places, own.as_slice(), at);
            for (place, (others, assured)) in places.zip(others.iter().zip(assured.iter())) {
                let free = self.limits().total().saturating_sub(others);
                let count = ask.count.min(free.max(assured));
                if count > 0 {
                    add_run(&mut runs, Span::new(place, place + 1, count));
                }
            }
        }
        runs
    }
}
