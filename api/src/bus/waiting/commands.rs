//! Commands on waiting lists.

use std::collections::BTreeSet;

use daybook_domain::{
    allotment::{self, Allotment},
    booking::Line,
    calendar::{self, Calendar},
    values::{
        BookingId, CalendarId, CustomerId, Dimensions, Length, ListingId, Party, Priority,
        Timestamp, WaitingEntryId, WaitingListId,
    },
    waiting_list::{
        Command, NewEntry, Refusal, Status, Vacancy, WaitingList, Wanted, in_calendar, in_session,
    },
};
use daybook_event_store::{Answer, Response, Unit};
use serde::Serialize;

use super::{is_here, release, serve_list, status, stream};
use crate::{
    bus::{
        Asked, Candidates, NamedBy, NewBooking, NewLine, NewNights, NewPlaces, NewTime, Order,
        Stop, book, calendars, customers, kept_changing,
        lines::{Catalogue, Planned, plan_line},
        prices::Buyer,
        told::told,
    },
    problem::Problem,
    waiting_lists::wire::in_body,
};

/// Somebody who would wait.
#[derive(Clone, Debug)]
pub(crate) struct NewWaiting {
    /// The id of the entry.
    pub(crate) id: WaitingEntryId,
    /// The listing it is booked under.
    pub(crate) listing: ListingId,
    /// Who.
    pub(crate) customer: CustomerId,
    /// For what.
    pub(crate) line: NewLine,
    /// Before whom.
    pub(crate) priority: Priority,
    /// Until when, if not as long as it can be had.
    pub(crate) wait_until: Option<Timestamp>,
    /// Since when.
    pub(crate) at: Timestamp,
}

/// Lets somebody wait for what cannot be had now.
pub(crate) async fn join(order: &Order, new: &NewWaiting) -> Result<Answer, Problem> {
    let wanted = match wanted(order, new).await {
        Ok(wanted) => wanted,
        Err(problem) => return order.tell(problem.relocated(in_body)).await,
    };
    let list = wanted.list();
    let calendars: BTreeSet<_> = wanted.takes().into_keys().collect();
    let mut streams = vec![stream(list)];
    for can_open in [false, true] {
        if can_open {
            streams.extend(calendars::needed_to_open(&calendars));
        }
        let answer = order.run(&streams, |unit| {
            is_here(unit, [&wanted])?;
            for calendar in &calendars {
                calendars::open(unit, calendar, can_open, new.at)?;
            }
            let touched = (!calendars.is_empty()).then_some(&calendars);
            serve_list(unit, list, touched, new.at)?;
            let NewWaiting { id, customer, listing, priority, wait_until, at, .. } = *new;
            let vacancy = vacancy(unit, (id, customer), &wanted, at)?;
            let wanted = wanted.clone();
            let entry = NewEntry { id, customer, listing, wanted, priority, wait_until };
            let command = Command::Join { entry, vacancy, at };
            let joined = unit.decide(list, |list: &WaitingList| list.decide(command));
            joined.map_err(in_field)?;
            Ok(told(201, id, Status::Waiting.as_str()))
        });
        if let Some(answer) = answer.await? {
            return Ok(answer);
        }
    }
    Err(kept_changing())
}

/// What somebody waits for: looked up as it is for a booking.
async fn wanted(order: &Order, new: &NewWaiting) -> Result<Wanted, Problem> {
    customers::may_order(&order.writer, new.customer).await?;
    let buyer = Buyer::of(Party::default(), std::slice::from_ref(&new.line), new.at);
    let mut catalogue = Catalogue::open(&order.writer, new.listing, buyer).await?;
    catalogue.main().bookable()?;
    match plan_line(&mut catalogue, 0, &new.line, new.at).await? {
        Planned::Seating(places, item) => match item.seating {
            allotment::Seating::Chosen(_) => {
                let detail = "one waits for places, in whatever seats";
                Err(Problem::bad_value("/lines/0/seats", detail))
            }
            allotment::Seating::BestAvailable | allotment::Seating::Unseated => {
                let (session, offer) = (places.session(), item.offer);
                Ok(Wanted::Places { session, offer, quantity: item.quantity })
            }
        },
        Planned::Choice(choice) => {
            let [only] = choice.candidates.as_slice() else {
                let detail = "one waits for one resource: say for which";
                return Err(Problem::bad_value("/lines/0/resource_id", detail));
            };
            of_line(&Line::Time(only.line.clone()))
        }
        Planned::Fixed(line) => of_line(&line),
    }
}

