//! Snapshots: a shortcut for loading long streams, taken off the write path and never trusted over the events.
//!
//! A snapshot is made from the log itself (the snapshot before it and the events since), not from the cache, so that
//! taking it holds no lock and can contain nothing that was not committed.

use cqrs_es::Aggregate;
use sqlx::{PgPool, Row};

use crate::{StoreError, event::StreamKey, log::LogCore, unit::Loaded};

/// A stored state and the sequence of the last event in it.
pub(crate) struct Snapshot {
    pub(crate) sequence: i64,
    pub(crate) state: String,
}

pub(crate) async fn find(
    pool: &PgPool,
    key: (&str, &str),
    state_version: u32,
) -> Result<Option<Snapshot>, StoreError> {
    let row = sqlx::query(
        "SELECT sequence, state::text
           FROM snapshots
          WHERE aggregate_type = $1 AND aggregate_id = $2 AND schema_version = $3",
    )
    .bind(key.0)
    .bind(key.1)
    .bind(i32::try_from(state_version).unwrap_or(i32::MAX))
    .fetch_optional(pool)
    .await?;
    row.map(|row| Ok(Snapshot { sequence: row.try_get(0)?, state: row.try_get(1)? })).transpose()
}

async fn save(
    pool: &PgPool,
    key: (&str, &str),
    state_version: u32,
    snapshot: &Snapshot,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO snapshots (aggregate_type, aggregate_id, sequence, schema_version, state)
         VALUES ($1, $2, $3, $4, $5::json)
         ON CONFLICT (aggregate_type, aggregate_id) DO UPDATE
            SET sequence = EXCLUDED.sequence, schema_version = EXCLUDED.schema_version, state = EXCLUDED.state
          WHERE snapshots.schema_version <> EXCLUDED.schema_version OR snapshots.sequence < EXCLUDED.sequence",
    )
    .bind(key.0)
    .bind(key.1)
    .bind(snapshot.sequence)
    .bind(i32::try_from(state_version).unwrap_or(i32::MAX))
    .bind(&snapshot.state)
    .execute(pool)
    .await?;
    Ok(())
}

/// Takes a snapshot of one stream as it stands in the log.
pub(crate) async fn take<A: Aggregate + 'static>(
    log: &LogCore,
    id: &str,
) -> Result<(), StoreError> {
    let Loaded { state, sequence, .. } = log.load::<A>(id).await?;
    let Some(state) = state.downcast_ref::<A>() else { return Ok(()) };
    let version = log.registry.get::<A>().state_version;
    let state = serde_json::to_string(state)?;
    save(&log.pool, (A::TYPE, id), version, &Snapshot { sequence, state }).await
}

/// Takes the snapshots that the writer asks for, one after the other.
pub(crate) async fn run(
    log: std::sync::Arc<LogCore>,
    mut asked: tokio::sync::mpsc::Receiver<StreamKey>,
) {
    while let Some(key) = asked.recv().await {
        let Some(take) = log.snapshotters.get(key.aggregate_type) else { continue };
        if let Err(error) = take(&log, &key.id).await {
            tracing::warn!(%error, stream = %key.id, "a snapshot was not taken");
        }
    }
}
