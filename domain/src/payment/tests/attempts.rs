//! Attempts to pay: what a provider declines can be tried again.

use super::*;

fn told_declined(attempt: u32) -> Command {
    let failure = failure(FailureCode::CardDeclined);
    record(Fact::Declined { attempt: number(attempt), failure })
}

fn retry(attempt: u32) -> Command {
    Command::Retry { attempt: number(attempt), at: at(2) }
}

fn retried(attempt: u32) -> Event {
    Event::Retried { attempt: number(attempt), at: at(2) }
}

fn started(attempt: u32, name: &str) -> Event {
    Event::Started { attempt: number(attempt), reference: reference(name), at: at(2) }
}

fn told_started(attempt: u32, name: &str) -> Command {
    record(Fact::Started { attempt: number(attempt), reference: reference(name) })
}

#[test]
fn a_provider_names_an_attempt_once() {
    given([by_card()]).when(told_started(1, "pi_1")).then_expect_events(vec![started(1, "pi_1")]);
    let known = [by_card(), started(1, "pi_1")];
    given(known.clone()).when(told_started(1, "pi_1")).then_expect_events(Vec::new());
    given(known.clone()).when(told_started(1, "pi_2")).then_expect_error(Refusal::OtherReference);
    given(known.clone())
        .when(told_started(2, "pi_2"))
        .then_expect_error(Refusal::UnknownAttempt { attempt: number(2) });
    let again = [&known[..], &[declined(1), retried(2), started(2, "pi_2")]].concat();
    let payment = state(&again);
    assert_eq!(payment.reference(), Some(&reference("pi_2")));
    let names: Vec<_> = payment.attempts().map(|attempt| attempt.reference.clone()).collect();
    assert_eq!(names, [Some(reference("pi_1")), Some(reference("pi_2"))]);
}

#[test]
fn a_declined_payment_is_not_failed_but_can_be_tried_again() {
    given([by_card()]).when(told_declined(1)).then_expect_events(vec![declined(1)]);
    let payment = state(&[by_card(), declined(1)]);
    assert_eq!(payment.status(), Status::Requested);
    assert_eq!(payment.failure(), Some(&failure(FailureCode::CardDeclined)));
    given([by_card(), declined(1)]).when(retry(2)).then_expect_events(vec![retried(2)]);
    let payment = state(&[by_card(), declined(1), retried(2)]);
    assert_eq!((payment.attempt(), payment.failure()), (Some(number(2)), None));
    assert_eq!(payment.attempts().count(), 2);
}

#[test]
fn an_attempt_is_begun_once_and_only_after_the_last_one_is_over() {
    given([by_card()]).when(retry(2)).then_expect_error(Refusal::AttemptOpen);
    given([by_card(), authorized(100)]).when(retry(2)).then_expect_error(Refusal::AttemptOpen);
    let second = [by_card(), declined(1), retried(2)];
    given(second.clone()).when(retry(2)).then_expect_events(Vec::new());
    given(second).when(retry(3)).then_expect_error(Refusal::AttemptOpen);
    given([by_card(), declined(1)])
        .when(retry(3))
        .then_expect_error(Refusal::UnknownAttempt { attempt: number(3) });
    given([by_card(), captured(100)])
        .when(retry(2))
        .then_expect_error(Refusal::AlreadyCaptured { amount: eur(100) });
    given([requested()]).when(retry(2)).then_expect_error(Refusal::ByHand);
}

#[test]
fn there_are_only_so_many_attempts() {
    let mut events = vec![by_card(), declined(1)];
    for attempt in 2..=AttemptNumber::MAX {
        events.extend([retried(attempt), declined(attempt)]);
    }
    assert_eq!(state(&events).attempt(), Some(number(AttemptNumber::MAX)));
    assert_eq!(number(AttemptNumber::MAX).next(), None);
    assert_eq!(AttemptNumber::try_new(AttemptNumber::MAX + 1), Err(AttemptNumberError));
    assert_eq!(AttemptNumber::try_new(0), Err(AttemptNumberError));
}

