//! What is promised, and taken once or in parts.

use super::*;

fn asked(number: u32, minor: u64, rest: Rest) -> Event {
    Event::CaptureRequested { number, amount: eur(minor), rest, at: at(2) }
}

fn expired() -> Event {
    Event::Expired { at: at(60) }
}

fn told_expired() -> Command {
    Command::Record { fact: Fact::Expired { attempt: AttemptNumber::FIRST }, at: at(60) }
}

#[test]
fn as_much_is_promised_as_the_provider_says() {
    given([by_card()]).when(told_authorized(1, 60)).then_expect_events(vec![authorized(60)]);
    let payment = state(&[by_card(), authorized(60)]);
    assert_eq!((payment.status(), payment.authorized()), (Status::Authorized, Some(eur(60))));
    assert_eq!((payment.capturable(), payment.expires_at()), (Some(eur(60)), Some(at(60))));
    given([by_card()])
        .when(told_authorized(1, 101))
        .then_expect_error(Refusal::AuthorizationExceedsRequested { requested: eur(100) });
    given([by_card()]).when(told_authorized(1, 0)).then_expect_error(Refusal::ZeroAmount);
}

#[test]
fn a_promise_can_grow_and_what_is_less_is_old_news() {
    let promised = [by_card(), authorized(60)];
    given(promised.clone()).when(told_authorized(1, 60)).then_expect_events(Vec::new());
    given(promised.clone()).when(told_authorized(1, 40)).then_expect_events(Vec::new());
    given(promised).when(told_authorized(1, 80)).then_expect_events(vec![authorized(80)]);
}

#[test]
fn what_was_promised_is_taken_by_the_provider() {
    let promised = [by_card(), authorized(80)];
    given(promised.clone()).when(capture(None)).then_expect_events(vec![asked(
        1,
        80,
        Rest::Released,
    )]);
    given(promised.clone())
        .when(capture(Some(81)))
        .then_expect_error(Refusal::CaptureExceedsAuthorized { authorized: eur(80) });
    let waiting = [&promised[..], &[asked(1, 80, Rest::Released)]].concat();
    assert_eq!(state(&waiting).status(), Status::Authorized);
    given(waiting.clone()).when(capture(None)).then_expect_events(Vec::new());
    given(waiting.clone()).when(capture(Some(30))).then_expect_error(Refusal::CaptureInProgress);
    given(waiting.clone())
        .when(told_captured(80, Rest::Released))
        .then_expect_events(vec![captured(80)]);
    let taken = [&waiting[..], &[captured(80)]].concat();
    assert_eq!(state(&taken).pending(), None);
    given(taken.clone()).when(told_captured(80, Rest::Released)).then_expect_events(Vec::new());
    given(taken).when(capture(None)).then_expect_events(Vec::new());
}

#[test]
fn it_is_taken_in_parts_until_the_last_one() {
    let mut events = vec![by_card(), authorized(100), asked(1, 30, Rest::Kept)];
    given(events.clone())
        .when(told_captured(30, Rest::Kept))
        .then_expect_events(vec![captured_some(30)]);
    events.push(captured_some(30));
    let payment = state(&events);
    assert_eq!((payment.status(), payment.pending()), (Status::PartiallyCaptured, None));
    assert_eq!((payment.captured(), payment.capturable()), (Some(eur(30)), Some(eur(70))));
    given(events.clone()).when(capture_some(20)).then_expect_events(vec![asked(2, 20, Rest::Kept)]);
    events.push(asked(2, 20, Rest::Kept));
    given(events.clone())
        .when(told_captured(50, Rest::Released))
        .then_expect_events(vec![captured(20)]);
    events.push(captured(20));
    let payment = state(&events);
    assert_eq!((payment.status(), payment.captured()), (Status::Captured, Some(eur(50))));
    assert_eq!(payment.capturable(), Some(eur(0)), "the rest is released");
    let parts: Vec<_> = payment.captures().iter().map(|capture| capture.amount).collect();
    assert_eq!(parts, [eur(30), eur(20)]);
    given(events)
        .when(told_captured(60, Rest::Released))
        .then_expect_error(Refusal::AlreadyCaptured { amount: eur(50) });
}

#[test]
fn nothing_is_kept_of_what_is_taken_to_the_last() {
    given([by_card(), authorized(100)]).when(capture_some(100)).then_expect_events(vec![asked(
        1,
        100,
        Rest::Released,
    )]);
    given([by_card(), authorized(100)])
        .when(told_captured(100, Rest::Kept))
        .then_expect_events(vec![captured(100)]);
}

#[test]
fn cash_is_taken_in_parts_as_well() {
    given([requested()]).when(capture_some(30)).then_expect_events(vec![captured_some(30)]);
    let some = [requested(), captured_some(30)];
    assert_eq!(state(&some).status(), Status::PartiallyCaptured);
    given(some.clone()).when(capture_some(30)).then_expect_events(vec![captured_some(30)]);
    given(some.clone()).when(capture(None)).then_expect_events(vec![captured(70)]);
    given(some.clone())
        .when(capture(Some(71)))
        .then_expect_error(Refusal::CaptureExceedsRequested { requested: eur(100) });
    given(some).when(capture_some(70)).then_expect_events(vec![captured(70)]);
}

#[test]
fn totals_out_of_order_come_to_the_same() {
    let late = [by_card(), authorized(100), captured_some(60)];
    given(late.clone()).when(told_captured(30, Rest::Kept)).then_expect_events(Vec::new());
    given(late.clone()).when(told_captured(60, Rest::Kept)).then_expect_events(Vec::new());
    given(late)
        .when(told_captured(60, Rest::Released))
        .then_expect_events(vec![Event::Released { at: at(2) }]);
}

