//! One row of the file: read, checked, and from there on trusted.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::{Days, Month, NaiveDate};
use daybook_domain::values::{
    BookingId, CustomerId, Dimensions, Extras, Label, Money, Party, ResourceId, Stay,
};

use super::columns::{Column, Columns};
use super::decimal::minor_units;
use super::hotel::{self, Hotel};
use super::ids::{self, RowHash};
use super::step;

/// A booking as the file tells it.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) booking: BookingId,
    pub(super) customer: CustomerId,
    pub(super) hotel: Hotel,
    pub(super) room_type: Label,
    pub(super) resource: ResourceId,
    pub(super) stay: Stay,
    pub(super) booked_on: NaiveDate,
    pub(super) price_per_night: Money,
    pub(super) party: Party,
    pub(super) dimensions: Dimensions,
    pub(super) ending: Ending,
    /// The date the file gives for the ending; see [`Row::ended_on`] for the one that counts.
    pub(super) status_date: NaiveDate,
}

/// How a booking ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    CheckedOut,
    Cancelled,
    NoShow,
}

/// Why a row is left out: the column at fault, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Reject {
    #[error("the line has {found} fields instead of {expected}")]
    Fields { found: usize, expected: usize },
    #[error("the line is not readable: {0}")]
    Unreadable(String),
    #[error("{column} `{value}`: {reason}")]
    Value { column: &'static str, value: String, reason: String },
    #[error("{0}")]
    Stay(#[from] daybook_domain::values::StayError),
}

impl Row {
    /// Reads the record that starts on a line.
    pub(super) fn parse(
        line: u64,
        columns: &Columns,
        record: &csv::StringRecord,
    ) -> Result<Self, Reject> {
        let cells = Cells { columns, record };
        let hotel = cells.read(Column::Hotel, |text| Hotel::named(text).ok_or("unknown hotel"))?;
        let arrival = cells.arrival()?;
        let nights =
            cells.whole(Column::WeekendNights)?.saturating_add(cells.whole(Column::WeekNights)?);
        let departure = cells.read(Column::WeekNights, |_| {
            arrival.checked_add_days(Days::new(nights)).ok_or("the calendar has no such departure")
        })?;
        let booked_on = cells.read(Column::LeadTime, |text| {
            let days = Days::new(text.parse().map_err(|_| "not a number of days")?);
            arrival.checked_sub_days(days).ok_or("the calendar has no such date of booking")
        })?;
        let room_type: Label = cells.parsed(Column::AssignedRoomType)?;
        let hash = RowHash::new(line, record);
        let booked_at = hotel::zone().instant(booked_on, step::BOOKED);
        Ok(Self {
            line,
            booking: hash.booking(booked_at),
            customer: hash.customer(booked_at),
            hotel,
            resource: ids::resource(hotel, room_type.as_str()),
            room_type,
            stay: Stay::try_new(arrival, departure)?,
            booked_on,
            price_per_night: cells.price()?,
            party: cells.party()?,
            dimensions: cells.dimensions()?,
            ending: cells.read(Column::Status, Ending::named)?,
            status_date: cells.read(Column::StatusDate, date)?,
        })
    }

    /// The day of the ending: the date in the file, but never before the step that it follows. A
    /// booking cannot be cancelled before it is made, and nobody leaves or stays away before the
    /// day of arrival; the file has one no-show dated months earlier, when its status was last set.
    pub(super) fn ended_on(&self) -> NaiveDate {
        match self.ending {
            Ending::Cancelled => self.status_date.max(self.booked_on),
            Ending::CheckedOut | Ending::NoShow => self.status_date.max(self.stay.arrival()),
        }
    }
}

impl Ending {
    fn named(status: &str) -> Result<Self, &'static str> {
        match status {
            "Check-Out" => Ok(Self::CheckedOut),
            "Canceled" => Ok(Self::Cancelled),
            "No-Show" => Ok(Self::NoShow),
            _ => Err("unknown status"),
        }
    }
}

/// The fields of one record, by column.
struct Cells<'a> {
    columns: &'a Columns,
    record: &'a csv::StringRecord,
}

impl<'a> Cells<'a> {
    fn text(&self, column: Column) -> &'a str {
        self.record.get(self.columns.index(column)).unwrap_or_default()
    }

    fn read<T, E: ToString>(
        &self,
        column: Column,
        parse: impl FnOnce(&'a str) -> Result<T, E>,
    ) -> Result<T, Reject> {
        let text = self.text(column);
        parse(text).map_err(|error| Reject::Value {
            column: column.name(),
            value: text.chars().take(64).collect(),
            reason: error.to_string(),
        })
    }

    fn parsed<T: FromStr<Err: ToString>>(&self, column: Column) -> Result<T, Reject> {
        self.read(column, str::parse)
    }

    fn whole(&self, column: Column) -> Result<u64, Reject> {
        self.parsed(column)
    }

    fn arrival(&self) -> Result<NaiveDate, Reject> {
        let year = self.parsed(Column::ArrivalYear)?;
        let month: Month = self.read(Column::ArrivalMonth, |text| {
            text.parse().map_err(|_| "not the name of a month")
        })?;
        self.read(Column::ArrivalDay, |text| {
            let day = text.parse().map_err(|_| "not a day")?;
            NaiveDate::from_ymd_opt(year, month.number_from_month(), day)
                .ok_or("the month has no such day")
        })
    }

    fn price(&self) -> Result<Money, Reject> {
        let currency = hotel::currency();
        let minor = self.read(Column::Rate, |text| minor_units(text, currency.exponent()))?;
        self.read(Column::Rate, |_| Money::try_new(minor, currency))
    }

    fn party(&self) -> Result<Party, Reject> {
        let adults = self.parsed(Column::Adults)?;
        let children = match self.text(Column::Children) {
            "NA" => 0, // nobody noted whether there were any
            _ => self.parsed(Column::Children)?,
        };
        let babies = self.parsed(Column::Babies)?;
        self.read(Column::Adults, |_| Party::try_new(adults, children, babies))
    }

    fn dimensions(&self) -> Result<Dimensions, Reject> {
        let mut extra = BTreeMap::new();
        for column in Column::EXTRAS {
            if let Some(value) = self.label(column)? {
                let name = Label::try_new(column.name()).expect("columns have short names");
                extra.insert(name, value);
            }
        }
        Ok(Dimensions {
            channel: self.label(Column::Channel)?,
            segment: self.label(Column::Segment)?,
            country: self.label(Column::Country)?,
            customer_type: self.label(Column::CustomerType)?,
            extra: Extras::try_new(extra).expect("there are fewer columns than a booking carries"),
        })
    }

    fn label(&self, column: Column) -> Result<Option<Label>, Reject> {
        match self.text(column) {
            "" | "NULL" => Ok(None),
            _ => self.parsed(column).map(Some),
        }
    }
}

/// A date as this file writes it, `7/31/2015`, or as copies of it do, `2015-07-31`.
fn date(text: &str) -> Result<NaiveDate, &'static str> {
    NaiveDate::parse_from_str(text, "%m/%d/%Y")
        .or_else(|_| NaiveDate::parse_from_str(text, "%Y-%m-%d"))
        .map_err(|_| "not a date")
}
