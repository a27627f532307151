//! One batch of events, exactly once: the rows and the checkpoint move in one transaction.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use daybook_event_store::{Filter, Position, Recorded};
use sqlx::{Connection, PgConnection};

use super::{
    Context, Model, Rows, checkpoint,
    checkpoint::Parked,
    fact::Decoded,
    fold::{Fold, Roots, Sums, concerns, stream},
    refusal,
};
use crate::ProjectionError;

/// Events that one transaction takes at the most.
pub(crate) const BATCH: usize = 2_000;

/// A generation of a model as its runner knows it.
pub(crate) struct Standing {
    pub(crate) generation: i32,
    pub(crate) position: Position,
    pub(crate) aside: HashSet<String>,
}

/// An event as it is stored, and what it means.
pub(crate) type Known = (Arc<Recorded>, Arc<Decoded>);

/// Events for a model, and how far the log was searched for them.
pub(crate) struct Batch {
    /// What happened before in the streams that go on here, where the model keeps no states.
    earlier: Vec<Known>,
    events: Vec<Known>,
    pub(crate) to: Position,
}

impl Batch {
    pub(crate) fn events(&self) -> &[Known] {
        &self.events
    }

    /// What of it does not lie beyond a position.
    pub(crate) fn up_to(mut self, last: Position) -> Self {
        self.events.retain(|(recorded, _)| recorded.position <= last);
        Self { to: self.to.min(last), ..self }
    }
}

/// What came of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It was written.
    Moved,
    /// Somebody else had moved the checkpoint. Nothing was written.
    Lost,
}

/// The next events for a model.
pub(crate) async fn read<M: Model>(
    context: &Context,
    after: Position,
    head: Position,
) -> Result<Batch, ProjectionError> {
    // Far behind, the database looks for what the model wants; near the head, everything is in memory.
    let far = head.get() - after.get() > 4 * i64::try_from(BATCH).unwrap_or(i64::MAX);
    let wanted = M::AGGREGATES.iter().map(|kind| (*kind).to_owned()).collect();
    let filter = if far {
        Filter { aggregate_types: wanted, ..Filter::default() }
    } else {
        Filter::default()
    };
    let page = context.log.read_after(after, BATCH, &filter).await?;
    let events = page.events.into_iter().filter(|recorded| concerns::<M>(recorded));
    let events: Vec<_> = decoded(context, events).collect();
    let earlier = if M::RECALLS { recall::<M>(context, after, &events).await? } else { Vec::new() };
    Ok(Batch { earlier, events, to: page.searched_to })
}

fn decoded(
    context: &Context,
    events: impl Iterator<Item = Arc<Recorded>>,
) -> impl Iterator<Item = Known> {
    events.map(|recorded| {
        let decoded = context.decoder.decode(&recorded);
        (recorded, decoded)
    })
}

/// What happened up to a position in the streams that events continue.
async fn recall<M: Model>(
    context: &Context,
    until: Position,
    events: &[Known],
) -> Result<Vec<Known>, ProjectionError> {
    let mut earlier = Vec::new();
    for kind in M::AGGREGATES {
        let mut seen = HashSet::new();
        let of_kind = events.iter().filter(|(recorded, _)| recorded.aggregate_type == *kind);
        let first = of_kind.filter(|(recorded, _)| seen.insert(&*recorded.aggregate_id));
        let continued = first.filter(|(recorded, _)| recorded.sequence > 1);
        let ids: Vec<_> = continued.map(|(recorded, _)| recorded.aggregate_id.clone()).collect();
        if !ids.is_empty() {
            let found = context.log.read_streams(kind, &ids, until).await?;
            earlier.extend(decoded(context, found.into_iter().map(Arc::new)));
        }
    }
    Ok(earlier)
}

/// What is done about rows that the database refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The batch fails.
    Fail,
    /// Their streams are parked. This takes savepoints, which cost a little.
    Park,
}

