//! Rules of the listing.

use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::{Command, Event, Listing, ListingKind, Refusal};
use crate::testing::{at, currency, text, time, uuid, zone};
use crate::values::OrganizationId;

fn given(events: impl Into<Vec<Event>>) -> AggregateTestExecutor<Listing> {
    TestFramework::with(()).given(events.into())
}

fn create() -> Command {
    Command::Create {
        organization: OrganizationId::from_uuid(uuid(1)),
        kind: ListingKind::Stay,
        name: text("House by the sea"),
        zone: zone("Africa/Cairo"),
        currency: currency("EGP"),
        check_in: time(15, 0),
        check_out: time(11, 0),
        at: at(0),
    }
}

fn created() -> Event {
    Event::Created {
        organization: OrganizationId::from_uuid(uuid(1)),
        kind: ListingKind::Stay,
        name: text("House by the sea"),
        zone: zone("Africa/Cairo"),
        currency: currency("EGP"),
        check_in: time(15, 0),
        check_out: time(11, 0),
        at: at(0),
    }
}

#[test]
fn a_listing_is_created_once() {
    given([]).when(create()).then_expect_events(vec![created()]);
    given([created()]).when(create()).then_expect_error(Refusal::AlreadyExists);
}

#[test]
fn what_does_not_exist_cannot_be_revised() {
    given([])
        .when(Command::Revise { name: Some(text("x")), check_in: None, check_out: None, at: at(1) })
        .then_expect_error(Refusal::NotFound);
}

#[test]
fn a_revision_records_only_what_changed() {
    given([created()])
        .when(Command::Revise {
            name: Some(text("House by the sea")),
            check_in: Some(time(14, 0)),
            check_out: Some(time(11, 0)),
            at: at(1),
        })
        .then_expect_events(vec![Event::Revised {
            name: None,
            check_in: Some(time(14, 0)),
            check_out: None,
            at: at(1),
        }]);
}

#[test]
fn revising_to_the_same_again_records_nothing() {
    let revised =
        Event::Revised { name: Some(text("Villa")), check_in: None, check_out: None, at: at(1) };
    given([created(), revised])
        .when(Command::Revise {
            name: Some(text("Villa")),
            check_in: Some(time(15, 0)),
            check_out: None,
            at: at(2),
        })
        .then_expect_events(Vec::new());
}

#[test]
fn the_state_shows_the_revised_listing() {
    let mut listing = Listing::default();
    let empty = listing.weight();
    assert!(listing.details().is_none());
    listing.evolve(&created());
    listing.evolve(&Event::Revised {
        name: Some(text("Villa")),
        check_in: None,
        check_out: Some(time(10, 0)),
        at: at(1),
    });
    let details = listing.details().unwrap();
    assert_eq!((&details.name, details.check_in), (&text("Villa"), time(15, 0)));
    assert_eq!((details.check_out, details.zone), (time(10, 0), zone("Africa/Cairo")));
    assert!(listing.weight() > empty);
}
