//! What calling off costs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::booking::Paid;
use crate::policy::Policy;
use crate::testing::utc;
use crate::values::CancellationQuoteId;

fn policy(tiers: &Value) -> Option<Arc<Policy>> {
    serde_json::from_value(json!({ "tiers": tiers })).unwrap()
}

/// Two lines of 30.00 and 10.00; nothing to pay until seven days before, half of it from then on.
fn agreed() -> Terms {
    let tiers = json!([{"until": {"days_before": 7}}, {"fee": {"percent": 5_000}}]);
    let lines = vec![line(10, 13, eur(500)), line(20, 21, eur(500))];
    terms_of(lines).unwrap().under(policy(&tiers), None)
}

fn booked_under_policy() -> Event {
    Event::Booked { terms: agreed(), at: at(0) }
}

fn taken(minor: u64) -> Paid {
    Paid { taken: eur(minor), returned: eur(0) }
}

fn paid(minor: u64) -> CancelTerms {
    CancelTerms { paid: Some(taken(minor)), quote: None }
}

fn cancel(terms: CancelTerms, at: Timestamp) -> Command {
    Command::Cancel { reason: None, terms, at }
}

fn settled(fee: u64, refund: u64, at: Timestamp) -> Vec<Event> {
    vec![Event::Cancelled { reason: None, fee: Some(eur(fee)), refund: Some(eur(refund)), at }]
}

fn id(n: u128) -> CancellationQuoteId {
    CancellationQuoteId::from_uuid(uuid(n))
}

/// In Cairo the day of arrival is 10 July: the tier without a fee ends with 3 July.
fn last_free() -> Timestamp {
    utc("2016-07-03T21:59:59.999999Z")
}

fn too_late() -> Timestamp {
    utc("2016-07-03T22:00:00Z")
}

#[test]
fn who_calls_off_in_time_gets_everything_back() {
    given([booked_under_policy()])
        .when(cancel(paid(4_000), last_free()))
        .then_expect_events(settled(0, 4_000, last_free()));
}

#[test]
fn who_calls_off_late_pays_but_no_more_than_was_paid() {
    for (sum, fee, refund) in [(4_000, 2_000, 2_000), (2_000, 2_000, 0), (500, 500, 0), (0, 0, 0)] {
        given([booked_under_policy()])
            .when(cancel(paid(sum), too_late()))
            .then_expect_events(settled(fee, refund, too_late()));
    }
}

#[test]
fn what_is_not_confirmed_costs_nothing() {
    let held = Event::Held { terms: agreed(), until: utc("2016-07-30T00:00:00Z"), at: at(0) };
    given([held]).when(cancel(paid(4_000), too_late())).then_expect_events(settled(
        0,
        4_000,
        too_late(),
    ));
}

#[test]
fn a_line_costs_its_share_and_the_rest_what_is_left() {
    let first = cancel_lines(vec![0], paid(4_000), too_late());
    let gone = Event::LinesCancelled {
        cancelled: vec![line(10, 13, eur(500))],
        lines: Lines::try_new(vec![line(20, 21, eur(500))]).unwrap(),
        total: eur(1_000),
        reason: None,
        fee: Some(eur(1_500)),
        refund: Some(eur(1_500)),
        at: too_late(),
    };
    given([booked_under_policy()]).when(first).then_expect_events(vec![gone.clone()]);
    // the rest begins later, so that it is in time again
    given([booked_under_policy(), gone.clone()])
        .when(cancel(paid(4_000), too_late()))
        .then_expect_events(settled(0, 1_000, too_late()));
    let later = utc("2016-07-15T00:00:00Z");
    let given_back = Some(Paid { taken: eur(4_000), returned: eur(1_500) });
    given([booked_under_policy(), gone])
        .when(cancel(CancelTerms { paid: given_back, quote: None }, later))
        .then_expect_events(settled(500, 500, later));
}

#[test]
fn a_quote_is_kept_to_until_it_ends_and_whatever_was_paid_since() {
    let ask =
        |at| Command::QuoteCancellation { quote: id(1), portion: Portion::All, paid: None, at };
    let told = |valid_until, at| Event::CancellationQuoted {
        quote: id(1),
        lines: None,
        places: BTreeMap::new(),
        price: eur(0),
        fee: eur(0),
        refund: eur(0),
        valid_until,
        at,
    };
    // at least half an hour, although the tier ends in five minutes; at most an hour
    let soon = utc("2016-07-03T21:55:00Z");
    let least = told(utc("2016-07-03T22:25:00Z"), soon);
    given([booked_under_policy()]).when(ask(soon)).then_expect_events(vec![least.clone()]);
    let early = utc("2016-07-01T10:00:00Z");
    let most = told(utc("2016-07-01T11:00:00Z"), early);
    given([booked_under_policy()]).when(ask(early)).then_expect_events(vec![most]);

    let honour = CancelTerms { paid: Some(taken(4_000)), quote: Some(id(1)) };
    let end = utc("2016-07-03T22:25:00Z");
    given([booked_under_policy(), least.clone()])
        .when(cancel(honour, end))
        .then_expect_events(settled(0, 4_000, end));
    let over = utc("2016-07-03T22:25:00.000001Z");
    given([booked_under_policy(), least.clone()])
        .when(cancel(honour, over))
        .then_expect_error(Refusal::QuoteExpired { at: end });
    let unknown = CancelTerms { quote: Some(id(2)), ..honour };
    given([booked_under_policy(), least])
        .when(cancel(unknown, end))
        .then_expect_error(Refusal::UnknownQuote);
}

#[test]
fn a_quote_is_void_for_other_lines_and_after_a_change() {
    let portion = Portion::Lines(BTreeSet::from([1]));
    let ask = Command::QuoteCancellation { quote: id(1), portion, paid: None, at: too_late() };
    let asked = state(&[booked_under_policy()]).decide(ask).unwrap();
    let honour = CancelTerms { paid: None, quote: Some(id(1)) };
    let all = [booked_under_policy(), asked[0].clone()];
    given(all.clone()).when(cancel(honour, too_late())).then_expect_error(Refusal::QuotedOtherwise);
    let later = vec![line(11, 14, eur(500)), line(20, 21, eur(500))];
    let lines = Lines::try_new(later).unwrap();
    let put_off =
        Event::Rescheduled { total: lines.total(), lines, fee: None, refund: None, at: too_late() };
    let [booked, asked] = all;
    let rest = cancel_lines(vec![1], honour, too_late());
    given([booked, asked, put_off]).when(rest).then_expect_error(Refusal::UnknownQuote);
}

#[test]
fn who_does_not_come_pays_by_the_last_tier() {
    let command = Command::NoShow { paid: Some(taken(4_000)), at: utc("2016-07-10T20:00:00Z") };
    given([booked_under_policy()]).when(command).then_expect_events(vec![Event::NoShowRecorded {
        fee: Some(eur(2_000)),
        refund: Some(eur(2_000)),
        at: utc("2016-07-10T20:00:00Z"),
    }]);
}
