//! Calls to providers that are under way, wait, or were given up, as one table keeps them.

use chrono::{DateTime, TimeDelta, Utc};
use daybook_domain::values::{BookingId, PaymentId};
use serde::{Deserialize, Serialize};
use sqlx::{PgPool, Row, postgres::PgRow};
use utoipa::ToSchema;
use uuid::Uuid;

/// How a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// It may have been made, and nobody has heard what came of it.
    Underway,
    /// It did not work, and is made again.
    Waiting,
    /// The provider is at it, and will say when it is done.
    Accepted,
    /// It is not made again unless somebody says so.
    Failed,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::Underway => "underway",
            Self::Waiting => "waiting",
            Self::Accepted => "accepted",
            Self::Failed => "failed",
        }
    }

    fn of(text: &str) -> Self {
        match text {
            "underway" => Self::Underway,
            "waiting" => Self::Waiting,
            "accepted" => Self::Accepted,
            _ => Self::Failed,
        }
    }
}

/// A call as it is kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Call {
    /// What the provider knows it by.
    pub(super) key: String,
    /// `start`, `resume`, `capture`, `void`, `refund`, `return` (money that belongs to no attempt), or `settle` (a booking
    /// that could not be settled with its payments).
    pub(super) step: String,
    #[schema(value_type = Uuid)]
    pub(super) booking_id: BookingId,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    pub(super) payment_id: Option<PaymentId>,
    /// Of which of the provider's charges, where that is none of an attempt's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reference: Option<String>,
    pub(super) state: State,
    /// For the so-manieth time since somebody saw to it.
    #[serde(skip)]
    pub(super) round: i32,
    /// How often it did not work.
    pub(super) failures: i32,
    /// Why it did not work the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
    /// When it is made again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_at: Option<DateTime<Utc>>,
    /// When it was made first.
    pub(super) begun_at: DateTime<Utc>,
}

/// Which call it is.
#[derive(Clone, Debug)]
pub(super) struct About {
    pub(super) key: String,
    pub(super) step: &'static str,
    pub(super) booking: BookingId,
    pub(super) payment: Option<PaymentId>,
    pub(super) reference: Option<String>,
}

/// The table of calls.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    pool: PgPool,
}

/// Whether a call was made before.
#[derive(Clone, Debug)]
pub(super) enum Begun {
    /// It is made for the first time.
    Now,
    /// It may have been made before.
    Before(Call),
}

impl Calls {
    pub(super) fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// Writes down that a call is about to be made.
    pub(super) async fn begin(&self, about: &About) -> Result<Begun, sqlx::Error> {
        let made = self.insert(about, State::Underway, None).await?;
        if made {
            return Ok(Begun::Now);
        }
        let found = self.find(&about.key).await?;
        Ok(found.map_or(Begun::Now, Begun::Before))
    }

    /// Writes down that something is to be done soon, unless that is written down already.
    pub(super) async fn note(&self, about: &About, error: &str) -> Result<(), sqlx::Error> {
        self.insert(about, State::Waiting, Some(error)).await.map(|_| ())
    }

