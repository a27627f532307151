//! Places that are set aside for whoever uses a voucher.

use std::collections::BTreeSet;

use daybook_domain::{
    allotment::{self, Allotment, Item, Seating, Take},
    values::{Code, Quantity, SessionId, Timestamp, VoucherId},
    voucher::{Block, Voucher},
};
use daybook_event_store::Unit;

use crate::{bus::Stop, problem::Problem};

/// Sets aside in each session what is left to be set aside of it: all of it, or it is refused.
pub(super) fn set_all_aside(
    unit: &mut Unit,
    id: VoucherId,
    sessions: &BTreeSet<SessionId>,
    at: Timestamp,
) -> Result<(), Stop> {
    for session in sessions {
        let set = |unit: &mut Unit, aside: Aside| {
            let command = aside.command(|wanted, _| wanted);
            unit.decide(session, |allotment: &Allotment| allotment.decide(command))
        };
        let all = Aside::of(unit, id, *session, at);
        let decided = match set(unit, all) {
            // what ended meanwhile may be anybody's, so that other seats have to do
            Err(allotment::Refusal::SeatNotFree { .. }) => {
                let all = Aside::of(unit, id, *session, at).anew();
                set(unit, all)
            }
            decided => decided,
        };
        decided.map_err(|refusal| Problem::from(refusal).in_field("/blocks"))?;
    }
    Ok(())
}

/// Sets aside again what a booking gave back of some sessions, as far as nobody else has taken it since.
pub(super) fn replenish(
    unit: &mut Unit,
    id: VoucherId,
    sessions: &BTreeSet<SessionId>,
    at: Timestamp,
) {
    for session in sessions {
        let all = Aside::of(unit, id, *session, at).command(|wanted, _| wanted);
        if aside(unit, *session, all) {
            continue;
        }
        // one offer after the other, since they may share a pool
        for index in 0..Aside::of(unit, id, *session, at).offers.len() {
            let mut offer = 0..;
            let part = Aside::of(unit, id, *session, at).command(|wanted, of| {
                let free = if offer.next() == Some(index) { of.free } else { 0 };
                wanted.min(of.had().saturating_add(free))
            });
            aside(unit, *session, part);
        }
    }
}

/// Whether it could be had.
fn aside(unit: &mut Unit, session: SessionId, command: allotment::Command) -> bool {
    unit.decide(session, |allotment: &Allotment| allotment.decide(command)).is_ok()
}

/// What is set aside of a session for a voucher, and what is to be.
struct Aside {
    voucher: VoucherId,
    offers: Vec<OfferAside>,
    until: Option<Timestamp>,
    at: Timestamp,
}

struct OfferAside {
    offer: Code,
    wanted: u32,
    present: Option<Take>,
    seated: bool,
    free: u32,
}

impl Aside {
    fn of(unit: &mut Unit, id: VoucherId, session: SessionId, at: Timestamp) -> Self {
        let voucher = unit.state::<Voucher>(id);
        let until = voucher.details().and_then(|details| details.blocks_until(at));
        let blocks = voucher.details().map_or(&[][..], |details| &details.terms.blocks);
        let offers = blocks.iter().filter_map(|block| match block {
            Block::Places { session: place, offer, .. } => (*place == session).then_some(offer),
            Block::Nights { .. } | Block::Time { .. } => None,
        });
        let wanted: Vec<_> =
            offers.map(|offer| (offer.clone(), voucher.left_aside(session, offer))).collect();
        let allotment = unit.state::<Allotment>(session);
        let takes = allotment.takes_of(id.as_holder().0);
        let offers = wanted.into_iter().map(|(offer, wanted)| OfferAside {
            present: takes.iter().find(|take| take.offer == offer).cloned(),
            seated: allotment.is_seated(&offer),
            free: allotment.free_of_offer(&offer, at),
            offer,
            wanted,
        });
        Self { voucher: id, offers: offers.collect(), until, at }
    }

    /// The same in whatever seats there are.
    fn anew(mut self) -> Self {
        self.offers.iter_mut().for_each(|offer| offer.present = None);
        self
    }

    /// Sets so many aside of each offer; those that are set aside already stay so.
    fn command(&self, mut how_many: impl FnMut(u32, &OfferAside) -> u32) -> allotment::Command {
        let Self { voucher, until, at, .. } = *self;
        let mut items = Vec::new();
        if until.is_some() {
            for offer in &self.offers {
                offer.ask(how_many(offer.wanted, offer), &mut items);
            }
        }
        // without an end nothing is asked for, so that any end will do
        allotment::Command::SetAside { voucher, items, until: until.unwrap_or(at), at }
    }
}

impl OfferAside {
    fn had(&self) -> u32 {
        self.present.as_ref().map_or(0, |take| take.quantity.get())
    }

    fn ask(&self, wanted: u32, items: &mut Vec<Item>) {
        let kept = self.had().min(wanted);
        let mut put = |quantity, seating| {
            if let Ok(quantity) = Quantity::try_new(quantity) {
                items.push(Item { offer: self.offer.clone(), quantity, seating });
            }
        };
        match &self.present {
            _ if !self.seated => put(wanted, Seating::Unseated),
            Some(take) if kept > 0 => {
                let seats = (take.seats.len() / take.quantity.get() as usize) * kept as usize;
                put(kept, Seating::Chosen(take.seats[..seats].to_vec()));
                put(wanted - kept, Seating::BestAvailable);
            }
            Some(_) | None => put(wanted, Seating::BestAvailable),
        }
    }
}
