//! Money asked for, taken and given back: one row per payment.

use std::collections::BTreeSet;

use daybook_domain::{
    payment::{Event as Happened, Method, Payment, Provider, Purpose, Status},
    values::{BookingId, Money, PaymentId, ProviderReference, Reason, Timestamp},
};
use sqlx::{Row, postgres::PgRow};
use uuid::Uuid;

use super::{
    column::{json, minor, unreadable},
    kept::{Each, Kept, Span, kept_in},
};
use crate::{
    ProjectionError,
    engine::{Fact, Poison, Rows},
    name::ModelName,
    queries::{Listed as _, Named, Page, PageRequest, Queries},
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
    /// When it was asked for.
    pub created_at: Timestamp,
    /// All else: its attempts, what was promised, what is on its way back, refunds and disputes.
    pub state: Payment,
    /// Where in the log it is.
    pub span: Span,
}

impl PaymentView {
    /// What the rules say of a payment; nothing of one that was never asked for.
    fn of(id: PaymentId, state: Payment, created_at: Timestamp, span: Span) -> Option<Self> {
        Some(Self {
            id,
            booking: state.booking()?,
            method: state.method()?,
            status: state.status(),
            amount: state.requested()?,
            captured: state.captured()?,
            refunded: state.refunded()?,
            created_at,
            state,
            span,
        })
    }

    /// An amount of the payment's, as it is stored.
    fn minor(&self, of: fn(&Payment) -> Option<Money>) -> i64 {
        minor(of(&self.state).unwrap_or(Money::zero(self.amount.currency())))
    }
}

/// The model.
pub(crate) type Payments = Each<PaymentView>;

impl Named for PaymentView {
    type Id = PaymentId;
}

impl Kept for PaymentView {
    const NAME: ModelName = ModelName::Payments;
    const VERSION: i32 = 3;
    const AGGREGATE: &'static str = "payment";
    const CREATE: &'static str = r#"
CREATE TABLE payments (
    payment_id       uuid        NOT NULL,
    booking_id       uuid        NOT NULL,
    purpose          text        COLLATE "C",
    method           text        COLLATE "C" NOT NULL,
    provider         text        COLLATE "C",
    reference        text        COLLATE "C",
    status           text        COLLATE "C" NOT NULL,
    amount_minor     bigint      NOT NULL,
    authorized_minor bigint      NOT NULL,
    captured_minor   bigint      NOT NULL,
    refunded_minor   bigint      NOT NULL,
    refunding_minor  bigint      NOT NULL,
    lost_minor       bigint      NOT NULL,
    fees_minor       bigint      NOT NULL,
    currency         text        COLLATE "C" NOT NULL,
    attempts         bigint      NOT NULL,
    failure_code     text        COLLATE "C",
    failure          text,
    expires_at       timestamptz,
    has_tasks        boolean     NOT NULL,
    state            jsonb       NOT NULL,
    created_at       timestamptz NOT NULL,
    created_position bigint      NOT NULL,
    sequence         bigint      NOT NULL,
    position         bigint      NOT NULL
)"#;
    const INDEXES: &'static str = "
ALTER TABLE payments ADD PRIMARY KEY (payment_id);
CREATE UNIQUE INDEX payments_by_creation ON payments (created_position);
CREATE INDEX payments_by_booking ON payments (booking_id, created_position);
CREATE INDEX payments_by_reference ON payments (reference) WHERE reference IS NOT NULL;
CREATE INDEX payments_with_tasks ON payments (created_position) WHERE has_tasks";
    kept_in!("payments", "payment_id");
    const COLUMNS: i16 = 25;
    type Happened = Happened;

    fn happened(fact: &Fact) -> Option<(PaymentId, &Happened)> {
        if let Fact::Payment(id, happened) = fact { Some((*id, happened)) } else { None }
    }

    fn begin(id: PaymentId, happened: &Happened, span: Span) -> Option<Self> {
        let Happened::Requested { at, .. } = happened else { return None };
        let mut state = Payment::default();
        state.evolve(happened);
        Self::of(id, state, *at, span)
    }

    /// The rules themselves say how it stands, so that the list says nothing else.
    fn advance(&mut self, happened: &Happened) -> Result<(), Poison> {
        self.state.evolve(happened);
        let state = std::mem::take(&mut self.state);
        *self = Self::of(self.id, state, self.created_at, self.span)
            .ok_or(Poison::beginning_is_missing())?;
        Ok(())
    }

