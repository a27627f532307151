//! Laws of series, and rules counted off by hand.

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta, Weekday};
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

use super::{Scope, Series, plan, wall};
use crate::series::Rule;

const ZONES: [&str; 7] = [
    "America/New_York",
    "Europe/London",
    "Africa/Cairo",
    "Asia/Beirut",
    "Africa/Casablanca",
    "Asia/Kolkata",
    "Asia/Riyadh",
];

/// A rule in a form that can be counted off by hand.
#[derive(Clone, Debug)]
enum Steps {
    Days { every: i64 },
    Weeks { every: i64, on: Vec<Weekday> },
    Months { every: i32 },
}

impl Steps {
    fn text(&self) -> String {
        match self {
            Self::Days { every } => format!("FREQ=DAILY;INTERVAL={every}"),
            Self::Weeks { every, on } => {
                let on: Vec<String> =
                    on.iter().map(|day| day.to_string()[..2].to_uppercase()).collect();
                format!("FREQ=WEEKLY;INTERVAL={every};BYDAY={}", on.join(","))
            }
            Self::Months { every } => format!("FREQ=MONTHLY;INTERVAL={every}"),
        }
    }

    fn leads_to(&self, start: NaiveDate, date: NaiveDate) -> bool {
        let monday = |date: NaiveDate| date.week(Weekday::Mon).first_day();
        let months = |date: NaiveDate| date.year() * 12 + date.month0().cast_signed();
        match self {
            Self::Days { every } => (date - start).num_days() % every == 0,
            Self::Weeks { every, on } => {
                let weeks = (monday(date) - monday(start)).num_weeks();
                weeks % every == 0 && on.contains(&date.weekday())
            }
            Self::Months { every } => {
                date.day() == start.day() && (months(date) - months(start)) % every == 0
            }
        }
    }
}

fn some_steps() -> impl Strategy<Value = Steps> {
    let week = vec![
        Weekday::Mon,
        Weekday::Tue,
        Weekday::Wed,
        Weekday::Thu,
        Weekday::Fri,
        Weekday::Sat,
        Weekday::Sun,
    ];
    prop_oneof![
        (1..40_i64).prop_map(|every| Steps::Days { every }),
        (1..5_i64, subsequence(week, 1..=7)).prop_map(|(every, on)| Steps::Weeks { every, on }),
        (1..7_i32).prop_map(|every| Steps::Months { every }),
    ]
}

/// A zone, steps, a first start that they lead to, and how many dates to count.
fn some_series() -> impl Strategy<Value = (&'static str, Steps, NaiveDateTime, usize)> {
    let start = (0..3_000_i64, 0..96_i64).prop_map(|(days, quarters)| {
        wall("2020-01-01T00:00:00") + TimeDelta::days(days) + TimeDelta::minutes(15 * quarters)
    });
    (select(ZONES.to_vec()), some_steps(), start, 1..60_usize).prop_map(
        |(name, steps, start, n)| {
            let mut first = start;
            while !steps.leads_to(start.date(), first.date()) {
                first += TimeDelta::days(1);
            }
            (name, steps, first, n)
        },
    )
}

fn counted((name, steps, start, count): &(&str, Steps, NaiveDateTime, usize)) -> Series {
    let mut plan = plan(name, "2020-01-01T00:00:00", "FREQ=DAILY;COUNT=1");
    plan.start = *start;
    plan.rule = Rule::try_new(&format!("{};COUNT={count}", steps.text())).expect("a rule");
    Series::try_new(plan).expect("a series")
}