fn of_line(line: &Line) -> Result<Wanted, Problem> {
    Ok(match line {
        Line::Nights(nights) => Wanted::Nights {
            resource: nights.resource(),
            stay: nights.stay(),
            quantity: nights.quantity(),
            starts_at: line.starts_at(),
        },
        Line::Time(time) => Wanted::Time {
            resource: time.resource(),
            time: time.time(),
            quantity: time.quantity(),
            occupies: time.occupies(),
            zone: time.zone(),
            service: time.listing(),
        },
        Line::Places(places) => Wanted::Places {
            session: places.session(),
            offer: places.offer().clone(),
            quantity: places.quantity(),
        },
        Line::AddOn(_) => {
            return Err(Problem::bad_value("/lines/0", "one does not wait for an add-on"));
        }
    })
}

/// Whether it can be had without waiting; refused with the inventory's own words if it cannot be had at all.
fn vacancy(
    unit: &mut Unit,
    (id, customer): (WaitingEntryId, CustomerId),
    wanted: &Wanted,
    at: Timestamp,
) -> Result<Vacancy, Stop> {
    let booking = BookingId::from(id);
    let until = at + chrono::TimeDelta::days(1);
    if let Wanted::Places { session, .. } = wanted {
        let allotment = unit.state::<Allotment>(session);
        let found = in_session(allotment, (booking, customer), wanted, until, at);
        return Ok(found.map_err(place_of)?);
    }
    let part = |(calendar, take): (CalendarId, calendar::Take)| {
        in_calendar(unit.state::<Calendar>(calendar), take, booking, until, at)
    };
    let parts: Vec<_> = wanted.takes().into_iter().map(part).collect::<Result<_, _>>()?;
    Ok(parts.into_iter().max().unwrap_or(Vacancy::Never))
}

/// A refusal by a session with the field that it is about.
fn place_of(refusal: allotment::Refusal) -> Problem {
    use allotment::Refusal as R;
    let of_offer = matches!(refusal, R::UnknownOffer { .. } | R::NotYetOnSale { .. });
    let of_customer = matches!(refusal, R::CustomerLimit { .. });
    let of_quantity =
        matches!(refusal, R::TooFew { .. } | R::TooMany { .. } | R::OrderLimit { .. });
    let field = match (of_offer, of_customer, of_quantity) {
        (true, _, _) => "/line/offer",
        (_, true, _) => "/customer_id",
        (_, _, true) => "/line/quantity",
        (false, false, false) => "/line/session_id",
    };
    Problem::from(refusal).in_field(field)
}

/// A refusal by a list with the field that it is about.
fn in_field(refusal: Refusal) -> Problem {
    let field = match &refusal {
        Refusal::AlreadyWaiting { .. } | Refusal::TooManyOfCustomer => Some("/customer_id"),
        Refusal::AlreadyJoined => Some("/id"),
        Refusal::DeadlinePassed { .. } => Some("/wait_until"),
        Refusal::NeverFree => Some("/line/quantity"),
        Refusal::StillFree => Some("/line"),
        Refusal::Full
        | Refusal::NotFound
        | Refusal::Ended { .. }
        | Refusal::NotOffered
        | Refusal::OfferEnded { .. }
        | Refusal::OtherCustomer
        | Refusal::OtherThanOffered => None,
    };
    let problem = Problem::from(refusal);
    match field {
        Some(field) => problem.in_field(field),
        None => problem,
    }
}

/// A step of somebody who waits.
#[derive(Clone, Copy, Debug)]
pub(crate) enum WaitingStep {
    /// They wait no longer.
    Leave,
    /// They turn down what was offered.
    Decline,
    /// They are served sooner or later than others.
    Prioritize(Priority),
}

impl WaitingStep {
    fn command(self, entry: WaitingEntryId, at: Timestamp) -> Command {
        match self {
            Self::Leave => Command::Leave { entry, at },
            Self::Decline => Command::Decline { entry, at },
            Self::Prioritize(priority) => Command::Prioritize { entry, priority, at },
        }
    }
}

