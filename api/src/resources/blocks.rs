//! `/v1/resources/{id}/blocks`: days or times of a resource that nobody may book.

use axum::{extract::State, response::Response};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use daybook_domain::{
    calendar::Extent,
    values::{
        BlockId, BusyTime, BusyTimeError, DayRange, Minutes, Quantity, Reason, ResourceId,
        TimeRange, Timestamp,
    },
};
use daybook_projections::{BlockView, ModelName, ResourceView, View as _};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::unknown;
use crate::{
    app::{App, json},
    bus::{self, Answered, Stretch},
    extract::{Command, CommandBody, Reader},
    pages::{Parameters, Segment, Segments, bad_query},
    problem::Problem,
    wire::{self, CommandProblems, NewId, Occurrence, QueryProblems, Receipt, chosen, named_by},
};

/// The routes of blocks.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, block)).routes(routes!(lift))
}

/// The longest range of days, whether asked for or blocked.
const LONGEST: u32 = 366;

/// What to block: days of what is sold by the night, or a time of what is taken by the hour.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBlock {
    /// The id it shall have: a UUID of version 7.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    id: Option<NewId>,
    /// The first day, of what is sold by the night.
    #[serde(default, deserialize_with = "wire::optional_date")]
    #[schema(example = "2027-11-01")]
    first: Option<NaiveDate>,
    /// The first instant, of what is taken by the hour.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    start: Option<Timestamp>,
    /// The day after the last, or the first instant after the time: at most 366 days later.
    #[schema(example = "2027-12-01")]
    end: String,
    /// How many of the resource; all of it that could be promised, unless said otherwise.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 10_000)]
    quantity: Option<Quantity>,
    /// What for: 1 to 500 characters.
    #[schema(value_type = String, example = "Renovation")]
    reason: Reason,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

impl CommandBody for NewBlock {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl NewBlock {
    fn checked(self, resource: ResourceId, at: Timestamp) -> Result<bus::NewBlock, Problem> {
        let stretch = match (self.first, self.start) {
            (Some(first), None) => Stretch::Days(days(first, &self.end)?),
            (None, Some(start)) => Stretch::Time(time(start, &self.end)?),
            (None, None) => return Err(Problem::bad_value("/first", GIVE_ONE)),
            (Some(_), Some(_)) => return Err(Problem::bad_value("/start", GIVE_ONE)),
        };
        Ok(bus::NewBlock {
            id: BlockId::from_uuid(chosen(self.id)),
            named_by: named_by(self.id),
            resource,
            stretch,
            quantity: self.quantity,
            reason: self.reason,
            at,
        })
    }
}

const GIVE_ONE: &str = "give either `first`, a date, or `start`, an instant";

fn days(first: NaiveDate, end: &str) -> Result<DayRange, Problem> {
    let wrong = |detail: String| Problem::bad_value("/end", detail);
    let end = wire::strict_date(end).ok_or_else(|| wrong(wire::BAD_DATE.to_owned()))?;
    let days = DayRange::try_new(first, end).map_err(|error| wrong(error.to_string()))?;
    if days.count() > LONGEST {
        return Err(wrong(format!("at most {LONGEST} days can be blocked")));
    }
    Ok(days)
}

fn time(start: Timestamp, end: &str) -> Result<BusyTime, Problem> {
    let wrong = |detail: String| Problem::bad_value("/end", detail);
    let end: Timestamp = end
        .parse()
        .map_err(|_| wrong("an instant is written as in `2027-05-30T10:00:00Z`".to_owned()))?;
    let range = TimeRange::try_new(start, end).map_err(|error| wrong(error.to_string()))?;
    let none = Minutes::default();
    BusyTime::try_new(range, none, none).map_err(|error| match error {
        BusyTimeError::NotOnTheMinute { at } if at == start => {
            Problem::bad_value("/start", error.to_string())
        }
        BusyTimeError::NotOnTheMinute { .. }
        | BusyTimeError::Empty(_)
        | BusyTimeError::BuffersTooLong
        | BusyTimeError::TooLong
        | BusyTimeError::OutOfBounds => wrong(error.to_string()),
    })
}

/// Which days are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct BlocksWanted {
    /// From this day on.
    #[serde(deserialize_with = "wire::date")]
    from: NaiveDate,
    /// To before this day, at most 366 days later.
    #[serde(deserialize_with = "wire::date")]
    to: NaiveDate,
    /// Waits until the answer includes this position.
    #[param(minimum = 0)]
    min_position: Option<i64>,
}

