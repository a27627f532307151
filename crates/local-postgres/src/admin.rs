//! The few statements we send to the server ourselves.

use sqlx::{Connection, Executor, PgConnection};

use crate::LocalPostgresError;

/// The database that always exists.
pub(crate) const MAINTENANCE: &str = "postgres";

const DUPLICATE_DATABASE: &str = "42P04";
/// What the loser gets when two sessions create the same database at the same time.
const UNIQUE_VIOLATION: &str = "23505";

/// Creates a database unless it exists.
pub(crate) async fn create_database(url: &str, name: &str) -> Result<(), LocalPostgresError> {
    check_name(name)?;
    let failed = |source| sql(format!("create the database {name}"), source);
    let mut connection = PgConnection::connect(url).await.map_err(failed)?;
    let statement = format!(r#"CREATE DATABASE "{name}" TEMPLATE template0"#);
    let created = connection.execute(statement.as_str()).await;
    // The answer stands, whatever closing says.
    let _ = connection.close().await;
    match created {
        Err(error) if is_duplicate(&error) => Ok(()),
        Err(error) => Err(failed(error)),
        Ok(_) => Ok(()),
    }
}

/// Drops a database, ending the sessions in it.
pub(crate) async fn drop_database(url: &str, name: &str) -> Result<(), LocalPostgresError> {
    check_name(name)?;
    let failed = |source| sql(format!("drop the database {name}"), source);
    let mut connection = PgConnection::connect(url).await.map_err(failed)?;
    let statement = format!(r#"DROP DATABASE IF EXISTS "{name}" WITH (FORCE)"#);
    connection.execute(statement.as_str()).await.map_err(failed)?;
    Ok(())
}

fn check_name(name: &str) -> Result<(), LocalPostgresError> {
    let fits = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_';
    if !name.is_empty() && name.len() <= 63 && name.bytes().all(fits) {
        Ok(())
    } else {
        Err(LocalPostgresError::InvalidName(name.to_owned()))
    }
}

fn is_duplicate(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == DUPLICATE_DATABASE || code == UNIQUE_VIOLATION)
}

fn sql(action: String, source: sqlx::Error) -> LocalPostgresError {
    LocalPostgresError::Sql { action, source: Box::new(source) }
}
