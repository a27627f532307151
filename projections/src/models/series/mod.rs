//! Series of bookings: one row per series, its dates in it.
//!
//! How far each date's booking has come is not copied here: it stands in the bookings.

pub(crate) mod query;

use chrono::NaiveDateTime;
use daybook_domain::{
    series::{
        SeriesPlan,
        booked::{Dated, Event as Happened, Hindrance, Moved, Outcome},
    },
    values::{BookingId, CustomerId, ListingId, SeriesId, TimeRange, Timestamp},
};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgRow;

use super::kept::{Each, Kept, Span, kept_in};
use crate::{
    engine::{Fact, Poison, Rows},
    name::ModelName,
    queries::Named,
};

/// A series as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesView {
    /// Which series.
    pub id: SeriesId,
    /// What listing was booked.
    pub listing: ListingId,
    /// Who booked.
    pub customer: CustomerId,
    /// How its dates were given.
    pub plan: SeriesPlan,
    /// Its dates in order.
    pub occurrences: Vec<OccurrenceView>,
    /// When it was booked.
    pub created_at: Timestamp,
    /// Where in the log it is.
    pub span: Span,
}

/// One date of a series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OccurrenceView {
    /// What the wall clock shows at its start by the plan: its name within the series.
    pub original: NaiveDateTime,
    /// When it takes place, as the series has it: its booking may have been changed by itself.
    pub time: TimeRange,
    /// What has become of it.
    #[serde(flatten)]
    pub standing: Standing,
}

/// What has become of a date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is a booking of its own.
    Booked(BookingId),
    /// It was left out.
    Skipped(Hindrance),
    /// It was called off together with others or by its name in the series.
    Cancelled(BookingId),
}

impl SeriesView {
    /// How many of its dates are as this tells.
    fn count(&self, is_counted: impl Fn(&Standing) -> bool) -> i64 {
        let counted = self.occurrences.iter().filter(|date| is_counted(&date.standing)).count();
        i64::try_from(counted).unwrap_or(i64::MAX)
    }

    /// When the first of its dates starts.
    fn starts_at(&self) -> Timestamp {
        let starts = self.occurrences.iter().map(|date| date.time.start());
        starts.min().unwrap_or(self.created_at)
    }

    /// When the last of its dates ends.
    fn ends_at(&self) -> Timestamp {
        let ends = self.occurrences.iter().map(|date| date.time.end());
        ends.max().unwrap_or(self.created_at)
    }

    fn occurrence_mut(&mut self, original: NaiveDateTime) -> Option<&mut OccurrenceView> {
        let index = self.occurrences.binary_search_by_key(&original, |date| date.original);
        index.ok().map(|index| &mut self.occurrences[index])
    }
}

impl From<&Dated> for OccurrenceView {
    fn from(dated: &Dated) -> Self {
        let standing = match &dated.outcome {
            Outcome::Booked(booking) => Standing::Booked(*booking),
            Outcome::Skipped(hindrance) => Standing::Skipped(hindrance.clone()),
        };
        Self { original: dated.original, time: dated.time, standing }
    }
}

/// The model.
pub(crate) type Series = Each<SeriesView>;

impl Named for SeriesView {
    type Id = SeriesId;
}

impl Kept for SeriesView {
    const NAME: ModelName = ModelName::Series;
    const VERSION: i32 = 1;
    const AGGREGATE: &'static str = "series";
    const CREATE: &'static str = r"
CREATE TABLE series (
    series_id        uuid        NOT NULL,
    listing_id       uuid        NOT NULL,
    customer_id      uuid        NOT NULL,
    plan             jsonb       NOT NULL,
    occurrences      jsonb       NOT NULL,
    dates            bigint      NOT NULL,
    skipped          bigint      NOT NULL,
    cancelled        bigint      NOT NULL,
    starts_at        timestamptz NOT NULL,
    ends_at          timestamptz NOT NULL,
    created_at       timestamptz NOT NULL,
    created_position bigint      NOT NULL,
    sequence         bigint      NOT NULL,
    position         bigint      NOT NULL
)";
    const INDEXES: &'static str = "
ALTER TABLE series ADD PRIMARY KEY (series_id);
CREATE UNIQUE INDEX series_by_creation ON series (created_position);
CREATE INDEX series_by_customer ON series (customer_id, created_position)";
    kept_in!("series", "series_id");
    const COLUMNS: i16 = 14;
    type Happened = Happened;

    fn happened(fact: &Fact) -> Option<(SeriesId, &Happened)> {
        if let Fact::Series(id, happened) = fact { Some((*id, happened)) } else { None }
    }

    fn begins(happened: &Happened) -> bool {
        matches!(happened, Happened::Created(_))
    }

    fn begin(id: SeriesId, happened: &Happened, span: Span) -> Option<Self> {
        let Happened::Created(created) = happened else { return None };
        Some(Self {
            id,
            listing: created.listing,
            customer: created.customer,
            plan: created.plan.clone(),
            occurrences: created.occurrences.iter().map(OccurrenceView::from).collect(),
            created_at: created.at,
            span,
        })
    }

    fn advance(&mut self, happened: &Happened) -> Result<(), Poison> {
        match happened {
            // how far a date has come is told by its booking
            Happened::Created(_) | Happened::Confirmed { .. } => {}
            Happened::Cancelled { occurrences, reason: _, at: _ } => {
                for original in occurrences {
                    if let Some(date) = self.occurrence_mut(*original)
                        && let Standing::Booked(booking) = date.standing
                    {
                        date.standing = Standing::Cancelled(booking);
                    }
                }
            }
            Happened::Rescheduled { moved, kept: _, at: _ } => {
                for Moved { original, from: _, to, resource: _ } in moved {
                    if let Some(date) = self.occurrence_mut(*original) {
                        date.time = *to;
                    }
                }
            }
        }
        Ok(())
    }

    fn encode(&self, row: &mut Rows) {
        row.uuid(self.listing.as_uuid())
            .uuid(self.customer.as_uuid())
            .jsonb(&self.plan)
            .jsonb(&self.occurrences)
            .int8(self.count(|_| true))
            .int8(self.count(|standing| matches!(standing, Standing::Skipped(_))))
            .int8(self.count(|standing| matches!(standing, Standing::Cancelled(_))))
            .instant(self.starts_at())
            .instant(self.ends_at())
            .instant(self.created_at);
    }

    fn decode(id: SeriesId, row: &PgRow, span: Span) -> Result<Self, sqlx::Error> {
        query::view(id, row, span)
    }
}
