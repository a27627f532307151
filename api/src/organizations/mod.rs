//! `/v1/organizations`: whose all of it is, and who works there.

pub mod wire;

use axum::{extract::State, response::Response};
use daybook_domain::{
    organization::{Command as OrganizationCommand, Organization as Aggregate, Refusal},
    values::{AccountId, OrganizationId, Timestamp},
};
use daybook_event_store::Answer;
use daybook_projections::{ModelName, OrganizationView};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::wire::{
    NewCommission, NewMember, NewOrganization, NewRole, Organization, OrganizationPatch,
};
use crate::{
    app::App,
    bus::{ACTIVE, Answered, Order},
    extract::{Command, CommandBody, Reader},
    history::History,
    one::{Directed, Lookup},
    pages::{self, Asked, Newness, PageOf, Paging, Segments, missing},
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
        .routes(routes!(set_commission))
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
async fn get(organization: Lookup) -> Result<Response, Problem> {
    organization.shown::<OrganizationView, Organization>(unknown).await
}

/// See all that happened to an organization
///
/// Its events in the order in which they were written: what, when, and who.
#[utoipa::path(get, path = "/v1/organizations/{id}/history", tag = "organizations",
    params(("id" = Uuid, Path, description = "The organization"), Newness),
    responses((status = 200, description = "The events, oldest first", body = History), QueryProblems))]
async fn history(organization: Lookup) -> Result<Response, Problem> {
    organization.history::<Aggregate>(ModelName::Organizations, unknown).await
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
    let work = async move { order.make::<Aggregate>(id, command, ACTIVE).await };
    app.carry_out(work).await
}

/// Change what an organization says of itself
#[utoipa::path(patch, path = "/v1/organizations/{id}", tag = "organizations",
    request_body(content = OrganizationPatch, content_type = "application/merge-patch+json"),
    params(("id" = Uuid, Path, description = "The organization")),
    responses((status = 200, description = "The organization is as asked for", body = Receipt), CommandProblems))]
async fn revise(organization: Directed<OrganizationPatch>) -> Result<Answered, Problem> {
    organization
        .change(Ok, |organization: &Aggregate, patch, at| {
            let present = organization.details().ok_or(Refusal::NotFound)?;
            let profile = patch.apply(&present.profile.clone().into())?.into();
            Ok(organization.decide(OrganizationCommand::Revise { profile, at })?)
        })
        .await
}

/// Let somebody work for an organization
#[utoipa::path(post, path = "/v1/organizations/{id}/members", tag = "organizations", request_body = NewMember,
    params(("id" = Uuid, Path, description = "The organization")),
    responses((status = 201, description = "The account belongs to a member", body = Receipt), CommandProblems))]
async fn add_member(organization: Directed<NewMember>) -> Result<Answered, Problem> {
    let meant =
        |member: NewMember, at| Ok(OrganizationCommand::AddMember { member: member.into(), at });
    organization.carry_out(meant, |order, id, command, _| instruct(order, id, 201, command)).await
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
    about_member(&app, &segments, command, |account, body, at| OrganizationCommand::ChangeRole {
        account,
        role: body.role,
        at,
    })
    .await
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
    about_member(&app, &segments, command, |account, _, at| OrganizationCommand::RemoveMember {
        account,
        at,
    })
    .await
}

async fn about_member<T: CommandBody>(
    app: &App,
    Segments(organization, account): &Segments,
    command: Command<T>,
    meant: impl FnOnce(AccountId, T, Timestamp) -> OrganizationCommand,
) -> Result<Answered, Problem> {
    let (id, account) = (organization.id()?, account.id()?);
    let (order, body, at) = app.order(command)?;
    app.carry_out(instruct(order, id, 200, meant(account, body, at))).await
}

/// Agree on what the operator earns by an organization's sales
///
/// For the operator of the installation alone: this needs the right `admin`. It holds for bookings made from then on; an
/// organization with a commission, even one of nothing, is a partner that is owed what the operator collects.
#[utoipa::path(post, path = "/v1/organizations/{id}/commission", tag = "organizations", request_body = NewCommission,
    params(("id" = Uuid, Path, description = "The organization")),
    responses((status = 200, description = "The commission is as asked for", body = Receipt), CommandProblems))]
async fn set_commission(organization: Directed<NewCommission>) -> Result<Answered, Problem> {
    let meant = |body: NewCommission, at| {
        Ok(OrganizationCommand::SetCommission { commission: body.commission(), at })
    };
    organization.carry_out(meant, |order, id, command, _| instruct(order, id, 200, command)).await
}

async fn instruct(
    order: Order,
    id: OrganizationId,
    status: u16,
    command: OrganizationCommand,
) -> Result<Answer, Problem> {
    let decide = |organization: &Aggregate| Ok(organization.decide(command.clone())?);
    order.change(id, status, decide).await
}
