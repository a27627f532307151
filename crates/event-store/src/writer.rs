//! The owner's side of the log: commands in, answers out.

use std::sync::Arc;

use cqrs_es::Aggregate;
use tokio::sync::{
    mpsc::{self, error::TrySendError},
    oneshot,
};

use crate::{
    CommandError, Log, StoreError, WriteError,
    append::{NewReceipt, Rows},
    cache::Cache,
    command::{Answer, CommandContext, Idempotency, Response, Verdict},
    committer::{Committer, Job},
    event::{self, Position, StreamKey},
    framework,
    ownership::{self, Node},
    receipts::{Begun, Receipts},
    settings::WriterSettings,
    snapshots,
    unit::{Stream, Unit},
};

/// Takes commands as long as this process owns the log. Cheap to clone; when the last clone goes, the committer ends.
#[derive(Clone)]
pub struct Writer {
    core: Arc<Core>,
}

struct Core {
    log: Log,
    node: Node,
    lane: mpsc::Sender<Job>,
    cache: Arc<Cache>,
    receipts: Arc<Receipts>,
    snapshots: mpsc::Sender<StreamKey>,
    settings: WriterSettings,
}

impl Writer {
    /// Takes ownership of the log, whoever has it now, and starts to append.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be reached.
    pub async fn take_over(
        log: &Log,
        node: &Node,
        settings: WriterSettings,
    ) -> Result<Self, StoreError> {
        loop {
            let seen = ownership::look(&log.core.pool).await?.epoch;
            if let Some(writer) = Self::try_take_over(log, node, settings, seen).await? {
                return Ok(writer);
            }
        }
    }

    /// Takes ownership if the log's epoch is still the one that was seen.
    pub(crate) async fn try_take_over(
        log: &Log,
        node: &Node,
        settings: WriterSettings,
        seen: i64,
    ) -> Result<Option<Self>, StoreError> {
        let mut connection = ownership::connect(&log.core.url).await?;
        let Some(claim) = ownership::acquire(&mut connection, node, seen).await? else {
            return Ok(None);
        };
        let last_recorded = ownership::recorded_at(&mut connection, claim.head).await?;
        // What another owner wrote never passed through this process's memory.
        log.core.tail.clear();
        log.core.tail.advance(claim.head);
        let receipts = Receipts::open(log.core.pool.clone()).await?;
        let (lane, jobs) = mpsc::channel(settings.queue_capacity);
        let (snapshots, asked) = mpsc::channel(64);
        let committer = Committer {
            url: log.core.url.clone(),
            node: node.clone(),
            connection,
            claim,
            settings,
            tail: Arc::clone(&log.core.tail),
            lane: jobs,
            last_recorded,
        };
        tracing::info!(epoch = claim.epoch, head = %claim.head, "this process owns the log");
        tokio::spawn(committer.run());
        tokio::spawn(snapshots::run(Arc::clone(&log.core), asked));
        tokio::spawn(keep_receipts(Arc::downgrade(&receipts)));
        let cache = Arc::new(Cache::new(settings.cache_bytes));
        let log = log.clone();
        let node = node.clone();
        let core = Core { log, node, lane, cache, receipts, snapshots, settings };
        Ok(Some(Self { core: Arc::new(core) }))
    }

    /// The log this writer appends to.
    pub fn log(&self) -> &Log {
        &self.core.log
    }

    /// Whether this process has lost the log to another.
    pub fn is_fenced(&self) -> bool {
        self.core.lane.is_closed()
    }

    /// Commands that wait for the log.
    pub fn waiting(&self) -> usize {
        self.core.lane.max_capacity() - self.core.lane.capacity()
    }

    /// Gives the log up, so that a standby can take it at once.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be reached; the standby then waits for the pulse to stop.
    pub async fn release(&self) -> Result<(), StoreError> {
        ownership::release(&self.core.log.core.pool, self.core.node.id).await
    }

    /// Shows that this owner lives. `false`: the log has another owner.
    pub(crate) async fn pulse(&self) -> Result<bool, StoreError> {
        ownership::pulse(&self.core.log.core.pool, self.core.node.id).await
    }

