//! Which tickets a booking has, once it entitles to something else than before.
//!
//! Whoever can keep a ticket keeps it. What stays the same is left alone; a ticket whose seat or session is another goes
//! on under a new code; what is left over is void, those first that nobody has used or been given.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use super::{Entitlement, Event, Issued, Refusal, Ticket, Tickets};
use crate::booking::{Given, Line, Places, Portion};
use crate::values::{CodeHash, Generation, Quantity, SessionId, TicketNumber, Timestamp};

impl Tickets {
    /// Decides on all tickets at once: one for each entitlement, no more and no fewer. Those that are given up are not kept,
    /// whatever the booking entitles to. `code_of` tells the digest of the code of an issue, which follows from a secret
    /// that no command carries.
    pub fn settle(
        &self,
        entitled: Vec<Entitlement>,
        given_up: &BTreeSet<TicketNumber>,
        code_of: impl Fn(TicketNumber, Generation) -> CodeHash,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let Matched { void, exchanged, new } = self.matched(entitled, given_up);
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

    /// The places of a booking's lines that tickets are for, so that they can be called off.
    pub fn portion(
        &self,
        numbers: &BTreeSet<TicketNumber>,
        lines: &[Line],
    ) -> Result<Portion, Refusal> {
        let mut places = BTreeMap::<usize, Vec<&Ticket>>::new();
        for number in numbers {
            let ticket = self.ticket(*number).ok_or(Refusal::NotFound)?;
            if ticket.is_void() {
                return Err(Refusal::Void);
            }
            if ticket.passages(ticket.entitlement().session).next().is_some() {
                return Err(Refusal::AlreadyUsed);
            }
            let has_room = |(line, of): (usize, &Places)| {
                let taken = places.get(&line).map_or(0, Vec::len);
                taken < of.quantity().get() as usize * self.each(of, lines)
            };
            let mut lines_of = entitling(ticket.entitlement(), lines);
            let line = lines_of.find(|(line, of)| has_room((*line, of)));
            places.entry(line.ok_or(Refusal::NotFound)?.0).or_default().push(ticket);
        }
        let given = places.into_iter().map(|(line, tickets)| {
            let Some(Line::Places(of)) = lines.get(line) else { return Err(Refusal::NotFound) };
            let each = self.each(of, lines);
            if tickets.len() % each != 0 {
                return Err(Refusal::NotOneByOne { each });
            }
            let quantity = u32::try_from(tickets.len() / each).unwrap_or(u32::MAX);
            let quantity = Quantity::try_new(quantity).map_err(|_| Refusal::NotFound)?;
            let seats = tickets.iter().filter_map(|ticket| ticket.entitlement().seat.clone());
            Ok((line, Given { quantity, seats: seats.collect() }))
        });
        Ok(Portion::Places(given.collect::<Result<_, _>>()?))
    }

    /// How many people one place of a line lets in, which is told by how many tickets there are for such lines.
    fn each(&self, places: &Places, lines: &[Line]) -> usize {
        let of =
            |one: &Entitlement| one.session == places.session() && one.offer == *places.offer();
        let tickets = self.valid().filter(|ticket| of(ticket.entitlement())).count();
        let alike = lines.iter().filter_map(|line| match line {
            Line::Places(one) if is_alike(one, places) => Some(one.quantity().get() as usize),
            Line::Nights(_) | Line::Time(_) | Line::Places(_) | Line::AddOn(_) => None,
        });
        (tickets / alike.sum::<usize>().max(1)).max(1)
    }

    fn matched(
        &self,
        mut entitled: Vec<Entitlement>,
        given_up: &BTreeSet<TicketNumber>,
    ) -> Matched<'_> {
        let (given_up, mut left): (Vec<_>, Vec<_>) =
            self.valid().partition(|ticket| given_up.contains(&ticket.number));
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
        let void = left.into_iter().chain(given_up);
        let mut void: Vec<_> = void.map(|ticket| ticket.number).collect();
        void.sort_unstable();
        Matched { void, exchanged, new: entitled }
    }
}

fn is_alike(one: &Places, other: &Places) -> bool {
    one.session() == other.session() && one.offer() == other.offer()
}

/// The lines that could be what a ticket is for.
fn entitling<'a>(
    one: &'a Entitlement,
    lines: &'a [Line],
) -> impl Iterator<Item = (usize, &'a Places)> {
    lines.iter().enumerate().filter_map(|(number, line)| match line {
        Line::Places(places)
            if places.session() == one.session
                && *places.offer() == one.offer
                && one.seat.as_ref().is_none_or(|seat| places.seats().contains(seat)) =>
        {
            Some((number, places))
        }
        Line::Nights(_) | Line::Time(_) | Line::Places(_) | Line::AddOn(_) => None,
    })
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
