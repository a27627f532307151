//! When what is taken by the hour is busy, and for whom.
//!
//! A take has a row for each day, UTC, that it touches, so that an index on resource and day finds whatever bears on a
//! time. What is sold by the night has no rows here.

mod ledger;
mod places;
pub(crate) mod rooms;
pub(crate) mod slots;

use chrono::NaiveDate;
use daybook_domain::{
    calendar::{Event as Happened, Take},
    values::{
        BlockId, BookingId, BusyTime, CalendarId, Minutes, Month, Quantity, ResourceId, TimeRange,
        Timestamp,
    },
};
use sqlx::{PgConnection, Row, postgres::PgRow};
use uuid::Uuid;

use super::{
    availability::takes,
    column::{unreadable, unsigned},
};
use crate::{
    engine::{Event, Fact, Model, NoSums, Poison, Rows},
    name::ModelName,
};

/// What somebody takes of one calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    calendar: CalendarId,
    holder: Holder,
}

/// For whom something is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Holder {
    /// For a booking; or for a voucher, under the name by which it holds.
    Booking(BookingId),
    /// For nobody.
    Block(BlockId),
}

/// The times that are taken, and until when, unless for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    takes: Vec<Take>,
    until: Option<Timestamp>,
    /// Whether a booking begins with each of them: nothing does with a block, or with what is set aside.
    begins: bool,
}

/// The model.
pub(crate) struct BusyTimes;

impl Model for BusyTimes {
    const NAME: ModelName = ModelName::BusyTimes;
    const VERSION: i32 = 4;
    const AGGREGATES: &'static [&'static str] = &["calendar"];
    const TABLES: &'static [&'static str] = &["busy_times"];
    const CREATE: &'static str = "
CREATE TABLE busy_times (
    resource_id    uuid        NOT NULL,
    day            date        NOT NULL,
    start_at       timestamptz NOT NULL,
    end_at         timestamptz NOT NULL,
    begins_at      timestamptz,
    quantity       bigint      NOT NULL,
    booking_id     uuid,
    block_id       uuid,
    until          timestamptz,
    month          date        NOT NULL,
    day_number     integer     NOT NULL,
    before_minutes bigint      NOT NULL,
    after_minutes  bigint      NOT NULL
)
WITH (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.02)";
    // What is asked of a time is answered from the first index alone, for the rows of a resource lie scattered over the
    // table in the order in which they were booked. Only pages that were vacuumed need not be looked at besides.
    const SETTLE: &'static str = "VACUUM (ANALYZE)";
    const INDEXES: &'static str = "
CREATE INDEX busy_times_by_day ON busy_times (resource_id, day)
INCLUDE (start_at, end_at, begins_at, quantity, booking_id, until, month, day_number);
CREATE INDEX busy_times_by_booking ON busy_times (booking_id, resource_id, month)
 WHERE booking_id IS NOT NULL;