    /// Runs one command over several streams: opens them, lets `decide` decide, and appends all of it or nothing. After
    /// a conflict it is decided anew, so `decide` may run several times; it must be pure.
    ///
    /// # Errors
    /// [`CommandError`]; whatever it is, nothing of the command was written, except that a lost answer
    /// ([`WriteError::NotOwner`] while the log changes hands) may hide a written command: asking again under the same
    /// idempotency key tells.
    pub async fn run<E>(
        &self,
        streams: &[Stream],
        context: &CommandContext,
        mut decide: impl FnMut(&mut Unit) -> Result<Verdict, E>,
    ) -> Result<Answer, CommandError<E>> {
        self.once(context, self.decide_and_append(streams, context, &mut decide)).await
    }

    /// Runs one command on one aggregate through cqrs-es's own framework.
    ///
    /// # Errors
    /// As [`Writer::run`].
    pub async fn execute<A>(
        &self,
        id: &str,
        command: A::Command,
        context: &CommandContext,
        response: Response,
    ) -> Result<Answer, CommandError<A::Error>>
    where
        A: Aggregate<Services = ()> + 'static,
        A::Command: Clone + Send,
        A::Event: 'static,
    {
        self.once(context, framework::execute::<A>(self, id, command, context, response)).await
    }

    /// An aggregate as it stands now, decisions that are not yet durable included.
    ///
    /// # Errors
    /// [`StoreError`] when the stream cannot be read.
    pub async fn peek<A: Aggregate + 'static, T>(
        &self,
        id: &str,
        look: impl FnOnce(&A) -> T,
    ) -> Result<T, StoreError> {
        let stream = Stream::of::<A>(id);
        let mut unit = self.open(&[stream], Arc::from("{}"), true).await?;
        Ok(look(unit.state::<A>(id)))
    }

    /// Does the work unless the context's key has an answer already.
    async fn once<E>(
        &self,
        context: &CommandContext,
        work: impl Future<Output = Result<Answer, CommandError<E>>>,
    ) -> Result<Answer, CommandError<E>> {
        let Some(idempotency) = &context.idempotency else { return work.await };
        let running = match self.core.receipts.begin(idempotency).await? {
            Begun::Stored(answer) => return Ok(answer),
            Begun::Reused => return Err(CommandError::KeyReused),
            Begun::InProgress => return Err(CommandError::InProgress),
            Begun::Fresh(running) => running,
        };
        let result = work.await;
        drop(running);
        if let Err(CommandError::Write(WriteError::DuplicateReceipt)) = &result {
            return match self.core.receipts.begin(idempotency).await? {
                Begun::Stored(answer) => Ok(answer),
                Begun::Reused => Err(CommandError::KeyReused),
                Begun::Fresh(_) | Begun::InProgress => Err(CommandError::InProgress),
            };
        }
        result
    }

    pub(crate) fn settings(&self) -> &WriterSettings {
        &self.core.settings
    }

    async fn decide_and_append<E>(
        &self,
        streams: &[Stream],
        context: &CommandContext,
        decide: &mut impl FnMut(&mut Unit) -> Result<Verdict, E>,
    ) -> Result<Answer, CommandError<E>> {
        let metadata: Arc<str> = event::written(&context.metadata).map_err(StoreError::from)?;
        let mut retries = Retries::new(&self.core.settings);
        loop {
            let permit = self.reserve()?;
            let first = retries.is_first_attempt();
            let mut unit = self.open(streams, Arc::clone(&metadata), first).await?;
            let response = match decide(&mut unit).map_err(CommandError::Refused)? {
                Verdict::Commit(response) => response,
                Verdict::Refuse(response) => {
                    unit.discard();
                    response
                }
            };
            let result = self.submit(unit, permit, context.idempotency.as_ref(), &response).await;
            match result {
                Ok(position) => return Ok(Answer { response, position, replayed: false }),
                Err(error) => retries.allow(error)?,
            }
        }
    }

    /// Hands a decided unit to the lane and waits until it is durable.
    pub(crate) async fn submit(
        &self,
        mut unit: Unit,
        permit: mpsc::OwnedPermit<Job>,
        idempotency: Option<&Idempotency>,
        response: &Response,
    ) -> Result<Position, WriteError> {
        let receipt = idempotency.map(|idempotency| {
            let slot = self.core.receipts.slot();
            self.core.receipts.remember(slot, idempotency);
            NewReceipt { slot, idempotency: idempotency.clone(), response: response.clone() }
        });
        let due = unit.due_snapshots();
        let answer = unit.submit(permit, receipt);
        let result = answered(answer).await;
        if result.is_ok() {
            for key in due {
                // A snapshot that finds the queue full is asked for again by a later command.
                let _ = self.core.snapshots.try_send(key);
            }
        }
        result
    }

    /// Appends rows that were decided outside of the cache.
    pub(crate) async fn append(&self, rows: Rows) -> Result<Position, WriteError> {
        let permit = self.reserve()?;
        let (reply, answer) = oneshot::channel();
        let mut held = Vec::new();
        for event in rows.events.iter().filter(|event| event.sequence >= 1) {
            if !held.iter().any(|(key, _)| *key == event.stream) {
                let slot = self.core.cache.lock(&event.stream).await;
                held.push((event.stream.clone(), slot));
            }
        }
        for (_, slot) in &mut held {
            slot.clear();
        }
        permit.send(Job { rows, lineages: Vec::new(), reply });
        answered(answer).await
    }

    pub(crate) async fn open(
        &self,
        streams: &[Stream],
        metadata: Arc<str>,
        first_attempt: bool,
    ) -> Result<Unit, StoreError> {
        Unit::open(&self.core.log.core, &self.core.cache, streams, metadata, first_attempt).await
    }

    /// A place in the lane, before anything is decided: what was decided can then always be submitted.
    pub(crate) fn reserve(&self) -> Result<mpsc::OwnedPermit<Job>, WriteError> {
        self.core.lane.clone().try_reserve_owned().map_err(|error| match error {
            TrySendError::Full(_) => WriteError::Overloaded,
            TrySendError::Closed(_) => WriteError::NotOwner,
        })
    }
}

