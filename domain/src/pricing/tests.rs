//! Prices of lines, rule by rule.

mod laws;
mod taxes;

use serde_json::{Value, json};

use super::{Charge, Guests, Item, PricingError, Tariff, Taxes, When};
use crate::testing::{currency, date, eur, quantity};
use crate::values::{Money, Party, Stay};

fn tariff(json: Value) -> Tariff {
    serde_json::from_value(json).unwrap()
}

fn rules(rules: &Value) -> Tariff {
    tariff(json!({ "rules": rules }))
}

fn guests(json: Value) -> Guests {
    serde_json::from_value(json).unwrap()
}

fn party(adults: u16, children: u16) -> Party {
    Party::try_new(adults, children, 0).unwrap()
}

/// Nights of July 2016 for two adults; the 1st is a Friday.
fn nights(first: u32, last: u32, base: Money) -> Item<'static> {
    let stay = Stay::try_new(date(7, first), date(7, last)).unwrap();
    Item {
        base,
        agreed: false,
        when: When::Nights(stay),
        quantity: quantity(1),
        guests: None,
        party: party(2, 0),
        alone: true,
        days_before: 10,
    }
}

/// Places of an evening of two hours on a Friday.
fn places(count: u32, base: Money) -> Item<'static> {
    let when = When::Places { on: date(7, 1), minutes: 120 };
    Item { when, quantity: quantity(count), ..nights(1, 2, base) }
}

fn charge(item: &Item<'_>, tariff: &Tariff) -> Charge {
    item.charge(Some(tariff), &Taxes::default()).unwrap()
}

fn amount(item: &Item<'_>, tariff: &Tariff) -> Money {
    charge(item, tariff).amount
}

#[test]
fn each_night_is_priced_by_its_own_date_and_weekday() {
    let tariff = rules(&json!([
        {"code": "july", "dates": {"first": "2016-07-02", "end": "2016-07-04"}, "set": 20_000},
        {"code": "weekend", "weekdays": ["friday", "saturday"], "percent": 1_000},
    ]));
    let charge = charge(&nights(1, 5, eur(10_000)), &tariff);
    assert_eq!(charge.amount, eur(11_000 + 22_000 + 20_000 + 10_000));
    let told: Vec<_> = charge.parts.iter().map(|part| (part.units, part.amount)).collect();
    assert_eq!(told, [(1, eur(11_000)), (1, eur(22_000)), (1, eur(20_000)), (1, eur(10_000))]);
    let why: Vec<_> = charge.parts[1].rules.iter().map(|applied| applied.rule.as_str()).collect();
    assert_eq!(why, ["july", "weekend"]);
}

#[test]
fn nights_that_cost_the_same_are_told_together() {
    let tariff = rules(&json!([{"code": "long", "length": {"least": 7}, "percent": -1_000}]));
    let charge = charge(&nights(1, 8, eur(10_000)), &tariff);
    assert_eq!((charge.amount, charge.parts.len()), (eur(63_000), 1));
    assert_eq!((charge.parts[0].units, charge.parts[0].days.unwrap().count()), (7, 7));
    assert_eq!(amount(&nights(1, 7, eur(10_000)), &tariff), eur(60_000));
}

#[test]
fn proportions_are_added_up_and_amounts_come_last() {
    let tariff = rules(&json!([
        {"code": "fixed", "amount": -500},
        {"code": "one", "percent": 2_000},
        {"code": "two", "percent": -1_000},
    ]));
    assert_eq!(amount(&nights(1, 2, eur(10_000)), &tariff), eur(10_500));
}

#[test]
fn the_first_price_that_is_set_wins() {
    let tariff = rules(&json!([
        {"code": "never", "party": {"least": 9}, "set": 1},
        {"code": "first", "set": 7_000},
        {"code": "second", "set": 5_000},
    ]));
    let charge = charge(&nights(1, 2, eur(10_000)), &tariff);
    assert_eq!((charge.amount, charge.parts[0].rules.len()), (eur(7_000), 1));
}

#[test]
fn nothing_costs_less_than_nothing() {
    for effect in ["percent", "amount"] {
        let tariff = rules(&json!([
            {"code": "one", effect: -10_000},
            {"code": "two", effect: -10_000},
            {"code": "three", "percent": 100},
        ]));
        assert_eq!(amount(&nights(1, 2, eur(10_000)), &tariff), eur(0));
    }
}

#[test]
fn early_and_late_bookings_have_their_prices() {
    let tariff = rules(&json!([
        {"code": "early", "booked_days_before": {"least": 30}, "percent": -2_000},
        {"code": "late", "booked_days_before": {"most": 2}, "percent": 5_000},
    ]));
    for (days_before, price) in [(30, 8_000), (29, 10_000), (3, 10_000), (2, 15_000), (-1, 15_000)]
    {
        let item = Item { days_before, ..nights(1, 2, eur(10_000)) };
        assert_eq!(amount(&item, &tariff), eur(price), "{days_before}");
    }
}

#[test]
fn a_party_counts_as_many_as_come() {
    let tariff = rules(&json!([{"code": "group", "party": {"least": 3}, "percent": -500}]));
    let few = nights(1, 2, eur(10_000));
    assert_eq!(amount(&few, &tariff), eur(10_000));
    assert_eq!(amount(&Item { party: party(2, 1), ..few }, &tariff), eur(9_500));
    assert_eq!(amount(&places(3, eur(1_000)), &tariff), eur(2_850));
    assert_eq!(amount(&places(2, eur(1_000)), &tariff), eur(2_000));
}

