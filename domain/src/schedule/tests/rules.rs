//! What a service's rules allow, one by one. Riyadh is three hours ahead of UTC all year.

use chrono::TimeDelta;

use super::{
    busy, day_count, minutes, on, open_daily, range, search, service, starts, utc, with_special,
};
use crate::schedule::{Busy, Grid, Lead, PastClosing, Search, SpecialHours, WeekStart, slots};
use crate::testing::quantity;
use crate::values::{TimeRange, Timestamp, Weekend};

const RIYADH: &str = "Asia/Riyadh";

/// Sunday, 10 March 2024, in Riyadh.
fn sunday() -> TimeRange {
    range("2024-03-09T21:00:00Z", "2024-03-10T21:00:00Z")
}

#[test]
fn steps_are_counted_from_the_start_of_each_free_range() {
    let schedule = open_daily(RIYADH, "09:10-11:00 13:00-15:00");
    let rules = service(60, 30);
    assert_eq!(starts(&search(&schedule, &rules, sunday())), "09:10 09:40 13:00 13:30 14:00");
    let taken = [busy("2024-03-10T10:00:00Z", "2024-03-10T10:20:00Z", 1)]; // 13:00 to 13:20
    let search = Search { busy: &taken, ..search(&schedule, &rules, sunday()) };
    assert_eq!(starts(&search), "09:10 09:40 13:20 13:50");
}

#[test]
fn steps_may_be_counted_on_the_wall_clock_instead() {
    let schedule = open_daily(RIYADH, "09:10-11:00 13:00-15:00");
    let mut rules = service(60, 30);
    rules.grid = Grid::Clock;
    assert_eq!(starts(&search(&schedule, &rules, sunday())), "09:30 10:00 13:00 13:30 14:00");
}

#[test]
fn an_evening_goes_on_in_step_after_midnight() {
    let schedule = open_daily(RIYADH, "00:00-02:00 21:00-24:00");
    let rules = service(70, 70);
    let starts = starts(&search(&schedule, &rules, sunday()));
    // what begins at 00:30 began at 21:00 the day before
    assert_eq!(starts, "00:30 21:00 22:10 23:20");
}

#[test]
fn around_the_clock_steps_are_counted_from_each_midnight() {
    let schedule = open_daily(RIYADH, "00:00-24:00");
    let rules = service(60, 7 * 60);
    assert_eq!(starts(&search(&schedule, &rules, sunday())), "00:00 07:00 14:00 21:00");
}

#[test]
fn a_booking_of_yesterday_sets_the_steps_of_today_and_is_within_reach() {
    let (schedule, rules) = (open_daily(RIYADH, "00:00-24:00"), service(60, 7 * 60));
    let evening = range("2024-03-10T15:00:00Z", "2024-03-10T21:00:00Z"); // from 18:00 on
    let after = |start: &str, end: &str| {
        let taken = [busy(start, end, 1)];
        let search = Search { busy: &taken, ..search(&schedule, &rules, evening) };
        assert!(rules.reach(evening).overlaps(taken[0].time));
        starts(&search)
    };
    // it has been free since Saturday 00:20, or since before Saturday
    assert_eq!(after("2024-03-08T21:00:00Z", "2024-03-08T21:20:00Z"), "18:20");
    assert_eq!(after("2024-03-08T20:30:00Z", "2024-03-08T20:50:00Z"), "21:00");
}

#[test]
fn buffers_of_neighbours_add_up() {
    let schedule = open_daily(RIYADH, "09:00-13:00");
    let mut rules = service(60, 5);
    (rules.buffer_before, rules.buffer_after) = (minutes(10), minutes(20));
    // a booking from 10:30 to 11:00 with the same buffers takes 10:20 to 11:20
    let taken = [busy("2024-03-10T07:20:00Z", "2024-03-10T08:20:00Z", 1)];
    let search = Search { busy: &taken, ..search(&schedule, &rules, sunday()) };
    let expected = "09:00 11:30 11:35 11:40 11:45 11:50 11:55 12:00";
    assert_eq!(starts(&search), expected);
}

#[test]
fn buffers_may_pass_closing_time_unless_that_is_switched_off() {
    let schedule = open_daily(RIYADH, "09:00-11:00");
    let mut rules = service(60, 30);
    (rules.buffer_before, rules.buffer_after) = (minutes(15), minutes(15));
    assert_eq!(starts(&search(&schedule, &rules, sunday())), "09:00 09:30 10:00");
    rules.past_closing = PastClosing::Refused;
    assert_eq!(starts(&search(&schedule, &rules, sunday())), "09:15 09:45");
}

