//! Rules of the customer's record.

mod laws;
mod merges;

use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::{
    Author, Command, Customer, Event, Kind, Notes, Personal, PersonalChange, Profile, Refusal,
    Registered, Revised, Way, Ways, WaysError, Written,
};
use crate::testing::{at, label, uuid, zone};
use crate::values::{
    Change, Code, Codes, CustomerId, Email, Language, NoteId, OrganizationId, PhoneNumber, Phrase,
    PrincipalId, Remark,
};

fn given(events: impl Into<Vec<Event>>) -> AggregateTestExecutor<Customer> {
    TestFramework::with(()).given(events.into())
}

fn customer(n: u128) -> CustomerId {
    CustomerId::from_uuid(uuid(n))
}

fn organization(n: u128) -> OrganizationId {
    OrganizationId::from_uuid(uuid(n))
}

fn note(n: u128) -> NoteId {
    NoteId::from_uuid(uuid(n))
}

fn author() -> Author {
    let name = Phrase::try_new("front desk").unwrap();
    Author { principal: PrincipalId::from_uuid(uuid(9)), name }
}

fn remark(text: &str) -> Remark {
    Remark::try_new(text).unwrap()
}

fn codes(codes: &[&str]) -> Codes {
    Codes::try_new(codes.iter().map(|code| Code::try_new(code).unwrap())).unwrap()
}

fn email(address: &str, primary: bool) -> Way<Email> {
    Way { value: Email::try_new(address).unwrap(), label: None, primary }
}

fn phone(number: &str, primary: bool) -> Way<PhoneNumber> {
    Way { value: PhoneNumber::try_new(number).unwrap(), label: Some(label("mobile")), primary }
}

fn emails(ways: &[Way<Email>]) -> Ways<Email> {
    Ways::try_new(ways.to_vec()).unwrap()
}

fn phones(ways: &[Way<PhoneNumber>]) -> Ways<PhoneNumber> {
    Ways::try_new(ways.to_vec()).unwrap()
}

fn profile() -> Profile {
    Profile {
        kind: Kind::Person,
        language: Language::try_new("ar").unwrap(),
        zone: Some(zone("Asia/Amman")),
        tags: codes(&["vip"]),
        personal: Personal {
            name: Phrase::try_new("رانيا حداد").unwrap(),
            emails: emails(&[email("rania@example.com", true)]),
            phones: Ways::default(),
        },
    }
}

fn registered_with(organization: OrganizationId, profile: Profile) -> Event {
    Event::Registered(Box::new(Registered::of(organization, profile, at(0))))
}

fn registered() -> Event {
    registered_with(organization(1), profile())
}

fn added(n: u128, text: &str) -> Event {
    let personal = Written { text: remark(text) };
    Event::NoteAdded { note: note(n), author: author(), personal, at: at(1) }
}

fn add(n: u128, text: &str) -> Command {
    Command::AddNote { note: note(n), author: author(), text: remark(text), at: at(1) }
}

fn revise(profile: Profile) -> Command {
    Command::Revise { profile: Box::new(profile), at: at(2) }
}

#[test]
fn a_customer_is_registered_once() {
    let profile = Box::new(profile());
    let register = Command::Register { organization: organization(1), profile, at: at(0) };
    given([]).when(register.clone()).then_expect_events(vec![registered()]);
    given([registered()]).when(register).then_expect_error(Refusal::AlreadyExists);
}

#[test]
fn a_customer_without_a_record_cannot_be_changed() {
    let withdraw = Command::WithdrawNote { note: note(1), at: at(1) };
    for command in [revise(profile()), add(1, "Prefers the terrace"), withdraw] {
        given([]).when(command).then_expect_error(Refusal::NotFound);
    }
}

