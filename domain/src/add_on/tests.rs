//! Rules of the add-on: how many can be had, by whom, and until when.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use cqrs_es::test::{AggregateTestExecutor, TestFramework};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{AddOn, Ask, Charged, Command, Event, Refusal, Stock, Terms};
use crate::booking::{Addition, Line, LineError, Lines, LinesError, Nights};
use crate::pricing::{Rate, TaxCharge};
use crate::testing::{at, booking, currency, date, days, eur, quantity, text, time, uuid, zone};
use crate::values::{
    AddOnId, BookingId, Code, Money, OrganizationId, Party, ResourceId, Stay, Timestamp,
};

fn given(events: impl Into<Vec<Event>>) -> AggregateTestExecutor<AddOn> {
    TestFramework::with(()).given(events.into())
}

fn terms(stock: Stock) -> Terms {
    Terms {
        name: text("Shirt"),
        price: eur(1_500),
        charged: Charged::Once,
        stock,
        max_per_booking: None,
        listings: BTreeSet::new(),
    }
}

fn created(terms: Terms) -> Event {
    let organization = OrganizationId::from_uuid(uuid(1));
    Event::Created { organization, terms: Box::new(terms), at: at(0) }
}

fn on(day: NaiveDate, quantity: u32) -> Ask {
    Ask { quantity, days: days(day, day.succ_opt().unwrap()) }
}

fn ask(quantity: u32) -> Vec<Ask> {
    vec![on(date(7, 1), quantity)]
}

fn take(who: u128, asks: Vec<Ask>, until: Option<i64>, now: i64) -> Command {
    Command::Take { booking: booking(who), asks, until: until.map(at), at: at(now) }
}

fn taken(who: u128, asks: Vec<Ask>, until: Option<i64>, now: i64) -> Event {
    Event::Taken { booking: booking(who), asks, until: until.map(at), at: at(now) }
}

fn sold_out(day: Option<NaiveDate>, free: u32, asked: u32) -> Refusal {
    Refusal::SoldOut { day, free, asked }
}

#[test]
fn as_many_are_had_as_there_are() {
    let events = [created(terms(Stock::Total(3))), taken(1, ask(2), None, 1)];
    given(events.clone()).when(take(2, ask(1), None, 2)).then_expect_events(vec![taken(
        2,
        ask(1),
        None,
        2,
    )]);
    given(events).when(take(2, ask(2), None, 2)).then_expect_error(sold_out(None, 1, 2));
    let endless = [created(terms(Stock::Unlimited))];
    given(endless).when(take(2, ask(9_000), None, 2)).then_expect_events(vec![taken(
        2,
        ask(9_000),
        None,
        2,
    )]);
}

#[test]
fn each_day_has_a_stock_of_its_own() {
    let stay = Ask { quantity: 2, days: days(date(7, 1), date(7, 4)) };
    let events = [created(terms(Stock::PerDay(3))), taken(1, vec![stay], None, 1)];
    let attempt = |day, count| given(events.clone()).when(take(2, vec![on(day, count)], None, 2));
    attempt(date(7, 3), 2).then_expect_error(sold_out(Some(date(7, 3)), 1, 2));
    attempt(date(7, 4), 3).then_expect_events(vec![taken(2, vec![on(date(7, 4), 3)], None, 2)]);
}

#[test]
fn a_hold_counts_until_its_deadline_and_not_at_it() {
    let events = [created(terms(Stock::Total(2))), taken(1, ask(2), Some(15), 0)];
    let attempt = |now| given(events.clone()).when(take(2, ask(1), None, now));
    attempt(14).then_expect_error(sold_out(None, 0, 1));
    attempt(15).then_expect_events(vec![taken(2, ask(1), None, 15)]);
    let confirm =
        |now| given(events.clone()).when(Command::Confirm { booking: booking(1), at: at(now) });
    confirm(14).then_expect_events(vec![Event::Confirmed { booking: booking(1), at: at(14) }]);
    confirm(15).then_expect_error(Refusal::HoldEnded { at: at(15) });
}

