//! `/v1/listings`: what can be booked.

use axum::{extract::State, response::Response};
use chrono::{DateTime, NaiveTime, Utc};
use daybook_domain::{
    listing::{Command as ListingCommand, ListingKind},
    values::{Currency, ListingId, LocalizedText, OrganizationId, Timestamp, Zone},
};
use daybook_projections::{ListingView, ModelName};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::App,
    bus::{self, Answered},
    extract::{Command, CommandBody, Reader},
    pages::{self, Asked, PageOf, Paging, Parameters, Segment, Tagged, missing},
    problem::Problem,
    wire::{CommandProblems, NewId, QueryProblems, Receipt, chosen},
};

/// The routes of listings.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get)).routes(routes!(revise))
}

/// A listing to put on offer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewListing {
    /// The id it shall have: a UUID of version 7.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    id: Option<NewId>,
    /// Whose listing it is.
    #[schema(value_type = Uuid)]
    organization_id: OrganizationId,
    /// What it sells.
    #[schema(value_type = String, example = "stay")]
    kind: ListingKind,
    /// Its name by language tag.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    name: LocalizedText,
    /// The IANA zone where its wall clock hangs.
    #[schema(value_type = String, example = "Africa/Cairo")]
    zone: Zone,
    /// The ISO 4217 code of the currency it is priced in.
    #[schema(value_type = String, example = "EUR")]
    currency: Currency,
    /// From when on guests may arrive.
    #[serde(deserialize_with = "time_of_day")]
    #[schema(value_type = String, example = "15:00")]
    check_in: NaiveTime,
    /// Until when guests have to leave.
    #[serde(deserialize_with = "time_of_day")]
    #[schema(value_type = String, example = "11:00")]
    check_out: NaiveTime,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

/// What changes about a listing; what is not given stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Revision {
    /// The new name by language tag.
    #[serde(default)]
    #[schema(value_type = Option<std::collections::BTreeMap<String, String>>)]
    name: Option<LocalizedText>,
    /// The new time of arrival.
    #[serde(default, deserialize_with = "optional_time_of_day")]
    #[schema(value_type = Option<String>, example = "14:00")]
    check_in: Option<NaiveTime>,
    /// The new time of departure.
    #[serde(default, deserialize_with = "optional_time_of_day")]
    #[schema(value_type = Option<String>, example = "12:00")]
    check_out: Option<NaiveTime>,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

impl CommandBody for NewListing {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for Revision {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

/// A listing as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listing {
    id: Uuid,
    organization_id: Uuid,
    #[schema(value_type = String, example = "stay")]
    kind: ListingKind,
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    name: LocalizedText,
    #[schema(value_type = String, example = "Africa/Cairo")]
    zone: Zone,
    #[schema(value_type = String, example = "EUR")]
    currency: Currency,
    #[schema(example = "15:00:00")]
    check_in: String,
    #[schema(example = "11:00:00")]
    check_out: String,
    created_at: DateTime<Utc>,
    /// The sequence of its last event, for `If-Match`.
    sequence: i64,
}

impl From<ListingView> for Listing {
    fn from(view: ListingView) -> Self {
        Self {
            id: view.id.as_uuid(),
            organization_id: view.organization.as_uuid(),
            kind: view.kind,
            name: view.name,
            zone: view.zone,
            currency: view.currency,
            check_in: view.check_in.to_string(),
            check_out: view.check_out.to_string(),
            created_at: view.created_at,
            sequence: view.sequence,
        }
    }
}

/// Which listings are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListingFilter {
    /// Only those of this organization.
    organization_id: Option<Uuid>,
}

/// List listings in the order they were made
#[utoipa::path(get, path = "/v1/listings", tag = "listings", params(ListingFilter, Paging),
    responses((status = 200, description = "A page of listings", body = PageOf<Listing>), QueryProblems))]
async fn list(
    State(app): State<App>,
    _: Reader,
    asked: Asked<ListingFilter>,
) -> Result<Response, Problem> {
    let page = asked.page(&app, ModelName::Listings).await?;
    let organization = asked.filter.organization_id.map(OrganizationId::from_uuid);
    let listings = app.projections.queries().listings(organization, page).await?;
    Ok(pages::answer(listings, Listing::from))
}

/// Look at one listing
#[utoipa::path(get, path = "/v1/listings/{id}", tag = "listings",
    params(("id" = Uuid, Path, description = "The listing"), pages::Newness),
    responses((status = 200, description = "The listing; its ETag is its sequence", body = Listing), QueryProblems))]
async fn get(
    State(app): State<App>,
    _: Reader,
    id: Segment,
    Parameters(newness): Parameters<pages::Newness>,
) -> Result<Response, Problem> {
    let id = ListingId::from_uuid(id.id()?);
    app.wait(ModelName::Listings, newness.min_position).await?;
    let view = app.projections.queries().listing(id).await?;
    let view = view.ok_or_else(|| missing("there is no such listing", "listing_not_found"))?;
    Ok(Tagged::new(view.sequence, Listing::from(view)).into())
}

/// Put a listing on offer
#[utoipa::path(post, path = "/v1/listings", tag = "listings", request_body = NewListing,
    responses((status = 201, description = "The listing is on offer", body = Receipt), CommandProblems))]
async fn create(State(app): State<App>, command: Command<NewListing>) -> Result<Answered, Problem> {
    let (order, body, at) = app.order(command)?;
    let id = ListingId::from_uuid(chosen(body.id));
    let command = ListingCommand::Create {
        organization: body.organization_id,
        kind: body.kind,
        name: body.name,
        zone: body.zone,
        currency: body.currency,
        check_in: body.check_in,
        check_out: body.check_out,
        at,
    };
    app.carry_out(async move { bus::create_listing(&order, id, command).await }).await
}

/// Change a listing's name or times
#[utoipa::path(post, path = "/v1/listings/{id}/revise", tag = "listings", request_body = Revision,
    params(("id" = Uuid, Path, description = "The listing")),
    responses((status = 200, description = "The listing is as asked for", body = Receipt), CommandProblems))]
async fn revise(
    State(app): State<App>,
    id: Segment,
    command: Command<Revision>,
) -> Result<Answered, Problem> {
    let id = ListingId::from_uuid(id.id()?);
    let (order, body, at) = app.order(command)?;
    let Revision { name, check_in, check_out, occurred_at: _ } = body;
    let command = ListingCommand::Revise { name, check_in, check_out, at };
    app.carry_out(async move { bus::revise_listing(&order, id, command).await }).await
}

/// A time of day with or without seconds.
fn time_of_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveTime, D::Error> {
    let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
    parse_time(&text).map_err(serde::de::Error::custom)
}

fn optional_time_of_day<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<NaiveTime>, D::Error> {
    let text = Option::<std::borrow::Cow<str>>::deserialize(deserializer)?;
    text.map(|text| parse_time(&text)).transpose().map_err(serde::de::Error::custom)
}

fn parse_time(text: &str) -> Result<NaiveTime, &'static str> {
    NaiveTime::parse_from_str(text, "%H:%M")
        .or_else(|_| NaiveTime::parse_from_str(text, "%H:%M:%S"))
        .map_err(|_| "a time of day is written as in `15:00`")
}
