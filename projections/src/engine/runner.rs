//! Keeps the live tables of a model up with the log.

use std::{sync::Arc, time::Duration};

use daybook_event_store::{Log, Position};
use sqlx::PgPool;
use tokio::{sync::watch, time::sleep};

use super::{
    Checkpoint, Decoder, Model, Progress, apply,
    apply::{Standing, Step},
    checkpoint, frozen, rebuild, schema,
};
use crate::ProjectionError;

/// What runners share.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) url: Arc<str>,
    pub(crate) log: Log,
    pub(crate) pool: PgPool,
    pub(crate) decoder: Arc<Decoder>,
    pub(crate) progress: Arc<Progress>,
    pub(crate) stop: watch::Receiver<bool>,
}

/// How long a runner that lost its checkpoint to another process leaves it to that one.
const YIELD: Duration = Duration::from_millis(50);
/// How long a runner waits for news before it asks the database itself.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long a runner near the head of a busy log lets events come together.
const GATHERING: Duration = Duration::from_millis(100);
/// A log is busy if so many events come while a batch is written.
const BUSY: i64 = 50;
/// How long a runner rests after a failure.
const REST: Duration = Duration::from_millis(500);

/// Runs until told to stop. A failure is logged and tried again; the checkpoint makes that harmless.
pub(crate) async fn run<M: Model>(context: Context) {
    let mut stop = context.stop.clone();
    let stopped = async move {
        // an error means that nobody is left who could ask for anything
        let _ = stop.wait_for(|stop| *stop).await;
    };
    tokio::pin!(stopped);
    loop {
        let outcome = tokio::select! {
            biased;
            () = &mut stopped => return,
            outcome = follow::<M>(&context) => outcome,
        };
        let rest = match outcome {
            Ok(()) => YIELD,
            Err(ProjectionError::Busy(_)) => REST, // another process is building it
            Err(error) => {
                tracing::warn!(projection = %M::NAME, %error, cause = ?error, "a projection rests");
                REST
            }
        };
        tokio::select! {
            () = &mut stopped => return,
            () = sleep(rest) => {}
        }
    }
}

/// Follows the log until the checkpoint is lost to another process or generation.
async fn follow<M: Model>(context: &Context) -> Result<(), ProjectionError> {
    let Checkpoint { generation, position, .. } = ensure::<M>(context).await?;
    let aside = checkpoint::parked(&context.pool, M::NAME, generation).await?;
    let mut standing = Standing { generation, position, aside };
    let mut committed = context.log.committed();
    let mut is_busy = false;
    report::<M>(context, &standing, *committed.borrow());
    loop {
        let head = *committed.borrow_and_update();
        let head =
            if head > standing.position { head } else { news(context, &mut committed).await? };
        report::<M>(context, &standing, head);
        if head <= standing.position {
            let live = checkpoint::live(&context.pool, M::NAME).await?;
            if live.is_none_or(|live| !standing.is(&live)) {
                return Ok(()); // another process moved it while there was nothing to do here
            }
            continue;
        }
        let head = if is_busy {
            gather::<M>(context, &standing, &mut committed).await.max(head)
        } else {
            head
        };
        let batch = apply::read::<M>(context, standing.position, head).await?;
        if batch.to <= standing.position {
            // Whoever is to write what was announced may be waiting for this very thread.
            tokio::task::yield_now().await;
            continue;
        }
        is_busy = batch.to.get() - standing.position.get() >= BUSY;
        let mut connection = context.pool.acquire().await?;
        match apply::step::<M>(&mut connection, schema::LIVE, &mut standing, &batch).await {
            Ok(Step::Moved) => report::<M>(context, &standing, head),
            Ok(Step::Lost) => return Ok(()),
            Err(error) if frozen::is_in_the_way(&error) => {
                return Ok(frozen::end_sessions(&context.pool).await?);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Lets some events come together, since a transaction for a thousand costs little more than one for a few. Ends at once
/// when there are many, or when a query waits for them.
async fn gather<M: Model>(
    context: &Context,
    standing: &Standing,
    committed: &mut watch::Receiver<Position>,
) -> Position {
    let position = standing.position;
    let many = i64::try_from(apply::BATCH).unwrap_or(i64::MAX);
    tokio::select! {
        () = sleep(GATHERING) => {}
        () = context.progress.wanted_after(M::NAME, position) => {}
        _ = committed.wait_for(|head| head.get() - position.get() >= many) => {}
    }
    *committed.borrow_and_update()
}

/// Waits for the head to move, and after a while asks the database: in a process that neither owns the log nor follows
/// its head, nobody else does.
async fn news(
    context: &Context,
    committed: &mut watch::Receiver<Position>,
) -> Result<Position, ProjectionError> {
    match tokio::time::timeout(PATIENCE, committed.changed()).await {
        Ok(Ok(())) => Ok(*committed.borrow_and_update()),
        Ok(Err(_)) => {
            sleep(PATIENCE).await;
            Ok(context.log.head().await?)
        }
        Err(_) => Ok(context.log.head().await?),
    }
}

/// The live generation, which is built first if there is none of this version.
async fn ensure<M: Model>(context: &Context) -> Result<Checkpoint, ProjectionError> {
    loop {
        match checkpoint::live(&context.pool, M::NAME).await? {
            Some(live) if live.version == M::VERSION => return Ok(live),
            Some(live) if live.version > M::VERSION => {
                tracing::warn!(projection = %M::NAME, live.version, "a newer program runs this");
                sleep(Duration::from_secs(5)).await;
            }
            Some(_) | None => {
                let report = rebuild::rebuild::<M>(context).await?;
                tracing::info!(projection = %M::NAME, ?report, "a projection was built");
            }
        }
    }
}

impl Standing {
    fn is(&self, live: &Checkpoint) -> bool {
        self.generation == live.generation && self.position == live.position
    }
}

fn report<M: Model>(context: &Context, standing: &Standing, head: Position) {
    context.progress.advance(M::NAME, standing.position);
    let name = M::NAME.as_str();
    let lag = (head.get() - standing.position.get()).max(0);
    metrics::gauge!("daybook_projection_position", "projection" => name)
        .set(standing.position.get() as f64);
    metrics::gauge!("daybook_projection_lag_events", "projection" => name).set(lag as f64);
    metrics::gauge!("daybook_projection_parked_keys", "projection" => name)
        .set(standing.aside.len() as f64);
}
