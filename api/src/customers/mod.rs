//! `/v1/customers`: who books, as the staff of an organization know them.

pub mod notes;
pub mod view;
pub mod wire;

use axum::extract::State;
use daybook_domain::{
    customer::{Command as CustomerCommand, Merge, Refusal},
    values::CustomerId,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::wire::{CustomerPatch, MergeCustomer, NewCustomer};
use crate::{
    app::App,
    bus::{self, Answered},
    extract::Command,
    pages::Segment,
    problem::Problem,
    wire::{CommandProblems, Receipt},
};

/// The routes of customers.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(view::list, register))
        .routes(routes!(view::get, revise))
        .routes(routes!(view::history))
        .routes(routes!(view::bookings))
        .routes(routes!(view::duplicates))
        .routes(routes!(merge))
        .routes(routes!(notes::add))
        .routes(routes!(notes::withdraw))
}

/// Register a customer
///
/// Nobody need register a customer to book for one: a booking names any id. With that id, the record is theirs.
#[utoipa::path(post, path = "/v1/customers", tag = "customers", request_body = NewCustomer,
    responses((status = 201, description = "The customer is registered", body = Receipt), CommandProblems))]
async fn register(
    State(app): State<App>,
    command: Command<NewCustomer>,
) -> Result<Answered, Problem> {
    let (order, body, at) = app.order(command)?;
    let (id, organization) = (body.id(), body.organization_id);
    let profile = Box::new(body.content.checked()?.into());
    let command = CustomerCommand::Register { organization, profile, at };
    app.carry_out(async move { bus::register_customer(&order, id, command).await }).await
}

/// Change what is known of a customer
#[utoipa::path(patch, path = "/v1/customers/{id}", tag = "customers",
    request_body(content = CustomerPatch, content_type = "application/merge-patch+json"),
    params(("id" = Uuid, Path, description = "The customer")),
    responses((status = 200, description = "The customer is as asked for", body = Receipt), CommandProblems))]
async fn revise(
    State(app): State<App>,
    id: Segment,
    command: Command<CustomerPatch>,
) -> Result<Answered, Problem> {
    let id = CustomerId::from_uuid(id.id()?);
    let (order, patch, at) = app.order(command)?;
    let work = async move {
        bus::change_customer(&order, id, |customer| {
            let present = customer.details().ok_or(Refusal::NotFound)?;
            let profile = Box::new(patch.apply(&present.profile.clone().into())?.into());
            Ok(customer.decide(CustomerCommand::Revise { profile, at })?)
        })
        .await
    };
    app.carry_out(work).await
}

/// Merge a record into another one of the same customer
///
/// The other one takes over the addresses, telephone numbers, tags and notes that it lacks, and shows the bookings of
/// both. The record that ends keeps its history, can still be looked at, and refuses every further change.
#[utoipa::path(post, path = "/v1/customers/{id}/merge", tag = "customers", request_body = MergeCustomer,
    params(("id" = Uuid, Path, description = "The customer whose record ends")),
    responses((status = 200, description = "The record ended in the other one", body = Receipt), CommandProblems))]
async fn merge(
    State(app): State<App>,
    id: Segment,
    command: Command<MergeCustomer>,
) -> Result<Answered, Problem> {
    let id = CustomerId::from_uuid(id.id()?);
    let (order, body, at) = app.order(command)?;
    let merge = Merge::try_new(id, body.into)
        .map_err(|refusal| Problem::from(refusal).in_field("/into"))?;
    app.carry_out(async move { bus::merge_customers(&order, merge, at).await }).await
}
