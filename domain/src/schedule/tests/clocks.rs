//! Days on which clocks are changed.

use chrono::TimeDelta;

use super::{day, hours, open_daily, open_on, range, search, service, starts};
use crate::schedule::{Grid, Schedule, SpecialDate, SpecialHours, Validity, WeekHours, slots};
use crate::testing::zone;
use crate::values::DayRange;

/// Zone, date, hours on the wall clock, and the instants they are, in UTC.
const DAYS: [(&str, &str, &str, &str); 28] = [
    // New York skips from 02:00 to 03:00 …
    ("America/New_York", "2024-03-10", "00:00-24:00", "10T05:00..11T04:00"),
    ("America/New_York", "2024-03-10", "02:15-05:00", "10T07:00..10T09:00"),
    ("America/New_York", "2024-03-10", "01:30-02:30", "10T06:30..10T07:00"),
    ("America/New_York", "2024-03-10", "02:00-03:00", ""),
    ("America/New_York", "2024-03-10", "09:00-17:00", "10T13:00..10T21:00"),
    // … and shows the hour from 01:00 twice
    ("America/New_York", "2024-11-03", "00:00-24:00", "03T04:00..04T05:00"),
    ("America/New_York", "2024-11-03", "01:00-01:30", "03T05:00..03T05:30 03T06:00..03T06:30"),
    ("America/New_York", "2024-11-03", "01:30-03:00", "03T05:30..03T06:00 03T06:30..03T08:00"),
    ("America/New_York", "2024-11-03", "09:00-17:00", "03T14:00..03T22:00"),
    ("Europe/London", "2024-03-31", "00:30-01:30", "31T00:30..31T01:00"),
    ("Europe/London", "2024-03-31", "01:30-03:00", "31T01:00..31T02:00"),
    ("Europe/London", "2024-10-27", "01:00-02:00", "27T00:00..27T02:00"),
    ("Europe/London", "2024-10-27", "00:00-24:00", "26T23:00..28T00:00"),
    // Cairo skips midnight, and repeats the last hour of a day
    ("Africa/Cairo", "2023-04-28", "00:00-24:00", "27T22:00..28T21:00"),
    ("Africa/Cairo", "2023-04-28", "00:00-02:00", "27T22:00..27T23:00"),
    ("Africa/Cairo", "2023-10-26", "22:00-24:00", "26T19:00..26T22:00"),
    ("Africa/Cairo", "2023-10-26", "23:00-23:30", "26T20:00..26T20:30 26T21:00..26T21:30"),
    ("Asia/Beirut", "2024-03-31", "00:00-08:00", "30T22:00..31T05:00"),
    ("Asia/Beirut", "2024-10-26", "18:00-24:00", "26T15:00..26T22:00"),
    // Casablanca goes back for Ramadan, and forward after it
    ("Africa/Casablanca", "2024-03-09", "09:00-10:00", "09T08:00..09T09:00"),
    ("Africa/Casablanca", "2024-03-10", "02:00-03:00", "10T01:00..10T03:00"),
    ("Africa/Casablanca", "2024-03-11", "09:00-10:00", "11T09:00..11T10:00"),
    ("Africa/Casablanca", "2024-04-14", "01:00-04:00", "14T01:00..14T03:00"),
    ("Africa/Casablanca", "2024-04-15", "09:00-10:00", "15T08:00..15T09:00"),
    // these two never change
    ("Asia/Kolkata", "2024-03-10", "09:00-17:30", "10T03:30..10T12:00"),
    ("Asia/Riyadh", "2024-03-10", "00:00-24:00", "09T21:00..10T21:00"),
    // Apia left out a whole day
    ("Pacific/Apia", "2011-12-30", "00:00-24:00", ""),
    // St. John's went back a minute after midnight, so that the old date came twice
    ("America/St_Johns", "2006-10-28", "23:00-24:00", "29T01:30..29T02:30 29T02:31..29T03:30"),
];

#[test]
fn a_place_is_open_while_the_wall_clock_shows_its_hours() {
    for (name, date, text, open) in DAYS {
        assert_eq!(open_on(&open_daily(name, text), date), open, "{name} {date} {text}");
        // a special date with these hours is open just the same
        let special = SpecialDate { date: day(date), hours: SpecialHours::Open(hours(text)) };
        let none = WeekHours::default;
        let always = Validity::default();
        let own = Schedule::try_new(zone(name), none(), none(), vec![special], always);
        assert_eq!(open_on(&own.unwrap(), date), open, "{name} {date} {text}");
    }
}

#[test]
fn over_a_change_of_clocks_days_still_join_without_a_gap() {
    for (name, date, _, _) in DAYS {
        let first = day(date) - TimeDelta::days(3);
        let days = DayRange::try_new(first, day(date) + TimeDelta::days(4)).unwrap();
        assert_eq!(open_daily(name, "00:00-24:00").open(days).len(), 1, "{name} {date}");
    }
}

#[test]
fn slots_keep_to_the_wall_clock_when_an_hour_is_skipped() {
    let schedule = open_daily("America/New_York", "01:00-05:00");
    let mut rules = service(60, 30);
    rules.grid = Grid::Clock;
    let day = range("2024-03-10T00:00:00Z", "2024-03-11T00:00:00Z");
    // 01:30 is followed by 03:00, half an hour later
    assert_eq!(starts(&search(&schedule, &rules, day)), "01:00 01:30 03:00 03:30 04:00");
}

#[test]
fn slots_come_twice_when_an_hour_is_shown_twice() {
    let schedule = open_daily("America/New_York", "00:00-03:00");
    for grid in [Grid::Clock, Grid::Range] {
        let mut rules = service(60, 60);
        rules.grid = grid;
        let day = range("2024-11-03T04:00:00Z", "2024-11-04T04:00:00Z");
        assert_eq!(starts(&search(&schedule, &rules, day)), "00:00 01:00 01:00 02:00");
    }
}

#[test]
fn every_slot_lasts_as_long_as_it_should_whatever_clocks_do() {
    for (name, date, _, _) in DAYS {
        let schedule = open_daily(name, "00:00-24:00");
        let rules = service(90, 45);
        let from = day(date).and_time(chrono::NaiveTime::MIN).and_utc();
        let three_days = range(&from.to_rfc3339(), &(from + TimeDelta::days(3)).to_rfc3339());
        let found = slots(&search(&schedule, &rules, three_days)).slots;
        assert!(found.len() > 48, "{name}");
        for slot in found {
            assert_eq!(slot.time.end() - slot.time.start(), TimeDelta::minutes(90), "{name}");
            assert_eq!(slot.date, zone(name).local_date(slot.time.start()), "{name}");
        }
    }
}
