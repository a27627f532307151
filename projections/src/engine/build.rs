//! Builds a model's tables from the log at the speed of COPY: out of the log, through one fold per core, into tables.
//!
//! Memory holds the states, not the log: chunks of events pass through bounded channels.

use std::{
    collections::{HashMap, HashSet},
    sync::atomic::{AtomicU64, Ordering},
};

use daybook_event_store::{Log, Position};
use futures::{
    StreamExt,
    future::{join_all, try_join_all},
};
use parking_lot::Mutex;
use sqlx::{Connection, Executor, PgConnection};
use tokio::{sync::mpsc, task::JoinHandle};

use super::{
    Context, Event, Model, Poison, Rows,
    checkpoint::Parked,
    copy_out::{Cutter, Garbled, Reader, statement},
    fold::{Fold, Sums},
    frozen, schema,
};
use crate::ProjectionError;

/// Bytes of events, or of rows, that travel together.
const CHUNK: usize = 512 << 10;
/// Chunks that may wait for one worker.
const WAITING: usize = 4;

/// What a build found.
pub(crate) struct Built {
    pub(crate) events: u64,
    pub(crate) parked: Vec<Parked>,
}

/// Makes and fills a model's tables in an empty schema, from all events up to a position.
pub(crate) async fn build<M: Model>(
    context: &Context,
    schema: &str,
    until: Position,
) -> Result<Built, ProjectionError> {
    let mut connection = connect(context, schema).await?;
    connection.execute(M::CREATE).await?;
    let events = AtomicU64::new(0);
    let workers = Workers::<M>::start(context, schema).await?;
    let sent = copy_out::<M>(context, until, &workers, &events).await;
    let (sums, parked) = workers.finish().await?; // a worker's own fault explains more than the channel it closed
    sent?;
    if let Some(copy_sums) = M::COPY_SUMS {
        copy_in_sums::<M>(&mut connection, copy_sums, sums).await?;
    }
    make_indexes::<M>(context, schema).await?;
    for table in M::TABLES {
        connection.execute(format!("{} {table}", M::SETTLE).as_str()).await?;
    }
    connection.close().await?;
    Ok(Built { events: events.into_inner(), parked })
}

/// Makes keys and indexes, as many at once as there are cores.
async fn make_indexes<M: Model>(context: &Context, schema: &str) -> Result<(), ProjectionError> {
    let statements = M::INDEXES.split(';').filter(|statement| !statement.trim().is_empty());
    let left = Mutex::new(statements);
    let work = async || {
        let mut connection = connect(context, schema).await?;
        loop {
            let Some(statement) = left.lock().next() else { break };
            connection.execute(statement).await?;
        }
        connection.close().await
    };
    let many = cores().min(M::INDEXES.split(';').count());
    try_join_all((0..many).map(|_| work())).await?;
    Ok(())
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(16)
}

// Statistics from a sample are enough to begin with; autovacuum refines them.
const BUILDING: &str = "
SET synchronous_commit = off;
SET maintenance_work_mem = '256MB';
SET default_statistics_target = 20";

/// A connection of its own, because a copy that breaks off leaves nothing to go on with.
pub(crate) async fn connect(context: &Context, schema: &str) -> Result<PgConnection, sqlx::Error> {
    let mut connection = PgConnection::connect(&context.url).await?;
    schema::point_at(&mut connection, schema).await?;
    // Whatever is lost with the server is built again.
    connection.execute(BUILDING).await?;
    Ok(connection)
}

