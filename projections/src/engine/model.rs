//! What a model has to say for itself; everything else is the same for all.

use std::{borrow::Cow, fmt::Display, hash::Hash, marker::PhantomData};

use async_trait::async_trait;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Context, Event, Fact, RebuildReport, Rows, VerifyReport, rebuild, runner, verify};
use crate::{ProjectionError, name::ModelName};

/// Why an event cannot be applied. Its stream is parked for the model; all other streams go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Poison(Cow<'static, str>);

impl Poison {
    /// The event speaks of something that never began.
    pub(crate) fn beginning_is_missing() -> Self {
        Self(Cow::Borrowed("the event continues something that never began"))
    }

    /// Whatever else stands in the way.
    pub(crate) fn of(reason: impl Display) -> Self {
        Self(Cow::Owned(reason.to_string()))
    }
}

/// How many measures a sum has at the most.
pub(crate) const MEASURES: usize = 8;

/// The measures of one sum. Models that need fewer leave the others at zero.
pub(crate) type Measures = [i64; MEASURES];

/// States as they were read from their rows.
pub(crate) type Loaded<K, S> = Result<Vec<(K, S)>, sqlx::Error>;

/// The key of sums in a model that has none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum NoSums {}

/// A read model: a fold of events into one state per key, the rows of that state, and, where it has them, sums of what
/// each state contributes. All SQL names tables without a schema: which generation is meant is up to the search path.
pub(crate) trait Model: Send + Sync + 'static {
    /// Its name.
    const NAME: ModelName;
    /// Raised whenever tables or fold change: the model is then rebuilt.
    const VERSION: i32;
    /// The kinds of aggregates whose events it folds.
    const AGGREGATES: &'static [&'static str];
    /// Its tables: those of the facts, then that of the sums.
    const TABLES: &'static [&'static str];
    /// Makes the tables, bare.
    const CREATE: &'static str;
    /// Makes keys and indexes, after the first rows are in.
    const INDEXES: &'static str;
    /// What is done to each table once it is built, before anybody reads it.
    const SETTLE: &'static str = "ANALYZE";
    /// Copies rows of facts in, table by table.
    const COPY: &'static [&'static str];
    /// Whether states are recalled from their streams in the log instead of kept in rows: for a model that shows its sums
    /// alone, and whose streams are short.
    const RECALLS: bool = false;
    /// Copies sums in.
    const COPY_SUMS: Option<&'static str> = None;
    /// Whether a key may have events of several streams. The first event of each of them names the key, and a build folds
    /// all of them in one place. No others: events of one key are all in one stream.
    const JOINS: bool = false;
    /// What one state belongs to.
    type Key: Clone + Eq + Hash + Ord + Send + Sync;
    /// What is known of a key.
    type State: Clone + PartialEq + Send + Sync;
    /// What one sum belongs to.
    type Sum: Clone + Eq + Hash + Ord + Send + Sync;

    /// Whose state a fact changes, if any; and if that is told by the fact itself.
    fn key(fact: &Fact) -> Option<Self::Key>;

    /// The stream of a fact, where only its first event names the key of all of them.
    fn branch(_: &Fact) -> Option<Uuid> {
        None
    }

    /// Reads which keys such streams belong to.
    fn roots(
        _: &mut PgConnection,
        _: &[Uuid],
    ) -> impl Future<Output = Loaded<Uuid, Self::Key>> + Send {
        std::future::ready(Ok(Vec::new()))
    }

    /// Folds one event into the state of its key, or leaves it as it was and says why.
    fn evolve(
        key: &Self::Key,
        state: &mut Option<Self::State>,
        event: &Event,
    ) -> Result<(), Poison>;

    /// Whether nothing is known of a fact's key before it, so that nobody need look.
    fn begins(_: &Fact) -> bool {
        false
    }

    /// Adds what an event itself contributes to sums, beside what the states before and after it contribute: for what is
    /// only counted and never asked for again.
    fn emit(
        _: &Self::Key,
        _before: Option<&Self::State>,
        _: &Event,
        _: &mut impl FnMut(Self::Sum, Measures),
    ) {
    }

    /// Adds what a state contributes to sums.
    fn contribute(_: &Self::Key, _: &Self::State, _: &mut impl FnMut(Self::Sum, Measures)) {}

    /// Writes the rows of a state, each to its table.
    fn encode(_: &Self::Key, _: &Self::State, _: &mut [Rows]) {}

    /// Writes the row of a sum.
    fn encode_sum(_: &Self::Sum, _: &Measures, _: &mut Rows) {}

    /// Reads the states of some keys.
    fn load(
        _: &mut PgConnection,
        _: &[Self::Key],
    ) -> impl Future<Output = Loaded<Self::Key, Self::State>> + Send {
        std::future::ready(Ok(Vec::new()))
    }

    /// Removes the rows of some keys.
    fn delete(
        _: &mut PgConnection,
        _: &[Self::Key],
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send {
        std::future::ready(Ok(()))
    }

    /// Changes sums by so much each.
    fn add(
        _: &mut PgConnection,
        _: &[(Self::Sum, Measures)],
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send {
        std::future::ready(Ok(()))
    }
}

/// A model whose types are out of sight, so that all models can be kept in one list.
#[async_trait]
pub(crate) trait AnyModel: Send + Sync {
    fn name(&self) -> ModelName;
    fn version(&self) -> i32;
    /// Keeps the live tables up with the log until told to stop.
    async fn run(&self, context: Context);
    async fn rebuild(&self, context: &Context) -> Result<RebuildReport, ProjectionError>;
    async fn verify(&self, context: &Context) -> Result<VerifyReport, ProjectionError>;
}

/// A model as [`AnyModel`].
pub(crate) struct Of<M>(PhantomData<fn() -> M>);

impl<M> Of<M> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

#[async_trait]
impl<M: Model> AnyModel for Of<M> {
    fn name(&self) -> ModelName {
        M::NAME
    }

    fn version(&self) -> i32 {
        M::VERSION
    }

    async fn run(&self, context: Context) {
        runner::run::<M>(context).await;
    }

    async fn rebuild(&self, context: &Context) -> Result<RebuildReport, ProjectionError> {
        rebuild::rebuild::<M>(context).await
    }

    async fn verify(&self, context: &Context) -> Result<VerifyReport, ProjectionError> {
        verify::verify::<M>(context).await
    }
}
