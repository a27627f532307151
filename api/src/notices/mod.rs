//! `/v1/notices`: what customers are told, in which words, and whether it reached them.
//!
//! * `manager`: writes the notices that events call for; `facts` says which, `place` in which language
//! * `offers`, `refunds`: those of waiting lists, and of money that goes back
//! * `delivery`: hands those that are due to a `gateway`
//! * `text`: makes the text of a notice whenever somebody reads it

mod delivery;
mod facts;
mod gateway;
mod manager;
mod offers;
mod place;
mod refunds;
mod text;

use std::sync::Arc;

use axum::{extract::State, response::Response};
use chrono::{DateTime, Utc};
use daybook_domain::{
    notice::{Command as NoticeCommand, Kind, Notice as Aggregate, State as Standing},
    values::{BookingId, Code as Name, CustomerId, NoticeId, OrganizationId, Reason},
};
use daybook_projections::{ModelName, NoticeFilter, NoticeView, View as _};
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

pub use self::{
    delivery::Attempts,
    gateway::{Destination, UnknownDestination},
};
use crate::{
    app::App,
    bus::{Answered, Order},
    extract::Reader,
    history::History,
    one::{Directed, Lookup},
    pages::{
        self, Asked, Newness, PageOf, Paging, Parameters, Segment, Tagged, bad_query, missing,
    },
    problem::{Language, Problem},
    wire::{CommandProblems, Occurrence, QueryProblems, Receipt},
};

/// The routes of notices.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(history))
        .routes(routes!(retry))
}

/// Starts to write notices and to deliver them.
pub fn start(app: &App, destination: &Destination, attempts: Attempts) -> Vec<JoinHandle<()>> {
    let gateway = destination.gateway();
    let mut tasks = vec![tokio::spawn(manager::run(Arc::clone(app), gateway.is_some()))];
    if let Some(gateway) = gateway {
        tasks.push(tokio::spawn(delivery::run(Arc::clone(app), gateway, attempts)));
    }
    tasks
}

/// A notice as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "019a0000-0000-7000-8000-000000000001",
    "kind": "confirmed",
    "state": "delivered",
    "organization_id": "019a0000-0000-7000-8000-000000000002",
    "customer_id": "019a0000-0000-7000-8000-000000000003",
    "listing_id": "019a0000-0000-7000-8000-000000000004",
    "booking_id": "019a0000-0000-7000-8000-000000000005",
    "language": "en",
    "direction": "ltr",
    "subject": "Confirmed: House by the Sea",
    "text": "Your booking is confirmed.\n\nHouse by the Sea\n…",
    "due_at": "2027-04-20T09:00:00Z",
    "failures": 0,
    "gateway": "console",
    "delivered_at": "2027-04-20T09:00:01Z",
    "created_at": "2027-04-20T09:00:00Z",
    "sequence": 2
}))]
pub struct Notice {
    id: Uuid,
    /// `requested`, `held`, `confirmed`, `declined`, `changed`, `cancelled`, `lapsed`, `waiting_list_offer`, `reminder`,
    /// `no_show` or `refunded`.
    #[schema(value_type = String)]
    kind: Kind,
    /// `waiting`, `delivered`, `failed` (no longer tried by itself) or `withdrawn` (there was nothing to tell any more).
    #[schema(value_type = String)]
    state: Standing,
    organization_id: Uuid,
    customer_id: Uuid,
    listing_id: Uuid,
    /// The booking it is about, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    booking_id: Option<Uuid>,
    /// The language of `subject` and `text`.
    language: &'static str,
    /// `ltr` or `rtl`.
    direction: &'static str,
    /// What it is about, in one line.
    subject: String,
    /// All of it, as plain text.
    text: String,
    /// From when on it is to be delivered.
    due_at: DateTime<Utc>,
    /// When it is tried next, while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_at: Option<DateTime<Utc>>,
    /// How often delivering it failed, since it was last asked for.
    failures: u32,
    /// Why it failed the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    failure: Option<Reason>,
    /// Which gateway took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    gateway: Option<Name>,
    /// When it was delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    /// The sequence of its last event.
    sequence: i64,
}

impl Notice {
    /// A notice as it reads in a language, or in its own.
    fn of(view: NoticeView, language: Option<Language>) -> Self {
        let own = text::language_of(view.letter.language.as_str()).unwrap_or_default();
        let language = language.unwrap_or(own);
        let text::Text { subject, body } = text::write(&view.letter, language);
        let topic = &view.letter.topic;
        Self {
            id: view.id.as_uuid(),
            kind: view.kind(),
            state: view.state,
            organization_id: topic.organization.as_uuid(),
            customer_id: view.customer().as_uuid(),
            listing_id: topic.listing.as_uuid(),
            booking_id: topic.booking.map(BookingId::as_uuid),
            language: language.tag(),
            direction: text::direction(language),
            subject,
            text: body,
            due_at: view.due_at,
            next_attempt_at: view.next_at,
            failures: view.failures,
            failure: view.failure,
            gateway: view.gateway,
            delivered_at: view.delivered_at,
            created_at: view.created_at,
            sequence: view.span.sequence,
        }
    }
}

