//! Times that somebody names instead of choosing a slot.

use std::slice::from_ref;

use chrono::TimeDelta;

use super::{day_count, every_day, length, minutes, open_daily, range, service, utc};
use crate::schedule::{
    BookingLimits, Grid, Lead, LimitWindow, NothingFree, PastClosing, Schedule, SlotRules,
    Validity, WeekStart,
};
use crate::testing::{quantity, zone};
use crate::values::{TimeRange, Timestamp};

const NOW: &str = "2024-03-01T00:00:00Z";

fn admitted(
    rules: &SlotRules,
    schedules: &[Schedule],
    start: &str,
    end: &str,
) -> Option<NothingFree> {
    rules.admits(schedules, range(start, end), utc(NOW)).err()
}

#[test]
fn a_time_lies_within_the_hours_of_one_schedule() {
    let (morning, evening) =
        (open_daily("Asia/Riyadh", "09:00-12:00"), open_daily("Europe/London", "18:00-24:00"));
    let both = [morning.clone(), evening.clone()];
    let rules = service(30, 30);
    for (start, end, expected) in [
        ("2024-03-10T06:00:00Z", "2024-03-10T09:00:00Z", Some(&morning)),
        ("2024-03-10T20:17:00Z", "2024-03-11T00:00:00Z", Some(&evening)),
        ("2024-03-10T05:59:00Z", "2024-03-10T09:00:00Z", None),
        ("2024-03-10T08:00:00Z", "2024-03-10T09:01:00Z", None),
    ] {
        let found = rules.admits(&both, range(start, end), utc(NOW));
        assert_eq!(found, expected.ok_or(NothingFree::Closed), "{start}");
    }
    assert_eq!(
        admitted(&rules, &[], "2024-03-10T06:00:00Z", "2024-03-10T07:00:00Z"),
        Some(NothingFree::Closed)
    );
}

#[test]
fn what_never_closes_admits_every_whole_minute() {
    let always = Schedule::always(zone("Africa/Cairo"));
    let rules = service(30, 30);
    // the midnight of 26 April 2024 is skipped
    let night = ("2024-04-25T20:01:00Z", "2024-04-26T23:59:00Z");
    assert_eq!(admitted(&rules, from_ref(&always), night.0, night.1), None);
    let second = admitted(&rules, from_ref(&always), "2024-04-25T20:01:30Z", night.1);
    assert_eq!(second, Some(NothingFree::Closed));
    let later = Timestamp::MAX_UTC - TimeDelta::days(1);
    let never = TimeRange::try_new(later, Timestamp::MAX_UTC).unwrap();
    assert_eq!(rules.admits(from_ref(&always), never, utc(NOW)), Err(NothingFree::Closed));
}

#[test]
fn a_grid_by_the_clock_is_kept_by_named_times_too() {
    let schedule = open_daily("Asia/Kolkata", "09:00-12:00");
    let rules = SlotRules { grid: Grid::Clock, ..service(30, 20) };
    let at = |start| admitted(&rules, from_ref(&schedule), start, "2024-03-10T06:00:00Z");
    assert_eq!(at("2024-03-10T03:50:00Z"), None); // 09:20
    assert_eq!(at("2024-03-10T04:00:00Z"), Some(NothingFree::Closed)); // 09:30
}

#[test]
fn buffers_lie_within_the_hours_where_that_is_asked_for() {
    let schedule = open_daily("Asia/Riyadh", "09:00-12:00");
    let allowed =
        SlotRules { buffer_before: minutes(10), buffer_after: minutes(20), ..service(30, 30) };
    let refused = SlotRules { past_closing: PastClosing::Refused, ..allowed };
    let at = |rules, start, end| admitted(rules, from_ref(&schedule), start, end);
    assert_eq!(at(&allowed, "2024-03-10T06:00:00Z", "2024-03-10T09:00:00Z"), None);
    assert_eq!(at(&refused, "2024-03-10T06:10:00Z", "2024-03-10T08:40:00Z"), None);
    for (start, end) in [
        ("2024-03-10T06:09:00Z", "2024-03-10T08:40:00Z"),
        ("2024-03-10T06:10:00Z", "2024-03-10T08:41:00Z"),
    ] {
        assert_eq!(at(&refused, start, end), Some(NothingFree::Closed));
    }
}

