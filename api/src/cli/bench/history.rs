//! A log that is written at once, as if all of it had happened already.

use std::fmt::{Display, Write as _};

use anyhow::Result;
use chrono::{DateTime, Utc};
use cqrs_es::DomainEvent;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

/// Bytes that go to the database at once.
const CHUNK: usize = 1 << 20;

/// The events of an empty log on their way to it.
pub(super) struct History {
    lines: String,
    events: i64,
    recorded_at: DateTime<Utc>,
}

impl History {
    pub(super) fn new(recorded_at: DateTime<Utc>) -> Self {
        Self { lines: String::new(), events: 0, recorded_at }
    }

    /// Adds the next event.
    pub(super) fn push(
        &mut self,
        kind: &str,
        id: impl Display,
        sequence: i64,
        event: &impl DomainEvent,
    ) -> Result<()> {
        self.events += 1;
        let (name, version) = (event.event_type(), event.event_version());
        let payload = serde_json::to_string(event)?.replace('\\', "\\\\");
        writeln!(
            self.lines,
            "{kind}\t{id}\t{sequence}\t{name}\t{version}\t{payload}\t{{}}\t{}\t{}\t{}",
            self.events,
            Uuid::now_v7(),
            self.recorded_at.to_rfc3339(),
        )?;
        Ok(())
    }

    /// Sends what has gathered, if it is worth it.
    pub(super) async fn send(&mut self, connection: &mut PgConnection) -> Result<()> {
        if self.lines.len() >= CHUNK { self.send_all(connection).await } else { Ok(()) }
    }

    /// Sends the rest, and lets the log begin after it.
    pub(super) async fn close(mut self, mut connection: PgConnection) -> Result<()> {
        self.send_all(&mut connection).await?;
        sqlx::query("UPDATE log_head SET position = $1")
            .bind(self.events)
            .execute(&mut connection)
            .await?;
        // or autovacuum would come in the middle of what is measured
        sqlx::query("VACUUM (ANALYZE) events").execute(&mut connection).await?;
        connection.close().await?;
        Ok(())
    }

    async fn send_all(&mut self, connection: &mut PgConnection) -> Result<()> {
        let mut copy = connection.copy_in_raw("COPY events FROM STDIN").await?;
        copy.send(std::mem::take(&mut self.lines).into_bytes()).await?;
        copy.finish().await?;
        Ok(())
    }
}
