//! `/v1/analytics`: what happened, counted on the day it belongs to.

use axum::{extract::State, response::Response};
use chrono::NaiveDate;
use daybook_domain::values::ListingId;
use daybook_projections::{AnalyticsQuery, AnalyticsRow, Dimension, GroupBy, ModelName};
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

/// The routes of analytics.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(bookings))
}

/// Which measures are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// What to group by, with commas: `listing`, `day`, `month`, `year`, `channel`, `segment`, `country`,
    /// `customer_type`. Without it, one sum per currency.
    #[param(example = "listing,month")]
    group_by: Option<String>,
    /// From this day on.
    #[serde(default, deserialize_with = "wire::optional_date")]
    from: Option<NaiveDate>,
    /// To before this day.
    #[serde(default, deserialize_with = "wire::optional_date")]
    to: Option<NaiveDate>,
    /// Only of this listing.
    listing_id: Option<Uuid>,
    /// Waits until the answer includes this position.
    #[param(minimum = 0)]
    min_position: Option<i64>,
}

/// One group: what was not grouped by is not there.
#[expect(
    clippy::option_option,
    reason = "not grouped by a label, or grouped by one that the bookings lack"
)]
#[derive(Debug, Serialize, ToSchema)]
pub struct Group {
    #[serde(skip_serializing_if = "Option::is_none")]
    listing: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    day: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-07")]
    month: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    year: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    segment: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_type: Option<Option<String>>,
    /// The currency of the amounts; currencies are never mixed.
    currency: String,
    /// Bookings that became firm, on the day they were booked.
    bookings: i64,
    /// Firm bookings called off, on the day they were called off.
    cancellations: i64,
    /// Guests that did not come, on the day they were expected.
    no_shows: i64,
    /// Bookings checked in, on the day of the check-in.
    arrivals: i64,
    /// Bookings checked out, on the day of the check-out.
    departures: i64,
    /// Nights of firm bookings, each on its own day.
    room_nights: i64,
    /// What the nights earn, each on its own day, in minor units.
    revenue_minor: i64,
    /// Days from booking to arrival, on average over the bookings.
    lead_days_mean: Option<f64>,
    /// Nights slept of those there were to sell; only where grouped by nothing but listing and time, and both ends of
    /// the time are given.
    #[serde(skip_serializing_if = "Option::is_none")]
    occupancy: Option<f64>,
    /// Nights there were to sell, where occupancy is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    capacity_nights: Option<i64>,
}

impl Group {
    fn new(group_by: GroupBy, row: AnalyticsRow) -> Self {
        // A label that bookings lack is null; one that was not asked for is not there at all.
        let label = |dimension, label: Option<daybook_domain::values::Label>| {
            group_by.contains(dimension).then(|| label.map(|label| label.as_str().to_owned()))
        };
        let measured = row.measured;
        Self {
            listing: row.listing.map(ListingId::as_uuid),
            day: row.day,
            month: row.month.map(|month| month.to_string()),
            year: row.year,
            channel: label(Dimension::Channel, row.channel),
            segment: label(Dimension::Segment, row.segment),
            country: label(Dimension::Country, row.country),
            customer_type: label(Dimension::CustomerType, row.customer_type),
            currency: row.currency.to_string(),
            bookings: measured.bookings,
            cancellations: measured.cancellations,
            no_shows: measured.no_shows,
            arrivals: measured.arrivals,
            departures: measured.departures,
            room_nights: measured.room_nights,
            revenue_minor: measured.revenue_minor,
            lead_days_mean: measured.lead_days_mean(),
            occupancy: measured.occupancy(),
            capacity_nights: measured.capacity_nights,
        }
    }
}

/// Groups in order.
#[derive(Debug, Serialize, ToSchema)]
pub struct Report {
    /// What they are grouped by.
    group_by: Vec<&'static str>,
    items: Vec<Group>,
    /// There are more groups than an answer holds: narrow the question.
    truncated: bool,
    /// Every event up to this position is in the answer.
    position: i64,
}

/// Count bookings, nights and revenue
///
/// Each measure counts on the day it belongs to, in the listing's zone. `docs/analytics.md` defines them one by one.
#[utoipa::path(get, path = "/v1/analytics/bookings", tag = "analytics", params(Wanted),
    responses((status = 200, description = "The groups in order", body = Report), QueryProblems))]
async fn bookings(
    State(app): State<App>,
    _: Reader,
    Parameters(wanted): Parameters<Wanted>,
) -> Result<Response, Problem> {
    let names = wanted.group_by.as_deref().unwrap_or_default();
    let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
    let group_by = names.map(str::parse::<Dimension>).collect::<Result<GroupBy, _>>();
    let group_by = group_by.map_err(|error| bad_query(error.to_string()))?;
    if let (Some(from), Some(to)) = (wanted.from, wanted.to)
        && to <= from
    {
        return Err(bad_query("`to` is a day after `from`"));
    }
    app.wait(ModelName::Analytics, wanted.min_position).await?;
    let query = AnalyticsQuery {
        group_by,
        from: wanted.from,
        to: wanted.to,
        listing: wanted.listing_id.map(ListingId::from_uuid),
    };
    let answer = app.projections.queries().analytics(&query).await?;
    Ok(json(&Report {
        group_by: group_by.iter().map(Dimension::as_str).collect(),
        items: answer.rows.into_iter().map(|row| Group::new(group_by, row)).collect(),
        truncated: answer.truncated,
        position: answer.position.get(),
    }))
}