/// Reads the log once and deals its events out.
async fn copy_out<M: Model>(
    context: &Context,
    until: Position,
    workers: &Workers<M>,
    events: &AtomicU64,
) -> Result<(), ProjectionError> {
    let mut connection = PgConnection::connect(&context.url).await?;
    let way = if is_rare::<M>(&mut connection).await? { BY_KIND } else { BY_POSITION };
    connection.execute(way).await?;
    let mut cutter = Cutter::default();
    let mut chunks: Vec<Vec<u8>> = workers.lanes.iter().map(|_| Vec::new()).collect();
    let count = u64::try_from(chunks.len()).unwrap_or(1);
    let statement = statement(M::AGGREGATES, until);
    let mut pieces = connection.copy_out_raw(&statement).await?;
    while let Some(piece) = pieces.next().await {
        let mut full = None;
        cutter
            .cut(&piece?, |hash, event| {
                let hash = if M::JOINS { 0 } else { hash };
                let lane = usize::try_from(hash % count).unwrap_or_default();
                chunks[lane].extend_from_slice(event);
                events.fetch_add(1, Ordering::Relaxed);
                if chunks[lane].len() >= CHUNK {
                    full = Some(lane);
                }
            })
            .map_err(|garbled| ProjectionError::Unreadable(garbled.into()))?;
        if let Some(lane) = full {
            let next = Vec::with_capacity(CHUNK + CHUNK / 8);
            workers.send(lane, std::mem::replace(&mut chunks[lane], next)).await?;
        }
    }
    for (lane, chunk) in chunks.into_iter().enumerate() {
        workers.send(lane, chunk).await?;
    }
    Ok(())
}

/// Events of which there are no more than this are looked up by their kind.
const RARE: i64 = 50_000;
// The index of positions has the order already; sorting the whole log would spill to disk.
const BY_POSITION: &str = "SET enable_sort = off; SET enable_seqscan = off";
// The log's key begins with the kind; what it finds is soon sorted.
const BY_KIND: &str = "SET enable_seqscan = off; SET work_mem = '64MB'; DISCARD PLANS";

/// Whether a model folds only a small part of the log.
async fn is_rare<M: Model>(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let kinds: Vec<&str> = M::AGGREGATES.to_vec();
    let found: i64 = sqlx::query_scalar(
        "SELECT count(*)
           FROM (SELECT FROM events WHERE aggregate_type = ANY ($1) LIMIT $2) AS few",
    )
    .bind(kinds)
    .bind(RARE + 1)
    .fetch_one(connection)
    .await?;
    Ok(found <= RARE)
}

/// The sums of all workers together.
async fn copy_in_sums<M: Model>(
    connection: &mut PgConnection,
    statement: &str,
    sums: Sums<M>,
) -> Result<(), sqlx::Error> {
    let mut rows = Rows::default();
    for (sum, measures) in sums.into_changes()? {
        M::encode_sum(&sum, &measures, &mut rows);
        if rows.len() >= CHUNK {
            std::mem::take(&mut rows).copy_into(connection, statement).await?;
        }
    }
    if rows.is_empty() { Ok(()) } else { rows.copy_into(connection, statement).await }
}

type Folded<M> = Result<(Sums<M>, Vec<Parked>), Garbled>;

/// One fold per core, each with a connection for its rows.
struct Workers<M: Model> {
    lanes: Vec<mpsc::Sender<Vec<u8>>>,
    folds: Vec<JoinHandle<Folded<M>>>,
    copies: Vec<JoinHandle<Result<(), sqlx::Error>>>,
}

impl<M: Model> Workers<M> {
    async fn start(context: &Context, schema: &str) -> Result<Self, ProjectionError> {
        let mut workers = Self { lanes: Vec::new(), folds: Vec::new(), copies: Vec::new() };
        for _ in 0..cores() {
            let connection = connect(context, schema).await?;
            let (lane, chunks) = mpsc::channel(WAITING);
            let (full, rows) = mpsc::channel(WAITING);
            let log = context.log.clone();
            workers.lanes.push(lane);
            workers.folds.push(tokio::task::spawn_blocking(move || fold::<M>(&log, chunks, &full)));
            workers.copies.push(tokio::spawn(copy_in::<M>(connection, rows)));
        }
        Ok(workers)
    }

