//! Rules of the booked series.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::{
    BookedSeries, Cause, Command, Created, Dated, Event, Fate, Hindrance, Kept, Moved, Outcome,
    Refusal,
};
use crate::calendar::{Obstacle, Occupant};
use crate::series::{NoSuchOccurrence, Rule, Scope, Series, SeriesPlan};
use crate::testing::{at, booking, range, reason, utc, uuid, zone};
use crate::values::{CustomerId, Length, ListingId, ResourceId};

fn given(events: impl Into<Vec<Event>>) -> AggregateTestExecutor<BookedSeries> {
    TestFramework::with(()).given(events.into())
}

/// Mondays at nine in London, across the end of summer time.
fn mondays() -> Series {
    Series::try_new(SeriesPlan {
        zone: zone("Europe/London"),
        start: monday(19),
        duration: Length::try_new(60).unwrap(),
        rule: Rule::try_new("FREQ=WEEKLY;COUNT=3").unwrap(),
        except: Vec::new(),
        also: Vec::new(),
    })
    .unwrap()
}

fn monday(day: u32) -> NaiveDateTime {
    format!("2026-10-{day:02}T09:00:00").parse().unwrap()
}

fn last() -> NaiveDateTime {
    "2026-11-02T09:00:00".parse().unwrap()
}

fn listing() -> ListingId {
    ListingId::from_uuid(uuid(1))
}

fn customer() -> CustomerId {
    CustomerId::from_uuid(uuid(2))
}

fn held() -> Hindrance {
    let room = ResourceId::from_uuid(uuid(3));
    Hindrance::taken(Obstacle::Held, room, vec![Occupant::Booking(booking(9))])
}

/// The first and the last are booked, and the second is not.
fn outcomes() -> BTreeMap<NaiveDateTime, Outcome> {
    BTreeMap::from([
        (monday(19), Outcome::Booked(booking(1))),
        (monday(26), Outcome::Skipped(held())),
        (last(), Outcome::Booked(booking(3))),
    ])
}

fn create(outcomes: BTreeMap<NaiveDateTime, Outcome>) -> Command {
    let (listing, customer, series) = (listing(), customer(), Box::new(mondays()));
    Command::Create { listing, customer, series, outcomes, at: at(0) }
}

fn created() -> Event {
    let hour = |start, end| range(utc(start), utc(end));
    let dated = |original, time, outcome| Dated { original, time, outcome };
    let first = hour("2026-10-19T08:00:00Z", "2026-10-19T09:00:00Z");
    let second = hour("2026-10-26T09:00:00Z", "2026-10-26T10:00:00Z");
    let third = hour("2026-11-02T09:00:00Z", "2026-11-02T10:00:00Z");
    Event::Created(Box::new(Created {
        listing: listing(),
        customer: customer(),
        plan: mondays().plan().clone(),
        occurrences: vec![
            dated(monday(19), first, Outcome::Booked(booking(1))),
            dated(monday(26), second, Outcome::Skipped(held())),
            dated(last(), third, Outcome::Booked(booking(3))),
        ],
        at: at(0),
    }))
}

fn cancel(occurrences: Vec<NaiveDateTime>) -> Command {
    Command::Cancel { occurrences, reason: Some(reason("the term ends early")), at: at(5) }
}

fn cancelled(occurrences: Vec<NaiveDateTime>) -> Event {
    Event::Cancelled { occurrences, reason: Some(reason("the term ends early")), at: at(5) }
}

fn moved(original: NaiveDateTime) -> Moved {
    Moved {
        original,
        from: range(utc("2026-10-19T08:00:00Z"), utc("2026-10-19T09:00:00Z")),
        to: range(utc("2026-10-20T08:00:00Z"), utc("2026-10-20T09:00:00Z")),
        resource: None,
    }
}

fn reschedule(moved: Vec<Moved>) -> Command {
    Command::Reschedule { moved, kept: vec![kept()], at: at(5) }
}

fn kept() -> Kept {
    Kept { original: last(), hindrance: held() }
}

#[test]
fn a_series_tells_the_booking_of_each_date_or_why_it_has_none() {
    given([]).when(create(outcomes())).then_expect_events(vec![created()]);
    given([created()]).when(create(outcomes())).then_expect_error(Refusal::AlreadyExists);
}

#[test]
fn every_date_of_the_rule_is_accounted_for_and_no_other() {
    let mut missing = outcomes();
    missing.remove(&last());
    given([]).when(create(missing)).then_expect_error(Refusal::Unaccounted(last()));
    let mut strange = outcomes();
    strange.insert(monday(20), Outcome::Booked(booking(4)));
    given([])
        .when(create(strange))
        .then_expect_error(Refusal::NoSuchOccurrence(NoSuchOccurrence(monday(20))));
}

#[test]
fn a_series_without_a_single_booking_is_none() {
    let all = outcomes().into_keys();
    let none = all.map(|original| (original, Outcome::Skipped(held()))).collect();
    given([]).when(create(none)).then_expect_error(Refusal::NothingBooked);
}

