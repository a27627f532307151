//! What a process that froze in the middle of a batch leaves locked, and how the others go on.
//!
//! PostgreSQL ends a session that idles in a transaction by itself, but not one that waits for the rest of a `COPY`.

use sqlx::{Executor, PgConnection, PgPool};

/// The name of the sessions in which runners write and rebuilds switch.
pub(crate) const SESSIONS: &str = "daybook projections";
/// How long a runner waits for another one's batch, and how long that one may wait for its own process.
pub(crate) const PATIENCE: &str = "3s";

/// SQLSTATE `lock_not_available`.
const LOCK_TIMEOUT: &str = "55P03";

/// Makes a session one that may be ended when its process freezes in the middle of a transaction.
pub(crate) async fn mark(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let marks = format!(
        "SET application_name = '{SESSIONS}'; SET idle_in_transaction_session_timeout = '{PATIENCE}'"
    );
    connection.execute(marks.as_str()).await?;
    Ok(())
}

/// Whether a runner waited in vain for what another one holds.
pub(crate) fn is_in_the_way(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == LOCK_TIMEOUT)
}

/// Ends the runners' sessions that have heard nothing from their process for a while, in the middle of a batch. Should
/// the process wake up, it finds its batch undone and reads its checkpoint anew.
pub(crate) async fn end_sessions(pool: &PgPool) -> Result<(), sqlx::Error> {
    // Ended in the SELECT list, which comes after every condition; as a condition it might come first.
    let ended: Vec<bool> = sqlx::query_scalar(
        "SELECT pg_terminate_backend(pid)
           FROM pg_stat_activity
          WHERE datname = current_database()
            AND usename = current_user
            AND application_name = $1
            AND state IN ('active', 'idle in transaction')
            AND wait_event = 'ClientRead'
            AND state_change < clock_timestamp() - $2::interval",
    )
    .bind(SESSIONS)
    .bind(PATIENCE)
    .fetch_all(pool)
    .await?;
    if !ended.is_empty() {
        tracing::warn!(sessions = ended.len(), "ended batches of a process that does not go on");
    }
    Ok(())
}
