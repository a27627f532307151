//! The tables of the log, brought up to date by the files in `migrations/`.

use sqlx::{Connection, PgConnection, migrate::Migrator};

use crate::StoreError;

static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");

/// Applies the migrations that the database lacks. Safe to call from several processes at once.
///
/// # Errors
/// [`StoreError`] when the database cannot be reached or a migration fails.
pub async fn migrate(url: &str) -> Result<(), StoreError> {
    let mut connection = PgConnection::connect(url).await?;
    MIGRATOR.run(&mut connection).await.map_err(|error| StoreError::Migration(error.into()))?;
    connection.close().await?;
    Ok(())
}