#[test]
fn a_hold_that_was_passed_over_is_confirmed_only_if_it_still_fits() {
    let confirm = || Command::Confirm { booking: booking(1), at: at(14) };
    let events = |stock| {
        [
            created(terms(Stock::Total(stock))),
            taken(1, ask(2), Some(15), 0),
            taken(2, ask(1), None, 15),
        ]
    };
    given(events(2)).when(confirm()).then_expect_error(Refusal::HoldEnded { at: at(15) });
    let confirmed = Event::Confirmed { booking: booking(1), at: at(14) };
    given(events(3)).when(confirm()).then_expect_events(vec![confirmed]);
    given([created(terms(Stock::Total(1)))]).when(confirm()).then_expect_error(Refusal::NotTaken);
}

#[test]
fn what_is_given_back_can_be_had_and_repeats_leave_no_trace() {
    let events = [created(terms(Stock::Total(2))), taken(1, ask(2), None, 0)];
    given(events.clone()).when(take(1, ask(2), None, 1)).then_expect_events(vec![]);
    given(events.clone()).when(take(1, ask(1), None, 1)).then_expect_events(vec![taken(
        1,
        ask(1),
        None,
        1,
    )]);
    let released = Event::Released { booking: booking(1), at: at(1) };
    given(events.clone()).when(take(1, vec![], None, 1)).then_expect_events(vec![released.clone()]);
    let release = |who| Command::Release { booking: booking(who), at: at(1) };
    given(events.clone()).when(release(1)).then_expect_events(vec![released.clone()]);
    given(events.clone()).when(release(2)).then_expect_events(vec![]);
    let [offered, first] = events;
    given([offered, first, released])
        .when(take(2, ask(2), None, 2))
        .then_expect_events(vec![taken(2, ask(2), None, 2)]);
}

#[test]
fn one_booking_has_so_many_and_keeps_what_it_has() {
    let few = Terms { max_per_booking: Some(quantity(2)), ..terms(Stock::Total(9)) };
    given([created(few.clone())])
        .when(take(1, ask(3), None, 1))
        .then_expect_error(Refusal::TooMany { asked: 3, most: 2 });
    let gone = [created(few), taken(1, ask(2), None, 0), Event::Withdrawn { at: at(1) }];
    given(gone.clone()).when(take(2, ask(1), None, 2)).then_expect_error(Refusal::Withdrawn);
    given(gone).when(take(1, ask(1), None, 2)).then_expect_events(vec![taken(1, ask(1), None, 2)]);
}

#[test]
fn a_stock_below_what_is_taken_takes_nothing_back() {
    let mut fewer = terms(Stock::Total(1));
    let revise = |terms: Terms| Command::Revise { terms: Box::new(terms), at: at(2) };
    let events = [created(terms(Stock::Total(3))), taken(1, ask(3), None, 1)];
    let mut add_on = AddOn::default();
    for event in &events {
        add_on.evolve(event);
    }
    for event in add_on.decide(revise(fewer.clone())).unwrap() {
        add_on.evolve(&event);
    }
    assert_eq!((add_on.left(date(7, 1), at(3)), add_on.terms_version()), (Some(0), 3));
    assert_eq!(add_on.decide(take(2, ask(1), None, 3)), Err(sold_out(None, 0, 1)));
    assert!(add_on.decide(take(1, ask(2), None, 3)).is_ok());
    fewer.stock = Stock::PerDay(1);
    assert_eq!(add_on.decide(revise(fewer.clone())), Err(Refusal::OtherStock));
    fewer.stock = Stock::Total(1);
    fewer.price = Money::try_new(1, currency("JPY")).unwrap();
    assert_eq!(add_on.decide(revise(fewer)), Err(Refusal::CurrencyMismatch));
}

/// What counts on each day, straight from the events.
fn counted(events: &[Event], now: Timestamp) -> BTreeMap<NaiveDate, u32> {
    let mut live: BTreeMap<BookingId, (Vec<Ask>, Option<Timestamp>)> = BTreeMap::new();
    for event in events {
        match event {
            Event::Taken { booking, asks, until, .. } => {
                live.insert(*booking, (asks.clone(), *until));
            }
            Event::Confirmed { booking, .. } => {
                live.entry(*booking).and_modify(|own| own.1 = None);
            }
            Event::Released { booking, .. } => {
                live.remove(booking);
            }
            Event::Created { .. } | Event::Revised(_) | Event::Withdrawn { .. } => {}
        }
    }
    let mut by_day = BTreeMap::new();
    for (asks, until) in live.values() {
        if until.is_none_or(|until| now < until) {
            for ask in asks {
                ask.days.iter().for_each(|day| *by_day.entry(day).or_default() += ask.quantity);
            }
        }
    }
    by_day
}

