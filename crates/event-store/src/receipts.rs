//! Receipts: what was answered under an idempotency key, so that a repeated request is answered the same.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
};

use chrono::Utc;
use futures::TryStreamExt;
use parking_lot::Mutex;
use sqlx::{PgPool, Row};
use uuid::Uuid;

use crate::{
    StoreError,
    command::{Answer, Idempotency, Response},
    event::Position,
    rotation,
};

/// Beyond this many the process no longer remembers all keys and asks the database each time.
const REMEMBERED: usize = 8_000_000;

/// The receipts of a log, as its owner keeps them.
pub(crate) struct Receipts {
    pool: PgPool,
    running: Mutex<HashSet<(Uuid, String)>>,
    known: Mutex<Known>,
    day: AtomicI32,
}

/// Digests of the keys that may have a receipt, by slot. A key not among them surely has none, which spares almost every
/// command a question to the database.
#[derive(Default)]
struct Known {
    complete: bool,
    slots: [HashSet<u64>; 3],
}

/// How a command with a key may go on.
pub(crate) enum Begun {
    /// Nobody used the key. It is taken until the guard is dropped.
    Fresh(Running),
    /// The key has an answer.
    Stored(Answer),
    /// The key belongs to another request.
    Reused,
    /// The key's first request is still running.
    InProgress,
}

/// Keeps a key taken while its command runs.
pub(crate) struct Running {
    receipts: Arc<Receipts>,
    key: (Uuid, String),
}

impl Drop for Running {
    fn drop(&mut self) {
        self.receipts.running.lock().remove(&self.key);
    }
}

impl Receipts {
    /// Opens the receipts for today.
    pub(crate) async fn open(pool: PgPool) -> Result<Arc<Self>, StoreError> {
        let day = rotation::rotate(&pool, rotation::day_of(Utc::now())).await?;
        Ok(Arc::new(Self {
            pool,
            running: Mutex::default(),
            known: Mutex::default(),
            day: AtomicI32::new(day),
        }))
    }

    /// The slot that new receipts go to.
    pub(crate) fn slot(&self) -> i16 {
        rotation::slot_of(self.day.load(Ordering::Acquire))
    }

    /// Starts a command under its key.
    pub(crate) async fn begin(
        self: &Arc<Self>,
        idempotency: &Idempotency,
    ) -> Result<Begun, StoreError> {
        let key = (idempotency.principal, idempotency.key.clone());
        if !self.running.lock().insert(key.clone()) {
            return Ok(Begun::InProgress);
        }
        let running = Running { receipts: Arc::clone(self), key };
        if !self.known.lock().may_hold(idempotency) {
            return Ok(Begun::Fresh(running));
        }
        Ok(match self.find(idempotency).await? {
            None => Begun::Fresh(running),
            Some((hash, answer)) if hash == idempotency.request_hash => Begun::Stored(answer),
            Some(_) => Begun::Reused,
        })
    }

    /// Remembers that the key is about to have a receipt.
    pub(crate) fn remember(&self, slot: i16, idempotency: &Idempotency) {
        self.known.lock().insert(slot, digest(idempotency.principal, &idempotency.key));
    }

    /// The stored answer, with the digest of the request it answered.
    async fn find(
        &self,
        idempotency: &Idempotency,
    ) -> Result<Option<(Vec<u8>, Answer)>, StoreError> {
        let row = sqlx::query(
            "SELECT request_hash, status, response, position
               FROM receipts
              WHERE principal = $1 AND idempotency_key = $2",
        )
        .bind(idempotency.principal)
        .bind(&idempotency.key)
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let status: i16 = row.try_get(1)?;
        let response =
            Response { status: u16::try_from(status).unwrap_or(500), body: row.try_get(2)? };
        let position = Position::new(row.try_get(3)?);
        Ok(Some((row.try_get(0)?, Answer { response, position, replayed: true })))
    }

    /// Fills the memory with the receipts that are already stored.
    pub(crate) async fn recall(&self) -> Result<(), StoreError> {
        let mut rows =
            sqlx::query("SELECT slot, principal, idempotency_key FROM receipts").fetch(&self.pool);
        while let Some(row) = rows.try_next().await? {
            let digest = digest(row.try_get(1)?, row.try_get(2)?);
            let slot: i16 = row.try_get(0)?;
            if !self.known.lock().insert(slot, digest) {
                return Ok(()); // too many to remember: the database is asked each time
            }
        }
        self.known.lock().complete = true;
        Ok(())
    }

    /// Turns to a new day if it has come.
    pub(crate) async fn turn(&self) -> Result<(), StoreError> {
        let before = self.day.load(Ordering::Acquire);
        let day = rotation::rotate(&self.pool, rotation::day_of(Utc::now())).await?;
        if day != before {
            let slot = rotation::slot_of(day);
            let mut known = self.known.lock();
            if let Some(keys) = known.slots.get_mut(usize::from(slot.unsigned_abs())) {
                keys.clear();
            }
            self.day.store(day, Ordering::Release);
        }
        Ok(())
    }
}

impl Known {
    fn may_hold(&self, idempotency: &Idempotency) -> bool {
        let digest = digest(idempotency.principal, &idempotency.key);
        !self.complete || self.slots.iter().any(|keys| keys.contains(&digest))
    }

    /// `false` when there are too many to remember.
    fn insert(&mut self, slot: i16, digest: u64) -> bool {
        if self.slots.iter().map(HashSet::len).sum::<usize>() >= REMEMBERED {
            *self = Self::default();
            return false;
        }
        if let Some(keys) = self.slots.get_mut(usize::from(slot.unsigned_abs())) {
            keys.insert(digest);
        }
        true
    }
}

fn digest(principal: Uuid, key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    principal.hash(&mut hasher);
    key.hash(&mut hasher);
    hasher.finish()
}
