//! Those who wait, in a unit of work: they are served before the public, by whichever command finds room or makes it.
//!
//! Every unit that takes or frees something has the list of those who wait for it. Before anything is taken, and after
//! anything was freed, whoever it suits is offered it: by a hold under the id of the entry, which is booked under the
//! same id. So no order can slip in between, whichever way the room came about.

mod commands;

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use daybook_domain::{
    allotment::{self, Allotment},
    booking::Demands,
    calendar::{self, Calendar, Take},
    values::{BookingId, CalendarId, SessionId, Timestamp, WaitingEntryId, WaitingListId},
    waiting_list::{
        Command, Deed, Entry, Refusal, Selling, Status, Stock, Turn, Vacancy, WaitingList, Wanted,
        in_calendar, in_session, seating,
    },
};
use daybook_event_store::{Stream, Unit};

pub(crate) use commands::{NewWaiting, Serving, WaitingStep, accept, join, serve, set_terms, step};

use super::{Stop, inventory::Taking};
use crate::extract::now;

/// What happened longer ago than this is recorded after the fact: what that frees is offered now, not then.
const JUST_NOW: TimeDelta = TimeDelta::minutes(1);

/// The stream of a list.
pub(super) fn stream(list: WaitingListId) -> Stream {
    Stream::of::<WaitingList>(list)
}

/// What a booking is to take of a list's own.
pub(super) enum Wants<'a> {
    /// Of some calendars.
    Calendars(&'a BTreeSet<CalendarId>, &'a Demands),
    /// Of a session.
    Session(SessionId, &'a Demands),
}

/// Serves those who wait for what a booking is to take; if the booking is what one of them makes of an offer, records
/// that instead, and what is held for them is theirs to take.
pub(super) fn before_taking(
    unit: &mut Unit,
    taking: Taking,
    wants: &Wants<'_>,
) -> Result<(), Stop> {
    let entry = WaitingEntryId::from(taking.booking);
    for list in wants.lists() {
        let queue = unit.state::<WaitingList>(list).queue();
        if let Some(waiting) = queue.entry(entry).cloned() {
            let wanted = wants.same_as(&waiting.wanted);
            let (customer, at) = (taking.customer, taking.at);
            let command = Command::Accept { entry, customer, wanted, at };
            unit.decide(list, |list: &WaitingList| list.decide(command))?;
        }
    }
    match wants {
        Wants::Calendars(calendars, _) => serve_calendars(unit, calendars, taking.at),
        Wants::Session(session, _) => serve_session(unit, *session, taking.at),
    }
}

impl Wants<'_> {
    fn lists(&self) -> BTreeSet<WaitingListId> {
        match self {
            Self::Calendars(calendars, _) => resources(calendars).collect(),
            Self::Session(session, _) => BTreeSet::from([(*session).into()]),
        }
    }

    /// What somebody waits for, if that is just what is to be taken.
    fn same_as(&self, wanted: &Wanted) -> Option<Wanted> {
        match (self, wanted) {
            (Self::Session(session, demands), Wanted::Places { offer, .. }) => {
                let [item] = demands.sessions.get(session)?.as_slice() else { return None };
                let (session, quantity) = (*session, item.quantity);
                let asked = Wanted::Places { session, offer: item.offer.clone(), quantity };
                (item.offer == *offer).then_some(asked)
            }
            (Self::Calendars(_, demands), Wanted::Nights { .. } | Wanted::Time { .. }) => {
                let takes = |(calendar, take): (CalendarId, Take)| {
                    let asked = demands.calendars.get(&calendar).map_or(&[][..], |all| all);
                    matches!(asked, [asked] if is_same(*asked, take))
                };
                wanted.takes().into_iter().all(takes).then(|| wanted.clone())
            }
            (Self::Session(..) | Self::Calendars(..), _) => None,
        }
    }
}

/// Whether two takes are the same but for what is kept free around them, which may have changed since.
fn is_same(one: Take, other: Take) -> bool {
    match (one, other) {
        (Take::Time { time: one, quantity }, Take::Time { time: other, quantity: many }) => {
            one.plain() == other.plain() && quantity == many
        }
        (one, other) => one == other,
    }
}

fn resources(calendars: &BTreeSet<CalendarId>) -> impl Iterator<Item = WaitingListId> {
    calendars.iter().map(|calendar| calendar.resource.into())
}

/// Serves those who wait for places of a session.
pub(super) fn serve_session(
    unit: &mut Unit,
    session: SessionId,
    at: Timestamp,
) -> Result<(), Stop> {
    serve_list(unit, session.into(), None, at).map(drop)
}

