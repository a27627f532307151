//! Which rules are followed, and which refused.

use super::{series, walls};
use crate::series::{Rule, RuleError};

/// Start, rule, and the dates it gives, in Amman.
const RULES: [(&str, &str, &[&str]); 14] = [
    // the 31st of a short month is skipped
    ("2026-01-31T10:00:00", "FREQ=MONTHLY;COUNT=4", &["01-31", "03-31", "05-31", "07-31"]),
    // so is the fifth Friday of a month that has four
    ("2026-01-30T10:00:00", "FREQ=MONTHLY;BYDAY=5FR;COUNT=3", &["01-30", "05-29", "07-31"]),
    ("2028-02-29T10:00:00", "FREQ=YEARLY;UNTIL=20360301", &["02-29", "02-29", "02-29"]),
    ("2026-01-31T10:00:00", "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", &["01-31", "02-28", "03-31"]),
    ("2026-09-07T10:00:00", "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3", &["09-07", "09-09", "09-14"]),
    ("2026-09-07T10:00:00", "FREQ=WEEKLY;INTERVAL=2;COUNT=3", &["09-07", "09-21", "10-05"]),
    // every other week depends on where weeks begin (RFC 5545, WKST)
    (
        "1997-08-05T10:00:00",
        "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
        &["08-05", "08-10", "08-19", "08-24"],
    ),
    (
        "1997-08-05T10:00:00",
        "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
        &["08-05", "08-17", "08-19", "08-31"],
    ),
    // the last working day of the month
    (
        "2026-01-29T10:00:00",
        "FREQ=MONTHLY;BYDAY=SU,MO,TU,WE,TH;BYSETPOS=-1;COUNT=3",
        &["01-29", "02-26", "03-31"],
    ),
    // a date as the end means all of that day, a time the moment itself, be it local or UTC
    ("2026-09-07T10:00:00", "FREQ=DAILY;UNTIL=20260908", &["09-07", "09-08"]),
    ("2026-09-07T10:00:00", "FREQ=DAILY;UNTIL=20260908T100000", &["09-07", "09-08"]),
    ("2026-09-07T10:00:00", "FREQ=DAILY;UNTIL=20260908T070000Z", &["09-07", "09-08"]),
    ("2026-09-07T10:00:00", "FREQ=DAILY;UNTIL=20260908T065959Z", &["09-07"]),
    // of two ends the first counts; lower case and the name are understood
    ("2026-09-07T10:00:00", "rrule:freq=daily;count=2;until=20270101", &["09-07", "09-08"]),
];

#[test]
fn rules_give_the_dates_of_rfc_5545() {
    for (start, rule, expected) in RULES {
        let series = series("Asia/Amman", start, rule);
        let dates = series.occurrences().iter().map(|o| o.original.format("%m-%d").to_string());
        let dates: Vec<String> = dates.collect();
        assert_eq!(dates, expected, "{rule}");
    }
}

#[test]
fn several_times_a_day_are_one_rule() {
    let rule = "FREQ=DAILY;BYHOUR=9,14;BYMINUTE=0,30;COUNT=5";
    let expected = ["07 09:00", "07 09:30", "07 14:00", "07 14:30", "08 09:00"];
    let walls = walls(&series("Asia/Amman", "2026-09-07T09:00:00", rule));
    assert_eq!(walls, expected.map(|short| format!("2026-09-{short}:00")));
}

#[test]
fn a_million_dates_are_refused_before_any_is_counted() {
    for count in ["1001", "1000000", "18446744073709551616", &"9".repeat(200)] {
        let error = Rule::try_new(&format!("FREQ=DAILY;COUNT={count}")).unwrap_err();
        assert!(matches!(error, RuleError::TooMany { .. }), "{count}");
        assert!(error.to_string().starts_with("a series has at most 1000 dates"), "{error}");
    }
}

#[test]
fn a_rule_without_an_end_is_refused() {
    assert_eq!(Rule::try_new("FREQ=WEEKLY;BYDAY=MO"), Err(RuleError::Endless));
}

#[test]
fn a_rule_recurs_daily_or_more_seldom() {
    for frequency in ["HOURLY", "MINUTELY", "SECONDLY"] {
        let error = Rule::try_new(&format!("FREQ={frequency};COUNT=5"));
        assert_eq!(error, Err(RuleError::TooFrequent(frequency.to_lowercase())));
    }
}

#[test]
fn what_is_no_rule_is_refused() {
    for text in [
        "",
        "RRULE:",
        "COUNT=5",
        "FREQ=FORTNIGHTLY;COUNT=5",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=-1",
        "FREQ=DAILY;COUNT=",
        "FREQ=DAILY;COUNT=5;COUNT=6",
        "FREQ=DAILY;FREQ=WEEKLY;COUNT=6",
        "FREQ=DAILY;UNTIL=tomorrow",
        "FREQ=DAILY;UNTIL=20260231",
        "FREQ=DAILY;UNTIL=20260101T250000Z",
        "FREQ=DAILY;INTERVAL=0;COUNT=5",
        "FREQ=DAILY;INTERVAL=70000;COUNT=5",
        "FREQ=DAILY;COLOUR=RED;COUNT=5",
        "FREQ=DAILY;COUNT=5;",
        "FREQ=WEEKLY;BYDAY=2MO;COUNT=5",
        "FREQ=WEEKLY;BYDAY=XX;COUNT=5",
        "FREQ=WEEKLY;BYMONTHDAY=3;COUNT=5",
        "FREQ=WEEKLY;BYMONTHDAY=-3;COUNT=5",
        "FREQ=MONTHLY;BYMONTHDAY=0;COUNT=5",
        "FREQ=MONTHLY;BYMONTHDAY=32;COUNT=5",
        "FREQ=MONTHLY;BYMONTH=13;COUNT=5",
        "FREQ=DAILY;BYHOUR=24;COUNT=5",
        "FREQ=DAILY;COUNT=5\nEXDATE:20260101T100000",
        "DTSTART:20260101T100000\nRRULE:FREQ=DAILY;COUNT=5",
        "EXRULE:FREQ=DAILY;COUNT=5",
        "FREQ=DAILY;BYDAY=MÖ;COUNT=5",
        "'; DROP TABLE events; --",
    ] {
        assert!(matches!(Rule::try_new(text), Err(RuleError::Malformed(_))), "{text}");
    }
    assert_eq!(Rule::try_new(&"X".repeat(501)), Err(RuleError::TooLong));
}
