//! Rules of the resource; those of stays stand in `stay_rules`.

mod stay_rules;

use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::{
    Command, Content, Created, Event, Nights, Parts, Refusal, Resource, ResourceKind, Revised,
    Schedules, Services, ServicesError, Shape, Sort, StayPeriod, StayRefusal, StayRules,
    StayRulesError, StayTerms, Terms, TermsError, Times, TooManySchedules,
};
use crate::schedule::Schedule;
use crate::testing::{at, currency, eur, limits, month, text, uuid, zone};
use crate::values::{Attributes, ListingId, Money, NightCount, OrganizationId};

fn given(events: impl Into<Vec<Event>>) -> AggregateTestExecutor<Resource> {
    TestFramework::with(()).given(events.into())
}

fn double_room(price_per_night: Money) -> Terms {
    Terms::Nights(Nights {
        listing: ListingId::from_uuid(uuid(1)),
        price_per_night,
        rules: StayRules::default(),
    })
}

fn hairdresser(services: impl IntoIterator<Item = u128>) -> Terms {
    let (sort, zone) = (Sort::Staff(offered(services)), zone("Asia/Amman"));
    Terms::Times(Times { sort, listing: None, zone, schedules: Schedules::default() })
}

fn offered(services: impl IntoIterator<Item = u128>) -> Services {
    Services::try_new(services.into_iter().map(|n| ListingId::from_uuid(uuid(n)))).unwrap()
}

