//! cqrs-es's own framework over this store: for commands that touch one aggregate.

use std::{marker::PhantomData, sync::Arc};

use cqrs_es::{
    Aggregate, AggregateContext, AggregateError, CqrsFramework, EventEnvelope, EventStore,
    persist::{PersistedEventRepository, PersistenceError},
};
use parking_lot::Mutex;
use tokio::sync::mpsc;

use crate::{
    CommandError, LogRepository, StoreError, WriteError, Writer,
    command::{Answer, CommandContext, Idempotency, Response},
    committer::Job,
    event::{self, Metadata, Position},
    unit::{Stream, Unit},
    writer::Retries,
};

/// An [`EventStore`] over the log. Use it without queries: projections read the log instead.
pub struct FrameworkStore<A> {
    writer: Writer,
    name: fn(&str) -> Stream,
    idempotency: Option<Idempotency>,
    response: Response,
    first_attempt: bool,
    written: Arc<Mutex<Option<Result<Position, WriteError>>>>,
    aggregate: PhantomData<fn() -> A>,
}

impl<A: Aggregate + 'static> FrameworkStore<A> {
    /// A store for commands without idempotency keys.
    pub fn new(writer: &Writer) -> Self {
        Self {
            writer: writer.clone(),
            name: |id| Stream::of::<A>(id),
            idempotency: None,
            response: Response::default(),
            first_attempt: true,
            written: Arc::default(),
            aggregate: PhantomData,
        }
    }

    /// A store for commands on aggregates under newly made ids: see [`Stream::fresh`].
    pub fn fresh(writer: &Writer) -> Self {
        Self { name: |id| Stream::fresh::<A>(id), ..Self::new(writer) }
    }
}

/// A locked and loaded aggregate. If it is dropped instead of committed, the cache forgets it: nobody can tell whether
/// the handler had begun to change it.
pub struct FrameworkContext<A> {
    unit: Unit,
    permit: mpsc::OwnedPermit<Job>,
    id: String,
    aggregate: PhantomData<fn() -> A>,
}

impl<A: Aggregate + 'static> AggregateContext<A> for FrameworkContext<A> {
    fn aggregate(&mut self) -> &mut A {
        self.unit.state_mut::<A>(&self.id)
    }
}

impl<A> EventStore<A> for FrameworkStore<A>
where
    A: Aggregate + 'static,
    A::Event: 'static,
{
    type AC = FrameworkContext<A>;

    async fn load_events(
        &self,
        aggregate_id: &str,
    ) -> Result<Vec<EventEnvelope<A>>, AggregateError<A::Error>> {
        let events = LogRepository::new(&self.writer).get_events::<A>(aggregate_id).await?;
        let upcasters = &self.writer.log().core.upcasters;
        let events =
            events.into_iter().map(|event| EventEnvelope::try_from(upcasters.apply(event)));
        Ok(events.collect::<Result<_, PersistenceError>>()?)
    }

    async fn load_aggregate(
        &self,
        aggregate_id: &str,
    ) -> Result<Self::AC, AggregateError<A::Error>> {
        let permit = self.writer.reserve().map_err(unexpected)?;
        let stream = (self.name)(aggregate_id);
        let unit = self.writer.open(&[stream], Arc::from("{}"), self.first_attempt).await;
        Ok(FrameworkContext {
            unit: unit.map_err(unexpected)?,
            permit,
            id: aggregate_id.to_owned(),
            aggregate: PhantomData,
        })
    }

    async fn commit(
        &self,
        events: Vec<A::Event>,
        mut context: Self::AC,
        metadata: Metadata,
    ) -> Result<Vec<EventEnvelope<A>>, AggregateError<A::Error>> {
        let mut sequence =
            usize::try_from(context.unit.sequence::<A>(&context.id)).unwrap_or_default();
        let json = event::written(&metadata).map_err(unexpected)?;
        context.unit.record_applied::<A>(&context.id, &events, &json);
        let FrameworkContext { unit, permit, id, .. } = context;
        let idempotency = self.idempotency.as_ref();
        let written = self.writer.submit(unit, permit, idempotency, &self.response).await;
        *self.written.lock() = Some(written.clone());
        written.map_err(|error| match error {
            WriteError::Conflict | WriteError::Superseded => AggregateError::AggregateConflict,
            other => unexpected(other),
        })?;
        let envelopes = events.into_iter().map(|payload| {
            sequence += 1;
            EventEnvelope {
                aggregate_id: id.clone(),
                sequence,
                payload,
                metadata: metadata.clone(),
            }
        });
        Ok(envelopes.collect())
    }
}

fn unexpected<E: std::error::Error>(
    error: impl std::error::Error + Send + Sync + 'static,
) -> AggregateError<E> {
    AggregateError::UnexpectedError(error.into())
}

/// Runs one command through [`CqrsFramework`]; decides anew after a conflict.
pub(crate) async fn execute<A>(
    writer: &Writer,
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
    let mut retries = Retries::new(writer.settings());
    loop {
        let written = Arc::default();
        let store = FrameworkStore::<A> {
            idempotency: context.idempotency.clone(),
            response: response.clone(),
            first_attempt: retries.is_first_attempt(),
            written: Arc::clone(&written),
            ..FrameworkStore::new(writer)
        };
        let framework = CqrsFramework::new(store, vec![], ());
        let metadata = context.metadata.clone();
        let result = framework.execute_with_metadata(id, command.clone(), metadata).await;
        let written = written.lock().take();
        match (result, written) {
            (Ok(()), Some(Ok(position))) => {
                return Ok(Answer { response, position, replayed: false });
            }
            (_, Some(Err(error))) => retries.allow(error)?,
            (Err(AggregateError::UserError(refusal)), _) => {
                return Err(CommandError::Refused(refusal));
            }
            (Err(AggregateError::UnexpectedError(cause)), _) => return Err(precise(cause)),
            (Err(AggregateError::DatabaseConnectionError(cause)), _) => {
                return Err(StoreError::Unreachable(cause).into());
            }
            (Err(other), _) => {
                return Err(StoreError::Database(other.to_string().into()).into());
            }
            (Ok(()), None) => return Err(WriteError::NotOwner.into()), // commit always writes
        }
    }
}

/// The error that was wrapped to pass through the framework.
fn precise<E>(cause: Box<dyn std::error::Error + Send + Sync>) -> CommandError<E> {
    match cause.downcast::<WriteError>() {
        Ok(error) => CommandError::Write(*error),
        Err(cause) => match cause.downcast::<StoreError>() {
            Ok(error) => CommandError::Store(*error),
            Err(other) => CommandError::Store(StoreError::Database(other)),
        },
    }
}
