//! Aggregates in memory, each behind a lock of its own, so that one process never conflicts with itself.
//!
//! A state in the cache may be ahead of the log: the next decision need not wait for the last one to be durable, only
//! its answer must. If an earlier decision turns out not to be written, the stream's lineage is broken, everything that
//! stood on it fails, and the next command loads the stream anew.

use std::{
    any::Any,
    collections::{HashMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use parking_lot::Mutex;
use tokio::sync::OwnedMutexGuard;

use crate::{committer::Lineage, event::StreamKey};

/// One stream's aggregate.
#[derive(Default)]
pub(crate) struct Slot {
    /// The aggregate, or nothing if it must be loaded.
    pub(crate) state: Option<Box<dyn Any + Send + Sync>>,
    /// The sequence of the last event that the state includes.
    pub(crate) sequence: i64,
    /// The sequence of the newest snapshot that was taken or asked for.
    pub(crate) snapshot: i64,
    pub(crate) lineage: Arc<Lineage>,
    /// The state's bytes as counted in the cache's sum.
    weight: usize,
}

impl Slot {
    /// Forgets the state; the next command loads it.
    pub(crate) fn clear(&mut self) {
        *self = Self { weight: self.weight, ..Self::default() };
    }
}

#[derive(Default)]
struct Entry {
    slot: Arc<tokio::sync::Mutex<Slot>>,
    used: AtomicBool,
}

/// All cached aggregates, bounded by bytes. Which one goes is decided by second chance: untouched for a round.
pub(crate) struct Cache {
    inner: Mutex<Inner>,
    limit: usize,
}

#[derive(Default)]
struct Inner {
    entries: HashMap<StreamKey, Entry>,
    round: VecDeque<StreamKey>,
    bytes: usize,
}

/// What an entry costs beside its state.
const ENTRY_BYTES: usize = 256;

impl Cache {
    pub(crate) fn new(limit: usize) -> Self {
        Self { inner: Mutex::default(), limit }
    }

    /// Waits for the stream's lock. A broken lineage is cleared on the way in.
    pub(crate) async fn lock(&self, key: &StreamKey) -> OwnedMutexGuard<Slot> {
        let slot = self.slot(key);
        let mut slot = slot.lock_owned().await;
        if slot.lineage.is_broken() {
            slot.clear();
        }
        slot
    }

    fn slot(&self, key: &StreamKey) -> Arc<tokio::sync::Mutex<Slot>> {
        let mut inner = self.inner.lock();
        if let Some(entry) = inner.entries.get(key) {
            entry.used.store(true, Ordering::Relaxed);
            return Arc::clone(&entry.slot);
        }
        let entry = Entry::default();
        let slot = Arc::clone(&entry.slot);
        inner.entries.insert(key.clone(), entry);
        inner.round.push_back(key.clone());
        inner.bytes += ENTRY_BYTES;
        slot
    }

    /// Counts a state's present weight, and makes room if the sum is over the limit.
    pub(crate) fn weigh(&self, slot: &mut Slot, weight: usize) {
        let before = std::mem::replace(&mut slot.weight, weight);
        let mut inner = self.inner.lock();
        inner.bytes = (inner.bytes + weight).saturating_sub(before);
        if inner.bytes > self.limit {
            inner.shrink(self.limit);
        }
        metrics::gauge!("daybook_cache_bytes").set(inner.bytes as f64);
    }
}

impl Inner {
    /// Drops entries nobody holds until the sum fits, looking at each at most twice.
    fn shrink(&mut self, limit: usize) {
        let mut looks = self.round.len() * 2;
        while self.bytes > limit && looks > 0 {
            looks -= 1;
            let Some(key) = self.round.pop_front() else { return };
            let Some(entry) = self.entries.get(&key) else { continue };
            let held = Arc::strong_count(&entry.slot) > 1;
            if held || entry.used.swap(false, Ordering::Relaxed) {
                self.round.push_back(key);
                continue;
            }
            // Nobody holds it and the map is locked, so the lock is free.
            let weight = entry.slot.try_lock().map_or(0, |slot| slot.weight);
            self.entries.remove(&key);
            self.bytes = self.bytes.saturating_sub(weight + ENTRY_BYTES);
        }
    }
}
