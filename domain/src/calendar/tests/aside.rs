//! What is set aside for a voucher: counted like a hold, and taken in parts by who has the voucher.

use super::times::{between, busy, clock, opened_by_times};
use super::{A, B, allocate, july, lacking, opened, state, take};
use crate::calendar::{
    Aside, Calendar, Command, Drawn, Event, Extent, Obstacle, Occupant, Refusal, Take,
};
use crate::testing::{at, quantity, range};
use crate::values::{BookingId, BusyTime, Minutes, VoucherId};

const VOUCHER: VoucherId = VoucherId::from_uuid(uuid::Uuid::from_u128(99));

fn set(takes: &[Take], until: i64, how_much: Aside, now: i64) -> Command {
    let (takes, until, at) = (takes.to_vec(), at(until), at(now));
    Command::SetAside { voucher: VOUCHER, takes, until, how_much, at }
}

fn all(takes: &[Take], until: i64, now: i64) -> Command {
    set(takes, until, Aside::Whole, now)
}

fn as_is_free(takes: &[Take], now: i64) -> Command {
    set(takes, 30, Aside::AsFarAsFree, now)
}

fn aside(freed: &[Take], takes: &[Take], until: i64, now: i64) -> Event {
    let (freed, takes, until) = (freed.to_vec(), takes.to_vec(), at(until));
    Event::SetAside { voucher: VOUCHER, freed, takes, until, overbooked: false, at: at(now) }
}

/// What a calendar decides when a booking that takes all this with the voucher draws whatever it can.
fn draw(
    calendar: &Calendar,
    who: BookingId,
    takes: &[Take],
    now: i64,
) -> Result<Vec<Event>, Refusal> {
    let drawn = calendar.drawn(VOUCHER, takes, &[], at(now)).more;
    let takes = takes.to_vec();
    let command =
        Command::Draw { voucher: VOUCHER, drawn, booking: who, takes, until: None, at: at(now) };
    calendar.decide(command)
}

fn after(mut calendar: Calendar, commands: &[Command]) -> Calendar {
    for command in commands {
        for event in calendar.decide(command.clone()).expect("it can be had") {
            calendar.evolve(&event);
        }
    }
    calendar
}

fn nights() -> Calendar {
    state(&[opened(5, 0)])
}

#[test]
fn what_is_set_aside_is_nobodys_until_its_end_and_anybodys_at_it() {
    let calendar = after(nights(), &[all(&[take(3, 10, 4)], 30, 0)]);
    assert_eq!(calendar.free(july(3), at(29)), 1);
    assert_eq!(calendar.aside_for(VOUCHER), [take(3, 10, 4)]);
    let refused = calendar.decide(allocate(A, &[take(9, 12, 2)], None, at(29)));
    assert_eq!(refused, Err(lacking(9, 1, 2, Obstacle::Held)));
    assert!(calendar.decide(allocate(A, &[take(9, 12, 2)], None, at(30))).is_ok());
    let there =
        |now| calendar.occupants(Extent::Days(crate::testing::days(july(3), july(4))), at(now));
    assert_eq!(there(29), [Occupant::Voucher(VOUCHER)]);
    assert_eq!(there(30), []);
}

#[test]
fn more_than_is_free_is_not_set_aside_and_nothing_after_the_end() {
    let taken = after(nights(), &[allocate(A, &[take(5, 6, 2)], None, at(0))]);
    let refused = taken.decide(all(&[take(3, 10, 4)], 30, 1));
    assert_eq!(refused, Err(lacking(5, 3, 4, Obstacle::Sold)));
    let past = nights().decide(all(&[take(3, 4, 1)], 5, 5));
    assert_eq!(past, Err(Refusal::DeadlinePassed { at: at(5) }));
    let other = nights().decide(all(&[busy("10:00", "11:00", 1)], 30, 0));
    assert_eq!(other, Err(Refusal::OtherShape));
    assert_eq!(state(&[]).decide(all(&[take(3, 4, 1)], 30, 0)), Err(Refusal::NotOpen));
}

#[test]
fn it_becomes_another_in_one_event_and_a_repeat_is_none() {
    let calendar = after(nights(), &[all(&[take(3, 10, 4)], 30, 0)]);
    assert_eq!(calendar.decide(all(&[take(3, 6, 4), take(6, 10, 4)], 30, 1)), Ok(vec![]));
    let [before, fewer] = [take(3, 10, 4), take(4, 12, 2)];
    let changed = aside(&[before], &[fewer], 40, 1);
    assert_eq!(calendar.decide(all(&[fewer], 40, 1)), Ok(vec![changed]));
    assert_eq!(calendar.decide(all(&[], 30, 1)), Ok(vec![aside(&[before], &[], 30, 1)]));
    let none = after(calendar, &[all(&[], 30, 1)]);
    assert_eq!((none.free(july(3), at(2)), none.decide(all(&[], 30, 2))), (5, Ok(vec![])));
}

