//! Rules of merging one record into another.

use super::{
    add, added, author, codes, customer, email, emails, given, note, organization, phone, phones,
    profile, registered, registered_with, remark, revise,
};
use crate::customer::{
    Command, Customer, Details, Event, Gained, Merge, Note, Profile, Refusal, TookOver, Way, Ways,
};
use crate::testing::at;
use crate::values::{Code, Codes, Email};

fn merge(merged: u128, survivor: u128) -> Merge {
    Merge::try_new(customer(merged), customer(survivor)).unwrap()
}

fn into(merged: u128, survivor: u128) -> Command {
    Command::MergeInto { merge: merge(merged, survivor), at: at(5) }
}

fn ended(survivor: u128) -> Event {
    Event::MergedInto { survivor: customer(survivor), at: at(5) }
}

/// A record after some events.
fn record(events: &[Event]) -> Box<Details> {
    let mut customer = Customer::default();
    for event in events {
        customer.evolve(event);
    }
    Box::new(customer.details().expect("a record that was begun").clone())
}

fn take_over(merged: u128, survivor: u128, events: &[Event]) -> Command {
    Command::TakeOver { merge: merge(merged, survivor), record: record(events), at: at(5) }
}

/// The same person under another address, with a telephone number, tags and a note.
fn other() -> [Event; 2] {
    let mut profile = profile();
    profile.tags = codes(&["press", "vip"]);
    profile.personal.emails =
        emails(&[email("work@example.com", true), email("RANIA@example.com", false)]);
    profile.personal.phones = phones(&[phone("+962795550100", true), phone("+96265550100", false)]);
    [registered_with(organization(1), profile), added(7, "Prefers the terrace")]
}

fn gained() -> TookOver {
    TookOver {
        merged: customer(2),
        before: Vec::new(),
        tags: codes(&["press"]),
        personal: Gained {
            emails: vec![email("work@example.com", false)],
            phones: vec![phone("+962795550100", true), phone("+96265550100", false)],
            notes: vec![Note {
                id: note(7),
                author: author(),
                text: remark("Prefers the terrace"),
                at: at(1),
            }],
        },
        at: at(5),
    }
}

fn took_over() -> Event {
    Event::TookOver(Box::new(gained()))
}

#[test]
fn the_survivor_takes_over_what_it_lacks_and_keeps_its_own_primaries() {
    given([registered()]).when(take_over(2, 1, &other())).then_expect_events(vec![took_over()]);
    let survivor = record(&[registered(), took_over()]);
    let personal = &survivor.profile.personal;
    let expected = [email("rania@example.com", true), email("work@example.com", false)];
    assert_eq!(personal.emails.as_slice(), expected);
    assert_eq!(personal.phones.primary(), Some(&phone("+962795550100", true)));
    assert_eq!(survivor.profile.tags, codes(&["press", "vip"]));
    assert_eq!(survivor.notes.as_slice(), gained().personal.notes);
    assert_eq!(survivor.absorbed, [customer(2)]);
}

#[test]
fn a_record_that_has_nothing_more_is_merged_all_the_same() {
    let nothing = TookOver {
        merged: customer(2),
        before: Vec::new(),
        tags: Codes::default(),
        personal: Gained::default(),
        at: at(5),
    };
    let expected = vec![Event::TookOver(Box::new(nothing))];
    given([registered()]).when(take_over(2, 1, &[registered()])).then_expect_events(expected);
}

#[test]
fn a_record_cannot_be_merged_into_itself() {
    assert_eq!(Merge::try_new(customer(1), customer(1)), Err(Refusal::IntoItself));
}

#[test]
fn a_merged_record_refuses_every_further_change() {
    let refused = Refusal::Merged { into: customer(2) };
    let withdraw = Command::WithdrawNote { note: note(1), at: at(6) };
    let commands = [
        revise(Profile { zone: None, ..profile() }),
        revise(profile()),
        add(2, "Called"),
        withdraw,
        into(1, 3),
        take_over(3, 1, &other()),
    ];
    for command in commands {
        let events = [registered(), added(1, "Called"), ended(2)];
        given(events).when(command).then_expect_error(refused.clone());
    }
}

