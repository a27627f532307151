//! Tickets as they stand: one row for each session that a ticket is or was for, so that a gate learns of a ticket that
//! went elsewhere; and the digest of every code there ever was.

pub(crate) mod query;

use std::collections::BTreeMap;

use daybook_domain::{
    tickets::{Event as Happened, Outcome, Ticket, Tickets as Booked},
    values::{BookingId, Phrase, SessionId, TicketNumber},
};
use daybook_event_store::Position;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::column::{json, unreadable};
use crate::{
    engine::{Event, Fact, Model, NoSums, Poison, Rows},
    name::ModelName,
};

/// The tickets of a booking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    booked: Booked,
    /// Of the last event of each.
    positions: BTreeMap<TicketNumber, Position>,
}

/// The model.
pub(crate) struct Tickets;

const TICKETS: usize = 0;
const CODES: usize = 1;

impl Model for Tickets {
    const NAME: ModelName = ModelName::Tickets;
    const VERSION: i32 = 1;
    const AGGREGATES: &'static [&'static str] = &["tickets"];
    const TABLES: &'static [&'static str] = &["tickets", "ticket_codes"];
    const CREATE: &'static str = r#"
CREATE TABLE tickets (
    booking_id uuid    NOT NULL,
    number     bigint  NOT NULL,
    session_id uuid    NOT NULL,
    generation bigint  NOT NULL,
    offer      text    COLLATE "C" NOT NULL,
    seat       text    COLLATE "C",
    status     text    COLLATE "C" NOT NULL,
    standing   text    COLLATE "C" NOT NULL,
    holder     text,
    code_hash  text    COLLATE "C" NOT NULL,
    refused    bigint  NOT NULL,
    duplicates bigint  NOT NULL,
    unmatched  bigint  NOT NULL,
    position   bigint  NOT NULL,
    ticket     jsonb
);
CREATE TABLE ticket_codes (
    code_hash  text   COLLATE "C" NOT NULL,
    booking_id uuid   NOT NULL,
    number     bigint NOT NULL,
    generation bigint NOT NULL
)"#;
    const INDEXES: &'static str = "
