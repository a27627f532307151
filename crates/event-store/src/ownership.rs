//! Who may append: the epoch in `log_head`, and the row that tells others where the owner is.

use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection, PgPool, Row};
use uuid::Uuid;

use crate::{StoreError, append::Claim, event::Position};

/// A process that may own the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// A new id for each start of a process.
    pub id: Uuid,
    /// Where other processes send commands while this one owns the log, `http://10.0.0.5:8080` for instance.
    pub address: String,
}

/// The owner as it stands in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The owning process.
    pub node: Node,
    /// The epoch under which it appends.
    pub epoch: i64,
}

/// What a standby sees of the owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sighting {
    /// The epoch now in force.
    pub(crate) epoch: i64,
    pub(crate) owner: Option<Owner>,
    /// Changes as long as the owner lives.
    pub(crate) pulse: i64,
    /// Whether the owner's connection to the database is open.
    pub(crate) connected: bool,
}

// Bumping the epoch waits for a statement that still runs under the old one, and makes any later one append nothing.
const ACQUIRE: &str = "
WITH head AS (
    UPDATE log_head SET epoch = epoch + 1
     WHERE shard = 0 AND epoch = $1
    RETURNING epoch, position
), owner AS (
    INSERT INTO log_owner (shard, epoch, node, address, pulse, backend_pid, backend_start)
    SELECT 0, head.epoch, $2, $3, 0, activity.pid, activity.backend_start
      FROM head, pg_stat_activity AS activity
     WHERE activity.pid = pg_backend_pid()
    ON CONFLICT (shard) DO UPDATE
       SET epoch = EXCLUDED.epoch, node = EXCLUDED.node, address = EXCLUDED.address,
           pulse = log_owner.pulse + 1, backend_pid = EXCLUDED.backend_pid,
           backend_start = EXCLUDED.backend_start
)
SELECT epoch, position FROM head";

/// Takes the log if `seen` is still its epoch. `None`: someone else was faster.
pub(crate) async fn acquire(
    connection: &mut PgConnection,
    node: &Node,
    seen: i64,
) -> Result<Option<Claim>, sqlx::Error> {
    let row = sqlx::query(ACQUIRE)
        .bind(seen)
        .bind(node.id)
        .bind(&node.address)
        .fetch_optional(connection)
        .await?;
    row.map(|row| Ok(Claim { epoch: row.try_get(0)?, head: Position::new(row.try_get(1)?) }))
        .transpose()
}

/// When the event at a position was recorded; long ago if there is none.
pub(crate) async fn recorded_at(
    connection: &mut PgConnection,
    position: Position,
) -> Result<DateTime<Utc>, sqlx::Error> {
    let found = sqlx::query_scalar("SELECT recorded_at FROM events WHERE position = $1")
        .bind(position.get())
        .fetch_optional(connection)
        .await?;
    Ok(found.unwrap_or(DateTime::UNIX_EPOCH))
}

/// Looks who owns the log.
pub(crate) async fn look(pool: &PgPool) -> Result<Sighting, StoreError> {
    let row = sqlx::query(
        "SELECT h.epoch AS head_epoch, o.epoch, o.node, o.address, o.pulse,
                EXISTS (SELECT FROM pg_stat_activity a
                         WHERE a.pid = o.backend_pid AND a.backend_start = o.backend_start) AS connected
           FROM log_head h
           LEFT JOIN log_owner o USING (shard)
          WHERE h.shard = 0",
    )
    .fetch_one(pool)
    .await?;
    let owner = row.try_get::<Option<Uuid>, _>("node")?.map(|id| {
        Ok::<_, sqlx::Error>(Owner {
            node: Node { id, address: row.try_get("address")? },
            epoch: row.try_get("epoch")?,
        })
    });
    Ok(Sighting {
        epoch: row.try_get("head_epoch")?,
        owner: owner.transpose()?,
        pulse: row.try_get::<Option<i64>, _>("pulse")?.unwrap_or_default(),
        connected: row.try_get("connected")?,
    })
}

// One statement, so that it ends without us: an owner that froze between two statements would hold this row, and with it
// whoever wants to take over. Losing a pulse in a crash of the server harms nobody: no reason to wait for the disk.
const PULSE: &str = "
WITH lazily AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'off', true)
)
UPDATE log_owner
   SET pulse = pulse + 1
  FROM lazily
 WHERE shard = 0 AND node = $1";

/// Shows that the owner lives. `false`: the log has another owner.
pub(crate) async fn pulse(pool: &PgPool, node: Uuid) -> Result<bool, StoreError> {
    let done = sqlx::query(PULSE).bind(node).execute(pool).await?;
    Ok(done.rows_affected() == 1)
}

/// Gives the log up, so that a standby need not wait for the pulse to stop.
pub(crate) async fn release(pool: &PgPool, node: Uuid) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM log_owner WHERE shard = 0 AND node = $1")
        .bind(node)
        .execute(pool)
        .await?;
    Ok(())
}

/// A connection of its own for appending.
pub(crate) async fn connect(url: &str) -> Result<PgConnection, sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    // The statement is always the same; planning it anew for each batch would cost more than it could gain.
    sqlx::query("SET plan_cache_mode = force_generic_plan").execute(&mut connection).await?;
    sqlx::query("SET application_name = 'daybook committer'").execute(&mut connection).await?;
    Ok(connection)
}
