//! What is given back, each time under a name of its own.

use super::*;

fn asked(n: u128, minor: u64) -> Event {
    Event::RefundRequested { refund: refund_id(n), amount: eur(minor), reason: None, at: at(3) }
}

fn told_refunded(n: u128, minor: u64) -> Command {
    let fact = Fact::Refunded { refund: refund_id(n), amount: eur(minor), reference: None };
    Command::Record { fact, at: at(3) }
}

fn told_failed(n: u128) -> Command {
    let failure = failure(FailureCode::ProcessingError);
    Command::Record { fact: Fact::RefundFailed { refund: refund_id(n), failure }, at: at(3) }
}

fn failed(n: u128) -> Event {
    let failure = failure(FailureCode::ProcessingError);
    Event::RefundFailed { refund: refund_id(n), failure, at: at(3) }
}

fn taken() -> [Event; 2] {
    [by_card(), captured(100)]
}

fn then(events: &[Event]) -> Vec<Event> {
    [&taken(), events].concat()
}

#[test]
fn cash_is_given_back_at_once_and_once_under_a_name() {
    given([requested(), captured(100)])
        .when(refund(1, Some(30)))
        .then_expect_events(vec![refunded_as(1, 30)]);
    let partly = [requested(), captured(100), refunded_as(1, 30)];
    given(partly.clone()).when(refund(1, Some(30))).then_expect_events(Vec::new());
    given(partly.clone())
        .when(refund(1, Some(40)))
        .then_expect_error(Refusal::RefundDiffers { amount: eur(30) });
    given(partly.clone()).when(refund(2, Some(30))).then_expect_events(vec![refunded_as(2, 30)]);
    given(partly).when(refund(2, None)).then_expect_events(vec![refunded_as(2, 70)]);
}

#[test]
fn two_refunds_under_way_never_exceed_what_is_left() {
    given(taken()).when(refund(1, Some(60))).then_expect_events(vec![asked(1, 60)]);
    let one = then(&[asked(1, 60)]);
    let payment = state(&one);
    assert_eq!(payment.status(), Status::Captured, "nothing was given back yet");
    assert_eq!((payment.reserved(), payment.left()), (Some(eur(60)), Some(eur(40))));
    given(one.clone())
        .when(refund(2, Some(41)))
        .then_expect_error(Refusal::RefundExceedsCaptured { left: eur(40) });
    given(one.clone()).when(refund(2, None)).then_expect_events(vec![asked(2, 40)]);
    given(one.clone()).when(refund(1, Some(60))).then_expect_events(Vec::new());
    given(one)
        .when(refund(1, Some(61)))
        .then_expect_error(Refusal::RefundDiffers { amount: eur(60) });
}

#[test]
fn a_refund_is_completed_when_the_provider_says_so() {
    let one = then(&[asked(1, 60)]);
    given(one.clone()).when(told_refunded(1, 60)).then_expect_events(vec![refunded_as(1, 60)]);
    given(one)
        .when(told_refunded(1, 61))
        .then_expect_error(Refusal::RefundDiffers { amount: eur(60) });
    let done = then(&[asked(1, 60), refunded_as(1, 60)]);
    let payment = state(&done);
    assert_eq!(payment.status(), Status::PartiallyRefunded);
    assert_eq!((payment.reserved(), payment.refunded()), (Some(eur(0)), Some(eur(60))));
    assert_eq!(payment.refund(refund_id(1)).unwrap().status, RefundStatus::Completed);
    given(done).when(told_refunded(1, 60)).then_expect_events(Vec::new());
    let all = then(&[asked(1, 100), refunded_as(1, 100)]);
    assert_eq!(state(&all).status(), Status::Refunded);
}

#[test]
fn a_refund_keeps_the_reason_it_was_asked_for() {
    let why = Some(reason("a noisy night"));
    let asked = Event::RefundRequested {
        refund: refund_id(1),
        amount: eur(60),
        reason: why.clone(),
        at: at(3),
    };
    let done = Event::Refunded {
        refund: Some(refund_id(1)),
        amount: eur(60),
        reason: why,
        reference: None,
        at: at(3),
    };
    given(then(&[asked])).when(told_refunded(1, 60)).then_expect_events(vec![done]);
}

#[test]
fn what_was_not_given_back_after_all_can_be_given_back_again() {
    given(then(&[asked(1, 60)])).when(told_failed(1)).then_expect_events(vec![failed(1)]);
    for gone in [then(&[asked(1, 60), failed(1)]), then(&[refunded_as(1, 60), failed(1)])] {
        let payment = state(&gone);
        assert_eq!((payment.status(), payment.left()), (Status::Captured, Some(eur(100))));
        given(gone.clone()).when(told_failed(1)).then_expect_events(Vec::new());
        given(gone.clone()).when(told_refunded(1, 60)).then_expect_events(Vec::new());
        given(gone).when(refund(2, None)).then_expect_events(vec![asked(2, 100)]);
    }
    given(then(&[asked(1, 60), refunded_as(1, 60)]))
        .when(told_failed(1))
        .then_expect_events(vec![failed(1)]);
    given(taken()).when(told_failed(1)).then_expect_error(Refusal::UnknownRefund);
}

#[test]
fn what_the_provider_gave_back_by_itself_counts_if_it_can_be_true() {
    given(taken()).when(told_refunded(9, 100)).then_expect_events(vec![refunded_as(9, 100)]);
    given(then(&[asked(1, 60)]))
        .when(told_refunded(9, 41))
        .then_expect_error(Refusal::RefundExceedsCaptured { left: eur(40) });
    given([by_card(), authorized(100)])
        .when(told_refunded(9, 1))
        .then_expect_error(Refusal::NotCaptured);
}
