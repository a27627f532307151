//! The tables, and how facts go to their rows and come back.

use std::collections::BTreeMap;

use daybook_domain::{
    allotment::Status,
    values::{BookingId, Reason, Seat, SessionId},
};
use daybook_event_store::Position;
use sqlx::{PgConnection, Row, postgres::PgRow};
use uuid::Uuid;

use super::known::{Key, Known, Opened};
use crate::{
    engine::Rows,
    models::column::{json, maybe_parsed, named, parsed},
};

pub(super) const CREATE: &str = r#"
CREATE TABLE sessions (
    session_id       uuid        NOT NULL,
    listing_id       uuid        NOT NULL,
    status           text        COLLATE "C" NOT NULL,
    reason           text,
    starts_at        timestamptz NOT NULL,
    ends_at          timestamptz NOT NULL,
    zone             text        COLLATE "C" NOT NULL,
    details          jsonb       NOT NULL,
    opened_at        timestamptz NOT NULL,
    created_position bigint      NOT NULL,
    terms_version    bigint      NOT NULL
);
CREATE TABLE session_holds (
    session_id uuid        NOT NULL,
    booking_id uuid        NOT NULL,
    takes      jsonb       NOT NULL,
    until      timestamptz NOT NULL
);
CREATE TABLE session_seats (
    session_id uuid NOT NULL,
    booking_id uuid,
    section    text COLLATE "C" NOT NULL,
    seat       text COLLATE "C" NOT NULL,
    state      text COLLATE "C" NOT NULL
);
CREATE TABLE session_counts (
    session_id uuid   NOT NULL,
    offer      text   COLLATE "C" NOT NULL,
    taken      bigint NOT NULL,
    held       bigint NOT NULL,
    events     bigint NOT NULL
)"#;

pub(super) const INDEXES: &str = "
ALTER TABLE sessions ADD PRIMARY KEY (session_id);
CREATE UNIQUE INDEX sessions_by_creation ON sessions (created_position);
CREATE INDEX sessions_by_listing ON sessions (listing_id, starts_at);
CREATE INDEX sessions_by_start ON sessions (starts_at);
ALTER TABLE session_holds ADD PRIMARY KEY (session_id, booking_id);
CREATE INDEX session_holds_by_end ON session_holds (session_id, until);
CREATE INDEX session_seats_by_booking ON session_seats (session_id, booking_id);
CREATE INDEX session_seats_blocked ON session_seats (session_id) WHERE state = 'blocked';
ALTER TABLE session_counts ADD PRIMARY KEY (session_id, offer)";

pub(super) const ADD: &str = "
INSERT INTO session_counts AS old (session_id, offer, taken, held, events)
SELECT *
  FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
    ON CONFLICT (session_id, offer) DO UPDATE
   SET taken  = old.taken  + EXCLUDED.taken,
       held   = old.held   + EXCLUDED.held,
       events = old.events + EXCLUDED.events";

// A sum to which nothing contributes any more has no row, as if nothing ever had.
pub(super) const DROP_EMPTY: &str = "
DELETE FROM session_counts AS old
 USING unnest($1::uuid[], $2::text[]) AS changed (session_id, offer)
 WHERE old.session_id = changed.session_id
   AND old.offer = changed.offer
   AND old.taken = 0 AND old.held = 0 AND old.events = 0";

const LOAD_SESSIONS: &str = "
SELECT *
  FROM sessions
 WHERE session_id = ANY ($1)";

const LOAD_BLOCKED: &str = "
SELECT session_id, seat
  FROM session_seats
 WHERE session_id = ANY ($1)
   AND state = 'blocked'";

const LOAD_HOLDS: &str = "
SELECT session_id, booking_id, takes, until
  FROM session_holds
  JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (session_id, booking_id)
 USING (session_id, booking_id)";

const LOAD_SOLD: &str = "
SELECT session_id, booking_id, seat
  FROM session_seats
  JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (session_id, booking_id)
 USING (session_id, booking_id)
 WHERE state = 'sold'";

const DELETE_SESSIONS: &str = "
DELETE FROM sessions
 WHERE session_id = ANY ($1)";

const DELETE_BLOCKED: &str = "
DELETE FROM session_seats
 WHERE session_id = ANY ($1)
   AND state = 'blocked'";

const DELETE_HOLDS: &str = "
DELETE FROM session_holds AS old
 USING unnest($1::uuid[], $2::uuid[]) AS gone (session_id, booking_id)
 WHERE old.session_id = gone.session_id
   AND old.booking_id = gone.booking_id";

const DELETE_SEATS: &str = "
DELETE FROM session_seats AS old
 USING unnest($1::uuid[], $2::uuid[]) AS gone (session_id, booking_id)
 WHERE old.session_id = gone.session_id
   AND old.booking_id = gone.booking_id";

pub(super) fn encode(key: &Key, known: &Known, tables: &mut [Rows]) {
    match (key, known) {
        (Key::Session(session), Known::Session(opened)) => {
            encode_session(*session, opened, &mut tables[0]);
        }
        (Key::Blocked(session), Known::Blocked(seats)) => {
            encode_seats(*session, None, seats, "blocked", &mut tables[2]);
        }
        (Key::Booking(session, booking), Known::Held { takes, until }) => {
            tables[1]
                .row(4)
                .uuid(session.as_uuid())
                .uuid(booking.as_uuid())
                .jsonb(takes)
                .instant(*until);
            let seats = takes.iter().flat_map(|take| &take.seats);
            encode_seats(*session, Some(*booking), seats, "held", &mut tables[2]);
        }
        (Key::Booking(session, booking), Known::Seated(seats)) => {
            encode_seats(*session, Some(*booking), seats, "sold", &mut tables[2]);
        }
        (Key::Session(_), Known::Blocked(_) | Known::Held { .. } | Known::Seated(_))
        | (Key::Blocked(_), Known::Session(_) | Known::Held { .. } | Known::Seated(_))
        | (Key::Booking(..), Known::Session(_) | Known::Blocked(_)) => {}
    }
}

