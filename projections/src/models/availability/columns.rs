//! Keys and facts, to and from the columns of their tables.

use chrono::NaiveDate;
use daybook_domain::values::{CalendarId, Capacity, Limits, Month, ResourceId};
use sqlx::{Row, postgres::PgRow};
use uuid::Uuid;

use super::Key;
use crate::models::column::{unreadable, unsigned};

/// Keys, column by column.
#[derive(Default)]
pub(super) struct Columns {
    pub(super) resources: Vec<Uuid>,
    pub(super) months: Vec<NaiveDate>,
    pub(super) bookings: Vec<Uuid>,
}

impl Columns {
    /// The keys of calendars, and those of holds.
    pub(super) fn of(keys: &[Key]) -> (Self, Self) {
        let (mut calendars, mut holds) = (Self::default(), Self::default());
        for key in keys {
            match key {
                Key::Calendar(calendar) => calendars.push(calendar),
                Key::Hold(calendar, booking) => {
                    holds.push(calendar);
                    holds.bookings.push(booking.as_uuid());
                }
            }
        }
        (calendars, holds)
    }

    fn push(&mut self, calendar: &CalendarId) {
        self.resources.push(calendar.resource.as_uuid());
        self.months.push(calendar.month.first_day());
    }
}

pub(super) fn calendar(row: &PgRow) -> Result<CalendarId, sqlx::Error> {
    let resource = ResourceId::from_uuid(row.try_get("resource_id")?);
    Ok(CalendarId { resource, month: Month::of(row.try_get("month")?) })
}

pub(super) fn limits(row: &PgRow) -> Result<Limits, sqlx::Error> {
    let capacity = Capacity::try_new(unsigned(row, "capacity")?);
    Ok(Limits {
        capacity: capacity.map_err(|error| unreadable("capacity", error))?,
        overbooking: unsigned(row, "overbooking")?,
    })
}
