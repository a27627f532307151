//! What speed must not cost: nothing oversold, and nothing acknowledged that is not in the log.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use anyhow::Result;
use serde::Serialize;
use sqlx::PgConnection;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{
    load::Worker,
    plan::Plan,
    races::{Client, Picked},
    server::{DATABASE, Server},
    stage::Stage,
};

/// How often clients try to get a place, for each there is.
const TRIES_PER_PLACE: u32 = 4;
/// How many ids are looked for in one query.
const CHUNK: usize = 20_000;

/// What is in the log, beside what clients were told.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Safety {
    /// Places in the contest.
    pub(super) contest_capacity: u32,
    /// How often clients tried to get one.
    pub(super) contest_tries: u32,
    /// How many were told that they had one.
    pub(super) contest_acknowledged: usize,
    /// How many have one, as the log says.
    pub(super) contest_sold: i64,
    /// Bookings that clients were told of, in all.
    pub(super) acknowledged: usize,
    /// Bookings in the log, in all, after the server was killed.
    pub(super) in_log: i64,
    /// Bookings that clients were told of and that are not in the log. Must be 0.
    pub(super) missing: usize,
    /// Places sold beyond the capacity, in all calendars. Must be 0.
    pub(super) oversold: i64,
}

/// What the contest was about, and what its clients were told.
pub(super) struct Contest {
    capacity: u32,
    tries: u32,
    resource: Uuid,
    pub(super) acknowledged: Vec<Uuid>,
}

/// Lets clients fight for the places of a small resource, far more often than there are places.
pub(super) async fn contest(server: &Server, plan: &Plan) -> Result<Contest> {
    let (capacity, tries) = (plan.contest_places, plan.contest_places * TRIES_PER_PLACE);
    let (resources, mut acknowledged) = server.create_resources(1, capacity).await?;
    let among: Arc<[Uuid]> = resources.into();
    let resource = among.first().copied().unwrap_or_default();
    // The booking that opened the calendar was a try, too.
    let left = Arc::new(AtomicU32::new(tries - 1));
    let mut running = JoinSet::new();
    for number in 0..plan.in_flight {
        let client = Client::open(server, Picked::new(&among, number)).await?;
        running.spawn(try_until_none_is_left(client, Arc::clone(&left)));
    }
    while let Some(done) = running.join_next().await {
        acknowledged.extend(done??);
    }
    Ok(Contest { capacity, tries, resource, acknowledged })
}

async fn try_until_none_is_left(mut client: Client, left: Arc<AtomicU32>) -> Result<Vec<Uuid>> {
    let one = |left: u32| left.checked_sub(1);
    while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one).is_ok() {
        client.once().await?;
    }
    Ok(client.acknowledged)
}

/// Compares what clients were told with what the log says.
pub(super) async fn audit(
    stage: &Stage,
    contest: &Contest,
    acknowledged: &[Uuid],
) -> Result<Safety> {
    let mut connection = stage.connect(DATABASE).await?;
    Ok(Safety {
        contest_capacity: contest.capacity,
        contest_tries: contest.tries,
        contest_acknowledged: contest.acknowledged.len(),
        contest_sold: sold(&mut connection, contest.resource).await?,
        acknowledged: acknowledged.len(),
        in_log: sqlx::query_scalar(
            "SELECT count(*) FROM events WHERE aggregate_type = 'booking' AND sequence = 1",
        )
        .fetch_one(&mut connection)
        .await?,
        missing: missing(&mut connection, acknowledged).await?,
        oversold: oversold(&mut connection).await?,
    })
}

/// Places that were allocated in the calendars of a resource.
async fn sold(connection: &mut PgConnection, resource: Uuid) -> Result<i64> {
    let sold = sqlx::query_scalar(
        "SELECT coalesce(sum((take ->> 'quantity')::bigint), 0)::bigint
           FROM events, json_array_elements(payload #> '{allocated,takes}') AS take
          WHERE aggregate_type = 'calendar' AND event_type = 'allocated'
            AND aggregate_id LIKE $1::text || '/%'",
    )
    .bind(resource.to_string());
    Ok(sold.fetch_one(connection).await?)
}

async fn missing(connection: &mut PgConnection, acknowledged: &[Uuid]) -> Result<usize> {
    let mut found = 0;
    for chunk in acknowledged.chunks(CHUNK) {
        let ids: Vec<String> = chunk.iter().map(Uuid::to_string).collect();
        let here: i64 = sqlx::query_scalar(
            "SELECT count(DISTINCT id)
               FROM unnest($1::text[]) AS id
               JOIN events ON aggregate_type = 'booking' AND aggregate_id = id AND sequence = 1",
        )
        .bind(&ids)
        .fetch_one(&mut *connection)
        .await?;
        found += usize::try_from(here)?;
    }
    Ok(acknowledged.len().saturating_sub(found))
}

/// Places beyond the capacity, night by night over all calendars. Nothing here gives a night back, so what was
/// allocated is what is taken.
async fn oversold(connection: &mut PgConnection) -> Result<i64> {
    let oversold = sqlx::query_scalar(
        "WITH taken AS (
             SELECT aggregate_id, night, sum((take ->> 'quantity')::bigint) AS taken
               FROM events,
                    json_array_elements(payload #> '{allocated,takes}') AS take,
                    generate_series((take #>> '{days,first}')::date,
                                    (take #>> '{days,end}')::date - 1, '1 day') AS night
              WHERE aggregate_type = 'calendar' AND event_type = 'allocated'
              GROUP BY aggregate_id, night
         ), capacity AS (
             SELECT aggregate_id, (payload #>> '{opened,limits,capacity}')::bigint AS capacity
               FROM events
              WHERE aggregate_type = 'calendar' AND event_type = 'opened'
         )
         SELECT coalesce(sum(greatest(taken - coalesce(capacity, 0), 0)), 0)::bigint
           FROM taken LEFT JOIN capacity USING (aggregate_id)",
    );
    Ok(oversold.fetch_one(connection).await?)
}