fn encode_session(id: SessionId, opened: &Opened, rows: &mut Rows) {
    let details = opened.session.details();
    rows.row(11)
        .uuid(id.as_uuid())
        .uuid(details.listing.as_uuid())
        .text(opened.status.as_str())
        .maybe_text(opened.reason.as_ref().map(Reason::as_str))
        .instant(details.time.start())
        .instant(details.time.end())
        .text(details.zone.name())
        .jsonb(details)
        .instant(opened.since)
        .int8(opened.created_position.get())
        .int8(opened.terms_version);
}

fn encode_seats<'a>(
    session: SessionId,
    booking: Option<BookingId>,
    seats: impl IntoIterator<Item = &'a Seat>,
    state: &str,
    rows: &mut Rows,
) {
    for seat in seats {
        rows.row(5)
            .uuid(session.as_uuid())
            .maybe_uuid(booking.map(BookingId::as_uuid))
            .text(seat.section.as_str())
            .text(&seat.to_string())
            .text(state);
    }
}

/// Keys, column by column.
#[derive(Default)]
struct Columns {
    sessions: Vec<Uuid>,
    blocked: Vec<Uuid>,
    /// The sessions of bookings, and the bookings.
    booked: Vec<Uuid>,
    bookings: Vec<Uuid>,
}

impl Columns {
    fn of(keys: &[Key]) -> Self {
        let mut columns = Self::default();
        for key in keys {
            match key {
                Key::Session(session) => columns.sessions.push(session.as_uuid()),
                Key::Blocked(session) => columns.blocked.push(session.as_uuid()),
                Key::Booking(session, booking) => {
                    columns.booked.push(session.as_uuid());
                    columns.bookings.push(booking.as_uuid());
                }
            }
        }
        columns
    }
}

pub(super) async fn load(
    connection: &mut PgConnection,
    keys: &[Key],
) -> Result<Vec<(Key, Known)>, sqlx::Error> {
    let Columns { sessions, blocked, booked, bookings } = Columns::of(keys);
    let mut known = BTreeMap::new();
    if !sessions.is_empty() {
        let rows = sqlx::query(LOAD_SESSIONS).bind(sessions).fetch_all(&mut *connection).await?;
        for row in &rows {
            let opened = Known::Session(Box::new(opened(row)?));
            known.insert(Key::Session(session(row)?), opened);
        }
    }
    if !blocked.is_empty() {
        let rows = sqlx::query(LOAD_BLOCKED).bind(blocked).fetch_all(&mut *connection).await?;
        for row in &rows {
            let key = Key::Blocked(session(row)?);
            let Known::Blocked(seats) =
                known.entry(key).or_insert_with(|| Known::Blocked([].into()))
            else {
                continue;
            };
            seats.insert(parsed(row, "seat")?);
        }
    }
    if !booked.is_empty() {
        load_bookings(connection, &booked, &bookings, &mut known).await?;
    }
    Ok(known.into_iter().collect())
}

async fn load_bookings(
    connection: &mut PgConnection,
    sessions: &[Uuid],
    bookings: &[Uuid],
    known: &mut BTreeMap<Key, Known>,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query(LOAD_HOLDS).bind(sessions).bind(bookings);
    for row in &query.fetch_all(&mut *connection).await? {
        let held = Known::Held { takes: json(row, "takes")?, until: row.try_get("until")? };
        known.insert(Key::Booking(session(row)?, booking(row)?), held);
    }
    let query = sqlx::query(LOAD_SOLD).bind(sessions).bind(bookings);
    for row in &query.fetch_all(connection).await? {
        let key = Key::Booking(session(row)?, booking(row)?);
        let Known::Seated(seats) = known.entry(key).or_insert_with(|| Known::Seated([].into()))
        else {
            continue;
        };
        seats.insert(parsed(row, "seat")?);
    }
    Ok(())
}

pub(super) async fn delete(connection: &mut PgConnection, keys: &[Key]) -> Result<(), sqlx::Error> {
    let Columns { sessions, blocked, booked, bookings } = Columns::of(keys);
    if !sessions.is_empty() {
        sqlx::query(DELETE_SESSIONS).bind(sessions).execute(&mut *connection).await?;
    }
    if !blocked.is_empty() {
        sqlx::query(DELETE_BLOCKED).bind(blocked).execute(&mut *connection).await?;
    }
    if !booked.is_empty() {
        for statement in [DELETE_HOLDS, DELETE_SEATS] {
            let query = sqlx::query(statement).bind(&booked).bind(&bookings);
            query.execute(&mut *connection).await?;
        }
    }
    Ok(())
}

pub(super) fn opened(row: &PgRow) -> Result<Opened, sqlx::Error> {
    let status: Status = named(row, "status")?;
    Ok(Opened {
        session: json(row, "details")?,
        status,
        reason: maybe_parsed(row, "reason")?,
        since: row.try_get("opened_at")?,
        created_position: Position::new(row.try_get("created_position")?),
        terms_version: row.try_get("terms_version")?,
    })
}

pub(super) fn session(row: &PgRow) -> Result<SessionId, sqlx::Error> {
    Ok(SessionId::from_uuid(row.try_get("session_id")?))
}

fn booking(row: &PgRow) -> Result<BookingId, sqlx::Error> {
    Ok(BookingId::from_uuid(row.try_get("booking_id")?))
}