ALTER TABLE tickets ADD PRIMARY KEY (booking_id, number, session_id);
CREATE INDEX tickets_by_session ON tickets (session_id, position);
ALTER TABLE ticket_codes ADD PRIMARY KEY (booking_id, number, generation);
CREATE INDEX ticket_codes_by_code ON ticket_codes (code_hash)";
    const COPY: &'static [&'static str] = &[
        "COPY tickets FROM STDIN (FORMAT binary)",
        "COPY ticket_codes FROM STDIN (FORMAT binary)",
    ];
    type Key = BookingId;
    type State = State;
    type Sum = NoSums;

    fn key(fact: &Fact) -> Option<BookingId> {
        if let Fact::Tickets(id, _) = fact { Some(*id) } else { None }
    }

    fn evolve(_: &BookingId, state: &mut Option<State>, event: &Event) -> Result<(), Poison> {
        let Fact::Tickets(_, happened) = &event.fact else { return Ok(()) };
        let State { booked, positions } = state.get_or_insert_default();
        let numbers = happened.numbers();
        let begins = matches!(happened, Happened::Issued { .. });
        if !begins && numbers.iter().any(|number| booked.ticket(*number).is_none()) {
            return Err(Poison::beginning_is_missing());
        }
        booked.evolve(happened);
        positions.extend(numbers.into_iter().map(|number| (number, event.position)));
        Ok(())
    }

    fn encode(booking: &BookingId, state: &State, tables: &mut [Rows]) {
        for ticket in state.booked.all() {
            let position = state.positions.get(&ticket.number).copied().unwrap_or_default();
            for session in sessions(ticket) {
                encode(*booking, ticket, session, position, &mut tables[TICKETS]);
            }
            for (generation, issue) in ticket.issues() {
                tables[CODES]
                    .row(4)
                    .text(&issue.code_hash.to_string())
                    .uuid(booking.as_uuid())
                    .int8(ticket.number.get().into())
                    .int8(generation.get().into());
            }
        }
    }

    async fn load(
        connection: &mut PgConnection,
        keys: &[BookingId],
    ) -> Result<Vec<(BookingId, State)>, sqlx::Error> {
        const LOAD: &str = "
SELECT booking_id, position, ticket
  FROM tickets
 WHERE booking_id = ANY ($1)
   AND ticket IS NOT NULL
 ORDER BY booking_id, number";
        let rows = sqlx::query(LOAD).bind(ids(keys)).fetch_all(connection).await?;
        let mut states: BTreeMap<BookingId, (Vec<Ticket>, BTreeMap<_, _>)> = BTreeMap::new();
        for row in &rows {
            let booking = BookingId::from_uuid(row.try_get("booking_id")?);
            let ticket: Ticket = json(row, "ticket")?;
            let (tickets, positions) = states.entry(booking).or_default();
            positions.insert(ticket.number, Position::new(row.try_get("position")?));
            tickets.push(ticket);
        }
        let state = |(booking, (tickets, positions))| {
            let booked = Booked::restored(tickets);
            let booked = booked.ok_or_else(|| unreadable("number", "a number is missing"))?;
            Ok((booking, State { booked, positions }))
        };
        states.into_iter().map(state).collect()
    }

    async fn delete(connection: &mut PgConnection, keys: &[BookingId]) -> Result<(), sqlx::Error> {
        for statement in [
            "DELETE FROM tickets WHERE booking_id = ANY ($1)",
            "DELETE FROM ticket_codes WHERE booking_id = ANY ($1)",
        ] {
            sqlx::query(statement).bind(ids(keys)).execute(&mut *connection).await?;
        }
        Ok(())
    }
}

fn ids(keys: &[BookingId]) -> Vec<Uuid> {
    keys.iter().map(|id| id.as_uuid()).collect()
}

/// The sessions that a ticket is or was for, each once.
fn sessions(ticket: &Ticket) -> Vec<SessionId> {
    let mut sessions: Vec<_> = ticket.issues().map(|(_, i)| i.entitlement.session).collect();
    sessions.sort_unstable();
    sessions.dedup();
    sessions
}

/// Writes the row of a ticket at one session: the last issue of it there, and what became of that.
fn encode(
    booking: BookingId,
    ticket: &Ticket,
    session: SessionId,
    position: Position,
    rows: &mut Rows,
) {
    let issue = ticket.issues().rfind(|(_, issue)| issue.entitlement.session == session);
    let Some((generation, issue)) = issue else { return };
    let current = generation == ticket.generation();
    let status = match (current, ticket.is_void()) {
        (false, _) => "superseded",
        (true, true) => "void",
        (true, false) => "valid",
    };
    let count = |came_to: fn(Outcome) -> bool| {
        i64::try_from(ticket.count(session, came_to)).unwrap_or(i64::MAX)
    };
    let holder = ticket.personal.as_ref().map(|holder| &holder.name).map(Phrase::as_str);
    rows.row(15)
        .uuid(booking.as_uuid())
        .int8(ticket.number.get().into())
        .uuid(session.as_uuid())
        .int8(generation.get().into())
        .text(issue.entitlement.offer.as_str())
        .maybe_text(issue.entitlement.seat.as_ref().map(ToString::to_string).as_deref())
        .text(status)
        .text(ticket.standing(session).as_str())
        .maybe_text(holder)
        .text(&issue.code_hash.to_string())
        .int8(count(|outcome| matches!(outcome, Outcome::Refused(_))))
        .int8(count(|outcome| outcome == Outcome::Duplicate))
        .int8(count(|outcome| outcome == Outcome::Unmatched))
        .int8(position.get())
        .maybe_jsonb(current.then_some(ticket));
}
