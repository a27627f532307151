//! Deadlines of bookings that are held or wait for approval, for the worker that lets them lapse.

use daybook_domain::{
    booking::Event as Happened,
    values::{BookingId, Timestamp},
};
use sqlx::{PgConnection, Row};

use super::kept;
use crate::{
    ProjectionError,
    engine::{Event, Fact, Model, NoSums, Poison, Rows},
    name::ModelName,
    queries::Queries,
};

/// A booking, held or waiting for approval, whose deadline has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Which booking.
    pub booking: BookingId,
    /// The deadline.
    pub at: Timestamp,
}

/// The model: the state of a booking is its deadline, while it has one.
pub(crate) struct Timers;

impl Model for Timers {
    const NAME: ModelName = ModelName::Timers;
    const VERSION: i32 = 1;
    const AGGREGATES: &'static [&'static str] = &["booking"];
    const TABLES: &'static [&'static str] = &["timers"];
    const CREATE: &'static str = "
CREATE TABLE timers (
    booking_id uuid        NOT NULL,
    due_at     timestamptz NOT NULL
)";
    const INDEXES: &'static str = "
ALTER TABLE timers ADD PRIMARY KEY (booking_id);
CREATE INDEX timers_by_due ON timers (due_at, booking_id)";
    const COPY: &'static [&'static str] = &["COPY timers FROM STDIN (FORMAT binary)"];
    type Key = BookingId;
    type State = Timestamp;
    type Sum = NoSums;

    fn key(fact: &Fact) -> Option<BookingId> {
        match fact {
            Fact::Booking(id, happened) => match happened {
                Happened::Requested { .. }
                | Happened::Approved { .. }
                | Happened::Declined { .. }
                | Happened::HoldExtended { .. }
                | Happened::Held { .. }
                | Happened::Confirmed { .. }
                | Happened::Cancelled { .. }
                | Happened::HoldLapsed { .. } => Some(*id),
                Happened::Booked { .. }
                | Happened::Amended { .. }
                | Happened::Rescheduled { .. }
                | Happened::Moved { .. }
                | Happened::LinesCancelled { .. }
                | Happened::CancellationQuoted { .. }
                | Happened::CheckedIn { .. }
                | Happened::CheckedOut { .. }
                | Happened::NoShowRecorded { .. } => None, // these leave a deadline as it is
            },
            Fact::Organization(..)
            | Fact::Listing(..)
            | Fact::Resource(..)
            | Fact::Calendar(..)
            | Fact::Allotment(..)
            | Fact::Series(..)
            | Fact::Payment(..)
            | Fact::Invoices(..)
            | Fact::Payouts(..)
            | Fact::Customer(..)
            | Fact::Tickets(..)
            | Fact::Notice(..)
            | Fact::WaitingList(..)
            | Fact::Voucher(..)
            | Fact::AddOn(..)
            | Fact::Other => None,
        }
    }

    fn evolve(_: &BookingId, state: &mut Option<Timestamp>, event: &Event) -> Result<(), Poison> {
        if let Fact::Booking(_, happened) = &event.fact {
            *state = match happened {
                Happened::Requested { until, .. }
                | Happened::Held { until, .. }
                | Happened::HoldExtended { until, .. } => Some(*until),
                Happened::Approved { until, .. } => *until,
                Happened::Declined { .. }
                | Happened::Confirmed { .. }
                | Happened::Cancelled { .. }
                | Happened::HoldLapsed { .. } => None,
                Happened::Booked { .. }
                | Happened::Amended { .. }
                | Happened::Rescheduled { .. }
                | Happened::Moved { .. }
                | Happened::LinesCancelled { .. }
                | Happened::CancellationQuoted { .. }
                | Happened::CheckedIn { .. }
                | Happened::CheckedOut { .. }
                | Happened::NoShowRecorded { .. } => *state,
            };
        }
        Ok(())
    }

    fn begins(fact: &Fact) -> bool {
        matches!(fact, Fact::Booking(_, Happened::Requested { .. } | Happened::Held { .. }))
    }

    fn encode(booking: &BookingId, due: &Timestamp, tables: &mut [Rows]) {
        tables[0].row(2).uuid(booking.as_uuid()).instant(*due);
    }

    async fn load(
        connection: &mut PgConnection,
        keys: &[BookingId],
    ) -> Result<Vec<(BookingId, Timestamp)>, sqlx::Error> {
        const FIND: &str = "SELECT booking_id, due_at FROM timers WHERE booking_id = ANY ($1)";
        let rows = kept::find(connection, FIND, keys).await?;
        rows.iter().map(|row| due(row).map(|due| (due.booking, due.at))).collect()
    }

    async fn delete(connection: &mut PgConnection, keys: &[BookingId]) -> Result<(), sqlx::Error> {
        kept::delete(connection, "DELETE FROM timers WHERE booking_id = ANY ($1)", keys).await
    }
}

fn due(row: &sqlx::postgres::PgRow) -> Result<Due, sqlx::Error> {
    let booking = BookingId::from_uuid(row.try_get("booking_id")?);
    Ok(Due { booking, at: row.try_get("due_at")? })
}

const DUE: &str = "
SELECT booking_id, due_at
  FROM timers
 WHERE due_at <= $1
 ORDER BY due_at, booking_id
 LIMIT $2";

impl Queries {
    /// Bookings whose deadline has come, the oldest first. A booking stays in the list until its lapse, or whatever
    /// else ended the hold, has been recorded and projected.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Due>, ProjectionError> {
        let rows = sqlx::query(DUE).bind(now).bind(i64::from(limit)).fetch_all(&self.pool).await?;
        Ok(rows.iter().map(due).collect::<Result<_, _>>()?)
    }
}
