//! Questions about who waits.

use daybook_domain::{
    values::{CustomerId, ListingId, WaitingEntryId, WaitingListId},
    waiting_list::Status,
};
use daybook_event_store::Position;
use sqlx::{
    Postgres, Row,
    postgres::{PgArguments, PgRow},
    query::Query,
};

use super::WaitingEntryView;
use crate::{
    ProjectionError,
    models::column::unsigned,
    name::ModelName,
    queries::{Listed, Page, PageRequest, Queries},
};

/// Which entries are asked for; what is not given does not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaitingFilter {
    /// Only this one.
    pub id: Option<WaitingEntryId>,
    /// Only those of this list: of a session, or of a resource.
    pub list: Option<WaitingListId>,
    /// Only those of this listing.
    pub listing: Option<ListingId>,
    /// Only those of this customer.
    pub customer: Option<CustomerId>,
    /// Only those that have come so far.
    pub status: Option<Status>,
}

/// An entry and its place in the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedEntry {
    /// The entry.
    pub entry: WaitingEntryView,
    /// The how-manieth it is of those who wait on its list, if it waits.
    pub place: Option<u64>,
}

const LIST: &str = "
SELECT waiting_entries.*,
       CASE WHEN status = 'waiting' THEN
       (SELECT count(*)
          FROM waiting_entries AS ahead
         WHERE ahead.list_id = waiting_entries.list_id
           AND ahead.status = 'waiting'
           AND (ahead.priority > waiting_entries.priority
                OR (ahead.priority = waiting_entries.priority
                    AND ahead.created_position <= waiting_entries.created_position)))
       END AS place
  FROM waiting_entries
 WHERE ($1::uuid IS NULL OR entry_id = $1)
   AND ($2::uuid IS NULL OR list_id = $2)
   AND ($3::uuid IS NULL OR listing_id = $3)
   AND ($4::uuid IS NULL OR customer_id = $4)
   AND ($5::text IS NULL OR status = $5)
   AND ($6::bigint IS NULL OR created_position > $6)
 ORDER BY created_position
 LIMIT $7";

const LISTS: &str = "
SELECT DISTINCT list_id
  FROM waiting_entries
 WHERE status IN ('waiting', 'offered')
   AND ($1::uuid IS NULL OR list_id > $1)
 ORDER BY list_id
 LIMIT $2";

impl Queries {
    /// Entries in the order they joined.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn waiting_entries(
        &self,
        filter: WaitingFilter,
        page: PageRequest,
    ) -> Result<Page<QueuedEntry>, ProjectionError> {
        self.page(entries(filter), page).await
    }

    /// One entry.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn waiting_entry(
        &self,
        id: WaitingEntryId,
    ) -> Result<Option<QueuedEntry>, ProjectionError> {
        let filter = WaitingFilter { id: Some(id), ..WaitingFilter::default() };
        self.one(entries(filter).bind(None::<i64>).bind(1_i64)).await
    }

    /// Lists on which somebody waits or has an offer, by their ids: those after one, and no more than so many.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn lists_with_entries(
        &self,
        after: Option<WaitingListId>,
        limit: u32,
    ) -> Result<Vec<WaitingListId>, ProjectionError> {
        let query = sqlx::query(LISTS).bind(after.map(WaitingListId::as_uuid));
        let rows = query.bind(i64::from(limit)).fetch_all(&self.pool).await?;
        let list = |row: &PgRow| row.try_get("list_id").map(WaitingListId::from_uuid);
        Ok(rows.iter().map(list).collect::<Result<_, _>>()?)
    }
}

fn entries(filter: WaitingFilter) -> Query<'static, Postgres, PgArguments> {
    sqlx::query(LIST)
        .bind(filter.id.map(WaitingEntryId::as_uuid))
        .bind(filter.list.map(WaitingListId::as_uuid))
        .bind(filter.listing.map(ListingId::as_uuid))
        .bind(filter.customer.map(CustomerId::as_uuid))
        .bind(filter.status.map(Status::as_str))
}

impl Listed for QueuedEntry {
    const MODEL: ModelName = ModelName::WaitingEntries;

    fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        let waits = row.try_get::<Option<i64>, _>("place")?.is_some();
        let place = waits.then(|| unsigned(row, "place")).transpose()?;
        Ok(Self { entry: WaitingEntryView::read(row)?, place })
    }

    fn created_position(&self) -> Position {
        self.entry.span.created
    }
}
