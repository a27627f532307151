//! Measures per day: sums of what each booking contributes to its days.
//!
//! What a booking has contributed so far follows from its own stream, which is short; so no rows are kept for it.

mod contribution;
pub(crate) mod query;

use std::sync::Arc;

use chrono::NaiveDate;
use daybook_domain::{
    booking::{Event as Happened, Lines, Status, Terms},
    values::{BookingId, Dimensions, Label, ListingId, Timestamp, Zone},
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::bookings::arrival;
use crate::{
    engine::{Event, Fact, Measures, Model, Poison, Rows},
    name::ModelName,
};
use contribution::{
    ARRIVALS, BOOKINGS, CANCELLATIONS, DEPARTURES, DailyKey, LEAD_DAYS, NO_SHOWS, REVENUE,
    ROOM_NIGHTS,
};

/// What is known of a booking, in days of its listing's zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BookingFact {
    listing: ListingId,
    zone: Zone,
    status: Status,
    lines: Lines,
    labels: Arc<Labels>,
    booked_on: Option<NaiveDate>,
    cancelled_on: Option<NaiveDate>,
    checked_in_on: Option<NaiveDate>,
    checked_out_on: Option<NaiveDate>,
}

impl BookingFact {
    fn new(terms: &Terms, status: Status) -> Self {
        Self {
            listing: terms.listing(),
            zone: terms.zone(),
            status,
            lines: terms.lines().clone(),
            labels: Labels::of(terms.dimensions()),
            booked_on: None,
            cancelled_on: None,
            checked_in_on: None,
            checked_out_on: None,
        }
    }

    fn advance(&mut self, happened: &Happened) {
        let day = |at: &Timestamp| Some(self.zone.local_date(*at));
        match happened {
            Happened::Requested { .. }
            | Happened::Held { .. }
            | Happened::Booked { .. }
            | Happened::CancellationQuoted { .. }
            | Happened::HoldExtended { .. } => {}
            Happened::Approved { until: Some(_), at: _ } => self.status = Status::Held,
            Happened::Approved { until: None, at } | Happened::Confirmed { at } => {
                (self.status, self.booked_on) = (Status::Confirmed, day(at));
            }
            Happened::Amended { lines, .. }
            | Happened::Rescheduled { lines, .. }
            | Happened::Moved { lines, .. }
            | Happened::LinesCancelled { lines, .. } => self.lines.clone_from(lines),
            Happened::Declined { .. } => self.status = Status::Declined,
            Happened::CheckedIn { at } => {
                (self.status, self.checked_in_on) = (Status::CheckedIn, day(at));
            }
            Happened::CheckedOut { at } => {
                (self.status, self.checked_out_on) = (Status::Completed, day(at));
            }
            Happened::NoShowRecorded { .. } => self.status = Status::NoShow,
            Happened::Cancelled { at, .. } => {
                (self.status, self.cancelled_on) = (Status::Cancelled, day(at));
            }
            Happened::HoldLapsed { until: _, at: _ } => self.status = Status::Lapsed,
        }
    }

    /// Days from the booking to the arrival, once it is booked; negative where it was recorded afterwards.
    fn lead_days(&self) -> Option<i64> {
        self.booked_on.map(|booked| (arrival(&self.lines) - booked).num_days())
    }
}

/// The model.
pub(crate) struct Analytics;

impl Model for Analytics {
    const NAME: ModelName = ModelName::Analytics;
    const VERSION: i32 = 3;
    const AGGREGATES: &'static [&'static str] = &["booking"];
    const TABLES: &'static [&'static str] = &["analytics_daily"];
    const CREATE: &'static str = include_str!("tables.sql");
    const INDEXES: &'static str = "
ALTER TABLE analytics_daily ADD PRIMARY KEY
    (listing_id, day, channel, segment, country, customer_type, currency);