/// What nobody may book.
#[derive(Debug, Serialize, ToSchema)]
pub struct Block {
    id: Uuid,
    /// The first day, of what is sold by the night.
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<NaiveDate>,
    /// The first instant, of what is taken by the hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<DateTime<Utc>>,
    /// The day after the last, or the first instant after the time.
    end: String,
    /// How many of the resource.
    quantity: u32,
    /// What for.
    reason: String,
    blocked_at: DateTime<Utc>,
}

impl From<&BlockView> for Block {
    fn from(view: &BlockView) -> Self {
        let (first, start, end) = match view.extent {
            Extent::Days(days) => (Some(days.first()), None, days.end().to_string()),
            Extent::Time(time) => {
                let end = time.end().to_rfc3339_opts(SecondsFormat::AutoSi, true);
                (None, Some(time.start()), end)
            }
        };
        Self {
            id: view.id.as_uuid(),
            first,
            start,
            end,
            quantity: view.quantity,
            reason: view.reason.to_string(),
            blocked_at: view.blocked_at,
        }
    }
}

/// Blocks in the order of their ids.
#[derive(Debug, Serialize, ToSchema)]
pub struct Blocks {
    items: Vec<Block>,
    /// Every event up to this position is in the answer.
    position: i64,
}

/// See what nobody may book
///
/// The blocks that touch some days, each as a whole. The days of what is taken by the hour are those of its own zone.
#[utoipa::path(get, path = "/v1/resources/{id}/blocks", tag = "resources",
    params(("id" = Uuid, Path, description = "The resource"), BlocksWanted),
    responses((status = 200, description = "The blocks", body = Blocks), QueryProblems))]
async fn list(
    State(app): State<App>,
    _: Reader,
    id: Segment,
    Parameters(wanted): Parameters<BlocksWanted>,
) -> Result<Response, Problem> {
    let id = ResourceId::from_uuid(id.id()?);
    let days = DayRange::try_new(wanted.from, wanted.to);
    let days = days.map_err(|error| bad_query(error.to_string()))?;
    if days.count() > LONGEST {
        return Err(bad_query(format!("at most {LONGEST} days can be asked for")));
    }
    app.wait(ModelName::Resources, wanted.min_position).await?;
    app.wait(ModelName::Blocks, wanted.min_position).await?;
    let resource = ResourceView::find(app.projections.queries(), id).await?.ok_or_else(unknown)?;
    let zone = resource.terms.times().map(|times| times.zone);
    let found = app.projections.queries().blocks(id, zone, days).await?;
    let items = found.blocks.iter().map(Block::from).collect();
    Ok(json(&Blocks { items, position: found.position.get() }))
}

/// Keep days or a time from being booked
///
/// It needs room like a booking: whoever is there already has to be moved first.
#[utoipa::path(post, path = "/v1/resources/{id}/blocks", tag = "resources", request_body = NewBlock,
    params(("id" = Uuid, Path, description = "The resource")),
    responses((status = 201, description = "Nobody can book it", body = Receipt), CommandProblems))]
async fn block(
    State(app): State<App>,
    id: Segment,
    command: Command<NewBlock>,
) -> Result<Answered, Problem> {
    let id = ResourceId::from_uuid(id.id()?);
    let (order, body, at) = app.order(command)?;
    let new = body.checked(id, at)?;
    app.carry_out(async move { bus::block(&order, &new).await }).await
}

/// Let what was blocked be booked again
#[utoipa::path(post, path = "/v1/resources/{id}/blocks/{block_id}/lift", tag = "resources",
    request_body = Option<Occurrence>,
    params(("id" = Uuid, Path, description = "The resource"), ("block_id" = Uuid, Path, description = "The block")),
    responses((status = 200, description = "It can be booked", body = Receipt), CommandProblems))]
async fn lift(
    State(app): State<App>,
    Segments(resource, block): Segments,
    command: Command<Occurrence>,
) -> Result<Answered, Problem> {
    let resource = ResourceId::from_uuid(resource.id()?);
    let block = BlockId::from_uuid(block.id()?);
    let (order, _, at) = app.order(command)?;
    app.carry_out(async move { bus::lift(&order, resource, block, at).await }).await
}
