//! What a voucher takes off lines.

use super::*;
use crate::booking::{Bill, Line, Lines, Nights, Places};
use crate::pricing::{Charge, TaxCharge};
use crate::testing::{date, range, time, zone};
use crate::values::{Money, ResourceId, Stay};
use crate::voucher::Grant;

const MAIN: ListingId = ListingId::from_uuid(uuid::Uuid::from_u128(2));
const OTHER: ListingId = ListingId::from_uuid(uuid::Uuid::from_u128(3));

pub(super) fn nights(price: Money, count: u32) -> Line {
    let stay = Stay::try_new(date(7, 1), date(7, 3)).unwrap();
    let resource = ResourceId::from_uuid(uuid(4));
    let [arrive, leave] = [time(15, 0), time(11, 0)];
    let zone = zone("Europe/Lisbon");
    let nights = Nights::priced(resource, stay, quantity(count), price, zone, arrive, leave);
    Line::Nights(nights.unwrap())
}

pub(super) fn places(price: Money, count: u32) -> Line {
    let session = SessionId::from_uuid(uuid(5));
    let when = range(at(60), at(120));
    let zone = zone("Europe/Lisbon");
    let places =
        Places::priced(session, offer("adult"), quantity(count), price, when, zone).unwrap();
    Line::Places(places.of_listing(OTHER))
}

pub(super) fn grant(benefit: Benefit) -> Grant {
    let given_out = created(Terms { benefit, ..terms() });
    state(&[given_out]).details().unwrap().grant()
}

fn totals(grant: &Grant, mut lines: Vec<Line>) -> Vec<u64> {
    grant.take_off(&mut lines, MAIN).unwrap();
    lines.iter().map(|line| line.total().minor()).collect()
}

#[test]
fn a_part_is_taken_off_each_line() {
    let lines = vec![nights(eur(10_005), 1), places(eur(333), 1)];
    assert_eq!(totals(&grant(percent(1_000)), lines), [20_010 - 2_001, 333 - 33]);
    assert_eq!(totals(&grant(percent(10_000)), vec![places(eur(333), 1)]), [0]);
}

#[test]
fn an_amount_is_shared_by_what_lines_cost_and_takes_no_more_than_that() {
    let lines = vec![nights(eur(10_000), 1), places(eur(5_000), 2)];
    let off = |minor_units| totals(&grant(Benefit::AmountOff(minor(minor_units))), lines.clone());
    assert_eq!(off(1_000), [20_000 - 667, 10_000 - 333]);
    assert_eq!(off(30_000), [0, 0]);
    assert_eq!(off(99_000), [0, 0]);
}

#[test]
fn a_fixed_price_is_for_each_unit_and_only_if_it_is_lower() {
    let fixed = grant(Benefit::FixedPrice(minor(4_000)));
    let lines = vec![nights(eur(10_000), 2), places(eur(3_999), 2), places(eur(4_001), 3)];
    assert_eq!(totals(&fixed, lines), [4 * 4_000, 2 * 3_999, 3 * 4_000]);
}

#[test]
fn it_is_only_for_the_listings_and_offers_it_names() {
    let lines = || vec![nights(eur(1_000), 1), places(eur(1_000), 1)];
    let listed = |listing| Scope { listings: [listing].into(), ..Scope::default() };
    let offered =
        |name| Scope { offers: Codes::try_new([offer(name)]).unwrap(), ..Scope::default() };
    for (scope, left) in [
        (listed(MAIN), [1_000, 1_000]),
        (listed(OTHER), [2_000, 500]),
        (offered("adult"), [2_000, 500]),
        (offered("child"), [2_000, 1_000]),
    ] {
        let grant = Grant { scope, ..grant(percent(5_000)) };
        assert_eq!(totals(&grant, lines()), left, "{:?}", grant.scope);
    }
    let child = Grant { scope: offered("child"), ..grant(percent(5_000)) };
    let discounts = child.taken_off(&lines(), MAIN).unwrap();
    assert_eq!(discounts, Discounts { basis: None, given: eur(0) });
}

#[test]
fn lines_keep_what_was_taken_off_and_new_ones_share_what_is_left_of_an_amount() {
    let grant = grant(Benefit::AmountOff(minor(1_000)));
    let mut lines = vec![places(eur(5_000), 1), places(eur(5_000), 1)];
    grant.take_off(&mut lines, MAIN).unwrap();
    assert_eq!(grant.taken_off(&lines, MAIN).unwrap().given, eur(1_000));
    lines[1] = places(eur(300), 1); // put off to a cheaper session
    grant.take_off(&mut lines, MAIN).unwrap();
    let left: Vec<_> = lines.iter().map(|line| line.total().minor()).collect();
    assert_eq!(left, [4_500, 0]);
    let discounts = grant.taken_off(&lines, MAIN).unwrap();
    assert_eq!(discounts, Discounts { basis: Some(eur(5_300)), given: eur(800) });
}

#[test]
fn taxes_are_those_of_what_is_left() {
    let tax = |name: &str, rate, included, minor_units| TaxCharge {
        code: offer(name),
        rate,
        included,
        amount: eur(minor_units),
    };
    let rate = |points| Some(Rate::try_new(points).unwrap());
    // 10 % within, 3.00 within, and 5 % on what is left
    let charge = Charge {
        amount: eur(11_300),
        guests: None,
        parts: Vec::new(),
        discount: None,
        taxes: vec![
            tax("vat", rate(1_000), true, 1_000),
            tax("bed", None, true, 300),
            tax("city", rate(500), false, 500),
        ],
    };
    let Line::Places(plain) = places(eur(11_300), 1) else { unreachable!("they are places") };
    let mut lines = vec![Line::Places(plain.charged(charge).unwrap())];
    assert_eq!(lines[0].total(), eur(11_800));
    grant(Benefit::AmountOff(minor(5_500))).take_off(&mut lines, MAIN).unwrap();
    let charge = lines[0].charge().unwrap();
    let taxes: Vec<_> = charge.taxes.iter().map(|tax| tax.amount.minor()).collect();
    assert_eq!((charge.amount, &*taxes), (eur(5_800), &[500, 300, 250][..]));
    let bill = Bill::of(&Lines::try_new(lines.clone()).unwrap()).unwrap();
    assert_eq!((bill.net, bill.total), (eur(5_000), eur(6_050)));
    assert_eq!(bill.discounts[0].amount, eur(5_500));
    // nothing left, nothing taxed
    let mut free = [lines.remove(0)];
    let all =
        free[0].clone().less(crate::pricing::Discount { voucher: code("ALL"), amount: eur(5_800) });
    free[0] = all.unwrap();
    assert_eq!(free[0].total(), eur(0));
}
