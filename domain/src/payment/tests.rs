//! Rules of the payment.

mod attempts;
mod captures;
mod disputes;
mod laws;
mod refunds;
mod split;
mod voids;

use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::*;
use crate::testing::{at, booking, currency, eur, reason, uuid};

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

fn request_by(method: Method, provider: Option<Provider>, amount: Money) -> Command {
    let (purpose, capture) = (Some(Purpose::Deposit), CaptureMode::Manual);
    Command::Request { booking: booking(1), amount, method, provider, purpose, capture, at: at(0) }
}

fn requested_by(method: Method, provider: Option<Provider>) -> Event {
    let (purpose, capture) = (Some(Purpose::Deposit), CaptureMode::Manual);
    let (booking, amount) = (booking(1), eur(100));
    Event::Requested { booking, amount, method, provider, purpose, capture, at: at(0) }
}

fn request(amount: Money) -> Command {
    request_by(Method::Cash, None, amount)
}

fn requested() -> Event {
    requested_by(Method::Cash, None)
}

/// A hundred euro cents asked for by card.
fn by_card() -> Event {
    requested_by(Method::Card, Some(Provider::Stripe))
}

fn captured(minor: u64) -> Event {
    Event::Captured { amount: eur(minor), rest: Rest::Released, reference: None, at: at(2) }
}

/// Taken in part; more may be taken.
fn captured_some(minor: u64) -> Event {
    Event::Captured { amount: eur(minor), rest: Rest::Kept, reference: None, at: at(2) }
}

/// Given back before refunds had names.
fn refunded(minor: u64) -> Event {
    Event::Refunded { refund: None, amount: eur(minor), reason: None, reference: None, at: at(3) }
}

fn refunded_as(n: u128, minor: u64) -> Event {
    let (refund, amount) = (Some(refund_id(n)), eur(minor));
    Event::Refunded { refund, amount, reason: None, reference: None, at: at(3) }
}

fn capture(amount: Option<u64>) -> Command {
    Command::Capture { amount: amount.map(eur), rest: Rest::Released, at: at(2) }
}

fn capture_some(minor: u64) -> Command {
    Command::Capture { amount: Some(eur(minor)), rest: Rest::Kept, at: at(2) }
}

fn refund_id(n: u128) -> RefundId {
    RefundId::from_uuid(uuid(n))
}

fn refund(n: u128, amount: Option<u64>) -> Command {
    Command::Refund { refund: refund_id(n), amount: amount.map(eur), reason: None, at: at(3) }
}

fn failure(code: FailureCode) -> Failure {
    Failure { code, reason: Some(reason("the bank said no")) }
}

fn reference(text: &str) -> ProviderReference {
    ProviderReference::try_new(text).expect("a short name")
}

fn number(attempt: u32) -> AttemptNumber {
    AttemptNumber::try_new(attempt).expect("one of the first attempts")
}

fn record(fact: Fact) -> Command {
    Command::Record { fact, at: at(2) }
}

fn told_authorized(attempt: u32, minor: u64) -> Command {
    record(Fact::Authorized {
        attempt: number(attempt),
        amount: eur(minor),
        reference: None,
        expires_at: Some(at(60)),
    })
}

fn authorized(minor: u64) -> Event {
    Event::Authorized {
        amount: Some(eur(minor)),
        reference: None,
        expires_at: Some(at(60)),
        at: at(2),
    }
}

fn told_captured(total: u64, rest: Rest) -> Command {
    let attempt = AttemptNumber::FIRST;
    record(Fact::Captured { attempt, total: eur(total), rest, reference: None })
}

fn declined(attempt: u32) -> Event {
    let (attempt, failure) = (number(attempt), failure(FailureCode::CardDeclined));
    Event::Declined { attempt, failure, at: at(2) }
}

/// All of it was promised, as people record it.
fn promised() -> Event {
    Event::Authorized { amount: None, reference: None, expires_at: None, at: at(1) }
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
        .when(refund(1, Some(0)))
        .then_expect_error(Refusal::ZeroAmount);
}

#[test]
fn what_was_never_asked_for_cannot_move_on() {
    for command in [
        Command::Authorize { at: at(1) },
        capture(None),
        refund(1, None),
        Command::Void { at: at(1) },
        Command::Fail { failure: FailureCode::Other.into(), at: at(1) },
        Command::Retry { attempt: number(2), at: at(1) },
        Command::Expire { at: at(1) },
        told_authorized(1, 100),
    ] {
        given([]).when(command).then_expect_error(Refusal::NotFound);
    }
}