/// Writes a batch into the tables of a schema, in a transaction of its own. What the database refuses is parked.
pub(crate) async fn step<M: Model>(
    connection: &mut PgConnection,
    schema: &str,
    standing: &mut Standing,
    batch: &Batch,
) -> Result<Step, sqlx::Error> {
    let written = match transact::<M>(connection, schema, standing, batch, Refused::Fail).await {
        Err(error) if refusal::of_data(&error).is_some() => {
            transact::<M>(connection, schema, standing, batch, Refused::Park).await?
        }
        written => written?,
    };
    let Some(parked) = written else { return Ok(Step::Lost) };
    standing.note(batch.to, parked);
    Ok(Step::Moved)
}

async fn transact<M: Model>(
    connection: &mut PgConnection,
    schema: &str,
    standing: &Standing,
    batch: &Batch,
    refused: Refused,
) -> Result<Option<Vec<Parked>>, sqlx::Error> {
    let mut transaction = connection.begin().await?;
    look_at(&mut transaction, schema).await?;
    let parked = apply::<M>(&mut transaction, standing, batch, refused).await?;
    if parked.is_some() {
        transaction.commit().await?;
    } else {
        transaction.rollback().await?;
    }
    Ok(parked)
}

impl Standing {
    /// Notes that a batch is written.
    pub(crate) fn note(&mut self, position: Position, parked: Vec<Parked>) {
        self.position = position;
        self.aside.extend(parked.into_iter().map(|parked| parked.stream));
    }
}

/// Until the transaction ends, tables without a schema are those of this one.
pub(crate) async fn look_at(
    connection: &mut PgConnection,
    schema: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT set_config('search_path', $1 || ', public', true)")
        .bind(schema)
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes a batch in an open transaction, unless somebody else was first. The checkpoint goes first: whoever moves it
/// keeps all others waiting, so what is loaded afterwards is what the batch continues.
pub(crate) async fn apply<M: Model>(
    connection: &mut PgConnection,
    standing: &Standing,
    batch: &Batch,
    refused: Refused,
) -> Result<Option<Vec<Parked>>, sqlx::Error> {
    let Standing { generation, position, aside } = standing;
    if !checkpoint::advance(connection, M::NAME, *generation, *position, batch.to).await? {
        return Ok(None);
    }
    let parked = match refused {
        Refused::Fail => write::<M>(connection, aside, batch.earlier.iter(), &batch.events).await?,
        Refused::Park => write_halving::<M>(connection, aside, batch).await?,
    };
    checkpoint::park(connection, M::NAME, *generation, &parked).await?;
    Ok(Some(parked))
}

/// Writes events in an open transaction. If the database refuses them, writes each half by itself, and so on, until the
/// guilty event is alone: it parks its stream. A single bad event among thousands takes a few dozen attempts.
pub(crate) async fn write_halving<M: Model>(
    connection: &mut PgConnection,
    aside: &HashSet<String>,
    batch: &Batch,
) -> Result<Vec<Parked>, sqlx::Error> {
    let mut aside = aside.clone();
    let mut all = Vec::new();
    let whole = 0..batch.events.len();
    let mut waiting = vec![whole]; // the earliest last
    while let Some(range) = waiting.pop() {
        let (before, events) = (&batch.events[..range.start], &batch.events[range.clone()]);
        let earlier = batch.earlier.iter().chain(before);
        let mut savepoint = connection.begin().await?;
        let parked = match write::<M>(&mut savepoint, &aside, earlier, events).await {
            Ok(parked) => {
                savepoint.commit().await?;
                parked
            }
            Err(error) => {
                let reason = refusal::of_data(&error).ok_or(error)?;
                savepoint.rollback().await?;
                if let [(recorded, _)] = events {
                    let (stream, position) = (stream(recorded), recorded.position);
                    vec![Parked { stream, position, reason }]
                } else {
                    let middle = range.start + events.len() / 2;
                    waiting.extend([middle..range.end, range.start..middle]);
                    Vec::new()
                }
            }
        };
        aside.extend(parked.iter().map(|parked| parked.stream.clone()));
        all.extend(parked);
    }
    Ok(all)
}

/// Folds events into the rows and sums that they change, all at once. `earlier` is what happened before them.
async fn write<M: Model>(
    connection: &mut PgConnection,
    aside: &HashSet<String>,
    earlier: impl Iterator<Item = &Known> + Send,
    events: &[Known],
) -> Result<Vec<Parked>, sqlx::Error> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let (before, roots) = if M::RECALLS {
        (recalled::<M>(earlier, aside), Roots::<M>::new())
    } else {
        let roots = roots::<M>(connection, events).await?;
        (load::<M>(connection, events, &roots).await?, roots)
    };
    let states = before.iter().map(|(key, state)| (key.clone(), Some(state.clone()))).collect();
    let mut fold = Fold::<M>::new(states, aside.clone()).with_roots(roots);
    for (recorded, decoded) in events {
        fold.take(recorded, decoded);
    }
    let Fold { states, sums, parked, .. } = fold;
    save::<M>(connection, &before, &states, sums).await?;
    Ok(parked)
}

