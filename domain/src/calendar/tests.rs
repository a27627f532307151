//! Rules of the calendar by nights; those by times stand in `times`, blocks in `blocks`, vouchers in
//! `aside`. The laws that
//! hold in any order of commands stand in `laws` and `time_laws`.

mod aside;
mod blocks;
mod counts;
mod laws;
mod time_laws;
mod times;

use chrono::NaiveDate;
use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::{Calendar, Command, Event, Extent, Obstacle, Point, Refusal, SoldBy, Take};
use crate::testing::{at, booking, date, days, limits, month, quantity};
use crate::values::{BookingId, DayRange, Timestamp};

fn given(events: impl Into<Vec<Event>>) -> AggregateTestExecutor<Calendar> {
    TestFramework::with(()).given(events.into())
}

fn state(events: &[Event]) -> Calendar {
    let mut calendar = Calendar::default();
    for event in events {
        calendar.evolve(event);
    }
    calendar
}

/// So many of each day from one July day to before another.
fn take(first: u32, end: u32, n: u32) -> Take {
    Take::Nights { days: days(july(first), july(end)), quantity: quantity(n) }
}

/// A day of July; the 32nd is the first of August.
fn july(day: u32) -> NaiveDate {
    if day == 32 { date(8, 1) } else { date(7, day) }
}

fn opened(capacity: u32, overbooking: u32) -> Event {
    Event::Opened {
        month: month(7),
        limits: limits(capacity, overbooking),
        times: None,
        at: at(-9),
    }
}

fn limited(capacity: u32) -> Event {
    Event::LimitsChanged { limits: limits(capacity, 0), at: at(1) }
}

fn allocated(who: BookingId, take: Take, until: Option<Timestamp>) -> Event {
    Event::Allocated { booking: who, takes: vec![take], until, overbooked: false, at: at(0) }
}

fn allocate(who: BookingId, takes: &[Take], until: Option<Timestamp>, at: Timestamp) -> Command {
    Command::Allocate { booking: who, takes: takes.to_vec(), until, at }
}

fn reallocate(who: BookingId, takes: &[Take], until: Option<Timestamp>, at: Timestamp) -> Command {
    Command::Reallocate { booking: who, takes: takes.to_vec(), until, at }
}

fn sold_out(day: u32, free: u32, asked: u32) -> Refusal {
    lacking(day, free, asked, Obstacle::Sold)
}

fn lacking(day: u32, free: u32, asked: u32, obstacle: Obstacle) -> Refusal {
    Refusal::SoldOut { place: Extent::Days(DayRange::single(july(day))), free, asked, obstacle }
}

const A: BookingId = BookingId::from_uuid(uuid::Uuid::from_u128(0xa));
const B: BookingId = BookingId::from_uuid(uuid::Uuid::from_u128(0xb));
const C: BookingId = BookingId::from_uuid(uuid::Uuid::from_u128(0xc));

#[test]
fn a_calendar_is_opened_once_and_for_one_month() {
    let open = |number| Command::Open {
        month: month(number),
        sold_by: SoldBy::Nights,
        limits: limits(2, 0),
        at: at(-9),
    };
    given([]).when(open(7)).then_expect_events(vec![opened(2, 0)]);
    given([opened(9, 9)]).when(open(7)).then_expect_events(Vec::new());
    given([opened(9, 9)]).when(open(8)).then_expect_error(Refusal::OtherMonth { month: month(7) });
}

#[test]
fn nothing_is_taken_of_a_calendar_that_is_not_open() {
    given([]).when(allocate(A, &[take(1, 2, 1)], None, at(0))).then_expect_error(Refusal::NotOpen);
    given([])
        .when(Command::ChangeLimits { limits: limits(1, 0), at: at(0) })
        .then_expect_error(Refusal::NotOpen);
}

#[test]
fn changing_to_the_same_limits_records_nothing() {
    let change = |n| Command::ChangeLimits { limits: limits(n, 0), at: at(1) };
    given([opened(2, 0)]).when(change(2)).then_expect_events(Vec::new());
    given([opened(2, 0)]).when(change(3)).then_expect_events(vec![limited(3)]);
}

#[test]
fn the_last_place_is_sold_once() {
    let sold = [opened(2, 0), allocated(A, take(1, 4, 2), None)];
    given([opened(2, 0)])
        .when(allocate(A, &[take(1, 4, 2)], None, at(0)))
        .then_expect_events(vec![allocated(A, take(1, 4, 2), None)]);
    given(sold)
        .when(allocate(B, &[take(3, 5, 1)], None, at(0)))
        .then_expect_error(sold_out(3, 0, 1));
}

