//! How fast the log becomes read models: rebuilt from zero by copy, and caught up with by the runners, beside the speed at
//! which PostgreSQL hands the log out at all.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use daybook_event_store::{Position, Writer};
use daybook_projections::{ModelName, Projections, ProjectionsSettings};
use futures::TryStreamExt;
use serde::Serialize;
use sqlx::PgConnection;
use tokio::time::Instant;

use crate::serve::open_log;

use super::{
    engines,
    figure::median,
    load::Timing,
    note,
    plan::Plan,
    premises::{Offer, set_up, take_over},
    server::DATABASE,
    stage::Stage,
};

const PATIENCE: Duration = Duration::from_mins(10);
/// Models that fold less than this share of the log are not worth a line.
const WORTH_A_LINE: f64 = 0.05;

/// How fast the log is read.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Replay {
    /// Events in the log.
    pub(super) events: i64,
    /// Events a second that `COPY events TO STDOUT` hands out.
    pub(super) copy_per_second: f64,
    /// And bytes, in MiB.
    pub(super) copy_mib_per_second: f64,
    /// The larger models, each rebuilt by itself.
    pub(super) models: Vec<Rebuilt>,
    /// Events a second of all models, rebuilt one after another.
    pub(super) rebuild_per_second: f64,
    /// Events that the runners of all models caught up with together.
    pub(super) caught_up: i64,
    /// Events a second while they did.
    pub(super) catch_up_per_second: f64,
}

/// One model, rebuilt.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Rebuilt {
    pub(super) model: &'static str,
    /// Events that it folded.
    pub(super) events: u64,
    /// Events a second, indexes and statistics included.
    pub(super) per_second: f64,
}

/// Makes the log long enough, then reads it in all ways.
pub(super) async fn run(plan: &Plan, stage: &Stage) -> Result<Replay> {
    let url = stage.database(DATABASE).await?;
    note("making the log long enough to replay");
    let writer = take_over(&url).await?;
    let offers = set_up(&writer, plan.resources).await?;
    append_until(&writer, &offers, plan, plan.events_to_replay).await?;

    note("rebuilding every projection");
    let mut replay = rebuild_in_turns(plan, stage, &url).await?;

    note("letting the projections catch up");
    let before = writer.log().head().await?;
    append_until(&writer, &offers, plan, before.get() + plan.events_to_replay / 4).await?;
    let head = writer.log().head().await?;
    replay.caught_up = head.get() - before.get();
    let seconds = catch_up(&url, head).await?;
    replay.catch_up_per_second = replay.caught_up as f64 / seconds;
    Ok(replay)
}

/// Books until the log is so long.
async fn append_until(
    writer: &Writer,
    offers: &Arc<[Offer]>,
    plan: &Plan,
    events: i64,
) -> Result<()> {
    let timing = Timing { warm_up: Duration::ZERO, measure: Duration::from_millis(500) };
    while writer.log().head().await?.get() < events {
        engines::book(writer, offers, plan.in_flight, timing).await?;
    }
    Ok(())
}

async fn rebuild_in_turns(plan: &Plan, stage: &Stage, url: &str) -> Result<Replay> {
    let projections = start(url).await?;
    let mut connection = stage.connect(DATABASE).await?;
    let events = open_log(url).await?.head().await?.get();
    let (mut copies, mut mib) = (Vec::new(), 0.0);
    let mut rebuilds: Vec<(ModelName, u64, Vec<f64>)> =
        ModelName::ALL.iter().map(|model| (*model, 0, Vec::new())).collect();
    for _ in 0..plan.rounds {
        for (model, folded, seconds) in &mut rebuilds {
            let handed_out = copy(&mut connection).await?;
            copies.push(handed_out.seconds);
            mib = handed_out.mib;
            let report = projections.rebuild(*model).await?;
            *folded = report.events;
            seconds.push(report.seconds + report.switch_seconds);
        }
    }
    projections.shutdown().await;
    let copy_seconds = median(copies);
    let all: u64 = rebuilds.iter().map(|(_, events, _)| events).sum();
    let all_seconds: f64 =
        rebuilds.iter().map(|(_, _, seconds)| median(seconds.iter().copied())).sum();
    let lines = rebuilds
        .into_iter()
        .filter(|(_, folded, _)| *folded as f64 >= events as f64 * WORTH_A_LINE);
    let models = lines.map(|(model, events, seconds)| Rebuilt {
        model: model.as_str(),
        events,
        per_second: events as f64 / median(seconds),
    });
    Ok(Replay {
        events,
        copy_per_second: events as f64 / copy_seconds,
        copy_mib_per_second: mib / copy_seconds,
        models: models.collect(),
        rebuild_per_second: all as f64 / all_seconds,
        caught_up: 0,
        catch_up_per_second: 0.0,
    })
}

/// Starts the projections and waits until every model has its tables.
async fn start(url: &str) -> Result<Projections> {
    let projections =
        Projections::start(open_log(url).await?, url, ProjectionsSettings::default()).await?;
    projections.ready(PATIENCE).await.context("the projections do not get ready")?;
    Ok(projections)
}

/// Seconds until every model has come from where it stopped to the head.
async fn catch_up(url: &str, head: Position) -> Result<f64> {
    let started = Instant::now();
    let projections =
        Projections::start(open_log(url).await?, url, ProjectionsSettings::default()).await?;
    for model in ModelName::ALL {
        projections.wait_for(model, head, PATIENCE).await?;
    }
    let seconds = started.elapsed().as_secs_f64();
    projections.shutdown().await;
    Ok(seconds)
}

struct HandedOut {
    seconds: f64,
    mib: f64,
}

/// Takes the whole log as PostgreSQL hands it out, and does nothing with it.
async fn copy(connection: &mut PgConnection) -> Result<HandedOut> {
    let started = Instant::now();
    let mut bytes = 0;
    let mut rows = connection.copy_out_raw("COPY events TO STDOUT").await?;
    while let Some(part) = rows.try_next().await? {
        bytes += part.len();
    }
    drop(rows);
    let seconds = started.elapsed().as_secs_f64();
    Ok(HandedOut { seconds, mib: bytes as f64 / f64::from(1 << 20) })
}
