//! `/v1/invoices`: invoices and credit notes, numbered without a gap, as JSON and as PDF.
//!
//! * `manager`: issues what organizations want issued by itself
//! * `view`: how a document is shown

mod manager;
mod view;

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use daybook_documents as documents;
use daybook_domain::{
    invoice::{Buyer, Kind},
    values::{BookingId, OrganizationId, Reason, Timestamp},
};
use daybook_projections::{InvoiceFilter, InvoiceView, ModelName, View as _};
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

pub use view::{
    Invoice, InvoiceBuyer, InvoiceItem, InvoiceReference, InvoiceSeller, InvoiceService,
    InvoiceSupplied, InvoiceTax, InvoiceTaxTotal,
};

use crate::{
    app::App,
    bus::{self, Answered, InvoiceWishes, Order},
    extract::{CommandBody, Reader},
    one::Directed,
    pages::{self, Asked, PageOf, Paging, Parameters, Segment, Tagged, bad_query, missing},
    problem::{Language, Problem},
    wire::{self, CommandProblems, QueryProblems},
};

/// The ending of an address under which a document is a PDF.
const ENDING: &str = ".pdf";
const PDF: &str = "application/pdf";

/// The routes of invoices.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get)).routes(routes!(issue))
}

/// Starts to issue what organizations want issued by itself.
pub fn start(app: &App) -> JoinHandle<()> {
    tokio::spawn(manager::run(Arc::clone(app)))
}

/// Which documents are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct InvoicesWanted {
    /// Only those of this organization.
    organization_id: Option<Uuid>,
    /// Only those of this booking.
    booking_id: Option<Uuid>,
    /// Only `invoice`s, or only `credit_note`s.
    #[param(value_type = Option<String>, example = "invoice")]
    kind: Option<Kind>,
    /// Only those issued on this day or later.
    #[serde(default, deserialize_with = "wire::optional_date")]
    from: Option<NaiveDate>,
    /// Only those issued before this day.
    #[serde(default, deserialize_with = "wire::optional_date")]
    to: Option<NaiveDate>,
}

impl From<InvoicesWanted> for InvoiceFilter {
    fn from(wanted: InvoicesWanted) -> Self {
        Self {
            organization: wanted.organization_id.map(OrganizationId::from_uuid),
            booking: wanted.booking_id.map(BookingId::from_uuid),
            kind: wanted.kind,
            from: wanted.from,
            to: wanted.to,
        }
    }
}

/// How one document is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct InvoiceReading {
    /// The language to read the PDF in, `en` or `ar`, if not the customer's.
    #[param(example = "ar")]
    language: Option<String>,
    /// Waits until the answer includes this position.
    #[param(minimum = 0)]
    min_position: Option<i64>,
}

/// List invoices and credit notes in the order they were issued
#[utoipa::path(get, path = "/v1/invoices", tag = "invoices", params(InvoicesWanted, Paging),
    responses((status = 200, description = "A page of invoices and credit notes", body = PageOf<Invoice>), QueryProblems))]
async fn list(
    State(app): State<App>,
    _: Reader,
    asked: Asked<InvoicesWanted>,
) -> Result<Response, Problem> {
    let page = asked.page(&app, ModelName::Invoices).await?;
    let found = app.projections.queries().invoices(asked.filter.into(), page).await?;
    Ok(pages::answer(found, Invoice::from))
}

/// Look at one invoice or credit note
///
/// As JSON, or as a PDF if the request has `Accept: application/pdf` or the address ends with `.pdf`. The PDF of a document
/// has the same bytes whenever it is asked for.
#[utoipa::path(get, path = "/v1/invoices/{id}", tag = "invoices",
    params(("id" = Uuid, Path, description = "The invoice or credit note; with `.pdf` behind it, as a PDF"), InvoiceReading),
    responses(
        (status = 200, description = "The document", content((Invoice = "application/json"), (InvoicePdf = "application/pdf"))),
        QueryProblems))]
async fn get(
    State(app): State<App>,
    _: Reader,
    Segment(segment): Segment,
    Parameters(reading): Parameters<InvoiceReading>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let stem = segment.strip_suffix(ENDING);
    let is_pdf = stem.is_some() || accepts_pdf(&headers);
    let id = Segment(stem.unwrap_or(&segment).to_owned()).id()?;
    let language = reading.language.as_deref().map(|tag| {
        Language::known(tag).ok_or_else(|| bad_query("invoices are written in `en` and `ar`"))
    });
    let language = language.transpose()?;
    app.wait(ModelName::Invoices, reading.min_position).await?;
    let found = InvoiceView::find(app.projections.queries(), id).await?.ok_or_else(unknown)?;
    if is_pdf {
        return drawn(found, language).await;
    }
    Ok(Tagged::new(found.sequence(), Invoice::from(found)).into())
}

