//! Questions about series.

use daybook_domain::{
    series::SeriesPlan,
    values::{CustomerId, ListingId, SeriesId, Timestamp},
};
use daybook_event_store::Position;
use sqlx::{Row, postgres::PgRow};

use super::SeriesView;
use crate::{
    ProjectionError,
    models::{
        column::{json, unsigned},
        kept::Span,
    },
    name::ModelName,
    queries::{Listed, Page, PageRequest, Queries},
};

/// Which series are asked for; what is not given is not looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeriesFilter {
    /// Of this customer.
    pub customer: Option<CustomerId>,
    /// At this listing.
    pub listing: Option<ListingId>,
}

/// A series without its dates: they are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesSummary {
    /// Which series.
    pub id: SeriesId,
    /// What listing was booked.
    pub listing: ListingId,
    /// Who booked.
    pub customer: CustomerId,
    /// How its dates were given.
    pub plan: SeriesPlan,
    /// How many dates it has.
    pub dates: u32,
    /// How many of them were left out when it was booked.
    pub skipped: u32,
    /// How many of them were called off by the series.
    pub cancelled: u32,
    /// When the first date starts.
    pub starts_at: Timestamp,
    /// When the last date ends.
    pub ends_at: Timestamp,
    /// When it was booked.
    pub created_at: Timestamp,
    /// The position of its first event.
    pub created_position: Position,
    /// The sequence of its last event.
    pub sequence: i64,
}

impl Listed for SeriesSummary {
    const MODEL: ModelName = ModelName::Series;

    fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: SeriesId::from_uuid(row.try_get("series_id")?),
            listing: ListingId::from_uuid(row.try_get("listing_id")?),
            customer: CustomerId::from_uuid(row.try_get("customer_id")?),
            plan: json(row, "plan")?,
            dates: unsigned(row, "dates")?,
            skipped: unsigned(row, "skipped")?,
            cancelled: unsigned(row, "cancelled")?,
            starts_at: row.try_get("starts_at")?,
            ends_at: row.try_get("ends_at")?,
            created_at: row.try_get("created_at")?,
            created_position: Position::new(row.try_get("created_position")?),
            sequence: row.try_get("sequence")?,
        })
    }

    fn created_position(&self) -> Position {
        self.created_position
    }
}

pub(super) fn view(id: SeriesId, row: &PgRow, span: Span) -> Result<SeriesView, sqlx::Error> {
    Ok(SeriesView {
        id,
        listing: ListingId::from_uuid(row.try_get("listing_id")?),
        customer: CustomerId::from_uuid(row.try_get("customer_id")?),
        plan: json(row, "plan")?,
        occurrences: json(row, "occurrences")?,
        created_at: row.try_get("created_at")?,
        span,
    })
}

const LIST: &str = "
SELECT series_id, listing_id, customer_id, plan, dates, skipped, cancelled, starts_at, ends_at,
       created_at, created_position, sequence
  FROM series
 WHERE ($1::uuid IS NULL OR customer_id = $1)
   AND ($2::uuid IS NULL OR listing_id = $2)
   AND ($3::bigint IS NULL OR created_position < $3)
 ORDER BY created_position DESC
 LIMIT $4";

impl Queries {
    /// Series without their dates, the newest first.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn all_series(
        &self,
        filter: SeriesFilter,
        page: PageRequest,
    ) -> Result<Page<SeriesSummary>, ProjectionError> {
        let query = sqlx::query(LIST)
            .bind(filter.customer.map(CustomerId::as_uuid))
            .bind(filter.listing.map(ListingId::as_uuid));
        self.page(query, page).await
    }
}
