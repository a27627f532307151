//! What changes cost, and what is called off in part.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::lines::places;
use super::*;
use crate::booking::{Given, Paid, Places};
use crate::policy::Policy;
use crate::pricing::{Guests, Item, Taxes, When};
use crate::testing::utc;

/// Half is kept from a week before on; until a day before, anything can be changed for 7.00.
fn policy() -> Option<Arc<Policy>> {
    let tiers = json!([{"until": {"days_before": 7}}, {"fee": {"percent": 5_000}}]);
    let changes = json!({"until": {"days_before": 1}, "fee": {"amount": 700}});
    serde_json::from_value(json!({"tiers": tiers, "changes": changes})).unwrap()
}

/// Two rooms for three nights of 5.00 from 10 July on: 30.00.
fn agreed() -> Terms {
    terms_of(vec![line(10, 13, eur(500))]).unwrap().under(policy(), None)
}

fn booked() -> Event {
    Event::Booked { terms: agreed(), at: at(0) }
}

fn paid(minor: u64) -> ChangeTerms {
    ChangeTerms { paid: Some(Paid { taken: eur(minor), returned: eur(0) }), waived: false }
}

/// To 20 July, at a price.
fn put_off(price: u64, terms: ChangeTerms, at: Timestamp) -> Command {
    let lines = Lines::try_new(vec![line(20, 23, eur(price))]).unwrap();
    Command::Reschedule { lines, terms, at }
}

fn rescheduled(price: u64, fee: u64, refund: u64, at: Timestamp) -> Event {
    let lines = Lines::try_new(vec![line(20, 23, eur(price))]).unwrap();
    let (total, fee, refund) = (lines.total(), Some(eur(fee)), Some(eur(refund)));
    Event::Rescheduled { lines, total, fee, refund, at }
}

fn early() -> Timestamp {
    utc("2016-07-01T09:00:00Z")
}

/// Within the last week before the arrival.
fn late() -> Timestamp {
    utc("2016-07-05T09:00:00Z")
}

#[test]
fn a_change_costs_its_fee_and_what_is_paid_too_much_is_given_back() {
    // as dear as before: the fee is owed, and nothing is given back
    given([booked()])
        .when(put_off(500, paid(3_000), early()))
        .then_expect_events(vec![rescheduled(500, 700, 0, early())]);
    // dearer: the difference is owed as well
    given([booked()])
        .when(put_off(600, paid(3_000), early()))
        .then_expect_events(vec![rescheduled(600, 700, 0, early())]);
    // cheaper while calling off is free: the difference comes back, less the fee
    given([booked()])
        .when(put_off(300, paid(3_000), early()))
        .then_expect_events(vec![rescheduled(300, 700, 500, early())]);
}

#[test]
fn what_a_change_makes_cheaper_is_called_off() {
    // 12.00 less, of which half is kept
    let cheaper = rescheduled(300, 700 + 600, 0, late());
    given([booked()])
        .when(put_off(300, paid(3_000), late()))
        .then_expect_events(vec![cheaper.clone()]);
    // for what is left of it, half is kept again, and nothing twice
    let paid = Paid { taken: eur(3_100), returned: eur(0) };
    let (terms, at) = (CancelTerms { paid: Some(paid), quote: None }, utc("2016-07-15T09:00:00Z"));
    let (fee, refund) = (Some(eur(900)), Some(eur(900)));
    given([booked(), cheaper])
        .when(Command::Cancel { reason: None, terms, at })
        .then_expect_events(vec![Event::Cancelled { reason: None, fee, refund, at }]);
}

#[test]
fn it_can_be_changed_until_the_deadline_and_not_a_moment_later() {
    // midnight in Cairo, the day before the arrival being over
    let last = utc("2016-07-09T21:59:59.999999Z");
    let kept = rescheduled(500, 700, 0, last);
    given([booked()]).when(put_off(500, AS_IT_IS, last)).then_expect_events(vec![kept]);
    let over = utc("2016-07-09T22:00:00Z");
    given([booked()])
        .when(put_off(500, AS_IT_IS, over))
        .then_expect_error(Refusal::TooLateToChange { at: last });
    let waived = ChangeTerms { waived: true, ..AS_IT_IS };
    let free = rescheduled(500, 0, 0, over);
    given([booked()]).when(put_off(500, waived, over)).then_expect_events(vec![free]);
}

#[test]
fn what_is_not_for_good_changes_for_nothing() {
    let held = Event::Held { terms: agreed(), until: late(), at: at(0) };
    let free = rescheduled(300, 0, 0, early());
    given([held]).when(put_off(300, AS_IT_IS, early())).then_expect_events(vec![free]);
}

fn some(number: usize, count: u32) -> Portion {
    let given = Given { quantity: quantity(count), seats: Vec::new() };
    Portion::Places(BTreeMap::from([(number, given)]))
}

