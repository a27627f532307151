//! Who is served when places of a session become free.

use super::world::{BEGINS, World, group};
use super::*;
use crate::allotment::{Command as Ask, Refusal as No};
use crate::testing::booking;

fn waiting(places: u32, entries: &[NewEntry]) -> World {
    let mut world = World::sold_out(places);
    for new in entries {
        world.join(new.clone(), 1).expect("it is sold out");
    }
    world
}

fn sold_out(refused: &Result<(), No>) {
    assert!(matches!(refused, Err(No::SoldOut { .. })), "{refused:?}");
}

#[test]
fn who_has_waited_longest_is_served_first() {
    let mut world = waiting(4, &[new(1), new(2), new(3)]);
    assert_eq!(world.serve(2), []);
    world.give_up(1, 2, 3);
    assert_eq!(world.serve(3), [entry(1), entry(2)]);
    assert_eq!(world.serve(3), [], "a repeat is not a new fact");
    assert_eq!(world.free(3), 0);
}

#[test]
fn a_higher_priority_is_served_before_a_longer_wait() {
    let mut world = waiting(4, &[new(1), NewEntry { priority: priority(9), ..new(2) }, new(3)]);
    let raise = Command::Prioritize { entry: entry(3), priority: priority(5), at: at(2) };
    world.decide(raise).expect("they wait");
    world.give_up(1, 3, 3);
    assert_eq!(world.serve(3), [entry(2), entry(3), entry(1)]);
}

#[test]
fn a_group_is_offered_all_its_places_or_none() {
    let mut world = waiting(6, &[group(1, 4)]);
    world.give_up(1, 3, 2);
    assert_eq!(world.serve(2), []);
    world.give_up(1, 1, 3);
    assert_eq!(world.serve(3), [entry(1)]);
    assert_eq!(world.free(3), 0);
}

#[test]
fn smaller_parties_behind_a_group_are_served_while_it_does_not_fit() {
    let mut world = waiting(6, &[group(1, 4), group(2, 2), group(3, 5), group(4, 1)]);
    world.give_up(1, 3, 2);
    assert_eq!(world.serve(2), [entry(2), entry(4)]);
    // and the group before all others as soon as it fits
    world.give_up(1, 3, 3);
    world.decline(2, 3).expect("it was offered");
    assert_eq!(world.serve(3), [entry(1)]);
}

#[test]
fn those_who_wait_are_served_before_the_public() {
    let mut world = waiting(4, &[new(1), group(2, 2)]);
    world.release(booking(1), 2);
    let (three, one) = (world.clone().sell(9, 2, None, 2), world.sell(9, 1, None, 2));
    sold_out(&three);
    one.expect("one is left over");
    assert_eq!((world.status(1), world.status(2)), (Some(Status::Offered), Some(Status::Offered)));
}

#[test]
fn the_public_has_what_suits_nobody_who_waits() {
    let mut world = waiting(4, &[group(1, 4)]);
    world.give_up(1, 2, 2);
    world.sell(9, 2, None, 2).expect("a group of four cannot use two places");
    assert_eq!(world.status(1), Some(Status::Waiting));
}

#[test]
fn a_hold_that_ended_frees_its_places_for_those_who_wait() {
    let mut world = World::of(1);
    world.sell(1, 1, Some(30), 0).expect("there is room");
    world.join(new(1), 1).expect("it is held by somebody");
    sold_out(&world.clone().sell(9, 1, None, 29));
    // nothing was recorded meanwhile, and the public is refused all the same
    sold_out(&world.clone().sell(9, 1, None, 30));
    assert_eq!(world.serve(30), [entry(1)]);
}

#[test]
fn an_offer_is_kept_from_everybody_until_its_deadline() {
    let mut world = waiting(1, &[new(1)]);
    world.decide(Command::SetTerms { offer_for: length(20), at: at(1) }).expect("any time");
    world.release(booking(1), 2);
    assert_eq!(world.serve(2), [entry(1)]);
    sold_out(&world.clone().sell(9, 1, None, 21));
    world.accept(1, 21).expect("it was offered until the minute 22");
    sold_out(&world.clone().sell(9, 1, None, 500));
    assert_eq!(world.status(1), Some(Status::Accepted));
}