#[test]
fn a_revision_records_only_what_changed() {
    let mut new = profile();
    new.zone = None;
    new.personal.phones = phones(&[phone("+962795550100", true)]);
    let revised = Revised {
        kind: None,
        language: None,
        zone: Change::Removed,
        tags: None,
        personal: PersonalChange {
            phones: Some(new.personal.phones.clone()),
            ..PersonalChange::default()
        },
        at: at(2),
    };
    let revised = Event::Revised(Box::new(revised));
    given([registered()]).when(revise(new.clone())).then_expect_events(vec![revised.clone()]);
    given([registered(), revised]).when(revise(new)).then_expect_events(Vec::new());
    given([registered()]).when(revise(profile())).then_expect_events(Vec::new());
}

#[test]
fn every_part_of_a_record_can_be_revised() {
    let new = Profile {
        kind: Kind::Company,
        language: Language::try_new("en-GB").unwrap(),
        zone: Some(zone("Africa/Cairo")),
        tags: Codes::default(),
        personal: Personal {
            name: Phrase::try_new("Haddad & Daughters").unwrap(),
            emails: Ways::default(),
            phones: phones(&[phone("+20225550100", true)]),
        },
    };
    let mut customer = Customer::default();
    customer.evolve(&registered());
    for event in customer.decide(revise(new.clone())).unwrap() {
        customer.evolve(&event);
    }
    assert_eq!(customer.details().map(|details| &details.profile), Some(&new));
}

#[test]
fn a_note_is_written_once_and_withdrawn_once() {
    let withdraw = Command::WithdrawNote { note: note(1), at: at(3) };
    let withdrawn = Event::NoteWithdrawn { note: note(1), at: at(3) };
    let written = [registered(), added(1, "Prefers the terrace")];
    given([registered()])
        .when(add(1, "Prefers the terrace"))
        .then_expect_events(written[1..].to_vec());
    given(written.clone()).when(add(1, "Another")).then_expect_error(Refusal::NoteExists);
    given(written.clone()).when(withdraw.clone()).then_expect_events(vec![withdrawn.clone()]);
    given([registered()]).when(withdraw.clone()).then_expect_error(Refusal::NoSuchNote);
    let [registered, added] = written;
    let gone = [registered, added, withdrawn];
    given(gone.clone()).when(withdraw).then_expect_events(Vec::new());
    given(gone).when(add(1, "Once more")).then_expect_error(Refusal::NoteExists);
}

#[test]
fn there_is_an_end_to_notes() {
    let mut events = vec![registered()];
    events.extend((0..Notes::MAX as u128).map(|n| added(n, "Called")));
    given(events.clone()).when(add(1_000, "Called")).then_expect_error(Refusal::TooManyNotes);
    events.push(Event::NoteWithdrawn { note: note(1), at: at(2) });
    given(events).when(add(1_000, "Called")).then_expect_error(Refusal::TooManyNotes);
}

#[test]
fn one_way_to_reach_somebody_is_tried_first() {
    let (one, other) = (email("a@example.com", false), email("b@example.com", false));
    let first = emails(&[one.clone(), other.clone()]);
    assert_eq!(first.primary(), Some(&Way { primary: true, ..one.clone() }));
    let chosen = Way { primary: true, ..other };
    assert_eq!(emails(&[one.clone(), chosen.clone()]).primary(), Some(&chosen));
    let both = vec![Way { primary: true, ..one }, chosen];
    assert_eq!(Ways::try_new(both), Err(WaysError::TwoPrimaries));
    assert_eq!(Ways::<Email>::default().primary(), None);
}

#[test]
fn a_way_to_reach_somebody_is_there_once() {
    let twice = vec![email("Rania@example.com", false), email("rania@EXAMPLE.com", false)];
    assert_eq!(Ways::try_new(twice), Err(WaysError::Repeated { second: 2 }));
    let twice = vec![phone("+962 79 555 0100", false), phone("+962-795550100", false)];
    assert_eq!(Ways::try_new(twice), Err(WaysError::Repeated { second: 2 }));
    let many =
        |count: usize| (0..count).map(|n| email(&format!("a{n}@example.com"), false)).collect();
    assert!(Ways::try_new(many(Ways::<Email>::MAX)).is_ok());
    let too_many = Err(WaysError::TooMany { max: Ways::<Email>::MAX });
    assert_eq!(Ways::try_new(many(Ways::<Email>::MAX + 1)), too_many);
}
