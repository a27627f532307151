//! Days and times that nobody may book: works in a room, somebody's leave.

use super::times::{between, busy, opened_by_times};
use super::{A, B, allocate, allocated, given, lacking, opened, sold_out, state, take};
use crate::calendar::{Block, Command, Event, Extent, Obstacle, Occupant, Refusal, Take};
use crate::testing::{at, block as id, reason};

fn block(takes: &[Take]) -> Command {
    Command::Block { block: id(1), takes: takes.to_vec(), reason: reason("Works"), at: at(0) }
}

fn blocked(takes: &[Take]) -> Event {
    let (takes, reason) = (takes.to_vec(), reason("Works"));
    Event::Blocked { block: id(1), takes, reason, overbooked: false, at: at(0) }
}

#[test]
fn what_is_blocked_cannot_be_booked_until_it_is_unblocked() {
    let taken = [opened(2, 0), blocked(&[take(3, 5, 1)])];
    given([opened(2, 0)])
        .when(block(&[take(3, 5, 1)]))
        .then_expect_events(vec![blocked(&[take(3, 5, 1)])]);
    given(taken.clone())
        .when(allocate(A, &[take(1, 5, 2)], None, at(0)))
        .then_expect_error(lacking(3, 1, 2, Obstacle::Blocked));
    let unblock = Command::Unblock { block: id(1), at: at(1) };
    let unblocked = Event::Unblocked { block: id(1), freed: vec![take(3, 5, 1)], at: at(1) };
    given(taken.clone()).when(unblock.clone()).then_expect_events(vec![unblocked.clone()]);
    let [open, works] = taken;
    let calendar = state(&[open, works, unblocked]);
    assert_eq!(calendar.blocks().count(), 0);
    assert!(calendar.decide(allocate(A, &[take(1, 5, 2)], None, at(0))).is_ok());
    assert!(calendar.decide(unblock).unwrap().is_empty());
}

#[test]
fn who_is_there_already_has_to_be_moved_before_a_block() {
    let firm = [opened(1, 0), allocated(A, take(1, 4, 1), None)];
    given(firm).when(block(&[take(3, 5, 1)])).then_expect_error(sold_out(3, 0, 1));
    let held = [opened(1, 0), allocated(A, take(1, 4, 1), Some(at(9)))];
    given(held).when(block(&[take(3, 5, 1)])).then_expect_error(lacking(3, 0, 1, Obstacle::Held));
}

#[test]
fn a_block_is_made_once_and_takes_something() {
    let taken = [opened(2, 0), blocked(&[take(3, 5, 1)])];
    given(taken.clone()).when(block(&[take(3, 5, 1)])).then_expect_events(Vec::new());
    given(taken.clone()).when(block(&[take(3, 6, 1)])).then_expect_error(Refusal::AlreadyBlocked);
    given(taken).when(block(&[])).then_expect_error(Refusal::NothingAsked);
    given([]).when(block(&[take(3, 5, 1)])).then_expect_error(Refusal::NotOpen);
    given([opened(2, 0)])
        .when(block(&[busy("09:00", "10:00", 1)]))
        .then_expect_error(Refusal::OtherShape);
}

#[test]
fn a_time_is_blocked_like_days_are() {
    let leave = [busy("09:00", "12:00", 1)];
    let taken = [opened_by_times(1, 0), blocked(&leave)];
    given([opened_by_times(1, 0)]).when(block(&leave)).then_expect_events(vec![blocked(&leave)]);
    given(taken.clone())
        .when(allocate(A, &[busy("11:00", "13:00", 1)], None, at(0)))
        .then_expect_error(Refusal::SoldOut {
            place: Extent::Time(between("11:00", "12:00")),
            free: 0,
            asked: 1,
            obstacle: Obstacle::Blocked,
        });
    let calendar = state(&taken);
    let told = Block { id: id(1), takes: leave.to_vec(), reason: reason("Works") };
    assert_eq!(calendar.blocks().collect::<Vec<_>>(), [told]);
    assert_eq!(calendar.free_over(Extent::Time(between("08:00", "09:00")), at(0)), 1);
    assert_eq!(calendar.free_over(Extent::Time(between("08:00", "09:01")), at(0)), 0);
}

/// What would have to go, at the least: holds end by themselves, blocks can be lifted, guests stay.
#[test]
fn of_several_obstacles_the_most_stubborn_that_must_go_is_told() {
    let hold = allocated(A, take(1, 2, 1), Some(at(9)));
    let taken = [opened(3, 0), hold, blocked(&[take(1, 2, 1)]), allocated(B, take(1, 2, 1), None)];
    for (n, obstacle) in [(1, Obstacle::Held), (2, Obstacle::Blocked), (3, Obstacle::Sold)] {
        let who = crate::testing::booking(77);
        given(taken.clone())
            .when(allocate(who, &[take(1, 2, n)], None, at(0)))
            .then_expect_error(lacking(1, 0, n, obstacle));
    }
}

/// A block gives room away as a booking does: a hold that had ended by then has lost its place.
#[test]
fn a_hold_whose_place_was_blocked_is_not_confirmed_by_a_slower_clock() {
    let hold = allocated(A, take(1, 2, 1), Some(at(15)));
    let (takes, reason) = (vec![take(1, 2, 1)], reason("Works"));
    let later = Event::Blocked { block: id(1), takes, reason, overbooked: false, at: at(16) };
    given([opened(1, 0), hold, later])
        .when(Command::Confirm { booking: A, at: at(10) })
        .then_expect_error(Refusal::HoldEnded { at: at(15) });
}

#[test]
fn who_is_in_the_way_is_told_by_name() {
    let leave = [busy("09:00", "12:00", 1)];
    let event = |booking, time: Take, until| Event::Allocated {
        booking,
        takes: vec![time],
        until,
        overbooked: false,
        at: at(0),
    };
    let calendar = state(&[
        opened_by_times(3, 0),
        blocked(&leave),
        event(B, busy("11:00", "13:00", 1), None),
        event(A, busy("11:30", "12:00", 1), Some(at(5))),
    ]);
    let there = |start, end, at| calendar.occupants(Extent::Time(between(start, end)), at);
    let (works, a, b) = (Occupant::Block(id(1)), Occupant::Booking(A), Occupant::Booking(B));
    assert_eq!(there("11:45", "12:30", at(4)), [works, a, b]);
    assert_eq!(there("11:45", "12:30", at(5)), [works, b]);
    assert_eq!(there("12:00", "12:30", at(4)), [b]);
    assert_eq!(there("13:00", "14:00", at(4)), []);
    assert_eq!(state(&[]).occupants(Extent::Time(between("09:00", "10:00")), at(4)), []);
}
