//! What differs between books and payments.

use chrono::TimeDelta;
use daybook_domain::{
    payment::{CaptureMode, Event, Fact, Failure, FailureCode, Method, Payment, Provider, Rest},
    values::{BookingId, Currency, Money, PaymentId, ProviderReference, RefundId, Timestamp},
};
use daybook_gateways::{
    ChargeReference, Entry, Moved, OurId, Period, Progress, ProviderId, RefundProgress, Standing,
};
use uuid::Uuid;

use super::{
    compare::{compare, looked_at},
    difference::{Code, Found, Known},
};

const CHARGE: &str = "pi_1";

fn at(minutes: i64) -> Timestamp {
    "2031-05-01T12:00:00Z".parse::<Timestamp>().unwrap() + TimeDelta::minutes(minutes)
}

/// From the first minute to the hundredth.
fn period() -> Period {
    Period::try_new(at(0), at(100)).unwrap()
}

fn money(minor: u64, currency: &str) -> Money {
    Money::try_new(minor, Currency::try_new(currency).unwrap()).unwrap()
}

fn eur(minor: u64) -> Money {
    money(minor, "EUR")
}

fn payment_id() -> PaymentId {
    PaymentId::from_uuid(Uuid::from_u128(7))
}

fn refund_id() -> RefundId {
    RefundId::from_uuid(Uuid::from_u128(8))
}

fn reference(text: &str) -> ProviderReference {
    ProviderReference::try_new(text).unwrap()
}

/// A payment of 100 euro cents that the provider knows, and what happened to it since.
fn known(events: impl IntoIterator<Item = Event>) -> Known {
    let requested = Event::Requested {
        booking: BookingId::from_uuid(Uuid::from_u128(9)),
        amount: eur(100),
        method: Method::Card,
        provider: Some(Provider::Stripe),
        purpose: None,
        capture: CaptureMode::Automatic,
        at: at(1),
    };
    let mut payment = Payment::default();
    payment.evolve(&requested);
    let attempt = payment.attempt().unwrap();
    payment.evolve(&Event::Started { attempt, reference: reference(CHARGE), at: at(1) });
    for event in events {
        payment.evolve(&event);
    }
    Known { id: payment_id(), payment, created_at: at(1) }
}

fn captured(minor: u64) -> Event {
    Event::Captured { amount: eur(minor), rest: Rest::Released, reference: None, at: at(2) }
}

fn refund_requested(minor: u64) -> Event {
    let (refund, amount, reason) = (refund_id(), eur(minor), None);
    Event::RefundRequested { refund, amount, reason, at: at(3) }
}

fn refunded(minor: u64) -> Event {
    let (refund, amount, reason, reference) = (Some(refund_id()), eur(minor), None, None);
    Event::Refunded { refund, amount, reason, reference, at: at(4) }
}

fn refund_failed() -> Event {
    let failure = Failure { code: FailureCode::Other, reason: None };
    Event::RefundFailed { refund: refund_id(), failure, at: at(5) }
}

fn entry(id: &str, minute: i64, moved: Moved, ours: Option<&str>, amount: Money) -> Entry {
    Entry {
        id: ProviderId::try_new(id).unwrap(),
        at: at(minute),
        moved,
        charge: Some(ChargeReference::try_new(CHARGE).unwrap()),
        ours: ours.map(|ours| OurId::try_new(ours).unwrap()),
        amount,
    }
}

fn charge(progress: Progress) -> Entry {
    entry(CHARGE, 1, Moved::Charge(progress), Some(&payment_id().to_string()), eur(100))
}

fn taken(minor: u64) -> Entry {
    charge(Progress::Captured { amount: eur(minor) })
}

fn back(progress: RefundProgress, ours: Option<&str>, minor: u64) -> Entry {
    entry("re_1", 4, Moved::Refund(progress), ours, eur(minor))
}

fn given_back(minor: u64) -> Entry {
    back(RefundProgress::Succeeded, Some(&refund_id().to_string()), minor)
}

