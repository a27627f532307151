//! Which stays are sold, whatever is free.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use proptest::prelude::*;

use super::{StayPeriod, StayRefusal, StayRules, StayRulesError, StayTerms};
use crate::testing::{date, days};
use crate::values::{NightCount, Stay, Weekdays};

fn nights(count: u32) -> NightCount {
    NightCount::try_new(count).unwrap()
}

fn on(days: &[Weekday]) -> Weekdays {
    Weekdays::new(days.iter().copied())
}

/// A period of July; the 32nd is the first of August, and so on.
fn period(first: u32, end: u32) -> StayPeriod {
    StayPeriod {
        days: days(july(first), july(end)),
        least: None,
        most: None,
        closed_to_arrival: None,
        closed_to_departure: None,
        closed: false,
    }
}

fn july(day: u32) -> NaiveDate {
    date(7, 1) + Days::new(u64::from(day) - 1)
}

/// In July, of which 2016 began with a Friday.
fn stay(arrival: u32, departure: u32) -> Stay {
    Stay::try_new(july(arrival), july(departure)).unwrap()
}

fn check(rules: &StayRules, arrival: u32, departure: u32) -> Result<(), StayRefusal> {
    rules.check(stay(arrival, departure))
}

#[test]
fn without_rules_every_stay_is_sold() {
    let rules = StayRules::default();
    assert!(rules.is_empty());
    assert_eq!([check(&rules, 1, 1), check(&rules, 1, 2), check(&rules, 1, 40)], [Ok(()); 3]);
}

#[test]
fn a_stay_is_neither_shorter_nor_longer_than_asked_for() {
    let usual = StayTerms { least: Some(nights(2)), most: Some(nights(4)), ..StayTerms::default() };
    let rules = StayRules::try_new(usual, Vec::new()).unwrap();
    assert_eq!(check(&rules, 1, 2), Err(StayRefusal::TooShort(nights(2))));
    assert_eq!([check(&rules, 1, 3), check(&rules, 1, 5)], [Ok(()); 2]);
    assert_eq!(check(&rules, 1, 6), Err(StayRefusal::TooLong(nights(4))));
    assert_eq!(check(&rules, 1, 1), Ok(())); // who leaves on the same day stays no night
}

#[test]
fn nobody_comes_or_goes_on_days_that_are_closed_to_that() {
    let usual = StayTerms {
        closed_to_arrival: on(&[Weekday::Sun]),
        closed_to_departure: on(&[Weekday::Sat]),
        ..StayTerms::default()
    };
    let rules = StayRules::try_new(usual, Vec::new()).unwrap();
    assert_eq!(check(&rules, 3, 5), Err(StayRefusal::ClosedToArrival(july(3))));
    assert_eq!(check(&rules, 1, 2), Err(StayRefusal::ClosedToDeparture(july(2))));
    assert_eq!(check(&rules, 2, 2), Err(StayRefusal::ClosedToDeparture(july(2))));
    assert_eq!([check(&rules, 2, 3), check(&rules, 1, 5)], [Ok(()); 2]);
}

#[test]
fn a_period_asks_what_it_says_of_those_who_arrive_in_it() {
    let usual = StayTerms {
        least: Some(nights(2)),
        closed_to_arrival: on(&[Weekday::Sun]),
        ..StayTerms::default()
    };
    let summer =
        StayPeriod { least: Some(nights(7)), closed_to_arrival: Some(on(&[])), ..period(10, 20) };
    let rules = StayRules::try_new(usual, vec![period(25, 30), summer]).unwrap();
    assert_eq!(check(&rules, 9, 11), Ok(())); // arrives before
    assert_eq!(check(&rules, 10, 12), Err(StayRefusal::TooShort(nights(7))));
    assert_eq!(check(&rules, 10, 17), Ok(())); // a Sunday
    assert_eq!(check(&rules, 19, 25), Err(StayRefusal::TooShort(nights(7))));
    assert_eq!(check(&rules, 20, 22), Ok(()));
    assert_eq!(check(&rules, 24, 26), Err(StayRefusal::ClosedToArrival(july(24))));
    assert_eq!(rules.on(july(15)).least, Some(nights(7)));
}

#[test]
fn a_closed_day_is_slept_on_by_nobody() {
    let closed = StayPeriod { closed: true, ..period(10, 12) };
    let rules = StayRules::try_new(StayTerms::default(), vec![period(8, 10), closed]).unwrap();
    for (arrival, departure, first) in [(9, 11, 10), (10, 11, 10), (11, 20, 11), (11, 11, 11)] {
        let refusal = Err(StayRefusal::Closed(july(first)));
        assert_eq!(check(&rules, arrival, departure), refusal, "{arrival}");
    }
    assert_eq!([check(&rules, 8, 10), check(&rules, 12, 14)], [Ok(()); 2]);
    assert_eq!(rules.first_closed(days(july(1), july(10))), None);
    assert_eq!(rules.first_closed(days(july(1), july(11))), Some(july(10)));
}

