//! Questions about what is free.

use chrono::NaiveDate;
use daybook_domain::values::{DayRange, ListingId, ResourceId};
use daybook_event_store::Position;
use sqlx::{Row, postgres::PgRow};

use crate::{ProjectionError, name::ModelName, queries::Queries};

/// Whose days are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AvailabilityOf {
    /// Those of one resource.
    Resource(ResourceId),
    /// Those of every resource of a listing.
    Listing(ListingId),
}

/// One resource on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AvailabilityDay {
    /// Which resource.
    pub resource: ResourceId,
    /// Which day, in the zone of its listing.
    pub day: NaiveDate,
    /// How many there are.
    pub capacity: i64,
    /// How many may be promised beyond the capacity.
    pub overbooking: i64,
    /// How many are taken, held ones included. A hold that ended counts until its lapse has been recorded.
    pub taken: i64,
    /// How many of those are only held until a deadline.
    pub held: i64,
}

/// Days, and how new they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AvailabilityAnswer {
    /// Resource by resource in the order they were made, day by day.
    pub days: Vec<AvailabilityDay>,
    /// Every event up to here is in the answer.
    pub position: Position,
}

impl AvailabilityDay {
    /// How many can still be taken: none, rather than fewer than none, where more are taken than there may be.
    pub fn free(&self) -> i64 {
        (self.capacity + self.overbooking - self.taken).max(0)
    }
}

// A month that nobody has booked yet has no calendar: then the resource's own numbers count.
const DAYS: &str = "
SELECT resources.resource_id, $3::date + offsets.days AS day,
       coalesce(availability.capacity, resources.capacity) AS capacity,
       coalesce(availability.overbooking, resources.overbooking) AS overbooking,
       coalesce(availability.taken, 0) AS taken,
       coalesce(availability.held, 0) AS held
  FROM resources
 CROSS JOIN generate_series(0, $4::date - $3::date - 1) AS offsets (days)
  LEFT JOIN availability
    ON availability.resource_id = resources.resource_id
   AND availability.day = $3::date + offsets.days
 WHERE resources.kind = 'room_type'
   AND ($1::uuid IS NULL OR resources.resource_id = $1)
   AND ($2::uuid IS NULL OR resources.listing_id = $2)
 ORDER BY resources.created_position, offsets.days";

impl Queries {
    /// How many of what are free on each day of a range. An unknown resource or listing has no days.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn availability(
        &self,
        of: AvailabilityOf,
        days: DayRange,
    ) -> Result<AvailabilityAnswer, ProjectionError> {
        let position =
            self.position(ModelName::Availability).min(self.position(ModelName::Resources));
        let (resource, listing) = match of {
            AvailabilityOf::Resource(resource) => (Some(resource.as_uuid()), None),
            AvailabilityOf::Listing(listing) => (None, Some(listing.as_uuid())),
        };
        let rows = sqlx::query(DAYS)
            .bind(resource)
            .bind(listing)
            .bind(days.first())
            .bind(days.end())
            .fetch_all(&self.pool)
            .await?;
        let days = rows.iter().map(day).collect::<Result<_, _>>()?;
        Ok(AvailabilityAnswer { days, position })
    }
}

fn day(row: &PgRow) -> Result<AvailabilityDay, sqlx::Error> {
    Ok(AvailabilityDay {
        resource: ResourceId::from_uuid(row.try_get("resource_id")?),
        day: row.try_get("day")?,
        capacity: row.try_get("capacity")?,
        overbooking: row.try_get("overbooking")?,
        taken: row.try_get("taken")?,
        held: row.try_get("held")?,
    })
}