#[test]
fn the_day_of_departure_is_free_for_the_next_guest() {
    given([opened(1, 0), allocated(A, take(1, 4, 1), None)])
        .when(allocate(B, &[take(4, 6, 1)], None, at(0)))
        .then_expect_events(vec![allocated(B, take(4, 6, 1), None)]);
}

#[test]
fn takes_of_one_command_are_summed_up_before_they_are_checked() {
    given([opened(3, 0)])
        .when(allocate(A, &[take(1, 3, 2), take(2, 4, 2)], None, at(0)))
        .then_expect_error(sold_out(2, 3, 4));
}

#[test]
fn takes_are_recorded_in_order_and_summed_up() {
    given([opened(9, 0)])
        .when(allocate(A, &[take(2, 4, 2), take(1, 3, 1), take(7, 8, 1)], None, at(0)))
        .then_expect_events(vec![Event::Allocated {
            booking: A,
            takes: vec![take(1, 2, 1), take(2, 3, 3), take(3, 4, 2), take(7, 8, 1)],
            until: None,
            overbooked: false,
            at: at(0),
        }]);
}

#[test]
fn more_than_the_largest_quantity_becomes_several_takes() {
    let events = given([opened(50_000, 0)])
        .when(allocate(A, &[take(1, 2, 10_000), take(1, 2, 10_000), take(1, 2, 5)], None, at(0)))
        .inspect_result()
        .unwrap();
    let mut calendar = state(&[opened(50_000, 0)]);
    for event in &events {
        calendar.evolve(event);
    }
    assert_eq!(calendar.takes_of(A), [take(1, 2, 10_000), take(1, 2, 10_000), take(1, 2, 5)]);
    assert_eq!(calendar.free(july(1), at(0)), 29_995);
}

#[test]
fn the_last_day_of_the_month_can_be_taken_and_no_day_outside_it() {
    let outside = Take::Nights { days: days(date(7, 31), date(8, 2)), quantity: quantity(1) };
    let before = Take::Nights { days: days(date(6, 30), date(7, 2)), quantity: quantity(1) };
    given([opened(1, 0)])
        .when(allocate(A, &[take(31, 32, 1)], None, at(0)))
        .then_expect_events(vec![allocated(A, take(31, 32, 1), None)]);
    for take in [outside, before] {
        given([opened(1, 0)])
            .when(allocate(A, &[take], None, at(0)))
            .then_expect_error(Refusal::OutsideMonth { month: month(7) });
    }
}

#[test]
fn a_booking_is_allocated_once_and_asks_for_something() {
    given([opened(9, 0), allocated(A, take(1, 2, 1), None)])
        .when(allocate(A, &[take(1, 2, 1)], None, at(0)))
        .then_expect_error(Refusal::AlreadyAllocated);
    given([opened(9, 0)])
        .when(allocate(A, &[], None, at(0)))
        .then_expect_error(Refusal::NothingAsked);
}

#[test]
fn a_hold_ends_in_the_future() {
    given([opened(1, 0)])
        .when(allocate(A, &[take(1, 2, 1)], Some(at(5)), at(5)))
        .then_expect_error(Refusal::DeadlinePassed { at: at(5) });
    given([opened(1, 0), allocated(A, take(1, 2, 1), Some(at(9)))])
        .when(reallocate(A, &[take(2, 3, 1)], Some(at(5)), at(5)))
        .then_expect_error(Refusal::DeadlinePassed { at: at(5) });
}

#[test]
fn a_place_is_free_at_the_very_instant_its_hold_ends() {
    let held = [opened(1, 0), allocated(A, take(1, 2, 1), Some(at(15)))];
    given(held.clone())
        .when(allocate(B, &[take(1, 2, 1)], None, at(14)))
        .then_expect_error(lacking(1, 0, 1, Obstacle::Held));
    let events =
        given(held).when(allocate(B, &[take(1, 2, 1)], None, at(15))).inspect_result().unwrap();
    assert_eq!(events.len(), 1);
}