/// Serves those who wait for anything of some calendars.
pub(super) fn serve_calendars(
    unit: &mut Unit,
    calendars: &BTreeSet<CalendarId>,
    at: Timestamp,
) -> Result<(), Stop> {
    let lists: BTreeSet<_> = resources(calendars).collect();
    for list in lists {
        serve_list(unit, list, Some(calendars), at)?;
    }
    Ok(())
}

/// What came of serving a list.
#[derive(Default)]
struct Served {
    /// To whom something was offered, in this order.
    offered: Vec<WaitingEntryId>,
    /// Whether anything happened at all.
    changed: bool,
}

/// Lets happen what is next on a list until all is as it should be; of a resource, where it concerns some calendars.
fn serve_list(
    unit: &mut Unit,
    list: WaitingListId,
    touched: Option<&BTreeSet<CalendarId>>,
    at: Timestamp,
) -> Result<Served, Stop> {
    let mut served = Served::default();
    let queue = unit.state::<WaitingList>(list).queue().clone();
    if queue.entries().is_empty() {
        return Ok(served);
    }
    let wanted = queue.entries().iter().map(|entry| &entry.wanted);
    is_here(unit, wanted.filter(|wanted| concerns(touched, wanted)))?;
    drop(queue); // or else it would be copied when it changes
    let at = if at + JUST_NOW < now() { now() } else { at };
    loop {
        let queue = unit.state::<WaitingList>(list).queue().clone();
        let Some(turn) = queue.next(&mut Here { unit, touched }, at)? else { return Ok(served) };
        drop(queue);
        let Turn { entry, event, deed } = turn;
        unit.decide(list, |_: &WaitingList| Ok::<_, Stop>(vec![event]))?;
        match deed {
            Deed::Hold { until } => {
                hold(unit, &entry, until, at)?;
                served.offered.push(entry.id);
            }
            Deed::Release => release(unit, &entry, at)?,
            Deed::Nothing => {}
        }
        served.changed = true;
    }
}

/// Whether somebody waits for anything of some calendars, if only these matter.
fn concerns(touched: Option<&BTreeSet<CalendarId>>, wanted: &Wanted) -> bool {
    touched.is_none_or(|touched| wanted.takes().keys().any(|one| touched.contains(one)))
}

/// The inventory of a unit, as those who wait ask it.
struct Here<'a> {
    unit: &'a mut Unit,
    /// The only calendars that matter, if not all do.
    touched: Option<&'a BTreeSet<CalendarId>>,
}

impl Stock for Here<'_> {
    type Fault = Stop;

    fn concerns(&self, wanted: &Wanted) -> bool {
        concerns(self.touched, wanted)
    }

    fn selling(&mut self, wanted: &Wanted, at: Timestamp) -> Result<Selling, Stop> {
        let Wanted::Places { session, .. } = wanted else { return Ok(wanted.selling(None, at)) };
        Ok(wanted.selling(Some(self.unit.state::<Allotment>(session)), at))
    }

    fn vacancy(&mut self, entry: &Entry, until: Timestamp, at: Timestamp) -> Result<Vacancy, Stop> {
        let booking = BookingId::from(entry.id);
        if let Wanted::Places { session, .. } = &entry.wanted {
            let allotment = self.unit.state::<Allotment>(session);
            let found = in_session(allotment, (booking, entry.customer), &entry.wanted, until, at);
            return Ok(found.unwrap_or(Vacancy::Never)); // as things stand, they could not book it
        }
        let part = |(calendar, take)| {
            let calendar = self.unit.state::<Calendar>(calendar);
            in_calendar(calendar, take, booking, until, at).unwrap_or(Vacancy::Never)
        };
        Ok(entry.wanted.takes().into_iter().map(part).max().unwrap_or(Vacancy::Never))
    }
}

/// Makes sure that a unit has all that some wait for, or asks for it: all of it at once, so that the unit begins again no
/// more than once.
fn is_here<'a>(unit: &Unit, wanted: impl IntoIterator<Item = &'a Wanted>) -> Result<(), Stop> {
    let (mut sessions, mut calendars) = (BTreeSet::new(), BTreeSet::new());
    for wanted in wanted {
        match wanted {
            Wanted::Places { session, .. } => {
                sessions.insert(*session);
            }
            Wanted::Nights { .. } | Wanted::Time { .. } => {
                calendars.extend(wanted.takes().into_keys());
            }
        }
    }
    sessions.retain(|session| !unit.has::<Allotment>(session));
    calendars.retain(|calendar| !unit.has::<Calendar>(calendar));
    let missing = sessions.into_iter().map(Stream::of::<Allotment>);
    let missing: Vec<_> =
        missing.chain(calendars.into_iter().map(Stream::of::<Calendar>)).collect();
    if missing.is_empty() { Ok(()) } else { Err(Stop::More(missing)) }
}

