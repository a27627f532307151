//! What a client sees of series: lists, one with all its dates, and all that happened to it.

use std::collections::HashMap;

use axum::{extract::State, response::Response};
use chrono::{DateTime, NaiveDateTime, Utc};
use daybook_domain::{
    booking::Line,
    series::{SeriesPlan, booked::BookedSeries},
    values::{BookingId, CustomerId, ListingId, TimeRange},
};
use daybook_projections::{
    BookingView, ModelName, OccurrenceView, SeriesFilter, SeriesSummary, SeriesView, Standing,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    app::App,
    extract::Reader,
    history::History,
    one::Lookup,
    pages::{self, Asked, Newness, PageOf, Paging, Tagged, missing},
    problem::{Obstacle, Problem},
    wire::QueryProblems,
};

/// How the dates of a series are given.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeriesRule {
    /// The IANA zone where its wall clock hangs.
    #[schema(example = "Europe/London")]
    zone: &'static str,
    /// What the wall clock shows when the first one starts.
    start: NaiveDateTime,
    /// How long each of them lasts.
    duration_minutes: u32,
    /// The RRULE of RFC 5545 by which they recur.
    #[schema(example = "FREQ=WEEKLY;COUNT=12")]
    rule: String,
    /// Dates of the rule that are left out.
    except: Vec<NaiveDateTime>,
    /// Dates besides those of the rule.
    also: Vec<NaiveDateTime>,
}

impl From<SeriesPlan> for SeriesRule {
    fn from(plan: SeriesPlan) -> Self {
        Self {
            zone: plan.zone.name(),
            start: plan.start,
            duration_minutes: plan.duration.get(),
            rule: plan.rule.as_str().to_owned(),
            except: plan.except,
            also: plan.also,
        }
    }
}

/// A series as it stands, in a list: its dates are counted.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeriesItem {
    id: Uuid,
    listing_id: Uuid,
    customer_id: Uuid,
    #[serde(flatten)]
    rule: SeriesRule,
    /// How many dates it has.
    dates: u32,
    /// How many of them were left out when it was booked.
    skipped: u32,
    /// How many of them were called off by way of the series.
    cancelled: u32,
    /// When the first date starts.
    starts_at: DateTime<Utc>,
    /// When the last date ends.
    ends_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    /// The sequence of its last event, for `If-Match`.
    sequence: i64,
}

impl From<SeriesSummary> for SeriesItem {
    fn from(summary: SeriesSummary) -> Self {
        Self {
            id: summary.id.as_uuid(),
            listing_id: summary.listing.as_uuid(),
            customer_id: summary.customer.as_uuid(),
            rule: summary.plan.into(),
            dates: summary.dates,
            skipped: summary.skipped,
            cancelled: summary.cancelled,
            starts_at: summary.starts_at,
            ends_at: summary.ends_at,
            created_at: summary.created_at,
            sequence: summary.sequence,
        }
    }
}

/// A series as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Series {
    id: Uuid,
    listing_id: Uuid,
    customer_id: Uuid,
    #[serde(flatten)]
    rule: SeriesRule,
    /// All its dates in order.
    occurrences: Vec<SeriesOccurrence>,
    created_at: DateTime<Utc>,
    /// The sequence of its last event, for `If-Match`.
    sequence: i64,
}

/// One date of a series.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeriesOccurrence {
    /// What the wall clock shows at its start by the rule: its name within the series.
    original: NaiveDateTime,
    /// When it starts, as its booking has it.
    starts_at: DateTime<Utc>,
    /// When it ends.
    ends_at: DateTime<Utc>,
    /// What the wall clock of the series shows at its start.
    starts_local: NaiveDateTime,
    /// What the wall clock of the series shows at its end.
    ends_local: NaiveDateTime,
    /// The status of its booking, or `skipped` if it has none.
    #[schema(example = "confirmed")]
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    booking_id: Option<Uuid>,
    /// Why it was left out, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    conflict: Option<Obstacle>,
}

