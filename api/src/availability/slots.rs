//! `/v1/availability/slots`: when a service can begin, and with whom.

use axum::{extract::State, response::Response};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use daybook_domain::{
    schedule::{AnySlot, FreeResource},
    values::{DayRange, ListingId, Quantity, ResourceId, Zone},
};
use daybook_projections::{ModelName, SlotsAnswer, SlotsWanted};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{Reason, unknown_listing};
use crate::{
    app::{App, json},
    extract::Reader,
    pages::{Parameters, bad_query},
    problem::Problem,
    wire::{self, QueryProblems},
};

/// The longest range of days.
const LONGEST: u32 = 62;

/// Which slots are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// The listing of the service.
    service_id: Uuid,
    /// With whom; with any staff who offer the service, unless said otherwise.
    resource_id: Option<Uuid>,
    /// Slots that begin on this day or later.
    #[serde(deserialize_with = "wire::date")]
    from: NaiveDate,
    /// Slots that begin before this day, at most 62 days later.
    #[serde(deserialize_with = "wire::date")]
    to: NaiveDate,
    /// How many come together; one, unless said otherwise.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 10_000)]
    quantity: Option<Quantity>,
    /// The IANA zone whose days are meant, and in which times are told as well. Otherwise they are the days of each
    /// schedule's own zone.
    #[param(value_type = Option<String>, example = "Europe/London")]
    zone: Option<Zone>,
    /// Waits until the answer includes this position.
    #[param(minimum = 0)]
    min_position: Option<i64>,
}

impl Wanted {
    fn checked(&self, now: DateTime<Utc>) -> Result<SlotsWanted, Problem> {
        let days = DayRange::try_new(self.from, self.to);
        let days = days.map_err(|error| bad_query(error.to_string()))?;
        if days.count() > LONGEST {
            return Err(bad_query(format!("at most {LONGEST} days can be asked for")));
        }
        Ok(SlotsWanted {
            service: ListingId::from_uuid(self.service_id),
            with: self.resource_id.map(ResourceId::from_uuid),
            days,
            zone: self.zone,
            quantity: self.quantity.unwrap_or(Quantity::ONE),
            now,
        })
    }
}

/// A time at which the service can begin.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Slot {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    /// What the wall clock of the listing shows at the start.
    local_start: NaiveDateTime,
    /// What it shows at the end.
    local_end: NaiveDateTime,
    /// What the wall clock of the zone that was asked for shows at the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    zone_start: Option<NaiveDateTime>,
    /// What it shows at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    zone_end: Option<NaiveDateTime>,
    /// Who is free, in the order of choice: who has the fewest bookings that day comes first.
    resources: Vec<FreeFor>,
}

/// Somebody who is free.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FreeFor {
    resource_id: Uuid,
    /// How many can have the slot with them.
    remaining: u32,
}

impl From<&FreeResource> for FreeFor {
    fn from(free: &FreeResource) -> Self {
        Self { resource_id: free.resource.as_uuid(), remaining: free.remaining.get() }
    }
}

impl Slot {
    fn new(slot: &AnySlot, own: Zone, asked: Option<Zone>) -> Self {
        let (start, end) = (slot.time.start(), slot.time.end());
        Self {
            start,
            end,
            local_start: own.wall_clock(start),
            local_end: own.wall_clock(end),
            zone_start: asked.map(|zone| zone.wall_clock(start)),
            zone_end: asked.map(|zone| zone.wall_clock(end)),
            resources: slot.free.iter().map(FreeFor::from).collect(),
        }
    }
}

/// Slots in order.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Slots {
    /// The IANA zone of the listing.
    #[schema(example = "Asia/Amman")]
    zone: &'static str,
    items: Vec<Slot>,
    #[serde(flatten)]
    reason: Option<Reason>,
    /// Every event up to this position is in the answer.
    position: i64,
}

impl Slots {
    fn new(answer: &SlotsAnswer, asked: Option<Zone>) -> Self {
        Self {
            zone: answer.zone.name(),
            items: answer.slots.iter().map(|slot| Slot::new(slot, answer.zone, asked)).collect(),
            reason: answer.why_not.map(Reason::from),
            position: answer.position.get(),
        }
    }
}

/// See when a service can begin
///
/// The slots of one person, or of any staff who offer the service: in order, each with who is free and for how many. A
/// hint for people: whether a booking fits is decided when it is made. If there is none, the reason of whoever came
/// nearest.
#[utoipa::path(get, path = "/v1/availability/slots", tag = "availability", params(Wanted),
    responses((status = 200, description = "The slots in order", body = Slots), QueryProblems))]
pub(super) async fn list(
    State(app): State<App>,
    _: Reader,
    Parameters(asked): Parameters<Wanted>,
) -> Result<Response, Problem> {
    let wanted = asked.checked(Utc::now())?;
    for model in [ModelName::Listings, ModelName::Resources, ModelName::BusyTimes] {
        app.wait(model, asked.min_position).await?;
    }
    let answer = app.projections.queries().slots(wanted).await?.ok_or_else(unknown_listing)?;
    Ok(json(&Slots::new(&answer, asked.zone)))
}
