//! From columns back to the values of the domain.

use std::{error::Error, str::FromStr};

use daybook_domain::values::{Currency, Dimensions, Extras, Label, Money, Party};
use serde::de::{DeserializeOwned, value::StrDeserializer};
use sqlx::{ColumnIndex, Row, postgres::PgRow, types::Json};

/// A value stored as the text it displays.
pub(crate) fn parsed<T>(row: &PgRow, column: &str) -> Result<T, sqlx::Error>
where
    T: FromStr,
    T::Err: Error + Send + Sync + 'static,
{
    row.try_get::<&str, _>(column)?.parse().map_err(|error: T::Err| unreadable(column, error))
}

/// A value stored as the text it displays, if there is one.
pub(crate) fn maybe_parsed<T>(row: &PgRow, column: &str) -> Result<Option<T>, sqlx::Error>
where
    T: FromStr,
    T::Err: Error + Send + Sync + 'static,
{
    let text: Option<&str> = row.try_get(column)?;
    let parsed = text.map(str::parse::<T>).transpose();
    parsed.map_err(|error| unreadable(column, error))
}

/// A variant stored by its name.
pub(crate) fn named<T: DeserializeOwned>(row: &PgRow, column: &str) -> Result<T, sqlx::Error> {
    let name: &str = row.try_get(column)?;
    T::deserialize(StrDeserializer::<serde::de::value::Error>::new(name))
        .map_err(|error| unreadable(column, error))
}

/// A value stored as JSON.
pub(crate) fn json<T: DeserializeOwned + 'static>(
    row: &PgRow,
    column: &str,
) -> Result<T, sqlx::Error> {
    row.try_get::<Json<T>, _>(column).map(|json| json.0)
}

/// A value stored as JSON, if there is one.
pub(crate) fn maybe_json<T: DeserializeOwned + 'static>(
    row: &PgRow,
    column: &str,
) -> Result<Option<T>, sqlx::Error> {
    row.try_get::<Option<Json<T>>, _>(column).map(|json| json.map(|json| json.0))
}

/// A number that is stored signed because the database has no other.
pub(crate) fn unsigned<T, I>(row: &PgRow, column: I) -> Result<T, sqlx::Error>
where
    T: TryFrom<i64>,
    T::Error: Error + Send + Sync + 'static,
    I: ColumnIndex<PgRow> + std::fmt::Display,
{
    let name = column.to_string();
    T::try_from(row.try_get::<i64, _>(column)?).map_err(|error| unreadable(&name, error))
}

/// An amount from its column and the row's currency.
pub(crate) fn money(row: &PgRow, column: &str, currency: Currency) -> Result<Money, sqlx::Error> {
    Money::try_new(unsigned(row, column)?, currency).map_err(|error| unreadable(column, error))
}

/// An amount in the row's currency, if there is one.
pub(crate) fn maybe_money(row: &PgRow, column: &str) -> Result<Option<Money>, sqlx::Error> {
    if row.try_get::<Option<i64>, _>(column)?.is_none() {
        return Ok(None);
    }
    money(row, column, parsed(row, "currency")?).map(Some)
}

/// Who comes along.
pub(crate) fn party(row: &PgRow) -> Result<Party, sqlx::Error> {
    let people = |column| unsigned::<u16, _>(row, column);
    Party::try_new(people("adults")?, people("children")?, people("babies")?)
        .map_err(|error| unreadable("adults", error))
}

/// What reports group a booking by.
pub(crate) fn dimensions(row: &PgRow) -> Result<Dimensions, sqlx::Error> {
    let extra: Option<Json<Extras>> = row.try_get("extra")?;
    Ok(Dimensions {
        channel: label(row, "channel")?,
        segment: label(row, "segment")?,
        country: label(row, "country")?,
        customer_type: label(row, "customer_type")?,
        extra: extra.map(|extra| extra.0).unwrap_or_default(),
    })
}

/// A label; none where the column is null or empty.
pub(crate) fn label(row: &PgRow, column: &str) -> Result<Option<Label>, sqlx::Error> {
    let text: Option<&str> = row.try_get(column)?;
    let label = text.filter(|text| !text.is_empty()).map(Label::try_new);
    label.transpose().map_err(|error| unreadable(column, error))
}

pub(crate) fn unreadable(
    column: &str,
    source: impl Into<Box<dyn Error + Send + Sync>>,
) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: source.into() }
}

/// An amount as it is stored.
pub(crate) fn minor(money: Money) -> i64 {
    i64::try_from(money.minor()).expect("money is at most what 64 signed bits hold")
}