proptest! {
    /// The dates are those one finds by going through the calendar day by day.
    #[test]
    fn a_series_is_counted_off_the_calendar(some in some_series()) {
        let (_, steps, start, count) = &some;
        let series = counted(&some);
        let zone = series.plan().zone;
        let expected: Vec<NaiveDateTime> = start
            .date()
            .iter_days()
            .filter(|date| steps.leads_to(start.date(), *date))
            .map(|date| date.and_time(start.time()))
            .filter(|wall| zone.wall_clock(zone.instant(wall.date(), wall.time())) == *wall)
            .take(*count)
            .collect();
        let dates: Vec<_> = series.occurrences().iter().map(|o| o.original).collect();
        prop_assert_eq!(dates, expected);
    }

    /// Every date shows the same time on the wall clock, is named by it, and lasts an hour.
    #[test]
    fn the_wall_clock_is_kept(some in some_series()) {
        let series = counted(&some);
        let zone = series.plan().zone;
        for date in series.occurrences() {
            prop_assert_eq!(zone.wall_clock(date.time.start()), date.original);
            prop_assert_eq!(date.original.time(), some.2.time());
            prop_assert_eq!(date.time.end() - date.time.start(), TimeDelta::hours(1));
        }
        let in_order = |pair: &[super::Occurrence]| pair[0].time.start() < pair[1].time.start();
        prop_assert!(series.occurrences().windows(2).all(in_order));
    }

    /// Ending a rule on its last date is the same as counting to it.
    #[test]
    fn an_end_and_a_count_agree(some in some_series()) {
        let series = counted(&some);
        let last = series.occurrences().last().expect("at least one");
        let local = last.original.format("%Y%m%dT%H%M%S").to_string();
        let instant = last.time.start().format("%Y%m%dT%H%M%SZ").to_string();
        for until in [local, instant] {
            let mut plan = series.plan().clone();
            plan.rule = Rule::try_new(&format!("{};UNTIL={until}", some.1.text())).expect("a rule");
            let same = Series::try_new(plan).expect("a series");
            prop_assert_eq!(same.occurrences(), series.occurrences());
        }
    }

    /// What was before a date, and what follows it, make up the whole.
    #[test]
    fn a_series_is_split_without_loss(some in some_series(), pick in any::<Index>()) {
        let series = counted(&some);
        let all = series.concerned(Scope::All).expect("always known");
        let index = pick.index(all.len());
        let original = all[index].original;
        let following = series.concerned(Scope::Following(original)).expect("a date of it");
        prop_assert_eq!(following, &all[index..]);
        prop_assert_eq!(series.concerned(Scope::One(original)).expect("a date of it"), &all[index..=index]);
    }

    /// Leaving dates out takes away exactly these.
    #[test]
    fn what_is_left_out_is_missing_and_nothing_else(some in some_series(), picks in prop::collection::vec(any::<Index>(), 0..5)) {
        let series = counted(&some);
        let all = series.occurrences();
        let mut plan = series.plan().clone();
        plan.except = picks.iter().map(|pick| all[pick.index(all.len())].original).collect();
        let expected: Vec<_> =
            all.iter().copied().filter(|o| !plan.except.contains(&o.original)).collect();
        match Series::try_new(plan) {
            Ok(series) => prop_assert_eq!(series.occurrences(), expected),
            Err(error) => {
                prop_assert_eq!(error, super::SeriesError::Empty);
                prop_assert!(expected.is_empty());
            }
        }
    }

    /// Whatever somebody types is a rule or a refusal, and soon.
    #[test]
    fn any_text_is_answered(text in "(FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY))?[A-Z0-9;=,+-]{0,40}(;COUNT=5)?") {
        if let Ok(rule) = Rule::try_new(&text) {
            let mut plan = plan("Asia/Amman", "2026-01-01T10:00:00", "FREQ=DAILY;COUNT=1");
            plan.rule = rule;
            let _ = Series::try_new(plan);
        }
    }

    /// So is whatever a rule's parts are put together to.
    #[test]
    fn any_rule_is_answered(
        frequency in select(vec!["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
        parts in subsequence(vec![
            "INTERVAL=7", "INTERVAL=65535", "BYMONTH=2,12", "BYMONTHDAY=-31,29,31", "BYYEARDAY=-366,366",
            "BYWEEKNO=-53,53,1", "BYDAY=MO,SU", "BYDAY=-53TH,53FR,5SA", "BYDAY=-5SU,1MO", "BYHOUR=0,23",
            "BYMINUTE=0,59", "BYSECOND=0,59", "BYSETPOS=-366,366,1", "BYSETPOS=-1,2", "WKST=SU", "WKST=TH",
        ], 0..6),
    ) {
        let text = format!("FREQ={frequency};COUNT=20;{}", parts.join(";"));
        if let Ok(rule) = Rule::try_new(text.trim_end_matches(';')) {
            let mut plan = plan("Asia/Amman", "2026-01-01T10:00:00", "FREQ=DAILY;COUNT=1");
            plan.rule = rule;
            let _ = Series::try_new(plan);
        }
    }
}