#[test]
fn notice_and_how_far_ahead_hold_for_named_times_too() {
    let schedule = open_daily("Asia/Riyadh", "00:00-24:00");
    let rules = SlotRules {
        notice: Lead::Minutes(minutes(60)),
        ahead: Some(Lead::Days(day_count(2))),
        ..service(30, 30)
    };
    let at = |start, end| admitted(&rules, from_ref(&schedule), start, end);
    assert_eq!(at("2024-03-01T01:00:00Z", "2024-03-01T02:00:00Z"), None);
    assert_eq!(at("2024-03-01T00:59:00Z", "2024-03-01T02:00:00Z"), Some(NothingFree::Notice));
    assert_eq!(at("2024-02-29T01:00:00Z", "2024-03-01T02:00:00Z"), Some(NothingFree::Notice));
    assert_eq!(at("2024-03-03T20:59:00Z", "2024-03-03T21:30:00Z"), None);
    assert_eq!(at("2024-03-03T21:00:00Z", "2024-03-03T21:30:00Z"), Some(NothingFree::TooFarAhead));
}

#[test]
fn of_several_schedules_the_one_that_came_nearest_says_why() {
    let closed = open_daily("Asia/Riyadh", "01:00-02:00");
    let far = open_daily("Asia/Riyadh", "00:00-24:00");
    let rules = SlotRules { ahead: Some(Lead::Days(day_count(2))), ..service(30, 30) };
    let why = admitted(&rules, &[far, closed], "2024-04-03T09:00:00Z", "2024-04-03T10:00:00Z");
    assert_eq!(why, Some(NothingFree::TooFarAhead));
}

#[test]
fn limits_are_counted_in_the_days_weeks_and_months_of_the_wall_clock() {
    let limits = BookingLimits {
        per_day: Some(quantity(1)),
        per_week: Some(quantity(3)),
        per_month: Some(quantity(9)),
    };
    let rules = SlotRules { limits, week_start: WeekStart::Sunday, ..service(30, 30) };
    let schedule = open_daily("America/New_York", "09:00-17:00");
    let window = |start, end, most| LimitWindow { time: range(start, end), most: quantity(most) };
    // 10 March 2024, a Sunday, has 23 hours there
    assert_eq!(
        rules.limit_windows(&schedule, utc("2024-03-10T14:00:00Z")),
        [
            window("2024-03-10T05:00:00Z", "2024-03-11T04:00:00Z", 1),
            window("2024-03-10T05:00:00Z", "2024-03-17T04:00:00Z", 3),
            window("2024-03-01T05:00:00Z", "2024-04-01T04:00:00Z", 9),
        ]
    );
    let weekly = BookingLimits { per_week: limits.per_week, ..BookingLimits::default() };
    let rules = SlotRules { limits: weekly, week_start: WeekStart::Saturday, ..rules };
    let week = window("2024-03-09T05:00:00Z", "2024-03-16T04:00:00Z", 3);
    assert_eq!(rules.limit_windows(&schedule, utc("2024-03-10T14:00:00Z")), [week]);
    assert_eq!(service(30, 30).limit_windows(&schedule, utc(NOW)), []);
    assert!(rules.limit_windows(&schedule, Timestamp::MAX_UTC).len() < 2);
}

#[test]
fn a_period_and_special_dates_hold_for_named_times_too() {
    let (first, end) = ("2024-03-11".parse().ok(), "2024-03-12".parse().ok());
    let valid = Validity { first, end };
    let schedule = Schedule::try_new(
        zone("Asia/Riyadh"),
        every_day("09:00-12:00"),
        every_day(""),
        Vec::new(),
        valid,
    )
    .unwrap();
    let rules = SlotRules { duration: length(60), ..service(30, 30) };
    let on = |day: &str| {
        let [start, end] = ["06:00", "07:00"].map(|time| format!("{day}T{time}:00Z"));
        admitted(&rules, from_ref(&schedule), &start, &end)
    };
    let closed = Some(NothingFree::Closed);
    assert_eq!(["2024-03-10", "2024-03-11", "2024-03-12"].map(on), [closed, None, closed]);
}