/// Takes an entry one step on; what it gives up is offered to the next in the same unit of work.
pub(crate) async fn step(
    order: &Order,
    (list, entry): (WaitingListId, WaitingEntryId),
    step: WaitingStep,
    at: Timestamp,
) -> Result<Answer, Problem> {
    let streams = [stream(list)];
    let answer = order.run(&streams, |unit| {
        let before = unit.state::<WaitingList>(list).queue().entry(entry).cloned();
        unit.decide(list, |list: &WaitingList| list.decide(step.command(entry, at)))?;
        let standing = status(unit, list, entry)?;
        let gone = !matches!(standing, Status::Waiting | Status::Offered);
        let offered = before.filter(|before| before.offered_until.is_some());
        if let Some(before) = offered.filter(|_| gone) {
            release(unit, &before, at)?;
            let calendars: BTreeSet<_> = before.wanted.takes().into_keys().collect();
            let touched = (!calendars.is_empty()).then_some(&calendars);
            serve_list(unit, list, touched, at)?;
        }
        Ok(told(200, entry, standing.as_str()))
    });
    answer.await?.ok_or_else(kept_changing)
}

/// Makes a booking of an offer, under the id of the entry.
pub(crate) async fn accept(
    order: &Order,
    (list, entry): (WaitingListId, WaitingEntryId),
    (party, until): (Party, Option<Timestamp>),
    at: Timestamp,
) -> Result<Answer, Problem> {
    let look = |list: &WaitingList| match list.queue().entry(entry) {
        Some(entry) => Ok(entry.clone()),
        None => Err(list.status(entry)),
    };
    let waiting = match order.writer.peek(&list.to_string(), look).await? {
        Ok(waiting) => waiting,
        Err(None) => return Err(Refusal::NotFound.into()),
        Err(Some(status)) => return order.tell(Refusal::Ended { status }.into()).await,
    };
    let new = NewBooking {
        id: entry.into(),
        named_by: NamedBy::Client,
        listing: waiting.listing,
        customer: waiting.customer,
        lines: vec![as_listed(waiting.wanted)],
        party,
        dimensions: Dimensions::default(),
        request: false,
        until,
        quote: None,
        voucher: None,
        at,
    };
    book(order, &new).await
}

/// What somebody waited for, at today's price.
fn as_listed(wanted: Wanted) -> NewLine {
    let (price, guests) = (Asked::Listed, None);
    match wanted {
        Wanted::Places { session, offer, quantity } => {
            NewLine::Places(NewPlaces { session, offer, quantity, seats: None, price, guests })
        }
        Wanted::Nights { resource, stay, quantity, starts_at: _ } => {
            NewLine::Nights(NewNights { resource, stay, quantity, price, guests })
        }
        Wanted::Time { resource, time, quantity, service, .. } => {
            let plain = time.plain().unwrap_or(time.range());
            NewLine::Time(NewTime {
                candidates: Candidates::InOrder(vec![resource]),
                service,
                start: plain.start(),
                end: Some(plain.end()),
                quantity,
                price,
                guests,
            })
        }
    }
}

/// Says for how long something is offered from now on.
pub(crate) async fn set_terms(
    order: &Order,
    list: WaitingListId,
    offer_for: Length,
    at: Timestamp,
) -> Result<Answer, Problem> {
    let set = |list: &WaitingList| Ok(list.decide(Command::SetTerms { offer_for, at })?);
    order.change::<WaitingList>(list, 200, set).await
}

/// Who asks that those who wait are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Serving {
    /// Somebody who wants to be told.
    Asked,
    /// Nobody: nothing is written unless something happens.
    Unasked,
}

#[derive(Serialize)]
struct Distributed {
    id: WaitingListId,
    offered: Vec<WaitingEntryId>,
}

/// Serves all who wait on a list, as far as there is room. Nothing, if nobody ever did, or nothing happened and nobody
/// asked.
pub(crate) async fn serve(
    order: &Order,
    list: WaitingListId,
    serving: Serving,
    at: Timestamp,
) -> Result<Option<Answer>, Problem> {
    order
        .run(&[stream(list)], |unit| {
            let served = serve_list(unit, list, None, at)?;
            let idle = serving == Serving::Unasked && !served.changed;
            if idle || unit.sequence::<WaitingList>(list) == 0 {
                return Err(Stop::Again);
            }
            let told = Distributed { id: list, offered: served.offered };
            let body = serde_json::to_string(&told).expect("an answer is plain JSON");
            Ok(Response { status: 200, body })
        })
        .await
}
