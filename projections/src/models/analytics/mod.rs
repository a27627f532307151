//! Measures per day: a fact per booking, and sums of what each fact contributes to its days.

mod contribution;
pub(crate) mod query;

use std::sync::Arc;

use chrono::NaiveDate;
use daybook_domain::{
    booking::{Event as Happened, Lines, Status, Terms},
    values::{BookingId, CustomerId, Dimensions, Label, ListingId, Party, Timestamp, Zone},
};
use sqlx::{PgConnection, Row, postgres::PgRow};
use uuid::Uuid;

use super::{
    bookings::{arrival, departure},
    column::{dimensions, json, minor, named, parsed, party},
};
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
    customer: CustomerId,
    zone: Zone,
    status: Status,
    lines: Lines,
    party: Party,
    dimensions: Dimensions,
    booked_on: Option<NaiveDate>,
    cancelled_on: Option<NaiveDate>,
    checked_in_on: Option<NaiveDate>,
    checked_out_on: Option<NaiveDate>,
}

impl BookingFact {
    fn new(terms: &Terms, status: Status) -> Self {
        Self {
            listing: terms.listing(),
            customer: terms.customer(),
            zone: terms.zone(),
            status,
            lines: terms.lines().clone(),
            party: terms.party(),
            dimensions: terms.dimensions().clone(),
            booked_on: None,
            cancelled_on: None,
            checked_in_on: None,
            checked_out_on: None,
        }
    }

    fn advance(&mut self, happened: &Happened) {
        let day = |at: &Timestamp| Some(self.zone.local_date(*at));
        match happened {
            Happened::Held { .. } | Happened::Booked { .. } => {}
            Happened::Confirmed { at } => {
                (self.status, self.booked_on) = (Status::Confirmed, day(at));
            }
            Happened::Amended { lines, party, total: _, at: _ } => {
                self.lines.clone_from(lines);
                self.party = *party;
            }
            Happened::CheckedIn { at } => {
                (self.status, self.checked_in_on) = (Status::CheckedIn, day(at));
            }
            Happened::CheckedOut { at } => {
                (self.status, self.checked_out_on) = (Status::Completed, day(at));
            }
            Happened::NoShowRecorded { at: _ } => self.status = Status::NoShow,
            Happened::Cancelled { reason: _, at } => {
                (self.status, self.cancelled_on) = (Status::Cancelled, day(at));
            }
            Happened::HoldLapsed { until: _, at: _ } => self.status = Status::Lapsed,
        }
    }

    /// Days from the booking to the arrival, once it is booked; negative where it was recorded afterwards.
    fn lead_days(&self) -> Option<i64> {
        self.booked_on.map(|booked| (arrival(&self.lines) - booked).num_days())
    }

    fn room_nights(&self) -> i64 {
        let lines = self.lines.as_slice().iter();
        lines.map(|line| i64::from(line.stay().nights()) * i64::from(line.quantity().get())).sum()
    }
}

/// The model.
pub(crate) struct Analytics;

impl Model for Analytics {
    const NAME: ModelName = ModelName::Analytics;
    const VERSION: i32 = 1;
    const AGGREGATES: &'static [&'static str] = &["booking"];
    const TABLES: &'static [&'static str] = &["booking_facts", "analytics_daily"];
    const CREATE: &'static str = include_str!("tables.sql");
    const INDEXES: &'static str = "
ALTER TABLE booking_facts ADD PRIMARY KEY (booking_id);
ALTER TABLE analytics_daily ADD PRIMARY KEY
    (listing_id, day, channel, segment, country, customer_type, currency);
CREATE INDEX analytics_daily_by_day ON analytics_daily (day)";
    const COPY: &'static [&'static str] = &["COPY booking_facts FROM STDIN (FORMAT binary)"];
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

    fn encode(booking: &BookingId, fact: &BookingFact, tables: &mut [Rows]) {
        let Dimensions { channel, segment, country, customer_type, extra } = &fact.dimensions;
        let (arrival, departure) = (arrival(&fact.lines), departure(&fact.lines));
        tables[0]
            .row(25)
            .uuid(booking.as_uuid())
            .uuid(fact.listing.as_uuid())
            .uuid(fact.customer.as_uuid())
            .text(fact.zone.name())
            .text(fact.status.as_str())
            .text(label(channel.as_ref()))
            .text(label(segment.as_ref()))
            .text(label(country.as_ref()))
            .text(label(customer_type.as_ref()))
            .maybe_jsonb((!extra.is_empty()).then_some(extra))
            .int8(fact.party.adults().into())
            .int8(fact.party.children().into())
            .int8(fact.party.babies().into())
            .maybe_date(fact.booked_on)
            .date(arrival)
            .date(departure)
            .int8((departure - arrival).num_days())
            .int8(fact.room_nights())
            .maybe_int8(fact.lead_days())
            .jsonb(&fact.lines)
            .int8(minor(fact.lines.total()))
            .text(fact.lines.total().currency().code())
            .maybe_date(fact.cancelled_on)
            .maybe_date(fact.checked_in_on)
            .maybe_date(fact.checked_out_on);
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

    async fn load(
        connection: &mut PgConnection,
        keys: &[BookingId],
    ) -> Result<Vec<(BookingId, BookingFact)>, sqlx::Error> {
        let keys: Vec<Uuid> = keys.iter().map(|id| id.as_uuid()).collect();
        let rows = sqlx::query("SELECT * FROM booking_facts WHERE booking_id = ANY ($1)")
            .bind(keys)
            .fetch_all(connection)
            .await?;
        rows.iter().map(fact).collect()
    }

    async fn delete(connection: &mut PgConnection, keys: &[BookingId]) -> Result<(), sqlx::Error> {
        let keys: Vec<Uuid> = keys.iter().map(|id| id.as_uuid()).collect();
        sqlx::query("DELETE FROM booking_facts WHERE booking_id = ANY ($1)")
            .bind(keys)
            .execute(connection)
            .await?;
        Ok(())
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

fn fact(row: &PgRow) -> Result<(BookingId, BookingFact), sqlx::Error> {
    let fact = BookingFact {
        listing: ListingId::from_uuid(row.try_get("listing_id")?),
        customer: CustomerId::from_uuid(row.try_get("customer_id")?),
        zone: parsed(row, "zone")?,
        status: named(row, "status")?,
        lines: json(row, "lines")?,
        party: party(row)?,
        dimensions: dimensions(row)?,
        booked_on: row.try_get("booked_on")?,
        cancelled_on: row.try_get("cancelled_on")?,
        checked_in_on: row.try_get("checked_in_on")?,
        checked_out_on: row.try_get("checked_out_on")?,
    };
    Ok((BookingId::from_uuid(row.try_get("booking_id")?), fact))
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