#[test]
fn merging_again_records_nothing() {
    given([registered()]).when(into(1, 2)).then_expect_events(vec![ended(2)]);
    given([registered(), ended(2)]).when(into(1, 2)).then_expect_events(Vec::new());
    let again = take_over(2, 1, &other());
    given([registered(), took_over()]).when(again).then_expect_events(Vec::new());
}

#[test]
fn what_was_never_registered_is_not_merged() {
    given([]).when(into(1, 2)).then_expect_error(Refusal::NotFound);
    given([]).when(take_over(2, 1, &other())).then_expect_error(Refusal::NotFound);
}

#[test]
fn records_of_two_organizations_stay_apart() {
    let stranger = [registered_with(organization(2), profile())];
    let refused = Refusal::OtherOrganization;
    given([registered()]).when(take_over(2, 1, &stranger)).then_expect_error(refused);
}

#[test]
fn whoever_takes_over_a_survivor_has_all_that_ended_in_it() {
    let survivor = [registered(), took_over()];
    let next = record(&[registered()]);
    let mut heir = Customer { details: Some(next) };
    for event in heir.decide(take_over(1, 3, &survivor)).unwrap() {
        heir.evolve(&event);
    }
    let heir = heir.details().unwrap();
    assert_eq!(heir.absorbed, [customer(1), customer(2)]);
    assert_eq!(heir.notes.as_slice(), gained().personal.notes);
}

#[test]
fn what_does_not_fit_is_refused_and_not_lost() {
    let full = |n: usize| {
        let mut profile = profile();
        let way = |k: usize| email(&format!("a{}@example.com", n * 100 + k), false);
        profile.personal.emails = Ways::try_new((0..11).map(way).collect()).unwrap();
        let code = |k: usize| Code::try_new(&format!("c{}", n * 100 + k)).unwrap();
        profile.tags = Codes::try_new((0..26).map(code)).unwrap();
        profile
    };
    let many = [registered_with(organization(1), full(1))];
    let refused = Refusal::TooManyContacts;
    given([registered_with(organization(1), full(0))])
        .when(take_over(2, 1, &many))
        .then_expect_error(refused);
    let few = |mut profile: Profile| {
        profile.personal.emails = Ways::<Email>::default();
        registered_with(organization(1), profile)
    };
    given([few(full(0))])
        .when(take_over(2, 1, &[few(full(1))]))
        .then_expect_error(Refusal::TooManyTags);
    let noted = |from: u128| {
        let notes = (from..from + 300).map(|n| added(n, "Called"));
        [registered()].into_iter().chain(notes).collect::<Vec<_>>()
    };
    let refused = Refusal::TooManyNotes;
    given(noted(0)).when(take_over(2, 1, &noted(1_000))).then_expect_error(refused);
    let before = (100..100 + Merge::MAX as u128).map(customer).collect();
    let crowd = TookOver { before, ..gained() };
    let crowd = [registered(), Event::TookOver(Box::new(crowd))];
    let refused = Refusal::TooManyRecords { max: Merge::MAX };
    given([registered()]).when(take_over(2, 1, &crowd)).then_expect_error(refused);
}

#[test]
fn a_primary_way_comes_over_only_where_there_is_none() {
    let bare = |primary: &str| {
        let mut profile = profile();
        profile.personal.emails = emails(&[email(primary, true)]);
        profile
    };
    let mut without = profile();
    without.personal.emails = Ways::default();
    for (own, expected) in [(without, true), (bare("own@example.com"), false)] {
        let survivor = Customer { details: Some(record(&[registered_with(organization(1), own)])) };
        let merged = [registered_with(organization(1), bare("other@example.com"))];
        let [Event::TookOver(gained)] = &*survivor.decide(take_over(2, 1, &merged)).unwrap() else {
            panic!("a record is taken over by one event");
        };
        let way = Way { primary: expected, ..email("other@example.com", true) };
        assert_eq!(gained.personal.emails, [way]);
    }
}
