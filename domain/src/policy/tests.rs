//! Policies around their deadlines, and fees that add up.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Fee, Policy, Stake, Start};
use crate::testing::{eur, utc, zone};
use crate::values::Timestamp;

fn policy(json: Value) -> Policy {
    serde_json::from_value(json).unwrap()
}

fn fee(json: Value) -> Fee {
    serde_json::from_value(json).unwrap()
}

fn flexible() -> Policy {
    policy(json!({"tiers": [
        {"fee": {"percent": 10_000}},
        {"until": {"days_before": 1}, "fee": {"percent": 5_000}},
        {"until": {"days_before": 7}},
    ]}))
}

fn stake(total: u64) -> Stake {
    Stake { total: eur(total), before: eur(0), now: eur(total), first_night: eur(total / 4) }
}

fn costs(policy: &Policy, at: Timestamp, start: Start) -> u64 {
    policy.holding(at, start).fee.of(stake(10_000)).unwrap().minor()
}

#[test]
fn tiers_hold_until_the_end_of_their_day_where_the_listing_is() {
    // zone, start, the last instant of the free tier, the last instant of the half fee
    let cases = [
        (
            "America/New_York",
            "2031-05-10T19:00:00Z",
            "2031-05-04T03:59:59.999999Z",
            "2031-05-10T03:59:59.999999Z",
        ),
        // clocks go forward on 9 March and back on 2 November 2031 in New York
        (
            "America/New_York",
            "2031-03-10T19:00:00Z",
            "2031-03-04T04:59:59.999999Z",
            "2031-03-10T03:59:59.999999Z",
        ),
        (
            "America/New_York",
            "2031-11-03T20:00:00Z",
            "2031-10-28T03:59:59.999999Z",
            "2031-11-03T04:59:59.999999Z",
        ),
        // Amman stays on +03 all year
        (
            "Asia/Amman",
            "2031-03-30T12:00:00Z",
            "2031-03-23T20:59:59.999999Z",
            "2031-03-29T20:59:59.999999Z",
        ),
        // in Cairo the last Friday of April begins at one, and the last Thursday of October has 25 hours
        (
            "Africa/Cairo",
            "2031-04-25T12:00:00Z",
            "2031-04-18T21:59:59.999999Z",
            "2031-04-24T21:59:59.999999Z",
        ),
        (
            "Africa/Cairo",
            "2031-10-31T12:00:00Z",
            "2031-10-24T20:59:59.999999Z",
            "2031-10-30T21:59:59.999999Z",
        ),
        (
            "Asia/Kolkata",
            "2031-05-10T12:00:00Z",
            "2031-05-03T18:29:59.999999Z",
            "2031-05-09T18:29:59.999999Z",
        ),
    ];
    let (policy, tick) = (flexible(), chrono::TimeDelta::microseconds(1));
    for (name, start, free, half) in cases {
        let start = Start { at: utc(start), zone: zone(name) };
        let (free, half) = (utc(free), utc(half));
        for (at, fee, until) in [
            (free - tick, 0, Some(free)),
            (free, 0, Some(free)),
            (free + tick, 5_000, Some(half)),
            (half, 5_000, Some(half)),
            (half + tick, 10_000, None),
            (start.at, 10_000, None),
            (start.at + chrono::TimeDelta::days(1), 10_000, None),
        ] {
            assert_eq!(costs(&policy, at, start), fee, "{name} {at}");
            assert_eq!(policy.holding(at, start).until, until, "{name} {at}");
        }
    }
}

#[test]
fn hours_are_counted_through_changed_clocks() {
    let policy = policy(json!({"tiers": [
        {"until": {"hours_before": 24}},
        {"until": {"hours_before": 0}, "fee": {"percent": 10_000}},
    ]}));
    // New York leaps from two to three at night between the two
    let start = Start { at: utc("2031-03-09T14:00:00Z"), zone: zone("America/New_York") };
    assert_eq!(costs(&policy, utc("2031-03-08T14:00:00Z"), start), 0);
    assert_eq!(costs(&policy, utc("2031-03-08T14:00:00.000001Z"), start), 10_000);
    assert_eq!(costs(&policy, utc("2031-04-01T00:00:00Z"), start), 10_000, "the last one goes on");
}

#[test]
fn no_tier_but_the_last_reaches_beyond_the_start() {
    let policy = policy(json!({"tiers": [
        {"until": {"days_before": 0}, "fee": {"percent": 5_000}},
        {"fee": {"percent": 10_000}},
    ]}));
    let start = Start { at: utc("2031-05-10T12:00:00Z"), zone: zone("Asia/Amman") };
    assert_eq!(costs(&policy, start.at, start), 5_000);
    assert_eq!(costs(&policy, utc("2031-05-10T12:00:00.000001Z"), start), 10_000);
}

