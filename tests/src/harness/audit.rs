//! An auditor of the log, past the server: what the tables say, whatever the answers said.

use std::collections::BTreeMap;

use serde_json::Value;
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    invoices::{misnumbered, undocumented},
    money::overdrawn,
    oversold::{Oversold, broken, in_calendars, in_sessions, offers},
};

/// The streams of resources in their months.
pub(crate) const CALENDARS: &str = "calendar";
/// The streams of sessions.
pub(crate) const SESSIONS: &str = "allotment";

/// The streams of payments.
pub(crate) const PAYMENTS: &str = "payment";

/// Reads the log in the database itself.
pub(crate) struct Audit {
    pool: PgPool,
}

/// One event as it stands in the log.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) position: i64,
    pub(crate) aggregate_id: String,
    pub(crate) event_type: String,
    pub(crate) payload: Value,
}

impl Row {
    /// The same event for a booking that does not exist.
    pub(crate) fn for_another(&self) -> Self {
        let mut forged = self.clone();
        forged.position += 1;
        forged.payload[&self.event_type]["booking"] = Value::from(Uuid::now_v7().to_string());
        forged
    }
}

impl Audit {
    pub(crate) fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// The database itself.
    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// The head of the log.
    pub(crate) async fn head(&self) -> i64 {
        sqlx::query_scalar("SELECT position FROM log_head WHERE shard = 0")
            .fetch_one(&self.pool)
            .await
            .expect("the log has a head")
    }

    /// All events of one kind of aggregate, oldest first.
    pub(crate) async fn events(&self, aggregate_type: &str) -> Vec<Row> {
        let rows: Vec<(i64, String, String, String)> = sqlx::query_as(
            "SELECT position, aggregate_id, event_type, payload::text
               FROM events WHERE aggregate_type = $1 ORDER BY position",
        )
        .bind(aggregate_type)
        .fetch_all(&self.pool)
        .await
        .expect("the log can be read");
        rows.into_iter()
            .map(|(position, aggregate_id, event_type, payload)| Row {
                position,
                aggregate_id,
                event_type,
                payload: serde_json::from_str(&payload).expect("payloads are JSON"),
            })
            .collect()
    }

    /// How often each booking was made: the events that begin one, by its id.
    pub(crate) async fn bookings_made(&self) -> BTreeMap<String, usize> {
        let mut made = BTreeMap::new();
        for event in self.events("booking").await {
            if matches!(&*event.event_type, "requested" | "held" | "booked") {
                *made.entry(event.aggregate_id).or_default() += 1;
            }
        }
        made
    }

    /// How many events of a type each booking has.
    pub(crate) async fn bookings_with(&self, event_type: &str) -> BTreeMap<String, usize> {
        let mut found = BTreeMap::new();
        for event in self.events("booking").await {
            if event.event_type == event_type {
                *found.entry(event.aggregate_id).or_default() += 1;
            }
        }
        found
    }

    /// Where more was promised than there is, recomputed from the events of calendars and sessions.
    pub(crate) async fn oversold(&self) -> Vec<Oversold> {
        let mut found = in_calendars(&self.events(CALENDARS).await);
        found.extend(in_sessions(&self.events(SESSIONS).await));
        found
    }

    /// Which bookings have other places than their lines say, and which offers of waiting lists other places than were
    /// waited for.
    pub(crate) async fn broken(&self) -> Vec<String> {
        let [calendars, sessions] = [self.events(CALENDARS).await, self.events(SESSIONS).await];
        let mut promised = offers(&self.events("waiting_list").await);
        promised.extend(self.events("booking").await);
        broken(&promised, &calendars, &sessions)
    }

    /// How many allocations of calendars, or of sessions, would be noticed if they were in the log once more, and how
    /// many there are: the control of whoever finds that nothing was oversold.
    pub(crate) async fn doubles_noticed(&self, aggregate_type: &str) -> (usize, usize) {
        let events = self.events(aggregate_type).await;
        let mut noticed = Vec::new();
        for (place, event) in events.iter().enumerate() {
            if event.event_type == "allocated" {
                let mut forged = events[..=place].to_vec();
                forged.push(event.for_another());
                let found = if aggregate_type == SESSIONS {
                    in_sessions(&forged)
                } else {
                    in_calendars(&forged)
                };
                noticed.push(!found.is_empty());
            }
        }
        (noticed.iter().filter(|noticed| **noticed).count(), noticed.len())
    }

    /// The log must be without gap and double, nothing may ever have been oversold, each booking must have what it says,
    /// no payment more given back than was taken, and each invoice its number without one left out.
    #[track_caller]
    pub(crate) fn assert_sound(&self) -> impl Future<Output = ()> + '_ {
        let place = std::panic::Location::caller();
        async move {
            let (events, first, last, head, streams): (i64, Option<i64>, Option<i64>, i64, i64) =
                sqlx::query_as(
                    "SELECT count(*), min(position), max(position),
                            (SELECT position FROM log_head WHERE shard = 0),
                            (SELECT count(*) FROM (
                                SELECT FROM events GROUP BY aggregate_type, aggregate_id
                                HAVING min(sequence) <> 1 OR max(sequence) <> count(*)) AS broken)
                       FROM events",
                )
                .fetch_one(&self.pool)
                .await
                .expect("the log can be counted");
            assert_eq!(events, head, "events without position or positions without event: {place}");
            assert_eq!(last.unwrap_or_default(), head, "{place}");
            assert!(first.is_none_or(|first| first == 1), "{place}");
            assert_eq!(streams, 0, "streams with a gap or a double: {place}");
            assert_eq!(self.oversold().await, [], "{place}");
            assert_eq!(self.broken().await, [""; 0], "{place}");
            assert_eq!(overdrawn(&self.events(PAYMENTS).await), [""; 0], "{place}");
            let registers = self.events("invoice_register").await;
            assert_eq!(misnumbered(&registers), [""; 0], "{place}");
            let documents = self.events("invoices").await;
            assert_eq!(undocumented(&registers, &documents), [""; 0], "{place}");
        }
    }
}