proptest! {
    #[test]
    fn whatever_happens_no_day_has_more_than_its_stock(
        steps in vec((0_u8..5, 1_u128..7, 1_u32..4, 1_u32..5, 1_i64..40), 1..60),
    ) {
        let mut events = vec![created(terms(Stock::PerDay(4)))];
        let mut add_on = AddOn::default();
        add_on.evolve(&events[0]);
        for (number, (kind, who, count, first, length)) in steps.into_iter().enumerate() {
            let now = i64::try_from(number).unwrap() * 3;
            let span = Ask { quantity: count, days: days(date(7, first), date(7, first + 2)) };
            let command = match kind {
                0 => take(who, vec![span], None, now),
                1 | 2 => take(who, vec![span], Some(now + length), now),
                3 => Command::Confirm { booking: booking(who), at: at(now) },
                _ => Command::Release { booking: booking(who), at: at(now) },
            };
            let Ok(new) = add_on.decide(command) else { continue };
            for event in &new {
                add_on.evolve(event);
            }
            events.extend(new);
            for (day, taken) in counted(&events, at(now)) {
                prop_assert!(taken <= 4, "{} on {}", taken, day);
                prop_assert_eq!(add_on.left(day, at(now)), Some(4 - taken));
            }
        }
        let stored = serde_json::to_string(&add_on).unwrap();
        prop_assert_eq!(serde_json::from_str::<AddOn>(&stored).unwrap(), add_on);
    }
}

fn stay(departure: u32) -> Line {
    let stay = Stay::try_new(date(7, 1), date(7, departure)).unwrap();
    let resource = ResourceId::from_uuid(uuid(4));
    let [arrive, leave] = [time(15, 0), time(11, 0)];
    let here = zone("Europe/Lisbon");
    Line::Nights(
        Nights::priced(resource, stay, quantity(1), eur(10_000), here, arrive, leave).unwrap(),
    )
}

fn addition(charged: Charged, others: &[Line], party: Party) -> Result<Addition, LineError> {
    let wanted = (AddOnId::from_uuid(uuid(9)), quantity(2));
    let tax = TaxCharge {
        code: Code::try_new("vat").unwrap(),
        rate: Some(Rate::try_new(1_000).unwrap()),
        included: false,
        amount: eur(0),
    };
    Addition::priced(wanted, (charged, eur(500)), vec![tax], (others, party, zone("Europe/Lisbon")))
}

#[test]
fn an_add_on_is_paid_for_once_by_night_by_person_or_by_both() {
    let family = Party::try_new(2, 1, 1).unwrap();
    for (charged, units, pieces) in [
        (Charged::Once, 2, 2),
        (Charged::PerNight, 2 * 3, 2),
        (Charged::PerPerson, 2 * 3, 2 * 3),
        (Charged::PerPersonNight, 2 * 3 * 3, 2 * 3),
    ] {
        let line = addition(charged, &[stay(4)], family).unwrap();
        assert_eq!((line.units(), line.ask().quantity), (units, pieces), "{charged:?}");
        assert_eq!(line.total(), eur(u64::from(units) * 550), "a tenth of taxes on it");
        let nights = if charged.by_night() { 3 } else { 1 };
        assert_eq!(line.ask().days.count(), nights, "{charged:?}");
    }
}

#[test]
fn an_add_on_follows_from_what_it_is_beside() {
    let party = Party::default();
    let mut lines =
        vec![stay(3), Line::AddOn(addition(Charged::PerNight, &[stay(3)], party).unwrap())];
    lines[0] = stay(8);
    crate::booking::follow(&mut lines, party, zone("Europe/Lisbon")).unwrap();
    assert_eq!((lines[1].total(), lines[1].ends_at()), (eur(2 * 7 * 550), lines[0].ends_at()));
    assert_eq!(addition(Charged::Once, &[], party), Err(LineError::Alone));
    let only = Lines::try_new(lines.split_off(1));
    assert_eq!(only.unwrap_err(), LinesError::OnlyAddOns);
}
