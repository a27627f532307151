//! `/v1/availability`: how many are free on which day, and who can take a stay.

use axum::{extract::State, response::Response};
use chrono::NaiveDate;
use daybook_domain::values::{DayRange, ListingId, NightCount, Quantity, ResourceId, Stay};
use daybook_projections::{
    AvailabilityDay, AvailabilityOf, DayTerms, ModelName, StayFound, StaysAnswer, StaysWanted,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{Reason, unknown_listing};
use crate::{
    app::{App, json},
    extract::{Reader, now},
    pages::{Parameters, bad_query},
    problem::Problem,
    wire::{self, QueryProblems},
};

/// The longest range of days.
const LONGEST: u32 = 366;

/// Which days are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
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
pub(super) struct Day {
    resource_id: Uuid,
    day: NaiveDate,
    /// How many there are.
    capacity: i64,
    /// How many more may be promised.
    overbooking: i64,
    /// How many are taken, held and blocked ones included.
    taken: i64,
    /// How many of those are only held.
    held: i64,
    /// How many of those nobody may book.
    blocked: i64,
    /// How many can still be taken.
    free: i64,
    /// Whether nobody arrives on this day.
    closed_to_arrival: bool,
    /// Whether nobody departs on this day who arrived under the same terms.
    closed_to_departure: bool,
    /// The fewest nights of whoever arrives on this day.
    #[schema(minimum = 1, maximum = 366)]
    least_nights: Option<u32>,
    /// The most nights of whoever arrives on this day.
    #[schema(minimum = 1, maximum = 366)]
    most_nights: Option<u32>,
    #[serde(flatten)]
    reason: Option<Reason>,
}

impl From<&AvailabilityDay> for Day {
    fn from(day: &AvailabilityDay) -> Self {
        let DayTerms { closed: _, closed_to_arrival, closed_to_departure, .. } = day.terms;
        Self {
            resource_id: day.resource.as_uuid(),
            day: day.day,
            capacity: day.capacity,
            overbooking: day.overbooking,
            taken: day.taken,
            held: day.held,
            blocked: day.blocked,
            free: day.free(),
            closed_to_arrival,
            closed_to_departure,
            least_nights: day.terms.least_nights.map(NightCount::get),
            most_nights: day.terms.most_nights.map(NightCount::get),
            reason: day.why_not().map(Reason::from),
        }
    }
}

/// Days in order.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Availability {
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
pub(super) async fn list(
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
    super::wait(&app, ModelName::Availability, wanted.min_position).await?;
    let answer = app.projections.queries().availability(of, days, now()).await?;
    let items = answer.days.iter().map(Day::from).collect();
    Ok(json(&Availability { items, position: answer.position.get() }))
}

/// Which stay is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct WantedStay {
    /// Where.
    listing_id: Uuid,
    /// The day the guests come.
    #[serde(deserialize_with = "wire::date")]
    arrival: NaiveDate,
    /// The day they leave; the same day for day use.
    #[serde(deserialize_with = "wire::date")]
    departure: NaiveDate,
    /// How many of a room type; one, unless said otherwise.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 10_000)]
    quantity: Option<Quantity>,
    /// Waits until the answer includes this position.
    #[param(minimum = 0)]
    min_position: Option<i64>,
}

/// A room type, and whether it can take the stay.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RoomTypeForStay {
    resource_id: Uuid,
    /// How many can take the stay; 0 if there is a reason against it.
    free: u32,
    #[serde(flatten)]
    reason: Option<Reason>,
}

impl From<&StayFound> for RoomTypeForStay {
    fn from(found: &StayFound) -> Self {
        Self {
            resource_id: found.resource.as_uuid(),
            free: found.free.unwrap_or(0),
            reason: found.free.err().map(Reason::from),
        }
    }
}

/// The room types of a listing for a stay.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StayAvailability {
    items: Vec<RoomTypeForStay>,
    #[serde(flatten)]
    reason: Option<Reason>,
    /// Every event up to this position is in the answer.
    position: i64,
}

impl From<&StaysAnswer> for StayAvailability {
    fn from(answer: &StaysAnswer) -> Self {
        Self {
            items: answer.room_types.iter().map(RoomTypeForStay::from).collect(),
            reason: answer.why_not().map(Reason::from),
            position: answer.position.get(),
        }
    }
}

/// See which room types can take a stay
///
/// All room types of the listing, in the order they were made, each with how many are free on all nights of the stay or
/// with the reason why fewer than are asked for. If none can take the stay, the reason of whichever came nearest.
#[utoipa::path(get, path = "/v1/availability/stays", tag = "availability", params(WantedStay),
    responses((status = 200, description = "The room types", body = StayAvailability), QueryProblems))]
pub(super) async fn stays(
    State(app): State<App>,
    _: Reader,
    Parameters(wanted): Parameters<WantedStay>,
) -> Result<Response, Problem> {
    let stay = Stay::try_new(wanted.arrival, wanted.departure);
    let stay = stay.map_err(|error| bad_query(error.to_string()))?;
    super::wait(&app, ModelName::Availability, wanted.min_position).await?;
    let (listing, quantity) = (ListingId::from_uuid(wanted.listing_id), wanted.quantity);
    let wanted =
        StaysWanted { listing, stay, quantity: quantity.unwrap_or(Quantity::ONE), now: now() };
    let answer = app.projections.queries().stays(wanted).await?.ok_or_else(unknown_listing)?;
    Ok(json(&StayAvailability::from(&answer)))
}
