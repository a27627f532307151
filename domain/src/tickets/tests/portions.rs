//! Tickets that are given up, and what of their booking is called off with them.

use std::collections::BTreeMap;

use super::*;
use crate::booking::{Given, Line, Places, Portion};
use crate::testing::{eur, quantity, utc, zone};
use crate::values::Seat;

fn line(evening: u128, offer: &str, count: u32, seats: &[&str]) -> Line {
    let time = range(utc("2016-07-31T17:00:00Z"), utc("2016-07-31T19:00:00Z"));
    let (session, offer, price) = (session(evening), code(offer), eur(2_000));
    let places = Places::priced(session, offer, quantity(count), price, time, zone("Asia/Amman"));
    Line::Places(places.unwrap().seated(seats_of(seats)))
}

fn seats_of(seats: &[&str]) -> Vec<Seat> {
    seats.iter().map(|seat| seat.parse().expect("a seat")).collect()
}

fn given(count: u32, seats: &[&str]) -> Given {
    Given { quantity: quantity(count), seats: seats_of(seats) }
}

fn portion(events: &[Event], numbers: &[u32], lines: &[Line]) -> Result<Portion, Refusal> {
    state(events).portion(&numbers.iter().copied().map(number).collect(), lines)
}

#[test]
fn tickets_name_the_places_they_are_for() {
    let (a1, a2) = ("stalls/A-1", "stalls/A-2");
    let lines = [line(1, "lawn", 2, &[]), line(1, "stalls", 2, &[a1, a2]), line(2, "lawn", 1, &[])];
    let tickets = issued(&[
        place(1, "lawn", None),
        place(1, "lawn", None),
        place(1, "stalls", Some(a1)),
        place(1, "stalls", Some(a2)),
        place(2, "lawn", None),
    ]);
    let tickets = [tickets];
    let expected = BTreeMap::from([(0, given(1, &[])), (1, given(1, &[a2]))]);
    assert_eq!(portion(&tickets, &[2, 4], &lines), Ok(Portion::Places(expected)));
    assert_eq!(portion(&tickets, &[6], &lines), Err(Refusal::NotFound));
    let void = Event::Voided { numbers: vec![number(5)], at: at(1) };
    assert_eq!(portion(&[tickets[0].clone(), void], &[5], &lines), Err(Refusal::Void));
}

#[test]
fn places_for_several_are_given_up_as_a_whole() {
    let lines = [line(1, "family", 2, &[])];
    let tickets = [issued(&vec![place(1, "family", None); 6])];
    let refused = portion(&tickets, &[1, 2], &lines);
    assert_eq!(refused, Err(Refusal::NotOneByOne { each: 3 }));
    let expected = BTreeMap::from([(0, given(1, &[]))]);
    assert_eq!(portion(&tickets, &[1, 2, 6], &lines), Ok(Portion::Places(expected)));
}

#[test]
fn whoever_gives_a_ticket_up_loses_that_one_and_no_other() {
    let before = [issued(&vec![place(1, "lawn", None); 3])];
    let void = Event::Voided { numbers: vec![number(2)], at: at(5) };
    let left = vec![place(1, "lawn", None); 2];
    assert_eq!(settled_without(&before, &left, &[2]).unwrap(), [void]);
}

#[test]
fn whoever_has_come_in_cannot_give_the_ticket_up() {
    let lines = [line(1, "stalls", 1, &[])];
    let came_in = scans::went(1, 1, "a", Direction::Entry, 100);
    assert_eq!(portion(&[one(), came_in], &[1], &lines), Err(Refusal::AlreadyUsed));
}
