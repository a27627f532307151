//! `/v1/availability`: how many are free on which day.

use axum::{extract::State, response::Response};
use chrono::NaiveDate;
use daybook_domain::values::{DayRange, ListingId, ResourceId};
use daybook_projections::{AvailabilityDay, AvailabilityOf, ModelName};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::{App, json},
    extract::Reader,
    pages::{Parameters, bad_query},
    problem::Problem,
    wire::{self, QueryProblems},
};

/// The routes of availability.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// The longest range of days.
const LONGEST: u32 = 366;

/// Which days are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Those of this resource.
    resource_id: Option<Uuid>,
    /// Those of every resource of this listing.
    listing_id: Option<Uuid>,
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

/// One resource on one day.
#[expect(clippy::struct_field_names, reason = "these are the names on the wire")]
#[derive(Debug, Serialize, ToSchema)]
pub struct Day {
    resource_id: Uuid,
    day: NaiveDate,
    /// How many there are.
    capacity: i64,
    /// How many more may be promised.
    overbooking: i64,
    /// How many are taken, held ones included.
    taken: i64,
    /// How many of those are only held.
    held: i64,
    /// How many can still be taken.
    free: i64,
}

impl From<&AvailabilityDay> for Day {
    fn from(day: &AvailabilityDay) -> Self {
        Self {
            resource_id: day.resource.as_uuid(),
            day: day.day,
            capacity: day.capacity,
            overbooking: day.overbooking,
            taken: day.taken,
            held: day.held,
            free: day.free(),
        }
    }
}

/// Days in order.
#[derive(Debug, Serialize, ToSchema)]
pub struct Availability {
    items: Vec<Day>,
    /// Every event up to this position is in the answer.
    position: i64,
}

/// See how many are free
///
/// Resource by resource, day by day, of one resource or of all of a listing. A hint for people: whether a booking fits
/// is decided when it is made.
#[utoipa::path(get, path = "/v1/availability", tag = "availability", params(Wanted),
    responses((status = 200, description = "The days in order", body = Availability), QueryProblems))]
async fn list(
    State(app): State<App>,
    _: Reader,
    Parameters(wanted): Parameters<Wanted>,
) -> Result<Response, Problem> {
    let of = match (wanted.resource_id, wanted.listing_id) {
        (Some(resource), None) => AvailabilityOf::Resource(ResourceId::from_uuid(resource)),
        (None, Some(listing)) => AvailabilityOf::Listing(ListingId::from_uuid(listing)),
        _ => return Err(bad_query("give either `resource_id` or `listing_id`")),
    };
    let days = DayRange::try_new(wanted.from, wanted.to);
    let days = days.map_err(|error| bad_query(error.to_string()))?;
    if days.count() > LONGEST {
        return Err(bad_query(format!("at most {LONGEST} days can be asked for")));
    }
    app.wait(ModelName::Resources, wanted.min_position).await?;
    app.wait(ModelName::Availability, wanted.min_position).await?;
    let answer = app.projections.queries().availability(of, days).await?;
    let items = answer.days.iter().map(Day::from).collect();
    Ok(json(&Availability { items, position: answer.position.get() }))
}
