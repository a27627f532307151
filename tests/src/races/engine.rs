//! The engine without HTTP around it, for crowds with its guard and, as a control, with its guard switched off.

use std::sync::Arc;

use cqrs_es::Aggregate;
use daybook_event_store::{
    CommandContext, CommandError, Log, LogSettings, Node, Response, Stream, Unit, Verdict, Writer,
    WriterSettings,
};
use daybook_local_postgres::testing::{self, TestDatabase};
use sqlx::PgPool;
use uuid::Uuid;

use crate::harness::Audit;

/// A race is a matter of chance: a control may be run a few times until it shows.
pub(super) const TRIES: usize = 20;

/// The real log and the real writer, and an auditor beside them.
pub(super) struct Engine {
    log: Log,
    writer: Writer,
    pub(super) audit: Audit,
    _database: TestDatabase,
}

/// Whether a decision waits for its stream's turn.
#[derive(Clone, Copy, Debug)]
pub(super) enum Guard {
    /// As it is: decided on the stream as it stands, in the stream's turn.
    On,
    /// The same rule, decided on what was true a moment ago.
    Off,
}

impl Engine {
    pub(super) async fn new() -> Arc<Self> {
        let database = testing::database().await;
        daybook_event_store::migrate(&database.url()).await.expect("the migrations apply");
        let log = Log::connect(&database.url(), LogSettings::new(8)).await.expect("the log opens");
        let node = Node { id: Uuid::now_v7(), address: "http://127.0.0.1:1".to_owned() };
        let writer = Writer::take_over(&log, &node, WriterSettings::default()).await;
        let writer = writer.expect("the log can be owned");
        let pool = PgPool::connect(&database.url()).await.expect("the database answers");
        Arc::new(Self { log, writer, audit: Audit::new(pool), _database: database })
    }

    /// Does some work on some streams through the writer, as the server does.
    pub(super) async fn run<E>(
        &self,
        streams: &[Stream],
        mut work: impl FnMut(&mut Unit) -> Result<(), E>,
    ) -> Result<(), CommandError<E>> {
        let context = CommandContext::default();
        let answer = self.writer.run(streams, &context, |unit| {
            work(unit)?;
            Ok(Verdict::Commit(Response { status: 200, body: "{}".to_owned() }))
        });
        answer.await.map(drop)
    }

    /// An aggregate as it is stored now.
    pub(super) async fn stored<A: Aggregate + 'static>(&self, id: &str) -> A {
        self.log.load(id).await.expect("it can be read").0
    }

    /// Decides on one aggregate.
    pub(super) async fn decide<A, E>(
        &self,
        guard: Guard,
        id: &str,
        decide: impl Fn(&A) -> Result<Vec<A::Event>, E>,
    ) -> Result<(), CommandError<E>>
    where
        A: Aggregate + 'static,
    {
        let stale = match guard {
            Guard::On => None,
            Guard::Off => Some(decide(&self.stored(id).await).map_err(CommandError::Refused)?),
        };
        let streams = [Stream::of::<A>(id)];
        let work = |unit: &mut Unit| {
            unit.decide(id, |state| stale.clone().map_or_else(|| decide(state), Ok))
        };
        self.run(&streams, work).await
    }
}

/// Runs a race without a guard until it shows what a guard prevents.
pub(super) async fn until_it_shows(mut race: impl AsyncFnMut() -> bool) {
    for _ in 0..TRIES {
        if race().await {
            return;
        }
    }
    panic!("the race never did harm without a guard: it is no race");
}
