//! How far each generation of a model has read the log, and which streams it had to leave aside.

use std::collections::HashSet;

use daybook_event_store::Position;
use sqlx::{PgConnection, PgExecutor, Row, postgres::PgRow};

use crate::name::ModelName;

/// One generation of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub(crate) generation: i32,
    pub(crate) version: i32,
    pub(crate) position: Position,
    pub(crate) live: bool,
}

/// A stream that a model leaves aside, from which event on, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parked {
    pub(crate) stream: String,
    pub(crate) position: Position,
    pub(crate) reason: String,
}

/// All generations of all models, each with the number of its parked streams.
pub(crate) async fn all(
    executor: impl PgExecutor<'_>,
) -> Result<Vec<(String, Checkpoint, i64)>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT projection, generation, version, position, live,
                (SELECT count(*)
                   FROM parked_key
                  WHERE parked_key.projection = checkpoint.projection
                    AND parked_key.generation = checkpoint.generation) AS parked
           FROM checkpoint
          WHERE shard = 0
          ORDER BY projection, generation",
    )
    .fetch_all(executor)
    .await?;
    rows.iter()
        .map(|row| Ok((row.try_get("projection")?, read(row)?, row.try_get("parked")?)))
        .collect()
}

/// The generation that queries read, if there is one.
pub(crate) async fn live(
    executor: impl PgExecutor<'_>,
    model: ModelName,
) -> Result<Option<Checkpoint>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT generation, version, position, live
           FROM checkpoint
          WHERE shard = 0 AND projection = $1 AND live",
    )
    .bind(model.as_str())
    .fetch_optional(executor)
    .await?;
    row.as_ref().map(read).transpose()
}

/// All generations of a model; nobody moves them until the transaction ends.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    model: ModelName,
) -> Result<Vec<Checkpoint>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT generation, version, position, live
           FROM checkpoint
          WHERE shard = 0 AND projection = $1
          ORDER BY generation
            FOR UPDATE",
    )
    .bind(model.as_str())
    .fetch_all(connection)
    .await?;
    rows.iter().map(read).collect()
}

/// Moves a checkpoint on, unless somebody else has: then `false`, and nothing may be written.
pub(crate) async fn advance(
    connection: &mut PgConnection,
    model: ModelName,
    generation: i32,
    from: Position,
    to: Position,
) -> Result<bool, sqlx::Error> {
    let moved = sqlx::query(
        "UPDATE checkpoint
            SET position = $4
          WHERE shard = 0 AND projection = $1 AND generation = $2 AND position = $3",
    )
    .bind(model.as_str())
    .bind(generation)
    .bind(from.get())
    .bind(to.get())
    .execute(connection)
    .await?;
    Ok(moved.rows_affected() == 1)
}

/// Begins a generation that queries do not read yet, in the place of any that was not finished.
pub(crate) async fn begin(
    connection: &mut PgConnection,
    model: ModelName,
    version: i32,
) -> Result<i32, sqlx::Error> {
    abandon(connection, model).await?;
    sqlx::query_scalar(
        "INSERT INTO checkpoint (projection, generation, version, position, live)
         SELECT $1, coalesce(max(generation), 0) + 1, $2, 0, false
           FROM checkpoint
          WHERE shard = 0 AND projection = $1
      RETURNING generation",
    )
    .bind(model.as_str())
    .bind(version)
    .fetch_one(connection)
    .await
}

/// Forgets generations that were begun and not finished.
pub(crate) async fn abandon(
    connection: &mut PgConnection,
    model: ModelName,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "WITH gone AS (DELETE FROM checkpoint
                        WHERE shard = 0 AND projection = $1 AND NOT live
                    RETURNING generation)
         DELETE FROM parked_key
          WHERE projection = $1 AND generation IN (SELECT generation FROM gone)",
    )
    .bind(model.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes a generation the one that queries read, and forgets the others.
pub(crate) async fn promote(
    connection: &mut PgConnection,
    model: ModelName,
    generation: i32,
) -> Result<(), sqlx::Error> {
    for statement in [
        "DELETE FROM parked_key WHERE projection = $1 AND generation <> $2",
        "DELETE FROM checkpoint WHERE shard = 0 AND projection = $1 AND generation <> $2",
        "UPDATE checkpoint SET live = true WHERE shard = 0 AND projection = $1 AND generation = $2",
    ] {
        sqlx::query(statement)
            .bind(model.as_str())
            .bind(generation)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// The streams that a generation leaves aside.
pub(crate) async fn parked(
    executor: impl PgExecutor<'_>,
    model: ModelName,
    generation: i32,
) -> Result<HashSet<String>, sqlx::Error> {
    let streams: Vec<String> =
        sqlx::query_scalar("SELECT key FROM parked_key WHERE projection = $1 AND generation = $2")
            .bind(model.as_str())
            .bind(generation)
            .fetch_all(executor)
            .await?;
    Ok(streams.into_iter().collect())
}

/// Leaves streams aside.
pub(crate) async fn park(
    connection: &mut PgConnection,
    model: ModelName,
    generation: i32,
    parked: &[Parked],
) -> Result<(), sqlx::Error> {
    for Parked { stream, position, reason } in parked {
        sqlx::query(
            "INSERT INTO parked_key (projection, generation, key, position, reason)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(model.as_str())
        .bind(generation)
        .bind(stream)
        .bind(position.get())
        .bind(reason.replace('\0', "\u{fffd}")) // the one character that no text can hold
        .execute(&mut *connection)
        .await?;
        tracing::error!(projection = %model, stream, %position, reason, "a stream was parked");
    }
    Ok(())
}

fn read(row: &PgRow) -> Result<Checkpoint, sqlx::Error> {
    Ok(Checkpoint {
        generation: row.try_get("generation")?,
        version: row.try_get("version")?,
        position: Position::new(row.try_get("position")?),
        live: row.try_get("live")?,
    })
}
