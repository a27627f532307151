//! A unit of work: one command's decisions on several streams, written all together or not at all.

use std::{any::Any, fmt::Display, sync::Arc};

use cqrs_es::{Aggregate, DomainEvent};
use futures::future::BoxFuture;
use tokio::sync::{OwnedMutexGuard, mpsc, oneshot};
use uuid::Uuid;

use crate::{
    StoreError, WriteError,
    append::{NewReceipt, Rows},
    cache::{Cache, Slot},
    committer::Job,
    event::{NewEvent, Position, StreamKey},
    log::LogCore,
    settings::AggregateSettings,
};

/// A stream read from the database.
pub(crate) struct Loaded {
    pub(crate) state: Box<dyn Any + Send + Sync>,
    pub(crate) sequence: i64,
    pub(crate) snapshot: i64,
    pub(crate) weight: usize,
}

type Load = for<'a> fn(&'a LogCore, &'a str) -> BoxFuture<'a, Result<Loaded, StoreError>>;

/// Names a stream that a unit of work will touch.
#[derive(Clone)]
pub struct Stream {
    pub(crate) key: StreamKey,
    load: Load,
    fresh: bool,
}

impl Stream {
    /// The stream of an aggregate that may exist already.
    pub fn of<A: Aggregate + 'static>(id: impl Display) -> Self {
        let id = id.to_string().into();
        let load: Load = |log, id| Box::pin(log.load::<A>(id));
        Self { key: StreamKey { aggregate_type: A::TYPE, id }, load, fresh: false }
    }

    /// The stream of an aggregate under a newly made id: not worth looking for. If it exists all the same, the log
    /// refuses the first event, and the command is decided again on what is there.
    pub fn fresh<A: Aggregate + 'static>(id: impl Display) -> Self {
        Self { fresh: true, ..Self::of::<A>(id) }
    }

    /// The aggregate's id.
    pub fn id(&self) -> &str {
        &self.key.id
    }
}

/// The streams of one command, locked and loaded. What is decided here stays here until it is submitted.
pub struct Unit {
    log: Arc<LogCore>,
    cache: Arc<Cache>,
    metadata: Arc<str>,
    open: Vec<Open>,
}

struct Open {
    key: StreamKey,
    slot: OwnedMutexGuard<Slot>,
    pending: Vec<NewEvent>,
    apply: Option<Apply>,
    /// The state has taken in events that were not submitted: it must not outlive this unit otherwise.
    ahead: bool,
    weigh: Option<fn(&LogCore, &(dyn Any + Send + Sync)) -> usize>,
}

type Apply = Box<dyn FnOnce(&mut (dyn Any + Send + Sync)) + Send>;

impl Unit {
    /// Locks the streams in the order of their keys, so that two units never wait for each other, and loads what the
    /// cache lacks. On a second attempt even fresh streams are looked for.
    pub(crate) async fn open(
        log: &Arc<LogCore>,
        cache: &Arc<Cache>,
        streams: &[Stream],
        metadata: Arc<str>,
        first_attempt: bool,
    ) -> Result<Self, StoreError> {
        let mut streams: Vec<&Stream> = streams.iter().collect();
        streams.sort_by(|a, b| a.key.cmp(&b.key));
        streams.dedup_by(|a, b| a.key == b.key);
        let mut unit = Self {
            log: Arc::clone(log),
            cache: Arc::clone(cache),
            metadata,
            open: Vec::with_capacity(streams.len()),
        };
        for stream in streams {
            let mut slot = cache.lock(&stream.key).await;
            if slot.state.is_none() && !(stream.fresh && first_attempt) {
                let loaded = (stream.load)(log, &stream.key.id).await?;
                slot.state = Some(loaded.state);
                slot.sequence = loaded.sequence;
                slot.snapshot = loaded.snapshot;
                cache.weigh(&mut slot, loaded.weight);
            }
            unit.open.push(Open {
                key: stream.key.clone(),
                slot,
                pending: Vec::new(),
                apply: None,
                ahead: false,
                weigh: None,
            });
        }
        Ok(unit)
    }

    /// Decides on one aggregate. The events wait; a second decision on the same aggregate sees them applied.
    ///
    /// # Errors
    /// The decision's own; then nothing of it is kept.
    ///
    /// # Panics
    /// If the stream was not named when the unit was opened, which is a mistake in the calling code.
    pub fn decide<A, E>(
        &mut self,
        id: impl Display,
        decide: impl FnOnce(&A) -> Result<Vec<A::Event>, E>,
    ) -> Result<(), E>
    where
        A: Aggregate + 'static,
        A::Event: 'static,
    {
        let metadata = Arc::clone(&self.metadata);
        let open = self.find::<A>(id);
        open.catch_up();
        let events = decide(state_of::<A>(&mut open.slot))?;
        for event in &events {
            open.pending.push(open.new_event::<A>(event, &metadata));
        }
        if !events.is_empty() {
            open.apply = Some(Box::new(move |state| {
                let state = state.downcast_mut::<A>().expect("a stream's state is its aggregate");
                for event in events {
                    state.apply(event);
                }
            }));
        }
        open.weigh = Some(weigh::<A>);
        Ok(())
    }

