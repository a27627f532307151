//! Scans at gates: decided in the order in which they were made, on the tickets as they stand.

use std::collections::{BTreeMap, BTreeSet};

use daybook_domain::{
    allotment::{Allotment, Status},
    tickets::{Command, Doors, Mode, Outcome, Reading, Refusal, Standing, Ticket, Tickets},
    values::{BookingId, Code, Phrase, Seat, SessionId, TicketId, TicketNumber, Timestamp},
};
use daybook_event_store::{Answer, Response, Stream, Unit};

use super::{ATTEMPTS, Order, Stop, kept_changing};
use crate::problem::Problem;

/// A ticket shown at a gate.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    /// Which one it is, or why nobody can say.
    pub(crate) ticket: Result<TicketId, NoTicket>,
    /// What else the gate tells; its generation counts only with a ticket.
    pub(crate) reading: Reading,
    /// The only session that the gate lets people in to, if it says so.
    pub(crate) only: Option<SessionId>,
}

/// Why something shown is no ticket that could be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoTicket {
    /// No ticket has the code.
    Unknown,
    /// No key of ours signed it.
    Forged,
    /// Another scan of the ticket has the nonce.
    NonceReused,
    /// It was scanned too often.
    TooManyScans,
}

impl NoTicket {
    /// The reason as it is written.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Forged => "forged",
            Self::NonceReused => "nonce_reused",
            Self::TooManyScans => "too_many_scans",
        }
    }
}

/// What a gate is told.
#[derive(Clone, Debug)]
pub(crate) enum ScanTold {
    /// Nothing was written.
    Nothing(NoTicket),
    /// The scan is kept with its ticket.
    Kept(Box<Kept>),
}

/// A scan that is kept.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) booking: BookingId,
    pub(crate) number: TicketNumber,
    pub(crate) answered: Outcome,
    pub(crate) session: SessionId,
    pub(crate) offer: Code,
    pub(crate) seat: Option<Seat>,
    pub(crate) holder: Option<Phrase>,
    pub(crate) standing: Standing,
}

/// Decides on scans one after the other in the order in which they were made; `write` makes the answer of what each of
/// them came to, in the order in which they were sent.
pub(crate) async fn scan(
    order: &Order,
    shown: &[Shown],
    mode: Mode,
    at: Timestamp,
    write: impl Fn(&[ScanTold]) -> String,
) -> Result<Answer, Problem> {
    let tickets: BTreeSet<_> = shown.iter().filter_map(|shown| shown.ticket.ok()).collect();
    let bookings: BTreeSet<_> = tickets.iter().map(|ticket| ticket.booking).collect();
    let streams: Vec<_> = bookings.iter().map(Stream::of::<Tickets>).collect();
    let mut turns: Vec<usize> = (0..shown.len()).collect();
    turns.sort_by_key(|turn| {
        let Reading { scanned_at, nonce, .. } = &shown[*turn].reading;
        (*scanned_at, nonce)
    });
    for _ in 0..ATTEMPTS {
        let doors = doors_of(order, &tickets).await?;
        let answer = order.run(&streams, |unit| {
            let mut told: Vec<_> = vec![ScanTold::Nothing(NoTicket::Unknown); shown.len()];
            for turn in &turns {
                told[*turn] = one(unit, &shown[*turn], mode, &doors, at)?;
            }
            Ok(Response { status: 200, body: write(&told) })
        });
        if let Some(answer) = answer.await? {
            return Ok(answer);
        }
    }
    Err(kept_changing())
}

/// The session that an issue of a ticket is or was for.
fn session_of(
    tickets: &Tickets,
    TicketId { number, generation, .. }: TicketId,
) -> Option<SessionId> {
    let mut issues = tickets.ticket(number)?.issues();
    let issue = issues.find(|(known, _)| *known == generation);
    issue.map(|(_, issue)| issue.entitlement.session)
}

/// What gates go by for each session of some tickets: like other terms, as it is when the command comes in.
async fn doors_of(
    order: &Order,
    tickets: &BTreeSet<TicketId>,
) -> Result<BTreeMap<SessionId, Doors>, Problem> {
    let mut doors = BTreeMap::new();
    for ticket in tickets {
        let booking = ticket.booking.to_string();
        let session = order.writer.peek(&booking, |known: &Tickets| session_of(known, *ticket));
        let Some(session) = session.await? else { continue };
        if doors.contains_key(&session) {
            continue;
        }
        let look = |allotment: &Allotment| {
            let details = allotment.session()?.details();
            let called_off = allotment.status() == Some(Status::CalledOff);
            let admission = details.admission.clone();
            Some(Doors { session, time: details.time, called_off, admission, only: None })
        };
        let found = order.writer.peek(&session.to_string(), look).await?;
        doors.extend(found.map(|found| (session, found)));
    }
    Ok(doors)
}

fn one(
    unit: &mut Unit,
    shown: &Shown,
    mode: Mode,
    doors: &BTreeMap<SessionId, Doors>,
    at: Timestamp,
) -> Result<ScanTold, Stop> {
    let ticket = match shown.ticket {
        Ok(ticket) => ticket,
        Err(why) => return Ok(ScanTold::Nothing(why)),
    };
    let TicketId { booking, number, generation } = ticket;
    let Some(session) = session_of(unit.state::<Tickets>(booking), ticket) else {
        return Ok(ScanTold::Nothing(NoTicket::Unknown));
    };
    let doors = doors.get(&session).ok_or(Stop::Again)?;
    let doors = Doors { only: shown.only, ..doors.clone() };
    let reading = Reading { generation, ..shown.reading.clone() };
    let nonce = reading.nonce.clone();
    let command = Command::Scan { number, reading, mode, doors, at };
    let decided = unit.decide(booking, |tickets: &Tickets| tickets.decide(command));
    if let Err(refusal) = decided {
        return refused(refusal);
    }
    let ticket = unit.state::<Tickets>(booking).ticket(number).ok_or(Refusal::NotFound)?;
    let answered = ticket.scan(&nonce).ok_or(Refusal::NotFound)?.answered;
    Ok(ScanTold::Kept(Box::new(kept(booking, ticket, answered))))
}

/// A scan that cannot be kept is told as refused, so that it holds up no other.
fn refused(refusal: Refusal) -> Result<ScanTold, Stop> {
    match refusal {
        Refusal::NotFound => Ok(ScanTold::Nothing(NoTicket::Unknown)),
        Refusal::NonceReused => Ok(ScanTold::Nothing(NoTicket::NonceReused)),
        Refusal::TooManyScans => Ok(ScanTold::Nothing(NoTicket::TooManyScans)),
        Refusal::TooMany
        | Refusal::Void
        | Refusal::NotOneByOne { .. }
        | Refusal::AlreadyUsed
        | Refusal::SessionBegun { .. } => Err(refusal.into()),
    }
}

fn kept(booking: BookingId, ticket: &Ticket, answered: Outcome) -> Kept {
    let entitlement = ticket.entitlement();
    Kept {
        booking,
        number: ticket.number,
        answered,
        session: entitlement.session,
        offer: entitlement.offer.clone(),
        seat: entitlement.seat.clone(),
        holder: ticket.personal.as_ref().map(|holder| holder.name.clone()),
        standing: ticket.standing(entitlement.session),
    }
}
