//! Rules of the notice.

use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::{Command, Event, Kind, Letter, Message, Notice, Refusal, Settings, Topic};
use crate::testing::{at, booking, eur, quantity, reason, text, uuid, zone};
use crate::values::{Code, CustomerId, Language, ListingId, OrganizationId};

fn given(events: impl Into<Vec<Event>>) -> AggregateTestExecutor<Notice> {
    TestFramework::with(()).given(events.into())
}

fn letter() -> Box<Letter> {
    Box::new(Letter {
        customer: CustomerId::from_uuid(uuid(1)),
        language: Language::try_new("ar").unwrap(),
        template: 1,
        message: Message::Reminder {},
        topic: Topic {
            organization: OrganizationId::from_uuid(uuid(2)),
            organization_name: None,
            listing: ListingId::from_uuid(uuid(3)),
            title: text("House by the Sea"),
            booking: Some(booking(4)),
            starts_at: at(2_000),
            ends_at: at(4_000),
            zone: zone("Asia/Amman"),
            nights: Some(1),
            lines: quantity(1),
            total: Some(eur(12_550)),
        },
    })
}

fn write(cause: u64) -> Command {
    Command::Write { letter: letter(), cause, due_at: at(560), at: at(0) }
}

fn written(cause: u64) -> Event {
    Event::Written { letter: letter(), cause, due_at: at(560), at: at(0) }
}

fn console() -> Code {
    Code::try_new("console").unwrap()
}

fn delivered() -> Event {
    Event::Delivered { gateway: console(), at: at(561) }
}

fn failed(attempt: u32) -> Event {
    Event::Failed { reason: reason("no route"), attempt, next_at: at(570), at: at(561) }
}

fn given_up(attempt: u32) -> Event {
    Event::GivenUp { reason: reason("no route"), attempt, at: at(561) }
}

fn withdrawn(cause: u64) -> Event {
    Event::Withdrawn { cause, at: at(5) }
}

#[test]
fn a_notice_is_written_once_however_often_it_is_asked_for() {
    given([]).when(write(1)).then_expect_events(vec![written(1)]);
    given([written(1)]).when(write(1)).then_expect_events(Vec::new());
    given([written(1), delivered()]).when(write(1)).then_expect_events(Vec::new());
    given([written(1), given_up(3)]).when(write(1)).then_expect_events(Vec::new());
}

#[test]
fn what_was_withdrawn_is_written_again_for_a_later_reason_only() {
    let history = [written(2), withdrawn(3)];
    given(history.clone()).when(write(2)).then_expect_events(Vec::new());
    given(history.clone()).when(write(3)).then_expect_events(Vec::new());
    given(history).when(write(4)).then_expect_events(vec![written(4)]);
}

#[test]
fn what_is_pointless_is_withdrawn_unless_it_was_delivered() {
    let withdraw = |cause| Command::Withdraw { cause, at: at(5) };
    given([written(2)]).when(withdraw(3)).then_expect_events(vec![withdrawn(3)]);
    given([written(2), given_up(3)]).when(withdraw(3)).then_expect_events(vec![withdrawn(3)]);
    given([]).when(withdraw(3)).then_expect_events(Vec::new());
    given([written(2), delivered()]).when(withdraw(3)).then_expect_events(Vec::new());
    given([written(2), withdrawn(3)]).when(withdraw(3)).then_expect_events(Vec::new());
}

#[test]
fn reading_the_log_again_does_not_undo_what_happened_later() {
    let again = Command::Withdraw { cause: 3, at: at(9) };
    given([written(2), withdrawn(3), written(4)]).when(again).then_expect_events(Vec::new());
}

#[test]
fn a_delivery_is_recorded_once_even_if_it_crossed_the_withdrawal() {
    let deliver = || Command::Deliver { gateway: console(), at: at(561) };
    given([written(1)]).when(deliver()).then_expect_events(vec![delivered()]);
    given([written(1), withdrawn(2)]).when(deliver()).then_expect_events(vec![delivered()]);
    given([written(1), delivered()]).when(deliver()).then_expect_events(Vec::new());
    given([]).when(deliver()).then_expect_error(Refusal::NotFound);
}

#[test]
fn failures_are_counted_until_it_is_given_up() {
    let fail = |next| Command::Fail { reason: reason("no route"), next_at: next, at: at(561) };
    given([written(1)]).when(fail(Some(at(570)))).then_expect_events(vec![failed(1)]);
    given([written(1), failed(1)]).when(fail(None)).then_expect_events(vec![given_up(2)]);
    given([written(1), delivered()]).when(fail(None)).then_expect_events(Vec::new());
    given([written(1), withdrawn(2)]).when(fail(None)).then_expect_events(Vec::new());
    given([]).when(fail(None)).then_expect_error(Refusal::NotFound);
}

#[test]
fn what_failed_is_tried_again_from_the_start_when_somebody_asks() {
    let retry = || Command::Retry { at: at(600) };
    let retried = || Event::Retried { at: at(600) };
    given([written(1), given_up(3)]).when(retry()).then_expect_events(vec![retried()]);
    given([written(1), failed(1)]).when(retry()).then_expect_events(vec![retried()]);
    given([written(1)]).when(retry()).then_expect_events(Vec::new());
    given([written(1), delivered()]).when(retry()).then_expect_error(Refusal::Delivered);
    given([written(1), withdrawn(2)]).when(retry()).then_expect_error(Refusal::Withdrawn);
    given([]).when(retry()).then_expect_error(Refusal::NotFound);
    let fail = Command::Fail { reason: reason("no route"), next_at: None, at: at(561) };
    given([written(1), given_up(3), retried()]).when(fail).then_expect_events(vec![given_up(1)]);
}

#[test]
fn a_notice_is_due_at_its_instant_and_not_after_it_was_settled() {
    let mut notice = Notice::default();
    notice.evolve(&written(1));
    assert!(!notice.is_due(at(559)) && notice.is_due(at(560)));
    notice.evolve(&failed(1));
    assert!(!notice.is_due(at(569)) && notice.is_due(at(570)));
    notice.evolve(&delivered());
    assert!(!notice.is_due(at(10_000)));
}

#[test]
fn an_organization_that_says_nothing_tells_everything_and_reminds_a_day_before() {
    let settings = Settings::default();
    assert!(Kind::ALL.into_iter().all(|kind| settings.wants(kind)));
    assert_eq!(settings.reminder_of(at(24 * 60)), at(0));
    let read: Settings = serde_json::from_str(r#"{"off":["held"]}"#).unwrap();
    assert!(!read.wants(Kind::Held) && read.wants(Kind::Reminder));
    assert_eq!(read.reminder_minutes, settings.reminder_minutes);
}
