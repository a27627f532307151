//! `/v1/bookings/{id}/tickets` and `/v1/scans`: who is let in, by which code, and what gates saw.

pub mod code;
pub mod gates;
pub mod keys;
mod payload;
mod qr;
pub mod scans;
pub mod view;

use axum::{
    extract::{FromRequestParts, State},
    http::{HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use daybook_domain::{
    tickets::Holder,
    values::{BookingId, CustomerId, Email, Phrase, TicketNumber, Timestamp},
};
use daybook_projections::{BookingView, ModelName, View};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use self::{
    code::TicketCode,
    keys::{TicketKeys, TicketSecret},
};

use self::{
    keys::PublicKey,
    view::{Shelf, Ticket, Tickets},
};
use crate::{
    app::{App, json},
    bus::{self, Answered},
    extract::{Command, CommandBody, Reader},
    one::Lookup,
    pages::{Newness, Parameters, Segment, Segments, missing},
    problem::Problem,
    wire::{CommandProblems, QueryProblems},
};

/// The routes of tickets.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(svg))
        .routes(routes!(png))
        .routes(routes!(transfer))
        .routes(routes!(public_keys))
        .routes(routes!(scans::scan))
        .routes(routes!(scans::batch))
        .routes(routes!(gates::list))
        .routes(routes!(gates::attendance))
}

/// List the tickets of a booking
///
/// One for each person it lets in to a session, with its code and what its QR code says. Void ones stay listed.
#[utoipa::path(get, path = "/v1/bookings/{id}/tickets", tag = "tickets",
    params(("id" = Uuid, Path, description = "The booking"), Newness),
    responses((status = 200, description = "Its tickets by their numbers; none before it is confirmed", body = Tickets), QueryProblems))]
async fn list(of: Lookup) -> Result<Response, Problem> {
    let models = [ModelName::Bookings, ModelName::Tickets, ModelName::Sessions];
    let (booking, app) = (of.id(&models).await?, &of.app);
    let found = app.projections.queries().tickets(booking, None).await?;
    if found.is_empty() && BookingView::find(app.projections.queries(), booking).await?.is_none() {
        return Err(missing("there is no such booking", "booking_not_found"));
    }
    let mut shelf = Shelf::of(app);
    let mut items = Vec::with_capacity(found.len());
    for ticket in found {
        items.push(shelf.show(booking, ticket).await?);
    }
    Ok(json(&Tickets { items }))
}

/// Look at one ticket
///
/// With its code, what its QR code says, and every time it was scanned, in the order in which that counts.
#[utoipa::path(get, path = "/v1/bookings/{id}/tickets/{number}", tag = "tickets",
    params(("id" = Uuid, Path, description = "The booking"), ("number" = u32, Path, description = "The number of the ticket"),
        Newness),
    responses((status = 200, description = "The ticket", body = Ticket), QueryProblems))]
async fn get(One(ticket): One) -> Response {
    json(&ticket)
}

/// Get a ticket's QR code as an SVG
#[utoipa::path(get, path = "/v1/bookings/{id}/tickets/{number}/qr.svg", tag = "tickets",
    params(("id" = Uuid, Path, description = "The booking"), ("number" = u32, Path, description = "The number of the ticket"),
        Newness),
    responses((status = 200, description = "The picture", body = Picture, content_type = "image/svg+xml"), QueryProblems))]
async fn svg(ticket: One) -> Result<Response, Problem> {
    let picture = qr::svg(&ticket.payload()?);
    let picture = picture.map_err(|error| Problem::internal(&error))?;
    Ok(image("image/svg+xml", Picture(picture.into_bytes())))
}

/// Get a ticket's QR code as a PNG
#[utoipa::path(get, path = "/v1/bookings/{id}/tickets/{number}/qr.png", tag = "tickets",
    params(("id" = Uuid, Path, description = "The booking"), ("number" = u32, Path, description = "The number of the ticket"),
        Newness),
    responses((status = 200, description = "The picture", body = Picture, content_type = "image/png"), QueryProblems))]
async fn png(ticket: One) -> Result<Response, Problem> {
    let picture = qr::png(&ticket.payload()?);
    let picture = picture.map_err(|error| Problem::internal(&error))?;
    Ok(image("image/png", Picture(picture)))
}

/// The ticket that a question is about.
struct One(Ticket);

