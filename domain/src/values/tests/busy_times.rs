//! Times with buffers, and the months they lie in, on wall clocks that skip and repeat hours.

use chrono::{NaiveTime, TimeDelta};
use proptest::prelude::*;

use super::{refused, stored_as};
use crate::testing::{minutes, range, utc, zone};
use crate::values::{BusyTime, BusyTimeError, Month, TimeRange, Timestamp};

fn busy(start: &str, end: &str, before: u32, after: u32) -> Result<BusyTime, BusyTimeError> {
    BusyTime::try_new(range(utc(start), utc(end)), minutes(before), minutes(after))
}

/// Zone, month, its first instant and the first one after it, and its hours.
const MONTHS: [(&str, &str, &str, &str, i64); 14] = [
    ("America/New_York", "2024-03", "2024-03-01T05:00:00Z", "2024-04-01T04:00:00Z", 743),
    ("America/New_York", "2024-11", "2024-11-01T04:00:00Z", "2024-12-01T05:00:00Z", 721),
    ("Europe/London", "2024-03", "2024-03-01T00:00:00Z", "2024-03-31T23:00:00Z", 743),
    ("Europe/London", "2024-10", "2024-09-30T23:00:00Z", "2024-11-01T00:00:00Z", 745),
    ("Africa/Cairo", "2023-04", "2023-03-31T22:00:00Z", "2023-04-30T21:00:00Z", 719),
    // clocks in Cairo went from midnight to one on 1 August 2014: the month began at one
    ("Africa/Cairo", "2014-07", "2014-06-30T22:00:00Z", "2014-07-31T22:00:00Z", 744),
    ("Africa/Cairo", "2014-08", "2014-07-31T22:00:00Z", "2014-08-31T21:00:00Z", 743),
    ("Asia/Beirut", "2024-03", "2024-02-29T22:00:00Z", "2024-03-31T21:00:00Z", 743),
    // and so they did in Beirut on 1 May 1986
    ("Asia/Beirut", "1986-05", "1986-04-30T22:00:00Z", "1986-05-31T21:00:00Z", 743),
    ("Africa/Casablanca", "2024-03", "2024-02-29T23:00:00Z", "2024-04-01T00:00:00Z", 745),
    ("Asia/Riyadh", "2024-03", "2024-02-29T21:00:00Z", "2024-03-31T21:00:00Z", 744),
    ("Asia/Kolkata", "2024-02", "2024-01-31T18:30:00Z", "2024-02-29T18:30:00Z", 696),
    // one minute after midnight clocks in St. John's went back to show the old month once more
    ("America/St_Johns", "2009-11", "2009-11-01T02:30:00Z", "2009-12-01T03:30:00Z", 721),
    // a local mean time is off by seconds
    ("Africa/Monrovia", "1960-01", "1960-01-01T00:44:00Z", "1960-02-01T00:44:00Z", 744),
];

#[test]
fn a_month_lasts_from_its_first_midnight_to_the_next_months() {
    for (name, month, start, end, hours) in MONTHS {
        let (zone, month): (_, Month) = (zone(name), month.parse().unwrap());
        let time = month.time(zone);
        assert_eq!(time, range(utc(start), utc(end)), "{name} {month}");
        assert_eq!((time.end() - time.start()).num_hours(), hours, "{name} {month}");
        assert_eq!(Month::at(time.start(), zone), month, "{name}");
        assert_eq!(Month::at(time.end(), zone), month.next(), "{name}");
        assert_eq!(Month::at(time.end() - TimeDelta::seconds(1), zone), month, "{name}");
    }
}

#[test]
fn an_instant_that_shows_the_old_month_again_belongs_to_the_new_one() {
    let zone = zone("America/St_Johns");
    let again = utc("2009-11-01T03:00:00Z");
    assert_eq!(zone.local_date(again).to_string(), "2009-10-31");
    assert_eq!(Month::at(again, zone).to_string(), "2009-11");
}

