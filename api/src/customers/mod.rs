//! `/v1/customers`: who books, as the staff of an organization know them.

pub mod notes;
pub mod view;
pub mod wire;

use axum::extract::State;
use daybook_domain::customer::{Command as CustomerCommand, Customer as Aggregate, Merge, Refusal};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::wire::{CustomerPatch, MergeCustomer, NewCustomer};
use crate::{
    app::App,
    bus::{self, ACTIVE, Answered},
    extract::Command,
    one::Directed,
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
    let work = async move { order.make::<Aggregate>(id, command, ACTIVE).await };
    app.carry_out(work).await
}

/// Change what is known of a customer
#[utoipa::path(patch, path = "/v1/customers/{id}", tag = "customers",
    request_body(content = CustomerPatch, content_type = "application/merge-patch+json"),
    params(("id" = Uuid, Path, description = "The customer")),
    responses((status = 200, description = "The customer is as asked for", body = Receipt), CommandProblems))]
async fn revise(customer: Directed<CustomerPatch>) -> Result<Answered, Problem> {
    customer
        .change(Ok, |customer: &Aggregate, patch, at| {
            let present = customer.details().ok_or(Refusal::NotFound)?;
            let profile = Box::new(patch.apply(&present.profile.clone().into())?.into());
            Ok(customer.decide(CustomerCommand::Revise { profile, at })?)
        })
        .await
}

/// Merge a record into another one of the same customer
///
/// The other one takes over the addresses, telephone numbers, tags and notes that it lacks, and shows the bookings of
/// both. The record that ends keeps its history, can still be looked at, and refuses every further change.
#[utoipa::path(post, path = "/v1/customers/{id}/merge", tag = "customers", request_body = MergeCustomer,
    params(("id" = Uuid, Path, description = "The customer whose record ends")),
    responses((status = 200, description = "The record ended in the other one", body = Receipt), CommandProblems))]
async fn merge(customer: Directed<MergeCustomer>) -> Result<Answered, Problem> {
    customer
        .carry_out(
            |body, _| Ok(body.into),
            |order, id, into, at| async move {
                let merge = Merge::try_new(id, into)
                    .map_err(|refusal| Problem::from(refusal).in_field("/into"))?;
                bus::merge_customers(&order, merge, at).await
            },
        )
        .await
}