impl SeriesOccurrence {
    fn new(
        date: &OccurrenceView,
        plan: &SeriesPlan,
        bookings: &HashMap<BookingId, BookingView>,
    ) -> Self {
        let (booking, conflict) = match &date.standing {
            Standing::Booked(booking) | Standing::Cancelled(booking) => (Some(*booking), None),
            Standing::Skipped(hindrance) => (None, Some(hindrance.into())),
        };
        let known = booking.and_then(|booking| bookings.get(&booking));
        let time = known.and_then(time_of).unwrap_or(date.time);
        Self {
            original: date.original,
            starts_at: time.start(),
            ends_at: time.end(),
            starts_local: plan.zone.wall_clock(time.start()),
            ends_local: plan.zone.wall_clock(time.end()),
            status: known.map_or("skipped", |booking| booking.status.as_str()),
            booking_id: booking.map(BookingId::as_uuid),
            conflict,
        }
    }
}

/// From the start of a booking's first line to the end of its last.
fn time_of(booking: &BookingView) -> Option<TimeRange> {
    let lines = || booking.lines.as_slice().iter();
    let (start, end) = (lines().map(Line::starts_at).min(), lines().map(Line::ends_at).max());
    start.zip(end).and_then(|(start, end)| TimeRange::try_new(start, end).ok())
}

/// Which series are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SeriesWanted {
    /// Only those of this customer.
    customer_id: Option<Uuid>,
    /// Only those at this listing.
    listing_id: Option<Uuid>,
}

/// List series, the newest first
#[utoipa::path(get, path = "/v1/series", tag = "series", params(SeriesWanted, Paging),
    responses((status = 200, description = "A page of series without their dates", body = PageOf<SeriesItem>), QueryProblems))]
pub(super) async fn list(
    State(app): State<App>,
    _: Reader,
    asked: Asked<SeriesWanted>,
) -> Result<Response, Problem> {
    let page = asked.page(&app, ModelName::Series).await?;
    let filter = SeriesFilter {
        customer: asked.filter.customer_id.map(CustomerId::from_uuid),
        listing: asked.filter.listing_id.map(ListingId::from_uuid),
    };
    let series = app.projections.queries().all_series(filter, page).await?;
    Ok(pages::answer(series, SeriesItem::from))
}

/// Look at one series with all its dates
///
/// A date that was changed by way of its booking shows what its booking shows.
#[utoipa::path(get, path = "/v1/series/{id}", tag = "series",
    params(("id" = Uuid, Path, description = "The series"), Newness),
    responses((status = 200, description = "The series; its ETag is its sequence", body = Series), QueryProblems))]
pub(super) async fn get(series: Lookup) -> Result<Response, Problem> {
    let view: SeriesView = series.found(unknown).await?;
    // what the series knows of its bookings is told by them
    let newest = series.newness.min_position.unwrap_or(0).max(view.span.position.get());
    series.app.wait(ModelName::Bookings, Some(newest)).await?;
    let shown = shown(&series.app, view).await?;
    Ok(Tagged::new(shown.sequence, shown).into())
}

async fn shown(app: &App, view: SeriesView) -> Result<Series, Problem> {
    let booked = view.occurrences.iter().filter_map(|date| match &date.standing {
        Standing::Booked(booking) | Standing::Cancelled(booking) => Some(*booking),
        Standing::Skipped(_) => None,
    });
    let booked: Vec<_> = booked.collect();
    let bookings = app.projections.queries().bookings_of(&booked).await?;
    let bookings: HashMap<_, _> =
        bookings.into_iter().map(|booking| (booking.id, booking)).collect();
    let dates = view.occurrences.iter();
    Ok(Series {
        id: view.id.as_uuid(),
        listing_id: view.listing.as_uuid(),
        customer_id: view.customer.as_uuid(),
        occurrences: dates.map(|date| SeriesOccurrence::new(date, &view.plan, &bookings)).collect(),
        rule: view.plan.into(),
        created_at: view.created_at,
        sequence: view.span.sequence,
    })
}

/// See all that happened to a series
///
/// Its events in the order in which they were written: what, when, and who. What happened to a date by itself stands in
/// the history of its booking.
#[utoipa::path(get, path = "/v1/series/{id}/history", tag = "series",
    params(("id" = Uuid, Path, description = "The series"), Newness),
    responses((status = 200, description = "The events, oldest first", body = History), QueryProblems))]
pub(super) async fn history(series: Lookup) -> Result<Response, Problem> {
    series.history::<BookedSeries>(ModelName::Series, unknown).await
}

fn unknown() -> Problem {
    missing("there is no such series", "series_not_found")
}
