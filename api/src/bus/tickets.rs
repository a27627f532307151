//! Commands on tickets, and the tickets that follow from a booking.

use std::collections::BTreeSet;

use daybook_domain::{
    allotment::{self, Allotment},
    booking::{Booking, Line, Status},
    tickets::{Command, Entitlement, Holder, Refusal, Ticket, Tickets},
    values::{BookingId, Generation, SessionId, TicketId, TicketNumber, Timestamp},
};
use daybook_event_store::{Answer, Response, Stream, Unit};
use serde::Serialize;

use super::{ATTEMPTS, Order, Stop, kept_changing};
use crate::{problem::Problem, tickets::TicketKeys};

/// No tickets.
pub(super) static NONE: BTreeSet<TicketNumber> = BTreeSet::new();

/// Gives a booking that is kept for good one ticket for each person it lets in to a session, and one that was called off
/// none; those that are given up are void. What is not yet for good only has to be few enough.
pub(super) fn settle(
    unit: &mut Unit,
    keys: &TicketKeys,
    id: BookingId,
    given_up: &BTreeSet<TicketNumber>,
    at: Timestamp,
) -> Result<(), Stop> {
    let entitled = match unit.state::<Booking>(id).status() {
        Status::Requested | Status::Held => return few_enough(unit, id),
        Status::Confirmed => entitled(unit, id),
        Status::Cancelled => Vec::new(),
        Status::Absent
        | Status::CheckedIn
        | Status::Completed
        | Status::Declined
        | Status::Lapsed
        | Status::NoShow => return Ok(()),
    };
    let code_of = |number: TicketNumber, generation: Generation| {
        keys.code(TicketId { booking: id, number, generation }).hash()
    };
    Ok(unit.decide(id, |tickets: &Tickets| tickets.settle(entitled, given_up, code_of, at))?)
}

fn few_enough(unit: &mut Unit, id: BookingId) -> Result<(), Stop> {
    let most = usize::try_from(TicketNumber::MAX).unwrap_or(usize::MAX);
    if entitled(unit, id).len() > most { Err(Refusal::TooMany.into()) } else { Ok(()) }
}

fn entitled(unit: &mut Unit, id: BookingId) -> Vec<Entitlement> {
    let lines = unit.state::<Booking>(id).lines().to_vec();
    let mut all = Vec::new();
    for line in &lines {
        if let Line::Places(places) = line {
            let session = unit.state::<Allotment>(places.session()).session();
            all.extend(Entitlement::of_places(places, session));
        }
    }
    all
}

#[derive(Serialize)]
struct Transferred {
    id: BookingId,
    status: &'static str,
    number: TicketNumber,
    generation: Generation,
}

/// Lets somebody else have a ticket.
pub(crate) async fn transfer(
    order: &Order,
    id: BookingId,
    number: TicketNumber,
    to: &Holder,
    at: Timestamp,
) -> Result<Answer, Problem> {
    let stream = id.to_string();
    for _ in 0..ATTEMPTS {
        let session = order.writer.peek(&stream, |tickets: &Tickets| session_of(tickets, number));
        let session = session.await?.ok_or(Refusal::NotFound)?;
        let starts = |allotment: &Allotment| Some(allotment.session()?.details().time.start());
        let begins = order.writer.peek(&session.to_string(), starts).await?;
        let begins = begins.ok_or(allotment::Refusal::NotOpen)?;
        let streams = [Stream::of::<Tickets>(&stream)];
        let answer = order.run(&streams, |unit| {
            let tickets = unit.state::<Tickets>(&stream);
            if session_of(tickets, number) != Some(session) {
                return Err(Stop::Again);
            }
            let generation = tickets.ticket(number).map_or(Generation::FIRST, Ticket::generation);
            let next = TicketId { booking: id, number, generation: generation.next() };
            let (to, code_hash) = (to.clone(), order.tickets.code(next).hash());
            let command = Command::Transfer { number, to, code_hash, begins, at };
            unit.decide(&stream, |tickets: &Tickets| tickets.decide(command))?;
            let tickets = unit.state::<Tickets>(&stream);
            let generation = tickets.ticket(number).map_or(generation, Ticket::generation);
            let told = Transferred { id, status: "transferred", number, generation };
            let body = serde_json::to_string(&told).expect("an answer is plain JSON");
            Ok(Response { status: 200, body })
        });
        if let Some(answer) = answer.await? {
            return Ok(answer);
        }
    }
    Err(kept_changing())
}

fn session_of(tickets: &Tickets, number: TicketNumber) -> Option<SessionId> {
    tickets.ticket(number).map(|ticket| ticket.entitlement().session)
}
