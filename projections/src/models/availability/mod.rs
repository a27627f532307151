//! How much is free on which day.
//!
//! The rows that queries read are sums per day. What is taken for good is only added up, because every event tells what
//! it takes and what it frees; the facts are the open calendars, and the holds, which a confirmation does not repeat.

mod columns;
pub(crate) mod query;
pub(crate) mod stays;
pub(super) mod takes;

use chrono::NaiveDate;
use daybook_domain::{
    calendar::{Event as Happened, Take},
    values::{BookingId, CalendarId, Limits, ResourceId, Timestamp},
};
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::column::json;
use crate::{
    engine::{Event, Fact, Measures, Model, Poison, Rows},
    name::ModelName,
};
use columns::{Columns, calendar, limits};

/// What a row of facts stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    /// The calendar itself.
    Calendar(CalendarId),
    /// What a booking holds of it, or what is set aside for a voucher, under the name by which it holds.
    Hold(CalendarId, BookingId),
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// The calendar is open, with so many.
    Open(Limits),
    /// A booking holds these days until a deadline.
    Held(Vec<Take>, Timestamp),
}

/// The model.
pub(crate) struct Availability;

const CAPACITY: usize = 0;
const OVERBOOKING: usize = 1;
const TAKEN: usize = 2;
const HELD: usize = 3;
const BLOCKED: usize = 4;

impl Model for Availability {
    const NAME: ModelName = ModelName::Availability;
    const VERSION: i32 = 4;
    const AGGREGATES: &'static [&'static str] = &["calendar"];
    const TABLES: &'static [&'static str] = &["calendars", "holds", "availability"];
    const CREATE: &'static str = "
CREATE TABLE calendars (
    resource_id uuid   NOT NULL,
    month       date   NOT NULL,
    capacity    bigint NOT NULL,
    overbooking bigint NOT NULL
);
CREATE TABLE holds (
    booking_id  uuid        NOT NULL,
    resource_id uuid        NOT NULL,
    month       date        NOT NULL,
    takes       jsonb       NOT NULL,
    until       timestamptz NOT NULL
);
CREATE TABLE availability (
    resource_id uuid   NOT NULL,
    day         date   NOT NULL,
    capacity    bigint NOT NULL,
    overbooking bigint NOT NULL,
    taken       bigint NOT NULL,
    held        bigint NOT NULL,
    blocked     bigint NOT NULL
)";
    const INDEXES: &'static str = "
