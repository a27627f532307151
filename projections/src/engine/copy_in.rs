//! Rows in PostgreSQL's binary COPY format.

use chrono::{NaiveDate, NaiveTime, Timelike};
use daybook_domain::values::Timestamp;
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();
/// PostgreSQL counts from the first of January 2000.
const EPOCH: NaiveDate = NaiveDate::from_ymd_opt(2000, 1, 1).expect("a date of the calendar");
/// The same in microseconds since 1970.
pub(crate) const EPOCH_MICROS: i64 = 946_684_800_000_000;

/// Rows of one table, as they go over the wire.
#[derive(Default)]
pub(crate) struct Rows {
    bytes: Vec<u8>,
}

impl Rows {
    /// Begins a row of so many columns; the columns follow in order.
    pub(crate) fn row(&mut self, columns: i16) -> &mut Self {
        self.bytes.extend_from_slice(&columns.to_be_bytes());
        self
    }

    pub(crate) fn uuid(&mut self, value: Uuid) -> &mut Self {
        self.value(value.as_bytes())
    }

    pub(crate) fn text(&mut self, value: &str) -> &mut Self {
        self.value(value.as_bytes())
    }

    pub(crate) fn boolean(&mut self, value: bool) -> &mut Self {
        self.value(&[u8::from(value)])
    }

    pub(crate) fn int8(&mut self, value: i64) -> &mut Self {
        self.value(&value.to_be_bytes())
    }

    pub(crate) fn int4(&mut self, value: i32) -> &mut Self {
        self.value(&value.to_be_bytes())
    }

    pub(crate) fn date(&mut self, value: NaiveDate) -> &mut Self {
        let days = i32::try_from((value - EPOCH).num_days());
        self.value(&days.expect("the calendar has fewer days than that").to_be_bytes())
    }

    pub(crate) fn time(&mut self, value: NaiveTime) -> &mut Self {
        let seconds = i64::from(value.num_seconds_from_midnight());
        let micros = seconds * 1_000_000 + i64::from(value.nanosecond() / 1000 % 1_000_000);
        self.value(&micros.to_be_bytes())
    }

    pub(crate) fn instant(&mut self, value: Timestamp) -> &mut Self {
        self.value(&(value.timestamp_micros() - EPOCH_MICROS).to_be_bytes())
    }

    pub(crate) fn jsonb(&mut self, value: &impl Serialize) -> &mut Self {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0, 0, 0, 0, 1]); // length to come; version of the format
        serde_json::to_writer(&mut self.bytes, value).expect("values of the domain are JSON");
        let length = i32::try_from(self.bytes.len() - start - 4);
        let length = length.expect("a value is far smaller than what COPY can carry");
        self.bytes[start..start + 4].copy_from_slice(&length.to_be_bytes());
        self
    }

    pub(crate) fn maybe_text(&mut self, value: Option<&str>) -> &mut Self {
        self.maybe(value, Self::text)
    }

    pub(crate) fn maybe_jsonb(&mut self, value: Option<&impl Serialize>) -> &mut Self {
        self.maybe(value, Self::jsonb)
    }

    pub(crate) fn maybe_int8(&mut self, value: Option<i64>) -> &mut Self {
        self.maybe(value, Self::int8)
    }

    pub(crate) fn maybe_uuid(&mut self, value: Option<Uuid>) -> &mut Self {
        self.maybe(value, Self::uuid)
    }

    pub(crate) fn maybe_time(&mut self, value: Option<NaiveTime>) -> &mut Self {
        self.maybe(value, Self::time)
    }

    pub(crate) fn maybe_date(&mut self, value: Option<NaiveDate>) -> &mut Self {
        self.maybe(value, Self::date)
    }

    pub(crate) fn maybe_instant(&mut self, value: Option<Timestamp>) -> &mut Self {
        self.maybe(value, Self::instant)
    }

    fn maybe<T>(&mut self, value: Option<T>, write: fn(&mut Self, T) -> &mut Self) -> &mut Self {
        if let Some(value) = value {
            return write(self, value);
        }
        self.bytes.extend_from_slice(&(-1_i32).to_be_bytes());
        self
    }

    fn value(&mut self, bytes: &[u8]) -> &mut Self {
        let length = i32::try_from(bytes.len());
        let length = length.expect("a value is far smaller than what COPY can carry");
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(bytes);
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Copies the rows into the table a `COPY … FROM STDIN (FORMAT binary)` names.
    pub(crate) async fn copy_into(
        self,
        connection: &mut PgConnection,
        statement: &str,
    ) -> Result<(), sqlx::Error> {
        let mut copy = connection.copy_in_raw(statement).await?;
        copy.send(HEADER).await?;
        copy.send(self.bytes).await?;
        copy.send(TRAILER.as_slice()).await?;
        copy.finish().await?;
        Ok(())
    }
}
