//! Money asked for, taken and given back: one row per payment.

use daybook_domain::{
    payment::{Event as Happened, Method, Status},
    values::{BookingId, Money, PaymentId, Reason, Timestamp},
};
use daybook_event_store::Position;
use sqlx::{PgConnection, Row, postgres::PgRow};
use uuid::Uuid;

use super::column::{minor, money, named, parsed, unreadable};
use crate::{
    ProjectionError,
    engine::{Event, Fact, Model, NoSums, Poison, Rows},
    name::ModelName,
    queries::{Listed, Page, PageRequest, Queries},
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
    /// The position of its first event.
    pub created_position: Position,
    /// The sequence of its last event.
    pub sequence: i64,
    /// The position of its last event.
    pub position: Position,
}

/// The model.
pub(crate) struct Payments;

impl Model for Payments {
    const NAME: ModelName = ModelName::Payments;
    const VERSION: i32 = 1;
    const AGGREGATES: &'static [&'static str] = &["payment"];
    const TABLES: &'static [&'static str] = &["payments"];
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
    const COPY: &'static [&'static str] = &["COPY payments FROM STDIN (FORMAT binary)"];
    type Key = PaymentId;
    type State = PaymentView;
    type Sum = NoSums;

    fn key(fact: &Fact) -> Option<PaymentId> {
        if let Fact::Payment(id, _) = fact { Some(*id) } else { None }
    }

    fn evolve(
        id: &PaymentId,
        state: &mut Option<PaymentView>,
        event: &Event,
    ) -> Result<(), Poison> {
        let Fact::Payment(_, happened) = &event.fact else { return Ok(()) };
        if let Happened::Requested { booking, amount, method, at } = happened {
            *state = Some(PaymentView {
                id: *id,
                booking: *booking,
                method: *method,
                status: Status::Requested,
                amount: *amount,
                captured: Money::zero(amount.currency()),
                refunded: Money::zero(amount.currency()),
                failure: None,
                created_at: *at,
                created_position: event.position,
                sequence: event.sequence,
                position: event.position,
            });
            return Ok(());
        }
        let payment = state.as_mut().ok_or(Poison::beginning_is_missing())?;
        match happened {
            Happened::Requested { .. } => {}
            Happened::Authorized { at: _ } => payment.status = Status::Authorized,
            Happened::Captured { amount, at: _ } => {
                payment.status = Status::Captured;
                payment.captured = *amount;
            }
            Happened::Refunded { amount, reason: _, at: _ } => {
                payment.refunded = payment.refunded.try_add(*amount).map_err(Poison::of)?;
                let all = payment.refunded.minor() >= payment.captured.minor();
                payment.status = if all { Status::Refunded } else { Status::PartiallyRefunded };
            }
            Happened::Voided { at: _ } => payment.status = Status::Voided,
            Happened::Failed { reason, at: _ } => {
                payment.status = Status::Failed;
                payment.failure = Some(reason.clone());
            }
        }
        payment.sequence = event.sequence;
        payment.position = event.position;
        Ok(())
    }

    fn encode(_: &PaymentId, payment: &PaymentView, tables: &mut [Rows]) {
        tables[0]
            .row(13)
            .uuid(payment.id.as_uuid())
            .uuid(payment.booking.as_uuid())
            .text(payment.method.as_str())
            .text(payment.status.as_str())
            .int8(minor(payment.amount))
            .int8(minor(payment.captured))
            .int8(minor(payment.refunded))
            .text(payment.amount.currency().code())
            .maybe_text(payment.failure.as_ref().map(Reason::as_str))
            .instant(payment.created_at)
            .int8(payment.created_position.get())
            .int8(payment.sequence)
            .int8(payment.position.get());
    }

    async fn load(
        connection: &mut PgConnection,
        keys: &[PaymentId],
    ) -> Result<Vec<(PaymentId, PaymentView)>, sqlx::Error> {
        let keys: Vec<Uuid> = keys.iter().map(|id| id.as_uuid()).collect();
        let rows = sqlx::query("SELECT * FROM payments WHERE payment_id = ANY ($1)")
            .bind(keys)
            .fetch_all(connection)
            .await?;
        rows.iter().map(|row| PaymentView::read(row).map(|payment| (payment.id, payment))).collect()
    }

    async fn delete(connection: &mut PgConnection, keys: &[PaymentId]) -> Result<(), sqlx::Error> {
        let keys: Vec<Uuid> = keys.iter().map(|id| id.as_uuid()).collect();
        sqlx::query("DELETE FROM payments WHERE payment_id = ANY ($1)")
            .bind(keys)
            .execute(connection)
            .await?;
        Ok(())
    }
}

impl Listed for PaymentView {
    const MODEL: ModelName = ModelName::Payments;

    fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        let currency = parsed(row, "currency")?;
        let failure: Option<&str> = row.try_get("failure")?;
        let failure = failure.map(Reason::try_new).transpose();
        Ok(Self {
            id: PaymentId::from_uuid(row.try_get("payment_id")?),
            booking: BookingId::from_uuid(row.try_get("booking_id")?),
            method: named(row, "method")?,
            status: named(row, "status")?,
            amount: money(row, "amount_minor", currency)?,
            captured: money(row, "captured_minor", currency)?,
            refunded: money(row, "refunded_minor", currency)?,
            failure: failure.map_err(|error| unreadable("failure", error))?,
            created_at: row.try_get("created_at")?,
            created_position: Position::new(row.try_get("created_position")?),
            sequence: row.try_get("sequence")?,
            position: Position::new(row.try_get("position")?),
        })
    }

    fn created_position(&self) -> Position {
        self.created_position
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
    /// One payment.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn payment(&self, id: PaymentId) -> Result<Option<PaymentView>, ProjectionError> {
        let query = sqlx::query("SELECT * FROM payments WHERE payment_id = $1");
        self.one(query.bind(id.as_uuid())).await
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