/// Which notices are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Only those to this customer, or to one whose record ended in theirs.
    customer_id: Option<Uuid>,
    /// Only those of this organization.
    organization_id: Option<Uuid>,
    /// Only those about this booking.
    booking_id: Option<Uuid>,
    /// Only those of this kind.
    #[param(value_type = Option<String>, example = "reminder")]
    kind: Option<Kind>,
    /// Only those that have come so far: `failed` for those that nobody could be told.
    #[param(value_type = Option<String>, example = "failed")]
    state: Option<Standing>,
}

impl From<Wanted> for NoticeFilter {
    fn from(wanted: Wanted) -> Self {
        Self {
            customer: wanted.customer_id.map(CustomerId::from_uuid),
            organization: wanted.organization_id.map(OrganizationId::from_uuid),
            booking: wanted.booking_id.map(BookingId::from_uuid),
            kind: wanted.kind,
            state: wanted.state,
        }
    }
}

/// How one notice is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// The language to read it in, `en` or `ar`, if not its own.
    #[param(example = "ar")]
    language: Option<String>,
    /// Waits until the answer includes this position.
    #[param(minimum = 0)]
    min_position: Option<i64>,
}

/// List notices in the order they were written
///
/// A notice is written a moment after what it tells of, so `min_position` does not wait for it to be written. A reminder
/// is written when the booking is confirmed, and waits until it is due.
#[utoipa::path(get, path = "/v1/notices", tag = "notices", params(Wanted, Paging),
    responses((status = 200, description = "A page of notices", body = PageOf<Notice>), QueryProblems))]
async fn list(
    State(app): State<App>,
    _: Reader,
    asked: Asked<Wanted>,
) -> Result<Response, Problem> {
    let page = asked.page(&app, ModelName::Notices).await?;
    let notices = app.projections.queries().notices(asked.filter.into(), page).await?;
    Ok(pages::answer(notices, |notice| Notice::of(notice, None)))
}

/// Read one notice
///
/// In the customer's language, unless another is asked for.
#[utoipa::path(get, path = "/v1/notices/{id}", tag = "notices",
    params(("id" = Uuid, Path, description = "The notice"), Reading),
    responses((status = 200, description = "The notice; its ETag is its sequence", body = Notice), QueryProblems))]
async fn get(
    State(app): State<App>,
    _: Reader,
    id: Segment,
    Parameters(reading): Parameters<Reading>,
) -> Result<Response, Problem> {
    let id: NoticeId = id.id()?;
    let language = reading.language.as_deref().map(|tag| {
        text::language_of(tag).ok_or_else(|| bad_query("notices are written in `en` and `ar`"))
    });
    let language = language.transpose()?;
    app.wait(ModelName::Notices, reading.min_position).await?;
    let found = NoticeView::find(app.projections.queries(), id).await?.ok_or_else(unknown)?;
    Ok(Tagged::new(found.sequence(), Notice::of(found, language)).into())
}

/// See all that happened to a notice
///
/// Every attempt to deliver it, and who asked for another one.
#[utoipa::path(get, path = "/v1/notices/{id}/history", tag = "notices",
    params(("id" = Uuid, Path, description = "The notice"), Newness),
    responses((status = 200, description = "The events, oldest first", body = History), QueryProblems))]
async fn history(notice: Lookup) -> Result<Response, Problem> {
    notice.history::<Aggregate>(ModelName::Notices, unknown).await
}

/// Try to deliver a notice again
///
/// One that failed is tried again at once, as often as a new one.
#[utoipa::path(post, path = "/v1/notices/{id}/retry", tag = "notices", request_body = Option<Occurrence>,
    params(("id" = Uuid, Path, description = "The notice")),
    responses((status = 200, description = "The notice waits to be delivered", body = Receipt), CommandProblems))]
async fn retry(notice: Directed<Occurrence>) -> Result<Answered, Problem> {
    let retry = |_, at| Ok(NoticeCommand::Retry { at });
    let decide = |order: Order, id, command: NoticeCommand, _| async move {
        order.change(id, 200, |notice: &Aggregate| Ok(notice.decide(command.clone())?)).await
    };
    notice.carry_out(retry, decide).await
}

fn unknown() -> Problem {
    missing("there is no such notice", "notice_not_found")
}
