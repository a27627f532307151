//! The one statement that appends: a whole batch of commands, their receipts and their events, in one round trip.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    command::{Idempotency, Response},
    event::{NewEvent, Position, Recorded},
};

/// The rows of one command.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) events: Vec<NewEvent>,
    pub(crate) receipt: Option<NewReceipt>,
}

impl Rows {
    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty() && self.receipt.is_none()
    }
}

#[derive(Debug)]
pub(crate) struct NewReceipt {
    pub(crate) slot: i16,
    pub(crate) idempotency: Idempotency,
    pub(crate) response: Response,
}

/// Under which claim a batch is appended: the epoch acquired, and the head it is believed to follow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    pub(crate) epoch: i64,
    pub(crate) head: Position,
}

// Every part reads from `head`, so that nothing is written unless the head is ours and where we left it. Positions are
// given by the caller: it is the only writer of its epoch, so it knows them before the statement runs.
const APPEND: &str = "
WITH head AS (
    UPDATE log_head SET position = $3
     WHERE shard = 0 AND epoch = $1 AND position = $2
    RETURNING position
), receipt AS (
    INSERT INTO receipts (slot, principal, idempotency_key, request_hash, status, response, position)
    SELECT r.* FROM head,
           unnest($4::smallint[], $5::uuid[], $6::text[], $7::bytea[], $8::smallint[], $9::text[], $10::bigint[]) AS r
), event AS (
    INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata,
                        position, event_id, recorded_at)
    SELECT e.aggregate_type, e.aggregate_id, e.sequence, e.event_type, e.event_version, e.payload::json,
           e.metadata::json, $2 + e.ordinal, e.event_id, $11
      FROM head,
           unnest($12::text[], $13::text[], $14::bigint[], $15::text[], $16::text[], $17::text[], $18::text[],
                  $19::uuid[])
           WITH ORDINALITY AS e (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata,
                                 event_id, ordinal)
)
SELECT position FROM head";

/// Appends a batch. `false`: the head is not ours or not where we left it, and nothing was written.
pub(crate) async fn append(
    connection: &mut PgConnection,
    claim: Claim,
    batch: &[Rows],
    recorded_at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let events = EventColumns::of(batch);
    let receipts = ReceiptColumns::of(batch, claim.head);
    let last = claim.head.plus(count(events.ids.len()));
    let row = sqlx::query(APPEND)
        .bind(claim.epoch)
        .bind(claim.head.get())
        .bind(last.get())
        .bind(&receipts.slots)
        .bind(&receipts.principals)
        .bind(&receipts.keys)
        .bind(&receipts.hashes)
        .bind(&receipts.statuses)
        .bind(&receipts.responses)
        .bind(&receipts.positions)
        .bind(recorded_at)
        .bind(&events.aggregate_types)
        .bind(&events.aggregate_ids)
        .bind(&events.sequences)
        .bind(&events.event_types)
        .bind(&events.versions)
        .bind(&events.payloads)
        .bind(&events.metadatas)
        .bind(&events.ids)
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

/// The events of a batch as they now stand in the log, after `head`.
pub(crate) fn recorded(
    batch: Vec<Rows>,
    head: Position,
    recorded_at: DateTime<Utc>,
) -> impl Iterator<Item = Recorded> {
    let events = batch.into_iter().flat_map(|rows| rows.events);
    events.zip(1..).map(move |(event, ordinal)| Recorded {
        position: head.plus(ordinal),
        aggregate_type: event.stream.aggregate_type.to_owned(),
        aggregate_id: event.stream.id.to_string(),
        sequence: event.sequence,
        event_type: event.event_type,
        event_version: event.event_version,
        payload: event.payload,
        metadata: event.metadata.to_string(),
        event_id: event.event_id,
        recorded_at,
    })
}

/// A number of rows as Postgres counts them.
pub(crate) fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

#[derive(Default)]
struct EventColumns<'a> {
    aggregate_types: Vec<&'a str>,
    aggregate_ids: Vec<&'a str>,
    sequences: Vec<i64>,
    event_types: Vec<&'a str>,
    versions: Vec<&'a str>,
    payloads: Vec<&'a str>,
    metadatas: Vec<&'a str>,
    ids: Vec<Uuid>,
}

impl<'a> EventColumns<'a> {
    fn of(batch: &'a [Rows]) -> Self {
        let mut columns = Self::default();
        for event in batch.iter().flat_map(|rows| &rows.events) {
            columns.aggregate_types.push(event.stream.aggregate_type);
            columns.aggregate_ids.push(&event.stream.id);
            columns.sequences.push(event.sequence);
            columns.event_types.push(&event.event_type);
            columns.versions.push(&event.event_version);
            columns.payloads.push(&event.payload);
            columns.metadatas.push(&event.metadata);
            columns.ids.push(event.event_id);
        }
        columns
    }
}

#[derive(Default)]
struct ReceiptColumns<'a> {
    slots: Vec<i16>,
    principals: Vec<Uuid>,
    keys: Vec<&'a str>,
    hashes: Vec<&'a [u8]>,
    statuses: Vec<i16>,
    responses: Vec<&'a str>,
    positions: Vec<i64>,
}

impl<'a> ReceiptColumns<'a> {
    fn of(batch: &'a [Rows], head: Position) -> Self {
        let mut columns = Self::default();
        let mut position = head;
        for rows in batch {
            position = position.plus(count(rows.events.len()));
            let Some(receipt) = &rows.receipt else { continue };
            columns.slots.push(receipt.slot);
            columns.principals.push(receipt.idempotency.principal);
            columns.keys.push(&receipt.idempotency.key);
            columns.hashes.push(&receipt.idempotency.request_hash);
            columns.statuses.push(i16::try_from(receipt.response.status).unwrap_or(i16::MAX));
            columns.responses.push(&receipt.response.body);
            columns.positions.push(position.get());
        }
        columns
    }
}
