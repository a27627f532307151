//! Which tickets a booking has, once it entitles to something else than before.
//!
//! Whoever can keep a ticket keeps it. What stays the same is left alone; a ticket whose seat or session is another goes
//! on under a new code; what is left over is void, those first that nobody has used or been given.

use std::collections::{HashMap, VecDeque};

use super::{Entitlement, Event, Issued, Refusal, Ticket, Tickets};
use crate::values::{CodeHash, Generation, SessionId, TicketNumber, Timestamp};

impl Tickets {
    /// Decides on all tickets at once: one for each entitlement, no more and no fewer. `code_of` tells the digest of the
    /// code of an issue, which follows from a secret that no command carries.
    pub fn settle(
        &self,
        entitled: Vec<Entitlement>,
        code_of: impl Fn(TicketNumber, Generation) -> CodeHash,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let Matched { void, exchanged, new } = self.matched(entitled);
        let exchanged = exchanged.into_iter().map(|(ticket, entitlement)| {
            let code_hash = code_of(ticket.number, ticket.generation().next());
            Issued { number: ticket.number, entitlement, code_hash }
        });
        let exchanged: Vec<_> = exchanged.collect();
        let mut issued = Vec::with_capacity(new.len());
        for (index, entitlement) in (self.tickets.len()..).zip(new) {
            let number = u32::try_from(index + 1).ok();
            let number = number.and_then(|number| TicketNumber::try_new(number).ok());
            let number = number.ok_or(Refusal::TooMany)?;
            let code_hash = code_of(number, Generation::FIRST);
            issued.push(Issued { number, entitlement, code_hash });
        }
        let mut events = Vec::new();
        if !void.is_empty() {
            events.push(Event::Voided { numbers: void, at });
        }
        if !exchanged.is_empty() {
            events.push(Event::Exchanged { tickets: exchanged, at });
        }
        if !issued.is_empty() {
            events.push(Event::Issued { tickets: issued, at });
        }
        Ok(events)
    }

    fn matched(&self, mut entitled: Vec<Entitlement>) -> Matched<'_> {
        let mut left: Vec<_> = self.valid().collect();
        left.sort_by_cached_key(|ticket| (worth(ticket), ticket.number));
        let mut exchanged = Vec::new();
        for alike in [same, same_but_for_the_seat, same_but_for_the_session] {
            for (ticket, entitlement) in pairs(&mut left, &mut entitled, alike) {
                if *ticket.entitlement() != entitlement {
                    exchanged.push((ticket, entitlement));
                }
            }
        }
        exchanged.sort_by_key(|(ticket, _)| ticket.number);
        let mut void: Vec<_> = left.into_iter().map(|ticket| ticket.number).collect();
        void.sort_unstable();
        Matched { void, exchanged, new: entitled }
    }
}

/// What becomes of tickets and of what their booking entitles to.
struct Matched<'a> {
    void: Vec<TicketNumber>,
    exchanged: Vec<(&'a Ticket, Entitlement)>,
    new: Vec<Entitlement>,
}

/// Lower for a ticket that somebody has come in with, or was given.
fn worth(ticket: &Ticket) -> (bool, bool) {
    let unused = ticket.passages(ticket.entitlement().session).next().is_none();
    (unused, ticket.personal.is_none())
}

/// What has to be the same of two entitlements; the seat, where seats matter, is compared last.
type Key<'a> = (Option<SessionId>, &'a str, Option<String>);

fn same(one: &Entitlement) -> Key<'_> {
    let seat = one.seat.as_ref().map_or_else(String::new, ToString::to_string);
    (Some(one.session), one.offer.as_str(), Some(seat))
}

fn same_but_for_the_seat(one: &Entitlement) -> Key<'_> {
    (Some(one.session), one.offer.as_str(), None)
}

fn same_but_for_the_session(one: &Entitlement) -> Key<'_> {
    (None, one.offer.as_str(), None)
}

/// Takes out tickets and entitlements that are alike, in pairs and in order.
fn pairs<'a>(
    left: &mut Vec<&'a Ticket>,
    entitled: &mut Vec<Entitlement>,
    key: for<'k> fn(&'k Entitlement) -> Key<'k>,
) -> Vec<(&'a Ticket, Entitlement)> {
    let mut places = HashMap::<_, VecDeque<_>>::new();
    for (place, entitlement) in entitled.iter().enumerate() {
        places.entry(key(entitlement)).or_default().push_back(place);
    }
    let mut found = Vec::new();
    left.retain(|ticket| {
        let place = places.get_mut(&key(ticket.entitlement())).and_then(VecDeque::pop_front);
        found.extend(place.map(|place| (*ticket, place)));
        place.is_none()
    });
    drop(places);
    let mut rest: Vec<_> = std::mem::take(entitled).into_iter().map(Some).collect();
    let found = found.into_iter().filter_map(|(ticket, place)| Some((ticket, rest[place].take()?)));
    let found = found.collect();
    entitled.extend(rest.into_iter().flatten());
    found
}
