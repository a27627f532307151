//! Waiting lists and their entries as they stand.

use axum::{extract::State, response::Response};
use chrono::{DateTime, NaiveDate, Utc};
use daybook_domain::{
    allotment::Allotment,
    resource::Resource,
    values::{Code, CustomerId, Length, ListingId, WaitingEntryId, WaitingListId},
    waiting_list::{Entry, Status, WaitingList as Aggregate, Wanted as For},
};
use daybook_projections::{ModelName, QueuedEntry, WaitingFilter};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    app::App,
    extract::Reader,
    history::History,
    one::Lookup,
    pages::{self, Asked, Newness, PageOf, Paging, Segment, Tagged, missing},
    problem::Problem,
    wire::QueryProblems,
};

/// How long something is offered, unless the list says.
const USUAL_MINUTES: u32 = 24 * 60;

/// What somebody waits for: places of a session, nights, or a time.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingFor {
    /// `places`, `nights` or `time`.
    #[schema(example = "places")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<Uuid>,
    /// Which offer of the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "adult")]
    offer: Option<Code>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arrival: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    departure: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<DateTime<Utc>>,
    /// The service that somebody is wanted for, if that is not the listing.
    #[serde(skip_serializing_if = "Option::is_none")]
    service_id: Option<Uuid>,
    /// How many of it, all at once.
    quantity: u32,
}

impl WaitingFor {
    fn of(wanted: &For) -> Self {
        let nothing = Self {
            kind: "places",
            session_id: None,
            offer: None,
            resource_id: None,
            arrival: None,
            departure: None,
            start: None,
            end: None,
            service_id: None,
            quantity: wanted.quantity().get(),
        };
        match wanted {
            For::Places { session, offer, .. } => {
                Self { session_id: Some(session.as_uuid()), offer: Some(offer.clone()), ..nothing }
            }
            For::Nights { resource, stay, .. } => Self {
                kind: "nights",
                resource_id: Some(resource.as_uuid()),
                arrival: Some(stay.arrival()),
                departure: Some(stay.departure()),
                ..nothing
            },
            For::Time { resource, time, service, .. } => {
                let plain = time.plain().unwrap_or(time.range());
                Self {
                    kind: "time",
                    resource_id: Some(resource.as_uuid()),
                    start: Some(plain.start()),
                    end: Some(plain.end()),
                    service_id: service.map(ListingId::as_uuid),
                    ..nothing
                }
            }
        }
    }
}

/// An entry of a waiting list.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingEntry {
    id: Uuid,
    /// The session or the resource on whose list it is.
    waiting_list_id: Uuid,
    /// `waiting`, `offered`, `accepted`, `declined`, `expired`, `left`; `gave_up` if it waited as long as was said,
    /// `called_off` or `over` if there is nothing more to wait for.
    #[schema(value_type = String, example = "waiting")]
    status: Status,
    customer_id: Uuid,
    listing_id: Uuid,
    line: WaitingFor,
    priority: u32,
    /// The how-manieth it is of those who wait on its list, if it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<u64>,
    /// Until when they wait, if not as long as it can be had.
    wait_until: Option<DateTime<Utc>>,
    /// Until when it is, or was, offered.
    offered_until: Option<DateTime<Utc>>,
    /// The booking that was made of it.
    booking_id: Option<Uuid>,
    joined_at: DateTime<Utc>,
}

impl From<QueuedEntry> for WaitingEntry {
    fn from(QueuedEntry { entry, place }: QueuedEntry) -> Self {
        Self {
            id: entry.id.as_uuid(),
            waiting_list_id: entry.list().as_uuid(),
            status: entry.status,
            customer_id: entry.customer.as_uuid(),
            listing_id: entry.listing.as_uuid(),
            line: WaitingFor::of(&entry.wanted),
            priority: entry.priority.get(),
            place,
            wait_until: entry.wait_until,
            offered_until: entry.offered_until,
            booking_id: (entry.status == Status::Accepted).then(|| entry.id.as_uuid()),
            joined_at: entry.joined_at,
        }
    }
}

/// A waiting list.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingList {
    /// The session or the resource that is waited for.
    id: Uuid,
    /// For how many minutes something is offered.
    offer_minutes: u32,
    /// Those who wait or have an offer, in the order in which they are served.
    entries: Vec<Queued>,
}

/// Somebody who waits or has an offer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Queued {
    id: Uuid,
    /// `waiting` or `offered`.
    #[schema(value_type = String, example = "waiting")]
    status: Status,
    customer_id: Uuid,
    line: WaitingFor,
    priority: u32,
    /// Until when it is offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    offered_until: Option<DateTime<Utc>>,
    joined_at: DateTime<Utc>,
}

impl Queued {
    fn of(entry: &Entry) -> Self {
        Self {
            id: entry.id.as_uuid(),
            status: entry.status(),
            customer_id: entry.customer.as_uuid(),
            line: WaitingFor::of(&entry.wanted),
            priority: entry.priority.get(),
            offered_until: entry.offered_until,
            joined_at: entry.joined_at,
        }
    }
}

/// What came of serving those who wait.
#[derive(Debug, Serialize, ToSchema)]
pub struct Distributed {
    /// The session or the resource that is waited for.
    id: Uuid,
    /// The entries to which something was offered, in this order.
    offered: Vec<Uuid>,
    /// The position of the command's last event.
    position: i64,
}

