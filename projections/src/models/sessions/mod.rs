//! Sessions and their places: what is sold, what is taken of it, and which seats are not free.
//!
//! What is taken for good is only added up, offer by offer, because every event tells what it takes and what it frees;
//! the facts are the sessions, the holds, which a confirmation does not repeat, and the seats that are not free. What an
//! offer draws from its pools never changes, so what is taken of a pool follows from what is taken of the offers.

mod known;
pub(crate) mod places;
pub(crate) mod query;
mod tables;

use daybook_domain::{
    allotment::{Event as Happened, Take},
    values::{Code, SessionId},
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    engine::{Event, Fact, Measures, Model, Poison, Rows},
    name::ModelName,
};
use known::{Key, Known};

/// The model.
pub(crate) struct Sessions;

const TAKEN: usize = 0;
const HELD: usize = 1;
const EVENTS: usize = 2;

impl Model for Sessions {
    const NAME: ModelName = ModelName::Sessions;
    const VERSION: i32 = 2;
    const AGGREGATES: &'static [&'static str] = &["allotment"];
    const TABLES: &'static [&'static str] =
        &["sessions", "session_holds", "session_seats", "session_counts"];
    const CREATE: &'static str = tables::CREATE;
    const INDEXES: &'static str = tables::INDEXES;
    const COPY: &'static [&'static str] = &[
        "COPY sessions FROM STDIN (FORMAT binary)",
        "COPY session_holds FROM STDIN (FORMAT binary)",
        "COPY session_seats FROM STDIN (FORMAT binary)",
    ];
    const COPY_SUMS: Option<&'static str> = Some("COPY session_counts FROM STDIN (FORMAT binary)");
    type Key = Key;
    type State = Known;
    /// An offer, or none for the session itself.
    type Sum = (SessionId, Option<Code>);

    fn key(fact: &Fact) -> Option<Key> {
        let Fact::Allotment(session, happened) = fact else { return None };
        Some(match happened {
            Happened::Opened { .. }
            | Happened::Revised { .. }
            | Happened::Moved { .. }
            | Happened::CalledOff { .. }
            | Happened::SalesClosed { .. }
            | Happened::SalesReopened { .. } => Key::Session(*session),
            Happened::SeatsBlocked { .. } | Happened::SeatsUnblocked { .. } => {
                Key::Blocked(*session)
            }
            Happened::Allocated { booking, .. }
            | Happened::Confirmed { booking, .. }
            | Happened::Reallocated { booking, .. }
            | Happened::Released { booking, .. } => Key::Booking(*session, *booking),
        })
    }

    fn evolve(_: &Key, state: &mut Option<Known>, event: &Event) -> Result<(), Poison> {
        let Fact::Allotment(_, happened) = &event.fact else { return Ok(()) };
        known::evolve(state, happened, event.position)
    }

    fn begins(fact: &Fact) -> bool {
        matches!(fact, Fact::Allotment(_, Happened::Opened { .. } | Happened::Allocated { .. }))
    }

    /// What is taken for good, and given up of that. What is held counts as long as the hold is known.
    fn emit(
        _: &Key,
        before: Option<&Known>,
        event: &Event,
        add: &mut impl FnMut(Self::Sum, Measures),
    ) {
        let Fact::Allotment(session, happened) = &event.fact else { return };
        let mut events = Measures::default();
        events[EVENTS] = 1;
        add((*session, None), events);
        let held = match before {
            Some(Known::Held { takes, until: _ }) => Some(takes),
            Some(Known::Session(_) | Known::Blocked(_) | Known::Seated(_)) | None => None,
        };
        let mut firm = |takes: &[Take], sign: i64| {
            for take in takes {
                let mut measures = Measures::default();
                measures[TAKEN] = sign * i64::from(take.quantity.get());
                add((*session, Some(take.offer.clone())), measures);
            }
        };
        match happened {
            Happened::Opened { .. }
            | Happened::Revised { .. }
            | Happened::Moved { .. }
            | Happened::CalledOff { .. }
            | Happened::SalesClosed { .. }
            | Happened::SalesReopened { .. }
            | Happened::SeatsBlocked { .. }
            | Happened::SeatsUnblocked { .. } => {}
            Happened::Allocated { takes, until, .. } => {
                if until.is_none() {
                    firm(takes, 1);
                }
            }
            Happened::Reallocated { freed, takes, until, .. } => {
                if held.is_none() {
                    firm(freed, -1);
                }
                if until.is_none() {
                    firm(takes, 1);
                }
            }
            Happened::Confirmed { .. } => {
                if let Some(takes) = held {
                    firm(takes, 1);
                }
            }
            Happened::Released { freed, .. } => {
                if held.is_none() {
                    firm(freed, -1);
                }
            }
        }
    }

    fn contribute(key: &Key, known: &Known, add: &mut impl FnMut(Self::Sum, Measures)) {
        let Known::Held { takes, until: _ } = known else { return };
        for take in takes {
            let mut measures = Measures::default();
            let units = i64::from(take.quantity.get());
            (measures[TAKEN], measures[HELD]) = (units, units);
            add((key.session(), Some(take.offer.clone())), measures);
        }
    }

    fn encode(key: &Key, known: &Known, rows: &mut [Rows]) {
        tables::encode(key, known, rows);
    }

    fn encode_sum((session, offer): &Self::Sum, measures: &Measures, rows: &mut Rows) {
        rows.row(5)
            .uuid(session.as_uuid())
            .text(offer.as_ref().map_or("", Code::as_str))
            .int8(measures[TAKEN])
            .int8(measures[HELD])
            .int8(measures[EVENTS]);
    }

    async fn load(
        connection: &mut PgConnection,
        keys: &[Key],
    ) -> Result<Vec<(Key, Known)>, sqlx::Error> {
        tables::load(connection, keys).await
    }

    async fn delete(connection: &mut PgConnection, keys: &[Key]) -> Result<(), sqlx::Error> {
        tables::delete(connection, keys).await
    }

    async fn add(
        connection: &mut PgConnection,
        changes: &[(Self::Sum, Measures)],
    ) -> Result<(), sqlx::Error> {
        let sessions: Vec<Uuid> = changes.iter().map(|((id, _), _)| id.as_uuid()).collect();
        let offers: Vec<&str> =
            changes.iter().map(|((_, offer), _)| offer.as_ref().map_or("", Code::as_str)).collect();
        let column = |measure: usize| -> Vec<i64> {
            changes.iter().map(|(_, measures)| measures[measure]).collect()
        };
        sqlx::query(tables::ADD)
            .bind(&sessions)
            .bind(&offers)
            .bind(column(TAKEN))
            .bind(column(HELD))
            .bind(column(EVENTS))
            .execute(&mut *connection)
            .await?;
        sqlx::query(tables::DROP_EMPTY).bind(&sessions).bind(&offers).execute(connection).await?;
        Ok(())
    }
}
