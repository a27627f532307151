//! Rules of the organization.

use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::{Command, Event, Member, Organization, Profile, Refusal, Role};
use crate::invoice;
use crate::notice::Settings;
use crate::pricing::Rate;
use crate::testing::{at, currency, text, uuid, zone};
use crate::values::{
    AccountId, Address, AddressLines, Change, Contact, Country, Email, Phrase, Weekend,
};

fn given(events: impl Into<Vec<Event>>) -> AggregateTestExecutor<Organization> {
    TestFramework::with(()).given(events.into())
}

fn profile() -> Profile {
    Profile {
        name: text("Nights of Amman"),
        contact: Contact::default(),
        zone: zone("Asia/Amman"),
        currency: currency("JOD"),
        weekend: Weekend::FriSat,
        notices: Settings::default(),
        invoicing: None,
    }
}

fn registered() -> Event {
    let Profile { name, contact, zone, currency, weekend, notices, invoicing } = profile();
    Event::Registered { name, contact, zone, currency, weekend, notices, invoicing, at: at(0) }
}

fn account(n: u128) -> AccountId {
    AccountId::from_uuid(uuid(n))
}

fn added(n: u128, role: Role) -> Event {
    Event::MemberAdded { account: account(n), name: name(), role, at: at(1) }
}

fn add(n: u128, role: Role) -> Command {
    Command::AddMember { member: Member { account: account(n), name: name(), role }, at: at(1) }
}

fn name() -> Phrase {
    Phrase::try_new("Rania").unwrap()
}

#[test]
fn an_organization_is_registered_once() {
    let register = Command::Register { profile: profile(), at: at(0) };
    given([]).when(register.clone()).then_expect_events(vec![registered()]);
    given([registered()]).when(register).then_expect_error(Refusal::AlreadyExists);
}

#[test]
fn what_does_not_exist_cannot_be_changed() {
    for command in [
        Command::Revise { profile: profile(), at: at(1) },
        add(1, Role::Owner),
        Command::ChangeRole { account: account(1), role: Role::Staff, at: at(1) },
        Command::RemoveMember { account: account(1), at: at(1) },
    ] {
        given([]).when(command).then_expect_error(Refusal::NotFound);
    }
}

#[test]
fn a_revision_records_only_what_changed() {
    let contact =
        Contact { email: Some(Email::try_new("desk@example.com").unwrap()), ..Contact::default() };
    let changed = Profile { contact: contact.clone(), weekend: Weekend::SatSun, ..profile() };
    let revise = Command::Revise { profile: changed, at: at(1) };
    let revised = Event::Revised {
        name: None,
        contact: Some(contact),
        zone: None,
        currency: None,
        weekend: Some(Weekend::SatSun),
        notices: None,
        invoicing: Change::Kept,
        at: at(1),
    };
    given([registered()]).when(revise.clone()).then_expect_events(vec![revised.clone()]);
    given([registered(), revised]).when(revise).then_expect_events(Vec::new());
}

fn invoicing() -> invoice::Settings {
    invoice::Settings {
        legal_name: Phrase::try_new("Nights of Amman Ltd.").unwrap(),
        address: Address {
            lines: AddressLines::default(),
            locality: None,
            region: None,
            postcode: None,
            country: Country::try_new("JO").unwrap(),
        },
        tax_number: None,
        prefix: None,
        language: None,
        automatic: true,
    }
}

#[test]
fn an_organization_says_in_whose_name_it_invoices_and_may_stop() {
    let revised = |invoicing| Event::Revised {
        name: None,
        contact: None,
        zone: None,
        currency: None,
        weekend: None,
        notices: None,
        invoicing,
        at: at(1),
    };
    let says =
        |invoicing| Command::Revise { profile: Profile { invoicing, ..profile() }, at: at(1) };
    let set = revised(Change::Set(invoicing()));
    given([registered()]).when(says(Some(invoicing()))).then_expect_events(vec![set.clone()]);
    given([registered(), set.clone()]).when(says(Some(invoicing()))).then_expect_events(Vec::new());
    given([registered(), set]).when(says(None)).then_expect_events(vec![revised(Change::Removed)]);
}

