//! Schedules and slots, told on the wall clock. Laws stand in `laws`, clock changes in `clocks`.

mod admission;
mod any_of;
mod clocks;
mod laws;
mod reference;
mod rules;
mod stored;

use chrono::NaiveDate;

use super::{
    Busy, DayHours, Found, Hours, Schedule, Search, SlotRules, SpecialDate, SpecialHours, Validity,
    WeekHours, slots,
};
use crate::testing::{quantity, zone};
use crate::values::{DayCount, DayRange, Length, Minutes, TimeRange, Timestamp};

fn utc(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn range(start: &str, end: &str) -> TimeRange {
    TimeRange::try_new(utc(start), utc(end)).expect("in order")
}

fn length(minutes: u32) -> Length {
    Length::try_new(minutes).expect("a short length")
}

fn minutes(value: u32) -> Minutes {
    Minutes::try_new(value).expect("a short time")
}

fn day_count(value: u32) -> DayCount {
    DayCount::try_new(value).expect("a few days")
}

/// Hours such as `09:00-12:00 13:00-17:00`.
fn hours(text: &str) -> DayHours {
    let parts = text.split_whitespace().map(|part| {
        let (from, to) = part.split_once('-').expect("from and to");
        Hours::try_new(from.parse().expect("a time"), to.parse().expect("a time")).expect("hours")
    });
    DayHours::try_new(parts).expect("hours of a day")
}

fn every_day(text: &str) -> WeekHours {
    let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] =
        [(); 7].map(|()| hours(text));
    WeekHours { monday, tuesday, wednesday, thursday, friday, saturday, sunday }
}

fn open_daily(name: &str, text: &str) -> Schedule {
    with_special(name, text, Vec::new())
}

fn with_special(name: &str, text: &str, special: Vec<SpecialDate>) -> Schedule {
    let (breaks, valid) = (WeekHours::default(), Validity::default());
    Schedule::try_new(zone(name), every_day(text), breaks, special, valid).expect("a schedule")
}

fn on(date: &str, hours: SpecialHours) -> SpecialDate {
    SpecialDate { date: day(date), hours }
}

/// The open hours of one date, as UTC without seconds.
fn open_on(schedule: &Schedule, date: &str) -> String {
    let first = day(date);
    let end = first.succ_opt().expect("not the end of time");
    let open = schedule.open(DayRange::try_new(first, end).expect("one day"));
    let show = |at: Timestamp| at.format("%dT%H:%M").to_string();
    let shown: Vec<String> =
        open.iter().map(|r| format!("{}..{}", show(r.start()), show(r.end()))).collect();
    shown.join(" ")
}

/// A service of so many minutes, on a grid of so many.
fn service(duration: u32, step: u32) -> SlotRules {
    let json = format!(r#"{{"duration": {duration}, "step": {step}}}"#);
    serde_json::from_str(&json).expect("rules")
}

fn busy(start: &str, end: &str, taken: u32) -> Busy {
    Busy { time: range(start, end), quantity: quantity(taken) }
}

/// A search from a quiet morning long before.
fn search<'a>(schedule: &'a Schedule, rules: &'a SlotRules, range: TimeRange) -> Search<'a> {
    let now = range.start() - chrono::TimeDelta::days(3);
    Search { schedule, rules, busy: &[], booked: &[], now, range, quantity: quantity(1) }
}

/// The starts of the slots on the schedule's wall clock, or the reason why there is none.
fn starts(search: &Search<'_>) -> String {
    let Found { slots, why } = slots(search);
    let zone = search.schedule.zone();
    let shown: Vec<String> = slots
        .iter()
        .map(|slot| zone.wall_clock(slot.time.start()).format("%H:%M").to_string())
        .collect();
    why.map_or_else(|| shown.join(" "), |why| format!("{why:?}"))
}

#[test]
fn breaks_are_taken_out_of_the_hours() {
    let schedule = Schedule::try_new(
        zone("Asia/Riyadh"),
        every_day("09:00-17:00"),
        every_day("12:00-13:00 15:00-15:10"),
        Vec::new(),
        Validity::default(),
    )
    .unwrap();
    let open = "10T06:00..10T09:00 10T10:00..10T12:00 10T12:10..10T14:00";
    assert_eq!(open_on(&schedule, "2024-03-10"), open);
}

#[test]
fn two_partial_closures_leave_the_rest_of_the_day_open() {
    let closed = |text| on("2024-03-10", SpecialHours::ClosedDuring(hours(text)));
    let special = vec![closed("09:00-10:00"), closed("16:00-18:00")];
    let schedule = with_special("Asia/Riyadh", "09:00-17:00", special);
    assert_eq!(open_on(&schedule, "2024-03-10"), "10T07:00..10T13:00");
    assert_eq!(open_on(&schedule, "2024-03-11"), "11T06:00..11T14:00");
}

#[test]
fn partial_closures_may_overlap_and_cut_special_hours_too() {
    let special = vec![
        on("2024-03-10", SpecialHours::ClosedDuring(hours("11:00-12:00"))),
        on("2024-03-10", SpecialHours::Open(hours("10:00-14:00"))),
        on("2024-03-10", SpecialHours::ClosedDuring(hours("11:30-13:00"))),
    ];
    let schedule = with_special("Asia/Riyadh", "09:00-17:00", special);
    assert_eq!(open_on(&schedule, "2024-03-10"), "10T07:00..10T08:00 10T10:00..10T11:00");
}

#[test]
fn a_special_date_is_closed_or_has_its_own_hours_without_the_weeks_breaks() {
    let special = vec![
        on("2024-03-11", SpecialHours::Open(hours("12:00-20:00"))),
        on("2024-03-10", SpecialHours::Closed),
        on("2024-03-10", SpecialHours::ClosedDuring(hours("09:00-10:00"))),
    ];
    let schedule = Schedule::try_new(
        zone("Asia/Riyadh"),
        every_day("09:00-17:00"),
        every_day("12:00-13:00"),
        special,
        Validity::default(),
    )
    .unwrap();
    assert_eq!(open_on(&schedule, "2024-03-10"), "");
    assert_eq!(open_on(&schedule, "2024-03-11"), "11T09:00..11T17:00");
}

#[test]
fn outside_its_period_a_schedule_is_closed() {
    let valid = Validity { first: Some(day("2024-03-11")), end: Some(day("2024-03-12")) };
    let (hours, breaks) = (every_day("09:00-17:00"), WeekHours::default());
    let schedule =
        Schedule::try_new(zone("Asia/Riyadh"), hours, breaks, Vec::new(), valid).unwrap();
    let open = ["2024-03-10", "2024-03-11", "2024-03-12"].map(|date| open_on(&schedule, date));
    assert_eq!(open, ["", "11T06:00..11T14:00", ""]);
}

#[test]
fn an_evening_runs_on_into_the_next_day() {
    let schedule = open_daily("Europe/London", "00:00-02:00 18:00-24:00");
    let days = DayRange::try_new(day("2024-02-01"), day("2024-02-03")).unwrap();
    let night = range("2024-02-01T18:00:00Z", "2024-02-02T02:00:00Z");
    assert_eq!(schedule.open(days)[1], night);
}
