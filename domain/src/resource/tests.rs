//! Rules of the resource.

use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::{Command, Event, Refusal, Resource};
use crate::testing::{at, currency, eur, limits, month, text, uuid};
use crate::values::{ListingId, Money};

fn given(events: impl Into<Vec<Event>>) -> AggregateTestExecutor<Resource> {
    TestFramework::with(()).given(events.into())
}

fn create(price_per_night: Money) -> Command {
    Command::Create {
        listing: ListingId::from_uuid(uuid(1)),
        listing_currency: currency("EUR"),
        name: text("Double room"),
        limits: limits(5, 1),
        price_per_night,
        at: at(0),
    }
}

fn created() -> Event {
    Event::Created {
        listing: ListingId::from_uuid(uuid(1)),
        name: text("Double room"),
        limits: limits(5, 1),
        price_per_night: eur(9_900),
        at: at(0),
    }
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
