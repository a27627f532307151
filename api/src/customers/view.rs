//! Customers as they stand: one, many, those that may be the same, and what one has booked.

use axum::{extract::State, response::Response};
use chrono::{DateTime, Utc};
use daybook_domain::{
    customer::{Customer as Aggregate, Note, Status},
    values::{Code, CustomerId, Email, Folded, OrganizationId, PhoneNumber, Phrase, Remark},
};
use daybook_projections::{
    CustomerFilter, CustomerView, Duplicate, Likeness, ModelName, View as _,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::wire::CustomerContent;
use crate::{
    app::{App, json},
    bookings::{links::Links, view::Booking},
    extract::Reader,
    history::History,
    one::Lookup,
    pages::{self, Asked, Newness, PageOf, Paging, Segment, bad_query, missing},
    problem::Problem,
    wire::QueryProblems,
};

/// The most records that are told as possible duplicates.
const MOST_DUPLICATES: u32 = 100;
/// The most characters of a search.
const LONGEST_SEARCH: usize = 200;

/// A customer's record as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Customer {
    id: Uuid,
    organization_id: Uuid,
    /// `active`, or `merged` if it ended in another record.
    #[schema(value_type = String, example = "active")]
    status: Status,
    /// The record in which this one ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    merged_into: Option<Uuid>,
    #[serde(flatten)]
    content: CustomerContent,
    /// What staff wrote down, oldest first.
    notes: Vec<CustomerNote>,
    /// The records that ended in this one, by whatever way.
    merged_from: Vec<Uuid>,
    created_at: DateTime<Utc>,
    /// The sequence of its last event, for `If-Match`.
    sequence: i64,
    /// Where what they booked and what they were told is read.
    #[schema(example = json!({
        "bookings": {"method": "GET", "href": "/v1/customers/019a0000-0000-7000-8000-000000000001/bookings"},
        "notices": {"method": "GET", "href": "/v1/notices?customer_id=019a0000-0000-7000-8000-000000000001"}
    }))]
    links: Links,
}

/// Something that staff wrote down.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerNote {
    id: Uuid,
    #[schema(value_type = String, example = "Prefers the terrace")]
    text: Remark,
    author: NoteAuthor,
    /// When it was written.
    at: DateTime<Utc>,
}

/// Who wrote a note.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoteAuthor {
    /// The API key it was sent with.
    id: Uuid,
    /// What the key is called.
    #[schema(value_type = String, example = "front desk")]
    name: Phrase,
}

/// Records that may be of the same customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Duplicates {
    /// Up to a hundred of them, in the order they were registered.
    items: Vec<PossibleDuplicate>,
    /// Every event up to this position is in the answer.
    position: i64,
}

/// A record that may be of the same customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct PossibleDuplicate {
    customer: Customer,
    /// What speaks for it: the same `email`, the same `phone`, the same `name` however it is written.
    #[schema(value_type = Vec<String>, example = json!(["email", "name"]))]
    reasons: Vec<Likeness>,
}

impl From<CustomerView> for Customer {
    fn from(view: CustomerView) -> Self {
        let sequence = view.sequence();
        let details = view.details;
        Self {
            id: view.id.as_uuid(),
            organization_id: details.organization.as_uuid(),
            status: details.status(),
            merged_into: details.merged_into.map(CustomerId::as_uuid),
            notes: details.notes.as_slice().iter().cloned().map(CustomerNote::from).collect(),
            merged_from: details.absorbed.iter().map(|id| id.as_uuid()).collect(),
            content: details.profile.into(),
            created_at: view.created_at,
            sequence,
            links: Links::to([
                ("bookings", format!("/v1/customers/{}/bookings", view.id)),
                ("notices", format!("/v1/notices?customer_id={}", view.id)),
            ]),
        }
    }
}

impl From<Note> for CustomerNote {
    fn from(note: Note) -> Self {
        let author = NoteAuthor { id: note.author.principal.as_uuid(), name: note.author.name };
        Self { id: note.id.as_uuid(), text: note.text, author, at: note.at }
    }
}

impl From<Duplicate> for PossibleDuplicate {
    fn from(found: Duplicate) -> Self {
        Self { customer: found.customer.into(), reasons: found.likeness }
    }
}

/// Which customers are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Only those of this organization.
    organization_id: Option<Uuid>,
    /// Only those whose name has a word that begins like each of these, however it is written: with accents or vowel
    /// signs or without, with one form of alef, ya and ta marbuta or another.
    #[param(max_length = 200, example = "فاطمه")]
    search: Option<String>,
    /// Only those with this tag.
    #[param(value_type = Option<String>, example = "vip")]
    tag: Option<Code>,
    /// Only those with this email address, in whatever case.
    #[param(value_type = Option<String>, example = "rania@example.com")]
    email: Option<Email>,
    /// Only those with this telephone number; the `+` may be left out.
    #[param(example = "962795550100")]
    phone: Option<String>,
    /// `active`, unless said otherwise, or `merged`.
    #[param(value_type = Option<String>, example = "active")]
    status: Option<Status>,
}

