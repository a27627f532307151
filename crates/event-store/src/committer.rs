//! One task, one connection: it takes whatever waits in the lane and appends it in one statement.
//!
//! No artificial delay: while one batch is made durable the next one gathers, so the disk sets the pace.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, SubsecRound, Utc};
use sqlx::{Connection, PgConnection};
use tokio::sync::{mpsc, oneshot};

use crate::{
    append::{Claim, Rows, append, count, recorded},
    error::{WriteError, is_outage},
    event::Position,
    ownership::{self, Node},
    settings::WriterSettings,
    tail::Tail,
};

/// The decisions on one stream that stand on each other. Once one of them is not written, none after it may be.
#[derive(Debug, Default)]
pub(crate) struct Lineage {
    broken: AtomicBool,
}

impl Lineage {
    pub(crate) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Acquire)
    }

    pub(crate) fn break_off(&self) {
        self.broken.store(true, Ordering::Release);
    }
}

/// One command on its way to the log.
pub(crate) struct Job {
    pub(crate) rows: Rows,
    pub(crate) lineages: Vec<Arc<Lineage>>,
    pub(crate) reply: oneshot::Sender<Result<Position, WriteError>>,
}

impl Job {
    fn bytes(&self) -> usize {
        self.rows.events.iter().map(crate::event::NewEvent::bytes).sum::<usize>() + 256
    }

    fn is_superseded(&self) -> bool {
        self.lineages.iter().any(|lineage| lineage.is_broken())
    }
}

/// The committer's own state; [`Committer::run`] is its life.
pub(crate) struct Committer {
    pub(crate) url: String,
    pub(crate) node: Node,
    pub(crate) connection: PgConnection,
    pub(crate) claim: Claim,
    pub(crate) settings: WriterSettings,
    pub(crate) tail: Arc<Tail>,
    pub(crate) lane: mpsc::Receiver<Job>,
    pub(crate) last_recorded: DateTime<Utc>,
}

/// Why the committer ends.
enum Stop {
    Fenced,
    Broken(String),
}

impl From<&Stop> for WriteError {
    fn from(stop: &Stop) -> Self {
        match stop {
            Stop::Fenced => Self::NotOwner,
            Stop::Broken(reason) => Self::Broken(reason.clone()),
        }
    }
}

/// What became of one attempt to append a batch.
enum Attempt {
    Done,
    /// The database refused the statement; the whole batch was rolled back.
    Refused(WriteError),
    Stopped(Stop),
}

impl Committer {
    /// Appends until the lane is closed, or the log has another owner.
    pub(crate) async fn run(mut self) {
        let mut gathered: Vec<Job> = Vec::new();
        loop {
            if gathered.is_empty() {
                let wanted = self.settings.batch_jobs;
                if self.lane.recv_many(&mut gathered, wanted).await == 0 {
                    break;
                }
            }
            let batch = self.take_batch(&mut gathered);
            if let Err(stop) = self.commit(batch).await {
                self.stop(gathered, &stop).await;
                return;
            }
        }
        if let Err(error) = self.connection.close().await {
            tracing::debug!(%error, "the committer's connection did not close cleanly");
        }
    }

    /// Takes the oldest jobs as far as they fit into one statement; fills up from the lane first.
    fn take_batch(&mut self, gathered: &mut Vec<Job>) -> Vec<Job> {
        while gathered.len() < self.settings.batch_jobs
            && let Ok(job) = self.lane.try_recv()
        {
            gathered.push(job);
        }
        let mut bytes = 0;
        let fitting = gathered.iter().take(self.settings.batch_jobs).take_while(|job| {
            bytes += job.bytes();
            bytes <= self.settings.batch_bytes
        });
        let many = fitting.count().max(1);
        gathered.drain(..many).collect()
    }

    async fn commit(&mut self, jobs: Vec<Job>) -> Result<(), Stop> {
        let (superseded, mut jobs): (Vec<_>, Vec<_>) =
            jobs.into_iter().partition(Job::is_superseded);
        fail(superseded, &WriteError::Superseded);
        if jobs.is_empty() {
            return Ok(());
        }
        match self.attempt(&mut jobs).await {
            Attempt::Done => Ok(()),
            Attempt::Refused(error) if jobs.len() == 1 => {
                fail(jobs, &error);
                Ok(())
            }
            Attempt::Refused(_) => self.commit_one_by_one(jobs).await,
            Attempt::Stopped(stop) => {
                fail(jobs, &WriteError::from(&stop));
                Err(stop)
            }
        }
    }

