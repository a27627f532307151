//! Rules of the payment.

use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::{Command, Event, Method, Payment, Refusal, Status};
use crate::testing::{at, booking, currency, eur, reason};
use crate::values::Money;

fn given(events: impl Into<Vec<Event>>) -> AggregateTestExecutor<Payment> {
    TestFramework::with(()).given(events.into())
}

fn state(events: &[Event]) -> Payment {
    let mut payment = Payment::default();
    for event in events {
        payment.evolve(event);
    }
    payment
}

fn request(amount: Money) -> Command {
    Command::Request { booking: booking(1), amount, method: Method::Cash, at: at(0) }
}

fn requested() -> Event {
    Event::Requested { booking: booking(1), amount: eur(100), method: Method::Cash, at: at(0) }
}

fn captured(minor: u64) -> Event {
    Event::Captured { amount: eur(minor), at: at(2) }
}

fn refunded(minor: u64) -> Event {
    Event::Refunded { amount: eur(minor), reason: None, at: at(3) }
}

fn capture(amount: Option<u64>) -> Command {
    Command::Capture { amount: amount.map(eur), at: at(2) }
}

fn refund(amount: Option<u64>) -> Command {
    Command::Refund { amount: amount.map(eur), reason: None, at: at(3) }
}

#[test]
fn money_is_asked_for_once() {
    given([]).when(request(eur(100))).then_expect_events(vec![requested()]);
    given([requested()]).when(request(eur(100))).then_expect_error(Refusal::AlreadyExists);
}

#[test]
fn nothing_is_no_amount() {
    given([]).when(request(eur(0))).then_expect_error(Refusal::ZeroAmount);
    given([requested()]).when(capture(Some(0))).then_expect_error(Refusal::ZeroAmount);
    given([requested(), captured(100)])
        .when(refund(Some(0)))
        .then_expect_error(Refusal::ZeroAmount);
}

#[test]
fn what_was_never_asked_for_cannot_move_on() {
    for command in [
        Command::Authorize { at: at(1) },
        capture(None),
        refund(None),
        Command::Void { at: at(1) },
        Command::Fail { reason: reason("lost"), at: at(1) },
    ] {
        given([]).when(command).then_expect_error(Refusal::NotFound);
    }
}

#[test]
fn cash_is_taken_without_an_authorization() {
    given([requested()]).when(capture(None)).then_expect_events(vec![captured(100)]);
    given([requested(), Event::Authorized { at: at(1) }])
        .when(capture(Some(60)))
        .then_expect_events(vec![captured(60)]);
}

#[test]
fn no_more_is_taken_than_was_asked_for() {
    given([requested()])
        .when(capture(Some(101)))
        .then_expect_error(Refusal::CaptureExceedsRequested { requested: eur(100) });
}

#[test]
fn a_payment_stays_in_its_currency() {
    let yen = Money::try_new(10, currency("JPY")).unwrap();
    given([requested()])
        .when(Command::Capture { amount: Some(yen), at: at(2) })
        .then_expect_error(Refusal::CurrencyMismatch);
    given([requested(), captured(100)])
        .when(Command::Refund { amount: Some(yen), reason: None, at: at(3) })
        .then_expect_error(Refusal::CurrencyMismatch);
}

#[test]
fn taking_the_same_again_records_nothing() {
    given([requested(), captured(60)]).when(capture(Some(60))).then_expect_events(Vec::new());
    given([requested(), captured(60)]).when(capture(None)).then_expect_events(Vec::new());
    given([requested(), captured(60)])
        .when(capture(Some(40)))
        .then_expect_error(Refusal::AlreadyCaptured { amount: eur(60) });
}

#[test]
fn no_more_is_given_back_than_is_left() {
    let partly = [requested(), captured(100), refunded(30)];
    given(partly.clone()).when(refund(Some(70))).then_expect_events(vec![refunded(70)]);
    given(partly)
        .when(refund(Some(71)))
        .then_expect_error(Refusal::RefundExceedsCaptured { left: eur(70) });
    given([requested(), captured(100), refunded(100)])
        .when(refund(Some(1)))
        .then_expect_error(Refusal::RefundExceedsCaptured { left: eur(0) });
}

#[test]
fn a_refund_without_an_amount_gives_back_all_that_is_left_once() {
    given([requested(), captured(100), refunded(30)])
        .when(refund(None))
        .then_expect_events(vec![refunded(70)]);
    given([requested(), captured(100), refunded(100)])
        .when(refund(None))
        .then_expect_events(Vec::new());
}

#[test]
fn what_was_not_taken_cannot_be_given_back() {
    given([requested()]).when(refund(None)).then_expect_error(Refusal::NotCaptured);
    given([requested(), Event::Voided { at: at(1) }])
        .when(refund(None))
        .then_expect_error(Refusal::Voided);
}

#[test]
fn a_payment_is_called_off_only_before_it_is_taken() {
    let void = Command::Void { at: at(4) };
    let voided = Event::Voided { at: at(4) };
    given([requested()]).when(void.clone()).then_expect_events(vec![voided.clone()]);
    given([requested(), voided]).when(void.clone()).then_expect_events(Vec::new());
    given([requested(), captured(100)])
        .when(void)
        .then_expect_error(Refusal::AlreadyCaptured { amount: eur(100) });
}

#[test]
fn a_failed_payment_stays_failed() {
    let fail = Command::Fail { reason: reason("the bank said no"), at: at(4) };
    let failed = Event::Failed { reason: reason("the bank said no"), at: at(4) };
    given([requested()]).when(fail.clone()).then_expect_events(vec![failed.clone()]);
    given([requested(), failed.clone()]).when(fail.clone()).then_expect_events(Vec::new());
    given([requested(), failed.clone()]).when(capture(None)).then_expect_error(Refusal::Failed);
    given([requested(), failed])
        .when(Command::Authorize { at: at(5) })
        .then_expect_error(Refusal::Failed);
    given([requested(), captured(100)])
        .when(fail)
        .then_expect_error(Refusal::AlreadyCaptured { amount: eur(100) });
}

#[test]
fn authorizing_again_records_nothing() {
    let authorize = Command::Authorize { at: at(1) };
    let authorized = Event::Authorized { at: at(1) };
    given([requested()]).when(authorize.clone()).then_expect_events(vec![authorized.clone()]);
    given([requested(), authorized]).when(authorize.clone()).then_expect_events(Vec::new());
    given([requested(), captured(100)]).when(authorize).then_expect_events(Vec::new());
}

#[test]
fn the_status_follows_the_money() {
    let events = [requested(), captured(100), refunded(30), refunded(70)];
    let statuses = [
        Status::Absent,
        Status::Requested,
        Status::Captured,
        Status::PartiallyRefunded,
        Status::Refunded,
    ];
    for (n, status) in statuses.into_iter().enumerate() {
        assert_eq!(state(&events[..n]).status(), status);
    }
    let payment = state(&events);
    assert_eq!((payment.captured(), payment.refunded()), (Some(eur(100)), Some(eur(100))));
    assert_eq!((payment.booking(), payment.method()), (Some(booking(1)), Some(Method::Cash)));
    assert_eq!(payment.requested(), Some(eur(100)));
}
