//! Rules of the listing.

use cqrs_es::test::{AggregateTestExecutor, TestFramework};
use proptest::prelude::*;

use super::{
    Command, Content, Created, Event, FirstStatus, HouseTimes, Listing, ListingKind, Parts,
    Refusal, Revised, RoomTerms, ServiceTerms, Status, Terms, TermsError,
};
use crate::schedule::SlotRules;
use crate::testing::{at, currency, text, time, uuid, zone};
use crate::values::{Change, Code, Codes, Contact, Email, Location, Money, OrganizationId};

fn given(events: impl Into<Vec<Event>>) -> AggregateTestExecutor<Listing> {
    TestFramework::with(()).given(events.into())
}

fn stay() -> Terms {
    Terms::Stay(HouseTimes { check_in: time(15, 0), check_out: time(11, 0) })
}

fn haircut(slots: Option<SlotRules>, price: Option<Money>) -> Terms {
    Terms::Service(ServiceTerms { slots, price })
}

fn minutes(duration: u32) -> SlotRules {
    serde_json::from_str(&format!(r#"{{"duration": {duration}}}"#)).unwrap()
}

fn egp(minor: u64) -> Money {
    Money::try_new(minor, currency("EGP")).unwrap()
}

/// A listing of a service that says nothing of its terms.
fn salon() -> Event {
    let Event::Created(stay) = on_offer() else { unreachable!("it is created") };
    Event::Created(Box::new(Created { terms: haircut(None, None), ..*stay }))
}

fn house() -> Content {
    Content::new(text("House by the sea"))
}

fn create(status: FirstStatus) -> Command {
    Command::Create {
        organization: OrganizationId::from_uuid(uuid(1)),
        terms: stay(),
        content: Box::new(house()),
        zone: zone("Africa/Cairo"),
        currency: currency("EGP"),
        on_request: false,
        status,
        at: at(0),
    }
}

fn created(status: FirstStatus) -> Event {
    Event::Created(Box::new(Created {
        organization: OrganizationId::from_uuid(uuid(1)),
        terms: stay(),
        content: house(),
        zone: zone("Africa/Cairo"),
        currency: currency("EGP"),
        on_request: false,
        status,
        at: at(0),
    }))
}

fn on_offer() -> Event {
    created(FirstStatus::Published)
}

fn revise(terms: Terms, content: Content) -> Command {
    Command::Revise { terms, content: Box::new(content), on_request: false, at: at(1) }
}

fn nothing_changed() -> Revised {
    Revised {
        name: None,
        check_in: None,
        check_out: None,
        slots: Change::Kept,
        price: Change::Kept,
        price_per_hour: Change::Kept,
        on_request: None,
        summary: Change::Kept,
        description: Change::Kept,
        categories: None,
        tags: None,
        attributes: None,
        tariff: Change::Kept,
        taxes: None,
        policy: Change::Kept,
        deposit: Change::Kept,
        address: Change::Kept,
        location: Change::Kept,
        contact: None,
        images: None,
        at: at(1),
    }
}

fn revised(revised: Revised) -> Event {
    Event::Revised(Box::new(revised))
}

#[test]
fn a_listing_is_created_once() {
    for status in [FirstStatus::Draft, FirstStatus::Published] {
        given([]).when(create(status)).then_expect_events(vec![created(status)]);
    }
    given([on_offer()]).when(create(FirstStatus::Draft)).then_expect_error(Refusal::AlreadyExists);
}

#[test]
fn what_does_not_exist_can_be_neither_revised_nor_published_nor_archived() {
    for command in
        [revise(stay(), house()), Command::Publish { at: at(1) }, Command::Archive { at: at(1) }]
    {
        given([]).when(command).then_expect_error(Refusal::NotFound);
    }
}

#[test]
fn a_revision_records_only_what_changed() {
    let terms = Terms::Stay(HouseTimes { check_in: time(14, 0), check_out: time(11, 0) });
    let content = Content {
        summary: Some(text("On the beach")),
        tags: Codes::try_new([Code::try_new("beach").unwrap()]).unwrap(),
        ..house()
    };
    let expected = Revised {
        check_in: Some(time(14, 0)),
        summary: Change::Set(text("On the beach")),
        tags: Some(content.tags.clone()),
        ..nothing_changed()
    };
    given([on_offer()]).when(revise(terms, content)).then_expect_events(vec![revised(expected)]);
}

#[test]
fn a_revision_records_what_was_taken_away() {
    let contact =
        Contact { email: Some(Email::try_new("desk@example.com").unwrap()), ..Contact::default() };
    let given_before = Revised {
        summary: Change::Set(text("On the beach")),
        location: Change::Set(Location::try_new(30_044_420, 31_235_712).unwrap()),
        contact: Some(contact),
        ..nothing_changed()
    };
    let expected = Revised {
        summary: Change::Removed,
        location: Change::Removed,
        contact: Some(Contact::default()),
        ..nothing_changed()
    };
    given([on_offer(), revised(given_before)])
        .when(revise(stay(), house()))
        .then_expect_events(vec![revised(expected)]);
}

#[test]
fn revising_to_the_same_again_records_nothing() {
    let villa = Revised { name: Some(text("Villa")), ..nothing_changed() };
    given([on_offer(), revised(villa)])
        .when(revise(stay(), Content::new(text("Villa"))))
        .then_expect_events(Vec::new());
}

#[test]
fn a_listing_stays_of_its_kind() {
    given([on_offer()])
        .when(revise(haircut(None, None), house()))
        .then_expect_error(Refusal::OtherKind);
}

#[test]
fn a_draft_is_published_once_and_archived_for_good() {
    let (publish, archive) = (Command::Publish { at: at(1) }, Command::Archive { at: at(1) });
    let (published, archived) = (Event::Published { at: at(1) }, Event::Archived { at: at(1) });
    let draft = created(FirstStatus::Draft);
    given([draft.clone()]).when(publish.clone()).then_expect_events(vec![published.clone()]);
    given([draft.clone(), published]).when(publish.clone()).then_expect_events(Vec::new());
    given([on_offer()]).when(publish.clone()).then_expect_events(Vec::new());
    for first in [draft, on_offer()] {
        given([first.clone()]).when(archive.clone()).then_expect_events(vec![archived.clone()]);
        let off = given([first, archived.clone()]);
        off.when(publish.clone()).then_expect_error(Refusal::Archived);
    }
    given([on_offer(), archived.clone()]).when(archive).then_expect_events(Vec::new());
    given([on_offer(), archived])
        .when(revise(stay(), Content::new(text("Villa"))))
        .then_expect_error(Refusal::Archived);
}

#[test]
fn only_what_is_published_can_be_booked() {
    let bookable = |events: &[Event]| {
        let mut listing = Listing::default();
        for event in events {
            listing.evolve(event);
        }
        listing.details().unwrap().bookable()
    };
    let draft = created(FirstStatus::Draft);
    assert_eq!(bookable(std::slice::from_ref(&draft)), Err(Refusal::NotPublished));
    assert_eq!(bookable(&[draft, Event::Published { at: at(1) }]), Ok(()));
    assert_eq!(bookable(&[on_offer()]), Ok(()));
    assert_eq!(bookable(&[on_offer(), Event::Archived { at: at(1) }]), Err(Refusal::Archived));
}

#[test]
fn house_times_belong_to_stays_and_to_nothing_else() {
    let (check_in, check_out) = (Some(time(15, 0)), Some(time(11, 0)));
    let try_new = |kind, check_in, check_out| {
        Terms::try_new(Parts { check_in, check_out, ..Parts::bare(kind) })
    };
    assert_eq!(try_new(ListingKind::Stay, check_in, check_out), Ok(stay()));
    assert_eq!(try_new(ListingKind::Stay, None, check_out), Err(TermsError::NoCheckIn));
    assert_eq!(try_new(ListingKind::Stay, check_in, None), Err(TermsError::NoCheckOut));
    for kind in
        [ListingKind::Experience, ListingKind::Event, ListingKind::Room, ListingKind::Service]
    {
        assert_eq!(Terms::try_new(Parts::bare(kind)).unwrap().kind(), kind);
        assert_eq!(try_new(kind, check_in, None), Err(TermsError::NeedlessCheckIn));
        assert_eq!(try_new(kind, None, check_out), Err(TermsError::NeedlessCheckOut));
    }
}

#[test]
fn slots_and_prices_belong_to_services_and_rooms() {
    let (slots, fifty) = (Some(minutes(45)), Some(egp(50)));
    let service = Parts { slots, price: fifty, ..Parts::bare(ListingKind::Service) };
    let room = Parts { slots, price_per_hour: fifty, ..Parts::bare(ListingKind::Room) };
    assert_eq!(Terms::try_new(service), Ok(haircut(slots, fifty)));
    let hall = Terms::Room(RoomTerms { slots, price_per_hour: fifty });
    assert_eq!(Terms::try_new(room), Ok(hall));
    assert_eq!((hall.slots(), hall.price(), hall.parts()), (slots, fifty, room));
    for (parts, error) in [
        (Parts { kind: ListingKind::Event, price: None, ..service }, TermsError::NeedlessSlots),
        (Parts { kind: ListingKind::Room, ..service }, TermsError::NeedlessPrice),
        (Parts { kind: ListingKind::Service, ..room }, TermsError::NeedlessPricePerHour),
    ] {
        assert_eq!(Terms::try_new(parts), Err(error));
    }
}

#[test]
fn a_service_is_priced_in_the_currency_of_its_listing() {
    let terms = haircut(None, Some(Money::try_new(50, currency("JPY")).unwrap()));
    let create = match create(FirstStatus::Published) {
        Command::Create {
            organization, content, zone, currency, on_request, status, at, ..
        } => {
            Command::Create { organization, terms, content, zone, currency, on_request, status, at }
        }
        other => other,
    };
    let mismatch = Refusal::CurrencyMismatch { expected: currency("EGP"), given: currency("JPY") };
    given([]).when(create).then_expect_error(mismatch.clone());
    given([salon()]).when(revise(terms, house())).then_expect_error(mismatch);
}

#[test]
fn a_revision_of_terms_records_what_was_set_and_what_was_taken_away() {
    let full = haircut(Some(minutes(45)), Some(egp(50)));
    let set = Revised {
        slots: Change::Set(minutes(45)),
        price: Change::Set(egp(50)),
        ..nothing_changed()
    };
    given([salon()]).when(revise(full, house())).then_expect_events(vec![revised(set.clone())]);
    let removed = Revised { slots: Change::Removed, price: Change::Removed, ..nothing_changed() };
    given([salon(), revised(set)])
        .when(revise(haircut(None, None), house()))
        .then_expect_events(vec![revised(removed)]);
}

#[test]
fn bookings_wait_for_approval_once_that_is_asked_for() {
    let revise = |on_request| Command::Revise {
        terms: stay(),
        content: Box::new(house()),
        on_request,
        at: at(1),
    };
    let asked = revised(Revised { on_request: Some(true), ..nothing_changed() });
    given([on_offer()]).when(revise(true)).then_expect_events(vec![asked.clone()]);
    given([on_offer(), asked.clone()]).when(revise(true)).then_expect_events(Vec::new());
    let mut listing = Listing::default();
    listing.evolve(&on_offer());
    assert!(!listing.details().unwrap().on_request);
    listing.evolve(&asked);
    assert!(listing.details().unwrap().on_request);
}

#[test]
fn a_stored_stay_without_its_house_times_cannot_be_read() {
    let stored = serde_json::to_string(&on_offer()).unwrap();
    assert!(serde_json::from_str::<Event>(&stored).is_ok());
    let wrong = stored.replace(r#""check_in":"15:00:00","#, "");
    assert!(serde_json::from_str::<Event>(&wrong).is_err());
    let wrong = stored.replace("stay", "room");
    assert!(serde_json::from_str::<Event>(&wrong).is_err());
}

#[test]
fn the_state_shows_the_revised_listing() {
    let mut listing = Listing::default();
    let empty = listing.weight();
    assert!(listing.details().is_none());
    listing.evolve(&on_offer());
    listing.evolve(&revised(Revised {
        name: Some(text("Villa")),
        check_out: Some(time(10, 0)),
        ..nothing_changed()
    }));
    let details = listing.details().unwrap();
    assert_eq!((&details.content.name, details.status), (&text("Villa"), Status::Published));
    let times = HouseTimes { check_in: time(15, 0), check_out: time(10, 0) };
    assert_eq!((details.terms, details.zone), (Terms::Stay(times), zone("Africa/Cairo")));
    assert!(listing.weight() > empty);
}

/// Some of the many things a house can say of itself.
fn contents() -> impl Strategy<Value = (Terms, Content)> {
    let name = prop_oneof![Just("House"), Just("Villa")];
    let summary = proptest::option::of(prop_oneof![Just("Small"), Just("Large")]);
    let tags = proptest::collection::btree_set(prop_oneof![Just("sea"), Just("quiet")], 0..2);
    let place = proptest::option::of((-2..2_i32, -2..2_i32));
    (name, summary, tags, place, 10..12_u32).prop_map(|(name, summary, tags, place, hour)| {
        let tags = tags.into_iter().map(|tag| Code::try_new(tag).unwrap());
        let content = Content {
            summary: summary.map(text),
            tags: Codes::try_new(tags).unwrap(),
            location: place.map(|(north, east)| Location::try_new(north, east).unwrap()),
            ..Content::new(text(name))
        };
        let times = HouseTimes { check_in: time(hour + 4, 0), check_out: time(hour, 0) };
        (Terms::Stay(times), content)
    })
}

proptest! {
    #[test]
    fn a_revised_listing_is_what_was_asked_for(revisions in proptest::collection::vec(contents(), 1..8)) {
        let mut listing = Listing::default();
        listing.evolve(&on_offer());
        for (terms, content) in revisions {
            let events = listing.decide(revise(terms, content.clone())).unwrap();
            let before = listing.details().unwrap();
            prop_assert_eq!(events.is_empty(), (before.terms, &before.content) == (terms, &content));
            for event in &events {
                let stored = serde_json::to_string(event).unwrap();
                listing.evolve(&serde_json::from_str(&stored).unwrap());
            }
            let after = listing.details().unwrap();
            prop_assert_eq!((after.terms, &after.content), (terms, &content));
            prop_assert_eq!(listing.decide(revise(terms, content)), Ok(Vec::new()));
        }
    }
}