fn codes(found: &[Found]) -> Vec<Code> {
    found.iter().map(|found| found.difference.code).collect()
}

#[track_caller]
fn only(books: &[Entry], known: &[Known]) -> Found {
    let mut found = compare(period(), books, known);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn books_that_say_what_is_known_differ_in_nothing() {
    let paid = || known([captured(100)]);
    let half_back = || known([captured(100), refund_requested(40), refunded(40)]);
    let asked = || known([captured(100), refund_requested(40)]);
    let pending = back(RefundProgress::Pending, Some(&refund_id().to_string()), 40);
    let tables: [(Vec<Entry>, Known); 7] = [
        (vec![taken(100)], paid()),
        (vec![taken(60), taken(40)], paid()),
        (vec![taken(100), given_back(40)], half_back()),
        (vec![taken(100), pending], asked()),
        (vec![taken(100)], asked()),
        (vec![charge(Progress::RequiresMethod)], known([])),
        (vec![], known([])),
    ];
    for (books, ours) in tables {
        assert_eq!(codes(&compare(period(), &books, &[ours])), [], "{books:?}");
    }
}

#[test]
fn what_was_paid_without_a_webhook_can_be_recorded() {
    let found = only(&[taken(100)], &[known([])]);
    assert_eq!(found.difference.code, Code::CapturedOnlyThere);
    assert_eq!((found.difference.here, found.difference.there), (Some(eur(0)), Some(eur(100))));
    assert_eq!(found.difference.payment_id, Some(payment_id()));
    assert!(matches!(found.facts.last(), Some(Fact::Captured { total, .. }) if *total == eur(100)));

    let found = only(&[charge(Progress::Authorized { amount: eur(100) })], &[known([])]);
    assert_eq!(found.difference.code, Code::AuthorizedOnlyThere);
    assert!(matches!(found.facts.last(), Some(Fact::Authorized { .. })));

    let found = only(&[taken(100)], &[known([captured(60)])]);
    assert_eq!(found.difference.code, Code::CapturedDiffers);
}

#[test]
fn what_only_we_know_is_doubted_until_the_provider_was_asked() {
    let paid = || known([captured(100)]);
    let found = only(&[], &[paid()]);
    assert_eq!(found.difference.code, Code::ChargeUnknownThere);
    assert_eq!(found.doubted.as_deref(), Some(CHARGE));
    let look = |progress, refunded| Standing {
        reference: ChargeReference::try_new(CHARGE).unwrap(),
        payment: None,
        amount: eur(100),
        progress,
        refunded,
        fee: None,
        for_client: None,
    };
    let whole = look(Progress::Captured { amount: eur(100) }, None);
    assert_eq!(looked_at(found.clone(), &whole, &paid().payment), None);
    let less = look(Progress::Captured { amount: eur(60) }, None);
    let left = looked_at(found.clone(), &less, &paid().payment).unwrap().difference;
    assert_eq!((left.code, left.there), (Code::CapturedDiffers, Some(eur(60))));
    let none = look(Progress::Authorized { amount: eur(100) }, None);
    let left = looked_at(found, &none, &paid().payment).unwrap().difference;
    assert_eq!((left.code, left.there), (Code::CapturedOnlyHere, None));

    let ours = known([captured(100), refund_requested(40), refunded(40)]);
    let found = only(&[taken(100)], std::slice::from_ref(&ours));
    assert_eq!(found.difference.code, Code::RefundUnknownThere);
    let back = |minor| look(Progress::Captured { amount: eur(100) }, Some(eur(minor)));
    assert_eq!(looked_at(found.clone(), &back(40), &ours.payment), None);
    assert!(looked_at(found, &back(39), &ours.payment).is_some());
}

#[test]
fn refunds_of_the_desk_can_be_recorded_once() {
    let desk = back(RefundProgress::Succeeded, None, 40);
    let found = only(&[taken(100), desk.clone()], &[known([captured(100)])]);
    assert_eq!(found.difference.code, Code::RefundUnknownHere);
    let Some(Fact::Refunded { refund, amount, reference }) = found.facts.last().cloned() else {
        panic!("{:?}", found.facts)
    };
    assert_eq!((amount, found.difference.refund_id), (eur(40), Some(refund)));
    let event =
        Event::Refunded { refund: Some(refund), amount, reason: None, reference, at: at(9) };
    let told = known([captured(100), event]);
    assert_eq!(codes(&compare(period(), &[taken(100), desk], &[told])), []);
}

#[test]
fn refunds_that_ended_otherwise_are_told() {
    let failed = || {
        let progress = RefundProgress::Failed { why: "expired_card".to_owned() };
        back(progress, Some(&refund_id().to_string()), 40)
    };
    let asked = || vec![captured(100), refund_requested(40)];
    let done = || [asked(), vec![refunded(40)]].concat();
    let tables = [
        (given_back(40), asked(), Code::RefundSucceededThere),
        (failed(), asked(), Code::RefundFailedThere),
        (failed(), done(), Code::RefundFailedThere),
        (given_back(39), done(), Code::RefundDiffers),
        (given_back(40), [asked(), vec![refund_failed()]].concat(), Code::RefundSucceededThere),
    ];
    for (line, events, code) in tables {
        let found = only(&[taken(100), line], &[known(events)]);
        assert_eq!(found.difference.code, code);
        assert_eq!(found.difference.refund_id, Some(refund_id()));
    }
}

#[test]
fn money_for_nothing_of_ours_is_told() {
    let stranger = Entry { ours: None, ..taken(100) };
    let found = only(std::slice::from_ref(&stranger), &[]);
    assert_eq!(found.difference.code, Code::ChargeUnknownHere);
    assert_eq!((found.difference.payment_id, found.difference.there), (None, Some(eur(100))));
    let unpaid = Entry { ours: None, ..charge(Progress::RequiresMethod) };
    assert_eq!(codes(&compare(period(), &[unpaid], &[])), []);
    let later = Entry { at: at(100), ..stranger };
    assert_eq!(codes(&compare(period(), &[later], &[])), [], "it is not asked for");
}

#[test]
fn money_of_an_attempt_that_was_over_is_told_until_it_is_back() {
    let retried = |ours: &Known| {
        let attempt = ours.payment.attempt().unwrap().next().unwrap();
        let mut payment = ours.payment.clone();
        let failure = Failure { code: FailureCode::CardDeclined, reason: None };
        let first = ours.payment.attempt().unwrap();
        payment.evolve(&Event::Declined { attempt: first, failure, at: at(2) });
        payment.evolve(&Event::Retried { attempt, at: at(2) });
        payment.evolve(&Event::Started { attempt, reference: reference("pi_2"), at: at(2) });
        Known { payment, ..ours.clone() }
    };
    let ours = retried(&known([]));
    let found = only(&[taken(100)], std::slice::from_ref(&ours));
    assert_eq!(found.difference.code, Code::ChargeOfNoAttempt);
    assert!(found.facts.is_empty(), "nothing is asked of the provider");
    let stray = format!("stray-{}", payment_id());
    let returned = back(RefundProgress::Succeeded, Some(&stray), 100);
    assert_eq!(codes(&compare(period(), &[taken(100), returned], &[ours])), []);
}

#[test]
fn currencies_are_told_and_never_added() {
    let foreign = Progress::Captured { amount: money(100, "USD") };
    let found = only(&[charge(foreign.clone())], &[known([])]);
    assert_eq!(found.difference.code, Code::CurrencyDiffers);
    assert_eq!(found.difference.there, Some(money(100, "USD")));
    assert!(found.facts.is_empty());
    let both = [taken(100), charge(foreign)];
    let found = compare(period(), &both, &[known([captured(100)])]);
    assert_eq!(codes(&found), [Code::CurrencyDiffers], "the euros are as they should be");
}
