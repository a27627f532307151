//! The schemas in which a model's tables stand.

use sqlx::{Executor, PgConnection};

use super::Model;
use crate::name::ModelName;

/// The schema of the tables that queries read.
pub(crate) const LIVE: &str = "live";

/// Makes the schema of the live tables, unless it is there.
pub(crate) async fn ensure_live(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let made = connection.execute("CREATE SCHEMA IF NOT EXISTS live").await;
    match made {
        // two processes that find it missing at once both try to make it
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(()),
        made => made.map(|_| ()),
    }
}

/// The schema in which a model's next generation is built.
pub(crate) fn next(model: ModelName) -> String {
    format!("next_{model}")
}

/// The schema in which a model is built to compare it with the live one.
pub(crate) fn scratch(model: ModelName) -> String {
    format!("verify_{model}")
}

/// Makes a schema empty, whatever an earlier attempt left in it.
pub(crate) async fn clear(connection: &mut PgConnection, schema: &str) -> Result<(), sqlx::Error> {
    drop(connection, schema).await?;
    connection.execute(format!("CREATE SCHEMA {schema}").as_str()).await?;
    Ok(())
}

/// Drops a schema with all that is in it.
pub(crate) async fn drop(connection: &mut PgConnection, schema: &str) -> Result<(), sqlx::Error> {
    connection.execute(format!("DROP SCHEMA IF EXISTS {schema} CASCADE").as_str()).await?;
    Ok(())
}

/// Points a connection at a schema for as long as it lives.
pub(crate) async fn point_at(
    connection: &mut PgConnection,
    schema: &str,
) -> Result<(), sqlx::Error> {
    connection.execute(format!("SET search_path = {schema}, public").as_str()).await?;
    Ok(())
}

/// Locks those live tables of a model that are there, in a mode of `LOCK TABLE`.
pub(crate) async fn lock_live<M: Model>(
    connection: &mut PgConnection,
    mode: &str,
) -> Result<(), sqlx::Error> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT format('%I.%I', schemaname, tablename)
           FROM pg_tables
          WHERE schemaname = $1 AND tablename = ANY ($2)
          ORDER BY array_position($2, tablename::text)",
    )
    .bind(LIVE)
    .bind(M::TABLES)
    .fetch_all(&mut *connection)
    .await?;
    if !tables.is_empty() {
        let statement = format!("LOCK TABLE {} IN {mode} MODE", tables.join(", "));
        connection.execute(statement.as_str()).await?;
    }
    Ok(())
}

/// Puts a model's tables from its schema in the place of the live ones. Not by cascade: what somebody has built on a live
/// table is not ours to drop.
pub(crate) async fn swap<M: Model>(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let schema = next(M::NAME);
    for table in M::TABLES {
        connection.execute(format!("DROP TABLE IF EXISTS {LIVE}.{table}").as_str()).await?;
        connection
            .execute(format!("ALTER TABLE {schema}.{table} SET SCHEMA {LIVE}").as_str())
            .await?;
    }
    Ok(())
}