    async fn insert(
        &self,
        about: &About,
        state: State,
        error: Option<&str>,
    ) -> Result<bool, sqlx::Error> {
        let statement = "
INSERT INTO provider_call (key, step, booking_id, payment_id, reference, state, error, next_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, now())
ON CONFLICT (key) DO NOTHING";
        let done = sqlx::query(statement)
            .bind(&about.key)
            .bind(about.step)
            .bind(about.booking.as_uuid())
            .bind(about.payment.map(PaymentId::as_uuid))
            .bind(&about.reference)
            .bind(state.as_str())
            .bind(error)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    pub(super) async fn find(&self, key: &str) -> Result<Option<Call>, sqlx::Error> {
        let query = sqlx::query("SELECT * FROM provider_call WHERE key = $1").bind(key);
        query.fetch_optional(&self.pool).await?.map(|row| read(&row)).transpose()
    }

    /// What came of it is in the log.
    pub(super) async fn finish(&self, key: &str) -> Result<(), sqlx::Error> {
        let statement = sqlx::query("DELETE FROM provider_call WHERE key = $1");
        statement.bind(key).execute(&self.pool).await.map(|_| ())
    }

    /// It did not work, or not yet.
    pub(super) async fn keep(
        &self,
        key: &str,
        state: State,
        error: Option<&str>,
        pause: Option<TimeDelta>,
    ) -> Result<(), sqlx::Error> {
        let statement = "
UPDATE provider_call
   SET state = $2, error = $3, failures = failures + $4, next_at = $5, updated_at = now()
 WHERE key = $1";
        let failed = i32::from(error.is_some());
        let next_at = pause.map(|pause| Utc::now() + pause);
        let statement = sqlx::query(statement).bind(key).bind(state.as_str()).bind(error);
        statement.bind(failed).bind(next_at).execute(&self.pool).await.map(|_| ())
    }

    /// Payments of which nothing is to be asked at the moment.
    pub(super) async fn resting(&self) -> Result<Vec<Uuid>, sqlx::Error> {
        let query = "
SELECT payment_id
  FROM provider_call
 WHERE payment_id IS NOT NULL
   AND step <> 'return'
   AND (state IN ('failed', 'accepted') OR (state = 'waiting' AND next_at > now()))";
        sqlx::query_scalar(query).fetch_all(&self.pool).await
    }

    /// What is due that no payment tells of itself: money to be returned, bookings to be settled.
    pub(super) async fn due(&self, most: i64) -> Result<Vec<Call>, sqlx::Error> {
        let query = "
SELECT *
  FROM provider_call
 WHERE step IN ('return', 'settle')
   AND (state = 'underway' OR (state = 'waiting' AND next_at <= now()))
 ORDER BY next_at
 LIMIT $1";
        let rows = sqlx::query(query).bind(most).fetch_all(&self.pool).await?;
        rows.iter().map(read).collect()
    }

    /// Forgets the calls for a payment that it no longer needs.
    pub(super) async fn prune(
        &self,
        payment: PaymentId,
        needed: &[String],
    ) -> Result<(), sqlx::Error> {
        let statement = "
DELETE FROM provider_call
 WHERE payment_id = $1 AND step <> 'return' AND key <> ALL ($2)";
        let statement = sqlx::query(statement).bind(payment.as_uuid()).bind(needed);
        statement.execute(&self.pool).await.map(|_| ())
    }

    /// Payments with calls that are kept.
    pub(super) async fn payments(&self) -> Result<Vec<PaymentId>, sqlx::Error> {
        let query = "SELECT DISTINCT payment_id FROM provider_call WHERE payment_id IS NOT NULL";
        let ids: Vec<Uuid> = sqlx::query_scalar(query).fetch_all(&self.pool).await?;
        Ok(ids.into_iter().map(PaymentId::from_uuid).collect())
    }

    /// Calls that are kept, the oldest first.
    pub(super) async fn list(
        &self,
        state: Option<State>,
        payment: Option<Uuid>,
        booking: Option<Uuid>,
        most: i64,
    ) -> Result<Vec<Call>, sqlx::Error> {
        let query = "
SELECT *
  FROM provider_call
 WHERE ($1::text IS NULL OR state = $1)
   AND ($2::uuid IS NULL OR payment_id = $2)
   AND ($3::uuid IS NULL OR booking_id = $3)
 ORDER BY begun_at, key
 LIMIT $4";
        let query = sqlx::query(query).bind(state.map(State::as_str)).bind(payment).bind(booking);
        query.bind(most).fetch_all(&self.pool).await?.iter().map(read).collect()
    }

    /// Lets one that was given up be made again, under a new key.
    pub(super) async fn retry(&self, key: &str) -> Result<Option<Call>, sqlx::Error> {
        let statement = "
UPDATE provider_call
   SET state = 'waiting', failures = 0, round = round + 1, next_at = now(), updated_at = now()
 WHERE key = $1 AND state IN ('failed', 'waiting')
RETURNING *";
        let found = sqlx::query(statement).bind(key).fetch_optional(&self.pool).await?;
        found.map(|row| read(&row)).transpose()
    }

    /// How many were given up.
    pub(super) async fn failed(&self) -> Result<i64, sqlx::Error> {
        let query = "SELECT count(*) FROM provider_call WHERE state = 'failed'";
        sqlx::query_scalar(query).fetch_one(&self.pool).await
    }
}

fn read(row: &PgRow) -> Result<Call, sqlx::Error> {
    let state: String = row.try_get("state")?;
    Ok(Call {
        key: row.try_get("key")?,
        step: row.try_get("step")?,
        booking_id: BookingId::from_uuid(row.try_get("booking_id")?),
        payment_id: row.try_get::<Option<Uuid>, _>("payment_id")?.map(PaymentId::from_uuid),
        reference: row.try_get("reference")?,
        state: State::of(&state),
        round: row.try_get("round")?,
        failures: row.try_get("failures")?,
        error: row.try_get("error")?,
        next_at: row.try_get("next_at")?,
        begun_at: row.try_get("begun_at")?,
    })
}
