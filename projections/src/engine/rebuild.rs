//! Builds the next generation of a model beside the live one, and puts it in its place. Queries and writes go on.

use std::time::{Duration, Instant};

use daybook_event_store::Position;
use sqlx::{Connection, Executor, PgConnection};

use super::{
    Context, Model, apply,
    apply::{Refused, Standing, Step},
    build::{Built, Exclusive},
    careful::build,
    checkpoint,
    checkpoint::Checkpoint,
    schema,
};
use crate::{ProjectionError, name::ModelName};

/// What a rebuild did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RebuildReport {
    /// Which model.
    pub model: ModelName,
    /// The generation that is live now.
    pub generation: i32,
    /// How many events were folded by copy.
    pub events: u64,
    /// How long that took, in seconds: copy, fold, rows, indexes, statistics.
    pub seconds: f64,
    /// How long catching up and switching took, in seconds.
    pub switch_seconds: f64,
    /// How many streams had to be left aside.
    pub parked: usize,
    /// How far the log had been read at the switch.
    pub position: Position,
}

/// For how long the switch is tried while queries keep a live table in use.
const PERSISTENCE: Duration = Duration::from_mins(5);
/// The first and the longest pause between two attempts.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));

/// Rebuilds a model. Whatever fails, the live generation stays.
pub(crate) async fn rebuild<M: Model>(context: &Context) -> Result<RebuildReport, ProjectionError> {
    let mut exclusive = Exclusive::acquire::<M>(context).await?;
    let result = beside::<M>(context, &mut exclusive.connection).await;
    if result.is_err() {
        tidy::<M>(&mut exclusive.connection).await;
    }
    exclusive.release().await;
    result
}

async fn beside<M: Model>(
    context: &Context,
    connection: &mut PgConnection,
) -> Result<RebuildReport, ProjectionError> {
    let started = Instant::now();
    let schema = schema::next(M::NAME);
    schema::clear(connection, &schema).await?;
    let generation = checkpoint::begin(connection, M::NAME, M::VERSION).await?;
    let head = context.log.head().await?;
    let Built { events, parked } = build::<M>(context, &schema, head).await?;
    let seconds = started.elapsed().as_secs_f64();

    let aside = parked.iter().map(|parked| parked.stream.clone()).collect();
    let mut standing = Standing { generation, position: head, aside };
    let mut transaction = connection.begin().await?;
    checkpoint::advance(&mut transaction, M::NAME, generation, Position::START, head).await?;
    checkpoint::park(&mut transaction, M::NAME, generation, &parked).await?;
    transaction.commit().await?;

    catch_up::<M>(context, connection, &schema, &mut standing).await?;
    switch::<M>(context, connection, &schema, &mut standing).await?;
    schema::drop(connection, &schema).await?;
    context.progress.advance(M::NAME, standing.position);
    let switch_seconds = started.elapsed().as_secs_f64() - seconds;
    let (parked, position) = (standing.aside.len(), standing.position);
    Ok(RebuildReport {
        model: M::NAME,
        generation,
        events,
        seconds,
        switch_seconds,
        parked,
        position,
    })
}

/// Follows the log until less than a batch is missing.
async fn catch_up<M: Model>(
    context: &Context,
    connection: &mut PgConnection,
    schema: &str,
    standing: &mut Standing,
) -> Result<(), ProjectionError> {
    loop {
        let head = context.log.head().await?;
        if head <= standing.position {
            return Ok(());
        }
        let batch = apply::read::<M>(context, standing.position, head).await?;
        let near = batch.to >= head;
        if apply::step::<M>(connection, schema, standing, &batch).await? == Step::Lost {
            let lost = "its checkpoint was moved by somebody else";
            return Err(ProjectionError::BrokenOff(lost.to_owned()));
        }
        if near {
            return Ok(());
        }
    }
}

/// Switches, as soon as no query keeps a live table in use for long.
async fn switch<M: Model>(
    context: &Context,
    connection: &mut PgConnection,
    schema: &str,
    standing: &mut Standing,
) -> Result<(), ProjectionError> {
    let started = Instant::now();
    let (mut pause, longest) = PAUSES;
    loop {
        match try_switch::<M>(context, connection, schema, standing).await {
            Err(ProjectionError::Database(error))
                if started.elapsed() < PERSISTENCE && is_busy(&*error) =>
            {
                tracing::info!(projection = %M::NAME, %error, "the switch waits for a query");
                tokio::time::sleep(pause).await;
                pause = longest.min(pause * 2);
                catch_up::<M>(context, connection, schema, standing).await?;
            }
            result => return result,
        }
    }
}

/// In one transaction: what the live generation has read is read, tables change places, checkpoints too.
///
/// Each lock is taken as late as possible, and what others feel is waited for only briefly. First maintenance is kept
/// away, which nobody feels; this wait alone is long, since PostgreSQL calls its own maintenance off only after a second
/// of it. Then the live checkpoint is held, so runners wait; then the live tables, so queries wait.
async fn try_switch<M: Model>(
    context: &Context,
    connection: &mut PgConnection,
    schema: &str,
    standing: &mut Standing,
) -> Result<(), ProjectionError> {
    let mut transaction = connection.begin().await?;
    apply::look_at(&mut transaction, schema).await?;
    transaction.execute("SET LOCAL lock_timeout = '5s'").await?;
    schema::lock_live::<M>(&mut transaction, "SHARE UPDATE EXCLUSIVE").await?;
    transaction.execute("SET LOCAL lock_timeout = '1s'").await?;
    let generations = checkpoint::lock(&mut transaction, M::NAME).await?;
    let live = generations.iter().find(|generation| generation.live);
    let reached = live.map_or(standing.position, |live: &Checkpoint| live.position);
    let mut ahead = Standing { aside: standing.aside.clone(), ..*standing };
    while ahead.position < reached {
        let batch = apply::read::<M>(context, ahead.position, reached).await?;
        match apply::apply::<M>(&mut transaction, &ahead, &batch, Refused::Park).await? {
            Some(parked) => ahead.note(batch.to, parked),
            None => return Err(ProjectionError::BrokenOff("its checkpoint is gone".to_owned())),
        }
    }
    transaction.execute("SET LOCAL lock_timeout = '250ms'").await?;
    schema::lock_live::<M>(&mut transaction, "ACCESS EXCLUSIVE").await?;
    schema::swap::<M>(&mut transaction).await?;
    checkpoint::promote(&mut transaction, M::NAME, ahead.generation).await?;
    transaction.commit().await?;
    *standing = ahead;
    Ok(())
}

/// Whether somebody else held a lock for too long.
fn is_busy(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    let database = error.downcast_ref::<sqlx::Error>().and_then(sqlx::Error::as_database_error);
    let code = database.and_then(sqlx::error::DatabaseError::code);
    matches!(code.as_deref(), Some("55P03" | "40P01"))
}

/// Leaves nothing of a failed attempt behind, as far as that is possible.
async fn tidy<M: Model>(connection: &mut PgConnection) {
    let tidied = async {
        schema::drop(connection, &schema::next(M::NAME)).await?;
        checkpoint::abandon(connection, M::NAME).await
    };
    if let Err(error) = tidied.await {
        tracing::warn!(projection = %M::NAME, %error, "a failed rebuild left something behind");
    }
}
