//! Questions about measures, grouped as one likes.

use std::{collections::HashMap, fmt, str::FromStr};

use chrono::NaiveDate;
use daybook_domain::values::{Currency, DayRange, Label, ListingId, Month};
use daybook_event_store::Position;
use sqlx::{Row, postgres::PgRow};

use crate::{
    ProjectionError,
    models::column::{label, parsed},
    name::ModelName,
    queries::Queries,
};

/// What measures can be grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// The listing.
    Listing,
    /// The day, in the listing's zone.
    Day,
    /// The month of the day.
    Month,
    /// The year of the day.
    Year,
    /// The channel it was sold through.
    Channel,
    /// The market segment.
    Segment,
    /// The country the customer comes from.
    Country,
    /// The kind of customer.
    CustomerType,
}

/// The text names no dimension.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bookings cannot be grouped by `{0}`")]
pub struct UnknownDimension(String);

/// What measures are grouped by: any dimensions, or none for one sum of all. Currencies are always kept apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupBy([bool; Dimension::ALL.len()]);

/// Which measures are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AnalyticsQuery {
    /// What they are grouped by.
    pub group_by: GroupBy,
    /// From this day on.
    pub from: Option<NaiveDate>,
    /// To before this day.
    pub to: Option<NaiveDate>,
    /// Of this listing alone.
    pub listing: Option<ListingId>,
}

/// One group: what it is grouped by is there (a label only if the bookings have one), the rest is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnalyticsRow {
    /// The listing.
    pub listing: Option<ListingId>,
    /// The day.
    pub day: Option<NaiveDate>,
    /// The month.
    pub month: Option<Month>,
    /// The year.
    pub year: Option<i32>,
    /// The channel.
    pub channel: Option<Label>,
    /// The segment.
    pub segment: Option<Label>,
    /// The country.
    pub country: Option<Label>,
    /// The kind of customer.
    pub customer_type: Option<Label>,
    /// The currency of the amounts.
    pub currency: Currency,
    /// What was measured.
    pub measured: Measured,
}

/// The measures of one group. `docs/analytics.md` says what each one means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Bookings that became firm.
    pub bookings: i64,
    /// Of firm bookings, those called off.
    pub cancellations: i64,
    /// Guests that did not come.
    pub no_shows: i64,
    /// Guests that checked in.
    pub arrivals: i64,
    /// Guests that checked out.
    pub departures: i64,
    /// Nights slept or about to be.
    pub room_nights: i64,
    /// What the nights earn, in minor units.
    pub revenue_minor: i64,
    /// Days from booking to arrival, summed up over the bookings.
    pub lead_days_sum: i64,
    /// Nights there were to sell, where the grouping and both ends of the time allow to say.
    pub capacity_nights: Option<i64>,
}

/// Groups, and how new they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnalyticsAnswer {
    /// The groups in order.
    pub rows: Vec<AnalyticsRow>,
    /// There were more groups than an answer holds.
    pub truncated: bool,
    /// Every event up to here is in the answer.
    pub position: Position,
}

impl Dimension {
    /// All dimensions.
    pub const ALL: [Self; 8] = [
        Self::Listing,
        Self::Day,
        Self::Month,
        Self::Year,
        Self::Channel,
        Self::Segment,
        Self::Country,
        Self::CustomerType,
    ];

    /// The name as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Listing => "listing",
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
            Self::Channel => "channel",
            Self::Segment => "segment",
            Self::Country => "country",
            Self::CustomerType => "customer_type",
        }
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Dimension {
    type Err = UnknownDimension;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|dimension| dimension.as_str() == text)
            .ok_or_else(|| UnknownDimension(text.chars().take(64).collect()))
    }
}

impl GroupBy {
    /// Whether a dimension is among them.
    pub fn contains(self, dimension: Dimension) -> bool {
        self.0[dimension as usize]
    }

    /// The dimensions, in their order.
    pub fn iter(self) -> impl Iterator<Item = Dimension> {
        Dimension::ALL.into_iter().filter(move |dimension| self.contains(*dimension))
    }

    /// What there is to sell belongs to listings and days; it has no channel.
    fn knows_capacity(self) -> bool {
        [Dimension::Channel, Dimension::Segment, Dimension::Country, Dimension::CustomerType]
            .into_iter()
            .all(|dimension| !self.contains(dimension))
    }
}

