//! Telling what PostgreSQL refuses for its contents from outages, waits and races.

/// Classes of SQLSTATE that speak of the data itself: bad values, broken constraints, more than a row or an index holds.
const CLASSES: [&str; 3] = ["22", "23", "54"];

/// Why a statement was refused, if it was for its data: tried again, it is refused again.
pub(crate) fn of_data(error: &sqlx::Error) -> Option<String> {
    match error {
        sqlx::Error::Encode(error) => Some(error.to_string()),
        sqlx::Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            let refused = CLASSES.iter().any(|class| code.starts_with(class));
            refused.then(|| error.message().to_owned())
        }
        _ => None,
    }
}