    fn encode(&self, row: &mut Rows) {
        let state = &self.state;
        let failure = state.failure();
        let words = failure.and_then(|failure| failure.reason.as_ref());
        row.uuid(self.booking.as_uuid())
            .maybe_text(state.purpose().map(Purpose::as_str))
            .text(self.method.as_str())
            .maybe_text(state.provider().map(Provider::as_str))
            .maybe_text(state.reference().map(ProviderReference::as_str))
            .text(self.status.as_str())
            .int8(minor(self.amount))
            .int8(self.minor(Payment::authorized))
            .int8(minor(self.captured))
            .int8(minor(self.refunded))
            .int8(self.minor(Payment::reserved))
            .int8(self.minor(Payment::lost))
            .int8(self.minor(Payment::fees))
            .text(self.amount.currency().code())
            .int8(state.attempt().map_or(0, |attempt| attempt.get().into()))
            .maybe_text(failure.map(|failure| failure.code.as_str()))
            .maybe_text(words.map(Reason::as_str))
            .maybe_instant(state.expires_at())
            .boolean(!state.tasks().is_empty())
            .jsonb(state)
            .instant(self.created_at);
    }

    fn decode(id: PaymentId, row: &PgRow, span: Span) -> Result<Self, sqlx::Error> {
        Self::of(id, json(row, "state")?, row.try_get("created_at")?, span)
            .ok_or_else(|| unreadable("state", "the payment was never asked for"))
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
    /// Payments that wait for their provider, in the order they were asked for; but for some.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn payments_with_tasks(
        &self,
        but_for: &[Uuid],
        most: i64,
    ) -> Result<Vec<PaymentId>, ProjectionError> {
        let query = "
SELECT payment_id
  FROM payments
 WHERE has_tasks AND payment_id <> ALL ($1)
 ORDER BY created_position
 LIMIT $2";
        let query = sqlx::query_scalar(query).bind(but_for).bind(most);
        let ids: Vec<Uuid> = query.fetch_all(&self.pool).await?;
        Ok(ids.into_iter().map(PaymentId::from_uuid).collect())
    }

    /// Those of some bookings that are paid through a provider.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn paid_online(
        &self,
        bookings: &BTreeSet<BookingId>,
    ) -> Result<BTreeSet<BookingId>, ProjectionError> {
        let ids: Vec<Uuid> = bookings.iter().map(|id| id.as_uuid()).collect();
        let query = "
SELECT DISTINCT booking_id
  FROM payments
 WHERE booking_id = ANY ($1) AND provider IS NOT NULL";
        let found: Vec<Uuid> = sqlx::query_scalar(query).bind(ids).fetch_all(&self.pool).await?;
        Ok(found.into_iter().map(BookingId::from_uuid).collect())
    }

    /// The payment whose last attempt a provider knows by a name.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn payment_known_as(
        &self,
        provider: &str,
        reference: &str,
    ) -> Result<Option<PaymentId>, ProjectionError> {
        let query = "SELECT payment_id FROM payments WHERE reference = $1 AND provider = $2";
        let query = sqlx::query_scalar(query).bind(reference).bind(provider);
        let id: Option<Uuid> = query.fetch_optional(&self.pool).await?;
        Ok(id.map(PaymentId::from_uuid))
    }

    /// Payments through a provider: those that were asked for, or given back from, in a half-open time, and those with some
    /// ids or under some names of the provider's.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn payments_through(
        &self,
        provider: Provider,
        (from, until): (Timestamp, Timestamp),
        ids: &BTreeSet<PaymentId>,
        references: &BTreeSet<String>,
    ) -> Result<Vec<PaymentView>, ProjectionError> {
        let query = "
SELECT *
  FROM payments
 WHERE provider = $1
   AND ((created_at >= $2 AND created_at < $3)
        OR payment_id = ANY ($4)
        OR reference = ANY ($5)
        OR (refunded_minor > 0 AND EXISTS (
            SELECT FROM jsonb_array_elements(state #> '{account,refunds}') AS refund
             WHERE (refund ->> 'at')::timestamptz >= $2 AND (refund ->> 'at')::timestamptz < $3)))
 ORDER BY created_position";
        let ids: Vec<Uuid> = ids.iter().map(|id| id.as_uuid()).collect();
        let references: Vec<&str> = references.iter().map(String::as_str).collect();
        let query = sqlx::query(query).bind(provider.as_str()).bind(from).bind(until);
        let rows = query.bind(ids).bind(references).fetch_all(&self.pool).await?;
        Ok(rows.iter().map(PaymentView::read).collect::<Result<_, _>>()?)
    }

    /// The payments for one booking, in the order they were asked for.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn payments_of(&self, booking: BookingId) -> Result<Vec<PaymentId>, ProjectionError> {
        let query =
            "SELECT payment_id FROM payments WHERE booking_id = $1 ORDER BY created_position";
        let query = sqlx::query_scalar(query);
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