/// Holds for an entry what it waited for.
fn hold(unit: &mut Unit, entry: &Entry, until: Timestamp, at: Timestamp) -> Result<(), Stop> {
    let (booking, customer, until) = (BookingId::from(entry.id), entry.customer, Some(until));
    if let Wanted::Places { session, .. } = &entry.wanted {
        return Ok(unit.decide(session, |allotment: &Allotment| {
            let items = seating(allotment, &entry.wanted).into_iter().collect();
            let command = allotment::Command::Allocate { booking, customer, items, until, at };
            allotment.decide(command)
        })?);
    }
    for (calendar, take) in entry.wanted.takes() {
        let command = calendar::Command::Allocate { booking, takes: vec![take], until, at };
        unit.decide(calendar, |calendar: &Calendar| calendar.decide(command))?;
    }
    Ok(())
}

/// Gives back what is held for an entry.
fn release(unit: &mut Unit, entry: &Entry, at: Timestamp) -> Result<(), Stop> {
    is_here(unit, [&entry.wanted])?;
    let booking = BookingId::from(entry.id);
    if let Wanted::Places { session, .. } = &entry.wanted {
        let command = allotment::Command::Release { booking, parts: None, at };
        return Ok(unit.decide(session, |allotment: &Allotment| allotment.decide(command))?);
    }
    for calendar in entry.wanted.takes().into_keys() {
        let command = calendar::Command::Release { booking, from: None, at };
        unit.decide(calendar, |calendar: &Calendar| calendar.decide(command))?;
    }
    Ok(())
}

/// A refusal by a session, naming those who waited if they are what stands in the way.
pub(super) fn session_told(
    unit: &mut Unit,
    session: SessionId,
    refusal: allotment::Refusal,
    at: Timestamp,
) -> allotment::Refusal {
    use allotment::{Obstacle, Refusal as R};
    let R::SoldOut { pool, free, asked, reason: Obstacle::Held } = refusal else { return refusal };
    let offered = offered(unit, session.into(), at);
    let allotment = unit.state::<Allotment>(session);
    let takes = offered.iter().flat_map(|entry| allotment.takes_of(entry.id.into()));
    let draws = takes.flat_map(|take| take.draws).filter(|draw| draw.pool == pool);
    let kept = draws.fold(0_u32, |sum, draw| sum.saturating_add(draw.places));
    let fits = kept > 0 && asked <= free.saturating_add(kept);
    let reason = if fits { Obstacle::WaitingList } else { Obstacle::Held };
    R::SoldOut { pool, free, asked, reason }
}

/// A refusal by a calendar, naming those who waited if they are what stands in the way.
pub(super) fn calendar_told(
    unit: &mut Unit,
    calendar: &CalendarId,
    refusal: calendar::Refusal,
    at: Timestamp,
) -> calendar::Refusal {
    use calendar::{Obstacle, Refusal as R};
    let R::SoldOut { place, free, asked, obstacle: Obstacle::Held } = refusal else {
        return refusal;
    };
    let offered: BTreeMap<_, _> = offered(unit, calendar.resource.into(), at)
        .into_iter()
        .filter_map(|entry| Some((BookingId::from(entry.id), *entry.wanted.takes().get(calendar)?)))
        .collect();
    let there = unit.state::<Calendar>(calendar).occupants(place, at);
    let of = |occupant: &calendar::Occupant| match occupant {
        calendar::Occupant::Booking(booking) => offered.get(booking),
        calendar::Occupant::Block(_) | calendar::Occupant::Voucher(_) => None,
    };
    let kept = there.iter().filter_map(of).map(|take| take.quantity().get());
    let kept = kept.fold(0_u32, u32::saturating_add);
    let fits = kept > 0 && asked <= free.saturating_add(kept);
    let obstacle = if fits { Obstacle::WaitingList } else { Obstacle::Held };
    R::SoldOut { place, free, asked, obstacle }
}

/// Those on a list who have an offer.
fn offered(unit: &mut Unit, list: WaitingListId, at: Timestamp) -> Vec<Entry> {
    let entries = unit.state::<WaitingList>(list).queue().entries().iter();
    let offered = entries.filter(|entry| entry.offered_until.is_some_and(|until| until > at));
    offered.cloned().collect()
}

/// How far an entry has come.
fn status(unit: &mut Unit, list: WaitingListId, entry: WaitingEntryId) -> Result<Status, Refusal> {
    unit.state::<WaitingList>(list).status(entry).ok_or(Refusal::NotFound)
}