#[test]
fn a_group_slot_has_room_until_its_capacity_is_taken() {
    let schedule = open_daily(RIYADH, "09:00-12:00");
    let mut rules = service(60, 60);
    rules.capacity = quantity(8);
    let taken = [
        busy("2024-03-10T06:00:00Z", "2024-03-10T07:00:00Z", 3),
        busy("2024-03-10T06:00:00Z", "2024-03-10T07:00:00Z", 3),
        busy("2024-03-10T07:00:00Z", "2024-03-10T08:00:00Z", 8),
    ];
    let ask = |places| Search {
        busy: &taken,
        quantity: quantity(places),
        ..search(&schedule, &rules, sunday())
    };
    let left: Vec<u32> = slots(&ask(1)).slots.iter().map(|slot| slot.remaining.get()).collect();
    assert_eq!(left, [2, 8]);
    assert_eq!(starts(&ask(2)), "09:00 11:00");
    assert_eq!(starts(&ask(3)), "11:00");
    assert_eq!(starts(&ask(9)), "Busy");
}

#[test]
fn the_peak_counts_and_not_the_sum() {
    let schedule = open_daily(RIYADH, "09:00-12:00");
    let mut rules = service(180, 60);
    rules.capacity = quantity(2);
    let taken = ["06:00", "07:00", "08:00"].map(|start| {
        let start = utc(&format!("2024-03-10T{start}:00Z"));
        let time = TimeRange::try_new(start, start + TimeDelta::hours(1)).unwrap();
        Busy { time, quantity: quantity(1) }
    });
    let search = Search { busy: &taken, ..search(&schedule, &rules, sunday()) };
    assert_eq!(slots(&search).slots[0].remaining, quantity(1));
}

fn starts_at(now: &str, notice: Lead, ahead: Option<Lead>, range: TimeRange) -> String {
    let schedule = open_daily(RIYADH, "09:00-11:00");
    let mut rules = service(60, 60);
    (rules.notice, rules.ahead, rules.weekend) = (notice, ahead, Weekend::FriSat);
    starts(&Search { now: utc(now), ..search(&schedule, &rules, range) })
}

#[test]
fn exactly_at_the_start_of_the_notice_one_can_still_book() {
    let notice = Lead::Minutes(minutes(120));
    for (now, expected) in [
        ("2024-03-10T04:00:00Z", "09:00 10:00"),
        ("2024-03-10T04:00:01Z", "10:00"),
        ("2024-03-10T04:00:00.001Z", "10:00"),
        ("2024-03-10T05:00:00Z", "10:00"),
        ("2024-03-10T05:00:01Z", "Notice"),
    ] {
        assert_eq!(starts_at(now, notice, None, sunday()), expected, "{now}");
    }
}

#[test]
fn what_has_begun_cannot_be_booked_whatever_the_notice_in_days_says() {
    let today = Lead::Days(day_count(0));
    assert_eq!(starts_at("2024-03-10T06:00:00Z", today, None, sunday()), "09:00 10:00");
    assert_eq!(starts_at("2024-03-10T06:30:00Z", today, None, sunday()), "10:00");
    assert_eq!(starts_at("2024-03-10T07:30:00Z", today, None, sunday()), "Notice");
}

#[test]
fn a_notice_in_days_ends_with_midnight_in_the_schedules_zone() {
    let tomorrow = Lead::Days(day_count(1));
    assert_eq!(starts_at("2024-03-09T20:59:59Z", tomorrow, None, sunday()), "09:00 10:00");
    assert_eq!(starts_at("2024-03-09T21:00:00Z", tomorrow, None, sunday()), "Notice");
}

#[test]
fn working_days_leave_out_the_weekend_and_days_off() {
    let one = Lead::WorkingDays(day_count(1));
    // on a Thursday the next working day is Sunday; what is asked for is Thursday to Sunday
    let range = range("2024-03-06T21:00:00Z", "2024-03-10T21:00:00Z");
    assert_eq!(starts_at("2024-03-07T10:00:00Z", one, None, range), "09:00 10:00");
    assert_eq!(slots_on_dates("2024-03-07T05:00:00Z", one, Some(one)), ["2024-03-10"]);
    // Tuesday the 12th is a day off, so that the second working day after Sunday is Wednesday
    let two = Lead::WorkingDays(day_count(2));
    assert_eq!(slots_on_dates("2024-03-10T05:00:00Z", two, Some(two)), ["2024-03-13"]);
    let up_to_two = slots_on_dates("2024-03-10T05:00:00Z", Lead::default(), Some(two));
    assert_eq!(up_to_two, ["2024-03-10", "2024-03-11", "2024-03-13"]);
}

fn slots_on_dates(now: &str, notice: Lead, ahead: Option<Lead>) -> Vec<String> {
    let special = vec![on("2024-03-12", SpecialHours::Closed)];
    let schedule = with_special(RIYADH, "09:00-11:00", special);
    let mut rules = service(60, 60);
    (rules.notice, rules.ahead, rules.weekend) = (notice, ahead, Weekend::FriSat);
    let month = range("2024-03-01T00:00:00Z", "2024-04-01T00:00:00Z");
    let search = Search { now: utc(now), ..search(&schedule, &rules, month) };
    let mut dates: Vec<String> = slots(&search).slots.iter().map(|s| s.date.to_string()).collect();
    dates.dedup();
    dates
}

