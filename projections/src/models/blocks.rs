//! What nobody may book: one row per block and calendar.

use daybook_domain::{
    calendar::{Event as Happened, Extent, Take},
    values::{
        BlockId, CalendarId, DayRange, Month, Reason, ResourceId, TimeRange, Timestamp, Zone,
    },
};
use daybook_event_store::Position;
use sqlx::{PgConnection, Row, postgres::PgRow};
use uuid::Uuid;

use super::column::{json, parsed, unreadable};
use crate::{
    ProjectionError,
    engine::{Event, Fact, Model, NoSums, Poison, Rows},
    name::ModelName,
    queries::Queries,
};

/// A block as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockView {
    /// Which block.
    pub id: BlockId,
    /// From where to where.
    pub extent: Extent,
    /// How many of the resource.
    pub quantity: u32,
    /// What for.
    pub reason: Reason,
    /// When it was made.
    pub blocked_at: Timestamp,
}

/// Blocks in the order of their ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlocksAnswer {
    /// The blocks.
    pub blocks: Vec<BlockView>,
    /// Every event up to here is in the answer.
    pub position: Position,
}

/// What a block takes of one calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    takes: Vec<Take>,
    reason: Reason,
    at: Timestamp,
}

/// The model.
pub(crate) struct Blocks;

impl Model for Blocks {
    const NAME: ModelName = ModelName::Blocks;
    const VERSION: i32 = 1;
    const AGGREGATES: &'static [&'static str] = &["calendar"];
    const TABLES: &'static [&'static str] = &["blocks"];
    const CREATE: &'static str = "
CREATE TABLE blocks (
    resource_id uuid        NOT NULL,
    month       date        NOT NULL,
    block_id    uuid        NOT NULL,
    takes       jsonb       NOT NULL,
    reason      text        NOT NULL,
    blocked_at  timestamptz NOT NULL
)";
    const INDEXES: &'static str = "
ALTER TABLE blocks ADD PRIMARY KEY (resource_id, month, block_id)";
    const COPY: &'static [&'static str] = &["COPY blocks FROM STDIN (FORMAT binary)"];
    type Key = (CalendarId, BlockId);
    type State = Part;
    type Sum = NoSums;

    fn key(fact: &Fact) -> Option<Self::Key> {
        let Fact::Calendar(calendar, happened) = fact else { return None };
        match happened {
            Happened::Blocked { block, .. } | Happened::Unblocked { block, .. } => {
                Some((*calendar, *block))
            }
            Happened::Opened { .. }
            | Happened::LimitsChanged { .. }
            | Happened::Allocated { .. }
            | Happened::Confirmed { .. }
            | Happened::Reallocated { .. }
            | Happened::Released { .. }
            | Happened::SetAside { .. } => None,
        }
    }

    fn evolve(_: &Self::Key, state: &mut Option<Part>, event: &Event) -> Result<(), Poison> {
        let Fact::Calendar(_, happened) = &event.fact else { return Ok(()) };
        match happened {
            Happened::Blocked { block: _, takes, reason, overbooked: _, at } => {
                *state = Some(Part { takes: takes.clone(), reason: reason.clone(), at: *at });
            }
            Happened::Unblocked { .. } => *state = None,
            Happened::Opened { .. }
            | Happened::LimitsChanged { .. }
            | Happened::Allocated { .. }
            | Happened::Confirmed { .. }
            | Happened::Reallocated { .. }
            | Happened::Released { .. }
            | Happened::SetAside { .. } => {}
        }
        Ok(())
    }

    fn begins(fact: &Fact) -> bool {
        matches!(fact, Fact::Calendar(_, Happened::Blocked { .. }))
    }

    fn encode((calendar, block): &Self::Key, part: &Part, tables: &mut [Rows]) {
        tables[0]
            .row(6)
            .uuid(calendar.resource.as_uuid())
            .date(calendar.month.first_day())
            .uuid(block.as_uuid())
            .jsonb(&part.takes)
            .text(part.reason.as_str())
            .instant(part.at);
    }

    async fn load(
        connection: &mut PgConnection,
        keys: &[Self::Key],
    ) -> Result<Vec<(Self::Key, Part)>, sqlx::Error> {
        let (resources, months, blocks) = columns(keys);
        let rows = sqlx::query(LOAD).bind(resources).bind(months).bind(blocks);
        let rows = rows.fetch_all(connection).await?;
        rows.iter().map(|row| Ok((key(row)?, part(row)?))).collect()
    }

    async fn delete(connection: &mut PgConnection, keys: &[Self::Key]) -> Result<(), sqlx::Error> {
        let (resources, months, blocks) = columns(keys);
        let delete = sqlx::query(DELETE).bind(resources).bind(months).bind(blocks);
        delete.execute(connection).await?;
        Ok(())
    }
}

