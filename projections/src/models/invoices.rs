//! Invoices and credit notes: one row per document, as it was issued.

use chrono::NaiveDate;
use daybook_domain::{
    invoice::{Document, Event as Happened, Kind},
    values::{BookingId, InvoiceId, OrganizationId},
};
use sqlx::{Row, postgres::PgRow};

use super::{
    column::{json, minor},
    kept::{Each, Kept, Span, kept_in},
};
use crate::{
    ProjectionError,
    engine::{Fact, Poison, Rows},
    name::ModelName,
    queries::{Named, Page, PageRequest, Queries},
};

/// An invoice or a credit note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvoiceView {
    /// What was booked.
    pub booking: BookingId,
    /// The document.
    pub document: Document,
    /// Where in the log it is.
    pub span: Span,
}

/// The model.
pub(crate) type Invoices = Each<InvoiceView>;

impl Named for InvoiceView {
    type Id = InvoiceId;
}

impl Kept for InvoiceView {
    const NAME: ModelName = ModelName::Invoices;
    const VERSION: i32 = 1;
    const AGGREGATE: &'static str = "invoices";
    const CREATE: &'static str = r#"
CREATE TABLE invoices (
    invoice_id       uuid        NOT NULL,
    organization_id  uuid        NOT NULL,
    booking_id       uuid        NOT NULL,
    customer_id      uuid        NOT NULL,
    kind             text        COLLATE "C" NOT NULL,
    number           bigint      NOT NULL,
    name             text        COLLATE "C" NOT NULL,
    issued_on        date        NOT NULL,
    net_minor        bigint      NOT NULL,
    total_minor      bigint      NOT NULL,
    currency         text        COLLATE "C" NOT NULL,
    document         jsonb       NOT NULL,
    issued_at        timestamptz NOT NULL,
    created_position bigint      NOT NULL,
    sequence         bigint      NOT NULL,
    position         bigint      NOT NULL
)"#;
    const INDEXES: &'static str = "
ALTER TABLE invoices ADD PRIMARY KEY (invoice_id);
CREATE UNIQUE INDEX invoices_by_creation ON invoices (created_position);
CREATE UNIQUE INDEX invoices_by_number ON invoices (organization_id, kind, number);
CREATE INDEX invoices_by_booking ON invoices (booking_id, created_position);
CREATE INDEX invoices_by_date ON invoices (organization_id, issued_on)";
    kept_in!("invoices", "invoice_id");
    const COLUMNS: i16 = 16;
    type Happened = (BookingId, Happened);

    fn happened(fact: &Fact) -> Option<(InvoiceId, &(BookingId, Happened))> {
        let Fact::Invoices(told) = fact else { return None };
        let (_, Happened::Issued(document)) = told;
        Some((document.id, told))
    }

    fn begins(_: &(BookingId, Happened)) -> bool {
        true
    }

    fn begin(
        _: InvoiceId,
        (booking, happened): &(BookingId, Happened),
        span: Span,
    ) -> Option<Self> {
        let Happened::Issued(document) = happened;
        Some(Self { booking: *booking, document: (**document).clone(), span })
    }

    fn advance(&mut self, _: &(BookingId, Happened)) -> Result<(), Poison> {
        Ok(()) // a document is never changed
    }

    fn encode(&self, row: &mut Rows) {
        let document = &self.document;
        row.uuid(document.organization.as_uuid())
            .uuid(self.booking.as_uuid())
            .uuid(document.customer.as_uuid())
            .text(document.kind().as_str())
            .int8(i64::try_from(document.name.number.get()).unwrap_or(i64::MAX))
            .text(&document.name.to_string())
            .date(document.issued_on)
            .int8(minor(document.totals.net))
            .int8(minor(document.totals.total))
            .text(document.totals.total.currency().code())
            .jsonb(document)
            .instant(document.at);
    }

    fn decode(_: InvoiceId, row: &PgRow, span: Span) -> Result<Self, sqlx::Error> {
        let booking = BookingId::from_uuid(row.try_get("booking_id")?);
        Ok(Self { booking, document: json(row, "document")?, span })
    }
}

/// Which documents are asked for; what is not given does not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InvoiceFilter {
    /// Only those of this organization.
    pub organization: Option<OrganizationId>,
    /// Only those of this booking.
    pub booking: Option<BookingId>,
    /// Only invoices, or only credit notes.
    pub kind: Option<Kind>,
    /// Only those issued on this day or later.
    pub from: Option<NaiveDate>,
    /// Only those issued before this day.
    pub to: Option<NaiveDate>,
}

const LIST: &str = "
SELECT *
  FROM invoices
 WHERE ($1::uuid IS NULL OR organization_id = $1)
   AND ($2::uuid IS NULL OR booking_id = $2)
   AND ($3::text IS NULL OR kind = $3)
   AND ($4::date IS NULL OR issued_on >= $4)
   AND ($5::date IS NULL OR issued_on < $5)
   AND ($6::bigint IS NULL OR created_position > $6)
 ORDER BY created_position
 LIMIT $7";

impl Queries {
    /// Invoices and credit notes in the order they were issued.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn invoices(
        &self,
        filter: InvoiceFilter,
        page: PageRequest,
    ) -> Result<Page<InvoiceView>, ProjectionError> {
        let query = sqlx::query(LIST)
            .bind(filter.organization.map(OrganizationId::as_uuid))
            .bind(filter.booking.map(BookingId::as_uuid))
            .bind(filter.kind.map(Kind::as_str))
            .bind(filter.from)
            .bind(filter.to);
        self.page(query, page).await
    }
}
