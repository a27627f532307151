//! Clients that do one thing after another, for a while, with a stopwatch beside them.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use hdrhistogram::Histogram;
use tokio::task::JoinSet;

use super::{figure::Figure, plan::Plan};

/// How long what was begun in time may take to end.
const PATIENCE: Duration = Duration::from_mins(1);

/// One client. It does one thing at a time and waits for the answer.
pub(super) trait Worker: Send + 'static {
    /// Does it once. `false`: it was refused.
    fn once(&mut self) -> impl Future<Output = Result<bool>> + Send;
}

/// How long to run before it counts, and how long it counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timing {
    pub(super) warm_up: Duration,
    pub(super) measure: Duration,
}

impl From<&Plan> for Timing {
    fn from(plan: &Plan) -> Self {
        Self { warm_up: plan.warm_up(), measure: plan.measure() }
    }
}

/// What clients did while it counted, and in all.
pub(super) struct Load {
    latencies: Histogram<u64>,
    refused: u64,
    seconds: f64,
    /// Everything that was done, warm-up included.
    pub(super) total: u64,
}

impl Load {
    fn new(timing: Timing) -> Result<Self> {
        // One microsecond to a minute, to three digits.
        let latencies = Histogram::new_with_bounds(1, 60_000_000, 3)?;
        Ok(Self { latencies, refused: 0, seconds: timing.measure.as_secs_f64(), total: 0 })
    }

    fn record(&mut self, accepted: bool, took: Duration) {
        if accepted {
            let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
            self.latencies.saturating_record(micros);
        } else {
            self.refused += 1;
        }
    }

    fn add(&mut self, other: &Self) -> Result<()> {
        self.latencies.add(&other.latencies)?;
        self.refused += other.refused;
        self.total += other.total;
        Ok(())
    }

    pub(super) fn figure(&self) -> Figure {
        let milliseconds = |micros: u64| micros as f64 / 1000.0;
        Figure {
            per_second: self.latencies.len() as f64 / self.seconds,
            p50_ms: milliseconds(self.latencies.value_at_quantile(0.5)),
            p99_ms: milliseconds(self.latencies.value_at_quantile(0.99)),
            refused: self.refused,
            ..Figure::default()
        }
    }
}

/// Lets all workers run at once, and gives them back. What begins in time is also finished, but only what ends within
/// the time that counts is counted.
pub(super) async fn drive<W: Worker>(workers: Vec<W>, timing: Timing) -> Result<(Load, Vec<W>)> {
    let begin = Instant::now() + timing.warm_up;
    let end = begin + timing.measure;
    let mut running = JoinSet::new();
    for worker in workers {
        running.spawn(work(worker, timing, begin, end));
    }
    let gathered = gather(running, timing);
    let over = timing.warm_up + timing.measure + PATIENCE;
    tokio::time::timeout(over, gathered).await.context("some work does not end")?
}

async fn gather<W: Worker>(
    mut running: JoinSet<Result<(W, Load)>>,
    timing: Timing,
) -> Result<(Load, Vec<W>)> {
    let mut load = Load::new(timing)?;
    let mut workers = Vec::new();
    while let Some(done) = running.join_next().await {
        let (worker, part) = done??;
        load.add(&part)?;
        workers.push(worker);
    }
    Ok((load, workers))
}

async fn work<W: Worker>(
    mut worker: W,
    timing: Timing,
    begin: Instant,
    end: Instant,
) -> Result<(W, Load)> {
    let mut load = Load::new(timing)?;
    let mut started = Instant::now();
    while started < end {
        let accepted = worker.once().await?;
        let finished = Instant::now();
        load.total += 1;
        if (begin..end).contains(&finished) {
            load.record(accepted, finished - started);
        }
        started = finished;
    }
    Ok((worker, load))
}

/// [`drive`] on one thread of its own: no work is handed from core to core, so the load costs the least.
pub(super) async fn drive_on_one_thread<W: Worker>(
    workers: impl AsyncFnOnce() -> Result<Vec<W>> + Send + 'static,
    timing: Timing,
) -> Result<(Load, Vec<W>)> {
    tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async move {
            let workers = workers().await?;
            drive(workers, timing).await
        })
    })
    .await?
}
