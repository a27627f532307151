//! Taxes and deposits.

use serde_json::{Value, json};

use super::*;
use crate::pricing::{Deposit, Due};

fn taxes(json: Value) -> Taxes {
    serde_json::from_value(json).unwrap()
}

fn shown(item: &Item<'_>, of: Value) -> (Vec<u64>, u64) {
    let charge = item.charge(None, &taxes(of)).unwrap();
    let amounts = charge.taxes.iter().map(|tax| tax.amount.minor()).collect();
    (amounts, charge.total().unwrap().minor())
}

fn tax(code: &str, basis: &str, value: u64, included: bool) -> Value {
    json!({"code": code, "name": {"en": code}, basis: value, "included": included})
}

#[test]
fn an_included_tax_is_shown_out_of_the_price_and_another_is_added() {
    let night = nights(1, 2, eur(11_600));
    assert_eq!(shown(&night, json!([tax("vat", "rate", 1_600, true)])), (vec![1_600], 11_600));
    assert_eq!(shown(&night, json!([tax("vat", "rate", 1_600, false)])), (vec![1_856], 13_456));
    let both = json!([tax("vat", "rate", 1_600, true), tax("city", "rate", 500, false)]);
    assert_eq!(shown(&night, both), (vec![1_600, 500], 12_100));
}

#[test]
fn taxes_by_the_night_count_rooms_and_people() {
    let rooms = Item { quantity: quantity(2), party: party(2, 1), ..nights(1, 4, eur(10_000)) };
    let of =
        json!([tax("room", "per_night", 150, false), tax("head", "per_person_night", 100, false)]);
    assert_eq!(shown(&rooms, of.clone()), (vec![900, 900], 61_800));
    assert_eq!(shown(&places(2, eur(500)), of), (vec![], 1_000));
}

#[test]
fn what_is_included_is_never_more_than_the_price() {
    let cheap = nights(1, 2, eur(100));
    let of = json!([tax("room", "per_night", 150, true), tax("vat", "rate", 1_600, true)]);
    assert_eq!(shown(&cheap, of), (vec![100, 0], 100));
}

#[test]
fn a_tax_has_one_basis_and_a_code_of_its_own() {
    for wrong in [
        json!([{"code": "a", "name": {"en": "A"}}]),
        json!([{"code": "a", "name": {"en": "A"}, "rate": 1, "per_night": 1}]),
        json!([{"code": "a", "name": {"en": "A"}, "rate": 10_001}]),
        json!([tax("a", "rate", 1, true), tax("a", "rate", 2, true)]),
    ] {
        assert!(serde_json::from_value::<Taxes>(wrong.clone()).is_err(), "{wrong}");
    }
}

#[test]
fn a_deposit_is_due_now_and_the_balance_before_the_start() {
    let deposit = |json: Value| serde_json::from_value::<Deposit>(json).unwrap();
    let third = deposit(json!({"percent": 3_333, "balance_days_before": 14}));
    let due = third.due(eur(10_000), date(7, 20), date(7, 1)).unwrap();
    let later = Due { now: eur(3_333), balance: eur(6_667), balance_on: Some(date(7, 6)) };
    assert_eq!(due, later);
    let all = Due { now: eur(10_000), balance: eur(0), balance_on: None };
    assert_eq!(third.due(eur(10_000), date(7, 20), date(7, 6)).unwrap(), all);
    let fixed = deposit(json!({"amount": 20_000}));
    assert_eq!(fixed.due(eur(10_000), date(7, 20), date(7, 1)).unwrap(), all);
    for wrong in [json!({}), json!({"percent": 1, "amount": 1}), json!({"percent": 10_001})] {
        assert!(serde_json::from_value::<Deposit>(wrong).is_err());
    }
}
