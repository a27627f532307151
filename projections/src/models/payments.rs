//! Money asked for, taken and given back: one row per payment.

use daybook_domain::{
    payment::{Event as Happened, Method, Status},
    values::{BookingId, Money, PaymentId, Reason, Timestamp},
};
use sqlx::{Row, postgres::PgRow};
use uuid::Uuid;

use super::{
    column::{minor, money, named, parsed, unreadable},
    kept::{Each, Kept, Span, kept_in},
};
use crate::{
    ProjectionError,
    engine::{Fact, Poison, Rows},
    name::ModelName,
    queries::{Named, Page, PageRequest, Queries},
};

/// A payment as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentView {
    /// Which payment.
    pub id: PaymentId,
    /// What is paid for.
    pub booking: BookingId,
    /// How it is paid.
    pub method: Method,
    /// How far it has come.
    pub status: Status,
    /// How much was asked for.
    pub amount: Money,
    /// How much was taken.
    pub captured: Money,
    /// How much was given back.
    pub refunded: Money,
    /// Why it failed, if it did.
    pub failure: Option<Reason>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Where in the log it is.
    pub span: Span,
}

/// The model.
pub(crate) type Payments = Each<PaymentView>;

impl Named for PaymentView {
    type Id = PaymentId;
}

impl Kept for PaymentView {
    const NAME: ModelName = ModelName::Payments;
    const VERSION: i32 = 1;
    const AGGREGATE: &'static str = "payment";
    const CREATE: &'static str = r#"
CREATE TABLE payments (
    payment_id       uuid        NOT NULL,
    booking_id       uuid        NOT NULL,
    method           text        COLLATE "C" NOT NULL,
    status           text        COLLATE "C" NOT NULL,
    amount_minor     bigint      NOT NULL,
    captured_minor   bigint      NOT NULL,
    refunded_minor   bigint      NOT NULL,
    currency         text        COLLATE "C" NOT NULL,
    failure          text,
    created_at       timestamptz NOT NULL,
    created_position bigint      NOT NULL,
    sequence         bigint      NOT NULL,
    position         bigint      NOT NULL
)"#;
    const INDEXES: &'static str = "
ALTER TABLE payments ADD PRIMARY KEY (payment_id);
CREATE UNIQUE INDEX payments_by_creation ON payments (created_position);
CREATE INDEX payments_by_booking ON payments (booking_id, created_position)";
    kept_in!("payments", "payment_id");
    const COLUMNS: i16 = 13;
    type Happened = Happened;

    fn happened(fact: &Fact) -> Option<(PaymentId, &Happened)> {
        if let Fact::Payment(id, happened) = fact { Some((*id, happened)) } else { None }
    }

    fn begin(id: PaymentId, happened: &Happened, span: Span) -> Option<Self> {
        let Happened::Requested { booking, amount, method, at } = happened else { return None };
        Some(Self {
            id,
            booking: *booking,
            method: *method,
            status: Status::Requested,
            amount: *amount,
            captured: Money::zero(amount.currency()),
            refunded: Money::zero(amount.currency()),
            failure: None,
            created_at: *at,
            span,
        })
    }

    fn advance(&mut self, happened: &Happened) -> Result<(), Poison> {
        match happened {
            Happened::Requested { .. } => {}
            Happened::Authorized { at: _ } => self.status = Status::Authorized,
            Happened::Captured { amount, at: _ } => {
                self.status = Status::Captured;
                self.captured = *amount;
            }
            Happened::Refunded { amount, reason: _, at: _ } => {
                self.refunded = self.refunded.try_add(*amount).map_err(Poison::of)?;
                let all = self.refunded.minor() >= self.captured.minor();
                self.status = if all { Status::Refunded } else { Status::PartiallyRefunded };
            }
            Happened::Voided { at: _ } => self.status = Status::Voided,
            Happened::Failed { reason, at: _ } => {
                self.status = Status::Failed;
                self.failure = Some(reason.clone());
            }
        }
        Ok(())
    }

    fn encode(&self, row: &mut Rows) {
        row.uuid(self.booking.as_uuid())
            .text(self.method.as_str())
            .text(self.status.as_str())
            .int8(minor(self.amount))
            .int8(minor(self.captured))
            .int8(minor(self.refunded))
            .text(self.amount.currency().code())
            .maybe_text(self.failure.as_ref().map(Reason::as_str))
            .instant(self.created_at);
    }

    fn decode(id: PaymentId, row: &PgRow, span: Span) -> Result<Self, sqlx::Error> {
        let currency = parsed(row, "currency")?;
        let failure: Option<&str> = row.try_get("failure")?;
        let failure = failure.map(Reason::try_new).transpose();
        Ok(Self {
            id,
            booking: BookingId::from_uuid(row.try_get("booking_id")?),
            method: named(row, "method")?,
            status: named(row, "status")?,
            amount: money(row, "amount_minor", currency)?,
            captured: money(row, "captured_minor", currency)?,
            refunded: money(row, "refunded_minor", currency)?,
            failure: failure.map_err(|error| unreadable("failure", error))?,
            created_at: row.try_get("created_at")?,
            span,
        })
    }
}

const LIST: &str = "
SELECT *
  FROM payments
 WHERE ($1::uuid IS NULL OR booking_id = $1)
   AND ($2::bigint IS NULL OR created_position > $2)
 ORDER BY created_position
 LIMIT $3";

impl Queries {
    /// The payments for one booking.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn payments_of(&self, booking: BookingId) -> Result<Vec<PaymentId>, ProjectionError> {
        let query = sqlx::query_scalar("SELECT payment_id FROM payments WHERE booking_id = $1");
        let ids: Vec<Uuid> = query.bind(booking.as_uuid()).fetch_all(&self.pool).await?;
        Ok(ids.into_iter().map(PaymentId::from_uuid).collect())
    }

    /// Payments in the order they were asked for, for one booking or for all.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn payments(
        &self,
        booking: Option<BookingId>,
        page: PageRequest,
    ) -> Result<Page<PaymentView>, ProjectionError> {
        self.page(sqlx::query(LIST).bind(booking.map(BookingId::as_uuid)), page).await
    }
}
