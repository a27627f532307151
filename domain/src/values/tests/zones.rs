//! Wall clocks in zones that skip and repeat hours, midnight among them.

use chrono::{NaiveDate, NaiveTime};
use proptest::prelude::*;

use super::{refused, stored_as};
use crate::testing::{utc, zone};
use crate::values::{Timestamp, Zone};

/// Zone, what the wall clock shows, and the instant it means.
const CLOCKS: [(&str, &str, &str, &str); 17] = [
    // Cairo skips the hour from midnight on 28 April 2023: clocks go 00:00 → 01:00
    ("Africa/Cairo", "2023-04-27", "23:59:59", "2023-04-27T21:59:59Z"),
    ("Africa/Cairo", "2023-04-28", "00:00:00", "2023-04-27T22:00:00Z"),
    ("Africa/Cairo", "2023-04-28", "00:30:00", "2023-04-27T22:00:00Z"),
    ("Africa/Cairo", "2023-04-28", "01:00:00", "2023-04-27T22:00:00Z"),
    // and repeats the last hour of 26 October 2023
    ("Africa/Cairo", "2023-10-26", "23:30:00", "2023-10-26T20:30:00Z"),
    ("Africa/Cairo", "2023-10-27", "00:00:00", "2023-10-26T22:00:00Z"),
    // Beirut skips midnight too
    ("Asia/Beirut", "2024-03-31", "00:00:00", "2024-03-30T22:00:00Z"),
    ("Asia/Beirut", "2024-10-26", "23:30:00", "2024-10-26T20:30:00Z"),
    // Casablanca goes back for Ramadan and forward after it
    ("Africa/Casablanca", "2024-03-10", "02:30:00", "2024-03-10T01:30:00Z"),
    ("Africa/Casablanca", "2024-04-14", "02:30:00", "2024-04-14T02:00:00Z"),
    ("Africa/Casablanca", "2024-04-14", "03:00:00", "2024-04-14T02:00:00Z"),
    // New York
    ("America/New_York", "2024-03-10", "02:30:00", "2024-03-10T07:00:00Z"),
    ("America/New_York", "2024-11-03", "01:30:00", "2024-11-03T05:30:00Z"),
    // Kolkata never changes and is half an hour off
    ("Asia/Kolkata", "2024-03-10", "02:30:00", "2024-03-09T21:00:00Z"),
    // Lord Howe moves by half an hour
    ("Australia/Lord_Howe", "2024-10-06", "02:15:00", "2024-10-05T15:30:00Z"),
    // Apia left out a whole day
    ("Pacific/Apia", "2011-12-30", "00:00:00", "2011-12-30T10:00:00Z"),
    ("Pacific/Apia", "2011-12-30", "23:59:59", "2011-12-30T10:00:00Z"),
];

#[test]
fn a_wall_clock_means_one_instant_even_when_it_jumps() {
    for (name, date, time, instant) in CLOCKS {
        let date: NaiveDate = date.parse().unwrap();
        let time: NaiveTime = time.parse().unwrap();
        assert_eq!(zone(name).instant(date, time), utc(instant), "{name} {date} {time}");
        let shown = zone(name).wall_clock(utc(instant)) == date.and_time(time);
        let shown_at = zone(name).shown_at(date.and_time(time));
        assert_eq!(shown_at, shown.then(|| utc(instant)), "{name} {date} {time}");
    }
}

#[test]
fn a_day_lasts_from_one_midnight_to_the_next() {
    for (name, instant, first, end) in [
        ("Asia/Kolkata", "2024-03-10T00:00:00Z", "2024-03-09T18:30:00Z", "2024-03-10T18:30:00Z"),
        // 23 hours and 25 hours in New York
        (
            "America/New_York",
            "2024-03-10T12:00:00Z",
            "2024-03-10T05:00:00Z",
            "2024-03-11T04:00:00Z",
        ),
        (
            "America/New_York",
            "2024-11-03T04:00:00Z",
            "2024-11-03T04:00:00Z",
            "2024-11-04T05:00:00Z",
        ),
        // a day without a midnight, and one that shows its last hour twice, in Cairo
        ("Africa/Cairo", "2023-04-28T12:00:00Z", "2023-04-27T22:00:00Z", "2023-04-28T21:00:00Z"),
        ("Africa/Cairo", "2023-10-26T21:30:00Z", "2023-10-25T21:00:00Z", "2023-10-26T22:00:00Z"),
        // Azores clocks go back from 01:00 to midnight; the day before is not shown again
        ("Atlantic/Azores", "2024-10-27T00:30:00Z", "2024-10-27T00:00:00Z", "2024-10-28T01:00:00Z"),
    ] {
        let day = zone(name).day_of(utc(instant));
        assert_eq!((day.start(), day.end()), (utc(first), utc(end)), "{name} {instant}");
    }
}

#[test]
fn the_date_is_the_one_the_wall_clock_shows() {
    for (name, instant, date) in [
        ("Africa/Cairo", "2016-06-30T21:59:59Z", "2016-06-30"),
        ("Africa/Cairo", "2016-06-30T22:00:00Z", "2016-07-01"),
        ("America/New_York", "2016-07-01T03:59:59Z", "2016-06-30"),
        ("Asia/Kolkata", "2016-06-30T18:30:00Z", "2016-07-01"),
    ] {
        assert_eq!(zone(name).local_date(utc(instant)).to_string(), date, "{name} {instant}");
    }
}

#[test]
fn a_day_has_23_or_25_hours_when_clocks_change() {
    let hours = |name: &str, date: &str| {
        let date: NaiveDate = date.parse().expect("a date");
        let next = date.succ_opt().expect("not the end of time");
        let midnight = |date| zone(name).instant(date, NaiveTime::MIN);
        (midnight(next) - midnight(date)).num_hours()
    };
    assert_eq!(hours("Africa/Cairo", "2023-04-28"), 23);
    assert_eq!(hours("Africa/Cairo", "2023-10-26"), 25);
    assert_eq!(hours("America/New_York", "2024-03-10"), 23);
    assert_eq!(hours("America/New_York", "2024-11-03"), 25);
    assert_eq!(hours("Africa/Casablanca", "2024-03-10"), 25);
}

#[test]
fn a_zone_is_stored_by_its_name() {
    stored_as(&zone("Africa/Cairo"), r#""Africa/Cairo""#);
    refused::<Zone>(r#""Cairo""#);
    refused::<Zone>(r#""+02:00""#);
}

proptest! {
    /// An instant read off a wall clock is found again, or the same reading a little earlier.
    #[test]
    fn a_wall_clock_is_read_back(
        name in prop::sample::select(vec![
            "Africa/Cairo", "Asia/Beirut", "Africa/Casablanca", "America/New_York",
            "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "Europe/Lisbon",
        ]),
        seconds in 946_684_800..2_051_222_400_i64, // 2000 to 2034
    ) {
        let at = Timestamp::from_timestamp(seconds, 0).expect("an instant");
        let tz: chrono_tz::Tz = name.parse().expect("a zone");
        let wall = at.with_timezone(&tz).naive_local();
        let found = zone(name).instant(wall.date(), wall.time());
        prop_assert!(found <= at && at - found <= chrono::Duration::hours(1));
        prop_assert_eq!(found.with_timezone(&tz).naive_local(), wall);
        prop_assert_eq!(zone(name).local_date(at), wall.date());
    }
}