#[test]
fn an_account_becomes_a_member_once() {
    given([registered()]).when(add(1, Role::Owner)).then_expect_events(vec![added(1, Role::Owner)]);
    given([registered(), added(1, Role::Owner)])
        .when(add(1, Role::Staff))
        .then_expect_error(Refusal::AlreadyMember);
}

#[test]
fn who_left_can_come_back() {
    let left = Event::MemberRemoved { account: account(1), at: at(2) };
    given([registered(), added(1, Role::Staff), left])
        .when(add(1, Role::Staff))
        .then_expect_events(vec![added(1, Role::Staff)]);
}

#[test]
fn a_member_gets_another_role_once() {
    let change = Command::ChangeRole { account: account(2), role: Role::Manager, at: at(2) };
    let changed = Event::RoleChanged { account: account(2), role: Role::Manager, at: at(2) };
    let before = [registered(), added(1, Role::Owner), added(2, Role::Staff)];
    given(before.clone()).when(change.clone()).then_expect_events(vec![changed.clone()]);
    given([&before[..], &[changed]].concat()).when(change).then_expect_events(Vec::new());
    let nobody = Command::ChangeRole { account: account(3), role: Role::Manager, at: at(2) };
    given(before).when(nobody).then_expect_error(Refusal::NotAMember);
}

#[test]
fn the_last_owner_can_neither_leave_nor_step_down() {
    let before = [registered(), added(1, Role::Owner), added(2, Role::Manager)];
    let leave = Command::RemoveMember { account: account(1), at: at(2) };
    let step_down = Command::ChangeRole { account: account(1), role: Role::Staff, at: at(2) };
    given(before.clone()).when(leave.clone()).then_expect_error(Refusal::LastOwner);
    given(before.clone()).when(step_down.clone()).then_expect_error(Refusal::LastOwner);
    let promoted = Event::RoleChanged { account: account(2), role: Role::Owner, at: at(2) };
    let before = [&before[..], &[promoted]].concat();
    given(before.clone())
        .when(leave)
        .then_expect_events(vec![Event::MemberRemoved { account: account(1), at: at(2) }]);
    given(before).when(step_down).then_expect_events(vec![Event::RoleChanged {
        account: account(1),
        role: Role::Staff,
        at: at(2),
    }]);
}

#[test]
fn who_is_no_member_cannot_leave() {
    given([registered()])
        .when(Command::RemoveMember { account: account(1), at: at(1) })
        .then_expect_error(Refusal::NotAMember);
}

#[test]
fn a_commission_holds_until_another_one_is_agreed() {
    let rate = |points| Some(Rate::try_new(points).unwrap());
    let set = |commission| Command::SetCommission { commission, at: at(1) };
    let agreed = |commission| Event::CommissionSet { commission, at: at(1) };
    given([]).when(set(rate(0))).then_expect_error(Refusal::NotFound);
    given([registered()]).when(set(None)).then_expect_events(Vec::new());
    // a commission of nothing is an agreement
    given([registered()]).when(set(rate(0))).then_expect_events(vec![agreed(rate(0))]);
    let before = [registered(), agreed(rate(1_500))];
    given(before.clone()).when(set(rate(1_500))).then_expect_events(Vec::new());
    given(before.clone()).when(set(rate(900))).then_expect_events(vec![agreed(rate(900))]);
    given(before).when(set(None)).then_expect_events(vec![agreed(None)]);
}

#[test]
fn an_organization_has_no_more_than_a_thousand_members() {
    let members = (0..1_000).map(|n| added(n, Role::Staff));
    let crowded: Vec<_> = std::iter::once(registered()).chain(members).collect();
    given(crowded)
        .when(add(5_000, Role::Staff))
        .then_expect_error(Refusal::TooManyMembers { max: 1_000 });
}