    /// After a refused batch: only the guilty command fails, and those that stand on it.
    async fn commit_one_by_one(&mut self, jobs: Vec<Job>) -> Result<(), Stop> {
        metrics::counter!("daybook_log_split_batches_total").increment(1);
        let mut jobs = jobs.into_iter();
        while let Some(job) = jobs.next() {
            if job.is_superseded() {
                fail(vec![job], &WriteError::Superseded);
                continue;
            }
            let mut single = vec![job];
            match self.attempt(&mut single).await {
                Attempt::Done => {}
                Attempt::Refused(error) => fail(single, &error),
                Attempt::Stopped(stop) => {
                    single.extend(jobs);
                    fail(single, &WriteError::from(&stop));
                    return Err(stop);
                }
            }
        }
        Ok(())
    }

    /// Appends the jobs in one statement and answers them; on refusal they stay with the caller.
    async fn attempt(&mut self, jobs: &mut Vec<Job>) -> Attempt {
        let mut batch: Vec<Rows> =
            jobs.iter_mut().map(|job| std::mem::take(&mut job.rows)).collect();
        // Never earlier than the event before, whatever the machine's clock does; to the microsecond, as it is stored.
        self.last_recorded = self.last_recorded.max(Utc::now().trunc_subsecs(6));
        let result = self.append_surely(&batch).await;
        match result {
            Ok(()) => {
                self.answer(std::mem::take(jobs), batch);
                Attempt::Done
            }
            Err(attempt) => {
                for (job, rows) in jobs.iter_mut().zip(batch.drain(..)) {
                    job.rows = rows;
                }
                attempt
            }
        }
    }

    /// Appends, and if the connection is lost on the way finds out exactly whether it was done.
    async fn append_surely(&mut self, batch: &[Rows]) -> Result<(), Attempt> {
        if batch.iter().all(Rows::is_empty) {
            return Ok(()); // they only waited for what came before them
        }
        loop {
            let error =
                match append(&mut self.connection, self.claim, batch, self.last_recorded).await {
                    Ok(true) => return Ok(()),
                    Ok(false) => return Err(Attempt::Stopped(self.why_nothing().await)),
                    Err(error) => error,
                };
            match refusal(&error) {
                Some(WriteError::Broken(reason)) => {
                    return Err(Attempt::Stopped(Stop::Broken(reason)));
                }
                Some(refused) => return Err(Attempt::Refused(refused)),
                None => {
                    tracing::warn!(%error, "the log's connection failed; the batch is in doubt");
                }
            }
            metrics::counter!("daybook_log_in_doubt_total").increment(1);
            let rows: usize = batch.iter().map(|rows| rows.events.len()).sum();
            let before = self.claim.head;
            if self.reclaim(batch).await.map_err(Attempt::Stopped)? {
                return Ok(());
            }
            if self.claim.head != before {
                let reason = format!(
                    "expected {before} or {} after an outage, found {}",
                    before.plus(count(rows)),
                    self.claim.head
                );
                return Err(Attempt::Stopped(Stop::Broken(reason)));
            }
        }
    }