ALTER TABLE calendars ADD PRIMARY KEY (resource_id, month);
ALTER TABLE holds ADD PRIMARY KEY (booking_id, resource_id, month);
CREATE INDEX holds_by_calendar ON holds (resource_id, month);
ALTER TABLE availability ADD PRIMARY KEY (resource_id, day)";
    const COPY: &'static [&'static str] =
        &["COPY calendars FROM STDIN (FORMAT binary)", "COPY holds FROM STDIN (FORMAT binary)"];
    const COPY_SUMS: Option<&'static str> = Some("COPY availability FROM STDIN (FORMAT binary)");
    type Key = Key;
    type State = Known;
    type Sum = (ResourceId, NaiveDate);

    fn key(fact: &Fact) -> Option<Key> {
        let Fact::Calendar(calendar, happened) = fact else { return None };
        Some(match happened {
            Happened::Opened { .. }
            | Happened::LimitsChanged { .. }
            | Happened::Blocked { .. }
            | Happened::Unblocked { .. } => Key::Calendar(*calendar),
            Happened::Allocated { booking, .. }
            | Happened::Confirmed { booking, .. }
            | Happened::Reallocated { booking, .. }
            | Happened::Released { booking, .. } => Key::Hold(*calendar, *booking),
            Happened::SetAside { voucher, .. } => Key::Hold(*calendar, voucher.as_holder().0),
        })
    }

    fn evolve(_: &Key, state: &mut Option<Known>, event: &Event) -> Result<(), Poison> {
        let Fact::Calendar(_, happened) = &event.fact else { return Ok(()) };
        match happened {
            Happened::Opened { limits, .. } | Happened::LimitsChanged { limits, .. } => {
                *state = Some(Known::Open(*limits));
            }
            Happened::Blocked { .. } | Happened::Unblocked { .. } => {}
            Happened::Allocated { takes, until, .. }
            | Happened::Reallocated { takes, until, .. } => {
                *state = until.map(|until| Known::Held(takes.clone(), until));
            }
            Happened::SetAside { takes, until, .. } => {
                let something = !takes.is_empty();
                *state = something.then(|| Known::Held(takes.clone(), *until));
            }
            Happened::Confirmed { .. } => match state {
                Some(Known::Held(..)) => *state = None,
                Some(Known::Open(_)) | None => return Err(Poison::beginning_is_missing()),
            },
            Happened::Released { freed, .. } => {
                if let Some(Known::Held(takes, until)) = state {
                    let left = takes::without(takes, freed).map_err(Poison::of)?;
                    *state = if left.is_empty() { None } else { Some(Known::Held(left, *until)) };
                }
            }
        }
        Ok(())
    }

    fn begins(fact: &Fact) -> bool {
        let Fact::Calendar(_, happened) = fact else { return false };
        match happened {
            Happened::Opened { .. } | Happened::Allocated { .. } => true,
            Happened::SetAside { freed, .. } => freed.is_empty(),
            Happened::LimitsChanged { .. }
            | Happened::Confirmed { .. }
            | Happened::Reallocated { .. }
            | Happened::Released { .. }
            | Happened::Blocked { .. }
            | Happened::Unblocked { .. } => false,
        }
    }

    /// What is taken for good, and given up of that. Held days count as long as the hold is known.
    fn emit(
        _: &Key,
        before: Option<&Known>,
        event: &Event,
        add: &mut impl FnMut(Self::Sum, Measures),
    ) {
        let Fact::Calendar(CalendarId { resource, .. }, happened) = &event.fact else { return };
        let mut count = |takes: &[Take], sign: i64, measured: &[usize]| {
            each_day(takes, sign, |day, count| {
                let mut measures = Measures::default();
                for measure in measured {
                    measures[*measure] = count;
                }
                add((*resource, day), measures);
            });
        };
        let (firm, blocked) = ([TAKEN], [TAKEN, BLOCKED]);
        match happened {
            Happened::Opened { .. }
            | Happened::LimitsChanged { .. }
            | Happened::SetAside { .. } => {}
            Happened::Blocked { takes, .. } => count(takes, 1, &blocked),
            Happened::Unblocked { freed, .. } => count(freed, -1, &blocked),
            Happened::Allocated { takes, until, .. } => {
                if until.is_none() {
                    count(takes, 1, &firm);
                }
            }
            Happened::Reallocated { freed, takes, until, .. } => {
                if before.is_none() {
                    count(freed, -1, &firm);
                }
                if until.is_none() {
                    count(takes, 1, &firm);
                }
            }
            Happened::Confirmed { .. } => {
                if let Some(Known::Held(takes, _)) = before {
                    count(takes, 1, &firm);
                }
            }
            Happened::Released { freed, .. } => {
                if before.is_none() {
                    count(freed, -1, &firm);
                }
            }
        }
    }

    fn contribute(key: &Key, known: &Known, add: &mut impl FnMut(Self::Sum, Measures)) {
        match (key, known) {
            (Key::Calendar(calendar), Known::Open(limits)) => {
                let mut measures = Measures::default();
                measures[CAPACITY] = limits.capacity.get().into();
                measures[OVERBOOKING] = limits.overbooking.into();
                for day in calendar.month.days().iter() {
                    add((calendar.resource, day), measures);
                }
            }
            (Key::Hold(calendar, _), Known::Held(takes, _)) => each_day(takes, 1, |day, count| {
                let mut measures = Measures::default();
                (measures[TAKEN], measures[HELD]) = (count, count);
                add((calendar.resource, day), measures);
            }),
            (Key::Calendar(_), Known::Held(..)) | (Key::Hold(..), Known::Open(_)) => {}
        }
    }

    fn encode(key: &Key, known: &Known, tables: &mut [Rows]) {
        match (key, known) {
            (Key::Calendar(calendar), Known::Open(limits)) => {
                tables[0]
                    .row(4)
                    .uuid(calendar.resource.as_uuid())
                    .date(calendar.month.first_day())
                    .int8(limits.capacity.get().into())
                    .int8(limits.overbooking.into());
            }
            (Key::Hold(calendar, booking), Known::Held(takes, until)) => {
                tables[1]
                    .row(5)
                    .uuid(booking.as_uuid())
                    .uuid(calendar.resource.as_uuid())
                    .date(calendar.month.first_day())
                    .jsonb(takes)
                    .instant(*until);
            }
            (Key::Calendar(_), Known::Held(..)) | (Key::Hold(..), Known::Open(_)) => {}
        }
    }

    fn encode_sum((resource, day): &Self::Sum, measures: &Measures, rows: &mut Rows) {
        rows.row(7)
            .uuid(resource.as_uuid())
            .date(*day)
            .int8(measures[CAPACITY])
            .int8(measures[OVERBOOKING])
            .int8(measures[TAKEN])
            .int8(measures[HELD])
            .int8(measures[BLOCKED]);
    }

    async fn load(
        connection: &mut PgConnection,
        keys: &[Key],
    ) -> Result<Vec<(Key, Known)>, sqlx::Error> {
        let (calendars, holds) = Columns::of(keys);
        let mut known = Vec::with_capacity(keys.len());
        if !calendars.resources.is_empty() {
            let rows = sqlx::query(LOAD_CALENDARS)
                .bind(calendars.resources)
                .bind(calendars.months)
                .fetch_all(&mut *connection)
                .await?;
            for row in &rows {
                known.push((Key::Calendar(calendar(row)?), Known::Open(limits(row)?)));
            }
        }
        if !holds.resources.is_empty() {
            let rows = sqlx::query(LOAD_HOLDS)
                .bind(holds.resources)
                .bind(holds.months)
                .bind(holds.bookings)
                .fetch_all(connection)
                .await?;
            for row in &rows {
                let booking = BookingId::from_uuid(row.try_get("booking_id")?);
                let held = Known::Held(json(row, "takes")?, row.try_get("until")?);
                known.push((Key::Hold(calendar(row)?, booking), held));
            }
        }
        Ok(known)
    }

    async fn delete(connection: &mut PgConnection, keys: &[Key]) -> Result<(), sqlx::Error> {
        let (calendars, holds) = Columns::of(keys);
        if !calendars.resources.is_empty() {
            sqlx::query(DELETE_CALENDARS)
                .bind(calendars.resources)
                .bind(calendars.months)
                .execute(&mut *connection)
                .await?;
        }
        if !holds.resources.is_empty() {
            sqlx::query(DELETE_HOLDS)
                .bind(holds.resources)
                .bind(holds.months)
                .bind(holds.bookings)
                .execute(connection)
                .await?;
        }
        Ok(())
    }

    async fn add(
        connection: &mut PgConnection,
        changes: &[(Self::Sum, Measures)],
    ) -> Result<(), sqlx::Error> {
        let resources: Vec<Uuid> = changes.iter().map(|((id, _), _)| id.as_uuid()).collect();
        let days: Vec<NaiveDate> = changes.iter().map(|((_, day), _)| *day).collect();
        let column = |measure: usize| -> Vec<i64> {
            changes.iter().map(|(_, measures)| measures[measure]).collect()
        };
        sqlx::query(ADD)
            .bind(&resources)
            .bind(&days)
            .bind(column(CAPACITY))
            .bind(column(OVERBOOKING))
            .bind(column(TAKEN))
            .bind(column(HELD))
            .bind(column(BLOCKED))
            .execute(&mut *connection)
            .await?;
        sqlx::query(DROP_EMPTY).bind(&resources).bind(&days).execute(connection).await?;
        Ok(())
    }
}

