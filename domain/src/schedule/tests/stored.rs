//! How schedules and rules are written, and what is refused.

use serde::de::DeserializeOwned;

use super::{day, hours, on};
use crate::schedule::{
    DayHours, Hours, HoursError, Schedule, ScheduleError, SlotRules, SpecialHours, Validity,
    WeekHours,
};
use crate::testing::zone;

const SCHEDULE: &str = concat!(
    r#"{"zone":"Asia/Amman","#,
    r#""hours":{"monday":[{"from":"09:00","to":"12:00"},{"from":"13:00","to":"24:00"}],"#,
    r#""sunday":[{"from":"10:00","to":"14:00"}]},"#,
    r#""breaks":{"monday":[{"from":"15:00","to":"15:30"}]},"#,
    r#""special":[{"date":"2026-12-25","hours":"closed"},"#,
    r#"{"date":"2026-12-31","hours":{"open":[{"from":"09:00","to":"11:00"}]}},"#,
    r#"{"date":"2027-01-03","hours":{"closed_during":[{"from":"09:00","to":"11:00"}]}}],"#,
    r#""valid":{"first":"2026-09-01","end":"2027-07-01"}}"#
);

fn refused<T: DeserializeOwned + std::fmt::Debug>(json: &str) -> String {
    serde_json::from_str::<T>(json).expect_err("it must be refused").to_string()
}

#[test]
fn a_schedule_is_stored_in_words() {
    let schedule: Schedule = serde_json::from_str(SCHEDULE).unwrap();
    assert_eq!(serde_json::to_string(&schedule).unwrap(), SCHEDULE);
    let plain = r#"{"zone":"Asia/Amman","hours":{}}"#;
    let schedule: Schedule = serde_json::from_str(plain).unwrap();
    assert_eq!(serde_json::to_string(&schedule).unwrap(), plain);
}

#[test]
fn rules_are_stored_in_words() {
    let plain: SlotRules = serde_json::from_str(r#"{"duration":60}"#).unwrap();
    let written = concat!(
        r#"{"duration":60,"step":15,"grid":"range","past_closing":"allowed","capacity":1,"#,
        r#""notice":{"minutes":0},"week_start":"monday","weekend":"sat_sun"}"#
    );
    assert_eq!(serde_json::to_string(&plain).unwrap(), written);
    let full = concat!(
        r#"{"duration":45,"step":15,"grid":"clock","buffer_before":5,"buffer_after":10,"#,
        r#""past_closing":"refused","capacity":8,"notice":{"working_days":2},"#,
        r#""ahead":{"days":60},"limits":{"per_day":3,"per_week":10,"per_month":30},"#,
        r#""week_start":"saturday","weekend":"fri_sat"}"#
    );
    let rules: SlotRules = serde_json::from_str(full).unwrap();
    assert_eq!(serde_json::to_string(&rules).unwrap(), full);
}

#[test]
fn overlapping_hours_are_refused_by_name() {
    let hours = |from: &str, to: &str| Hours::try_new(from.parse().unwrap(), to.parse().unwrap());
    let (late, early) = (hours("11:59", "14:00").unwrap(), hours("09:00", "12:00").unwrap());
    let error = DayHours::try_new([late, early]).unwrap_err();
    assert_eq!(error, HoursError::Overlap(early, late));
    assert_eq!(error.to_string(), "the hours 09:00-12:00 and 11:59-14:00 overlap");
    assert!(hours("12:00", "12:00").is_err() && hours("22:00", "02:00").is_err());
    assert_eq!(DayHours::try_new(vec![early; 49]), Err(HoursError::TooMany));
    let json = SCHEDULE.replace("13:00", "11:00");
    assert!(refused::<Schedule>(&json).contains("09:00-12:00 and 11:00-24:00 overlap"));
}

#[test]
fn hours_that_touch_are_kept_apart_but_open_together() {
    let touching = hours("12:00-13:00 09:00-12:00");
    assert_eq!(touching.parts().len(), 2);
    let schedule = super::open_daily("Asia/Riyadh", "12:00-13:00 09:00-12:00");
    assert_eq!(super::open_on(&schedule, "2024-03-10"), "10T06:00..10T10:00");
}

#[test]
fn what_contradicts_itself_is_refused() {
    let try_new = |special, valid| {
        let (hours, breaks) = (WeekHours::default(), WeekHours::default());
        Schedule::try_new(zone("Asia/Amman"), hours, breaks, special, valid)
    };
    let open = || on("2026-12-25", SpecialHours::Open(hours("09:00-10:00")));
    let closed = || on("2026-12-25", SpecialHours::Closed);
    let contradiction = Err(ScheduleError::Contradiction(day("2026-12-25")));
    assert_eq!(try_new(vec![open(), open()], Validity::default()), contradiction);
    assert_eq!(try_new(vec![closed(), open()], Validity::default()), contradiction);
    assert!(try_new(vec![closed(), closed()], Validity::default()).is_ok());
    let many = vec![closed(); 2_001];
    assert_eq!(try_new(many, Validity::default()), Err(ScheduleError::TooManySpecialDates));
    let (first, end) = (day("2026-01-02"), day("2026-01-02"));
    let never = Validity { first: Some(first), end: Some(end) };
    assert_eq!(try_new(Vec::new(), never), Err(ScheduleError::NeverValid { first, end }));
}

#[test]
fn what_is_not_known_is_refused() {
    for (from, to) in [
        ("Asia/Amman", "Asia/Nowhere"),
        ("\"monday\"", "\"moonday\""),
        ("\"zone\"", "\"zones\""),
        ("{\"from\":\"09:00\"", "{\"from\":\"24:01\""),
        ("{\"from\":\"09:00\"", "{\"from\":\"9:00\""),
        ("\"first\"", "\"since\""),
        ("\"closed\"", "\"ajar\""),
        ("2026-12-25", "2026-12-32"),
        ("\"hours\":\"closed\"", "\"hours\":\"closed\",\"why\":\"feast\""),
    ] {
        let json = SCHEDULE.replacen(from, to, 1);
        assert_ne!(json, SCHEDULE);
        refused::<Schedule>(&json);
    }
    for json in [
        r#"{"duration":0}"#,
        r#"{"duration":60,"step":0}"#,
        r#"{"duration":60,"capacity":0}"#,
        r#"{"duration":60,"buffer_before":-1}"#,
        r#"{"duration":60,"notice":{"days":2,"minutes":3}}"#,
        r#"{"duration":60,"limits":{"per_year":2}}"#,
        r#"{"duration":60,"colour":"red"}"#,
    ] {
        refused::<SlotRules>(json);
    }
}
