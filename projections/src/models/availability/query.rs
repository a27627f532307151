//! Questions about what is free by the night.

use std::collections::HashMap;

use chrono::NaiveDate;
use daybook_domain::{
    calendar::Take,
    resource::{ResourceKind, StayRules},
    values::{DayRange, ListingId, Month, NightCount, ResourceId, Timestamp},
};
use daybook_event_store::Position;
use sqlx::{Row, postgres::PgRow};
use uuid::Uuid;

use super::each_day;
use crate::{
    Closed, ProjectionError, ResourceView, WhyNot,
    models::{column::json, why_not::By},
    name::ModelName,
    queries::{Listed, Queries},
};

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
    /// How many are taken, held and blocked ones included.
    pub taken: i64,
    /// How many of those are only held until a deadline.
    pub held: i64,
    /// How many of those held are such that a payment has been asked for them.
    pub unpaid: i64,
    /// How many of those taken are blocked.
    pub blocked: i64,
    /// What the terms of stays say of the day.
    pub terms: DayTerms,
}

/// What the terms of stays say of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayTerms {
    /// Whether nobody may stay.
    pub closed: bool,
    /// Whether nobody arrives.
    pub closed_to_arrival: bool,
    /// Whether nobody departs who arrived under the same terms.
    pub closed_to_departure: bool,
    /// The fewest nights of whoever arrives.
    pub least_nights: Option<NightCount>,
    /// The most nights of whoever arrives.
    pub most_nights: Option<NightCount>,
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
        if self.terms.closed { 0 } else { self.left(&|_| true) }
    }

    /// Why none can be taken, if so.
    pub fn why_not(&self) -> Option<WhyNot> {
        if self.terms.closed {
            return Some(WhyNot::Closed(Closed::Period));
        }
        (self.free() == 0).then(|| WhyNot::of(|counts| self.left(counts) > 0))
    }

    /// How many are left if only that counts of what is taken which a test lets count.
    pub(super) fn left(&self, counts: &dyn Fn(By) -> bool) -> i64 {
        let taken = [
            (By::Booking, self.taken - self.held - self.blocked),
            (By::Hold, self.held - self.unpaid),
            (By::UnpaidHold, self.unpaid),
            (By::Block, self.blocked),
        ];
        let counted: i64 = taken.iter().filter(|(by, _)| counts(*by)).map(|(_, count)| count).sum();
        (self.capacity + self.overbooking - counted).max(0)
    }
}

impl DayTerms {
    /// What some rules say of a day.
    fn of(rules: &StayRules, day: NaiveDate) -> Self {
        let (terms, weekday) = (rules.on(day), chrono::Datelike::weekday(&day));
        Self {
            closed: rules.first_closed(DayRange::single(day)).is_some(),
            closed_to_arrival: terms.closed_to_arrival.contains(weekday),
            closed_to_departure: terms.closed_to_departure.contains(weekday),
            least_nights: terms.least,
            most_nights: terms.most,
        }
    }
}

const ROOM_TYPES: &str = "
SELECT *
  FROM resources
 WHERE kind = $1
   AND ($2::uuid IS NULL OR resource_id = $2)
   AND ($3::uuid IS NULL OR listing_id = $3)
 ORDER BY created_position";

const DAYS: &str = "
SELECT resource_id, day, capacity, overbooking, taken, held, blocked
  FROM availability
 WHERE resource_id = ANY ($1)
   AND day >= $2
   AND day < $3";

// The sums count a hold for as long as its end has not been recorded, and that of what is set aside for a voucher never is.
const HOLDS: &str = "
SELECT *
  FROM (SELECT resource_id,
               takes,
               until <= $4 AS ended,
               EXISTS (SELECT FROM payments WHERE payments.booking_id = holds.booking_id)
               OR EXISTS (SELECT
                            FROM bookings
                           WHERE bookings.booking_id = holds.booking_id
                             AND approved_at IS NOT NULL) AS unpaid
          FROM holds
         WHERE resource_id = ANY ($1)
           AND month BETWEEN $2 AND $3) AS counted
 WHERE ended OR unpaid";

