//! The log as any process sees it: connections, what is known of each aggregate, and loading.

use std::{any::Any, collections::HashMap, sync::Arc};

use cqrs_es::{Aggregate, persist::PersistedEventRepository};
use futures::future::BoxFuture;
use postgres_es::PostgresEventRepository;
use sqlx::{PgPool, postgres::PgPoolOptions};
use tokio::sync::watch;

use crate::{
    StoreError,
    event::Position,
    ownership::{self, Owner},
    settings::{AggregateSettings, Registry},
    snapshots,
    tail::Tail,
    unit::Loaded,
    upcast::Upcasters,
};

type TakeSnapshot = for<'a> fn(&'a LogCore, &'a str) -> BoxFuture<'a, Result<(), StoreError>>;

/// What a process must know to use the log.
#[derive(Default)]
pub struct LogSettings {
    connections: u32,
    registry: Registry,
    every: HashMap<&'static str, i64>,
    snapshotters: HashMap<&'static str, TakeSnapshot>,
    upcasters: Upcasters,
}

impl LogSettings {
    /// Settings with at most this many connections for reading.
    pub fn new(connections: u32) -> Self {
        Self { connections, ..Self::default() }
    }

    /// Sets how one kind of aggregate is cached and snapshotted.
    #[must_use]
    pub fn aggregate<A: Aggregate + 'static>(mut self, settings: AggregateSettings<A>) -> Self {
        self.every.insert(A::TYPE, settings.snapshot_every);
        let take: TakeSnapshot = |log, id| Box::pin(snapshots::take::<A>(log, id));
        self.snapshotters.insert(A::TYPE, take);
        self.registry.insert(settings);
        self
    }

    /// Sets the upcasters for events of older shapes.
    #[must_use]
    pub fn upcasters(mut self, upcasters: Upcasters) -> Self {
        self.upcasters = upcasters;
        self
    }
}

/// A handle on the log. Cheap to clone.
#[derive(Clone)]
pub struct Log {
    pub(crate) core: Arc<LogCore>,
}

pub(crate) struct LogCore {
    pub(crate) url: String,
    pub(crate) pool: PgPool,
    repository: PostgresEventRepository,
    pub(crate) registry: Registry,
    every: HashMap<&'static str, i64>,
    pub(crate) snapshotters: HashMap<&'static str, TakeSnapshot>,
    pub(crate) upcasters: Upcasters,
    pub(crate) tail: Arc<Tail>,
}

impl Log {
    /// Opens the log of a migrated database.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be reached or holds no log.
    pub async fn connect(url: &str, settings: LogSettings) -> Result<Self, StoreError> {
        let pool = PgPoolOptions::new()
            .max_connections(settings.connections.max(2))
            .acquire_timeout(std::time::Duration::from_secs(5))
            .connect(url)
            .await?;
        let core = LogCore {
            url: url.to_owned(),
            repository: PostgresEventRepository::new(pool.clone()),
            pool,
            registry: settings.registry,
            every: settings.every,
            snapshotters: settings.snapshotters,
            upcasters: settings.upcasters,
            tail: Arc::new(Tail::new()),
        };
        let log = Self { core: Arc::new(core) };
        log.core.tail.advance(log.head().await?);
        Ok(log)
    }

    /// The head as the database has it now.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub async fn head(&self) -> Result<Position, StoreError> {
        let position = sqlx::query_scalar("SELECT position FROM log_head WHERE shard = 0")
            .fetch_one(&self.core.pool)
            .await?;
        Ok(Position::new(position))
    }

    /// The head as this process knows it, and a wake-up when it moves.
    pub fn committed(&self) -> watch::Receiver<Position> {
        self.core.tail.subscribe()
    }

    /// Who owns the log now.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub async fn owner(&self) -> Result<Option<Owner>, StoreError> {
        Ok(ownership::look(&self.core.pool).await?.owner)
    }

    /// An aggregate as the log has it, and the sequence of its last event (0 if it has none).
    ///
    /// # Errors
    /// [`StoreError`] when the stream cannot be read.
    pub async fn load<A: Aggregate + 'static>(&self, id: &str) -> Result<(A, i64), StoreError> {
        let loaded = self.core.load::<A>(id).await?;
        let state: Box<dyn Any> = loaded.state;
        let state = state.downcast::<A>().map_or_else(|_| A::default(), |state| *state);
        Ok((state, loaded.sequence))
    }
}

impl LogCore {
    pub(crate) fn snapshot_every(&self, aggregate_type: &str) -> i64 {
        self.every.get(aggregate_type).copied().unwrap_or_default()
    }

    /// Loads a stream: its newest snapshot of the right version, if any, and the events since.
    pub(crate) async fn load<A: Aggregate + 'static>(
        &self,
        id: &str,
    ) -> Result<Loaded, StoreError> {
        let settings = self.registry.get::<A>();
        let snapshot = if settings.snapshot_every > 0 {
            snapshots::find(&self.pool, (A::TYPE, id), settings.state_version).await?
        } else {
            None
        };
        let (mut state, snapshot) = match snapshot {
            Some(found) => (serde_json::from_str::<A>(&found.state)?, found.sequence),
            None => (A::default(), 0),
        };
        let sequence = self.replay(&mut state, id, snapshot).await?;
        let weight = (settings.weight)(&state);
        Ok(Loaded { state: Box::new(state), sequence, snapshot, weight })
    }

    /// Applies the events after a sequence and returns that of the last.
    async fn replay<A: Aggregate>(
        &self,
        state: &mut A,
        id: &str,
        after: i64,
    ) -> Result<i64, StoreError> {
        let start = usize::try_from(after).unwrap_or_default();
        let events = if start == 0 {
            self.repository.get_events::<A>(id).await?
        } else {
            self.repository.get_last_events::<A>(id, start).await?
        };
        let mut sequence = start;
        for event in events {
            sequence += 1;
            if event.sequence != sequence {
                let gap = format!("{} {id} lacks event {sequence}", A::TYPE);
                return Err(StoreError::Unreadable(gap.into()));
            }
            let event = self.upcasters.apply(event);
            state.apply(serde_json::from_value(event.payload)?);
        }
        Ok(crate::append::count(sequence))
    }
}
