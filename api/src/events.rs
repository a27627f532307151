//! `/v1/events`: the log as an ordered feed.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use chrono::{DateTime, SubsecRound, Utc};
use daybook_event_store::{Filter, Position, Recorded, StoreError};
use futures::{StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::{App, json},
    extract::Reader,
    pages::{Parameters, bad_query},
    problem::Problem,
    wire::QueryProblems,
};

/// The routes of the feed.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(feed))
}

/// One event: what happened, when, and who did it.
#[expect(clippy::struct_field_names, reason = "these are the names on the wire")]
#[derive(Debug, Serialize, ToSchema)]
pub struct Event {
    /// Its place in the log.
    position: i64,
    /// `organization`, `listing`, `resource`, `calendar`, `allotment`, `booking`, `series`, `quote`, `voucher`, `add_on`,
    /// `tickets`, `waiting_list`, `payment`, `invoices`, `invoice_register`, `customer` or `notice`.
    aggregate_type: String,
    aggregate_id: String,
    /// Its place in the history of this one thing.
    sequence: i64,
    /// What happened, in snake case.
    #[schema(example = "confirmed")]
    event_type: String,
    event_version: String,
    /// What happened, in full, as it was stored.
    #[schema(value_type = Object)]
    data: Box<RawValue>,
    /// Who did it, from where, and why: `principal`, `principal_name`, `request_id`, `idempotency_key` and more.
    #[schema(value_type = Object)]
    metadata: Box<RawValue>,
    event_id: Uuid,
    /// When it happened in the business.
    occurred_at: Option<DateTime<Utc>>,
    /// When the log took it.
    recorded_at: DateTime<Utc>,
}

/// The part of a stored payload that every event has.
#[derive(Deserialize)]
struct Happened {
    at: Option<DateTime<Utc>>,
}

impl TryFrom<&Recorded> for Event {
    type Error = StoreError;

    fn try_from(event: &Recorded) -> Result<Self, StoreError> {
        Ok(Self {
            position: event.position.get(),
            aggregate_type: event.aggregate_type.clone(),
            aggregate_id: event.aggregate_id.clone(),
            sequence: event.sequence,
            event_type: event.event_type.clone(),
            event_version: event.event_version.clone(),
            occurred_at: occurred_at(&event.payload),
            data: RawValue::from_string(event.payload.clone())?,
            metadata: RawValue::from_string(event.metadata.clone())?,
            event_id: event.event_id,
            // Memory knows it to the nanosecond, the database to the microsecond: one answer for both.
            recorded_at: event.recorded_at.trunc_subsecs(6),
        })
    }
}

/// Payloads are tagged from outside: `{"confirmed":{"at":…}}`.
fn occurred_at(payload: &str) -> Option<DateTime<Utc>> {
    let tagged: std::collections::HashMap<String, Happened> = serde_json::from_str(payload).ok()?;
    tagged.into_values().next()?.at
}

/// Which events are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Only those after this position; from the first one on unless said otherwise.
    #[param(minimum = 0)]
    after: Option<i64>,
    /// How many at the most: 1 to 1000 for a page, 50 unless said otherwise; any number of lines.
    #[param(minimum = 1)]
    limit: Option<u64>,
    /// Only those of this kind of thing.
    #[param(example = "booking")]
    aggregate_type: Option<String>,
    /// Only those of this type.
    #[param(example = "confirmed")]
    event_type: Option<String>,
}

/// Some events, and where to go on.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventPage {
    /// The events, oldest first.
    items: Vec<Event>,
    /// Every event wanted up to here is in this page or an earlier one: pass it as `after`.
    next_after: i64,
    /// The position of the last event in the log.
    head: i64,
}

/// Read the log
///
/// Every event, in the one order in which all of them were written, without a gap. With
/// `Accept: application/x-ndjson` the events come as lines, up to the head of the log at the time of the request.
#[utoipa::path(get, path = "/v1/events", tag = "events", params(Wanted),
    responses(
        (status = 200, description = "A page of events, or all of them as lines", content(
            (EventPage = "application/json"),
            (Event = "application/x-ndjson"),
        )),
        QueryProblems,
    ))]
async fn feed(
    State(app): State<App>,
    _: Reader,
    headers: HeaderMap,
    Parameters(wanted): Parameters<Wanted>,
) -> Result<Response, Problem> {
    if wanted.after.is_some_and(|after| after < 0) {
        return Err(bad_query("`after` is a position: 0 or more"));
    }
    if wanted.limit == Some(0) {
        return Err(bad_query("`limit` is at least 1"));
    }
    for name in [&wanted.aggregate_type, &wanted.event_type].into_iter().flatten() {
        if name.len() > 64 || name.contains(char::is_control) {
            return Err(bad_query("a kind of thing or event has at most 64 characters"));
        }
    }
    let after = Position::new(wanted.after.unwrap_or_default());
    let filter = Filter {
        aggregate_types: wanted.aggregate_type.into_iter().collect(),
        event_types: wanted.event_type.into_iter().collect(),
    };
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("application/x-ndjson")) {
        return lines(&app, after, wanted.limit, filter).await;
    }
    let limit = wanted.limit.unwrap_or(50);
    if limit > 1000 {
        return Err(bad_query("`limit` is a number from 1 to 1000"));
    }
    page(&app, after, usize::try_from(limit).unwrap_or(1000), &filter).await
}

async fn page(
    app: &App,
    after: Position,
    limit: usize,
    filter: &Filter,
) -> Result<Response, Problem> {
    let head = app.log.head().await?;
    let mut items = Vec::new();
    let mut searched_to = after;
    // A rare kind of event may not stand in the first stretch that is searched.
    while items.is_empty() && searched_to < head {
        let page = app.log.read_after(searched_to, limit, filter).await?;
        items =
            page.events.iter().map(|event| Event::try_from(&**event)).collect::<Result<_, _>>()?;
        if page.searched_to <= searched_to {
            break;
        }
        searched_to = page.searched_to;
    }
    // The log may have grown meanwhile; a position that was only asked for is no part of it.
    let head = if searched_to > after { head.max(searched_to) } else { head }.get();
    Ok(json(&EventPage { items, next_after: searched_to.get().min(head), head }))
}

/// One event a line, read from the log no faster than the client takes them.
async fn lines(
    app: &App,
    after: Position,
    limit: Option<u64>,
    filter: Filter,
) -> Result<Response, Problem> {
    let head = app.log.head().await?;
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    let events = app.log.stream_after(after, head, filter).take(limit);
    let lines = events.map(|event| event.and_then(|event| line(&event))).try_ready_chunks(64);
    let lines = lines.map_ok(|lines| Bytes::from(lines.concat())).map_err(|error| {
        tracing::error!(error = %error.1, "the feed broke off");
        error.1
    });
    let mut response = Response::new(Body::from_stream(lines));
    let kind = HeaderValue::from_static("application/x-ndjson");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}

fn line(event: &Arc<Recorded>) -> Result<Vec<u8>, StoreError> {
    let mut line = serde_json::to_vec(&Event::try_from(&**event)?)?;
    line.push(b'\n');
    Ok(line)
}