#[test]
fn a_hold_is_confirmed_before_it_ends() {
    let held = [opened(1, 0), allocated(A, take(1, 2, 1), Some(at(15)))];
    let confirm = |minute| Command::Confirm { booking: A, at: at(minute) };
    let confirmed = Event::Confirmed { booking: A, at: at(14) };
    given(held.clone()).when(confirm(14)).then_expect_events(vec![confirmed.clone()]);
    given(held.clone()).when(confirm(15)).then_expect_error(Refusal::HoldEnded { at: at(15) });
    given([opened(1, 0)]).when(confirm(14)).then_expect_error(Refusal::NotAllocated);
    let [open, hold] = held;
    given([open, hold, confirmed]).when(confirm(99)).then_expect_events(Vec::new());
}

#[test]
fn a_confirmed_hold_no_longer_ends() {
    let confirmed = Event::Confirmed { booking: A, at: at(14) };
    given([opened(1, 0), allocated(A, take(1, 2, 1), Some(at(15))), confirmed])
        .when(allocate(B, &[take(1, 2, 1)], None, at(99)))
        .then_expect_error(sold_out(1, 0, 1));
}

/// One machine's clock says the hold ended and gives the place away; another's is behind.
#[test]
fn a_hold_whose_place_was_given_away_is_not_confirmed_by_a_slower_clock() {
    let given_away = Event::Allocated {
        booking: B,
        takes: vec![take(1, 2, 1)],
        until: Some(at(60)),
        overbooked: false,
        at: at(16),
    };
    let hold = allocated(A, take(1, 2, 1), Some(at(15)));
    given([opened(1, 0), hold.clone(), given_away.clone()])
        .when(Command::Confirm { booking: A, at: at(10) })
        .then_expect_error(Refusal::HoldEnded { at: at(15) });
    given([opened(1, 0), hold.clone(), given_away.clone()])
        .when(reallocate(A, &[take(1, 2, 1)], None, at(10)))
        .then_expect_error(lacking(1, 0, 1, Obstacle::Held));
    given([opened(2, 0), hold, given_away])
        .when(Command::Confirm { booking: A, at: at(10) })
        .then_expect_events(vec![Event::Confirmed { booking: A, at: at(10) }]);
}

#[test]
fn a_live_hold_is_confirmed_even_if_the_capacity_was_lowered_since() {
    given([opened(2, 0), allocated(A, take(1, 2, 2), Some(at(15))), limited(1)])
        .when(Command::Confirm { booking: A, at: at(2) })
        .then_expect_events(vec![Event::Confirmed { booking: A, at: at(2) }]);
}

#[test]
fn overbooking_within_the_allowance_is_flagged_and_beyond_it_refused() {
    let full = [opened(1, 1), allocated(A, take(1, 2, 1), None)];
    given(full.clone()).when(allocate(B, &[take(1, 2, 1)], None, at(1))).then_expect_events(vec![
        Event::Allocated {
            booking: B,
            takes: vec![take(1, 2, 1)],
            until: None,
            overbooked: true,
            at: at(1),
        },
    ]);
    given(full)
        .when(allocate(B, &[take(1, 2, 2)], None, at(1)))
        .then_expect_error(sold_out(1, 1, 2));
}

#[test]
fn a_lower_capacity_cancels_nothing_and_reports_what_is_overbooked() {
    let calendar = state(&[opened(5, 0), allocated(A, take(1, 3, 4), None), limited(3)]);
    assert_eq!(calendar.overbooked_by(july(1), at(1)), 1);
    assert_eq!(calendar.overbooked_by(july(3), at(1)), 0);
    assert_eq!((calendar.free(july(1), at(1)), calendar.free(july(3), at(1))), (0, 3));
    assert_eq!((calendar.free(date(8, 1), at(1)), calendar.free(date(6, 30), at(1))), (0, 0));
}

#[test]
fn what_is_overbooked_can_be_made_less_but_not_more() {
    let over = [opened(5, 0), allocated(A, take(1, 3, 4), None), limited(2)];
    let fewer = given(over.clone()).when(reallocate(A, &[take(1, 3, 3)], None, at(2)));
    assert_eq!(fewer.inspect_result().unwrap().len(), 1);
    given(over)
        .when(reallocate(A, &[take(1, 3, 4), take(2, 3, 1)], None, at(2)))
        .then_expect_error(sold_out(2, 2, 5));
}