#[test]
fn cash_is_taken_without_an_authorization() {
    given([requested()]).when(capture(None)).then_expect_events(vec![captured(100)]);
    given([requested(), promised()]).when(capture(Some(60))).then_expect_events(vec![captured(60)]);
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
        .when(Command::Capture { amount: Some(yen), rest: Rest::Released, at: at(2) })
        .then_expect_error(Refusal::CurrencyMismatch);
    given([requested(), captured(100)])
        .when(Command::Refund { refund: refund_id(1), amount: Some(yen), reason: None, at: at(3) })
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
    given(partly.clone()).when(refund(1, Some(70))).then_expect_events(vec![refunded_as(1, 70)]);
    given(partly)
        .when(refund(1, Some(71)))
        .then_expect_error(Refusal::RefundExceedsCaptured { left: eur(70) });
    given([requested(), captured(100), refunded(100)])
        .when(refund(1, Some(1)))
        .then_expect_error(Refusal::RefundExceedsCaptured { left: eur(0) });
}

#[test]
fn a_refund_without_an_amount_gives_back_all_that_is_left_once() {
    given([requested(), captured(100), refunded(30)])
        .when(refund(1, None))
        .then_expect_events(vec![refunded_as(1, 70)]);
    given([requested(), captured(100), refunded(100)])
        .when(refund(1, None))
        .then_expect_events(Vec::new());
}

#[test]
fn what_was_not_taken_cannot_be_given_back() {
    given([requested()]).when(refund(1, None)).then_expect_error(Refusal::NotCaptured);
    given([requested(), Event::Voided { at: at(1) }])
        .when(refund(1, None))
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
    let fail = Command::Fail { failure: failure(FailureCode::InsufficientFunds), at: at(4) };
    let failed = Event::Failed {
        code: FailureCode::InsufficientFunds,
        reason: Some(reason("the bank said no")),
        at: at(4),
    };
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
    let authorized = promised();
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

#[test]
fn what_is_paid_online_is_paid_through_somebody() {
    for (method, provider) in [
        (Method::Cash, Some(Provider::Stripe)),
        (Method::BankTransfer, Some(Provider::Simulated)),
        (Method::Card, None),
        (Method::ApplePay, None),
        (Method::Paypal, None),
    ] {
        given([])
            .when(request_by(method, provider, eur(100)))
            .then_expect_error(Refusal::ProviderMismatch);
    }
    given([])
        .when(request_by(Method::Card, Some(Provider::Stripe), eur(100)))
        .then_expect_events(vec![by_card()]);
}

#[test]
fn a_payment_says_what_it_is_of_the_price() {
    let payment = state(&[by_card()]);
    assert_eq!(payment.purpose(), Some(Purpose::Deposit));
    assert_eq!(
        (payment.method(), payment.provider()),
        (Some(Method::Card), Some(Provider::Stripe))
    );
    assert_eq!(payment.capture_mode(), Some(CaptureMode::Manual));
    assert_eq!(payment.attempt(), Some(AttemptNumber::FIRST));
}

#[test]
fn what_was_stored_of_old_means_what_it_meant() {
    let [booked, promised, taken, returned, failed] = [
        r#"{"requested":{"booking":"01938c2a-7b1e-7c00-8000-000000000003","amount":{"minor":59400,"currency":"EUR"},"method":"cash","at":"2016-06-30T10:00:00Z"}}"#,
        r#"{"authorized":{"at":"2016-06-30T10:00:00Z"}}"#,
        r#"{"captured":{"amount":{"minor":59000,"currency":"EUR"},"at":"2016-06-30T10:00:00Z"}}"#,
        r#"{"refunded":{"amount":{"minor":100,"currency":"EUR"},"at":"2016-06-30T10:00:00Z"}}"#,
        r#"{"failed":{"reason":"The transfer never came","at":"2016-06-30T10:00:00Z"}}"#,
    ]
    .map(|stored| serde_json::from_str::<Event>(stored).unwrap());
    let mut payment = state(&[booked.clone(), promised]);
    assert_eq!((payment.status(), payment.authorized()), (Status::Authorized, Some(eur(59_400))));
    assert_eq!((payment.purpose(), payment.provider()), (None, None));
    payment.evolve(&taken);
    assert_eq!((payment.status(), payment.captured()), (Status::Captured, Some(eur(59_000))));
    assert_eq!(payment.capturable(), Some(eur(0)), "it was taken once and for all");
    payment.evolve(&returned);
    payment.evolve(&returned);
    assert_eq!(payment.status(), Status::PartiallyRefunded);
    assert_eq!((payment.refunded(), payment.left()), (Some(eur(200)), Some(eur(58_800))));
    let payment = state(&[booked, failed]);
    assert_eq!(payment.status(), Status::Failed);
    let why = Failure { code: FailureCode::Other, reason: Some(reason("The transfer never came")) };
    assert_eq!(payment.failure(), Some(&why));
}

#[test]
fn what_people_record_is_not_what_a_provider_says() {
    given([requested()]).when(told_authorized(1, 100)).then_expect_error(Refusal::ByHand);
    given([requested()])
        .when(told_captured(100, Rest::Released))
        .then_expect_error(Refusal::ByHand);
    given([by_card()])
        .when(Command::Authorize { at: at(1) })
        .then_expect_error(Refusal::ByProvider);
    given([by_card()]).when(capture(None)).then_expect_error(Refusal::NotAuthorized);
}
