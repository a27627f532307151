//! Questions about tickets.

use daybook_domain::{
    tickets::Ticket,
    values::{
        BookingId, Code, CodeHash, Generation, Phrase, Seat, SessionId, TicketId, TicketNumber,
    },
};
use daybook_event_store::Position;
use sqlx::{Row, postgres::PgRow};

use crate::{
    ProjectionError,
    models::column::{json, maybe_parsed, parsed, unreadable, unsigned},
    name::ModelName,
    queries::Queries,
};

/// A ticket as gates know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateTicket {
    /// Which one, as it was issued last for this session.
    pub id: TicketId,
    /// As what.
    pub offer: Code,
    /// In which seat, if there are any.
    pub seat: Option<Seat>,
    /// `valid`, `void`, or `superseded` if it is for another session by now.
    pub status: String,
    /// `expected`, `inside` or `left`.
    pub standing: String,
    /// The name of who holds it, if that is not who booked.
    pub holder: Option<Phrase>,
    /// The digest of its code.
    pub code_hash: CodeHash,
    /// The position of its last event.
    pub position: Position,
}

/// Which tickets a gate asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateListWanted {
    /// For which session.
    pub session: SessionId,
    /// Only those of these offers.
    pub offers: Option<Vec<Code>>,
    /// Only those of which something happened after this position.
    pub after: Position,
    /// How many at the least, if there are so many: all that one event is about come together.
    pub limit: u32,
}

/// Some tickets, in the order of their last events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateList {
    /// They.
    pub tickets: Vec<GateTicket>,
    /// Every event up to here is in the model.
    pub position: Position,
}

/// Who came to a session, in tickets and scans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attendance {
    /// Tickets that admit somebody.
    pub valid: i64,
    /// Tickets with which somebody is inside.
    pub inside: i64,
    /// Tickets with which somebody was inside and left.
    pub left: i64,
    /// Scans that were refused.
    pub refused: i64,
    /// Times somebody came in with a ticket that had let somebody in.
    pub duplicates: i64,
    /// Times somebody left whom no gate had let in.
    pub unmatched: i64,
    /// Every event up to here is counted.
    pub position: Position,
}

const OF_BOOKING: &str = "
SELECT ticket
  FROM tickets
 WHERE booking_id = $1
   AND ($2::bigint IS NULL OR number = $2)
   AND ticket IS NOT NULL
 ORDER BY number";

const BY_CODE: &str = "
SELECT booking_id, number, generation
  FROM ticket_codes
 WHERE code_hash = $1
 LIMIT 1";

const AT_GATE: &str = "
SELECT *
  FROM tickets
 WHERE session_id = $1
   AND ($2::text[] IS NULL OR offer = ANY ($2))
   AND position > $3
 ORDER BY position
 FETCH FIRST $4 ROWS WITH TIES";

const ATTENDANCE: &str = "
SELECT count(*) FILTER (WHERE status = 'valid')    AS valid,
       count(*) FILTER (WHERE standing = 'inside') AS inside,
       count(*) FILTER (WHERE standing = 'left')   AS left_again,
       coalesce(sum(refused), 0)::bigint           AS refused,
       coalesce(sum(duplicates), 0)::bigint        AS duplicates,
       coalesce(sum(unmatched), 0)::bigint         AS unmatched
  FROM tickets
 WHERE session_id = $1";

impl Queries {
    /// The tickets of a booking, or one of them, in the order of their numbers.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn tickets(
        &self,
        booking: BookingId,
        number: Option<TicketNumber>,
    ) -> Result<Vec<Ticket>, ProjectionError> {
        let number = number.map(|number| i64::from(number.get()));
        let query = sqlx::query(OF_BOOKING).bind(booking.as_uuid()).bind(number);
        let rows = query.fetch_all(&self.pool).await?;
        Ok(rows.iter().map(|row| json(row, "ticket")).collect::<Result<_, _>>()?)
    }

    /// The issue of a ticket that has a code.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn ticket_by_code(
        &self,
        code: CodeHash,
    ) -> Result<Option<TicketId>, ProjectionError> {
        let query = sqlx::query(BY_CODE).bind(code.to_string());
        let row = query.fetch_optional(&self.pool).await?;
        Ok(row.as_ref().map(ticket_id).transpose()?)
    }

    /// The tickets that a gate has to know, those first that changed first.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn gate_list(&self, wanted: &GateListWanted) -> Result<GateList, ProjectionError> {
        let position = self.position(ModelName::Tickets); // before the rows are read: they are at least as new
        let offers = wanted.offers.as_ref();
        let offers = offers.map(|offers| offers.iter().map(Code::as_str).collect::<Vec<_>>());
        let query = sqlx::query(AT_GATE)
            .bind(wanted.session.as_uuid())
            .bind(offers)
            .bind(wanted.after.get())
            .bind(i64::from(wanted.limit));
        let rows = query.fetch_all(&self.pool).await?;
        let tickets = rows.iter().map(gate_ticket).collect::<Result<_, _>>()?;
        Ok(GateList { tickets, position })
    }

    /// Who came to a session.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn attendance(&self, session: SessionId) -> Result<Attendance, ProjectionError> {
        let position = self.position(ModelName::Tickets);
        let query = sqlx::query(ATTENDANCE).bind(session.as_uuid());
        let row = query.fetch_one(&self.pool).await?;
        Ok(Attendance {
            valid: row.try_get("valid")?,
            inside: row.try_get("inside")?,
            left: row.try_get("left_again")?,
            refused: row.try_get("refused")?,
            duplicates: row.try_get("duplicates")?,
            unmatched: row.try_get("unmatched")?,
            position,
        })
    }
}

fn gate_ticket(row: &PgRow) -> Result<GateTicket, sqlx::Error> {
    let holder: Option<&str> = row.try_get("holder")?;
    let holder = holder.map(Phrase::try_new).transpose();
    Ok(GateTicket {
        id: ticket_id(row)?,
        offer: parsed(row, "offer")?,
        seat: maybe_parsed(row, "seat")?,
        status: row.try_get("status")?,
        standing: row.try_get("standing")?,
        holder: holder.map_err(|error| unreadable("holder", error))?,
        code_hash: parsed(row, "code_hash")?,
        position: Position::new(row.try_get("position")?),
    })
}

fn ticket_id(row: &PgRow) -> Result<TicketId, sqlx::Error> {
    let number = TicketNumber::try_new(unsigned(row, "number")?);
    let generation = Generation::try_new(unsigned(row, "generation")?);
    Ok(TicketId {
        booking: BookingId::from_uuid(row.try_get("booking_id")?),
        number: number.map_err(|error| unreadable("number", error))?,
        generation: generation.map_err(|error| unreadable("generation", error))?,
    })
}