CREATE INDEX busy_times_by_block ON busy_times (block_id, resource_id, month)
 WHERE block_id IS NOT NULL";
    const COPY: &'static [&'static str] = &["COPY busy_times FROM STDIN (FORMAT binary)"];
    type Key = Key;
    type State = Taken;
    type Sum = NoSums;

    fn key(fact: &Fact) -> Option<Key> {
        let Fact::Calendar(calendar, happened) = fact else { return None };
        let holder = match happened {
            Happened::Opened { .. } | Happened::LimitsChanged { .. } => return None,
            Happened::Allocated { booking, takes, .. }
            | Happened::Reallocated { booking, takes, .. }
            | Happened::Released { booking, freed: takes, .. } => {
                Holder::Booking(of_times(*booking, takes)?)
            }
            Happened::Confirmed { booking, .. } => Holder::Booking(*booking),
            Happened::SetAside { voucher, takes, freed, .. } => {
                let some = if takes.is_empty() { freed } else { takes };
                Holder::Booking(of_times(voucher.as_holder().0, some)?)
            }
            Happened::Blocked { block, takes, .. }
            | Happened::Unblocked { block, freed: takes, .. } => {
                Holder::Block(of_times(*block, takes)?)
            }
        };
        Some(Key { calendar: *calendar, holder })
    }

    fn evolve(_: &Key, state: &mut Option<Taken>, event: &Event) -> Result<(), Poison> {
        let Fact::Calendar(_, happened) = &event.fact else { return Ok(()) };
        match happened {
            Happened::Opened { .. } | Happened::LimitsChanged { .. } => {}
            Happened::Allocated { takes, until, .. }
            | Happened::Reallocated { takes, until, .. } => {
                *state = Some(Taken { takes: takes.clone(), until: *until, begins: true });
            }
            Happened::Blocked { takes, .. } => {
                *state = Some(Taken { takes: takes.clone(), until: None, begins: false });
            }
            Happened::SetAside { takes, until, .. } => {
                let aside = || Taken { takes: takes.clone(), until: Some(*until), begins: false };
                *state = (!takes.is_empty()).then(aside);
            }
            // of what is sold by the night nothing is known here
            Happened::Confirmed { .. } => {
                if let Some(taken) = state {
                    taken.until = None;
                }
            }
            Happened::Released { freed, .. } | Happened::Unblocked { freed, .. } => {
                let Some(taken) = state else { return Err(Poison::beginning_is_missing()) };
                taken.takes = takes::without(&taken.takes, freed).map_err(Poison::of)?;
                if taken.takes.is_empty() {
                    *state = None;
                }
            }
        }
        Ok(())
    }

    fn begins(fact: &Fact) -> bool {
        let Fact::Calendar(_, happened) = fact else { return false };
        match happened {
            Happened::Allocated { .. } | Happened::Blocked { .. } => true,
            Happened::SetAside { freed, .. } => freed.is_empty(),
            Happened::Opened { .. }
            | Happened::LimitsChanged { .. }
            | Happened::Confirmed { .. }
            | Happened::Reallocated { .. }
            | Happened::Released { .. }
            | Happened::Unblocked { .. } => false,
        }
    }

    fn encode(Key { calendar, holder }: &Key, taken: &Taken, tables: &mut [Rows]) {
        let (booking, block) = match holder {
            Holder::Booking(booking) => (Some(booking.as_uuid()), None),
            Holder::Block(block) => (None, Some(block.as_uuid())),
        };
        for take in &taken.takes {
            let Take::Time { time, quantity } = take else { continue };
            let range = time.range();
            let begins = time.plain().filter(|_| taken.begins).map(TimeRange::start);
            for (day_number, day) in (0..).zip(days(range)) {
                tables[0]
                    .row(13)
                    .uuid(calendar.resource.as_uuid())
                    .date(day)
                    .instant(range.start())
                    .instant(range.end())
                    .maybe_instant(begins)
                    .int8(quantity.get().into())
                    .maybe_uuid(booking)
                    .maybe_uuid(block)
                    .maybe_instant(taken.until)
                    .date(calendar.month.first_day())
                    .int4(day_number)
                    .int8(time.before().get().into())
                    .int8(time.after().get().into());
            }
        }
    }

    async fn load(
        connection: &mut PgConnection,
        keys: &[Key],
    ) -> Result<Vec<(Key, Taken)>, sqlx::Error> {
        let mut known: Vec<(Key, Taken)> = Vec::with_capacity(keys.len());
        for (statement, columns) in LOAD.into_iter().zip(Columns::of(keys)) {
            if columns.holders.is_empty() {
                continue;
            }
            let query = sqlx::query(statement).bind(columns.resources).bind(columns.months);
            for row in &query.bind(columns.holders).fetch_all(&mut *connection).await? {
                let (key, take) = (key(row)?, take(row)?);
                match known.last_mut().filter(|(last, _)| *last == key) {
                    Some((_, taken)) => taken.takes.push(take),
                    None => known.push((key, taken(row, take)?)),
                }
            }
        }
        Ok(known)
    }

    async fn delete(connection: &mut PgConnection, keys: &[Key]) -> Result<(), sqlx::Error> {
        for (statement, columns) in DELETE.into_iter().zip(Columns::of(keys)) {
            if !columns.holders.is_empty() {
                sqlx::query(statement)
                    .bind(columns.resources)
                    .bind(columns.months)
                    .bind(columns.holders)
                    .execute(&mut *connection)
                    .await?;
            }
        }
        Ok(())
    }
}