impl FromRequestParts<App> for One {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Reader::from_request_parts(parts, app).await?;
        let Segments(booking, number) = Segments::from_request_parts(parts, app).await?;
        let Parameters(newness) = Parameters::<Newness>::from_request_parts(parts, app).await?;
        let (booking, number) = (booking.id()?, number_of(&number)?);
        for model in [ModelName::Tickets, ModelName::Sessions] {
            app.wait(model, newness.min_position).await?;
        }
        let found = app.projections.queries().tickets(booking, Some(number)).await?;
        let ticket = found.into_iter().next().ok_or_else(no_ticket)?;
        Shelf::of(app).show(booking, ticket).await.map(Self)
    }
}

impl One {
    /// What its QR code says, as long as it admits anybody.
    fn payload(self) -> Result<String, Problem> {
        self.0.payload.ok_or_else(|| missing("the ticket is void", "ticket_void"))
    }
}

fn number_of(segment: &Segment) -> Result<TicketNumber, Problem> {
    let number = segment.0.parse().ok().and_then(|number| TicketNumber::try_new(number).ok());
    number.ok_or_else(no_ticket)
}

fn no_ticket() -> Problem {
    missing("there is no such ticket", "ticket_not_found")
}

/// A QR code.
#[derive(Debug, ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct Picture(Vec<u8>);

/// A picture that nobody keeps: its ticket may be issued anew.
fn image(media_type: &'static str, Picture(bytes): Picture) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    (headers, bytes).into_response()
}

/// Who gets a ticket.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHolder {
    /// Their name.
    #[schema(value_type = String, max_length = 200, example = "Amal Haddad")]
    name: Phrase,
    /// Where to write to them.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "amal@example.com")]
    email: Option<Email>,
    /// Which customer that is, if one is known.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    customer_id: Option<CustomerId>,
}

/// A ticket to be given to somebody else.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferTicket {
    /// Who gets it.
    to: NewHolder,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

impl CommandBody for TransferTicket {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

/// The answer to a transfer.
#[derive(Debug, Serialize, ToSchema)]
pub struct TransferReceipt {
    /// The booking.
    id: uuid::Uuid,
    #[schema(example = "transferred")]
    status: String,
    /// The number of the ticket.
    number: u32,
    /// How often the ticket was issued by now.
    generation: u32,
    /// The position of the command's last event: pass it as `min_position` to read what you wrote.
    position: i64,
}

/// Let somebody else have a ticket
///
/// Before its session begins, and before anybody came in with it. The ticket gets another code; the one before admits
/// nobody any more.
#[utoipa::path(post, path = "/v1/bookings/{id}/tickets/{number}/transfer", tag = "tickets", request_body = TransferTicket,
    params(("id" = Uuid, Path, description = "The booking"), ("number" = u32, Path, description = "The number of the ticket")),
    responses((status = 200, description = "Somebody else has the ticket", body = TransferReceipt), CommandProblems))]
async fn transfer(
    State(app): State<App>,
    Segments(booking, number): Segments,
    command: Command<TransferTicket>,
) -> Result<Answered, Problem> {
    let booking = BookingId::from_uuid(booking.id()?);
    let number = number_of(&number)?;
    let (order, body, at) = app.order(command)?;
    let NewHolder { name, email, customer_id } = body.to;
    let to = Holder { name, email, customer_id };
    app.carry_out(async move { bus::transfer_ticket(&order, booking, number, &to, at).await }).await
}

/// Public keys as RFC 7517 has them.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicKeys {
    /// The one that signs now first.
    keys: Vec<PublicKey>,
}

/// Get the keys that tickets are verified with
///
/// What a QR code says is `DBT1.<claims>.<signature>`. The claims are JSON in base64url: the key `k`, the booking `b`, the
/// number `n` and the generation `g` of the ticket, the session `s`, the offer `o`, and from when `f` until when `u` it
/// admits somebody, in seconds since 1970. The signature is Ed25519 over all before the second dot, in base64url. So a gate
/// can verify a ticket without asking anybody.
#[utoipa::path(get, path = "/v1/tickets/keys", tag = "tickets",
    responses((status = 200, description = "The keys, as a JWK set", body = PublicKeys), QueryProblems))]
async fn public_keys(State(app): State<App>, _: Reader) -> Response {
    json(&PublicKeys { keys: app.ticket_keys.public() })
}
