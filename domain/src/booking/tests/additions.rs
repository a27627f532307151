//! What becomes of add-ons when the lines beside them are called off.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::add_on::Charged;
use crate::booking::{Addition, Cut, Given, LineError};
use crate::values::{AddOnId, Quantity};

fn addition(charged: Charged, others: &[Line]) -> Line {
    let what = (AddOnId::from_uuid(uuid(9)), Quantity::ONE);
    let beside = (others, party(2), zone(CAIRO));
    Line::AddOn(Addition::priced(what, (charged, eur(700)), Vec::new(), beside).unwrap())
}

fn beside_two_stays(charged: Charged) -> Lines {
    let mut lines = vec![line(1, 4, eur(1_000)), line(4, 6, eur(1_000))];
    lines.push(addition(charged, &lines));
    Lines::try_new(lines).unwrap()
}

fn without(lines: &Lines, number: usize) -> Cut {
    Portion::Lines(BTreeSet::from([number])).cut(lines).unwrap()
}

fn addition_of(lines: &[Line]) -> Option<(u32, Money)> {
    lines.iter().find_map(|line| match line {
        Line::AddOn(addition) => Some((addition.units(), addition.total())),
        _ => None,
    })
}

#[test]
fn nights_that_go_take_along_what_was_paid_for_by_them() {
    let lines = beside_two_stays(Charged::PerPersonNight);
    assert_eq!(addition_of(lines.as_slice()), Some((10, eur(7_000))));
    let cut = without(&lines, 1);
    assert_eq!(addition_of(&cut.kept), Some((6, eur(4_200))));
    assert_eq!(addition_of(&cut.gone), Some((4, eur(2_800))));
    let asked = &Demands::of(&cut.kept).add_ons[&AddOnId::from_uuid(uuid(9))];
    assert_eq!((asked[0].quantity, asked[0].days), (2, days(date(7, 1), date(7, 4))));
    let sum = cut.gone.iter().chain(&cut.kept).map(Line::total);
    assert_eq!(sum.reduce(|a, b| a.try_add(b).unwrap()), Some(lines.total()));
}

#[test]
fn nights_that_leave_others_out_have_no_add_on_by_the_night() {
    let apart = [line(10, 12, eur(1_000)), line(1, 4, eur(1_000))];
    let what = (AddOnId::from_uuid(uuid(9)), Quantity::ONE);
    let ask = |charged| {
        let beside = (&apart[..], party(2), zone(CAIRO));
        Addition::priced(what, (charged, eur(700)), Vec::new(), beside)
    };
    assert_eq!(ask(Charged::PerNight), Err(LineError::NightsApart));
    assert!(ask(Charged::PerPerson).is_ok());
}

#[test]
fn nights_that_are_left_out_by_calling_off_are_not_paid_for() {
    let stays = [line(1, 4, eur(1_000)), line(4, 6, eur(1_000)), line(6, 7, eur(1_000))];
    let addition = addition(Charged::PerPersonNight, &stays);
    let lines = Lines::try_new([&stays[..], &[addition]].concat()).unwrap();
    assert_eq!(addition_of(lines.as_slice()), Some((12, eur(8_400))));
    let cut = without(&lines, 1);
    assert_eq!(addition_of(&cut.kept), Some((8, eur(5_600))));
    assert_eq!(addition_of(&cut.gone), Some((4, eur(2_800))));
    // then the last night goes as well: what was not paid for is not given back again
    let cut = without(&Lines::try_new(cut.kept).unwrap(), 1);
    assert_eq!(addition_of(&cut.kept), Some((6, eur(4_200))));
    assert_eq!(addition_of(&cut.gone), Some((2, eur(1_400))));
}

#[test]
fn places_that_are_given_back_leave_the_add_ons_beside_them() {
    let places = Line::Places(lines::places(5));
    let addition = addition(Charged::PerPerson, std::slice::from_ref(&places));
    let lines = Lines::try_new(vec![places, addition]).unwrap();
    let given = Given { quantity: Quantity::ONE, seats: Vec::new() };
    let cut = Portion::Places(BTreeMap::from([(0, given)])).cut(&lines).unwrap();
    assert_eq!(addition_of(&cut.kept), addition_of(lines.as_slice()));
    assert_eq!(addition_of(&cut.gone), None);
    let sum = cut.gone.iter().chain(&cut.kept).map(Line::total);
    assert_eq!(sum.reduce(|a, b| a.try_add(b).unwrap()), Some(lines.total()));
}

#[test]
fn what_is_paid_for_once_or_by_person_stays_and_asks_for_no_other_day() {
    for charged in [Charged::Once, Charged::PerPerson] {
        let lines = beside_two_stays(charged);
        let cut = without(&lines, 0);
        assert_eq!(addition_of(&cut.gone), None);
        assert_eq!(addition_of(&cut.kept), addition_of(lines.as_slice()));
        assert_eq!(Demands::of(&cut.kept).add_ons, Demands::of(lines.as_slice()).add_ons);
        // but the booking begins with what is left of it
        assert!(cut.kept.iter().all(|line| line.first_date() == date(7, 4)));
    }
}

#[test]
fn where_no_nights_are_left_all_that_was_for_them_goes() {
    let night = line(1, 4, eur(1_000));
    let mut all = vec![night, Line::Places(lines::places(5))];
    all.push(addition(Charged::PerNight, &all));
    let cut = without(&Lines::try_new(all).unwrap(), 0);
    assert_eq!((cut.kept.len(), cut.gone.len()), (1, 2));
}

#[test]
fn an_add_on_is_called_off_alone_and_takes_nothing_along() {
    let lines = beside_two_stays(Charged::PerNight);
    let cut = without(&lines, 2);
    assert_eq!(
        (cut.gone, cut.kept),
        (lines.as_slice()[2..].to_vec(), lines.as_slice()[..2].to_vec())
    );
}

#[test]
fn what_is_beside_the_same_as_before_is_the_same() {
    let lines = beside_two_stays(Charged::PerPersonNight);
    let mut kept = without(&lines, 1).kept;
    let once = kept.clone();
    crate::booking::follow(&mut kept, party(2), zone(CAIRO)).unwrap();
    assert_eq!(kept, once);
}
