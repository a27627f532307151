//! Webhooks as one table keeps them: stored before anything is done about them, and for good.

use chrono::{DateTime, TimeDelta, Utc};
use daybook_domain::payment::Provider;
use daybook_gateways::Notification;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::{PgPool, Row, postgres::PgRow, types::Json};
use utoipa::ToSchema;
use uuid::Uuid;

/// What came of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// Nothing was done about it yet.
    Waiting,
    /// What it tells is in the log.
    Recorded,
    /// What it tells was known.
    NothingNew,
    /// It tells of something that does not concern payments.
    Unknown,
    /// It is about no payment of ours.
    Unmatched,
    /// What it tells cannot be true beside what is known.
    Refused,
    /// The provider sent it, but it cannot be understood.
    Unreadable,
    /// It could not be worked off.
    Failed,
}

impl Outcome {
    /// The outcome as it is written in tables and answers.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Recorded => "recorded",
            Self::NothingNew => "nothing_new",
            Self::Unknown => "unknown",
            Self::Unmatched => "unmatched",
            Self::Refused => "refused",
            Self::Unreadable => "unreadable",
            Self::Failed => "failed",
        }
    }

    fn of(text: &str) -> Self {
        match text {
            "waiting" => Self::Waiting,
            "recorded" => Self::Recorded,
            "nothing_new" => Self::NothingNew,
            "unknown" => Self::Unknown,
            "unmatched" => Self::Unmatched,
            "refused" => Self::Refused,
            "unreadable" => Self::Unreadable,
            _ => Self::Failed,
        }
    }
}

/// A webhook as it is kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Webhook {
    pub(super) id: i64,
    /// `stripe`, `paypal` or `simulated`.
    pub(super) provider: String,
    /// What the provider calls this event.
    pub(super) event_id: String,
    /// What the provider calls this kind of event.
    pub(super) name: String,
    /// When it happened, by the provider's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) happened_at: Option<DateTime<Utc>>,
    pub(super) received_at: DateTime<Utc>,
    /// The payment it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payment_id: Option<Uuid>,
    pub(super) outcome: Outcome,
    /// Why it was refused, failed or could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) detail: Option<String>,
    /// How often it could not be worked off.
    pub(super) failures: i32,
    /// When something came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) settled_at: Option<DateTime<Utc>>,
    /// As it was understood; secrets for clients are left out.
    #[serde(skip)]
    pub(super) told: Option<Notification>,
}

/// The table of webhooks.
#[derive(Clone, Debug)]
pub(super) struct Webhooks {
    pool: PgPool,
}