/// Which entries are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct EntriesWanted {
    /// Only those who wait for this session.
    session_id: Option<Uuid>,
    /// Only those who wait for this resource.
    resource_id: Option<Uuid>,
    /// Only those of this listing.
    listing_id: Option<Uuid>,
    /// Only those of this customer.
    customer_id: Option<Uuid>,
    /// Only those that have come so far.
    #[param(value_type = Option<String>, example = "waiting")]
    status: Option<Status>,
}

impl EntriesWanted {
    fn meant(self) -> Result<WaitingFilter, Problem> {
        if self.session_id.is_some() && self.resource_id.is_some() {
            let detail = "give `session_id` or `resource_id`, not both";
            return Err(pages::bad_query(detail));
        }
        Ok(WaitingFilter {
            id: None,
            list: self.session_id.or(self.resource_id).map(WaitingListId::from_uuid),
            listing: self.listing_id.map(ListingId::from_uuid),
            customer: self.customer_id.map(CustomerId::from_uuid),
            status: self.status,
        })
    }
}

/// List entries of waiting lists in the order they joined
#[utoipa::path(get, path = "/v1/waiting-list-entries", tag = "waiting lists", params(EntriesWanted, Paging),
    responses((status = 200, description = "A page of entries", body = PageOf<WaitingEntry>), QueryProblems))]
pub(super) async fn list(
    State(app): State<App>,
    _: Reader,
    asked: Asked<EntriesWanted>,
) -> Result<Response, Problem> {
    let page = asked.page(&app, ModelName::WaitingEntries).await?;
    let entries = app.projections.queries().waiting_entries(asked.filter.meant()?, page).await?;
    Ok(pages::answer(entries, WaitingEntry::from))
}

/// Look at one entry of a waiting list
#[utoipa::path(get, path = "/v1/waiting-list-entries/{id}", tag = "waiting lists",
    params(("id" = Uuid, Path, description = "The entry"), Newness),
    responses((status = 200, description = "The entry, with its place in the queue", body = WaitingEntry), QueryProblems))]
pub(super) async fn get(entry: Lookup) -> Result<Response, Problem> {
    let id = entry.id(&[ModelName::WaitingEntries]).await?;
    let found = entry.app.projections.queries().waiting_entry(id).await?;
    let found = found.ok_or_else(unknown_entry)?;
    Ok(Tagged::new(found.entry.span.sequence, WaitingEntry::from(found)).into())
}

/// Look at a waiting list
///
/// Of a session or of a resource, by the id of that: who is served in which order, and what is offered until when.
#[utoipa::path(get, path = "/v1/waiting-lists/{id}", tag = "waiting lists",
    params(("id" = Uuid, Path, description = "The session or the resource")),
    responses((status = 200, description = "The list; its ETag is the version of its terms", body = WaitingList), QueryProblems))]
pub(super) async fn list_of(
    State(app): State<App>,
    _: Reader,
    id: Segment,
) -> Result<Response, Problem> {
    let id: WaitingListId = id.id()?;
    let (list, sequence) = app.log.load::<Aggregate>(&id.to_string()).await?;
    if sequence == 0 {
        check_waited_for(&app, id).await?;
    }
    let queue = list.queue();
    let told = WaitingList {
        id: id.as_uuid(),
        offer_minutes: queue.offer_for().map_or(USUAL_MINUTES, Length::get),
        entries: queue.entries().iter().map(Queued::of).collect(),
    };
    Ok(Tagged::new(list.terms_version(), told).into())
}

/// See all that happened to a waiting list
///
/// Its events in the order in which they were written: what, when, and who.
#[utoipa::path(get, path = "/v1/waiting-lists/{id}/history", tag = "waiting lists",
    params(("id" = Uuid, Path, description = "The session or the resource"), Newness),
    responses((status = 200, description = "The events, oldest first", body = History), QueryProblems))]
pub(super) async fn history(list: Lookup) -> Result<Response, Problem> {
    list.history::<Aggregate>(ModelName::WaitingEntries, unknown_list).await
}

/// Refuses what nobody can wait for: neither a session nor a resource.
pub(super) async fn check_waited_for(app: &App, list: WaitingListId) -> Result<(), Problem> {
    let id = list.to_string();
    let (session, _) = app.log.load::<Allotment>(&id).await?;
    if session.session().is_some() {
        return Ok(());
    }
    let (resource, _) = app.log.load::<Resource>(&id).await?;
    if resource.details().is_some() { Ok(()) } else { Err(unknown_list()) }
}

/// An entry, however new: if the model does not know it, all that was written until now is waited for.
pub(super) async fn found(app: &App, id: WaitingEntryId) -> Result<QueuedEntry, Problem> {
    let queries = app.projections.queries();
    if let Some(found) = queries.waiting_entry(id).await? {
        return Ok(found);
    }
    let head = app.log.head().await?;
    app.wait(ModelName::WaitingEntries, Some(head.get())).await?;
    queries.waiting_entry(id).await?.ok_or_else(unknown_entry)
}

fn unknown_entry() -> Problem {
    missing("there is no such entry of a waiting list", "waiting_list_entry_not_found")
}

fn unknown_list() -> Problem {
    missing("there is neither a session nor a resource of this id", "waiting_list_not_found")
}
