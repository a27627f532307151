//! What comparisons with providers came to, as one table keeps it.

use chrono::{DateTime, TimeDelta, Utc};
use daybook_domain::payment::Provider;
use daybook_gateways::Period;
use serde::{Deserialize, Serialize};
use sqlx::{PgPool, Row, postgres::PgRow, types::Json};
use utoipa::ToSchema;

use super::difference::Difference;

/// How far a comparison is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// The provider is being asked.
    Running,
    /// It is done.
    Done,
    /// It came to nothing.
    Failed,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    fn of(text: &str) -> Self {
        match text {
            "running" => Self::Running,
            "done" => Self::Done,
            _ => Self::Failed,
        }
    }
}

/// A comparison of payments with the books of their provider.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Reconciliation {
    pub(super) id: i64,
    /// `stripe`, `paypal` or `simulated`.
    pub(super) provider: String,
    /// The first instant that was asked for.
    pub(super) from: DateTime<Utc>,
    /// The first that was not.
    pub(super) until: DateTime<Utc>,
    /// Whether what the provider is entitled to tell was to be recorded.
    pub(super) record: bool,
    /// Whether it was made by itself.
    pub(super) scheduled: bool,
    pub(super) state: State,
    pub(super) begun_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ended_at: Option<DateTime<Utc>>,
    /// How many charges the books have in the period.
    pub(super) charges: i32,
    /// How many refunds the books have in the period.
    pub(super) refunds: i32,
    /// How many payments they were compared with.
    pub(super) payments: i32,
    /// How many differences are left to people.
    pub(super) open: i32,
    /// How many were recorded.
    pub(super) recorded: i32,
    /// Why it came to nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

/// What a comparison came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Report {
    pub(super) charges: usize,
    pub(super) refunds: usize,
    pub(super) payments: usize,
    pub(super) differences: Vec<Difference>,
}

impl Report {
    /// How many differences are left to people.
    pub(super) fn open(&self) -> usize {
        self.differences.iter().filter(|difference| !difference.recorded).count()
    }
}

/// The table of comparisons.
#[derive(Clone, Debug)]
pub(in crate::checkout) struct Reports {
    pool: PgPool,
}

impl Reports {
    pub(in crate::checkout) fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// Writes down that one is begun.
    pub(super) async fn begin(
        &self,
        provider: Provider,
        period: Period,
        record: bool,
        scheduled: bool,
    ) -> Result<Reconciliation, sqlx::Error> {
        let statement = "
INSERT INTO reconciliation (provider, from_at, until_at, recording, scheduled, state)
VALUES ($1, $2, $3, $4, $5, 'running')
RETURNING *";
        let statement = sqlx::query(statement).bind(provider.as_str()).bind(period.from());
        let statement = statement.bind(period.until()).bind(record).bind(scheduled);
        read(&statement.fetch_one(&self.pool).await?)
    }

    /// Writes down what it came to.
    pub(super) async fn finish(
        &self,
        id: i64,
        outcome: Result<&Report, String>,
    ) -> Result<(), sqlx::Error> {
        let statement = "
UPDATE reconciliation
   SET state = $2, charges = $3, refunds = $4, payments = $5, open = $6, recorded = $7, differences = $8, error = $9,
       ended_at = now()
 WHERE id = $1";
        let nothing = Report::default();
        let (state, report, error) = match outcome {
            Ok(report) => (State::Done, report, None),
            Err(error) => (State::Failed, &nothing, Some(error)),
        };
        let open = report.open();
        let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
        let statement = sqlx::query(statement).bind(id).bind(state.as_str());
        let statement = statement.bind(count(report.charges)).bind(count(report.refunds));
        let statement = statement.bind(count(report.payments)).bind(count(open));
        let statement = statement.bind(count(report.differences.len() - open));
        let statement = statement.bind(Json(&report.differences)).bind(error);
        statement.execute(&self.pool).await.map(|_| ())
    }

    /// Those under way ended with the process that made them.
    pub(super) async fn break_off(&self) -> Result<(), sqlx::Error> {
        let statement = "
UPDATE reconciliation
   SET state = 'failed', error = 'the server ended meanwhile', ended_at = now()
 WHERE state = 'running'";
        sqlx::query(statement).execute(&self.pool).await.map(|_| ())
    }

    /// Whether one is to be made by itself: the last that was done is too old, and none was tried just now.
    pub(super) async fn is_due(
        &self,
        provider: Provider,
        every: TimeDelta,
        pause: TimeDelta,
    ) -> Result<bool, sqlx::Error> {
        let query = "
SELECT NOT EXISTS (
    SELECT FROM reconciliation
     WHERE provider = $1 AND scheduled
       AND begun_at > CASE state WHEN 'done' THEN $2 ELSE $3 END
)";
        let now = Utc::now();
        let query = sqlx::query_scalar(query).bind(provider.as_str());
        query.bind(now - every).bind(now - pause).fetch_one(&self.pool).await
    }

    /// Those before another one, the latest first.
    pub(super) async fn list(
        &self,
        provider: Option<&str>,
        before: Option<i64>,
        most: i64,
    ) -> Result<Vec<Reconciliation>, sqlx::Error> {
        let query = "
SELECT *
  FROM reconciliation
 WHERE ($1::text IS NULL OR provider = $1)
   AND ($2::bigint IS NULL OR id < $2)
 ORDER BY id DESC
 LIMIT $3";
        let query = sqlx::query(query).bind(provider).bind(before).bind(most);
        query.fetch_all(&self.pool).await?.iter().map(read).collect()
    }

    /// One, with all that differs.
    pub(super) async fn find(
        &self,
        id: i64,
    ) -> Result<Option<(Reconciliation, Vec<Difference>)>, sqlx::Error> {
        let query = sqlx::query("SELECT * FROM reconciliation WHERE id = $1").bind(id);
        let Some(row) = query.fetch_optional(&self.pool).await? else { return Ok(None) };
        let Json(differences) = row.try_get("differences")?;
        Ok(Some((read(&row)?, differences)))
    }
}

fn read(row: &PgRow) -> Result<Reconciliation, sqlx::Error> {
    let state: String = row.try_get("state")?;
    Ok(Reconciliation {
        id: row.try_get("id")?,
        provider: row.try_get("provider")?,
        from: row.try_get("from_at")?,
        until: row.try_get("until_at")?,
        record: row.try_get("recording")?,
        scheduled: row.try_get("scheduled")?,
        state: State::of(&state),
        begun_at: row.try_get("begun_at")?,
        ended_at: row.try_get("ended_at")?,
        charges: row.try_get("charges")?,
        refunds: row.try_get("refunds")?,
        payments: row.try_get("payments")?,
        open: row.try_get("open")?,
        recorded: row.try_get("recorded")?,
        error: row.try_get("error")?,
    })
}
