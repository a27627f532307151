//! Questions about sessions.

use std::collections::{BTreeMap, HashMap};

use daybook_domain::{
    allotment::{Session, Status, Take},
    values::{Code, ListingId, Reason, Seat, SessionId, Timestamp},
};
use daybook_event_store::Position;
use sqlx::{
    Postgres, Row,
    postgres::{PgArguments, PgRow},
    query::Query,
};

use super::{known::Opened, tables};
use crate::{
    ProjectionError,
    models::column::{json, parsed, unreadable},
    name::ModelName,
    queries::{Listed, Page, PageRequest, Queries},
};

/// A session as it stands, and what counts as taken at the instant for which it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionView {
    /// Which session.
    pub id: SessionId,
    /// What is sold.
    pub session: Session,
    /// Whether it can be booked.
    pub status: Status,
    /// Why it was called off, if somebody said so.
    pub reason: Option<Reason>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The position of its first event.
    pub created_position: Position,
    /// The sequence of its last event.
    pub sequence: i64,
    /// How many events have changed its terms; bookings of it do not.
    pub terms_version: i64,
    /// How many of each offer are taken.
    pub(super) taken: BTreeMap<Code, Units>,
    /// How many seats of each section are blocked.
    pub(super) blocked: BTreeMap<Code, u32>,
}

/// How many of an offer are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Units {
    /// Held ones included.
    pub(super) taken: u32,
    /// Only held until a deadline.
    pub(super) held: u32,
    /// Held by bookings that were approved, or for which a payment was asked.
    pub(super) unpaid: u32,
}

/// What keeps a seat from being free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SeatState {
    /// Somebody holds it until a deadline.
    Held,
    /// It is sold.
    Sold,
    /// It is kept from being sold.
    Blocked,
}

/// Which sessions are asked for; what is not given does not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionFilter {
    /// Only those of this listing.
    pub listing: Option<ListingId>,
    /// Only those with this status.
    pub status: Option<Status>,
    /// Only those that start at this instant or later.
    pub from: Option<Timestamp>,
    /// Only those that start before this instant.
    pub to: Option<Timestamp>,
}

// Holds that ended by the instant `$1` count no longer, whether or not that has been recorded.
const LIST: &str = "
SELECT sessions.*,
       (SELECT coalesce(jsonb_object_agg(offer, jsonb_build_array(taken, held)), '{}')
          FROM session_counts AS counts
         WHERE counts.session_id = sessions.session_id
           AND offer <> '') AS counts,
       (SELECT events
          FROM session_counts AS counts
         WHERE counts.session_id = sessions.session_id
           AND offer = '') AS sequence,
       (SELECT coalesce(jsonb_object_agg(section, seats), '{}')
          FROM (SELECT section, count(*) AS seats
                  FROM session_seats
                 WHERE session_seats.session_id = sessions.session_id
                   AND state = 'blocked'
                 GROUP BY section) AS blocked) AS blocked,
       (SELECT coalesce(jsonb_agg(takes), '[]')
          FROM session_holds AS ended
         WHERE ended.session_id = sessions.session_id
           AND until <= $1) AS ended,
       (SELECT coalesce(jsonb_agg(takes), '[]')
          FROM session_holds AS unpaid
         WHERE unpaid.session_id = sessions.session_id
           AND until > $1
           AND (EXISTS (SELECT FROM payments WHERE payments.booking_id = unpaid.booking_id)
                OR EXISTS (SELECT
                             FROM bookings
                            WHERE bookings.booking_id = unpaid.booking_id
                              AND approved_at IS NOT NULL))) AS unpaid
  FROM sessions
 WHERE ($2::uuid IS NULL OR session_id = $2)
   AND ($3::uuid IS NULL OR listing_id = $3)
   AND ($4::text IS NULL OR status = $4)
   AND ($5::timestamptz IS NULL OR starts_at >= $5)
   AND ($6::timestamptz IS NULL OR starts_at < $6)
   AND ($7::bigint IS NULL OR created_position > $7)
 ORDER BY created_position
 LIMIT $8";