#[test]
fn buffers_are_part_of_a_busy_time() {
    let time = busy("2024-03-10T09:00:00Z", "2024-03-10T10:00:00Z", 15, 5).unwrap();
    let all = range(utc("2024-03-10T08:45:00Z"), utc("2024-03-10T10:05:00Z"));
    let plain = range(utc("2024-03-10T09:00:00Z"), utc("2024-03-10T10:00:00Z"));
    assert_eq!((time.range(), time.plain()), (all, Some(plain)));
    assert_eq!((time.before(), time.after()), (minutes(15), minutes(5)));
    stored_as(
        &time,
        r#"{"start":"2024-03-10T08:45:00Z","end":"2024-03-10T10:05:00Z","before":15,"after":5}"#,
    );
    stored_as(
        &busy("2024-03-10T09:00:00Z", "2024-03-10T10:00:00Z", 0, 0).unwrap(),
        r#"{"start":"2024-03-10T09:00:00Z","end":"2024-03-10T10:00:00Z"}"#,
    );
}

#[test]
fn a_busy_time_is_on_whole_minutes_and_within_bounds() {
    let at = utc("2024-03-10T09:00:30Z");
    assert_eq!(
        busy("2024-03-10T09:00:30Z", "2024-03-10T10:00:00Z", 0, 0),
        Err(BusyTimeError::NotOnTheMinute { at }),
    );
    let year = busy("2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z", 0, 0);
    assert!(year.is_ok());
    let longer = busy("2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z", 1, 0);
    assert_eq!(longer, Err(BusyTimeError::TooLong));
    for (start, end) in [
        ("1900-01-01T23:59:00Z", "1900-01-02T01:00:00Z"),
        ("2199-12-30T23:00:00Z", "2199-12-31T00:01:00Z"),
    ] {
        assert_eq!(busy(start, end, 0, 0), Err(BusyTimeError::OutOfBounds));
    }
    let endless = TimeRange::try_new(Timestamp::MIN_UTC, Timestamp::MAX_UTC).unwrap();
    let endless = BusyTime::try_new(endless, minutes(1), minutes(1));
    assert_eq!(endless, Err(BusyTimeError::OutOfBounds));
    refused::<BusyTime>(r#"{"start":"2024-03-10T09:00:00Z","end":"2024-03-10T09:00:00Z"}"#);
    refused::<BusyTime>(
        r#"{"start":"2024-03-10T09:00:00Z","end":"2024-03-10T09:10:00Z","before":6,"after":5}"#,
    );
    refused::<BusyTime>(
        r#"{"start":"2024-03-10T09:00:00Z","end":"2024-03-10T09:10:00Z","buffer":6}"#,
    );
}

#[test]
fn a_buffer_is_split_where_the_month_ends() {
    // from five past midnight in Riyadh, with ten minutes before it: half of them are in June
    let time = busy("2016-06-30T21:05:00Z", "2016-06-30T22:00:00Z", 10, 5).unwrap();
    let parts = time.split_by_month(zone("Asia/Riyadh"));
    let [(june, before), (july, rest)] = parts[..] else { panic!("{parts:?}") };
    assert_eq!((june.to_string(), july.to_string()), ("2016-06".into(), "2016-07".into()));
    assert_eq!(before.range(), range(utc("2016-06-30T20:55:00Z"), utc("2016-06-30T21:00:00Z")));
    assert_eq!((before.before(), before.after(), before.plain()), (minutes(5), minutes(0), None));
    assert_eq!(rest.range(), range(utc("2016-06-30T21:00:00Z"), utc("2016-06-30T22:05:00Z")));
    assert_eq!((rest.before(), rest.after()), (minutes(5), minutes(5)));
    assert_eq!(rest.plain().unwrap().start(), utc("2016-06-30T21:05:00Z"));
}

const ZONES: [&str; 8] = [
    "America/New_York",
    "Europe/London",
    "Africa/Cairo",
    "Asia/Beirut",
    "Africa/Casablanca",
    "Asia/Riyadh",
    "Asia/Kolkata",
    "America/St_Johns",
];

prop_compose! {
    /// From an hour to over a year, anywhere between 1980 and 2060.
    fn a_busy_time()(
        start in 5_259_600..47_336_400_i64,
        length in prop_oneof![1..300_i64, 1..520_000_i64],
        buffers in (0..90_u32, 0..90_u32),
    ) -> BusyTime {
        let at = |minute: i64| Timestamp::from_timestamp(minute * 60, 0).expect("an instant");
        let time = range(at(start), at(start + length));
        BusyTime::try_new(time, minutes(buffers.0), minutes(buffers.1)).expect("within a year")
    }
}

proptest! {
    /// The parts follow each other, cover the whole, buffers included, and each is in its month.
    #[test]
    fn months_cover_exactly_the_time_they_split(time in a_busy_time(), name in prop::sample::select(&ZONES[..])) {
        let zone = zone(name);
        let parts = time.split_by_month(zone);
        let all = time.range();
        prop_assert_eq!(parts.first().map(|(_, part)| part.range().start()), Some(all.start()));
        prop_assert_eq!(parts.last().map(|(_, part)| part.range().end()), Some(all.end()));
        for pair in parts.windows(2) {
            prop_assert_eq!(pair[0].0.next(), pair[1].0);
            prop_assert_eq!(pair[0].1.range().end(), pair[1].1.range().start());
        }
        for (month, part) in &parts {
            prop_assert!(month.time(zone).contains(part.range()));
        }
        let sum = |of: fn(BusyTime) -> u32| parts.iter().map(|(_, part)| of(*part)).sum::<u32>();
        prop_assert_eq!(sum(|part| part.before().get()), time.before().get());
        prop_assert_eq!(sum(|part| part.after().get()), time.after().get());
        let plain: Vec<_> = parts.iter().filter_map(|(_, part)| part.plain()).collect();
        prop_assert_eq!(plain.first().map(|p| p.start()), time.plain().map(TimeRange::start));
        prop_assert_eq!(plain.last().map(|p| p.end()), time.plain().map(TimeRange::end));
    }

    /// Months follow each other without a gap and without an overlap, so no instant is in two of them.
    #[test]
    fn every_instant_is_in_one_month(year in 1970..2060_i32, number in 1..13_u32, name in prop::sample::select(&ZONES[..])) {
        let (zone, month) = (zone(name), Month::try_new(year, number).unwrap());
        let time = month.time(zone);
        prop_assert_eq!(time.end(), month.next().time(zone).start());
        // Two hours more at most: St. John's ended its double summer time on 30 October 1988.
        prop_assert!(time.end() - time.start() <= TimeDelta::hours(31 * 24 + 2));
        prop_assert!(time.start() <= zone.instant(month.first_day(), NaiveTime::MIN));
    }

    /// What lies before an instant and what does not make up the whole.
    #[test]
    fn a_time_is_cut_at_a_whole_minute(time in a_busy_time(), second in -9_000..9_000_i64, at_end: bool) {
        let all = time.range();
        let at = if at_end { all.end() } else { all.start() } + TimeDelta::seconds(second);
        let (before, after) = (time.before_instant(at), time.on_or_after(at));
        let length = |part: Option<BusyTime>| {
            part.map_or(0, |part| (part.range().end() - part.range().start()).num_minutes())
        };
        prop_assert_eq!(length(before) + length(after), length(Some(time)));
        prop_assert!(after.is_none_or(|after| after.range().start() >= at));
        prop_assert!(before.is_none_or(|before| before.range().end() < at + TimeDelta::minutes(1)));
        let buffers = |part: Option<BusyTime>| part.map_or((0, 0), |p| (p.before().get(), p.after().get()));
        let (one, other) = (buffers(before), buffers(after));
        prop_assert_eq!((one.0 + other.0, one.1 + other.1), buffers(Some(time)));
    }
}
