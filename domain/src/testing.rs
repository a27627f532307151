//! Words the tests share.

use chrono::{Duration, NaiveDate, NaiveTime, TimeZone, Utc};
use uuid::Uuid;

use crate::values::{
    BlockId, BookingId, Capacity, Currency, DayRange, Label, Limits, LocalizedText, Minutes, Money,
    Month, Quantity, Reason, TimeRange, Timestamp, Zone,
};

/// So many minutes after ten in the morning of 30 June 2016, UTC.
pub(crate) fn at(minutes: i64) -> Timestamp {
    let ten =
        Utc.with_ymd_and_hms(2016, 6, 30, 10, 0, 0).single().expect("ten happens once in UTC");
    ten + Duration::minutes(minutes)
}

/// An instant as it is written.
pub(crate) fn utc(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

pub(crate) fn range(start: Timestamp, end: Timestamp) -> TimeRange {
    TimeRange::try_new(start, end).expect("a start before an end")
}

pub(crate) fn minutes(value: u32) -> Minutes {
    Minutes::try_new(value).expect("a few minutes")
}

/// A date in 2016.
pub(crate) fn date(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2016, month, day).expect("a date of 2016")
}

pub(crate) fn time(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).expect("a time of day")
}

pub(crate) fn currency(code: &str) -> Currency {
    Currency::try_new(code).expect("a known currency")
}

pub(crate) fn eur(minor: u64) -> Money {
    Money::try_new(minor, currency("EUR")).expect("a small amount")
}

pub(crate) fn zone(name: &str) -> Zone {
    Zone::try_new(name).expect("a known zone")
}

pub(crate) fn text(english: &str) -> LocalizedText {
    LocalizedText::try_new([("en", english)]).expect("a short text")
}

pub(crate) fn label(text: &str) -> Label {
    Label::try_new(text).expect("a short label")
}

pub(crate) fn reason(text: &str) -> Reason {
    Reason::try_new(text).expect("a short reason")
}

pub(crate) fn quantity(value: u32) -> Quantity {
    Quantity::try_new(value).expect("a small quantity")
}

pub(crate) fn limits(capacity: u32, overbooking: u32) -> Limits {
    Limits { capacity: Capacity::try_new(capacity).expect("a small capacity"), overbooking }
}

pub(crate) fn days(first: NaiveDate, end: NaiveDate) -> DayRange {
    DayRange::try_new(first, end).expect("at least one day")
}

pub(crate) fn month(number: u32) -> Month {
    Month::try_new(2016, number).expect("a month of 2016")
}

pub(crate) fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub(crate) fn booking(n: u128) -> BookingId {
    BookingId::from_uuid(uuid(n))
}

pub(crate) fn block(n: u128) -> BlockId {
    BlockId::from_uuid(uuid(n))
}