const LOAD: &str = "
SELECT resource_id, month, block_id, takes, reason, blocked_at
  FROM blocks
  JOIN unnest($1::uuid[], $2::date[], $3::uuid[]) AS wanted (resource_id, month, block_id)
 USING (resource_id, month, block_id)";

const DELETE: &str = "
DELETE FROM blocks AS old
 USING unnest($1::uuid[], $2::date[], $3::uuid[]) AS gone (resource_id, month, block_id)
 WHERE old.resource_id = gone.resource_id
   AND old.month = gone.month
   AND old.block_id = gone.block_id";

fn columns(keys: &[(CalendarId, BlockId)]) -> (Vec<Uuid>, Vec<chrono::NaiveDate>, Vec<Uuid>) {
    let resources = keys.iter().map(|(calendar, _)| calendar.resource.as_uuid()).collect();
    let months = keys.iter().map(|(calendar, _)| calendar.month.first_day()).collect();
    (resources, months, keys.iter().map(|(_, block)| block.as_uuid()).collect())
}

fn key(row: &PgRow) -> Result<(CalendarId, BlockId), sqlx::Error> {
    let resource = ResourceId::from_uuid(row.try_get("resource_id")?);
    let month = Month::of(row.try_get("month")?);
    Ok((CalendarId { resource, month }, BlockId::from_uuid(row.try_get("block_id")?)))
}

fn part(row: &PgRow) -> Result<Part, sqlx::Error> {
    let (takes, reason) = (json(row, "takes")?, parsed(row, "reason")?);
    Ok(Part { takes, reason, at: row.try_get("blocked_at")? })
}

// A block over several months is told whole if one of them is asked for.
const LIST: &str = "
SELECT resource_id, month, block_id, takes, reason, blocked_at
  FROM blocks
 WHERE resource_id = $1
   AND block_id IN (SELECT block_id FROM blocks WHERE resource_id = $1 AND month BETWEEN $2 AND $3)
 ORDER BY block_id, month";

impl Queries {
    /// The blocks of a resource that touch some days: those of its own zone, if it is taken by the hour.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn blocks(
        &self,
        resource: ResourceId,
        zone: Option<Zone>,
        days: DayRange,
    ) -> Result<BlocksAnswer, ProjectionError> {
        let position = self.position(ModelName::Blocks);
        let rows = sqlx::query(LIST)
            .bind(resource.as_uuid())
            .bind(Month::of(days.first()).first_day())
            .bind(Month::of(days.end()).first_day())
            .fetch_all(&self.pool)
            .await?;
        let parts = rows.iter().map(|row| Ok((key(row)?.1, part(row)?)));
        let parts = parts.collect::<Result<Vec<_>, sqlx::Error>>()?;
        let whole = parts.chunk_by(|(one, _), (next, _)| one == next).map(whole);
        let mut blocks = whole.collect::<Result<Vec<_>, _>>()?;
        blocks.retain(|block| touches(block.extent, zone, days));
        Ok(BlocksAnswer { blocks, position })
    }
}

/// A block of its parts in the order of their months: one stretch, equally many everywhere.
fn whole(parts: &[(BlockId, Part)]) -> Result<BlockView, sqlx::Error> {
    let nothing = || unreadable("takes", "a block takes something");
    let (id, first) = parts.first().ok_or_else(nothing)?;
    let extents: Vec<_> = parts.iter().flat_map(|(_, part)| &part.takes).map(extent).collect();
    let extent = extents.into_iter().reduce(joined).ok_or_else(nothing)?;
    let quantity = first.takes.iter().map(|take| take.quantity().get()).sum();
    Ok(BlockView { id: *id, extent, quantity, reason: first.reason.clone(), blocked_at: first.at })
}

fn extent(take: &Take) -> Extent {
    match take {
        Take::Nights { days, .. } => Extent::Days(*days),
        Take::Time { time, .. } => Extent::Time(time.range()),
    }
}

/// From the start of one stretch to the end of a later one.
fn joined(one: Extent, next: Extent) -> Extent {
    match (one, next) {
        (Extent::Days(one), Extent::Days(next)) => {
            Extent::Days(DayRange::try_new(one.first(), next.end()).unwrap_or(one))
        }
        (Extent::Time(one), Extent::Time(next)) => {
            Extent::Time(TimeRange::try_new(one.start(), next.end()).unwrap_or(one))
        }
        (Extent::Days(_), Extent::Time(_)) | (Extent::Time(_), Extent::Days(_)) => one,
    }
}

fn touches(extent: Extent, zone: Option<Zone>, wanted: DayRange) -> bool {
    match extent {
        Extent::Days(days) => days.first() < wanted.end() && wanted.first() < days.end(),
        Extent::Time(time) => zone.is_some_and(|zone| {
            let midnight = |day| zone.instant(day, chrono::NaiveTime::MIN);
            time.start() < midnight(wanted.end()) && midnight(wanted.first()) < time.end()
        }),
    }
}