CREATE INDEX analytics_daily_by_day ON analytics_daily (day)";
    const COPY: &'static [&'static str] = &[];
    const RECALLS: bool = true;
    const COPY_SUMS: Option<&'static str> = Some("COPY analytics_daily FROM STDIN (FORMAT binary)");
    type Key = BookingId;
    type State = BookingFact;
    type Sum = DailyKey;

    fn key(fact: &Fact) -> Option<BookingId> {
        if let Fact::Booking(id, _) = fact { Some(*id) } else { None }
    }

    fn evolve(_: &BookingId, state: &mut Option<BookingFact>, event: &Event) -> Result<(), Poison> {
        let Fact::Booking(_, happened) = &event.fact else { return Ok(()) };
        match happened {
            Happened::Requested { terms, .. } => {
                *state = Some(BookingFact::new(terms, Status::Requested));
            }
            Happened::Held { terms, .. } => *state = Some(BookingFact::new(terms, Status::Held)),
            Happened::Booked { terms, at } => {
                let booked_on = Some(terms.zone().local_date(*at));
                let fact = BookingFact::new(terms, Status::Confirmed);
                *state = Some(BookingFact { booked_on, ..fact });
            }
            later => state.as_mut().ok_or(Poison::beginning_is_missing())?.advance(later),
        }
        Ok(())
    }

    fn contribute(_: &BookingId, fact: &BookingFact, add: &mut impl FnMut(DailyKey, Measures)) {
        contribution::contribute(fact, add);
    }

    fn encode_sum(key: &DailyKey, measures: &Measures, rows: &mut Rows) {
        rows.row(15)
            .uuid(key.listing.as_uuid())
            .date(key.day)
            .text(&key.labels.channel)
            .text(&key.labels.segment)
            .text(&key.labels.country)
            .text(&key.labels.customer_type)
            .text(key.currency.code());
        for measure in measures {
            rows.int8(*measure);
        }
    }

    async fn add(
        connection: &mut PgConnection,
        changes: &[(DailyKey, Measures)],
    ) -> Result<(), sqlx::Error> {
        let listings: Vec<Uuid> = changes.iter().map(|(key, _)| key.listing.as_uuid()).collect();
        let days: Vec<NaiveDate> = changes.iter().map(|(key, _)| key.day).collect();
        let text = |of: fn(&DailyKey) -> &str| -> Vec<&str> {
            changes.iter().map(|(key, _)| of(key)).collect()
        };
        let channels = text(|key| &key.labels.channel);
        let segments = text(|key| &key.labels.segment);
        let countries = text(|key| &key.labels.country);
        let customer_types = text(|key| &key.labels.customer_type);
        let currencies = text(|key| key.currency.code());
        let measure = |measure: usize| -> Vec<i64> {
            changes.iter().map(|(_, measures)| measures[measure]).collect()
        };
        for statement in [ADD, DROP_EMPTY] {
            let mut query = sqlx::query(statement)
                .bind(&listings)
                .bind(&days)
                .bind(&channels)
                .bind(&segments)
                .bind(&countries)
                .bind(&customer_types)
                .bind(&currencies);
            if statement == ADD {
                for column in [
                    BOOKINGS,
                    CANCELLATIONS,
                    NO_SHOWS,
                    ARRIVALS,
                    DEPARTURES,
                    ROOM_NIGHTS,
                    REVENUE,
                    LEAD_DAYS,
                ] {
                    query = query.bind(measure(column));
                }
            }
            query.execute(&mut *connection).await?;
        }
        Ok(())
    }
}

const ADD: &str = include_str!("add.sql");
const DROP_EMPTY: &str = include_str!("drop_empty.sql");

/// A label as reports have it: empty where there is none.
fn label(label: Option<&Label>) -> &str {
    label.map_or("", Label::as_str)
}

/// The labels of a booking, shared by the days it contributes to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Labels {
    channel: Box<str>,
    segment: Box<str>,
    country: Box<str>,
    customer_type: Box<str>,
}

impl Labels {
    fn of(dimensions: &Dimensions) -> Arc<Self> {
        Arc::new(Self {
            channel: label(dimensions.channel.as_ref()).into(),
            segment: label(dimensions.segment.as_ref()).into(),
            country: label(dimensions.country.as_ref()).into(),
            customer_type: label(dimensions.customer_type.as_ref()).into(),
        })
    }
}