impl Queries {
    /// How many of what are free on each day of a range, as things stand at an instant. An unknown resource or listing
    /// has no days.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn availability(
        &self,
        of: AvailabilityOf,
        days: DayRange,
        now: Timestamp,
    ) -> Result<AvailabilityAnswer, ProjectionError> {
        let position = self.position_of_all(&[
            ModelName::Availability,
            ModelName::Resources,
            ModelName::Bookings,
            ModelName::Payments,
        ]);
        let found = self.room_types(of, days, now).await?;
        let days = found.into_iter().flat_map(|(_, days)| days).collect();
        Ok(AvailabilityAnswer { days, position })
    }

    /// Room types in the order they were made, each with its days.
    pub(super) async fn room_types(
        &self,
        of: AvailabilityOf,
        days: DayRange,
        now: Timestamp,
    ) -> Result<Vec<(ResourceView, Vec<AvailabilityDay>)>, ProjectionError> {
        let (resource, listing) = match of {
            AvailabilityOf::Resource(resource) => (Some(resource.as_uuid()), None),
            AvailabilityOf::Listing(listing) => (None, Some(listing.as_uuid())),
        };
        let query = sqlx::query(ROOM_TYPES).bind(ResourceKind::RoomType.as_str());
        let rows = query.bind(resource).bind(listing).fetch_all(&self.pool).await?;
        let room_types: Vec<ResourceView> =
            rows.iter().map(ResourceView::read).collect::<Result<_, _>>()?;
        let ids: Vec<Uuid> = room_types.iter().map(|room_type| room_type.id.as_uuid()).collect();
        let rows = sqlx::query(DAYS)
            .bind(&ids)
            .bind(days.first())
            .bind(days.end())
            .fetch_all(&self.pool)
            .await?;
        let mut counted = rows.iter().map(day).collect::<Result<HashMap<_, _>, _>>()?;
        if counted.values().any(|day| day.held > 0) {
            self.look_at_holds(&mut counted, &ids, days, now).await?;
        }
        let with_days = |room_type: ResourceView| {
            let days = days.iter().map(|day| on_day(&room_type, day, &counted)).collect();
            (room_type, days)
        };
        Ok(room_types.into_iter().map(with_days).collect())
    }

    /// Leaves out what is held no more, and tells for what a payment was asked.
    async fn look_at_holds(
        &self,
        counted: &mut Counted,
        resources: &[Uuid],
        days: DayRange,
        now: Timestamp,
    ) -> Result<(), ProjectionError> {
        let holds = sqlx::query(HOLDS)
            .bind(resources)
            .bind(Month::of(days.first()).first_day())
            .bind(days.end())
            .bind(now)
            .fetch_all(&self.pool)
            .await?;
        for row in &holds {
            let resource = ResourceId::from_uuid(row.try_get("resource_id")?);
            let takes: Vec<Take> = json(row, "takes")?;
            let ended: bool = row.try_get("ended")?;
            each_day(&takes, 1, |day, count| {
                let Some(day) = counted.get_mut(&(resource, day)) else { return };
                if ended {
                    // what was held a moment ago may be released by now
                    let gone = count.min(day.held);
                    (day.held, day.taken) = (day.held - gone, day.taken - gone);
                } else {
                    day.unpaid += count;
                }
                day.unpaid = day.unpaid.min(day.held);
            });
        }
        Ok(())
    }
}

type Counted = HashMap<(ResourceId, NaiveDate), AvailabilityDay>;

/// A day of a room type. A month that nobody has booked yet has no calendar: then the resource's own numbers count.
fn on_day(room_type: &ResourceView, day: NaiveDate, counted: &Counted) -> AvailabilityDay {
    let terms = room_type.terms.nights().map(|nights| DayTerms::of(&nights.rules, day));
    let terms = terms.unwrap_or_default();
    if let Some(counted) = counted.get(&(room_type.id, day)) {
        return AvailabilityDay { terms, ..*counted };
    }
    AvailabilityDay {
        resource: room_type.id,
        day,
        capacity: room_type.limits.capacity.get().into(),
        overbooking: room_type.limits.overbooking.into(),
        taken: 0,
        held: 0,
        unpaid: 0,
        blocked: 0,
        terms,
    }
}

fn day(row: &PgRow) -> Result<((ResourceId, NaiveDate), AvailabilityDay), sqlx::Error> {
    let day = AvailabilityDay {
        resource: ResourceId::from_uuid(row.try_get("resource_id")?),
        day: row.try_get("day")?,
        capacity: row.try_get("capacity")?,
        overbooking: row.try_get("overbooking")?,
        taken: row.try_get("taken")?,
        held: row.try_get("held")?,
        unpaid: 0,
        blocked: row.try_get("blocked")?,
        terms: DayTerms::default(),
    };
    Ok(((day.resource, day.day), day))
}