impl FromIterator<Dimension> for GroupBy {
    fn from_iter<T: IntoIterator<Item = Dimension>>(dimensions: T) -> Self {
        let mut group_by = Self::default();
        for dimension in dimensions {
            group_by.0[dimension as usize] = true;
        }
        group_by
    }
}

impl Measured {
    /// Days from booking to arrival on average.
    pub fn lead_days_mean(&self) -> Option<f64> {
        ratio(self.lead_days_sum, self.bookings)
    }

    /// Nights slept of those there were to sell.
    pub fn occupancy(&self) -> Option<f64> {
        ratio(self.room_nights, self.capacity_nights?)
    }
}

fn ratio(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The most groups in one answer.
const MOST: i64 = 50_000;

const MEASURES: &str = include_str!("measures.sql");
const CAPACITY: &str = include_str!("capacity.sql");

impl Queries {
    /// Measures by group.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn analytics(
        &self,
        query: &AnalyticsQuery,
    ) -> Result<AnalyticsAnswer, ProjectionError> {
        let position = self.position(ModelName::Analytics);
        let mut select = sqlx::query(MEASURES);
        for grouped in query.group_by.0 {
            select = select.bind(grouped);
        }
        let found = select
            .bind(query.from)
            .bind(query.to)
            .bind(query.listing.map(ListingId::as_uuid))
            .bind(MOST + 1)
            .fetch_all(&self.pool)
            .await?;
        let mut rows = found.iter().map(row).collect::<Result<Vec<_>, _>>()?;
        let most = usize::try_from(MOST).unwrap_or(usize::MAX);
        let truncated = rows.len() > most;
        rows.truncate(most);
        if let (true, Some(from), Some(to)) =
            (query.group_by.knows_capacity(), query.from, query.to)
            && let Ok(days) = DayRange::try_new(from, to)
        {
            self.add_capacity(query, days, &mut rows).await?;
        }
        Ok(AnalyticsAnswer { rows, truncated, position })
    }

    async fn add_capacity(
        &self,
        query: &AnalyticsQuery,
        days: DayRange,
        rows: &mut [AnalyticsRow],
    ) -> Result<(), ProjectionError> {
        let mut select = sqlx::query(CAPACITY);
        for grouped in query.group_by.0.into_iter().take(4) {
            select = select.bind(grouped);
        }
        let found = select
            .bind(days.first())
            .bind(days.end())
            .bind(query.listing.map(ListingId::as_uuid))
            .fetch_all(&self.pool)
            .await?;
        let mut capacities = HashMap::with_capacity(found.len());
        for row in &found {
            capacities.insert(place(row)?, row.try_get::<i64, _>("capacity_nights")?);
        }
        for row in rows {
            let place = (row.listing, row.day, row.month, row.year, row.currency);
            row.measured.capacity_nights = capacities.get(&place).copied();
        }
        Ok(())
    }
}

type Place = (Option<ListingId>, Option<NaiveDate>, Option<Month>, Option<i32>, Currency);

/// The part of a group that capacity can be grouped by.
fn place(row: &PgRow) -> Result<Place, sqlx::Error> {
    let month: Option<NaiveDate> = row.try_get("month")?;
    Ok((
        row.try_get::<Option<_>, _>("listing_id")?.map(ListingId::from_uuid),
        row.try_get("day")?,
        month.map(Month::of),
        row.try_get("year")?,
        parsed(row, "currency")?,
    ))
}

fn row(row: &PgRow) -> Result<AnalyticsRow, sqlx::Error> {
    let (listing, day, month, year, currency) = place(row)?;
    Ok(AnalyticsRow {
        listing,
        day,
        month,
        year,
        channel: label(row, "channel")?,
        segment: label(row, "segment")?,
        country: label(row, "country")?,
        customer_type: label(row, "customer_type")?,
        currency,
        measured: Measured {
            bookings: row.try_get("bookings")?,
            cancellations: row.try_get("cancellations")?,
            no_shows: row.try_get("no_shows")?,
            arrivals: row.try_get("arrivals")?,
            departures: row.try_get("departures")?,
            room_nights: row.try_get("room_nights")?,
            revenue_minor: row.try_get("revenue_minor")?,
            lead_days_sum: row.try_get("lead_days_sum")?,
            capacity_nights: None,
        },
    })
}