#[test]
fn old_news_of_an_attempt_records_nothing() {
    let second = [by_card(), declined(1), retried(2)];
    given(second.clone()).when(told_declined(1)).then_expect_events(Vec::new());
    given([by_card(), declined(1)]).when(told_declined(1)).then_expect_events(Vec::new());
    given([by_card(), authorized(100)]).when(told_declined(1)).then_expect_events(Vec::new());
    given([by_card(), captured(100)]).when(told_declined(1)).then_expect_events(Vec::new());
    given(second)
        .when(told_declined(3))
        .then_expect_error(Refusal::UnknownAttempt { attempt: number(3) });
}

#[test]
fn money_of_an_attempt_that_is_over_is_not_counted_in_another() {
    let second = [by_card(), declined(1), retried(2)];
    let over = Refusal::AttemptOver { attempt: number(1) };
    given(second.clone()).when(told_authorized(1, 100)).then_expect_error(over.clone());
    given(second).when(told_captured(100, Rest::Released)).then_expect_error(over);
    let after_expiry =
        [by_card(), authorized(100), Event::Expired { at: at(60) }, retried(2), authorized(90)];
    given(after_expiry).when(told_authorized(1, 100)).then_expect_events(Vec::new());
}

#[test]
fn a_declined_attempt_can_still_come_right() {
    given([by_card(), declined(1)])
        .when(told_authorized(1, 100))
        .then_expect_events(vec![authorized(100)]);
    let payment = state(&[by_card(), declined(1), authorized(100)]);
    assert_eq!((payment.status(), payment.failure()), (Status::Authorized, None));
}

#[test]
fn a_payment_fails_when_it_is_given_up() {
    let fail = Command::Fail { failure: failure(FailureCode::InsufficientFunds), at: at(4) };
    let failed = Event::Failed {
        code: FailureCode::InsufficientFunds,
        reason: Some(reason("the bank said no")),
        at: at(4),
    };
    let events = [by_card(), declined(1)];
    given(events.clone()).when(fail.clone()).then_expect_events(vec![failed.clone()]);
    let events = [&events[..], std::slice::from_ref(&failed)].concat();
    given(events.clone()).when(fail.clone()).then_expect_events(Vec::new());
    given(events.clone()).when(retry(2)).then_expect_error(Refusal::Failed);
    given(events).when(told_declined(1)).then_expect_events(Vec::new());
    given([by_card(), authorized(100)]).when(fail).then_expect_error(Refusal::Authorized);
}

#[test]
fn money_that_comes_after_all_is_known_so_that_it_can_be_given_back() {
    let failed = Event::Failed { code: FailureCode::Expired, reason: None, at: at(4) };
    given([by_card(), failed.clone()])
        .when(told_captured(100, Rest::Released))
        .then_expect_events(vec![captured(100)]);
    let payment = state(&[by_card(), failed.clone(), captured(100)]);
    assert_eq!((payment.status(), payment.left()), (Status::Captured, Some(eur(100))));
    given([by_card(), failed])
        .when(told_authorized(1, 100))
        .then_expect_events(vec![authorized(100)]);
}

#[test]
fn each_step_of_each_attempt_has_a_key_of_its_own() {
    let [one, two] = [1, 2].map(|n| crate::values::PaymentId::from_uuid(uuid(n)));
    let steps = [
        Step::Start,
        Step::Capture(1),
        Step::Capture(12),
        Step::Void,
        Step::Refund(refund_id(1)),
        Step::Refund(refund_id(2)),
    ];
    let mut keys = std::collections::BTreeSet::new();
    for payment in [one, two] {
        for attempt in [1, 2, 11] {
            for step in steps {
                let key = idempotency_key(payment, number(attempt), step);
                assert_eq!(key, idempotency_key(payment, number(attempt), step));
                assert!(key.len() <= 108 && key.is_ascii(), "{key}");
                assert!(keys.insert(key));
            }
        }
    }
    assert_eq!(
        idempotency_key(one, AttemptNumber::FIRST, Step::Capture(2)),
        "00000000-0000-0000-0000-000000000001-1-capture-2",
    );
}