#[test]
fn a_move_gives_up_the_old_days_only_if_the_new_ones_can_be_had() {
    let two = [opened(1, 0), allocated(A, take(1, 4, 1), None), allocated(B, take(4, 6, 1), None)];
    given(two.clone()).when(reallocate(A, &[take(2, 4, 1)], None, at(1))).then_expect_events(vec![
        Event::Reallocated {
            booking: A,
            freed: vec![take(1, 4, 1)],
            takes: vec![take(2, 4, 1)],
            until: None,
            overbooked: false,
            at: at(1),
        },
    ]);
    given(two)
        .when(reallocate(A, &[take(2, 5, 1)], None, at(1)))
        .then_expect_error(sold_out(4, 0, 1));
}

#[test]
fn a_move_to_the_same_days_records_nothing() {
    given([opened(1, 0), allocated(A, take(1, 4, 1), None)])
        .when(reallocate(A, &[take(1, 2, 1), take(2, 4, 1)], None, at(1)))
        .then_expect_events(Vec::new());
}

#[test]
fn a_move_into_a_calendar_is_an_allocation_and_out_of_it_a_release() {
    given([opened(1, 0)])
        .when(reallocate(A, &[take(1, 2, 1)], None, at(0)))
        .then_expect_events(vec![allocated(A, take(1, 2, 1), None)]);
    given([opened(1, 0), allocated(A, take(1, 2, 1), None)])
        .when(reallocate(A, &[], None, at(1)))
        .then_expect_events(vec![Event::Released {
            booking: A,
            freed: vec![take(1, 2, 1)],
            at: at(1),
        }]);
    given([opened(1, 0)]).when(reallocate(A, &[], None, at(1))).then_expect_events(Vec::new());
}

#[test]
fn a_guest_who_leaves_early_gives_up_the_days_from_then_on() {
    let released = Event::Released { booking: A, freed: vec![take(3, 5, 2)], at: at(1) };
    let release = Command::Release { booking: A, from: Some(Point::Day(july(3))), at: at(1) };
    let stay = [opened(2, 0), allocated(A, take(1, 5, 2), None)];
    given(stay.clone()).when(release.clone()).then_expect_events(vec![released.clone()]);
    let [open, taken] = stay;
    let calendar = state(&[open.clone(), taken.clone(), released.clone()]);
    assert_eq!(calendar.takes_of(A), [take(1, 3, 2)]);
    assert_eq!((calendar.free(july(2), at(1)), calendar.free(july(3), at(1))), (0, 2));
    given([open, taken, released]).when(release).then_expect_events(Vec::new());
}

#[test]
fn what_was_released_is_free_and_releasing_again_records_nothing() {
    let released = Event::Released { booking: A, freed: vec![take(1, 5, 2)], at: at(1) };
    let release = Command::Release { booking: A, from: None, at: at(1) };
    let stay = [opened(2, 0), allocated(A, take(1, 5, 2), Some(at(9)))];
    given(stay.clone()).when(release.clone()).then_expect_events(vec![released.clone()]);
    let [open, taken] = stay;
    let calendar = state(&[open.clone(), taken, released]);
    assert_eq!((calendar.free(july(1), at(1)), calendar.takes_of(A)), (2, Vec::new()));
    assert!(calendar.decide(release).unwrap().is_empty());
}

#[test]
fn a_hundred_thousand_guests_fit_and_not_one_more() {
    const GUESTS: u32 = 100_000;
    let mut calendar = state(&[opened(GUESTS, 0)]);
    for n in 0..GUESTS {
        let until = (n % 2 == 0).then(|| at(1_000 + i64::from(n % 7)));
        let first = 1 + n % 3;
        let asked =
            allocate(booking(u128::from(n) + 99), &[take(first, first + 5, 1)], until, at(1));
        let events = calendar.decide(asked).unwrap();
        assert_eq!(events.len(), 1);
        calendar.evolve(&events[0]);
    }
    let one_more = |when| allocate(A, &[take(5, 6, 1)], None, at(when));
    assert_eq!(calendar.decide(one_more(999)), Err(lacking(5, 0, 1, Obstacle::Held)));
    assert!(calendar.decide(one_more(1_000)).is_ok());
    assert_eq!(calendar.free(july(5), at(2_000)), GUESTS / 2);
    assert!(calendar.weight() > 50 * GUESTS as usize);
    assert!(calendar.weight() < 300 * GUESTS as usize);
    calendar.evolve(&allocated(C, take(5, 6, 1), None));
    calendar.evolve(&Event::Confirmed { booking: B, at: at(3_000) });
    assert_eq!(calendar.free(july(5), at(999)), 0);
    assert_eq!(calendar.free(july(5), at(3_000)), GUESTS / 2 - 1);
}