#[test]
fn a_date_is_called_off_once() {
    given([created()])
        .when(cancel(vec![last(), monday(19), last()]))
        .then_expect_events(vec![cancelled(vec![monday(19), last()])]);
    given([created(), cancelled(vec![monday(19)])])
        .when(cancel(vec![monday(19), last()]))
        .then_expect_events(vec![cancelled(vec![last()])]);
    given([created(), cancelled(vec![monday(19)])])
        .when(cancel(vec![monday(19)]))
        .then_expect_events(Vec::new());
}

#[test]
fn what_was_skipped_or_never_was_a_date_cannot_be_called_off() {
    given([created()])
        .when(cancel(vec![monday(26)]))
        .then_expect_error(Refusal::WasSkipped(monday(26)));
    given([created()])
        .when(cancel(vec![monday(20)]))
        .then_expect_error(Refusal::NoSuchOccurrence(NoSuchOccurrence(monday(20))));
}

#[test]
fn what_moved_and_what_could_not_are_both_remembered() {
    let rescheduled =
        Event::Rescheduled { moved: vec![moved(monday(19))], kept: vec![kept()], at: at(5) };
    given([created()])
        .when(reschedule(vec![moved(monday(19))]))
        .then_expect_events(vec![rescheduled]);
}

#[test]
fn a_date_that_stays_where_it_is_did_not_move() {
    let unmoved = Moved { to: moved(monday(19)).from, ..moved(monday(19)) };
    given([created()]).when(reschedule(vec![unmoved])).then_expect_events(Vec::new());
    let room = Some(ResourceId::from_uuid(uuid(4)));
    let elsewhere = Moved { resource: room, ..unmoved };
    let rescheduled = Event::Rescheduled { moved: vec![elsewhere], kept: vec![kept()], at: at(5) };
    given([created()]).when(reschedule(vec![elsewhere])).then_expect_events(vec![rescheduled]);
}

#[test]
fn only_a_booked_date_can_move() {
    given([created(), cancelled(vec![monday(19)])])
        .when(reschedule(vec![moved(monday(19))]))
        .then_expect_error(Refusal::WasCancelled(monday(19)));
    given([created()])
        .when(reschedule(vec![moved(monday(26))]))
        .then_expect_error(Refusal::WasSkipped(monday(26)));
}

#[test]
fn what_is_kept_for_good_is_remembered_with_what_had_lapsed() {
    let confirm = |occurrences, lapsed| Command::Confirm { occurrences, lapsed, at: at(5) };
    let confirmed = |occurrences, lapsed| Event::Confirmed { occurrences, lapsed, at: at(5) };
    let both = || vec![monday(19), last()];
    given([created()])
        .when(confirm(both(), Vec::new()))
        .then_expect_events(vec![confirmed(both(), Vec::new())]);
    given([created()])
        .when(confirm(vec![last()], vec![monday(19)]))
        .then_expect_events(vec![confirmed(vec![last()], vec![monday(19)])]);
    given([created(), confirmed(both(), Vec::new())])
        .when(confirm(Vec::new(), Vec::new()))
        .then_expect_events(Vec::new());
}

#[test]
fn only_a_booked_date_can_be_kept_for_good() {
    let confirm =
        |original| Command::Confirm { occurrences: vec![original], lapsed: Vec::new(), at: at(5) };
    let refused = |original, refusal| {
        given([created(), cancelled(vec![monday(19)])])
            .when(confirm(original))
            .then_expect_error(refusal);
    };
    refused(monday(19), Refusal::WasCancelled(monday(19)));
    refused(monday(26), Refusal::WasSkipped(monday(26)));
    refused(monday(20), Refusal::NoSuchOccurrence(NoSuchOccurrence(monday(20))));
    given([]).when(confirm(last())).then_expect_error(Refusal::NotFound);
}

#[test]
fn what_does_not_exist_cannot_be_changed() {
    given([]).when(cancel(vec![last()])).then_expect_error(Refusal::NotFound);
    given([]).when(reschedule(vec![moved(last())])).then_expect_error(Refusal::NotFound);
}

#[test]
fn a_change_concerns_one_date_or_those_from_it_on_or_all() {
    let mut series = BookedSeries::default();
    series.evolve(&created());
    series.evolve(&cancelled(vec![last()]));
    let details = series.details().unwrap();
    let found = |scope| details.concerned(scope).unwrap().collect::<Vec<_>>();
    let first = (monday(19), Fate::Booked(booking(1)));
    let second = (monday(26), Fate::Skipped);
    let third = (last(), Fate::Cancelled(booking(3)));
    assert_eq!(found(Scope::All), [first, second, third]);
    assert_eq!(found(Scope::Following(monday(26))), [second, third]);
    assert_eq!(found(Scope::One(monday(19))), [first]);
    for scope in [Scope::One(monday(20)), Scope::Following(monday(20))] {
        assert_eq!(details.concerned(scope).err(), Some(NoSuchOccurrence(monday(20))));
    }
}

#[test]
fn no_more_are_named_in_the_way_than_anybody_reads() {
    let many = (0..50).map(|n| Occupant::Booking(booking(n))).collect();
    let hindrance = Hindrance::taken(Obstacle::Sold, ResourceId::from_uuid(uuid(3)), many);
    assert_eq!(hindrance.occupants.len(), Hindrance::MAX_OCCUPANTS);
    assert_eq!(hindrance.cause, Cause::Sold);
}
