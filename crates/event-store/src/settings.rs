//! What may be set: per kind of aggregate, and for the writer as a whole.

use std::{any::Any, collections::HashMap, sync::Arc};

use cqrs_es::Aggregate;

/// How one kind of aggregate is cached and snapshotted.
#[derive(Clone, Copy, Debug)]
pub struct AggregateSettings<A> {
    /// The version of the serialised state. Snapshots of another version are ignored.
    pub state_version: u32,
    /// The state's size in bytes, roughly. Must be cheap: it is asked after each command.
    pub weight: fn(&A) -> usize,
    /// A snapshot is taken once this many events came since the last; 0 takes none.
    pub snapshot_every: i64,
}

impl<A> Default for AggregateSettings<A> {
    /// Short streams of small states: no snapshots.
    fn default() -> Self {
        Self { state_version: 1, weight: |_| 512, snapshot_every: 0 }
    }
}

/// The settings of all kinds, by aggregate type.
#[derive(Clone, Default)]
pub(crate) struct Registry {
    by_type: HashMap<&'static str, Arc<dyn Any + Send + Sync>>,
}

impl Registry {
    pub(crate) fn insert<A: Aggregate + 'static>(&mut self, settings: AggregateSettings<A>) {
        self.by_type.insert(A::TYPE, Arc::new(settings));
    }

    pub(crate) fn get<A: Aggregate + 'static>(&self) -> AggregateSettings<A> {
        let found = self.by_type.get(A::TYPE).and_then(|any| any.downcast_ref());
        found.map_or_else(AggregateSettings::default, |settings: &AggregateSettings<A>| {
            AggregateSettings { ..*settings }
        })
    }
}

/// The limits of the write path.
#[derive(Clone, Copy, Debug)]
pub struct WriterSettings {
    /// Commands that may wait for the log; one more is refused as overloaded.
    pub queue_capacity: usize,
    /// Commands that one statement appends at the most.
    pub batch_jobs: usize,
    /// Bytes that one statement appends at the most (a single larger command goes alone).
    pub batch_bytes: usize,
    /// Bytes of aggregate states kept in memory, roughly.
    pub cache_bytes: usize,
    /// How often a command is decided anew after a conflict before the caller is told.
    pub attempts: u32,
}

impl Default for WriterSettings {
    fn default() -> Self {
        Self {
            queue_capacity: 4096,
            batch_jobs: 512,
            batch_bytes: 1 << 20,
            cache_bytes: 64 << 20,
            attempts: 8,
        }
    }
}
