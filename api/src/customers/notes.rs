//! What staff write down about a customer.

use axum::extract::State;
use daybook_domain::{
    customer::{Author, Command as CustomerCommand},
    values::{CustomerId, NoteId, Phrase, PrincipalId, Remark, Timestamp},
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    bus::{self, Answered, NoteStep},
    extract::{Caller, Command, CommandBody},
    one::Directed,
    pages::Segments,
    problem::Problem,
    wire::{CommandProblems, NewId, Occurrence, Receipt, chosen},
};

/// Something to write down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNote {
    /// The id it shall have: a UUID of version 7.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    id: Option<NewId>,
    /// What it says: 1 to 2000 characters.
    #[schema(value_type = String, min_length = 1, max_length = 2000, example = "Prefers the terrace")]
    text: Remark,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

impl CommandBody for NewNote {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

/// Write a note about a customer
///
/// Its author is the API key it is sent with.
#[utoipa::path(post, path = "/v1/customers/{id}/notes", tag = "customers", request_body = NewNote,
    params(("id" = Uuid, Path, description = "The customer")),
    responses((status = 201, description = "The note is written; the id is that of the note", body = Receipt), CommandProblems))]
pub(super) async fn add(customer: Directed<NewNote>) -> Result<Answered, Problem> {
    let author = author(&customer.command.caller)?;
    let meant = |body: NewNote, at| {
        let note = NoteId::from_uuid(chosen(body.id));
        Ok((note, CustomerCommand::AddNote { note, author, text: body.text, at }))
    };
    customer
        .carry_out(meant, |order, id, (note, command), _| async move {
            bus::note_customer(&order, id, (note, NoteStep::Add), command).await
        })
        .await
}

/// Take a note back
///
/// It is shown no longer; the history of the record keeps it.
#[utoipa::path(post, path = "/v1/customers/{id}/notes/{note_id}/withdraw", tag = "customers",
    request_body = Option<Occurrence>,
    params(
        ("id" = Uuid, Path, description = "The customer"),
        ("note_id" = Uuid, Path, description = "The note"),
    ),
    responses((status = 200, description = "The note is withdrawn", body = Receipt), CommandProblems))]
pub(super) async fn withdraw(
    State(app): State<App>,
    Segments(id, note): Segments,
    command: Command<Occurrence>,
) -> Result<Answered, Problem> {
    let (id, note) = (CustomerId::from_uuid(id.id()?), NoteId::from_uuid(note.id()?));
    let (order, _, at) = app.order(command)?;
    let command = CustomerCommand::WithdrawNote { note, at };
    let step = (note, NoteStep::Withdraw);
    app.carry_out(async move { bus::note_customer(&order, id, step, command).await }).await
}

fn author(caller: &Caller) -> Result<Author, Problem> {
    let principal = PrincipalId::from_uuid(caller.principal.id);
    let name =
        Phrase::try_new(&caller.principal.name).map_err(|error| Problem::internal(&error))?;
    Ok(Author { principal, name })
}
