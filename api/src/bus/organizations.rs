//! Commands on organizations.

use daybook_domain::{
    organization::{Command, Event, Organization},
    values::OrganizationId,
};
use daybook_event_store::{Answer, Response};

use super::Order;
use crate::problem::Problem;

/// Takes in an organization.
pub(crate) async fn register(
    order: &Order,
    id: OrganizationId,
    command: Command,
) -> Result<Answer, Problem> {
    let response = Response { status: 201, body: body(id) };
    order.execute::<Organization>(&id.to_string(), command, response).await
}

/// Has an organization do something.
pub(crate) async fn instruct(
    order: &Order,
    id: OrganizationId,
    status: u16,
    command: Command,
) -> Result<Answer, Problem> {
    change(order, id, status, |organization| Ok(organization.decide(command.clone())?)).await
}

/// Changes an organization by what is decided on it as it stands.
pub(crate) async fn change(
    order: &Order,
    id: OrganizationId,
    status: u16,
    decide: impl Fn(&Organization) -> Result<Vec<Event>, Problem>,
) -> Result<Answer, Problem> {
    order.change(&id.to_string(), decide, |_| Response { status, body: body(id) }).await
}

fn body(id: OrganizationId) -> String {
    format!(r#"{{"id":"{id}","status":"active"}}"#)
}
