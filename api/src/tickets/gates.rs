//! `/v1/sessions/{id}/check-in-list` and `/v1/sessions/{id}/attendance`: what gates have to know, and what they saw.

use axum::{extract::State, response::Response};
use daybook_domain::values::{Code, Phrase, Seat, SessionId};
use daybook_event_store::Position;
use daybook_projections::{GateListWanted, GateTicket, ModelName, SessionView};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    app::{App, json},
    extract::{self, Reader},
    pages::{Newness, Parameters, Segment, bad_query, missing},
    problem::Problem,
    wire::QueryProblems,
};

/// What a gate asks for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CheckInListWanted {
    /// Only the tickets that this gate is for.
    #[param(value_type = Option<String>, example = "north")]
    gate: Option<Code>,
    /// Only the tickets of which something happened after this position: the `updated_after` of the list before.
    #[param(minimum = 0)]
    updated_after: Option<i64>,
    /// How many tickets at the least, if there are so many: 1 to 10000, 1000 unless said otherwise.
    #[param(minimum = 1, maximum = 10_000)]
    limit: Option<u32>,
    /// Waits until the answer includes this position.
    #[param(minimum = 0)]
    min_position: Option<i64>,
}

/// Tickets for a gate to keep, those first that changed first.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckInList {
    items: Vec<CheckInTicket>,
    /// Whether there are more: ask again with `updated_after`.
    more: bool,
    /// What to ask for next, now or later, to hear only of what changed since.
    updated_after: i64,
}

/// A ticket as a gate keeps it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckInTicket {
    booking_id: Uuid,
    number: u32,
    /// How often it was issued: payloads of other generations admit nobody.
    generation: u32,
    #[schema(value_type = String, example = "stalls")]
    offer: Code,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "stalls/A-12")]
    seat: Option<Seat>,
    /// Who holds it, if that is not who booked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    holder: Option<Phrase>,
    /// `valid`, `void`, or `superseded` if it is for another session by now.
    #[schema(example = "valid")]
    status: String,
    /// `expected`, `inside` or `left`.
    #[schema(example = "expected")]
    standing: String,
    /// The SHA-256 digest of its code, in capitals and without hyphens.
    code_hash: String,
}

impl From<GateTicket> for CheckInTicket {
    fn from(ticket: GateTicket) -> Self {
        Self {
            booking_id: ticket.id.booking.as_uuid(),
            number: ticket.id.number.get(),
            generation: ticket.id.generation.get(),
            offer: ticket.offer,
            seat: ticket.seat,
            holder: ticket.holder,
            status: ticket.status,
            standing: ticket.standing,
            code_hash: ticket.code_hash.to_string(),
        }
    }
}

/// Get the tickets that a gate has to know
///
/// To be kept at the gate for when it can ask nobody, and brought up to date by asking for what changed since.
#[utoipa::path(get, path = "/v1/sessions/{id}/check-in-list", tag = "tickets",
    params(("id" = Uuid, Path, description = "The session"), CheckInListWanted),
    responses((status = 200, description = "The tickets, those first that changed first", body = CheckInList), QueryProblems))]
pub(super) async fn list(
    State(app): State<App>,
    _: Reader,
    id: Segment,
    Parameters(wanted): Parameters<CheckInListWanted>,
) -> Result<Response, Problem> {
    let CheckInListWanted { gate, updated_after, limit, min_position } = wanted;
    let limit = limit.unwrap_or(1000);
    if !(1..=10_000).contains(&limit) {
        return Err(bad_query("`limit` is a number from 1 to 10000"));
    }
    let after = updated_after.unwrap_or_default();
    if after < 0 {
        return Err(bad_query("`updated_after` is a position: 0 or more"));
    }
    let session = found(&app, &id, min_position).await?;
    let wanted = GateListWanted {
        session: session.id,
        offers: gate.map(|gate| offers_at(&session, &gate)).transpose()?,
        after: Position::new(after),
        limit,
    };
    let found = app.projections.queries().gate_list(&wanted).await?;
    let more = found.tickets.len() >= limit as usize;
    let last = found.tickets.last().map(|ticket| ticket.position.get());
    Ok(json(&CheckInList {
        updated_after: last.unwrap_or(after),
        more,
        items: found.tickets.into_iter().map(CheckInTicket::from).collect(),
    }))
}

/// The offers that a gate is for.
fn offers_at(session: &SessionView, gate: &Code) -> Result<Vec<Code>, Problem> {
    let details = session.session.details();
    if !details.admission.gates.is_empty() && !details.admission.gates.contains_key(gate) {
        return Err(bad_query(format!("the session has no gate `{gate}`")));
    }
    let offers = details.offers.iter().map(|offer| &offer.code);
    Ok(offers.filter(|offer| details.admission.allows(gate, offer)).cloned().collect())
}

/// Who came to a session, counted.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionAttendance {
    /// Tickets that admit somebody, whether or not somebody came in with them.
    expected: i64,
    /// Tickets with which somebody is inside.
    inside: i64,
    /// Tickets with which somebody was inside and left.
    left: i64,
    /// Scans that were refused.
    refused: i64,
    /// Times somebody came in with a ticket that had let somebody in.
    duplicates: i64,
    /// Times somebody left whom no gate had let in.
    unmatched: i64,
    /// Every event up to this position is counted.
    position: i64,
}

/// Count who came to a session
#[utoipa::path(get, path = "/v1/sessions/{id}/attendance", tag = "tickets",
    params(("id" = Uuid, Path, description = "The session"), Newness),
    responses((status = 200, description = "The counts", body = SessionAttendance), QueryProblems))]
pub(super) async fn attendance(
    State(app): State<App>,
    _: Reader,
    id: Segment,
    Parameters(newness): Parameters<Newness>,
) -> Result<Response, Problem> {
    let session = found(&app, &id, newness.min_position).await?;
    let counts = app.projections.queries().attendance(session.id).await?;
    Ok(json(&SessionAttendance {
        expected: counts.valid,
        inside: counts.inside,
        left: counts.left,
        refused: counts.refused,
        duplicates: counts.duplicates,
        unmatched: counts.unmatched,
        position: counts.position.get(),
    }))
}

async fn found(app: &App, id: &Segment, min_position: Option<i64>) -> Result<SessionView, Problem> {
    let id = SessionId::from_uuid(id.id()?);
    for model in [ModelName::Sessions, ModelName::Tickets] {
        app.wait(model, min_position).await?;
    }
    let found = app.projections.queries().session(id, extract::now()).await?;
    found.ok_or_else(|| missing("there is no such session", "session_not_found"))
}
