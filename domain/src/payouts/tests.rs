//! Rules of payouts.

use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::{Command, Event, Payouts, Refusal};
use crate::testing::{at, currency, date, days, eur, uuid};
use crate::values::{DayRange, Money, PayoutId};

fn given(events: impl Into<Vec<Event>>) -> AggregateTestExecutor<Payouts> {
    TestFramework::with(()).given(events.into())
}

fn id(n: u128) -> PayoutId {
    PayoutId::from_uuid(uuid(n))
}

fn june() -> DayRange {
    days(date(6, 1), date(7, 1))
}

fn record(n: u128, period: DayRange, amount: Money, owed: Option<Money>) -> Command {
    let (payout, reference, paid_on, at) = (id(n), None, date(8, 5), at(1));
    Command::Record { payout, period, amount, owed, reference, paid_on, at }
}

fn recorded(n: u128, period: DayRange, amount: Money) -> Event {
    let (payout, reference, paid_on, at) = (id(n), None, date(8, 5), at(1));
    Event::Recorded { payout, period, amount, reference, paid_on, at }
}

fn withdrawn(n: u128) -> Event {
    Event::Withdrawn { payout: id(n), reason: None, withdrawn_on: date(8, 9), at: at(2) }
}

fn withdraw(n: u128) -> Command {
    Command::Withdraw { payout: id(n), reason: None, withdrawn_on: date(8, 9), at: at(2) }
}

#[test]
fn no_day_is_paid_twice_in_one_currency() {
    let paid = recorded(1, june(), eur(500));
    let overlaps = days(date(6, 30), date(7, 2));
    let before = days(date(5, 1), date(6, 1));
    for period in [overlaps, before] {
        given([paid.clone()])
            .when(record(2, period, eur(1), Some(eur(9))))
            .then_expect_error(Refusal::PeriodPaid { until: date(7, 1) });
    }
    let next = days(date(7, 1), date(8, 1));
    given([paid.clone()])
        .when(record(2, next, eur(1), Some(eur(9))))
        .then_expect_events(vec![recorded(2, next, eur(1))]);
    let yen = Money::try_new(7, currency("JPY")).unwrap();
    given([paid]).when(record(2, june(), yen, Some(yen))).then_expect_events(vec![recorded(
        2,
        june(),
        yen,
    )]);
}

#[test]
fn no_more_is_paid_than_is_owed() {
    given([])
        .when(record(1, june(), eur(500), Some(eur(499))))
        .then_expect_error(Refusal::ExceedsOwed);
    given([]).when(record(1, june(), eur(500), None)).then_expect_error(Refusal::ExceedsOwed);
    given([]).when(record(1, june(), eur(0), Some(eur(1)))).then_expect_error(Refusal::ZeroAmount);
}

#[test]
fn a_period_is_paid_when_it_is_over() {
    let period = days(date(8, 1), date(8, 6));
    given([])
        .when(record(1, period, eur(5), Some(eur(5))))
        .then_expect_error(Refusal::PeriodNotOver { until: date(8, 6) });
}

#[test]
fn the_same_payout_once_more_records_nothing() {
    let paid = recorded(1, june(), eur(500));
    given([paid.clone()]).when(record(1, june(), eur(500), None)).then_expect_events(Vec::new());
    given([paid])
        .when(record(1, june(), eur(400), Some(eur(500))))
        .then_expect_error(Refusal::AlreadyExists);
}

#[test]
fn what_came_back_can_be_paid_again() {
    let paid = recorded(1, june(), eur(500));
    given([paid.clone()]).when(withdraw(1)).then_expect_events(vec![withdrawn(1)]);
    let before = [paid, withdrawn(1)];
    given(before.clone()).when(withdraw(1)).then_expect_events(Vec::new());
    given(before)
        .when(record(2, june(), eur(500), Some(eur(500))))
        .then_expect_events(vec![recorded(2, june(), eur(500))]);
    given([]).when(withdraw(1)).then_expect_error(Refusal::NotFound);
}
