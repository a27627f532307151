//! `/v1/listings`: what can be booked.

pub mod wire;

use axum::{extract::State, response::Response};
use daybook_domain::{
    listing::{Command as ListingCommand, ListingKind, Status},
    values::{ListingId, OrganizationId},
};
use daybook_projections::{ListingFilter, ListingView, ModelName, View as _};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use self::wire::{Listing, ListingPatch, NewListing};
use crate::{
    app::App,
    bus::{self, Answered},
    extract::{Command, Reader},
    history::{self, History},
    pages::{self, Asked, Newness, PageOf, Paging, Parameters, Segment, Tagged, missing},
    problem::Problem,
    wire::{CommandProblems, Occurrence, QueryProblems, Receipt},
};

/// The routes of listings.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, revise))
        .routes(routes!(history))
        .routes(routes!(publish))
        .routes(routes!(archive))
}

/// Which listings are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListingsWanted {
    /// Only those of this organization.
    organization_id: Option<Uuid>,
    /// Only those of this kind.
    #[param(value_type = Option<String>, example = "stay")]
    kind: Option<ListingKind>,
    /// Only those that are `draft`, `published` or `archived`.
    #[param(value_type = Option<String>, example = "published")]
    status: Option<Status>,
}

impl ListingsWanted {
    fn meant(&self) -> ListingFilter {
        ListingFilter {
            organization: self.organization_id.map(OrganizationId::from_uuid),
            kind: self.kind,
            status: self.status,
        }
    }
}

/// List listings in the order they were made
#[utoipa::path(get, path = "/v1/listings", tag = "listings", params(ListingsWanted, Paging),
    responses((status = 200, description = "A page of listings", body = PageOf<Listing>), QueryProblems))]
async fn list(
    State(app): State<App>,
    _: Reader,
    asked: Asked<ListingsWanted>,
) -> Result<Response, Problem> {
    let page = asked.page(&app, ModelName::Listings).await?;
    let listings = app.projections.queries().listings(asked.filter.meant(), page).await?;
    Ok(pages::answer(listings, Listing::from))
}

/// Look at one listing
#[utoipa::path(get, path = "/v1/listings/{id}", tag = "listings",
    params(("id" = Uuid, Path, description = "The listing"), Newness),
    responses((status = 200, description = "The listing; its ETag is its sequence", body = Listing), QueryProblems))]
async fn get(
    State(app): State<App>,
    _: Reader,
    id: Segment,
    Parameters(newness): Parameters<Newness>,
) -> Result<Response, Problem> {
    let id = ListingId::from_uuid(id.id()?);
    app.wait(ModelName::Listings, newness.min_position).await?;
    let view = ListingView::find(app.projections.queries(), id).await?.ok_or_else(unknown)?;
    Ok(Tagged::new(view.sequence(), Listing::from(view)).into())
}

/// See all that happened to a listing
///
/// Its events in the order in which they were written: what, when, and who.
#[utoipa::path(get, path = "/v1/listings/{id}/history", tag = "listings",
    params(("id" = Uuid, Path, description = "The listing"), Newness),
    responses((status = 200, description = "The events, oldest first", body = History), QueryProblems))]
async fn history(
    State(app): State<App>,
    _: Reader,
    id: Segment,
    Parameters(newness): Parameters<Newness>,
) -> Result<Response, Problem> {
    let id = ListingId::from_uuid(id.id()?);
    app.wait(ModelName::Listings, newness.min_position).await?;
    history::of::<daybook_domain::listing::Listing>(&app, id, unknown).await
}

fn unknown() -> Problem {
    missing("there is no such listing", "listing_not_found")
}

/// Make a listing
///
/// It is on offer at once, unless it is made as a draft.
#[utoipa::path(post, path = "/v1/listings", tag = "listings", request_body = NewListing,
    responses((status = 201, description = "The listing is made", body = Receipt), CommandProblems))]
async fn create(State(app): State<App>, command: Command<NewListing>) -> Result<Answered, Problem> {
    let (order, body, at) = app.order(command)?;
    let (id, status) = (body.id(), body.status());
    let command = body.checked(at)?;
    app.carry_out(async move { bus::create_listing(&order, id, status, command).await }).await
}

/// Change what a listing says of itself
///
/// An archived listing stays as it is.
#[utoipa::path(patch, path = "/v1/listings/{id}", tag = "listings",
    request_body(content = ListingPatch, content_type = "application/merge-patch+json"),
    params(("id" = Uuid, Path, description = "The listing")),
    responses((status = 200, description = "The listing is as asked for", body = Receipt), CommandProblems))]
async fn revise(
    State(app): State<App>,
    id: Segment,
    command: Command<ListingPatch>,
) -> Result<Answered, Problem> {
    let id = ListingId::from_uuid(id.id()?);
    let (order, patch, at) = app.order(command)?;
    let work = async move {
        bus::change_listing(&order, id, |listing| wire::revised(listing, &patch, at)).await
    };
    app.carry_out(work).await
}

/// Put a draft on offer
#[utoipa::path(post, path = "/v1/listings/{id}/publish", tag = "listings", request_body = Option<Occurrence>,
    params(("id" = Uuid, Path, description = "The listing")),
    responses((status = 200, description = "The listing can be booked", body = Receipt), CommandProblems))]
async fn publish(
    State(app): State<App>,
    id: Segment,
    command: Command<Occurrence>,
) -> Result<Answered, Problem> {
    let id = ListingId::from_uuid(id.id()?);
    let (order, _, at) = app.order(command)?;
    let command = ListingCommand::Publish { at };
    app.carry_out(async move { bus::instruct_listing(&order, id, command).await }).await
}

/// Take a listing off for good
///
/// It can still be read, and what was booked goes on; but it cannot be booked, changed or published again.
#[utoipa::path(post, path = "/v1/listings/{id}/archive", tag = "listings", request_body = Option<Occurrence>,
    params(("id" = Uuid, Path, description = "The listing")),
    responses((status = 200, description = "The listing cannot be booked any more", body = Receipt), CommandProblems))]
async fn archive(
    State(app): State<App>,
    id: Segment,
    command: Command<Occurrence>,
) -> Result<Answered, Problem> {
    let id = ListingId::from_uuid(id.id()?);
    let (order, _, at) = app.order(command)?;
    let command = ListingCommand::Archive { at };
    app.carry_out(async move { bus::instruct_listing(&order, id, command).await }).await
}
