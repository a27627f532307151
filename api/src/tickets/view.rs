//! Tickets as they go out.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use daybook_domain::{
    allotment::Details,
    tickets::{self as rules, Direction, Holder, Mode, Outcome, Reason},
    values::{BookingId, Code, Seat, SessionId, TicketId, Timestamp},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::payload::{self, Claims};
use crate::{app::App, extract, problem::Problem};

/// The tickets of a booking.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tickets {
    /// By their numbers.
    pub(super) items: Vec<Ticket>,
}

/// A ticket as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ticket {
    booking_id: Uuid,
    /// Its number within the booking.
    number: u32,
    /// How often it was issued: with each issue the code before becomes void.
    generation: u32,
    /// `valid` or `void`.
    #[schema(example = "valid")]
    status: &'static str,
    session_id: Uuid,
    #[schema(value_type = String, example = "stalls")]
    offer: Code,
    /// The seat, if the places have any.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "stalls/A-12")]
    seat: Option<Seat>,
    /// Who holds it, if that is not who booked.
    #[serde(skip_serializing_if = "Option::is_none")]
    holder: Option<TicketHolder>,
    /// The code to be typed in; none if it is void.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "7Q4K-M0XE-9TBA-2HCD")]
    code: Option<String>,
    /// What its QR code says; none if it is void.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payload: Option<String>,
    /// When the gates open.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_from: Option<DateTime<Utc>>,
    /// When they close.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<DateTime<Utc>>,
    /// Where its holder is, as far as gates know: `expected`, `inside` or `left`.
    #[schema(example = "expected")]
    standing: &'static str,
    /// Since when it is as it is.
    issued_at: DateTime<Utc>,
    /// Since when it is void.
    #[serde(skip_serializing_if = "Option::is_none")]
    voided_at: Option<DateTime<Utc>>,
    /// Every time it was scanned, in the order in which that counts.
    scans: Vec<Scan>,
}

/// Who holds a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketHolder {
    #[schema(example = "Amal Haddad")]
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_id: Option<Uuid>,
}

/// One scan of a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub struct Scan {
    /// What the gate calls it.
    nonce: String,
    #[schema(value_type = String, example = "north")]
    gate: Code,
    /// `entry` or `exit`.
    #[schema(value_type = String, example = "entry")]
    direction: Direction,
    scanned_at: DateTime<Utc>,
    /// Whether the gate could not ask.
    offline: bool,
    /// What it counts as by now: `admitted`, `duplicate`, `unmatched` or `refused`.
    #[schema(example = "admitted")]
    result: &'static str,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// Shows tickets, and looks up each session once.
pub(super) struct Shelf<'a> {
    app: &'a App,
    /// When the gates of sessions open and close.
    doors: HashMap<SessionId, Option<(Timestamp, Timestamp)>>,
}

impl<'a> Shelf<'a> {
    pub(super) fn of(app: &'a App) -> Self {
        Self { app, doors: HashMap::new() }
    }

    async fn doors(
        &mut self,
        session: SessionId,
    ) -> Result<Option<(Timestamp, Timestamp)>, Problem> {
        if let Some(known) = self.doors.get(&session) {
            return Ok(*known);
        }
        let found = self.app.projections.queries().session(session, extract::now()).await?;
        let doors = found.map(|found| {
            let Details { time, admission, .. } = found.session.details();
            (admission.opens(*time), time.end())
        });
        self.doors.insert(session, doors);
        Ok(doors)
    }

    pub(super) async fn show(
        &mut self,
        booking: BookingId,
        ticket: rules::Ticket,
    ) -> Result<Ticket, Problem> {
        let session = ticket.entitlement().session;
        let doors = self.doors(session).await?;
        let id = TicketId { booking, number: ticket.number, generation: ticket.generation() };
        let keys = &self.app.ticket_keys;
        let claims = doors.filter(|_| !ticket.is_void()).map(|(from, until)| Claims {
            k: keys.id().to_owned(),
            b: booking,
            n: id.number,
            g: id.generation,
            s: session,
            o: ticket.entitlement().offer.clone(),
            f: from,
            u: until,
        });
        let code = keys.code_of(id, ticket.issue().code_hash).filter(|_| !ticket.is_void());
        Ok(Ticket {
            code: code.map(|code| code.to_string()),
            payload: claims.map(|claims| payload::write(keys, &claims)),
            valid_from: doors.map(|(from, _)| from),
            valid_until: doors.map(|(_, until)| until),
            ..Ticket::of(id, ticket)
        })
    }
}

impl Ticket {
    fn of(id: TicketId, ticket: rules::Ticket) -> Self {
        let entitlement = ticket.entitlement().clone();
        Self {
            booking_id: id.booking.as_uuid(),
            number: id.number.get(),
            generation: id.generation.get(),
            status: if ticket.is_void() { "void" } else { "valid" },
            session_id: entitlement.session.as_uuid(),
            offer: entitlement.offer,
            seat: entitlement.seat,
            code: None,
            payload: None,
            valid_from: None,
            valid_until: None,
            standing: ticket.standing(entitlement.session).as_str(),
            issued_at: ticket.issue().since,
            voided_at: ticket.voided_at,
            scans: ticket.scans().iter().map(Scan::from).collect(),
            holder: ticket.personal.map(TicketHolder::from),
        }
    }
}

impl From<Holder> for TicketHolder {
    fn from(Holder { name, email, customer_id }: Holder) -> Self {
        Self {
            name: name.to_string(),
            email: email.map(|email| email.to_string()),
            customer_id: customer_id.map(daybook_domain::values::CustomerId::as_uuid),
        }
    }
}

impl From<&rules::Scan> for Scan {
    fn from(scan: &rules::Scan) -> Self {
        let reading = &scan.reading;
        let (result, reason) = written(scan.outcome);
        Self {
            nonce: reading.nonce.to_string(),
            gate: reading.gate.clone(),
            direction: reading.direction,
            scanned_at: reading.scanned_at,
            offline: scan.mode == Mode::Offline,
            result,
            reason,
        }
    }
}

/// What a scan comes to, and why it was refused.
pub(crate) fn written(outcome: Outcome) -> (&'static str, Option<&'static str>) {
    match outcome {
        Outcome::Admitted => ("admitted", None),
        Outcome::Duplicate => ("duplicate", None),
        Outcome::Unmatched => ("unmatched", None),
        Outcome::Refused(reason) => ("refused", Some(Reason::as_str(reason))),
    }
}
