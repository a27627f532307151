//! Process managers: what turns events into commands and calls to the outside, and how far each has read the log.

use daybook_event_store::Position;
use serde::Serialize;
use sqlx::PgPool;
use utoipa::ToSchema;

/// How far each process manager has read the log. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Processes {
    pool: PgPool,
}

/// How a process manager stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProcessStatus {
    #[schema(example = "notices")]
    name: String,
    /// How far it has read the log.
    position: i64,
    /// The head of the log.
    head: i64,
    /// How many events it is behind.
    lag: i64,
}

impl Processes {
    /// Those of a database.
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// How far one has read the log.
    pub async fn position(&self, name: &str) -> Result<Position, sqlx::Error> {
        let query = "SELECT position FROM process WHERE shard = 0 AND name = $1";
        sqlx::query_scalar(query).bind(name).fetch_one(&self.pool).await.map(Position::new)
    }

    /// Records how far one has read the log: never back, whoever was slow to say so.
    pub async fn advance(&self, name: &str, position: Position) -> Result<(), sqlx::Error> {
        let statement = "
UPDATE process
   SET position = $2
 WHERE shard = 0 AND name = $1 AND position < $2";
        sqlx::query(statement).bind(name).bind(position.get()).execute(&self.pool).await?;
        Ok(())
    }

    /// How all of them stand.
    pub async fn status(&self, head: Position) -> Result<Vec<ProcessStatus>, sqlx::Error> {
        let query = "SELECT name, position FROM process WHERE shard = 0 ORDER BY name";
        let rows: Vec<(String, i64)> = sqlx::query_as(query).fetch_all(&self.pool).await?;
        let head = head.get();
        let status = |(name, position)| {
            let lag = i64::max(head - position, 0);
            ProcessStatus { name, position, head, lag }
        };
        Ok(rows.into_iter().map(status).collect())
    }
}
