//! How the domain's rules of time look in the OpenAPI document: schedules, slots, and rules of stays.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// What is asked of the time of a booking.
#[derive(Debug, ToSchema, Serialize)]
pub struct SlotRules {
    /// How many minutes it takes, buffers apart.
    #[schema(minimum = 1, maximum = 44_640, example = 45)]
    pub duration: u32,
    /// How many minutes from one possible start to the next; 15, unless said otherwise.
    #[schema(required = false, minimum = 1, maximum = 44_640, default = 15)]
    pub step: u32,
    /// Where steps are counted from: `range` (the start of each free range), unless said otherwise, or `clock`.
    #[schema(required = false, example = "range")]
    pub grid: String,
    /// How many minutes are kept free before it.
    #[schema(required = false, maximum = 527_040, default = 0)]
    pub buffer_before: u32,
    /// How many minutes are kept free after it.
    #[schema(required = false, maximum = 527_040, default = 0)]
    pub buffer_after: u32,
    /// Whether buffers may lie outside the hours: `allowed`, unless said otherwise, or `refused`.
    #[schema(required = false, example = "allowed")]
    pub past_closing: String,
    /// How many can have it at the same time.
    #[schema(required = false, minimum = 1, maximum = 10_000, default = 1)]
    pub capacity: u32,
    /// How long before the start it must be booked, at the least.
    #[schema(required = false)]
    pub notice: Lead,
    /// How long before the start it may be booked, at the most.
    pub ahead: Option<Lead>,
    /// How many bookings may begin in one period of the wall clock.
    #[schema(required = false)]
    pub limits: BookingLimits,
    /// The day a week begins with: `monday`, unless said otherwise, `sunday` or `saturday`.
    #[schema(required = false, example = "monday")]
    pub week_start: String,
    /// Which days are no working days: `sat_sun`, unless said otherwise, or `fri_sat`.
    #[schema(required = false, example = "sat_sun")]
    pub weekend: String,
}

/// A time ahead of now: one of `minutes`, `days` of the calendar, and `working_days`.
#[derive(Debug, ToSchema, Serialize)]
#[schema(min_properties = 1, max_properties = 1, example = json!({"minutes": 120}))]
pub struct Lead {
    /// So many minutes.
    #[schema(maximum = 527_040)]
    pub minutes: Option<u32>,
    /// So many days of the calendar.
    #[schema(maximum = 3_660)]
    pub days: Option<u32>,
    /// So many working days.
    #[schema(maximum = 3_660)]
    pub working_days: Option<u32>,
}

/// The most bookings that begin in one period of the wall clock.
#[derive(Debug, ToSchema, Serialize)]
pub struct BookingLimits {
    /// On one date.
    #[schema(minimum = 1, maximum = 10_000)]
    pub per_day: Option<u32>,
    /// In one week.
    #[schema(minimum = 1, maximum = 10_000)]
    pub per_week: Option<u32>,
    /// In one month of the calendar.
    #[schema(minimum = 1, maximum = 10_000)]
    pub per_month: Option<u32>,
}

/// When something is open, on the wall clock of a zone.
#[derive(Debug, ToSchema, Serialize)]
pub struct Schedule {
    /// The IANA zone where the wall clock hangs.
    #[schema(example = "Asia/Amman")]
    pub zone: String,
    /// The hours of each day of the week, by its name: `monday` to `sunday`. What is left out is a day off.
    #[schema(example = json!({"sunday": [{"from": "09:00", "to": "17:00"}]}))]
    pub hours: BTreeMap<String, Vec<Hours>>,
    /// Breaks that are taken out of these hours, by day of the week.
    #[schema(required = false)]
    pub breaks: BTreeMap<String, Vec<Hours>>,
    /// Dates that differ; up to 2,000.
    #[schema(required = false, max_items = 2_000)]
    pub special: Vec<SpecialDate>,
    /// The dates on which it holds; on all others it is closed.
    #[schema(required = false)]
    pub valid: Validity,
}

/// Part of one day on the wall clock.
#[derive(Debug, ToSchema, Serialize)]
pub struct Hours {
    /// When it begins.
    #[schema(example = "09:00")]
    pub from: String,
    /// When it ends; `24:00` is the end of the day.
    #[schema(example = "17:00")]
    pub to: String,
}

/// A date on which the week's hours do not hold.
#[derive(Debug, ToSchema, Serialize)]
pub struct SpecialDate {
    /// The date.
    pub date: NaiveDate,
    /// `"closed"`, or `{"open": [hours]}` instead of the week's, or `{"closed_during": [hours]}`.
    #[schema(value_type = Object, example = json!({"closed_during": [{"from": "12:00", "to": "14:00"}]}))]
    pub hours: serde_json::Value,
}

/// The dates on which a schedule holds.
#[derive(Debug, ToSchema, Serialize)]
pub struct Validity {
    /// The first date.
    pub first: Option<NaiveDate>,
    /// The date after the last one.
    pub end: Option<NaiveDate>,
}

/// What is asked of a stay, unless a period asks something else.
#[derive(Debug, ToSchema, Serialize)]
pub struct StayRules {
    /// The fewest nights; a day use stays none and need not.
    #[schema(minimum = 1, maximum = 366, example = 2)]
    pub least: Option<u32>,
    /// The most nights.
    #[schema(minimum = 1, maximum = 366, example = 14)]
    pub most: Option<u32>,
    /// The days of the week on which nobody arrives.
    #[schema(required = false, example = json!(["sunday"]))]
    pub closed_to_arrival: Vec<String>,
    /// The days of the week on which nobody departs.
    #[schema(required = false, example = json!(["saturday"]))]
    pub closed_to_departure: Vec<String>,
    /// Periods of arrival that ask something else; none shares a day with another.
    #[schema(required = false, max_items = 200)]
    pub periods: Vec<StayPeriod>,
}

/// What is asked of those who arrive on some days; what is not given stays as usual.
#[derive(Debug, ToSchema, Serialize)]
pub struct StayPeriod {
    /// The days.
    pub days: Days,
    /// The fewest nights.
    #[schema(minimum = 1, maximum = 366)]
    pub least: Option<u32>,
    /// The most nights.
    #[schema(minimum = 1, maximum = 366)]
    pub most: Option<u32>,
    /// The days of the week on which nobody arrives.
    pub closed_to_arrival: Option<Vec<String>>,
    /// The days of the week on which nobody departs who arrived in the period.
    pub closed_to_departure: Option<Vec<String>>,
    /// Whether nobody sleeps there on these days, nor uses them by day.
    #[schema(required = false, default = false)]
    pub closed: bool,
}

/// A run of days.
#[derive(Debug, ToSchema, Serialize)]
pub struct Days {
    /// The first day.
    pub first: NaiveDate,
    /// The day after the last.
    pub end: NaiveDate,
}
