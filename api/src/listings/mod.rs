//! `/v1/listings`: what can be booked.

pub mod wire;

use axum::{extract::State, response::Response};
use daybook_domain::{
    listing::{Command as ListingCommand, Listing as Aggregate, ListingKind, Status},
    values::OrganizationId,
};
use daybook_projections::{ListingFilter, ListingView, ModelName};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use self::wire::{Listing, ListingPatch, NewListing};
use crate::{
    app::App,
    bus::Answered,
    extract::{Command, Reader},
    history::History,
    one::{Directed, Lookup},
    pages::{self, Asked, Newness, PageOf, Paging, missing},
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
async fn get(listing: Lookup) -> Result<Response, Problem> {
    listing.shown::<ListingView, Listing>(unknown).await
}

/// See all that happened to a listing
///
/// Its events in the order in which they were written: what, when, and who.
#[utoipa::path(get, path = "/v1/listings/{id}/history", tag = "listings",
    params(("id" = Uuid, Path, description = "The listing"), Newness),
    responses((status = 200, description = "The events, oldest first", body = History), QueryProblems))]
async fn history(listing: Lookup) -> Result<Response, Problem> {
    listing.history::<Aggregate>(ModelName::Listings, unknown).await
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
    let work = async move { order.make::<Aggregate>(id, command, status.as_str()).await };
    app.carry_out(work).await
}

/// Change what a listing says of itself
///
/// An archived listing stays as it is.
#[utoipa::path(patch, path = "/v1/listings/{id}", tag = "listings",
    request_body(content = ListingPatch, content_type = "application/merge-patch+json"),
    params(("id" = Uuid, Path, description = "The listing")),
    responses((status = 200, description = "The listing is as asked for", body = Receipt), CommandProblems))]
async fn revise(listing: Directed<ListingPatch>) -> Result<Answered, Problem> {
    listing.change(Ok, wire::revised).await
}

/// Put a draft on offer
#[utoipa::path(post, path = "/v1/listings/{id}/publish", tag = "listings", request_body = Option<Occurrence>,
    params(("id" = Uuid, Path, description = "The listing")),
    responses((status = 200, description = "The listing can be booked", body = Receipt), CommandProblems))]
async fn publish(listing: Directed<Occurrence>) -> Result<Answered, Problem> {
    let publish =
        |listing: &Aggregate, _: &_, at| Ok(listing.decide(ListingCommand::Publish { at })?);
    listing.change(Ok, publish).await
}

/// Take a listing off for good
///
/// It can still be read, and what was booked goes on; but it cannot be booked, changed or published again.
#[utoipa::path(post, path = "/v1/listings/{id}/archive", tag = "listings", request_body = Option<Occurrence>,
    params(("id" = Uuid, Path, description = "The listing")),
    responses((status = 200, description = "The listing cannot be booked any more", body = Receipt), CommandProblems))]
async fn archive(listing: Directed<Occurrence>) -> Result<Answered, Problem> {
    let archive =
        |listing: &Aggregate, _: &_, at| Ok(listing.decide(ListingCommand::Archive { at })?);
    listing.change(Ok, archive).await
}
