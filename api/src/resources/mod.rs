//! `/v1/resources`: what a booking occupies, how many of it there are, and its price.

pub mod blocks;
pub mod terms;
pub mod wire;

use axum::{extract::State, response::Response};
use daybook_domain::{
    resource::{Command as ResourceCommand, Resource as Aggregate, ResourceKind},
    values::{ListingId, OrganizationId},
};
use daybook_projections::{ModelName, ResourceFilter, ResourceView};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use self::wire::{NewLimits, NewPrice, NewResource, Resource, ResourcePatch};
use crate::{
    app::App,
    bus::{self, Answered},
    extract::{Command, Reader},
    history::History,
    one::{Directed, Lookup},
    pages::{self, Asked, Newness, PageOf, Paging, missing},
    problem::Problem,
    wire::{CommandProblems, QueryProblems, Receipt},
};

/// The routes of resources.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, revise))
        .routes(routes!(history))
        .routes(routes!(change_limits))
        .routes(routes!(change_price))
        .merge(terms::routes())
        .merge(blocks::routes())
}

/// Which resources are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ResourcesWanted {
    /// Only those of this organization.
    organization_id: Option<Uuid>,
    /// Only those of this listing.
    listing_id: Option<Uuid>,
    /// Only those of this kind.
    #[param(value_type = Option<String>, example = "room_type")]
    kind: Option<ResourceKind>,
}

impl ResourcesWanted {
    fn meant(&self) -> ResourceFilter {
        ResourceFilter {
            organization: self.organization_id.map(OrganizationId::from_uuid),
            listing: self.listing_id.map(ListingId::from_uuid),
            kind: self.kind,
        }
    }
}

/// List resources in the order they were made
#[utoipa::path(get, path = "/v1/resources", tag = "resources", params(ResourcesWanted, Paging),
    responses((status = 200, description = "A page of resources", body = PageOf<Resource>), QueryProblems))]
async fn list(
    State(app): State<App>,
    _: Reader,
    asked: Asked<ResourcesWanted>,
) -> Result<Response, Problem> {
    let page = asked.page(&app, ModelName::Resources).await?;
    let resources = app.projections.queries().resources(asked.filter.meant(), page).await?;
    Ok(pages::answer(resources, Resource::from))
}

/// Look at one resource
#[utoipa::path(get, path = "/v1/resources/{id}", tag = "resources",
    params(("id" = Uuid, Path, description = "The resource"), Newness),
    responses((status = 200, description = "The resource; its ETag is its sequence", body = Resource), QueryProblems))]
async fn get(resource: Lookup) -> Result<Response, Problem> {
    resource.shown::<ResourceView, Resource>(unknown).await
}

/// See all that happened to a resource
///
/// Its events in the order in which they were written: what, when, and who.
#[utoipa::path(get, path = "/v1/resources/{id}/history", tag = "resources",
    params(("id" = Uuid, Path, description = "The resource"), Newness),
    responses((status = 200, description = "The events, oldest first", body = History), QueryProblems))]
async fn history(resource: Lookup) -> Result<Response, Problem> {
    resource.history::<Aggregate>(ModelName::Resources, unknown).await
}

fn unknown() -> Problem {
    missing("there is no such resource", "resource_not_found")
}

/// Have a resource
///
/// A room type is sold by the night under a listing of kind `stay`; rooms, staff and equipment are taken by the hour,
/// and belong to a listing or to their organization alone.
#[utoipa::path(post, path = "/v1/resources", tag = "resources", request_body = NewResource,
    responses((status = 201, description = "The resource is there", body = Receipt), CommandProblems))]
async fn create(
    State(app): State<App>,
    command: Command<NewResource>,
) -> Result<Answered, Problem> {
    let (order, body, at) = app.order(command)?;
    let new = body.checked(at)?;
    app.carry_out(async move { bus::create_resource(&order, new).await }).await
}

/// Change what a resource says of itself
#[utoipa::path(patch, path = "/v1/resources/{id}", tag = "resources",
    request_body(content = ResourcePatch, content_type = "application/merge-patch+json"),
    params(("id" = Uuid, Path, description = "The resource")),
    responses((status = 200, description = "The resource is as asked for", body = Receipt), CommandProblems))]
async fn revise(resource: Directed<ResourcePatch>) -> Result<Answered, Problem> {
    resource
        .carry_out(
            |patch, _| Ok(patch),
            |order, id, patch, at| async move {
                bus::revise_resource(&order, id, |present| wire::patched(present, &patch), at).await
            },
        )
        .await
}

/// Have more or fewer of a resource
#[utoipa::path(post, path = "/v1/resources/{id}/limits", tag = "resources", request_body = NewLimits,
    params(("id" = Uuid, Path, description = "The resource")),
    responses((status = 200, description = "The limits hold in all open calendars", body = Receipt), CommandProblems))]
async fn change_limits(resource: Directed<NewLimits>) -> Result<Answered, Problem> {
    resource
        .carry_out(
            |limits, _| Ok(limits.into()),
            |order, id, limits, at| async move { bus::change_limits(&order, id, limits, at).await },
        )
        .await
}

/// Ask another price of later bookings
#[utoipa::path(post, path = "/v1/resources/{id}/price", tag = "resources", request_body = NewPrice,
    params(("id" = Uuid, Path, description = "The resource")),
    responses((status = 200, description = "Later bookings pay this", body = Receipt), CommandProblems))]
async fn change_price(resource: Directed<NewPrice>) -> Result<Answered, Problem> {
    resource
        .change(Ok, |resource: &Aggregate, body, at| {
            let command =
                ResourceCommand::ChangePrice { price_per_night: body.price_per_night, at };
            Ok(resource.decide(command)?)
        })
        .await
}