impl TryFrom<Wanted> for CustomerFilter {
    type Error = Problem;

    fn try_from(wanted: Wanted) -> Result<Self, Problem> {
        Ok(Self {
            organization: wanted.organization_id.map(OrganizationId::from_uuid),
            status: Some(wanted.status.unwrap_or(Status::Active)),
            name: wanted.search.as_deref().map(sought).transpose()?,
            tag: wanted.tag,
            email: wanted.email,
            phone: wanted.phone.as_deref().map(called).transpose()?,
        })
    }
}

/// What is searched for.
fn sought(text: &str) -> Result<Folded, Problem> {
    if text.chars().count() > LONGEST_SEARCH {
        return Err(bad_query(format!("`search` has at most {LONGEST_SEARCH} characters")));
    }
    let folded = Folded::of(text);
    if folded.as_str().is_empty() {
        return Err(bad_query("`search` has at least one letter or digit"));
    }
    Ok(folded)
}

/// A telephone number. In an address a `+` means a space, and who forgets that means the number all the same.
fn called(text: &str) -> Result<PhoneNumber, Problem> {
    let digits = text.trim().trim_start_matches('+');
    PhoneNumber::try_new(&format!("+{digits}"))
        .map_err(|error| bad_query(format!("`phone`: {error}")))
}

/// List customers in the order they were registered
#[utoipa::path(get, path = "/v1/customers", tag = "customers", params(Wanted, Paging),
    responses((status = 200, description = "A page of customers", body = PageOf<Customer>), QueryProblems))]
pub(super) async fn list(
    State(app): State<App>,
    _: Reader,
    asked: Asked<Wanted>,
) -> Result<Response, Problem> {
    let page = asked.page(&app, ModelName::Customers).await?;
    let filter = asked.filter.try_into()?;
    let customers = app.projections.queries().customers(&filter, page).await?;
    Ok(pages::answer(customers, Customer::from))
}

/// Look at one customer
///
/// A record that was merged is still shown, with the record in which it ended.
#[utoipa::path(get, path = "/v1/customers/{id}", tag = "customers",
    params(("id" = Uuid, Path, description = "The customer"), Newness),
    responses((status = 200, description = "The customer; its ETag is its sequence", body = Customer), QueryProblems))]
pub(super) async fn get(customer: Lookup) -> Result<Response, Problem> {
    customer.shown::<CustomerView, Customer>(unknown).await
}

/// See all that happened to a customer's record
///
/// Its events in the order in which they were written: what, when, and who.
#[utoipa::path(get, path = "/v1/customers/{id}/history", tag = "customers",
    params(("id" = Uuid, Path, description = "The customer"), Newness),
    responses((status = 200, description = "The events, oldest first", body = History), QueryProblems))]
pub(super) async fn history(customer: Lookup) -> Result<Response, Problem> {
    customer.history::<Aggregate>(ModelName::Customers, unknown).await
}

/// Find records that may be of the same customer
///
/// Of the same organization, with the same email address or telephone number, or with the same name however it is
/// written. Records that ended are left out.
#[utoipa::path(get, path = "/v1/customers/{id}/duplicates", tag = "customers",
    params(("id" = Uuid, Path, description = "The customer"), Newness),
    responses((status = 200, description = "The other records, each with what speaks for it", body = Duplicates), QueryProblems))]
pub(super) async fn duplicates(customer: Lookup) -> Result<Response, Problem> {
    let one: CustomerView = customer.found(unknown).await?;
    let queries = customer.app.projections.queries();
    let position = queries.position(ModelName::Customers).get();
    let items = queries.duplicates(&one, MOST_DUPLICATES).await?;
    let items = items.into_iter().map(PossibleDuplicate::from).collect();
    Ok(json(&Duplicates { items, position }))
}

/// See what a customer has booked
///
/// The newest first, with what was booked under records that ended in this one. A customer need not be registered.
#[utoipa::path(get, path = "/v1/customers/{id}/bookings", tag = "customers",
    params(("id" = Uuid, Path, description = "The customer"), Paging),
    responses((status = 200, description = "A page of bookings", body = PageOf<Booking>), QueryProblems))]
pub(super) async fn bookings(
    State(app): State<App>,
    _: Reader,
    id: Segment,
    asked: Asked<Anything>,
) -> Result<Response, Problem> {
    let id = CustomerId::from_uuid(id.id()?);
    asked.page(&app, ModelName::Customers).await?;
    let page = asked.page(&app, ModelName::Bookings).await?;
    let bookings = app.projections.queries().bookings_of_customer(id, page).await?;
    Ok(pages::answer(bookings, Booking::from))
}

/// Which bookings are asked for: nothing tells one from another.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Anything {}

fn unknown() -> Problem {
    missing("there is no such customer", "customer_not_found")
}