#[test]
fn guests_beyond_those_included_pay_for_each_night() {
    let tariff = tariff(json!({
        "rules": [
            {"code": "weekend", "weekdays": ["friday"], "percent": 1_000},
            {"code": "summer-children", "guest": "child", "percent": -5_000},
        ],
        "guests": {
            "included": 2,
            "categories": {"adult": {"amount": 3_000}, "child": {"percent": 5_000}},
        },
    }));
    // a child is the third guest, whatever it is named first; babies are in no category
    let party = Party::try_new(2, 1, 1).unwrap();
    let family = Item { party, ..nights(1, 3, eur(10_000)) };
    assert_eq!(amount(&family, &tariff), eur(11_000 + 10_000 + 2 * 750));
    let four = guests(json!({"adult": 4, "child": 0}));
    let four = Item { guests: Some(&four), ..family };
    assert_eq!(amount(&four, &tariff), eur(21_000 + 2 * 2 * 3_000));
    let two_rooms = Item { quantity: quantity(2), ..four };
    assert_eq!(amount(&two_rooms, &tariff), eur(42_000));
}

#[test]
fn several_lines_of_nights_say_who_sleeps_where() {
    let tariff = tariff(json!({"guests": {"included": 1, "categories": {}}}));
    let one_of_two = Item { alone: false, ..nights(1, 3, eur(10_000)) };
    let unsaid = one_of_two.charge(Some(&tariff), &Taxes::default());
    assert_eq!(unsaid, Err(PricingError::WhoSleepsWhere));
    let said = guests(json!({"adult": 2}));
    let said = Item { guests: Some(&said), ..one_of_two };
    assert_eq!(amount(&said, &tariff), eur(20_000));
}

#[test]
fn places_are_priced_by_category() {
    let tariff = tariff(json!({
        "rules": [
            {"code": "july", "set": 30_000},
            {"code": "resident-friday", "guest": "resident", "weekdays": ["friday"], "set": 4_000},
        ],
        "guests": {"categories": {"child": {"percent": 5_000}, "resident": {"amount": 5_000}}},
    }));
    let jod = |minor| Money::try_new(minor, currency("JOD")).unwrap();
    let who = guests(json!({"adult": 2, "child": 1, "resident": 1}));
    let item = Item { guests: Some(&who), ..places(4, jod(20_000)) };
    let charge = charge(&item, &tariff);
    assert_eq!(charge.amount, jod(60_000 + 15_000 + 4_000));
    assert_eq!(charge.guests, Some(who));
    let adults = places(4, jod(20_000));
    assert_eq!(amount(&adults, &tariff), jod(120_000), "who is not said is an adult");
}

#[test]
fn guests_have_to_be_known_and_as_many_as_places() {
    let tariff = tariff(json!({"guests": {"categories": {"child": {}}}}));
    let none = Taxes::default();
    let three = guests(json!({"adult": 2, "child": 1}));
    let two_places = Item { guests: Some(&three), ..places(2, eur(100)) };
    let count = PricingError::GuestCount { guests: 3, quantity: 2 };
    assert_eq!(two_places.charge(Some(&tariff), &none), Err(count));
    let strange = guests(json!({"adult": 1, "alien": 1}));
    let strange = Item { guests: Some(&strange), ..two_places };
    let alien = PricingError::UnknownGuests("alien".parse().unwrap());
    assert_eq!(strange.charge(Some(&tariff), &none), Err(alien));
    let hours = When::Hours { on: date(7, 1), minutes: 60 };
    let room = Item { when: hours, ..two_places };
    assert_eq!(room.charge(Some(&tariff), &none), Err(PricingError::NeedlessGuests));
}

#[test]
fn hours_are_rounded_once_however_many_rooms_there_are() {
    let when = When::Hours { on: date(7, 1), minutes: 50 };
    let rooms = Item { when, quantity: quantity(3), ..nights(1, 2, eur(1_001)) };
    // 3 × 50 / 60 × 10.01 = 25.025
    assert_eq!(rooms.charge(None, &Taxes::default()).unwrap().amount, eur(2_503));
    let tenth = rules(&json!([{"code": "tenth", "percent": -9_000}]));
    assert_eq!(amount(&rooms, &tenth), eur(250));
}

#[test]
fn a_tariff_that_contradicts_itself_is_refused() {
    for (wrong, told) in [
        (json!({"rules": [{"code": "none"}]}), "give one of"),
        (json!({"rules": [{"code": "two", "set": 1, "percent": 1}]}), "give one of"),
        (json!({"rules": [{"code": "a", "set": 1}, {"code": "a", "set": 2}]}), "another rule"),
        (json!({"rules": [{"code": "a", "percent": -10_001}]}), "-10001"),
        (json!({"rules": [{"code": "a", "set": -1}]}), "-1"),
        (json!({"rules": [{"code": "a", "party": {}, "set": 1}]}), "`least`"),
        (json!({"rules": [{"code": "a", "party": {"least": 2, "most": 1}, "set": 1}]}), "nothing"),
        (json!({"rules": [{"code": "a", "guest": "child", "set": 1}]}), "no category"),
        (json!({"guests": {"categories": {"adult": {"percent": 5_000}}}}), "adults"),
        (json!({"guests": {"categories": {"child": {"percent": 1, "amount": 1}}}}), "not both"),
        (json!({"rule": []}), "unknown field"),
    ] {
        let error = serde_json::from_value::<Tariff>(wrong.clone()).unwrap_err().to_string();
        assert!(error.contains(told), "{wrong}: {error}");
    }
}