// The row of its first day tells all of a take.
const LOAD: [&str; 2] = [
    "
SELECT busy_times.*
  FROM busy_times
  JOIN unnest($1::uuid[], $2::date[], $3::uuid[]) AS wanted (resource_id, month, booking_id)
 USING (resource_id, month, booking_id)
 WHERE day_number = 0
 ORDER BY booking_id, resource_id, month, start_at, end_at",
    "
SELECT busy_times.*
  FROM busy_times
  JOIN unnest($1::uuid[], $2::date[], $3::uuid[]) AS wanted (resource_id, month, block_id)
 USING (resource_id, month, block_id)
 WHERE day_number = 0
 ORDER BY block_id, resource_id, month, start_at, end_at",
];

const DELETE: [&str; 2] = [
    "
DELETE FROM busy_times AS old
 USING unnest($1::uuid[], $2::date[], $3::uuid[]) AS gone (resource_id, month, booking_id)
 WHERE old.resource_id = gone.resource_id
   AND old.month = gone.month
   AND old.booking_id = gone.booking_id",
    "
DELETE FROM busy_times AS old
 USING unnest($1::uuid[], $2::date[], $3::uuid[]) AS gone (resource_id, month, block_id)
 WHERE old.resource_id = gone.resource_id
   AND old.month = gone.month
   AND old.block_id = gone.block_id",
];

/// Who takes something, if it is a time. A calendar is sold by nights or by times, so the first take tells.
fn of_times<T>(holder: T, takes: &[Take]) -> Option<T> {
    match takes.first()? {
        Take::Time { .. } => Some(holder),
        Take::Nights { .. } => None,
    }
}

/// The days, UTC, that a time touches.
fn days(time: TimeRange) -> impl Iterator<Item = NaiveDate> {
    let midnight = |day: &NaiveDate| day.and_time(chrono::NaiveTime::MIN).and_utc();
    let first = time.start().date_naive();
    first.iter_days().take_while(move |day| *day == first || midnight(day) < time.end())
}

/// Keys, column by column.
#[derive(Default)]
struct Columns {
    resources: Vec<Uuid>,
    months: Vec<NaiveDate>,
    holders: Vec<Uuid>,
}

impl Columns {
    /// The keys of bookings, and those of blocks.
    fn of(keys: &[Key]) -> [Self; 2] {
        let (mut bookings, mut blocks) = (Self::default(), Self::default());
        for Key { calendar, holder } in keys {
            let (columns, holder) = match holder {
                Holder::Booking(booking) => (&mut bookings, booking.as_uuid()),
                Holder::Block(block) => (&mut blocks, block.as_uuid()),
            };
            columns.resources.push(calendar.resource.as_uuid());
            columns.months.push(calendar.month.first_day());
            columns.holders.push(holder);
        }
        [bookings, blocks]
    }
}

fn key(row: &PgRow) -> Result<Key, sqlx::Error> {
    let resource = ResourceId::from_uuid(row.try_get("resource_id")?);
    let calendar = CalendarId { resource, month: Month::of(row.try_get("month")?) };
    let holder = match row.try_get::<Option<Uuid>, _>("booking_id")? {
        Some(booking) => Holder::Booking(BookingId::from_uuid(booking)),
        None => Holder::Block(BlockId::from_uuid(row.try_get("block_id")?)),
    };
    Ok(Key { calendar, holder })
}

/// Whoever has a time that is no buffer begins with it, or never does.
fn taken(row: &PgRow, take: Take) -> Result<Taken, sqlx::Error> {
    let begins_at = row.try_get::<Option<Timestamp>, _>("begins_at")?;
    let buffer = matches!(take, Take::Time { time, .. } if time.plain().is_none());
    let of_booking = row.try_get::<Option<Uuid>, _>("booking_id")?.is_some();
    let begins = begins_at.is_some() || (buffer && of_booking);
    Ok(Taken { takes: vec![take], until: row.try_get("until")?, begins })
}

fn take(row: &PgRow) -> Result<Take, sqlx::Error> {
    let buffer = |column| {
        let minutes = Minutes::try_new(unsigned(row, column)?);
        minutes.map_err(|error| unreadable(column, error))
    };
    let (before, after) = (buffer("before_minutes")?, buffer("after_minutes")?);
    let time =
        BusyTime::from_parts(row.try_get("start_at")?, row.try_get("end_at")?, before, after);
    let quantity = Quantity::try_new(unsigned(row, "quantity")?);
    Ok(Take::Time {
        time: time.map_err(|error| unreadable("start_at", error))?,
        quantity: quantity.map_err(|error| unreadable("quantity", error))?,
    })
}