#[test]
fn taken_at_once_needs_no_word_of_a_promise() {
    given([by_card()])
        .when(told_captured(100, Rest::Released))
        .then_expect_events(vec![captured(100)]);
    let payment = state(&[by_card(), captured(100)]);
    assert_eq!((payment.status(), payment.authorized()), (Status::Captured, Some(eur(100))));
    given([by_card(), captured(100)]).when(told_authorized(1, 100)).then_expect_events(Vec::new());
    given([by_card(), captured_some(30)])
        .when(told_authorized(1, 30))
        .then_expect_events(vec![authorized(30)]);
    given([by_card(), captured_some(30), authorized(30)])
        .when(told_captured(31, Rest::Kept))
        .then_expect_error(Refusal::CaptureExceedsAuthorized { authorized: eur(30) });
}

#[test]
fn more_than_was_promised_or_asked_for_is_never_recorded() {
    given([by_card(), authorized(60)])
        .when(told_captured(61, Rest::Released))
        .then_expect_error(Refusal::CaptureExceedsAuthorized { authorized: eur(60) });
    given([by_card()])
        .when(told_captured(101, Rest::Released))
        .then_expect_error(Refusal::CaptureExceedsRequested { requested: eur(100) });
}

#[test]
fn what_the_provider_did_not_take_can_be_asked_for_again() {
    let failed = |number| {
        record(Fact::CaptureFailed { number, failure: failure(FailureCode::ProcessingError) })
    };
    let told = |number| Event::CaptureFailed {
        number,
        failure: failure(FailureCode::ProcessingError),
        at: at(2),
    };
    let waiting = [by_card(), authorized(100), asked(1, 100, Rest::Released)];
    given(waiting.clone()).when(failed(1)).then_expect_events(vec![told(1)]);
    given(waiting.clone()).when(failed(2)).then_expect_error(Refusal::UnknownCapture { number: 2 });
    let after = [&waiting[..], &[told(1)]].concat();
    given(after.clone()).when(failed(1)).then_expect_events(Vec::new());
    given(after.clone()).when(capture(None)).then_expect_events(vec![asked(
        2,
        100,
        Rest::Released,
    )]);
    let again = [&after[..], &[asked(2, 100, Rest::Released)]].concat();
    given(again).when(failed(1)).then_expect_events(Vec::new());
}

#[test]
fn a_promise_runs_out_at_its_time() {
    let promised = [by_card(), authorized(100)];
    let expire = |minute| Command::Expire { at: at(minute) };
    given(promised.clone()).when(expire(59)).then_expect_error(Refusal::NotExpired);
    given(promised.clone()).when(expire(60)).then_expect_events(vec![expired()]);
    given(promised.clone())
        .when(Command::Capture { amount: None, rest: Rest::Released, at: at(60) })
        .then_expect_error(Refusal::AuthorizationExpired { at: at(60) });
    let gone = [&promised[..], &[expired()]].concat();
    let payment = state(&gone);
    assert_eq!((payment.status(), payment.capturable()), (Status::Requested, Some(eur(0))));
    assert_eq!(payment.failure(), Some(&FailureCode::Expired.into()));
    given(gone.clone()).when(expire(61)).then_expect_events(Vec::new());
    given(gone.clone()).when(told_expired()).then_expect_events(Vec::new());
    given(gone.clone()).when(told_authorized(1, 100)).then_expect_events(Vec::new());
    given(gone).when(capture(None)).then_expect_error(Refusal::NotAuthorized);
    given([by_card()]).when(expire(60)).then_expect_error(Refusal::NotAuthorized);
    let waiting = [&promised[..], &[asked(1, 100, Rest::Released)]].concat();
    given(waiting.clone()).when(expire(60)).then_expect_error(Refusal::CaptureInProgress);
    given(waiting).when(told_expired()).then_expect_events(vec![expired()]);
}

#[test]
fn a_promise_that_ran_out_after_a_part_was_taken_lets_the_rest_go() {
    let events = [by_card(), authorized(100), captured_some(40), expired()];
    let payment = state(&events);
    assert_eq!((payment.status(), payment.capturable()), (Status::Captured, Some(eur(0))));
    assert_eq!(payment.failure(), None);
}

#[test]
fn what_was_taken_just_in_time_counts() {
    given([by_card(), authorized(100), expired()])
        .when(told_captured(100, Rest::Released))
        .then_expect_events(vec![captured(100)]);
}

#[test]
fn what_the_provider_keeps_only_grows_and_comes_after_the_money() {
    let fee = |minor| record(Fact::Fee { total: eur(minor) });
    given([by_card()]).when(fee(3)).then_expect_error(Refusal::NotCaptured);
    let paid = [by_card(), captured(100)];
    let charged = |minor| Event::FeeCharged { amount: eur(minor), at: at(2) };
    given(paid.clone()).when(fee(3)).then_expect_events(vec![charged(3)]);
    let paid = [&paid[..], &[charged(3)]].concat();
    given(paid.clone()).when(fee(3)).then_expect_events(Vec::new());
    given(paid.clone()).when(fee(2)).then_expect_events(Vec::new());
    given(paid.clone()).when(fee(5)).then_expect_events(vec![charged(2)]);
    let yen = Fact::Fee { total: Money::try_new(5, currency("JPY")).unwrap() };
    given(paid).when(record(yen)).then_expect_error(Refusal::CurrencyMismatch);
}
