//! Add-ons as they stand: one, with what is left of it, and many.

use axum::{extract::State, response::Response};
use chrono::{DateTime, NaiveDate, Utc};
use daybook_domain::{
    add_on::{AddOn as Aggregate, Status},
    values::{AddOnId, OrganizationId},
};
use daybook_projections::{AddOnFilter, AddOnView, ModelName};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::wire::AddOnContent;
use crate::{
    app::{App, json},
    extract::{self, Reader},
    history::History,
    one::Lookup,
    pages::{self, Asked, Newness, PageOf, Paging, Parameters, Segment, Tagged, missing},
    problem::Problem,
    wire::{self, QueryProblems},
};

/// An add-on as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct AddOn {
    id: Uuid,
    organization_id: Uuid,
    /// `active` or `withdrawn`.
    #[schema(value_type = String, example = "active")]
    status: Status,
    #[serde(flatten)]
    content: AddOnContent,
    created_at: DateTime<Utc>,
    /// The sequence of the last event that changed it, for `If-Match`; what is taken of it does not count.
    sequence: i64,
}

impl From<AddOnView> for AddOn {
    fn from(view: AddOnView) -> Self {
        Self {
            id: view.id.as_uuid(),
            organization_id: view.details.organization.as_uuid(),
            status: view.details.status,
            content: view.details.terms.into(),
            created_at: view.created_at,
            sequence: view.span.sequence,
        }
    }
}

/// Which add-ons are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Only those of this organization.
    organization_id: Option<Uuid>,
    /// Only those that are `active` or `withdrawn`.
    #[param(value_type = Option<String>, example = "active")]
    status: Option<Status>,
}

/// List add-ons in the order in which they were first offered
#[utoipa::path(get, path = "/v1/add-ons", tag = "add-ons", params(Wanted, Paging),
    responses((status = 200, description = "A page of add-ons", body = PageOf<AddOn>), QueryProblems))]
pub(super) async fn list(
    State(app): State<App>,
    _: Reader,
    asked: Asked<Wanted>,
) -> Result<Response, Problem> {
    let page = asked.page(&app, ModelName::AddOns).await?;
    let organization = asked.filter.organization_id.map(OrganizationId::from_uuid);
    let filter = AddOnFilter { organization, status: asked.filter.status };
    let add_ons = app.projections.queries().add_ons(filter, page).await?;
    Ok(pages::answer(add_ons, AddOn::from))
}

/// Look at one add-on
#[utoipa::path(get, path = "/v1/add-ons/{id}", tag = "add-ons",
    params(("id" = Uuid, Path, description = "The add-on"), Newness),
    responses((status = 200, description = "The add-on; its ETag is its sequence", body = AddOn), QueryProblems))]
pub(super) async fn get(add_on: Lookup) -> Result<Response, Problem> {
    let view: AddOnView = add_on.found(unknown).await?;
    Ok(Tagged::new(view.span.sequence, AddOn::from(view)).into())
}

/// On which day an add-on is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct OnDay {
    /// The day, where pieces are counted by day; today, if not said.
    #[serde(default, deserialize_with = "wire::optional_date")]
    day: Option<NaiveDate>,
}

/// How much is left of an add-on.
#[derive(Debug, Serialize, ToSchema)]
pub struct AddOnLeft {
    id: Uuid,
    /// How many pieces can still be had; nothing, if as many as are asked for.
    left: Option<u32>,
}

/// See how much is left of an add-on
///
/// As its own stream says now: what is held counts until its deadline.
#[utoipa::path(get, path = "/v1/add-ons/{id}/left", tag = "add-ons",
    params(("id" = Uuid, Path, description = "The add-on"), OnDay),
    responses((status = 200, description = "How many pieces can still be had", body = AddOnLeft), QueryProblems))]
pub(super) async fn left(
    State(app): State<App>,
    _: Reader,
    id: Segment,
    Parameters(OnDay { day }): Parameters<OnDay>,
) -> Result<Response, Problem> {
    let id = AddOnId::from_uuid(id.id()?);
    let now = extract::now();
    let (add_on, _) = app.log.load::<Aggregate>(&id.to_string()).await?;
    add_on.details().ok_or_else(unknown)?;
    let left = add_on.left(day.unwrap_or(now.date_naive()), now);
    Ok(json(&AddOnLeft { id: id.as_uuid(), left }))
}

/// See all that happened to an add-on
///
/// Its events in the order in which they were written, all that was taken of it included: what, when, and who.
#[utoipa::path(get, path = "/v1/add-ons/{id}/history", tag = "add-ons",
    params(("id" = Uuid, Path, description = "The add-on"), Newness),
    responses((status = 200, description = "The events, oldest first", body = History), QueryProblems))]
pub(super) async fn history(add_on: Lookup) -> Result<Response, Problem> {
    add_on.history::<Aggregate>(ModelName::AddOns, unknown).await
}

fn unknown() -> Problem {
    missing("there is no such add-on", "add_on_not_found")
}