fn accepts_pdf(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains(PDF))
}

/// The document as a PDF, in a language or else in the customer's. Drawing takes as long as a few queries do, so it is
/// done where it keeps nobody waiting.
async fn drawn(found: InvoiceView, language: Option<Language>) -> Result<Response, Problem> {
    let own = Language::known(found.document.language.as_str());
    let language = match language.or(own).unwrap_or_default() {
        Language::English => documents::Language::English,
        Language::Arabic => documents::Language::Arabic,
    };
    let name = format!("inline; filename=\"{}{ENDING}\"", found.document.name);
    let draw = move || documents::pdf(&found.document, found.booking, language);
    let bytes = tokio::task::spawn_blocking(draw).await;
    let bytes = bytes.map_err(|error| Problem::internal(&error))?;
    let bytes = bytes.map_err(|error| Problem::internal(&error))?;
    let name = HeaderValue::try_from(name).map_err(|error| Problem::internal(&error))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(PDF)),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, HeaderValue::from_static("private")),
    ];
    Ok((headers, bytes).into_response())
}

/// A PDF.
#[derive(Debug, ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct InvoicePdf(#[expect(dead_code, reason = "only described")] Vec<u8>);

/// What is to be said on what is issued; all of it may be missing.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "buyer": {"name": "Haddad & Daughters", "address": {"locality": "Amman", "country": "JO"}, "tax_number": "JO-77"},
    "language": "ar"
}))]
pub struct IssueInvoice {
    /// Who buys, unless what the customer's record says; later documents of the booking are for the same buyer.
    #[serde(default)]
    #[schema(value_type = Option<InvoiceBuyer>)]
    buyer: Option<Buyer>,
    /// The language in which the customer reads it, `en` or `ar`, unless that of the record.
    #[serde(default)]
    #[schema(example = "ar")]
    language: Option<String>,
    /// Why it is issued.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 500)]
    reason: Option<Reason>,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

impl CommandBody for IssueInvoice {
    const OPTIONAL: bool = true;

    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl IssueInvoice {
    fn checked(self) -> Result<InvoiceWishes, Problem> {
        let known = |tag: String| {
            let detail = "invoices are written in `en` and `ar`";
            Language::known(&tag).ok_or_else(|| Problem::bad_value("/language", detail))
        };
        let language = self.language.map(known).transpose()?;
        Ok(InvoiceWishes { buyer: self.buyer, language, reason: self.reason })
    }
}

/// The answer to a request for an invoice.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvoicesIssued {
    /// The booking.
    id: Uuid,
    #[schema(example = "invoiced")]
    status: String,
    /// What was issued: a credit note for what is less than was invoiced, an invoice for what is more, or both.
    documents: Vec<IssuedInvoice>,
    /// The position of the command's last event: pass it as `min_position` to read what you wrote.
    position: i64,
}

/// What was issued.
#[derive(Debug, Serialize, ToSchema)]
pub struct IssuedInvoice {
    id: Uuid,
    /// `invoice` or `credit_note`.
    #[schema(example = "invoice")]
    kind: String,
    /// What it is called.
    #[schema(example = "BAY-INV-000042")]
    name: String,
}

/// Issue what is missing of a booking's invoices
///
/// The first time, an invoice over all that the booking costs. Later, a credit note for what is less than was invoiced, or
/// another invoice for what is more, or both; if what was invoiced is what the booking costs, this is refused. The
/// organization must have said in whose name it invoices (`invoicing`). What was issued is never changed.
#[utoipa::path(post, path = "/v1/bookings/{id}/invoices", tag = "invoices", request_body = Option<IssueInvoice>,
    params(("id" = Uuid, Path, description = "The booking")),
    responses((status = 201, description = "What was missing is issued", body = InvoicesIssued), CommandProblems))]
async fn issue(booking: Directed<IssueInvoice>) -> Result<Answered, Problem> {
    let app = Arc::clone(&booking.app);
    let meant = |body: IssueInvoice, _| body.checked();
    let work = |order: Order, id, wishes: InvoiceWishes, at| async move {
        bus::issue_invoice(&app, &order, id, &wishes, at).await
    };
    booking.carry_out(meant, work).await
}

fn unknown() -> Problem {
    missing("there is no such invoice or credit note", "invoice_not_found")
}
