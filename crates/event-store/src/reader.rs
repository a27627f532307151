//! Reading the log in order.

use std::sync::Arc;

use futures::{Stream, TryStreamExt, stream};
use sqlx::{Row, postgres::PgRow};

use crate::{
    Log, StoreError,
    append::count,
    event::{Position, Recorded},
};

/// Which events a reader wants. Empty lists want all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Kinds of aggregates, `booking` for instance.
    pub aggregate_types: Vec<String>,
    /// Kinds of events, `confirmed` for instance.
    pub event_types: Vec<String>,
}

/// Some events in order, and how far the log was searched for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The events, oldest first.
    pub events: Vec<Arc<Recorded>>,
    /// Where to go on: every wanted event up to here is in this page or an earlier one.
    pub searched_to: Position,
}

/// How many positions one query searches at the most, so that a rare type costs no long scan.
const WINDOW: i64 = 50_000;

const COLUMNS_AFTER: &str = "
SELECT position, aggregate_type, aggregate_id, sequence, event_type, event_version,
       payload::text AS payload, metadata::text AS metadata, event_id, recorded_at
  FROM events
 WHERE position > $1 AND position <= $2
   AND (cardinality($3::text[]) = 0 OR aggregate_type = ANY ($3))
   AND (cardinality($4::text[]) = 0 OR event_type = ANY ($4))
 ORDER BY position
 LIMIT $5";

const STREAM_AFTER: &str = "
SELECT position, aggregate_type, aggregate_id, sequence, event_type, event_version,
       payload::text AS payload, metadata::text AS metadata, event_id, recorded_at
  FROM events
 WHERE aggregate_type = $1 AND aggregate_id = $2 AND sequence > $3
 ORDER BY sequence
 LIMIT $4";

// One look into the key for each stream, however many there are: never a scan of the log.
const STREAMS_UNTIL: &str = "
SELECT event.position, event.aggregate_type, event.aggregate_id, event.sequence, event.event_type,
       event.event_version, event.payload::text AS payload, event.metadata::text AS metadata,
       event.event_id, event.recorded_at
  FROM unnest($2::text[]) AS wanted (id)
 CROSS JOIN LATERAL (SELECT *
                       FROM events
                      WHERE aggregate_type = $1 AND aggregate_id = wanted.id AND position <= $3
                      ORDER BY sequence) AS event";

impl Log {
    /// The next events after a position, as stored. At most `limit`; fewer do not mean that the log ends there: compare
    /// [`Page::searched_to`] with the head.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub async fn read_after(
        &self,
        after: Position,
        limit: usize,
        filter: &Filter,
    ) -> Result<Page, StoreError> {
        if *filter == Filter::default()
            && let Some(events) = self.core.tail.after(after, limit)
        {
            let searched_to = events.last().map_or(after, |event| event.position);
            return Ok(Page { events, searched_to });
        }
        // Only as far as the head known before: what lies beyond it may not be looked for, lest it be passed over.
        let head = self.core.tail.head().max(self.head().await?);
        let window = head.min(after.plus(WINDOW));
        let rows = sqlx::query(COLUMNS_AFTER)
            .bind(after.get())
            .bind(window.get())
            .bind(&filter.aggregate_types)
            .bind(&filter.event_types)
            .bind(count(limit))
            .fetch_all(&self.core.pool)
            .await?;
        let events = rows.iter().map(recorded).collect::<Result<Vec<_>, _>>()?;
        let full = events.len() == limit;
        let last = events.last().map_or(after, |event| event.position);
        let searched_to = if full { last } else { window.max(after) };
        Ok(Page { events: events.into_iter().map(Arc::new).collect(), searched_to })
    }

    /// All events after a position up to another, one page in memory at a time.
    pub fn stream_after(
        &self,
        after: Position,
        until: Position,
        filter: Filter,
    ) -> impl Stream<Item = Result<Arc<Recorded>, StoreError>> + Send + use<> {
        let log = self.clone();
        stream::try_unfold(after, move |position| {
            let (log, filter) = (log.clone(), filter.clone());
            async move {
                if position >= until {
                    return Ok(None);
                }
                let mut page = log.read_after(position, 1000, &filter).await?;
                page.events.retain(|event| event.position <= until);
                if page.searched_to <= position {
                    return Ok::<_, StoreError>(None); // the log ends before `until`
                }
                Ok(Some((stream::iter(page.events.into_iter().map(Ok)), page.searched_to)))
            }
        })
        .try_flatten()
    }

    /// The events of one stream after a sequence, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the stream cannot be read.
    pub async fn read_stream(
        &self,
        aggregate_type: &str,
        aggregate_id: &str,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Recorded>, StoreError> {
        let rows = sqlx::query(STREAM_AFTER)
            .bind(aggregate_type)
            .bind(aggregate_id)
            .bind(after)
            .bind(count(limit))
            .fetch_all(&self.core.pool)
            .await?;
        Ok(rows.iter().map(recorded).collect::<Result<_, _>>()?)
    }

    /// What happened in several streams of one kind up to a position, each oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub async fn read_streams(
        &self,
        aggregate_type: &str,
        aggregate_ids: &[String],
        until: Position,
    ) -> Result<Vec<Recorded>, StoreError> {
        let rows = sqlx::query(STREAMS_UNTIL)
            .bind(aggregate_type)
            .bind(aggregate_ids)
            .bind(until.get())
            .fetch_all(&self.core.pool)
            .await?;
        Ok(rows.iter().map(recorded).collect::<Result<_, _>>()?)
    }

    /// A recorded event in today's shape.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when it cannot be brought to it.
    pub fn upcast(&self, recorded: &mut Recorded) -> Result<(), StoreError> {
        self.core.upcasters.upcast(recorded)
    }
}

fn recorded(row: &PgRow) -> Result<Recorded, sqlx::Error> {
    Ok(Recorded {
        position: Position::new(row.try_get(0)?),
        aggregate_type: row.try_get(1)?,
        aggregate_id: row.try_get(2)?,
        sequence: row.try_get(3)?,
        event_type: row.try_get(4)?,
        event_version: row.try_get(5)?,
        payload: row.try_get(6)?,
        metadata: row.try_get(7)?,
        event_id: row.try_get(8)?,
        recorded_at: row.try_get(9)?,
    })
}