/// How often a command was decided, and why it had to be decided again.
pub(crate) struct Retries {
    conflicts: u32,
    superseded: u32,
    limit: u32,
}

impl Retries {
    pub(crate) fn new(settings: &WriterSettings) -> Self {
        Self { conflicts: 0, superseded: 0, limit: settings.attempts }
    }

    pub(crate) fn is_first_attempt(&self) -> bool {
        self.conflicts + self.superseded == 0
    }

    /// Lets a command be decided again, or gives the error back.
    pub(crate) fn allow(&mut self, error: WriteError) -> Result<(), WriteError> {
        match error {
            WriteError::Conflict => self.conflicts += 1,
            // Somebody else's command was at fault and is out of the way now, so this is progress: be patient.
            WriteError::Superseded => self.superseded += 1,
            other => return Err(other),
        }
        metrics::counter!("daybook_log_conflicts_total").increment(1);
        if self.conflicts < self.limit && self.superseded < self.limit.saturating_mul(100) {
            Ok(())
        } else {
            Err(WriteError::Conflict)
        }
    }
}

async fn answered(
    answer: oneshot::Receiver<Result<Position, WriteError>>,
) -> Result<Position, WriteError> {
    answer.await.unwrap_or(Err(WriteError::NotOwner))
}

/// Recalls the stored receipts, then turns to each new day, for as long as the writer lives.
async fn keep_receipts(receipts: std::sync::Weak<Receipts>) {
    if let Some(receipts) = receipts.upgrade()
        && let Err(error) = receipts.recall().await
    {
        tracing::warn!(%error, "receipts were not recalled; each command asks the database");
    }
    let mut clock = tokio::time::interval(std::time::Duration::from_secs(30));
    loop {
        clock.tick().await;
        let Some(receipts) = receipts.upgrade() else { return };
        if let Err(error) = receipts.turn().await {
            tracing::warn!(%error, "receipts were not turned to a new day");
        }
    }
}
