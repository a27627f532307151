//! `/v1/resources`: what a booking occupies, how many of it there are, and its price.

use axum::{extract::State, response::Response};
use chrono::{DateTime, Utc};
use daybook_domain::{
    resource::Command as ResourceCommand,
    values::{Capacity, Limits, ListingId, LocalizedText, Money, ResourceId, Timestamp},
};
use daybook_projections::{ModelName, ResourceView};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::App,
    bus::{self, Answered},
    extract::{Command, CommandBody, Reader},
    pages::{self, Asked, PageOf, Paging, Parameters, Segment, Tagged, missing},
    problem::Problem,
    wire::{self, CommandProblems, NewId, QueryProblems, Receipt, chosen},
};

/// The routes of resources.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get))
        .routes(routes!(change_limits))
        .routes(routes!(change_price))
}

/// A resource to offer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewResource {
    /// The id it shall have: a UUID of version 7.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    id: Option<NewId>,
    /// The listing it is sold under.
    #[schema(value_type = Uuid)]
    listing_id: ListingId,
    /// Its name by language tag.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    name: LocalizedText,
    /// How many there are.
    #[schema(value_type = u32, maximum = 10_000_000, example = 12)]
    capacity: Capacity,
    /// How many more may be promised.
    #[serde(default)]
    overbooking: u32,
    /// What one of it costs for a night.
    #[schema(value_type = wire::Money)]
    price_per_night: Money,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

/// How many there are from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLimits {
    /// How many there are.
    #[schema(value_type = u32, maximum = 10_000_000, example = 12)]
    capacity: Capacity,
    /// How many more may be promised.
    #[serde(default)]
    overbooking: u32,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

/// What later bookings pay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPrice {
    /// What one of it costs for a night.
    #[schema(value_type = wire::Money)]
    price_per_night: Money,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

impl CommandBody for NewResource {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for NewLimits {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for NewPrice {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

/// A resource as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Resource {
    id: Uuid,
    listing_id: Uuid,
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    name: LocalizedText,
    /// How many there are.
    #[schema(value_type = u32)]
    capacity: Capacity,
    /// How many more may be promised.
    overbooking: u32,
    /// What one of it costs for a night.
    #[schema(value_type = wire::Money)]
    price_per_night: Money,
    created_at: DateTime<Utc>,
    /// The sequence of its last event, for `If-Match`.
    sequence: i64,
}

impl From<ResourceView> for Resource {
    fn from(view: ResourceView) -> Self {
        Self {
            id: view.id.as_uuid(),
            listing_id: view.listing.as_uuid(),
            name: view.name,
            capacity: view.limits.capacity,
            overbooking: view.limits.overbooking,
            price_per_night: view.price_per_night,
            created_at: view.created_at,
            sequence: view.sequence,
        }
    }
}

/// Which resources are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ResourceFilter {
    /// Only those of this listing.
    listing_id: Option<Uuid>,
}

/// List resources in the order they were made
#[utoipa::path(get, path = "/v1/resources", tag = "resources", params(ResourceFilter, Paging),
    responses((status = 200, description = "A page of resources", body = PageOf<Resource>), QueryProblems))]
async fn list(
    State(app): State<App>,
    _: Reader,
    asked: Asked<ResourceFilter>,
) -> Result<Response, Problem> {
    let page = asked.page(&app, ModelName::Resources).await?;
    let listing = asked.filter.listing_id.map(ListingId::from_uuid);
    let resources = app.projections.queries().resources(listing, page).await?;
    Ok(pages::answer(resources, Resource::from))
}

/// Look at one resource
#[utoipa::path(get, path = "/v1/resources/{id}", tag = "resources",
    params(("id" = Uuid, Path, description = "The resource"), pages::Newness),
    responses((status = 200, description = "The resource; its ETag is its sequence", body = Resource), QueryProblems))]
async fn get(
    State(app): State<App>,
    _: Reader,
    id: Segment,
    Parameters(newness): Parameters<pages::Newness>,
) -> Result<Response, Problem> {
    let id = ResourceId::from_uuid(id.id()?);
    app.wait(ModelName::Resources, newness.min_position).await?;
    let view = app.projections.queries().resource(id).await?;
    let view = view.ok_or_else(|| missing("there is no such resource", "resource_not_found"))?;
    Ok(Tagged::new(view.sequence, Resource::from(view)).into())
}

/// Offer a resource under a listing
#[utoipa::path(post, path = "/v1/resources", tag = "resources", request_body = NewResource,
    responses((status = 201, description = "The resource can be booked", body = Receipt), CommandProblems))]
async fn create(
    State(app): State<App>,
    command: Command<NewResource>,
) -> Result<Answered, Problem> {
    let (order, body, at) = app.order(command)?;
    let id = ResourceId::from_uuid(chosen(body.id));
    let listing = body.listing_id;
    let command = move |listing_currency| ResourceCommand::Create {
        listing,
        listing_currency,
        name: body.name,
        limits: Limits { capacity: body.capacity, overbooking: body.overbooking },
        price_per_night: body.price_per_night,
        at,
    };
    app.carry_out(async move { bus::create_resource(&order, id, listing, command).await }).await
}

/// Have more or fewer of a resource
#[utoipa::path(post, path = "/v1/resources/{id}/limits", tag = "resources", request_body = NewLimits,
    params(("id" = Uuid, Path, description = "The resource")),
    responses((status = 200, description = "The limits hold in all open calendars", body = Receipt), CommandProblems))]
async fn change_limits(
    State(app): State<App>,
    id: Segment,
    command: Command<NewLimits>,
) -> Result<Answered, Problem> {
    let id = ResourceId::from_uuid(id.id()?);
    let (order, body, at) = app.order(command)?;
    let limits = Limits { capacity: body.capacity, overbooking: body.overbooking };
    app.carry_out(async move { bus::change_limits(&order, id, limits, at).await }).await
}

/// Ask another price of later bookings
#[utoipa::path(post, path = "/v1/resources/{id}/price", tag = "resources", request_body = NewPrice,
    params(("id" = Uuid, Path, description = "The resource")),
    responses((status = 200, description = "Later bookings pay this", body = Receipt), CommandProblems))]
async fn change_price(
    State(app): State<App>,
    id: Segment,
    command: Command<NewPrice>,
) -> Result<Answered, Problem> {
    let id = ResourceId::from_uuid(id.id()?);
    let (order, body, at) = app.order(command)?;
    let price = body.price_per_night;
    app.carry_out(async move { bus::change_price(&order, id, price, at).await }).await
}