    /// Reads an aggregate as it stands, decisions of this unit included.
    ///
    /// # Panics
    /// As [`Unit::decide`].
    pub fn state<A: Aggregate + 'static>(&mut self, id: impl Display) -> &A {
        let open = self.find::<A>(id);
        open.catch_up();
        state_of::<A>(&mut open.slot)
    }

    /// Whether the unit was opened with an aggregate.
    pub fn has<A: Aggregate>(&self, id: impl Display) -> bool {
        self.place::<A>(&id.to_string()).is_ok()
    }

    /// The sequence of the aggregate's last event, decisions of this unit included; 0 if it has none.
    ///
    /// # Panics
    /// As [`Unit::decide`].
    pub fn sequence<A: Aggregate + 'static>(&mut self, id: impl Display) -> i64 {
        let open = self.find::<A>(id);
        open.slot.sequence + crate::append::count(open.pending.len())
    }

    /// The aggregate itself, for a handler that applies its events on the way. Whatever it does is forgotten unless the
    /// unit is submitted.
    pub(crate) fn state_mut<A: Aggregate + 'static>(&mut self, id: &str) -> &mut A {
        let open = self.find::<A>(id);
        open.catch_up();
        open.ahead = true;
        state_mut_of::<A>(&mut open.slot)
    }

    /// Takes over events that the aggregate has applied already.
    pub(crate) fn record_applied<A: Aggregate + 'static>(
        &mut self,
        id: &str,
        events: &[A::Event],
        metadata: &Arc<str>,
    ) {
        let open = self.find::<A>(id);
        for event in events {
            open.pending.push(open.new_event::<A>(event, metadata));
        }
        open.weigh = Some(weigh::<A>);
    }

    fn find<A: Aggregate>(&mut self, id: impl Display) -> &mut Open {
        let found = self.place::<A>(&id.to_string());
        &mut self.open[found.expect("a unit decides only on streams it was opened with")]
    }

    fn place<A: Aggregate>(&self, id: &str) -> Result<usize, usize> {
        let order = |open: &Open| (open.key.aggregate_type, &*open.key.id).cmp(&(A::TYPE, id));
        self.open.binary_search_by(order)
    }

    /// Takes back every decision.
    pub(crate) fn discard(&mut self) {
        for open in &mut self.open {
            open.pending.clear();
            open.apply = None;
            if std::mem::take(&mut open.ahead) {
                open.slot.clear();
            }
        }
    }

    /// Applies what was decided, hands it to the lane and lets the streams go. No await between the two: whoever gives
    /// up on this command cannot leave a state ahead of what was submitted.
    pub(crate) fn submit(
        mut self,
        permit: mpsc::OwnedPermit<Job>,
        receipt: Option<NewReceipt>,
    ) -> oneshot::Receiver<Result<Position, WriteError>> {
        let (reply, answer) = oneshot::channel();
        let mut rows = Rows { events: Vec::new(), receipt };
        let mut lineages = Vec::with_capacity(self.open.len());
        for open in &mut self.open {
            open.apply_pending();
            open.ahead = false;
            open.slot.sequence += crate::append::count(open.pending.len());
            rows.events.append(&mut open.pending);
            lineages.push(Arc::clone(&open.slot.lineage));
            if let (Some(weigh), Some(state)) = (open.weigh, &open.slot.state) {
                let weight = weigh(&self.log, &**state);
                self.cache.weigh(&mut open.slot, weight);
            }
        }
        permit.send(Job { rows, lineages, reply });
        answer
    }

    /// The streams whose snapshots have become old, marked as asked for.
    pub(crate) fn due_snapshots(&mut self) -> Vec<StreamKey> {
        let mut due = Vec::new();
        for open in &mut self.open {
            let every = self.log.snapshot_every(open.key.aggregate_type);
            let sequence = open.slot.sequence + crate::append::count(open.pending.len());
            // Each snapshot costs as much as the state is large, so they grow apart as the stream grows.
            if every > 0 && sequence - open.slot.snapshot >= every.max(sequence / 2) {
                open.slot.snapshot = sequence;
                due.push(open.key.clone());
            }
        }
        due
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        self.discard();
    }
}

impl Open {
    /// Brings the state up to what this unit has decided so far.
    fn catch_up(&mut self) {
        if self.apply.is_some() {
            self.apply_pending();
            self.ahead = true;
        }
    }

    fn apply_pending(&mut self) {
        if let (Some(apply), Some(state)) = (self.apply.take(), &mut self.slot.state) {
            apply(&mut **state);
        }
    }

    fn new_event<A: Aggregate>(&self, event: &A::Event, metadata: &Arc<str>) -> NewEvent {
        NewEvent {
            stream: self.key.clone(),
            sequence: self.slot.sequence + crate::append::count(self.pending.len()) + 1,
            event_type: event.event_type(),
            event_version: event.event_version(),
            payload: serde_json::to_string(event).expect("events serialise to JSON"),
            metadata: Arc::clone(metadata),
            event_id: Uuid::now_v7(),
        }
    }
}

fn weigh<A: Aggregate + 'static>(log: &LogCore, state: &(dyn Any + Send + Sync)) -> usize {
    let settings: AggregateSettings<A> = log.registry.get::<A>();
    state.downcast_ref::<A>().map_or(0, settings.weight)
}

fn state_of<A: Aggregate + 'static>(slot: &mut Slot) -> &A {
    state_mut_of(slot)
}

fn state_mut_of<A: Aggregate + 'static>(slot: &mut Slot) -> &mut A {
    slot.state
        .get_or_insert_with(|| Box::new(A::default()))
        .downcast_mut()
        .expect("a stream's state is its aggregate")
}