const SEATS: &str = "
SELECT seat, state
  FROM session_seats
  LEFT JOIN session_holds USING (session_id, booking_id)
 WHERE session_id = $1
   AND (state <> 'held' OR until > $2)";

impl Queries {
    /// One session with the places left at an instant.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn session(
        &self,
        id: SessionId,
        at: Timestamp,
    ) -> Result<Option<SessionView>, ProjectionError> {
        let query = sessions(Some(id), SessionFilter::default(), at);
        self.one(query.bind(None::<i64>).bind(1_i64)).await
    }

    /// Sessions in the order they were opened, with the places left at an instant.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn sessions(
        &self,
        filter: SessionFilter,
        at: Timestamp,
        page: PageRequest,
    ) -> Result<Page<SessionView>, ProjectionError> {
        self.page(sessions(None, filter, at), page).await
    }

    /// The seats of a session that are not free at an instant.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn seats(
        &self,
        id: SessionId,
        at: Timestamp,
    ) -> Result<HashMap<Seat, SeatState>, ProjectionError> {
        let query = sqlx::query(SEATS).bind(id.as_uuid()).bind(at);
        let mut seats = HashMap::new();
        for row in &query.fetch_all(&self.pool).await? {
            let state = seat_state(row)?;
            let seat = seats.entry(parsed(row, "seat")?).or_insert(state);
            // a hold that a late confirmation made void may still stand beside what came after it
            *seat = state.max(*seat);
        }
        Ok(seats)
    }
}

fn sessions(
    id: Option<SessionId>,
    filter: SessionFilter,
    at: Timestamp,
) -> Query<'static, Postgres, PgArguments> {
    sqlx::query(LIST)
        .bind(at)
        .bind(id.map(SessionId::as_uuid))
        .bind(filter.listing.map(ListingId::as_uuid))
        .bind(filter.status.map(Status::as_str))
        .bind(filter.from)
        .bind(filter.to)
}

fn seat_state(row: &PgRow) -> Result<SeatState, sqlx::Error> {
    match row.try_get::<&str, _>("state")? {
        "held" => Ok(SeatState::Held),
        "sold" => Ok(SeatState::Sold),
        "blocked" => Ok(SeatState::Blocked),
        other => Err(unreadable("state", format!("`{other}` is no state of a seat"))),
    }
}

impl Listed for SessionView {
    const MODEL: ModelName = ModelName::Sessions;

    fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        let Opened { session, status, reason, since, created_position, terms_version } =
            tables::opened(row)?;
        Ok(Self {
            id: tables::session(row)?,
            session,
            status,
            reason,
            opened_at: since,
            created_position,
            sequence: row.try_get("sequence")?,
            terms_version,
            taken: taken(row)?,
            blocked: json(row, "blocked")?,
        })
    }

    fn created_position(&self) -> Position {
        self.created_position
    }
}

/// What is taken of each offer, without the holds that ended.
fn taken(row: &PgRow) -> Result<BTreeMap<Code, Units>, sqlx::Error> {
    let counts: BTreeMap<Code, (u32, u32)> = json(row, "counts")?;
    let units = |(offer, (taken, held))| (offer, Units { taken, held, unpaid: 0 });
    let mut taken: BTreeMap<Code, Units> = counts.into_iter().map(units).collect();
    let ended: Vec<Vec<Take>> = json(row, "ended")?;
    for take in ended.iter().flatten() {
        if let Some(units) = taken.get_mut(&take.offer) {
            units.taken = units.taken.saturating_sub(take.quantity.get());
            units.held = units.held.saturating_sub(take.quantity.get());
        }
    }
    let unpaid: Vec<Vec<Take>> = json(row, "unpaid")?;
    for take in unpaid.iter().flatten() {
        if let Some(units) = taken.get_mut(&take.offer) {
            // models that are read beside this one may be ahead of it
            units.unpaid = units.unpaid.saturating_add(take.quantity.get()).min(units.held);
        }
    }
    Ok(taken)
}
