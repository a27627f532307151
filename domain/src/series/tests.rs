//! Series, told by the dates they give.

mod laws;
mod rules;

use chrono::NaiveDateTime;

use super::{
    NoSuchOccurrence, Occurrence, Rule, Scope, Series, SeriesError, SeriesPlan, SeriesText,
    SeriesTextError,
};
use crate::testing::zone;
use crate::values::{Length, TimeRange, Timestamp};

fn wall(text: &str) -> NaiveDateTime {
    text.parse().expect("a date and time")
}

fn utc(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// A plan for an hour each time.
fn plan(name: &str, start: &str, rule: &str) -> SeriesPlan {
    SeriesPlan {
        zone: zone(name),
        start: wall(start),
        duration: Length::try_new(60).expect("an hour"),
        rule: Rule::try_new(rule).expect("a rule"),
        except: Vec::new(),
        also: Vec::new(),
    }
}

fn series(name: &str, start: &str, rule: &str) -> Series {
    Series::try_new(plan(name, start, rule)).expect("a series")
}

/// The starts on the wall clock of the zone.
fn walls(series: &Series) -> Vec<String> {
    let zone = series.plan().zone;
    series.occurrences().iter().map(|o| zone.wall_clock(o.time.start()).to_string()).collect()
}

fn starts(series: &Series) -> Vec<String> {
    let starts = series.occurrences().iter().map(|o| o.time.start());
    starts.map(|at| at.format("%m-%dT%H:%M").to_string()).collect()
}

#[test]
fn a_weekly_class_stays_at_nine_when_clocks_are_changed() {
    for (name, start, expected) in [
        ("America/New_York", "2024-03-04T09:00:00", ["03-04T14:00", "03-11T13:00", "03-18T13:00"]),
        ("Europe/London", "2024-10-21T09:00:00", ["10-21T08:00", "10-28T09:00", "11-04T09:00"]),
        ("Africa/Cairo", "2023-04-24T09:00:00", ["04-24T07:00", "05-01T06:00", "05-08T06:00"]),
        ("Asia/Beirut", "2024-03-25T09:00:00", ["03-25T07:00", "04-01T06:00", "04-08T06:00"]),
        ("Africa/Casablanca", "2024-03-04T09:00:00", ["03-04T08:00", "03-11T09:00", "03-18T09:00"]),
        ("Asia/Kolkata", "2024-03-04T09:00:00", ["03-04T03:30", "03-11T03:30", "03-18T03:30"]),
        ("Asia/Riyadh", "2024-03-04T09:00:00", ["03-04T06:00", "03-11T06:00", "03-18T06:00"]),
    ] {
        assert_eq!(starts(&series(name, start, "FREQ=WEEKLY;COUNT=3")), expected, "{name}");
    }
}

#[test]
fn a_time_that_clocks_skip_is_left_out_and_does_not_count() {
    let skipping = series("America/New_York", "2024-03-09T02:30:00", "FREQ=DAILY;COUNT=3");
    let expected = ["2024-03-09 02:30:00", "2024-03-11 02:30:00", "2024-03-12 02:30:00"];
    assert_eq!(walls(&skipping), expected);
    let first_skipped = series("Africa/Cairo", "2023-04-28T00:00:00", "FREQ=DAILY;COUNT=1");
    assert_eq!(walls(&first_skipped), ["2023-04-29 00:00:00"]);
}

#[test]
fn a_time_shown_twice_means_the_first_showing() {
    let twice = series("America/New_York", "2024-11-02T01:30:00", "FREQ=DAILY;COUNT=3");
    assert_eq!(starts(&twice), ["11-02T05:30", "11-03T05:30", "11-04T06:30"]);
}

#[test]
fn dates_left_out_keep_their_place_in_the_count() {
    let mut plan = plan("Asia/Amman", "2026-12-03T10:00:00", "FREQ=WEEKLY;COUNT=4");
    plan.except = vec![wall("2026-12-10T10:00:00")];
    let series = Series::try_new(plan.clone()).unwrap();
    let expected = ["2026-12-03 10:00:00", "2026-12-17 10:00:00", "2026-12-24 10:00:00"];
    assert_eq!(walls(&series), expected);
    plan.except = vec![wall("2026-12-10T11:00:00")];
    let unknown = SeriesError::NotOnRule(wall("2026-12-10T11:00:00"));
    assert_eq!(Series::try_new(plan), Err(unknown));
}

#[test]
fn a_skipped_date_may_be_left_out_too() {
    let mut plan = plan("America/New_York", "2024-03-09T02:30:00", "FREQ=DAILY;COUNT=2");
    plan.except = vec![wall("2024-03-10T02:30:00")];
    let expected = ["2024-03-09 02:30:00", "2024-03-11 02:30:00"];
    assert_eq!(walls(&Series::try_new(plan).unwrap()), expected);
}

#[test]
fn dates_may_be_added_once_each() {
    let mut plan = plan("America/New_York", "2024-03-04T09:00:00", "FREQ=WEEKLY;COUNT=2");
    plan.also =
        ["2024-03-12T15:00:00", "2024-03-05T09:00:00", "2024-03-04T09:00:00"].map(wall).to_vec();
    let series = Series::try_new(plan.clone()).unwrap();
    assert_eq!(starts(&series), ["03-04T14:00", "03-05T14:00", "03-11T13:00", "03-12T19:00"]);
    plan.also = vec![wall("2024-03-10T02:30:00")];
    let skipped = SeriesError::Skipped(wall("2024-03-10T02:30:00"));
    assert_eq!(Series::try_new(plan), Err(skipped));
}

#[test]
fn a_series_starts_on_a_date_of_its_rule() {
    let tuesday = plan("Asia/Amman", "2026-12-01T10:00:00", "FREQ=WEEKLY;BYDAY=MO;COUNT=4");
    let refusal = SeriesError::StartNotOnRule {
        start: wall("2026-12-01T10:00:00"),
        first: wall("2026-12-07T10:00:00"),
    };
    assert_eq!(Series::try_new(tuesday), Err(refusal));
}

#[test]
fn a_series_may_have_a_thousand_dates_and_no_more() {
    let daily = |end: &str| {
        Series::try_new(plan("Asia/Amman", "2026-01-01T10:00:00", &format!("FREQ=DAILY;{end}")))
    };
    assert_eq!(daily("COUNT=1000").unwrap().occurrences().len(), 1_000);
    assert_eq!(daily("UNTIL=20280926").unwrap().occurrences().len(), 1_000);
    assert_eq!(daily("UNTIL=20280927"), Err(SeriesError::TooMany));
    assert_eq!(daily("UNTIL=99991231"), Err(SeriesError::TooMany));
    let mut full = plan("Asia/Amman", "2026-01-01T10:00:00", "FREQ=DAILY;COUNT=1000");
    full.also = vec![wall("2026-01-01T12:00:00")];
    assert_eq!(Series::try_new(full), Err(SeriesError::TooMany));
}

#[test]
fn a_series_stays_within_the_years_the_engine_keeps() {
    let yearly = plan("Asia/Amman", "2026-01-01T10:00:00", "FREQ=YEARLY;COUNT=500");
    assert_eq!(Series::try_new(yearly), Err(SeriesError::OutOfBounds));
    let old = plan("Asia/Amman", "1899-12-31T10:00:00", "FREQ=DAILY;COUNT=5");
    assert_eq!(Series::try_new(old), Err(SeriesError::OutOfBounds));
    let fraction = plan("Asia/Amman", "2026-01-01T10:00:00.5", "FREQ=DAILY;COUNT=5");
    let refusal = SeriesError::Fraction(wall("2026-01-01T10:00:00.5"));
    assert_eq!(Series::try_new(fraction), Err(refusal));
}

#[test]
fn a_series_without_any_date_is_refused_and_soon() {
    for rule in [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=2",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30;COUNT=2",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=2",
        "FREQ=DAILY;INTERVAL=65535;BYMONTH=2;BYMONTHDAY=30;COUNT=2",
    ] {
        let never = Series::try_new(plan("Asia/Amman", "2026-01-01T10:00:00", rule));
        assert_eq!(never, Err(SeriesError::Empty), "{rule}");
    }
    let over = plan("Asia/Amman", "2026-01-01T10:00:00", "FREQ=DAILY;UNTIL=20251231");
    assert_eq!(Series::try_new(over), Err(SeriesError::Empty));
}

#[test]
fn a_change_concerns_one_date_or_it_and_those_after_it_or_all() {
    let series = series("Asia/Amman", "2026-12-03T10:00:00", "FREQ=WEEKLY;COUNT=4");
    let second = wall("2026-12-10T10:00:00");
    let concerned = |scope| {
        let dates = series.concerned(scope).map(|found| found.iter().map(|o| o.original));
        dates.map(|dates| dates.map(|date| date.format("%d").to_string()).collect::<Vec<_>>())
    };
    assert_eq!(concerned(Scope::One(second)).unwrap(), ["10"]);
    assert_eq!(concerned(Scope::Following(second)).unwrap(), ["10", "17", "24"]);
    assert_eq!(concerned(Scope::All).unwrap(), ["03", "10", "17", "24"]);
    let unknown = wall("2026-12-10T10:00:01");
    assert_eq!(concerned(Scope::One(unknown)), Err(NoSuchOccurrence(unknown)));
    assert_eq!(concerned(Scope::Following(unknown)), Err(NoSuchOccurrence(unknown)));
}

#[test]
fn each_date_lasts_its_length_whatever_clocks_do() {
    let night = SeriesPlan {
        duration: Length::try_new(8 * 60).unwrap(),
        ..plan("America/New_York", "2024-03-09T22:00:00", "FREQ=DAILY;COUNT=1")
    };
    let time = TimeRange::try_new(utc("2024-03-10T03:00:00Z"), utc("2024-03-10T11:00:00Z"));
    let expected = Occurrence { original: wall("2024-03-09T22:00:00"), time: time.unwrap() };
    assert_eq!(Series::try_new(night).unwrap().occurrences(), [expected]);
}

#[test]
fn a_series_is_stored_as_its_plan_and_counted_again() {
    let json = concat!(
        r#"{"zone":"Asia/Amman","start":"2026-12-03T10:00:00","duration":60,"#,
        r#""rule":"FREQ=WEEKLY;COUNT=3","except":["2026-12-10T10:00:00"]}"#
    );
    let series: Series = serde_json::from_str(json).unwrap();
    assert_eq!(series.occurrences().len(), 2);
    assert_eq!(serde_json::to_string(&series).unwrap(), json);
    for (from, to) in [
        ("COUNT=3", "COUNT=1000000"),
        ("2026-12-10", "2026-12-11"),
        ("Asia/Amman", "Amman"),
        ("\"except\"", "\"exdate\""),
    ] {
        assert!(serde_json::from_str::<Series>(&json.replace(from, to)).is_err(), "{to}");
    }
    let scope = Scope::Following(wall("2026-12-10T10:00:00"));
    assert_eq!(serde_json::to_string(&scope).unwrap(), r#"{"following":"2026-12-10T10:00:00"}"#);
}

#[test]
fn lines_of_a_calendar_are_understood() {
    let text = "RRULE:FREQ=WEEKLY;COUNT=5\r\n\
                EXDATE;TZID=Asia/Amman:20261210T100000,20261217T100000\n\
                EXDATE:20261224T070000Z\n\
                RDATE;VALUE=DATE-TIME;TZID=Europe/London:20261225T080000\n";
    let read = SeriesText::try_new(text, zone("Asia/Amman")).unwrap();
    assert_eq!(read.rule.as_str(), "FREQ=WEEKLY;COUNT=5");
    let left_out = ["2026-12-10T10:00:00", "2026-12-17T10:00:00", "2026-12-24T10:00:00"];
    assert_eq!(read.except, left_out.map(wall));
    assert_eq!(read.also, [wall("2026-12-25T11:00:00")]);
    let bare = SeriesText::try_new("FREQ=DAILY;COUNT=2", zone("Asia/Amman")).unwrap();
    assert_eq!((bare.rule.as_str(), bare.except.len()), ("FREQ=DAILY;COUNT=2", 0));
}

#[test]
fn lines_that_say_something_else_are_refused() {
    let refused = |text: &str| SeriesText::try_new(text, zone("Asia/Amman")).unwrap_err();
    let rule = "RRULE:FREQ=DAILY;COUNT=2\n";
    assert_eq!(refused(""), SeriesTextError::Rules(0));
    assert_eq!(refused(&rule.repeat(2)), SeriesTextError::Rules(2));
    for lines in
        ["DTSTART:20260101T100000", "EXRULE:FREQ=DAILY", "EXDATE;RANGE=ALL:20260101T100000"]
    {
        assert!(matches!(refused(&format!("{rule}{lines}")), SeriesTextError::Line(_)), "{lines}");
    }
    for time in
        ["20260101", "20261301T100000", "tomorrow", "", "20260101T1000", "２０260101T100000"]
    {
        let error = refused(&format!("{rule}EXDATE:{time}"));
        assert!(matches!(error, SeriesTextError::Time(_)), "{time}");
    }
    let error = refused(&format!("{rule}EXDATE;TZID=Amman:20260101T100000"));
    assert!(matches!(error, SeriesTextError::Zone(_)));
    let dates = ["20260101T100000"; 1_001].join(",");
    assert_eq!(refused(&format!("{rule}EXDATE:{dates}")), SeriesTextError::TooMany);
}