/// Places of an evening with a tax in the price and another one on top.
fn charged(count: u32, price: Money, guests: Value) -> Places {
    let (one, quantity) = (places(7), quantity(count));
    let (offer, time, zone) = (one.offer().clone(), one.time(), one.zone());
    let of = Places::priced(one.session(), offer, quantity, price, time, zone).unwrap();
    let taxes: Taxes = serde_json::from_value(json!([
        {"code": "vat", "name": {"en": "VAT"}, "rate": 1_600, "included": true},
        {"code": "city", "name": {"en": "City"}, "rate": 333},
    ]))
    .unwrap();
    let guests: Option<Guests> = serde_json::from_value(guests).unwrap();
    let item = Item {
        base: price,
        agreed: false,
        when: When::Places { on: date(7, 31), minutes: 120 },
        quantity,
        guests: guests.as_ref(),
        party: party(1),
        alone: true,
        days_before: 5,
    };
    let tariff = json!({"guests": {"categories": {"child": {"percent": 5_000}}}});
    let tariff = serde_json::from_value(tariff).unwrap();
    of.charged(item.charge(Some(&tariff), &taxes).unwrap()).unwrap()
}

fn lines_of(places: &Places) -> Lines {
    Lines::try_new(vec![Line::Places(places.clone())]).unwrap()
}

#[test]
fn some_places_of_a_line_are_called_off() {
    let four = charged(4, eur(2_000), Value::Null);
    let terms = terms_of(vec![line(1, 4, eur(1_000)), Line::Places(four.clone())]);
    let booked = Event::Booked { terms: terms.unwrap(), at: at(0) };
    let cancel = |portion| {
        let terms = CancelTerms::NONE;
        Command::CancelPortion { portion, reason: None, terms, at: at(1) }
    };
    let events = given([booked.clone()]).when(cancel(some(1, 1))).inspect_result().unwrap();
    let [Event::LinesCancelled { cancelled, lines, total, .. }] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!((cancelled.len(), lines.as_slice().len()), (1, 2));
    assert_eq!(cancelled[0].quantity(), quantity(1));
    assert_eq!(lines.as_slice()[1].quantity(), quantity(3));
    let before = eur(6_000).try_add(four.total()).unwrap();
    assert_eq!(cancelled[0].total().try_add(*total), Ok(before));
    // all of them are the line itself
    let events = given([booked.clone()]).when(cancel(some(1, 4))).inspect_result().unwrap();
    let [Event::LinesCancelled { cancelled, lines, .. }] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!((cancelled, lines.as_slice().len()), (&vec![Line::Places(four)], 1));
    for (portion, refusal) in [
        (some(1, 5), Refusal::UnknownPlaces { number: 1 }),
        (some(0, 1), Refusal::UnknownPlaces { number: 0 }),
        (some(2, 1), Refusal::UnknownLine { number: 2 }),
    ] {
        given([booked.clone()]).when(cancel(portion)).then_expect_error(refusal);
    }
}

#[test]
fn guests_who_pay_differently_have_to_be_told_apart() {
    let mixed = charged(3, eur(2_000), json!({"adult": 1, "child": 2}));
    assert_eq!(some(0, 1).cut(&lines_of(&mixed)), Err(Refusal::GuestsUnclear { number: 0 }));
    let cut = some(0, 2).cut(&lines_of(&charged(3, eur(2_000), json!({"child": 3})))).unwrap();
    let count = |line: &Line| line.guests().map(Guests::count);
    assert_eq!((count(&cut.gone[0]), count(&cut.kept[0])), (Some(2), Some(1)));
}

proptest! {
    #[test]
    fn parts_of_a_line_add_up_to_it(
        count in 1..40_u32,
        gone in 1..40_u32,
        minor in 0..1_000_000_u64,
        code in prop::sample::select(vec!["JPY", "EUR", "JOD"]),
    ) {
        let all = charged(count, Money::try_new(minor, currency(code)).unwrap(), Value::Null);
        let Ok(cut) = some(0, gone).cut(&lines_of(&all)) else {
            prop_assert!(gone > count);
            return Ok(());
        };
        let all = Line::Places(all);
        let sum = |of: fn(&Line) -> u64| cut.gone.iter().chain(&cut.kept).map(of).sum::<u64>();
        prop_assert_eq!(sum(|line| line.quantity().get().into()), u64::from(count));
        prop_assert_eq!(sum(|line| line.total().minor()), all.total().minor());
        prop_assert_eq!(sum(|line| line.amount().minor()), all.amount().minor());
        let taxes = |line: &Line| {
            let taxes = line.charge().map(|charge| charge.taxes.iter().map(|t| t.amount.minor()));
            taxes.into_iter().flatten().sum()
        };
        prop_assert_eq!(sum(taxes), taxes(&all));
        for line in cut.gone.iter().chain(&cut.kept) {
            prop_assert_eq!(line.charge().unwrap().total(), Ok(line.total()));
        }
    }
}