/// The states that a batch continues, from what happened earlier.
fn recalled<'a, M: Model>(
    earlier: impl Iterator<Item = &'a Known>,
    aside: &HashSet<String>,
) -> HashMap<M::Key, M::State> {
    let mut fold = Fold::<M>::new(HashMap::new(), aside.clone());
    for (recorded, decoded) in earlier {
        fold.take(recorded, decoded);
    }
    fold.states.into_iter().filter_map(|(key, state)| Some((key, state?))).collect()
}

/// Which keys the streams of a batch belong to, where its own events do not say so.
async fn roots<M: Model>(
    connection: &mut PgConnection,
    events: &[Known],
) -> Result<Roots<M>, sqlx::Error> {
    let facts = events.iter().filter_map(|(_, decoded)| decoded.as_ref().as_ref().ok());
    let unnamed = facts.map(|event| &event.fact).filter(|fact| M::key(fact).is_none());
    let mut branches: Vec<_> = unnamed.filter_map(M::branch).collect();
    branches.sort_unstable();
    branches.dedup();
    if branches.is_empty() {
        return Ok(Roots::<M>::new());
    }
    Ok(M::roots(connection, &branches).await?.into_iter().collect())
}

/// The states that a batch continues, from their rows.
async fn load<M: Model>(
    connection: &mut PgConnection,
    events: &[Known],
    roots: &Roots<M>,
) -> Result<HashMap<M::Key, M::State>, sqlx::Error> {
    let mut seen = HashSet::new();
    let mut keys = Vec::new();
    for (_, decoded) in events {
        let Ok(event): &Decoded = decoded.as_ref() else { continue };
        let root = || M::branch(&event.fact).and_then(|branch| roots.get(&branch).cloned());
        let Some(key) = M::key(&event.fact).or_else(root) else { continue };
        if seen.insert(key.clone()) && !M::begins(&event.fact) {
            keys.push(key);
        }
    }
    keys.sort_unstable();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(M::load(connection, &keys).await?.into_iter().collect())
}

/// Puts new rows in the place of old ones, and passes the difference on to the sums.
async fn save<M: Model>(
    connection: &mut PgConnection,
    before: &HashMap<M::Key, M::State>,
    after: &HashMap<M::Key, Option<M::State>>,
    mut sums: Sums<M>,
) -> Result<(), sqlx::Error> {
    let mut gone = Vec::new();
    let mut tables: Vec<Rows> = M::COPY.iter().map(|_| Rows::default()).collect();
    for (key, after) in after {
        let before = before.get(key);
        if before == after.as_ref() {
            continue;
        }
        if let Some(before) = before {
            gone.push(key.clone());
            sums.remove(key, before);
        }
        if let Some(after) = after {
            M::encode(key, after, &mut tables);
            sums.add(key, after);
        }
    }
    if !gone.is_empty() {
        M::delete(connection, &gone).await?;
    }
    for (rows, statement) in tables.into_iter().zip(M::COPY) {
        if !rows.is_empty() {
            rows.copy_into(connection, statement).await?;
        }
    }
    let changes = sums.into_changes()?;
    if changes.is_empty() { Ok(()) } else { M::add(connection, &changes).await }
}