impl Webhooks {
    pub(super) fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// Stores what a provider told, once.
    pub(super) async fn store(
        &self,
        provider: Provider,
        told: &Notification,
        body: &[u8],
    ) -> Result<bool, sqlx::Error> {
        let statement = "
INSERT INTO webhook (provider, event_id, name, happened_at, body, told, outcome)
VALUES ($1, $2, $3, $4, $5, $6, 'waiting')
ON CONFLICT (provider, event_id) DO NOTHING";
        let done = sqlx::query(statement)
            .bind(provider.as_str())
            .bind(told.id.as_str())
            .bind(&told.name)
            .bind(told.at)
            .bind(body)
            .bind(Json(told))
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Stores what a provider did send, but nobody understands.
    pub(super) async fn store_unreadable(
        &self,
        provider: Provider,
        body: &[u8],
        why: &str,
    ) -> Result<bool, sqlx::Error> {
        let statement = "
INSERT INTO webhook (provider, event_id, name, body, outcome, detail, settled_at)
VALUES ($1, $2, 'unreadable', $3, 'unreadable', $4, now())
ON CONFLICT (provider, event_id) DO NOTHING";
        let name = format!("sha256:{}", hex(&Sha256::digest(body)));
        let statement = sqlx::query(statement).bind(provider.as_str()).bind(name);
        let done = statement.bind(body).bind(why).execute(&self.pool).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Those that something is to be done about, in the order in which they came.
    pub(super) async fn due(&self, most: i64) -> Result<Vec<Webhook>, sqlx::Error> {
        let query = "
SELECT *
  FROM webhook
 WHERE outcome = 'waiting' AND next_at <= now()
 ORDER BY id
 LIMIT $1";
        sqlx::query(query).bind(most).fetch_all(&self.pool).await?.iter().map(read).collect()
    }

    /// Something came of it.
    pub(super) async fn settle(
        &self,
        id: i64,
        payment: Option<Uuid>,
        outcome: Outcome,
        detail: Option<&str>,
    ) -> Result<(), sqlx::Error> {
        let statement = "
UPDATE webhook
   SET outcome = $2, detail = $3, payment_id = coalesce($4, payment_id), settled_at = now()
 WHERE id = $1";
        let statement = sqlx::query(statement).bind(id).bind(outcome.as_str()).bind(detail);
        statement.bind(payment).execute(&self.pool).await.map(|_| ())
    }

    /// It is looked at again after a pause.
    pub(super) async fn postpone(
        &self,
        id: i64,
        why: &str,
        pause: TimeDelta,
    ) -> Result<(), sqlx::Error> {
        let statement = "
UPDATE webhook
   SET failures = failures + 1, detail = $2, next_at = $3
 WHERE id = $1";
        let statement = sqlx::query(statement).bind(id).bind(why).bind(Utc::now() + pause);
        statement.execute(&self.pool).await.map(|_| ())
    }

    /// Those that came before another one, the latest first.
    pub(super) async fn list(
        &self,
        provider: Option<&str>,
        outcome: Option<Outcome>,
        payment: Option<Uuid>,
        before: Option<i64>,
        most: i64,
    ) -> Result<Vec<Webhook>, sqlx::Error> {
        let query = "
SELECT *
  FROM webhook
 WHERE ($1::text IS NULL OR provider = $1)
   AND ($2::text IS NULL OR outcome = $2)
   AND ($3::uuid IS NULL OR payment_id = $3)
   AND ($4::bigint IS NULL OR id < $4)
 ORDER BY id DESC
 LIMIT $5";
        let query = sqlx::query(query).bind(provider).bind(outcome.map(Outcome::as_str));
        let query = query.bind(payment).bind(before).bind(most);
        query.fetch_all(&self.pool).await?.iter().map(read).collect()
    }

    /// One, with its body.
    pub(super) async fn find(&self, id: i64) -> Result<Option<(Webhook, Vec<u8>)>, sqlx::Error> {
        let query = sqlx::query("SELECT * FROM webhook WHERE id = $1").bind(id);
        let Some(row) = query.fetch_optional(&self.pool).await? else { return Ok(None) };
        Ok(Some((read(&row)?, row.try_get("body")?)))
    }

    /// Lets one be worked off again.
    pub(super) async fn retry(&self, id: i64) -> Result<bool, sqlx::Error> {
        let statement = "
UPDATE webhook
   SET outcome = 'waiting', failures = 0, next_at = now(), settled_at = NULL
 WHERE id = $1 AND told IS NOT NULL";
        let done = sqlx::query(statement).bind(id).execute(&self.pool).await?;
        Ok(done.rows_affected() == 1)
    }
}

fn read(row: &PgRow) -> Result<Webhook, sqlx::Error> {
    let outcome: String = row.try_get("outcome")?;
    Ok(Webhook {
        id: row.try_get("id")?,
        provider: row.try_get("provider")?,
        event_id: row.try_get("event_id")?,
        name: row.try_get("name")?,
        happened_at: row.try_get("happened_at")?,
        received_at: row.try_get("received_at")?,
        payment_id: row.try_get("payment_id")?,
        outcome: Outcome::of(&outcome),
        detail: row.try_get("detail")?,
        failures: row.try_get("failures")?,
        settled_at: row.try_get("settled_at")?,
        told: row.try_get::<Option<Json<Notification>>, _>("told")?.map(|Json(told)| told),
    })
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