const LOAD_CALENDARS: &str = "
SELECT resource_id, month, capacity, overbooking
  FROM calendars
  JOIN unnest($1::uuid[], $2::date[]) AS wanted (resource_id, month)
 USING (resource_id, month)";

const LOAD_HOLDS: &str = "
SELECT resource_id, month, booking_id, takes, until
  FROM holds
  JOIN unnest($1::uuid[], $2::date[], $3::uuid[]) AS wanted (resource_id, month, booking_id)
 USING (resource_id, month, booking_id)";

const DELETE_CALENDARS: &str = "
DELETE FROM calendars AS old
 USING unnest($1::uuid[], $2::date[]) AS gone (resource_id, month)
 WHERE old.resource_id = gone.resource_id
   AND old.month = gone.month";

const DELETE_HOLDS: &str = "
DELETE FROM holds AS old
 USING unnest($1::uuid[], $2::date[], $3::uuid[]) AS gone (resource_id, month, booking_id)
 WHERE old.resource_id = gone.resource_id
   AND old.month = gone.month
   AND old.booking_id = gone.booking_id";

const ADD: &str = "
INSERT INTO availability AS old (resource_id, day, capacity, overbooking, taken, held, blocked)
SELECT *
  FROM unnest($1::uuid[], $2::date[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
    ON CONFLICT (resource_id, day) DO UPDATE
   SET capacity    = old.capacity    + EXCLUDED.capacity,
       overbooking = old.overbooking + EXCLUDED.overbooking,
       taken       = old.taken       + EXCLUDED.taken,
       held        = old.held        + EXCLUDED.held,
       blocked     = old.blocked     + EXCLUDED.blocked";

// A sum to which nothing contributes any more has no row, as if nothing ever had.
const DROP_EMPTY: &str = "
DELETE FROM availability AS old
 USING unnest($1::uuid[], $2::date[]) AS changed (resource_id, day)
 WHERE old.resource_id = changed.resource_id
   AND old.day = changed.day
   AND old.capacity = 0 AND old.overbooking = 0 AND old.taken = 0 AND old.held = 0 AND old.blocked = 0";

/// How many a take counts on each of its days, or no longer counts.
fn each_day(takes: &[Take], sign: i64, mut each: impl FnMut(NaiveDate, i64)) {
    for take in takes {
        // times of a day are no sum: what matters is how many there are at once
        let Take::Nights { days, quantity } = take else { continue };
        days.iter().for_each(|day| each(day, sign * i64::from(quantity.get())));
    }
}
