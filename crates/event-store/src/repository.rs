//! postgres-es with its one unsafe habit replaced: reads are its own, writes go through the committer.

use std::sync::Arc;

use cqrs_es::{
    Aggregate,
    persist::{
        PersistedEventRepository, PersistenceError, ReplayStream, SerializedEvent,
        SerializedSnapshot,
    },
};
use postgres_es::PostgresEventRepository;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    WriteError,
    append::{Rows, count},
    event::{NewEvent, StreamKey},
    writer::Writer,
};

/// A decorator over [`PostgresEventRepository`]: the same reads, `persist` through the log's committer.
pub struct LogRepository {
    inner: PostgresEventRepository,
    writer: Writer,
}

impl LogRepository {
    /// A repository over a writer's log.
    pub fn new(writer: &Writer) -> Self {
        Self {
            inner: PostgresEventRepository::new(writer.log().core.pool.clone()),
            writer: writer.clone(),
        }
    }
}

impl PersistedEventRepository for LogRepository {
    async fn get_events<A: Aggregate>(
        &self,
        aggregate_id: &str,
    ) -> Result<Vec<SerializedEvent>, PersistenceError> {
        self.inner.get_events::<A>(aggregate_id).await
    }

    async fn get_last_events<A: Aggregate>(
        &self,
        aggregate_id: &str,
        last_sequence: usize,
    ) -> Result<Vec<SerializedEvent>, PersistenceError> {
        self.inner.get_last_events::<A>(aggregate_id, last_sequence).await
    }

    /// None, ever: the snapshots of cqrs-es apply events twice. Ours are taken elsewhere.
    async fn get_snapshot<A: Aggregate>(
        &self,
        _aggregate_id: &str,
    ) -> Result<Option<SerializedSnapshot>, PersistenceError> {
        Ok(None)
    }

    async fn persist<A: Aggregate>(
        &self,
        events: &[SerializedEvent],
        _snapshot_update: Option<(String, Value, usize)>,
    ) -> Result<(), PersistenceError> {
        let events = events.iter().map(new_event::<A>).collect();
        let rows = Rows { events, receipt: None };
        match self.writer.append(rows).await {
            Ok(_) => Ok(()),
            Err(WriteError::Conflict | WriteError::Superseded) => {
                Err(PersistenceError::OptimisticLockError)
            }
            Err(other) => Err(PersistenceError::UnknownError(other.into())),
        }
    }

    async fn stream_events<A: Aggregate>(
        &self,
        aggregate_id: &str,
    ) -> Result<ReplayStream, PersistenceError> {
        self.inner.stream_events::<A>(aggregate_id).await
    }

    async fn stream_all_events<A: Aggregate>(&self) -> Result<ReplayStream, PersistenceError> {
        self.inner.stream_all_events::<A>().await
    }
}

fn new_event<A: Aggregate>(event: &SerializedEvent) -> NewEvent {
    NewEvent {
        stream: StreamKey { aggregate_type: A::TYPE, id: event.aggregate_id.as_str().into() },
        sequence: count(event.sequence),
        event_type: event.event_type.clone(),
        event_version: event.event_version.clone(),
        payload: event.payload.to_string(),
        metadata: Arc::from(event.metadata.to_string()),
        event_id: Uuid::now_v7(),
    }
}
