//! `/v1/organizations`: whose all of it is, and who works there.

pub mod wire;

use axum::{extract::State, response::Response};
use daybook_domain::{
    organization::{Command as OrganizationCommand, Refusal},
    values::{AccountId, OrganizationId},
};
use daybook_projections::{ModelName, OrganizationView, View as _};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::wire::{NewMember, NewOrganization, NewRole, Organization, OrganizationPatch};
use crate::{
    app::App,
    bus::{self, Answered},
    extract::{Command, Reader},
    history::{self, History},
    pages::{self, Asked, Newness, PageOf, Paging, Parameters, Segment, Segments, Tagged, missing},
    problem::Problem,
    wire::{CommandProblems, Occurrence, QueryProblems, Receipt},
};

/// The routes of organizations.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, register))
        .routes(routes!(get, revise))
        .routes(routes!(history))
        .routes(routes!(add_member))
        .routes(routes!(change_role))
        .routes(routes!(remove_member))
}

/// Which organizations are asked for: nothing tells one from another.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whichever {}

/// List organizations in the order they were registered
#[utoipa::path(get, path = "/v1/organizations", tag = "organizations", params(Paging),
    responses((status = 200, description = "A page of organizations", body = PageOf<Organization>), QueryProblems))]
async fn list(
    State(app): State<App>,
    _: Reader,
    asked: Asked<Whichever>,
) -> Result<Response, Problem> {
    let page = asked.page(&app, ModelName::Organizations).await?;
    let organizations = app.projections.queries().organizations(page).await?;
    Ok(pages::answer(organizations, Organization::from))
}

/// Look at one organization
#[utoipa::path(get, path = "/v1/organizations/{id}", tag = "organizations",
    params(("id" = Uuid, Path, description = "The organization"), Newness),
    responses((status = 200, description = "The organization; its ETag is its sequence", body = Organization), QueryProblems))]
async fn get(
    State(app): State<App>,
    _: Reader,
    id: Segment,
    Parameters(newness): Parameters<Newness>,
) -> Result<Response, Problem> {
    let id = OrganizationId::from_uuid(id.id()?);
    app.wait(ModelName::Organizations, newness.min_position).await?;
    let view = OrganizationView::find(app.projections.queries(), id).await?.ok_or_else(unknown)?;
    Ok(Tagged::new(view.sequence(), Organization::from(view)).into())
}

/// See all that happened to an organization
///
/// Its events in the order in which they were written: what, when, and who.
#[utoipa::path(get, path = "/v1/organizations/{id}/history", tag = "organizations",
    params(("id" = Uuid, Path, description = "The organization"), Newness),
    responses((status = 200, description = "The events, oldest first", body = History), QueryProblems))]
async fn history(
    State(app): State<App>,
    _: Reader,
    id: Segment,
    Parameters(newness): Parameters<Newness>,
) -> Result<Response, Problem> {
    let id = OrganizationId::from_uuid(id.id()?);
    app.wait(ModelName::Organizations, newness.min_position).await?;
    history::of::<daybook_domain::organization::Organization>(&app, id, unknown).await
}

fn unknown() -> Problem {
    missing("there is no such organization", "organization_not_found")
}

/// Take in an organization
#[utoipa::path(post, path = "/v1/organizations", tag = "organizations", request_body = NewOrganization,
    responses((status = 201, description = "The organization is registered", body = Receipt), CommandProblems))]
async fn register(
    State(app): State<App>,
    command: Command<NewOrganization>,
) -> Result<Answered, Problem> {
    let (order, body, at) = app.order(command)?;
    let id = body.id();
    let profile = body.content.checked()?.into();
    let command = OrganizationCommand::Register { profile, at };
    app.carry_out(async move { bus::register_organization(&order, id, command).await }).await
}

/// Change what an organization says of itself
#[utoipa::path(patch, path = "/v1/organizations/{id}", tag = "organizations",
    request_body(content = OrganizationPatch, content_type = "application/merge-patch+json"),
    params(("id" = Uuid, Path, description = "The organization")),
    responses((status = 200, description = "The organization is as asked for", body = Receipt), CommandProblems))]
async fn revise(
    State(app): State<App>,
    id: Segment,
    command: Command<OrganizationPatch>,
) -> Result<Answered, Problem> {
    let id = OrganizationId::from_uuid(id.id()?);
    let (order, patch, at) = app.order(command)?;
    let work = async move {
        bus::change_organization(&order, id, 200, |organization| {
            let present = organization.details().ok_or(Refusal::NotFound)?;
            let profile = patch.apply(&present.profile.clone().into())?.into();
            Ok(organization.decide(OrganizationCommand::Revise { profile, at })?)
        })
        .await
    };
    app.carry_out(work).await
}

/// Let somebody work for an organization
#[utoipa::path(post, path = "/v1/organizations/{id}/members", tag = "organizations", request_body = NewMember,
    params(("id" = Uuid, Path, description = "The organization")),
    responses((status = 201, description = "The account belongs to a member", body = Receipt), CommandProblems))]
async fn add_member(
    State(app): State<App>,
    id: Segment,
    command: Command<NewMember>,
) -> Result<Answered, Problem> {
    let id = OrganizationId::from_uuid(id.id()?);
    let (order, body, at) = app.order(command)?;
    let command = OrganizationCommand::AddMember { member: body.into(), at };
    app.carry_out(async move { bus::instruct_organization(&order, id, 201, command).await }).await
}

/// Let a member do more or less
///
/// An organization keeps at least one owner, once it has one.
#[utoipa::path(post, path = "/v1/organizations/{id}/members/{member}/role", tag = "organizations", request_body = NewRole,
    params(
        ("id" = Uuid, Path, description = "The organization"),
        ("member" = Uuid, Path, description = "The member's account"),
    ),
    responses((status = 200, description = "The member has the role", body = Receipt), CommandProblems))]
async fn change_role(
    State(app): State<App>,
    segments: Segments,
    command: Command<NewRole>,
) -> Result<Answered, Problem> {
    let (id, account) = membership(&segments)?;
    let (order, body, at) = app.order(command)?;
    let command = OrganizationCommand::ChangeRole { account, role: body.role, at };
    app.carry_out(async move { bus::instruct_organization(&order, id, 200, command).await }).await
}

/// Let a member go
///
/// An organization keeps at least one owner, once it has one.
#[utoipa::path(post, path = "/v1/organizations/{id}/members/{member}/remove", tag = "organizations",
    request_body = Option<Occurrence>,
    params(
        ("id" = Uuid, Path, description = "The organization"),
        ("member" = Uuid, Path, description = "The member's account"),
    ),
    responses((status = 200, description = "The account belongs to no member", body = Receipt), CommandProblems))]
async fn remove_member(
    State(app): State<App>,
    segments: Segments,
    command: Command<Occurrence>,
) -> Result<Answered, Problem> {
    let (id, account) = membership(&segments)?;
    let (order, _, at) = app.order(command)?;
    let command = OrganizationCommand::RemoveMember { account, at };
    app.carry_out(async move { bus::instruct_organization(&order, id, 200, command).await }).await
}

fn membership(
    Segments(organization, account): &Segments,
) -> Result<(OrganizationId, AccountId), Problem> {
    Ok((OrganizationId::from_uuid(organization.id()?), AccountId::from_uuid(account.id()?)))
}