#[test]
fn a_stay_takes_part_of_a_stretch_and_leaves_the_rest_of_it() {
    let calendar = after(nights(), &[all(&[take(3, 10, 4)], 30, 0)]);
    let events = draw(&calendar, A, &[take(5, 7, 3)], 1).unwrap();
    let rest = [take(3, 5, 4), take(5, 7, 1), take(7, 10, 4)];
    let taken = Event::Allocated {
        booking: A,
        takes: vec![take(5, 7, 3)],
        until: None,
        overbooked: false,
        at: at(1),
    };
    assert_eq!(events, [aside(&[take(3, 10, 4)], &rest, 30, 1), taken]);
    // whoever has no voucher sees no difference
    let mut drawn = calendar.clone();
    for event in &events {
        drawn.evolve(event);
    }
    for day in 3..10 {
        assert_eq!((calendar.free(july(day), at(2)), drawn.free(july(day), at(2))), (1, 1));
    }
}

#[test]
fn what_is_asked_for_beyond_what_is_set_aside_is_taken_of_what_is_free() {
    let calendar = after(nights(), &[all(&[take(3, 10, 4)], 30, 0)]);
    let wider = draw(&calendar, A, &[take(8, 12, 5)], 1).unwrap();
    assert_eq!(wider[0], aside(&[take(3, 10, 4)], &[take(3, 8, 4)], 30, 1));
    assert_eq!(draw(&calendar, A, &[take(8, 12, 6)], 1), Err(lacking(8, 5, 6, Obstacle::Sold)));
    // nights of which nothing is set aside are booked as always
    let elsewhere = draw(&calendar, A, &[take(20, 22, 5)], 1).unwrap();
    assert!(matches!(&*elsewhere, [Event::Allocated { .. }]));
    // once it has ended there is nothing to draw on
    assert_eq!(calendar.drawn(VOUCHER, &[take(5, 7, 3)], &[], at(30)), Drawn::default());
}

#[test]
fn who_has_some_of_it_keeps_that_first_and_draws_only_what_is_more() {
    let calendar = after(nights(), &[all(&[take(3, 10, 1)], 30, 0)]);
    let drawn = calendar.drawn(VOUCHER, &[take(5, 8, 3)], &[take(4, 6, 2)], at(1));
    assert_eq!(drawn.all, [take(5, 6, 3), take(6, 8, 1)]);
    assert_eq!(drawn.more, [take(5, 8, 1)]);
    let fewer = calendar.drawn(VOUCHER, &[take(5, 8, 1)], &[take(4, 6, 2)], at(1));
    assert_eq!((fewer.all, fewer.more), (vec![take(5, 8, 1)], vec![take(6, 8, 1)]));
}

#[test]
fn it_is_set_aside_again_as_far_as_nobody_took_it_since() {
    let calendar = after(nights(), &[allocate(B, &[take(5, 6, 3)], None, at(0))]);
    let some = [take(3, 5, 4), take(5, 6, 2), take(6, 10, 4)];
    let decided = calendar.decide(as_is_free(&[take(3, 10, 4)], 1));
    assert_eq!(decided, Ok(vec![aside(&[], &some, 30, 1)]));
    let full = after(nights(), &[allocate(B, &[take(3, 10, 5)], None, at(0))]);
    assert_eq!(full.decide(as_is_free(&[take(3, 10, 4)], 1)), Ok(vec![]));
    // what is set aside already stays so
    let mine = after(nights(), &[all(&[take(3, 10, 4)], 30, 0)]);
    assert_eq!(mine.decide(as_is_free(&[take(3, 10, 4)], 1)), Ok(vec![]));
}

#[test]
fn a_time_is_cut_to_what_is_before_and_after_it_buffers_included() {
    let calendar = state(&[opened_by_times(1, 0)]);
    let calendar = after(calendar, &[all(&[busy("09:00", "15:00", 1)], 30, 0)]);
    let buffers = [10, 15].map(|n| Minutes::try_new(n).expect("a few minutes"));
    let take = |start, end| {
        let time = BusyTime::try_new(between(start, end), buffers[0], buffers[1]).unwrap();
        Take::Time { time, quantity: quantity(1) }
    };
    let events = draw(&calendar, A, &[take("11:00", "12:00")], 1).unwrap();
    let rest = [busy("09:00", "10:50", 1), busy("12:15", "15:00", 1)];
    assert_eq!(events[0], aside(&[busy("09:00", "15:00", 1)], &rest, 30, 1));
    assert!(
        matches!(&events[1], Event::Allocated { takes, .. } if *takes == [take("11:00", "12:00")])
    );
    // a buffer may lie outside of it, where it has to be free
    let early = draw(&calendar, A, &[take("09:00", "10:00")], 1).unwrap();
    assert_eq!(early[0], aside(&[busy("09:00", "15:00", 1)], &[busy("10:15", "15:00", 1)], 30, 1));
    let before = allocate(B, &[busy("08:00", "08:55", 1)], None, at(1));
    let full = after(calendar.clone(), &[before]);
    let place = Extent::Time(range(clock("08:50"), clock("08:55")));
    let obstacle = Obstacle::Sold;
    assert_eq!(
        draw(&full, A, &[take("09:00", "10:00")], 2),
        Err(Refusal::SoldOut { place, free: 0, asked: 1, obstacle })
    );
}

#[test]
fn nothing_that_is_set_aside_counts_as_a_booking_that_begins() {
    let calendar = state(&[opened_by_times(2, 0)]);
    let calendar = after(calendar, &[all(&[busy("09:00", "15:00", 1)], 30, 0)]);
    assert_eq!(calendar.begun_within(between("00:00", "23:00"), at(1)).count(), 0);
}