#[test]
fn how_far_ahead_one_can_book_is_counted_in_days_of_the_schedules_zone() {
    let ahead = Some(Lead::Days(day_count(3)));
    let none = Lead::default();
    assert_eq!(starts_at("2024-03-06T21:00:00Z", none, ahead, sunday()), "09:00 10:00");
    assert_eq!(starts_at("2024-03-06T20:59:59Z", none, ahead, sunday()), "TooFarAhead");
    // in minutes the end is exclusive, as of any interval
    let ahead = Some(Lead::Minutes(minutes(60)));
    assert_eq!(starts_at("2024-03-10T05:00:00Z", none, ahead, sunday()), "TooFarAhead");
    assert_eq!(starts_at("2024-03-10T05:00:01Z", none, ahead, sunday()), "09:00");
}

#[test]
fn limits_count_the_days_weeks_and_months_of_the_schedules_zone() {
    let schedule = open_daily(RIYADH, "00:00-01:00 09:00-10:00");
    // Saturday 9 March 23:30 and Sunday 10 March 00:30 in Riyadh; the 9th for both in UTC
    let booked = [utc("2024-03-09T20:30:00Z"), utc("2024-03-09T21:30:00Z")];
    let ask = |limits: &str, week_start, from: &str| {
        let mut rules = service(60, 60);
        rules.limits = serde_json::from_str(limits).unwrap();
        rules.week_start = week_start;
        let start: Timestamp = utc(from);
        let day = TimeRange::try_new(start, start + TimeDelta::days(1)).unwrap();
        starts(&Search { booked: &booked, ..search(&schedule, &rules, day) })
    };
    let (sunday, saturday) = ("2024-03-09T21:00:00Z", "2024-03-08T21:00:00Z");
    let monday = "2024-03-10T21:00:00Z";
    assert_eq!(ask(r#"{"per_day": 1}"#, WeekStart::Monday, sunday), "Limit");
    assert_eq!(ask(r#"{"per_day": 1}"#, WeekStart::Monday, saturday), "Limit");
    assert_eq!(ask(r#"{"per_day": 1}"#, WeekStart::Monday, monday), "00:00 09:00");
    assert_eq!(ask(r#"{"per_day": 2}"#, WeekStart::Monday, sunday), "00:00 09:00");
    // the two are in one week when it begins on Monday or Saturday, in two when on Sunday
    assert_eq!(ask(r#"{"per_week": 2}"#, WeekStart::Monday, sunday), "Limit");
    assert_eq!(ask(r#"{"per_week": 2}"#, WeekStart::Monday, monday), "00:00 09:00");
    assert_eq!(ask(r#"{"per_week": 2}"#, WeekStart::Saturday, monday), "Limit");
    assert_eq!(ask(r#"{"per_week": 2}"#, WeekStart::Sunday, sunday), "00:00 09:00");
    assert_eq!(ask(r#"{"per_month": 2}"#, WeekStart::Monday, "2024-03-30T21:00:00Z"), "Limit");
    assert_eq!(
        ask(r#"{"per_month": 2}"#, WeekStart::Monday, "2024-03-31T21:00:00Z"),
        "00:00 09:00"
    );
}

#[test]
fn the_reason_is_the_first_that_leaves_nothing() {
    let schedule = open_daily(RIYADH, "09:00-11:00");
    let short = service(60, 60);
    let all_day = [busy("2024-03-10T00:00:00Z", "2024-03-10T20:00:00Z", 1)];
    let base = Search { busy: &all_day, ..search(&schedule, &short, sunday()) };
    assert_eq!(starts(&base), "Busy");
    let night = range("2024-03-09T21:00:00Z", "2024-03-10T05:00:00Z");
    assert_eq!(starts(&Search { range: night, ..base }), "Closed");
    let long = service(121, 60);
    assert_eq!(starts(&Search { rules: &long, ..base }), "Closed");
    let late = utc("2024-03-10T12:00:00Z");
    assert_eq!(starts(&Search { now: late, ..base }), "Notice");
    let mut limited = service(60, 60);
    limited.limits.per_day = Some(quantity(1));
    let booked = [utc("2024-03-10T06:00:00Z")];
    let search = Search { rules: &limited, booked: &booked, ..base };
    assert_eq!(starts(&search), "Limit");
}

#[test]
fn absurd_instants_are_searched_without_harm() {
    let schedule = open_daily(RIYADH, "00:00-24:00");
    let rules = service(60, 60);
    let (first, last) = (Timestamp::MIN_UTC, Timestamp::MAX_UTC);
    let before = TimeRange::try_new(first, first + TimeDelta::days(365)).unwrap();
    let after = TimeRange::try_new(last - TimeDelta::days(365), last).unwrap();
    let taken = [Busy { time: TimeRange::try_new(first, last).unwrap(), quantity: quantity(1) }];
    for range in [before, after, sunday()] {
        for now in [first, last, utc("2024-03-10T00:00:00Z")] {
            for days in [Lead::Days(day_count(3_660)), Lead::WorkingDays(day_count(3_660))] {
                let mut rules = rules;
                rules.notice = days;
                let ask = search(&schedule, &rules, sunday());
                let ask = Search { busy: &taken, now, range, ..ask };
                assert_ne!(starts(&ask), "");
            }
        }
        rules.reach(range);
    }
}