#[test]
fn an_offer_that_nobody_takes_passes_on() {
    let mut world = waiting(1, &[new(1), new(2), new(3)]);
    world.decide(Command::SetTerms { offer_for: length(20), at: at(1) }).expect("any time");
    world.release(booking(1), 2);
    assert_eq!(world.serve(2), [entry(1)]);
    assert_eq!(world.serve(21), []);
    assert_eq!(world.serve(22), [entry(2)], "the deadline itself is over");
    assert_eq!(world.status(1), Some(Status::Expired));
    world.decline(2, 23).expect("it was offered");
    assert_eq!(world.serve(23), [entry(3)]);
    assert_eq!(world.accept(1, 24), Err(Refusal::Ended { status: Status::Expired }));
}

#[test]
fn nobody_is_offered_anything_beyond_the_start() {
    let mut world = waiting(1, &[new(1), new(2)]);
    world.release(booking(1), BEGINS - 10);
    assert_eq!(world.serve(BEGINS - 10), [entry(1)]);
    let offered = world.list.queue().entry(entry(1)).and_then(|entry| entry.offered_until);
    assert_eq!(offered, Some(at(BEGINS)));
    assert_eq!(world.serve(BEGINS), []);
    assert_eq!((world.status(1), world.status(2)), (Some(Status::Expired), Some(Status::Over)));
}

#[test]
fn who_would_wait_so_long_is_not_served_later() {
    let patient = NewEntry { wait_until: Some(at(10)), ..new(1) };
    let mut world = waiting(1, &[patient, new(2)]);
    world.release(booking(1), 10);
    assert_eq!(world.serve(10), [entry(2)]);
    assert_eq!(world.status(1), Some(Status::GaveUp));
}

#[test]
fn what_is_recorded_of_the_past_serves_nobody_who_came_later() {
    let mut world = waiting(1, &[new(1)]);
    world.release(booking(1), 0);
    assert_eq!(world.serve(0), [], "at that time nobody waited");
    assert_eq!(world.serve(1), [entry(1)]);
}

#[test]
fn nobody_waits_for_a_session_that_is_called_off() {
    let mut world = waiting(2, &[new(1), new(2)]);
    world.give_up(1, 1, 2);
    assert_eq!(world.serve(2), [entry(1)]);
    world.ask(Ask::CallOff { reason: None, at: at(3) }).expect("it takes place");
    assert_eq!(world.serve(3), []);
    let off = Some(Status::CalledOff);
    assert_eq!((world.status(1), world.status(2)), (off, off));
    assert_eq!(world.free(3), 1, "what was offered is given back");
}

#[test]
fn nothing_is_offered_while_sales_are_closed() {
    let mut world = waiting(1, &[new(1)]);
    world.release(booking(1), 2);
    world.ask(Ask::CloseSales { at: at(2) }).expect("it is on sale");
    assert_eq!(world.serve(2), []);
    world.ask(Ask::ReopenSales { at: at(3) }).expect("it was closed");
    assert_eq!(world.serve(3), [entry(1)]);
}

#[test]
fn more_places_go_to_those_who_wait() {
    let mut world = waiting(2, &[new(1), group(2, 2)]);
    world.resize(4, 2);
    sold_out(&world.clone().sell(9, 2, None, 2));
    assert_eq!(world.serve(2), [entry(1)]);
    world.resize(5, 3);
    assert_eq!(world.serve(3), [entry(2)]);
}

#[test]
fn offers_that_share_places_share_a_queue() {
    let boxed = NewEntry { wanted: places("box", 1), ..new(1) };
    let mut world = waiting(8, &[boxed, new(2)]);
    world.give_up(1, 4, 2);
    assert_eq!(world.serve(2), [entry(1)], "a box takes four places");
    world.give_up(1, 1, 3);
    assert_eq!(world.serve(3), [entry(2)]);
}

#[test]
fn nobody_joins_while_there_is_room_that_suits_nobody_else() {
    let mut world = waiting(4, &[group(1, 4)]);
    world.give_up(1, 2, 2);
    assert_eq!(world.join(group(2, 2), 2), Err(Refusal::StillFree));
    assert_eq!(world.join(group(3, 3), 2), Ok(()));
    assert_eq!(world.join(group(4, 5), 2), Err(Refusal::NeverFree));
    // what becomes free while somebody waits is theirs, and whoever comes now waits behind them
    world.give_up(1, 1, 3);
    assert_eq!(world.join(group(5, 3), 3), Ok(()));
    assert_eq!((world.status(3), world.status(5)), (Some(Status::Offered), Some(Status::Waiting)));
}