    async fn send(&self, lane: usize, chunk: Vec<u8>) -> Result<(), ProjectionError> {
        let closed = |_| ProjectionError::BrokenOff("a worker gave up".to_owned());
        self.lanes[lane].send(chunk).await.map_err(closed)
    }

    /// Lets the workers fold the rest and write their rows, and collects what remains.
    async fn finish(self) -> Result<(Sums<M>, Vec<Parked>), ProjectionError> {
        drop(self.lanes);
        // All of them end before any fault is told: nobody must still write when the tables are made again.
        let (copies, folds) = (join_all(self.copies).await, join_all(self.folds).await);
        for copied in copies {
            copied.map_err(|error| ProjectionError::BrokenOff(error.to_string()))??;
        }
        let (mut sums, mut parked) = (Sums::new(), Vec::new());
        for folded in folds {
            let folded = folded.map_err(|error| ProjectionError::BrokenOff(error.to_string()))?;
            let (more, aside) =
                folded.map_err(|garbled| ProjectionError::Unreadable(garbled.into()))?;
            sums.merge(more);
            parked.extend(aside);
        }
        Ok((sums, parked))
    }
}

/// Folds all events of a lane, then turns the states into rows.
fn fold<M: Model>(
    log: &Log,
    mut chunks: mpsc::Receiver<Vec<u8>>,
    full: &mpsc::Sender<(usize, Rows)>,
) -> Folded<M> {
    let mut fold = Fold::<M>::new(HashMap::new(), HashSet::new());
    let mut reader = Reader::new();
    while let Some(chunk) = chunks.blocking_recv() {
        reader.read(&chunk, |recorded| {
            let decoded = match log.upcast(recorded) {
                Ok(()) => Event::decode(recorded),
                Err(error) => Err(Poison::of(error)),
            };
            fold.take(recorded, &decoded);
        })?;
    }
    let Fold { states, mut sums, parked, .. } = fold;
    let mut tables: Vec<Rows> = M::COPY.iter().map(|_| Rows::default()).collect();
    for (key, state) in states {
        let Some(state) = state else { continue };
        sums.add(&key, &state);
        M::encode(&key, &state, &mut tables);
        for (table, rows) in tables.iter_mut().enumerate() {
            if rows.len() >= CHUNK && full.blocking_send((table, std::mem::take(rows))).is_err() {
                return Ok((sums, parked)); // the copy failed, and says so itself
            }
        }
    }
    for (table, rows) in tables.into_iter().enumerate() {
        if !rows.is_empty() {
            // if nobody takes it, the copy failed, and says so itself
            let _ = full.blocking_send((table, rows));
        }
    }
    Ok((sums, parked))
}

/// Copies the rows of one worker in.
async fn copy_in<M: Model>(
    mut connection: PgConnection,
    mut rows: mpsc::Receiver<(usize, Rows)>,
) -> Result<(), sqlx::Error> {
    while let Some((table, rows)) = rows.recv().await {
        rows.copy_into(&mut connection, M::COPY[table]).await?;
    }
    connection.close().await
}

/// Holds the right to build a model until it is dropped: its session ends, and with it the lock.
pub(crate) struct Exclusive {
    pub(crate) connection: PgConnection,
}

impl Exclusive {
    /// The right to build a model, if nobody else has it, here or in another process.
    pub(crate) async fn acquire<M: Model>(context: &Context) -> Result<Self, ProjectionError> {
        let mut connection = PgConnection::connect(&context.url).await?;
        frozen::mark(&mut connection).await?;
        let free: bool = sqlx::query_scalar(
            "SELECT pg_try_advisory_lock(hashtextextended('daybook projection ' || $1, 0))",
        )
        .bind(M::NAME.as_str())
        .fetch_one(&mut connection)
        .await?;
        if free { Ok(Self { connection }) } else { Err(ProjectionError::Busy(M::NAME)) }
    }

    /// Gives the right back at once. (Merely dropped, it lasts until the server notices.)
    pub(crate) async fn release(self) {
        let _ = self.connection.close().await; // either way the session ends
    }
}