/// So many schedules, each of another place.
fn open_daily(n: usize) -> Schedules {
    let places = ["Asia/Amman", "Europe/London", "Asia/Riyadh"];
    let schedule = |place: &&str| {
        let text = format!(
            r#"{{"zone": "{place}", "hours": {{"monday": [{{"from": "09:00", "to": "17:00"}}]}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    };
    Schedules::try_new(places[..n].iter().map(schedule).collect()).unwrap()
}

fn two_nights() -> StayRules {
    let least = Some(NightCount::try_new(2).unwrap());
    StayRules::try_new(StayTerms { least, ..StayTerms::default() }, Vec::new()).unwrap()
}

fn called(name: &str) -> Content {
    Content { name: text(name), attributes: Attributes::default() }
}

fn create_as(terms: Terms) -> Command {
    Command::Create {
        organization: OrganizationId::from_uuid(uuid(7)),
        terms,
        currency: currency("EUR"),
        content: called("Double room"),
        limits: limits(5, 1),
        at: at(0),
    }
}

fn created_as(terms: Terms) -> Event {
    Event::Created(Box::new(Created {
        organization: Some(OrganizationId::from_uuid(uuid(7))),
        terms,
        content: called("Double room"),
        limits: limits(5, 1),
        at: at(0),
    }))
}

fn create(price_per_night: Money) -> Command {
    create_as(double_room(price_per_night))
}

fn created() -> Event {
    created_as(double_room(eur(9_900)))
}

fn revise(name: &str, services: Services) -> Command {
    Command::Revise { content: called(name), services, at: at(1) }
}

fn revised(name: Option<&str>, services: Option<Services>) -> Event {
    let name = name.map(text);
    Event::Revised(Box::new(Revised { name, attributes: None, services, at: at(1) }))
}

#[test]
fn a_resource_is_created_once() {
    given([]).when(create(eur(9_900))).then_expect_events(vec![created()]);
    given([created()]).when(create(eur(9_900))).then_expect_error(Refusal::AlreadyExists);
}

#[test]
fn a_resource_is_priced_in_the_currency_of_its_listing() {
    let yen = Money::try_new(9_900, currency("JPY")).unwrap();
    let mismatch = Refusal::CurrencyMismatch { expected: currency("EUR"), given: currency("JPY") };
    given([]).when(create(yen)).then_expect_error(mismatch.clone());
    given([created()])
        .when(Command::ChangePrice { price_per_night: yen, at: at(1) })
        .then_expect_error(mismatch);
}

#[test]
fn what_does_not_exist_cannot_be_changed() {
    for command in [
        Command::ChangeLimits { limits: limits(1, 0), at: at(1) },
        Command::ChangePrice { price_per_night: eur(1), at: at(1) },
        Command::OpenMonth { month: month(7), at: at(1) },
        Command::ChangeSchedules { schedules: open_daily(1), at: at(1) },
        Command::ChangeStayRules { rules: two_nights(), at: at(1) },
        revise("x", Services::default()),
    ] {
        given([]).when(command).then_expect_error(Refusal::NotFound);
    }
}

#[test]
fn every_change_is_recorded_once() {
    let changes = [
        (
            Command::ChangeLimits { limits: limits(4, 0), at: at(1) },
            Event::LimitsChanged { limits: limits(4, 0), at: at(1) },
        ),
        (
            Command::ChangePrice { price_per_night: eur(8_000), at: at(1) },
            Event::PriceChanged { price_per_night: eur(8_000), at: at(1) },
        ),
        (
            Command::OpenMonth { month: month(7), at: at(1) },
            Event::MonthOpened { month: month(7), at: at(1) },
        ),
        (
            Command::ChangeStayRules { rules: two_nights(), at: at(1) },
            Event::StayRulesChanged { rules: two_nights(), at: at(1) },
        ),
        (revise("Suite", Services::default()), revised(Some("Suite"), None)),
    ];
    for (command, event) in changes {
        given([created()]).when(command.clone()).then_expect_events(vec![event.clone()]);
        given([created(), event]).when(command).then_expect_events(Vec::new());
    }
}

#[test]
fn the_state_knows_its_open_months_in_order() {
    let mut resource = Resource::default();
    resource.evolve(&created());
    for number in [9, 7, 8] {
        resource.evolve(&Event::MonthOpened { month: month(number), at: at(1) });
    }
    let details = resource.details().unwrap();
    assert!(details.open_months.iter().copied().eq([month(7), month(8), month(9)]));
    assert_eq!(details.limits.total(), 6);
}

#[test]
fn a_revision_records_only_what_changed() {
    let before = [created_as(hairdresser([1, 2]))];
    given(before.clone())
        .when(revise("Double room", offered([2, 3])))
        .then_expect_events(vec![revised(None, Some(offered([2, 3])))]);
    given(before.clone())
        .when(revise("Rania", offered([1, 2])))
        .then_expect_events(vec![revised(Some("Rania"), None)]);
    given(before).when(revise("Double room", offered([1, 2]))).then_expect_events(Vec::new());
}

#[test]
fn only_staff_offer_services() {
    given([created()]).when(revise("Suite", offered([1]))).then_expect_error(Refusal::NotStaff);
}

#[test]
fn only_what_is_sold_by_the_night_has_a_price() {
    given([created_as(hairdresser([]))])
        .when(Command::ChangePrice { price_per_night: eur(1), at: at(1) })
        .then_expect_error(Refusal::NotSoldByNight);
    let salon = create_as(hairdresser([1]));
    given([]).when(salon).then_expect_events(vec![created_as(hairdresser([1]))]);
}

#[test]
fn schedules_are_changed_all_at_once_and_recorded_once() {
    let person = created_as(hairdresser([]));
    let change = |n| Command::ChangeSchedules { schedules: open_daily(n), at: at(1) };
    let changed = |n| Event::SchedulesChanged { schedules: open_daily(n), at: at(1) };
    given([person.clone()]).when(change(2)).then_expect_events(vec![changed(2)]);
    given([person.clone(), changed(2)]).when(change(2)).then_expect_events(Vec::new());
    given([person.clone(), changed(2)]).when(change(0)).then_expect_events(vec![changed(0)]);
    given([person]).when(change(0)).then_expect_events(Vec::new());
}

#[test]
fn only_what_is_taken_by_the_hour_has_schedules_and_only_what_is_sold_by_the_night_stay_rules() {
    given([created()])
        .when(Command::ChangeSchedules { schedules: open_daily(1), at: at(1) })
        .then_expect_error(Refusal::NotTakenByTime);
    given([created_as(hairdresser([]))])
        .when(Command::ChangeStayRules { rules: two_nights(), at: at(1) })
        .then_expect_error(Refusal::NotSoldByNight);
}

#[test]
fn the_state_keeps_schedules_and_stay_rules() {
    let mut person = Resource::default();
    person.evolve(&created_as(hairdresser([])));
    let always = Schedule::always(zone("Asia/Amman"));
    let times = |person: &Resource| person.details().unwrap().terms.times().cloned().unwrap();
    let Times { schedules, zone, .. } = times(&person);
    assert_eq!(*schedules.or_always(zone), [always]);
    let before = person.weight();
    person.evolve(&Event::SchedulesChanged { schedules: open_daily(2), at: at(1) });
    assert_eq!(times(&person).schedules, open_daily(2));
    assert_eq!(times(&person).schedules.or_always(zone).len(), 2);
    assert!(person.weight() > before);

    let mut room = Resource::default();
    room.evolve(&created());
    room.evolve(&Event::StayRulesChanged { rules: two_nights(), at: at(1) });
    room.evolve(&Event::PriceChanged { price_per_night: eur(1), at: at(1) });
    let nights = room.details().unwrap().terms.nights().cloned().unwrap();
    assert_eq!((nights.rules, nights.price_per_night), (two_nights(), eur(1)));
}

#[test]
fn there_are_at_most_ten_schedules() {
    let always = |n| vec![Schedule::always(zone("Asia/Amman")); n];
    assert!(Schedules::try_new(always(10)).is_ok());
    assert_eq!(Schedules::try_new(always(11)), Err(TooManySchedules));
}

#[test]
fn each_kind_has_what_it_needs_and_nothing_else() {
    let (listing, price) = (Some(ListingId::from_uuid(uuid(1))), Some(eur(1)));
    let bare = |kind| Parts {
        kind,
        listing: None,
        price_per_night: None,
        zone: None,
        services: Services::default(),
    };
    let cairo = Some(zone("Africa/Cairo"));
    let nights = Parts { listing, price_per_night: price, ..bare(ResourceKind::RoomType) };
    assert_eq!(Terms::try_new(nights.clone()), Ok(double_room(eur(1))));
    for (parts, error) in [
        (Parts { listing: None, ..nights.clone() }, TermsError::NoListing),
        (Parts { price_per_night: None, ..nights.clone() }, TermsError::NoPrice),
        (Parts { zone: cairo, ..nights.clone() }, TermsError::NeedlessZone),
        (Parts { services: offered([1]), ..nights }, TermsError::NeedlessServices),
    ] {
        assert_eq!(Terms::try_new(parts), Err(error));
    }
    for kind in [ResourceKind::Room, ResourceKind::Staff, ResourceKind::Equipment] {
        let times = Parts { zone: cairo, ..bare(kind) };
        let terms = Terms::try_new(times.clone()).unwrap();
        assert_eq!((terms.kind(), terms.parts()), (kind, times.clone()));
        assert_eq!((kind.shape(), terms.nights()), (Shape::Times, None));
        assert_eq!(Terms::try_new(bare(kind)), Err(TermsError::NoZone));
        let priced = Parts { price_per_night: price, ..times };
        assert_eq!(Terms::try_new(priced), Err(TermsError::NeedlessPrice));
    }
}

#[test]
fn a_service_is_offered_once_and_not_too_many_are() {
    let ids = |numbers: std::ops::Range<u128>| numbers.map(|n| ListingId::from_uuid(uuid(n)));
    assert!(Services::try_new(ids(0..200)).is_ok());
    assert_eq!(Services::try_new(ids(0..201)), Err(ServicesError::TooMany));
    let one = ListingId::from_uuid(uuid(1));
    assert_eq!(Services::try_new([one, one]), Err(ServicesError::Repeated(one)));
}
