//! What is called off before it is taken.

use super::*;

fn void() -> Command {
    Command::Void { at: at(2) }
}

fn told_voided() -> Command {
    record(Fact::Voided { attempt: AttemptNumber::FIRST })
}

fn asked() -> Event {
    Event::VoidRequested { at: at(2) }
}

fn voided() -> Event {
    Event::Voided { at: at(2) }
}

#[test]
fn the_provider_lets_go_what_it_holds() {
    let promised = [by_card(), authorized(100)];
    given(promised.clone()).when(void()).then_expect_events(vec![asked()]);
    let waiting = [&promised[..], &[asked()]].concat();
    assert_eq!(state(&waiting).pending(), Some(Pending::Void));
    given(waiting.clone()).when(void()).then_expect_events(Vec::new());
    given(waiting.clone()).when(capture(None)).then_expect_error(Refusal::BeingVoided);
    given(waiting.clone()).when(told_voided()).then_expect_events(vec![voided()]);
    let gone = [&waiting[..], &[voided()]].concat();
    assert_eq!(state(&gone).status(), Status::Voided);
    given(gone.clone()).when(told_voided()).then_expect_events(Vec::new());
    given(gone.clone()).when(void()).then_expect_events(Vec::new());
    given(gone.clone()).when(told_authorized(1, 100)).then_expect_events(Vec::new());
    given(gone).when(told_captured(100, Rest::Released)).then_expect_error(Refusal::Voided);
}

#[test]
fn an_attempt_under_way_is_called_off_at_the_provider_first() {
    given([by_card()]).when(void()).then_expect_events(vec![asked()]);
    given([by_card(), asked(), voided()])
        .when(told_authorized(1, 100))
        .then_expect_error(Refusal::Voided);
    let retry = Command::Retry { attempt: number(2), at: at(2) };
    given([by_card(), asked(), declined(1)]).when(retry).then_expect_error(Refusal::BeingVoided);
}

#[test]
fn what_the_provider_does_not_hold_is_called_off_at_once() {
    given([by_card(), declined(1)]).when(void()).then_expect_events(vec![voided()]);
    given([by_card(), authorized(100), Event::Expired { at: at(60) }])
        .when(void())
        .then_expect_events(vec![voided()]);
}

#[test]
fn after_a_part_was_taken_only_the_rest_is_let_go() {
    let released = Event::Released { at: at(2) };
    let some = [by_card(), authorized(100), captured_some(40)];
    given(some.clone()).when(void()).then_expect_events(vec![asked()]);
    let waiting = [&some[..], &[asked()]].concat();
    given(waiting.clone()).when(told_voided()).then_expect_events(vec![released.clone()]);
    let gone = [&waiting[..], std::slice::from_ref(&released)].concat();
    let payment = state(&gone);
    assert_eq!((payment.status(), payment.captured()), (Status::Captured, Some(eur(40))));
    assert_eq!((payment.capturable(), payment.left()), (Some(eur(0)), Some(eur(40))));
    given(gone.clone()).when(told_voided()).then_expect_events(Vec::new());
    given(gone).when(void()).then_expect_error(Refusal::AlreadyCaptured { amount: eur(40) });
    given([requested(), captured_some(40)]).when(void()).then_expect_events(vec![released]);
}

#[test]
fn what_was_taken_in_the_meantime_is_taken() {
    let waiting = [by_card(), authorized(100), asked()];
    given(waiting.clone())
        .when(told_captured(100, Rest::Released))
        .then_expect_events(vec![captured(100)]);
    let payment = state(&[&waiting[..], &[captured(100)]].concat());
    assert_eq!((payment.status(), payment.pending()), (Status::Captured, None));
    let capturing =
        Event::CaptureRequested { number: 1, amount: eur(100), rest: Rest::Released, at: at(2) };
    given([by_card(), authorized(100), capturing])
        .when(void())
        .then_expect_error(Refusal::CaptureInProgress);
}

#[test]
fn a_provider_calls_off_by_itself() {
    given([by_card(), authorized(100)]).when(told_voided()).then_expect_events(vec![voided()]);
    given([by_card(), captured(100)]).when(told_voided()).then_expect_events(Vec::new());
    let retried = Event::Retried { attempt: number(2), at: at(2) };
    given([by_card(), declined(1), retried]).when(told_voided()).then_expect_events(Vec::new());
}