#[test]
fn the_order_in_which_tiers_are_written_does_not_matter() {
    let turned = policy(json!({"tiers": [
        {"until": {"days_before": 7}},
        {"until": {"days_before": 1}, "fee": {"percent": 5_000}},
        {"fee": {"percent": 10_000}},
    ]}));
    assert_eq!(turned, flexible());
}

#[test]
fn a_fee_is_a_part_and_an_amount_but_no_less_than_the_least() {
    for (written, total, costs) in [
        (json!({}), 10_000, 0),
        (json!({"percent": 1_250}), 9_999, 1_250),
        (json!({"percent": 1_000, "amount": 500}), 10_000, 1_500),
        (json!({"percent": 1_000, "least": 2_000}), 10_000, 2_000),
        (json!({"percent": 1_000, "least": 2_000}), 1_500, 1_500),
        (json!({"percent": 10_000, "amount": 500}), 10_000, 10_000),
        (json!({"first_night": true}), 10_000, 2_500),
    ] {
        assert_eq!(fee(written.clone()).of(stake(total)), Ok(eur(costs)), "{written} {total}");
    }
}

#[test]
fn who_does_not_come_pays_what_is_said_for_that_or_the_last_tier() {
    assert_eq!(flexible().no_show(), fee(json!({"percent": 10_000})));
    let lenient = policy(json!({"tiers": [{}], "no_show": {"first_night": true}}));
    assert_eq!(lenient.no_show(), Fee::FirstNight);
    assert!(lenient.counts_nights());
}

#[test]
fn tiers_that_contradict_each_other_are_refused() {
    for (wrong, told) in [
        (json!({"tiers": []}), "at least one tier"),
        (json!({"tiers": [{"until": {"days_before": 7}}]}), "until the start"),
        (json!({"tiers": [{}, {}]}), "same bound"),
        (
            json!({"tiers": [{"until": {"days_before": 1}}, {"until": {"days_before": 1}}, {}]}),
            "same bound",
        ),
        (json!({"tiers": [{"until": {"days_before": 1}, "fee": {"percent": 1}}, {}]}), "cost less"),
        (
            json!({"tiers": [{"fee": {"percent": 1}}, {"until": {"days_before": 1}, "fee": {"percent": 2}}]}),
            "cost less",
        ),
        (
            json!({"tiers": [{"until": {"days_before": 1}}, {"until": {"hours_before": 20}}, {}]}),
            "time of day",
        ),
        (json!({"tiers": [{"until": {"hours_before": -1}}]}), "-1"),
        (json!({"tiers": [{"fee": {"percent": 10_001}}]}), "10001"),
        (json!({"tiers": [{"fee": {"percent": 1, "first_night": true}}]}), "first_night"),
        (json!({"tiers": [{"fee": {"amount": {"minor": 5, "currency": "USD"}}}]}), "invalid type"),
    ] {
        let error = serde_json::from_value::<Policy>(wrong.clone()).unwrap_err().to_string();
        assert!(error.contains(told), "{wrong}: {error}");
    }
}

#[test]
fn days_and_hours_may_be_mixed_where_their_order_is_clear() {
    let mixed = policy(json!({"tiers": [
        {"until": {"hours_before": 6}, "fee": {"percent": 5_000}},
        {"until": {"days_before": 3}},
        {"fee": {"percent": 10_000}},
    ]}));
    let start = Start { at: utc("2031-05-10T12:00:00Z"), zone: zone("Asia/Amman") };
    assert_eq!(costs(&mixed, utc("2031-05-07T20:59:59Z"), start), 0);
    assert_eq!(costs(&mixed, utc("2031-05-10T06:00:00Z"), start), 5_000);
}

proptest! {
    #[test]
    fn lines_called_off_one_by_one_cost_as_much_as_all_at_once(
        totals in vec(0_u64..1_000_000, 1..20),
        percent in 0_u64..=10_000, amount in 0_u64..50_000, least in 0_u64..50_000,
    ) {
        let fee = fee(json!({"percent": percent, "amount": amount, "least": least}));
        let total: u64 = totals.iter().sum();
        let mut before = 0;
        let mut sum = 0;
        for now in totals {
            let stake = Stake { total: eur(total), before: eur(before), now: eur(now), first_night: eur(0) };
            sum += fee.of(stake).unwrap().minor();
            before += now;
        }
        let all = fee.of(stake(total)).unwrap();
        prop_assert_eq!(sum, all.minor());
        prop_assert!(all.minor() <= total);
    }
}