    /// Reconnects and bumps the epoch: from then on the old statement can no longer run. `true`: it had been done.
    async fn reclaim(&mut self, batch: &[Rows]) -> Result<bool, Stop> {
        let mut pause = Duration::from_millis(20);
        loop {
            match self.try_reclaim(batch).await {
                Ok(result) => return result,
                Err(error) => {
                    tracing::warn!(%error, "the log cannot be reached yet");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(1));
                }
            }
        }
    }

    async fn try_reclaim(&mut self, batch: &[Rows]) -> Result<Result<bool, Stop>, sqlx::Error> {
        let mut connection = ownership::connect(&self.url).await?;
        let rows: usize = batch.iter().map(|rows| rows.events.len()).sum();
        let expected = self.claim.head.plus(count(rows));
        let claim = ownership::acquire(&mut connection, &self.node, self.claim.epoch).await?;
        let Some(claim) = claim else {
            // Another process took over. What we wrote before that is there or not: the first row tells.
            let done = was_written(&mut connection, batch).await?;
            return Ok(if done { Ok(true) } else { Err(Stop::Fenced) });
        };
        self.connection = connection;
        let written = if rows == 0 {
            was_written(&mut self.connection, batch).await?
        } else {
            claim.head == expected
        };
        // An answered batch moves the head by itself; a batch that was not done finds it unmoved.
        self.claim =
            Claim { epoch: claim.epoch, head: if written { self.claim.head } else { claim.head } };
        Ok(Ok(written))
    }

    /// The statement matched no head: either the epoch is another's, or the position is not ours.
    async fn why_nothing(&mut self) -> Stop {
        let row: Result<(i64, i64), sqlx::Error> =
            sqlx::query_as("SELECT epoch, position FROM log_head WHERE shard = 0")
                .fetch_one(&mut self.connection)
                .await;
        match row {
            Ok((epoch, position)) if epoch == self.claim.epoch => Stop::Broken(format!(
                "the head stands at {position}, but {} was the last position written",
                self.claim.head
            )),
            Ok(_) | Err(_) => Stop::Fenced,
        }
    }

    /// Publishes what was committed, then tells each caller its position.
    fn answer(&mut self, jobs: Vec<Job>, batch: Vec<Rows>) {
        let head = self.claim.head;
        let mut position = head;
        let replies: Vec<_> = jobs
            .into_iter()
            .zip(&batch)
            .map(|(job, rows)| {
                position = position.plus(count(rows.events.len()));
                (job.reply, position)
            })
            .collect();
        metrics::histogram!("daybook_log_batch_jobs").record(replies.len() as f64);
        metrics::counter!("daybook_log_events_total")
            .increment(u64::try_from(position.get() - head.get()).unwrap_or_default());
        self.claim.head = position;
        self.tail.push(recorded(batch, head, self.last_recorded));
        for (reply, position) in replies {
            // A caller that went away needs no answer; its receipt has one.
            let _ = reply.send(Ok(position));
        }
    }

    /// The end of this ownership: everything that waits, and everything that still comes, is told so.
    async fn stop(mut self, gathered: Vec<Job>, stop: &Stop) {
        match stop {
            Stop::Fenced => {
                tracing::warn!("another process owns the log now; this one stops writing");
            }
            Stop::Broken(reason) => {
                tracing::error!(%reason, "the log is not as written; writing stops");
            }
        }
        let error = WriteError::from(stop);
        fail(gathered, &error);
        self.lane.close();
        while let Some(job) = self.lane.recv().await {
            fail(vec![job], &error);
        }
    }
}

fn fail(jobs: Vec<Job>, error: &WriteError) {
    for job in jobs {
        for lineage in &job.lineages {
            lineage.break_off();
        }
        let _ = job.reply.send(Err(error.clone()));
    }
}

/// What a database error says of the batch; `None` when it only says that the connection or the server is gone.
fn refusal(error: &sqlx::Error) -> Option<WriteError> {
    match error {
        sqlx::Error::Database(cause) if is_outage(cause.code().as_deref()) => None,
        sqlx::Error::Database(cause) => Some(match cause.constraint() {
            Some("events_pkey") => WriteError::Conflict,
            Some("events_position_key") => WriteError::Broken(cause.to_string()),
            Some(name) if name.starts_with("receipts") => WriteError::DuplicateReceipt,
            _ => WriteError::Rejected(cause.to_string()),
        }),
        sqlx::Error::Encode(_) | sqlx::Error::InvalidArgument(_) => {
            Some(WriteError::Rejected(error.to_string()))
        }
        _ => None,
    }
}

/// Whether the batch stands in the log, told by its first row: a batch is written whole or not at all.
async fn was_written(connection: &mut PgConnection, batch: &[Rows]) -> Result<bool, sqlx::Error> {
    if let Some(event) = batch.iter().flat_map(|rows| &rows.events).next() {
        return sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM events
                             WHERE aggregate_type = $1 AND aggregate_id = $2 AND sequence = $3 AND event_id = $4)",
        )
        .bind(event.stream.aggregate_type)
        .bind(&*event.stream.id)
        .bind(event.sequence)
        .bind(event.event_id)
        .fetch_one(connection)
        .await;
    }
    let Some(receipt) = batch.iter().find_map(|rows| rows.receipt.as_ref()) else {
        return Ok(true); // nothing was to be written
    };
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM receipts
                         WHERE principal = $1 AND idempotency_key = $2 AND request_hash = $3)",
    )
    .bind(receipt.idempotency.principal)
    .bind(&receipt.idempotency.key)
    .bind(&receipt.idempotency.request_hash[..])
    .fetch_one(connection)
    .await
}
