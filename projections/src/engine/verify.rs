//! Compares the live tables of a model with what the log says.

use std::time::Instant;

use daybook_event_store::Position;
use sqlx::{Connection, Executor, PgConnection, Row};

use super::{Context, Model, build::Exclusive, careful::build, checkpoint, schema};
use crate::{ProjectionError, name::ModelName};

/// What a comparison found. No difference is the proof that the live tables are what the log says.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifyReport {
    /// Which model.
    pub model: ModelName,
    /// Up to which event it was compared.
    pub position: Position,
    /// How many events were folded.
    pub events: u64,
    /// How many rows are only live, or only in the rebuild. A changed row is both.
    pub differing_rows: i64,
    /// The first few of them.
    pub differences: Vec<Difference>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// A row that stands on one side only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// In which table.
    pub table: String,
    /// Whether it is the live table that has it; otherwise only the log says so.
    pub live: bool,
    /// The row as JSON.
    pub row: String,
}

/// How many differing rows of each table and side are shown.
const SHOWN: i64 = 3;

pub(crate) async fn verify<M: Model>(context: &Context) -> Result<VerifyReport, ProjectionError> {
    let mut exclusive = Exclusive::acquire::<M>(context).await?;
    let schema = schema::scratch(M::NAME);
    let result = compare::<M>(context, &mut exclusive.connection, &schema).await;
    if let Err(error) = schema::drop(&mut exclusive.connection, &schema).await {
        tracing::warn!(projection = %M::NAME, %error, "a comparison left its tables behind");
    }
    exclusive.release().await;
    result
}

async fn compare<M: Model>(
    context: &Context,
    connection: &mut PgConnection,
    schema: &str,
) -> Result<VerifyReport, ProjectionError> {
    let started = Instant::now();
    schema::clear(connection, schema).await?;
    let position = keep_live::<M>(connection, schema).await?;
    let built = build::<M>(context, schema, position).await?;
    let (mut differing_rows, mut differences) = (0, Vec::new());
    for table in M::TABLES {
        for live in [true, false] {
            let (count, rows) = only_on_one_side(connection, schema, table, live).await?;
            differing_rows += count;
            let table = (*table).to_owned();
            differences.extend(rows.into_iter().map(|row| Difference {
                table: table.clone(),
                live,
                row,
            }));
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    let events = built.events;
    Ok(VerifyReport { model: M::NAME, position, events, differing_rows, differences, seconds })
}

/// Keeps the live rows as one snapshot has them, and says how far they had come.
async fn keep_live<M: Model>(
    connection: &mut PgConnection,
    schema: &str,
) -> Result<Position, ProjectionError> {
    let mut transaction = connection.begin().await?;
    transaction.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").await?;
    let live = checkpoint::live(&mut *transaction, M::NAME).await?;
    let Some(live) = live.filter(|live| live.version == M::VERSION) else {
        return Err(ProjectionError::NotReady(None));
    };
    for table in M::TABLES {
        let keep = format!("CREATE TABLE {schema}.{table}_live AS TABLE {}.{table}", schema::LIVE);
        transaction.execute(keep.as_str()).await?;
    }
    transaction.commit().await?;
    Ok(live.position)
}

async fn only_on_one_side(
    connection: &mut PgConnection,
    schema: &str,
    table: &str,
    live: bool,
) -> Result<(i64, Vec<String>), sqlx::Error> {
    let (ours, others) = (format!("{schema}.{table}_live"), format!("{schema}.{table}"));
    let (this, that) = if live { (ours, others) } else { (others, ours) };
    let statement = format!(
        "WITH rows AS MATERIALIZED (TABLE {this} EXCEPT ALL TABLE {that})
         SELECT (SELECT count(*) FROM rows) AS count,
                (SELECT coalesce(array_agg(shown.row), '{{}}')
                   FROM (SELECT to_jsonb(rows)::text AS row FROM rows LIMIT {SHOWN}) AS shown) AS shown"
    );
    let row = sqlx::query(&statement).persistent(false).fetch_one(connection).await?;
    Ok((row.try_get("count")?, row.try_get("shown")?))
}