#[test]
fn rules_that_contradict_each_other_are_refused() {
    let least = StayTerms { least: Some(nights(3)), ..StayTerms::default() };
    let try_new = StayRules::try_new;
    let no_length = Err(StayRulesError::NoLength { least: nights(3), most: nights(2) });
    let most = Some(nights(2));
    assert_eq!(try_new(StayTerms { most, ..least }, Vec::new()), no_length);
    let in_period =
        StayRulesError::NoLengthFrom { from: july(1), least: nights(3), most: nights(2) };
    assert_eq!(try_new(least, vec![StayPeriod { most, ..period(1, 2) }]), Err(in_period));
    let overlapping = vec![period(5, 9), period(1, 6)];
    assert_eq!(try_new(least, overlapping), Err(StayRulesError::Overlap(july(5))));
    assert!(try_new(least, vec![period(5, 9), period(1, 5)]).is_ok());
    let many = |n| vec![period(1, 2); n];
    assert_eq!(try_new(least, many(201)), Err(StayRulesError::TooManyPeriods));
}

#[test]
fn rules_are_stored_in_words() {
    let text = concat!(
        r#"{"least":2,"most":14,"closed_to_arrival":["friday","sunday"],"closed_to_departure":["monday"],"#,
        r#""periods":[{"days":{"first":"2016-07-01","end":"2016-09-01"},"least":7,"closed_to_arrival":[]},"#,
        r#"{"days":{"first":"2016-11-01","end":"2016-12-01"},"closed":true}]}"#
    );
    let rules: StayRules = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&rules).unwrap(), text);
    assert_eq!(serde_json::to_string(&StayRules::default()).unwrap(), "{}");
    for wrong in [
        r#"{"least":0}"#,
        r#"{"least":3,"most":2}"#,
        r#"{"closed_to_arrival":["someday"]}"#,
        r#"{"periods":[{"days":{"first":"2016-07-01","end":"2016-07-01"}}]}"#,
        r#"{"minimum":2}"#,
    ] {
        assert!(serde_json::from_str::<StayRules>(wrong).is_err(), "{wrong}");
    }
}

proptest! {
    /// What the sorted periods answer is what looking at each of them answers.
    #[test]
    fn a_period_holds_for_exactly_its_days(
        cuts in proptest::collection::btree_set(1..60_u32, 2..8),
        closed in any::<[bool; 4]>(),
        (arrival, length) in (1..60_u32, 0..10_u32),
    ) {
        let cuts: Vec<u32> = cuts.into_iter().collect();
        let periods: Vec<_> = cuts
            .chunks_exact(2)
            .zip(closed)
            .zip(2..)
            .map(|((pair, closed), least)| {
                StayPeriod { closed, least: Some(nights(least)), ..period(pair[0], pair[1]) }
            })
            .collect();
        let rules = StayRules::try_new(StayTerms::default(), periods.clone()).unwrap();
        let stay = stay(arrival, arrival + length);
        let of_arrival = periods.iter().find(|p| p.days.contains(stay.arrival()));
        let least = of_arrival.and_then(|period| period.least);
        prop_assert_eq!(rules.on(stay.arrival()).least, least);
        let is_closed = |day: &NaiveDate| periods.iter().any(|p| p.closed && p.days.contains(*day));
        let expected = match (stay.days().iter().find(is_closed), least) {
            (Some(day), _) => Err(StayRefusal::Closed(day)),
            (None, Some(least)) if (1..least.get()).contains(&stay.nights()) => {
                Err(StayRefusal::TooShort(least))
            }
            (None, _) => Ok(()),
        };
        prop_assert_eq!(rules.check(stay), expected);
    }

    #[test]
    fn days_of_the_week_are_a_set(days in proptest::collection::vec(0..7_u64, 0..9)) {
        let monday = date(7, 4);
        let days: Vec<Weekday> =
            days.into_iter().map(|n| (monday + Days::new(n)).weekday()).collect();
        let set = on(&days);
        for n in 0..7 {
            let day = (monday + Days::new(n)).weekday();
            prop_assert_eq!(set.contains(day), days.contains(&day));
        }
        let stored = serde_json::to_string(&set).unwrap();
        prop_assert_eq!(serde_json::from_str::<Weekdays>(&stored).unwrap(), set);
    }
}
