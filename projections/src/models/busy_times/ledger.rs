//! What is taken of some resources within a time.

use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta};
use daybook_domain::values::{ResourceId, TimeRange, Timestamp};
use sqlx::{PgPool, Row, postgres::PgRow};
use uuid::Uuid;

use crate::{
    engine::EPOCH_MICROS,
    models::{column::unreadable, why_not::By},
};

/// A time that is taken, buffers included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) time: TimeRange,
    pub(super) quantity: i64,
    pub(super) by: By,
}

/// What is taken of one resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ledger {
    /// The times, in any order.
    pub(super) entries: Vec<Entry>,
    /// When bookings begin, in any order.
    pub(super) begins: Vec<Timestamp>,
}

/// The ledgers of those resources of which anything is taken.
pub(super) type Ledgers = HashMap<ResourceId, Ledger>;

impl Ledger {
    /// The most that is taken at once of what a test lets count, anywhere in a time.
    pub(super) fn peak(&self, time: TimeRange, counts: impl Fn(By) -> bool) -> i64 {
        let mut edges = Vec::new();
        for entry in &self.entries {
            if entry.time.overlaps(time) && counts(entry.by) {
                edges.push((entry.time.start().max(time.start()), entry.quantity));
                edges.push((entry.time.end(), -entry.quantity));
            }
        }
        edges.sort_unstable(); // what ends makes room before what begins at the same instant
        let (mut taken, mut peak) = (0, 0);
        for (_, change) in edges {
            taken += change;
            peak = peak.max(taken);
        }
        peak
    }
}

// A take has a row for each day; the first of those asked for stands for it. A booking that goes on from one month into
// the next begins but once: its second part has no buffer before it, and follows upon the first. Times of a hold end
// where their deadline comes, whether or not the lapse has been recorded. All but what is asked of holds is in the index
// on resource and day. Rows and arrays are dear by the element, so the columns of a resource come as bytes, eight for each
// number, and one number tells several things of a time; see `Facts`.
const TAKEN: &str = "
SELECT resource_id,
       string_agg(timestamptz_send(start_at), '') AS starts,
       string_agg(timestamptz_send(end_at), '') AS ends,
       string_agg(int8send(quantity * 16 + begins * 4 + taken_by), '') AS facts,
       array_agg(begins_at) FILTER (WHERE begins = 2) AS begins
  FROM (SELECT resource_id, start_at, end_at, quantity, begins_at,
               CASE WHEN begins_at IS NULL THEN 0
                    WHEN begins_at > start_at THEN 2
                    WHEN day - day_number BETWEEN month - 1 AND month
                         AND EXISTS (SELECT
                                       FROM busy_times AS part
                                      WHERE part.booking_id = busy.booking_id
                                        AND part.resource_id = busy.resource_id
                                        AND part.month = (busy.month - interval '1 month')::date
                                        AND part.end_at = busy.start_at
                                        AND part.begins_at IS NOT NULL
                                        AND part.after_minutes = 0)
                    THEN 0
                    ELSE 1
                END AS begins,
               CASE WHEN booking_id IS NULL THEN 3
                    WHEN until IS NULL THEN 0
                    WHEN EXISTS (SELECT FROM payments WHERE payments.booking_id = busy.booking_id)
                         OR EXISTS (SELECT
                                      FROM bookings
                                     WHERE bookings.booking_id = busy.booking_id
                                       AND approved_at IS NOT NULL)
                    THEN 2
                    ELSE 1
                END AS taken_by
          FROM busy_times AS busy
         WHERE resource_id = ANY ($1)
           AND day BETWEEN $2 AND $3
           AND (day_number = 0 OR day = $2)
           AND start_at < $5
           AND end_at > $4
           AND (until IS NULL OR until > $6)) AS taken
 GROUP BY resource_id";

/// From how many resources on a second connection is worth its while.
const WORTH_HALVING: usize = 16;

/// Looks up what is taken of some resources within a time, as things stand at an instant: of many, half over each of two
/// connections, side by side.
pub(super) async fn load(
    pool: &PgPool,
    resources: Vec<Uuid>,
    within: TimeRange,
    now: Timestamp,
) -> Result<Ledgers, sqlx::Error> {
    let half = resources.len() / 2;
    if half < WORTH_HALVING {
        return over_one_connection(pool, &resources, within, now).await;
    }
    let (first, second) = resources.split_at(half);
    let (mut ledgers, others) = tokio::try_join!(
        over_one_connection(pool, first, within, now),
        over_one_connection(pool, second, within, now)
    )?;
    ledgers.extend(others);
    Ok(ledgers)
}

/// The same of all of them.
async fn over_one_connection(
    pool: &PgPool,
    resources: &[Uuid],
    within: TimeRange,
    now: Timestamp,
) -> Result<Ledgers, sqlx::Error> {
    let [first, last] = days(within);
    let rows = sqlx::query(TAKEN)
        .bind(resources)
        .bind(first)
        .bind(last)
        .bind(within.start())
        .bind(within.end())
        .bind(now)
        .fetch_all(pool)
        .await?;
    rows.iter()
        .map(|row| Ok((ResourceId::from_uuid(row.try_get("resource_id")?), ledger(row)?)))
        .collect()
}

/// The first and the last day, UTC, that a time touches.
fn days(time: TimeRange) -> [NaiveDate; 2] {
    [time.start(), time.end() - TimeDelta::nanoseconds(1)].map(|at| at.date_naive())
}

fn ledger(row: &PgRow) -> Result<Ledger, sqlx::Error> {
    let (starts, ends) = (numbers(row, "starts")?, numbers(row, "ends")?);
    let facts = numbers(row, "facts")?.map(Facts);
    let mut begins: Vec<Timestamp> = row.try_get::<Option<_>, _>("begins")?.unwrap_or_default();
    let mut entries = Vec::with_capacity(facts.len());
    for ((start, end), facts) in starts.zip(ends).zip(facts) {
        let (start, end) = (instant(start)?, instant(end)?);
        let time = TimeRange::try_new(start, end).map_err(|error| unreadable("ends", error))?;
        entries.push(Entry { time, quantity: facts.quantity(), by: facts.by() });
        if facts.begins_at_start() {
            begins.push(start);
        }
    }
    Ok(Ledger { entries, begins })
}

/// A column of numbers, as PostgreSQL sends them.
fn numbers<'a>(
    row: &'a PgRow,
    column: &str,
) -> Result<impl ExactSizeIterator<Item = i64> + use<'a>, sqlx::Error> {
    let (numbers, _) = row.try_get::<&[u8], _>(column)?.as_chunks();
    Ok(numbers.iter().map(|bytes| i64::from_be_bytes(*bytes)))
}

/// An instant as PostgreSQL counts it.
fn instant(micros: i64) -> Result<Timestamp, sqlx::Error> {
    let since_1970 = micros.checked_add(EPOCH_MICROS).and_then(Timestamp::from_timestamp_micros);
    since_1970.ok_or_else(|| unreadable("starts", "an instant that no calendar has"))
}

/// What the query tells of a time in one number: how many are taken, whether a booking begins with it (0: none, 1: at its
/// start, 2: later, after a buffer), and by what it is taken.
#[derive(Clone, Copy)]
struct Facts(i64);

impl Facts {
    fn quantity(self) -> i64 {
        self.0 / 16
    }

    fn begins_at_start(self) -> bool {
        self.0 / 4 % 4 == 1
    }

    fn by(self) -> By {
        match self.0 % 4 {
            1 => By::Hold,
            2 => By::UnpaidHold,
            3 => By::Block,
            _ => By::Booking,
        }
    }
}
