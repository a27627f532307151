//! Rules of the calendar by times: rooms by the hour, people, equipment.

use super::{A, B, C, allocate, given, opened, reallocate, state, take};
use crate::calendar::{Beside, Command, Event, Extent, Obstacle, Point, Refusal, SoldBy, Take};
use crate::testing::{at, booking, date, limits, minutes, month, quantity, range, utc, zone};
use crate::values::{BookingId, BusyTime, TimeRange, Timestamp};

/// A time on 4 July as a wall clock in Riyadh shows it, three hours ahead of UTC.
pub(super) fn clock(time: &str) -> Timestamp {
    utc(&format!("2016-07-04T{time}:00+03:00"))
}

/// July in Riyadh, opened to be sold by times.
pub(super) fn opened_by_times(capacity: u32, overbooking: u32) -> Event {
    let times = Some(range(utc("2016-06-30T21:00:00Z"), utc("2016-07-31T21:00:00Z")));
    Event::Opened { month: month(7), limits: limits(capacity, overbooking), times, at: at(-9) }
}

pub(super) fn between(start: &str, end: &str) -> TimeRange {
    range(clock(start), clock(end))
}

fn buffered(start: &str, end: &str, before: u32, after: u32, n: u32) -> Take {
    let time = BusyTime::try_new(between(start, end), minutes(before), minutes(after)).unwrap();
    Take::Time { time, quantity: quantity(n) }
}

/// So many from one time of 4 July to another.
pub(super) fn busy(start: &str, end: &str, n: u32) -> Take {
    buffered(start, end, 0, 0, n)
}

fn allocated(who: BookingId, takes: &[Take], until: Option<Timestamp>) -> Event {
    Event::Allocated { booking: who, takes: takes.to_vec(), until, overbooked: false, at: at(0) }
}

fn lacking(start: &str, end: &str, free: u32, asked: u32, obstacle: Obstacle) -> Refusal {
    Refusal::SoldOut { place: Extent::Time(between(start, end)), free, asked, obstacle }
}

fn sold_out(start: &str, end: &str, free: u32, asked: u32) -> Refusal {
    lacking(start, end, free, asked, Obstacle::Sold)
}

fn release(from: &str) -> Command {
    Command::Release { booking: A, from: Some(Point::Instant(clock(from))), at: at(1) }
}

#[test]
fn a_calendar_by_times_keeps_the_time_of_its_month() {
    let open =
        |sold_by| Command::Open { month: month(7), sold_by, limits: limits(2, 0), at: at(-9) };
    let by_times = open(SoldBy::Times { zone: zone("Asia/Riyadh"), beside: Beside::default() });
    given([]).when(by_times.clone()).then_expect_events(vec![opened_by_times(2, 0)]);
    given([opened_by_times(9, 9)]).when(by_times.clone()).then_expect_events(Vec::new());
    given([opened(2, 0)]).when(by_times).then_expect_error(Refusal::OtherShape);
    given([opened_by_times(2, 0)])
        .when(open(SoldBy::Nights))
        .then_expect_error(Refusal::OtherShape);
    let calendar = state(&[opened_by_times(2, 0)]);
    assert_eq!(calendar.time().unwrap().start(), utc("2016-06-30T21:00:00Z"));
    assert_eq!(state(&[opened(2, 0)]).time(), None);
}

#[test]
fn a_month_lies_between_the_months_beside_it_whatever_the_rules_are_now() {
    let riyadh = zone("Asia/Riyadh");
    let time = |beside| {
        let sold_by = SoldBy::Times { zone: riyadh, beside };
        let open = Command::Open { month: month(7), sold_by, limits: limits(2, 0), at: at(-9) };
        state(&state(&[]).decide(open).unwrap()).time().unwrap()
    };
    let rules_of_today = month(7).time(riyadh);
    assert_eq!(time(Beside::default()), rules_of_today);
    // June was opened when its last day was still to be an hour longer, August when July was to be one shorter
    let june = range(utc("2016-05-31T21:00:00Z"), utc("2016-06-30T22:00:00Z"));
    let august = range(utc("2016-07-31T20:00:00Z"), utc("2016-08-31T21:00:00Z"));
    assert_eq!(
        time(Beside { before: Some(june), after: None }),
        range(utc("2016-06-30T22:00:00Z"), utc("2016-07-31T21:00:00Z"))
    );
    assert_eq!(
        time(Beside { before: Some(june), after: Some(august) }),
        range(utc("2016-06-30T22:00:00Z"), utc("2016-07-31T20:00:00Z"))
    );
}

#[test]
fn a_resource_is_not_sold_twice_by_asking_in_the_other_shape() {
    let refused = |opened: Event, command| {
        given([opened]).when(command).then_expect_error(Refusal::OtherShape);
    };
    refused(opened_by_times(9, 0), allocate(A, &[take(1, 2, 1)], None, at(0)));
    refused(opened(9, 0), allocate(A, &[busy("09:00", "10:00", 1)], None, at(0)));
    refused(opened(9, 0), reallocate(A, &[take(1, 2, 1), busy("09:00", "10:00", 1)], None, at(0)));
    refused(opened(9, 0), release("09:00"));
    let from = Some(Point::Day(date(7, 4)));
    refused(opened_by_times(9, 0), Command::Release { booking: A, from, at: at(1) });
}

#[test]
fn a_meeting_may_begin_when_another_ends_and_not_a_minute_earlier() {
    let taken = [opened_by_times(1, 0), allocated(A, &[busy("09:00", "10:00", 1)], None)];
    for free in [busy("10:00", "10:30", 1), busy("08:00", "09:00", 1)] {
        given(taken.clone())
            .when(allocate(B, &[free], None, at(0)))
            .then_expect_events(vec![allocated(B, &[free], None)]);
    }
    given(taken.clone())
        .when(allocate(B, &[busy("09:59", "11:00", 1)], None, at(0)))
        .then_expect_error(sold_out("09:59", "10:00", 0, 1));
    given(taken)
        .when(allocate(B, &[busy("08:00", "12:00", 1)], None, at(0)))
        .then_expect_error(sold_out("09:00", "10:00", 0, 1));
}

/// Two in the morning and two others in the afternoon need two projectors, not four.
#[test]
fn the_peak_counts_and_not_the_sum() {
    let morning = allocated(A, &[busy("09:00", "12:00", 2)], None);
    let afternoon = allocated(B, &[busy("13:00", "17:00", 2)], None);
    let taken = [opened_by_times(3, 0), morning, afternoon];
    given(taken.clone())
        .when(allocate(C, &[busy("09:00", "17:00", 1)], None, at(0)))
        .then_expect_events(vec![allocated(C, &[busy("09:00", "17:00", 1)], None)]);
    given(taken.clone())
        .when(allocate(C, &[busy("08:00", "17:00", 2)], None, at(0)))
        .then_expect_error(sold_out("09:00", "12:00", 1, 2));
    let calendar = state(&taken);
    let free = |start, end| calendar.free_over(Extent::Time(between(start, end)), at(0));
    assert_eq!([free("08:00", "09:00"), free("12:00", "13:00"), free("11:59", "13:00")], [3, 3, 1]);
}

#[test]
fn the_buffers_of_neighbours_add_up() {
    let first = buffered("09:00", "10:00", 0, 15, 1);
    let taken = [opened_by_times(1, 0), allocated(A, &[first], None)];
    let second = |start| buffered(start, "12:00", 10, 0, 1);
    given(taken.clone())
        .when(allocate(B, &[second("10:25")], None, at(0)))
        .then_expect_events(vec![allocated(B, &[second("10:25")], None)]);
    given(taken)
        .when(allocate(B, &[second("10:20")], None, at(0)))
        .then_expect_error(sold_out("10:10", "10:15", 0, 1));
    let Take::Time { time, .. } = first else { panic!("a time") };
    assert_eq!(
        (time.range(), time.plain()),
        (between("09:00", "10:15"), Some(between("09:00", "10:00")))
    );
}

#[test]
fn times_of_one_command_are_counted_together_and_recorded_one_by_one_in_order() {
    let early = busy("09:00", "10:00", 1);
    let late = buffered("09:30", "11:00", 0, 5, 1);
    given([opened_by_times(2, 0)])
        .when(allocate(A, &[late, early], None, at(0)))
        .then_expect_events(vec![allocated(A, &[early, late], None)]);
    given([opened_by_times(1, 0)])
        .when(allocate(A, &[late, early], None, at(0)))
        .then_expect_error(sold_out("09:30", "10:00", 1, 2));
    given([opened_by_times(9, 0)])
        .when(allocate(A, &[early, early], None, at(0)))
        .then_expect_events(vec![allocated(A, &[busy("09:00", "10:00", 2)], None)]);
    given([opened_by_times(9, 0)])
        .when(allocate(A, &[], None, at(0)))
        .then_expect_error(Refusal::NothingAsked);
}

#[test]
fn the_first_and_the_last_minute_of_the_month_can_be_taken_and_none_outside_it() {
    let time = |start, end| {
        let time = range(utc(start), utc(end));
        let time = BusyTime::try_new(time, minutes(0), minutes(0)).unwrap();
        Take::Time { time, quantity: quantity(1) }
    };
    let all = time("2016-06-30T21:00:00Z", "2016-07-31T21:00:00Z");
    given([opened_by_times(1, 0)])
        .when(allocate(A, &[all], None, at(0)))
        .then_expect_events(vec![allocated(A, &[all], None)]);
    for outside in [
        time("2016-06-30T20:59:00Z", "2016-07-01T00:00:00Z"),
        time("2016-07-31T20:00:00Z", "2016-07-31T21:01:00Z"),
    ] {
        given([opened_by_times(1, 0)])
            .when(allocate(A, &[outside], None, at(0)))
            .then_expect_error(Refusal::OutsideMonth { month: month(7) });
    }
}

#[test]
fn what_stands_in_the_way_is_told() {
    let hold = allocated(A, &[busy("09:00", "11:00", 1)], Some(at(15)));
    let firm = allocated(B, &[busy("10:00", "12:00", 1)], None);
    let ask = |start, end, n, when| allocate(C, &[busy(start, end, n)], None, at(when));
    let taken = [opened_by_times(2, 0), hold, firm];
    let refused = |command, refusal| given(taken.clone()).when(command).then_expect_error(refusal);
    refused(ask("08:00", "13:00", 1, 14), lacking("10:00", "11:00", 0, 1, Obstacle::Held));
    refused(ask("08:00", "13:00", 2, 14), lacking("09:00", "10:00", 1, 2, Obstacle::Held));
    refused(ask("10:30", "13:00", 2, 14), lacking("10:30", "11:00", 0, 2, Obstacle::Sold));
    refused(ask("08:00", "13:00", 2, 15), lacking("10:00", "12:00", 1, 2, Obstacle::Sold));
    refused(ask("14:00", "15:00", 3, 14), lacking("14:00", "15:00", 2, 3, Obstacle::Sold));
    let told = ask("10:30", "13:00", 2, 14);
    assert_eq!(
        state(&taken).decide(told).unwrap_err().to_string(),
        "from 2016-07-04 07:30:00 UTC to 2016-07-04 08:00:00 UTC 0 are free and 2 were asked for",
    );
}

#[test]
fn a_held_time_is_free_at_the_very_instant_its_hold_ends() {
    let meeting = busy("09:00", "10:00", 1);
    let held = [opened_by_times(1, 0), allocated(A, &[meeting], Some(at(15)))];
    given(held.clone()).when(allocate(B, &[meeting], None, at(14))).then_expect_error(lacking(
        "09:00",
        "10:00",
        0,
        1,
        Obstacle::Held,
    ));
    let events = given(held.clone()).when(allocate(B, &[meeting], None, at(15)));
    let events = events.inspect_result().unwrap();
    let confirm = |minute| Command::Confirm { booking: A, at: at(minute) };
    given(held.clone())
        .when(confirm(14))
        .then_expect_events(vec![Event::Confirmed { booking: A, at: at(14) }]);
    given(held.clone()).when(confirm(15)).then_expect_error(Refusal::HoldEnded { at: at(15) });
    // a clock that is behind does not get what was given away
    let given_away: Vec<_> = held.into_iter().chain(events).collect();
    given(given_away).when(confirm(14)).then_expect_error(Refusal::HoldEnded { at: at(15) });
}

#[test]
fn a_meeting_moves_to_a_time_that_overlaps_its_own_or_stays_where_it_is() {
    let (before, after) = (busy("09:00", "10:00", 1), busy("09:30", "10:30", 1));
    let taken = [opened_by_times(1, 0), allocated(A, &[before], None)];
    given(taken.clone()).when(reallocate(A, &[after], None, at(1))).then_expect_events(vec![
        Event::Reallocated {
            booking: A,
            freed: vec![before],
            takes: vec![after],
            until: None,
            overbooked: false,
            at: at(1),
        },
    ]);
    given(taken.clone()).when(reallocate(A, &[before], None, at(1))).then_expect_events(Vec::new());
    let [open, own] = taken;
    given([open, own, allocated(B, &[busy("10:00", "11:00", 1)], None)])
        .when(reallocate(A, &[after], None, at(1)))
        .then_expect_error(sold_out("10:00", "10:30", 0, 1));
}

#[test]
fn a_meeting_that_ends_early_frees_the_rest() {
    let booked = buffered("09:00", "11:00", 5, 10, 2);
    let taken = [opened_by_times(2, 0), allocated(A, &[booked], None)];
    let Take::Time { time, quantity } = booked else { panic!("a time") };
    let part = |time: Option<BusyTime>| Take::Time { time: time.unwrap(), quantity };
    let rest = part(time.on_or_after(clock("10:00")));
    let released = Event::Released { booking: A, freed: vec![rest], at: at(1) };
    given(taken.clone()).when(release("10:00")).then_expect_events(vec![released.clone()]);
    let [open, own] = taken;
    let calendar = state(&[open, own, released]);
    assert_eq!(calendar.takes_of(A), [part(time.before_instant(clock("10:00")))]);
    let free = |start, end| calendar.free_over(Extent::Time(between(start, end)), at(1));
    assert_eq!((free("08:55", "10:00"), free("10:00", "11:10")), (0, 2));
    assert!(calendar.decide(release("10:00")).unwrap().is_empty());
}

#[test]
fn a_minute_that_has_begun_is_not_given_up() {
    let taken = [opened_by_times(1, 0), allocated(A, &[busy("09:00", "11:00", 1)], None)];
    let from = clock("09:59") + chrono::TimeDelta::nanoseconds(1);
    let freed = vec![busy("10:00", "11:00", 1)];
    given(taken)
        .when(Command::Release { booking: A, from: Some(Point::Instant(from)), at: at(1) })
        .then_expect_events(vec![Event::Released { booking: A, freed, at: at(1) }]);
}

#[test]
fn overlapping_times_of_one_booking_end_early_together() {
    let takes = [busy("09:00", "11:00", 1), busy("09:00", "12:00", 1), busy("10:00", "11:00", 1)];
    let mut calendar = state(&[opened_by_times(3, 0), allocated(A, &takes, None)]);
    for event in calendar.decide(release("10:30")).unwrap() {
        calendar.evolve(&event);
    }
    assert_eq!(calendar.takes_of(A), [busy("09:00", "10:30", 2), busy("10:00", "10:30", 1)]);
    let free = |start, end| calendar.free_over(Extent::Time(between(start, end)), at(1));
    assert_eq!([free("09:00", "10:00"), free("10:00", "10:30"), free("10:30", "12:00")], [1, 0, 3]);
}

#[test]
fn more_than_the_largest_quantity_is_given_up_as_it_was_taken() {
    let many =
        [busy("09:00", "10:00", 10_000), busy("09:00", "10:00", 10_000), busy("09:00", "10:00", 5)];
    let mut calendar = state(&[opened_by_times(50_000, 0)]);
    let commands = [allocate(A, &many, None, at(0)), release("09:30")];
    for event in commands.into_iter().flat_map(|command| {
        let events = calendar.decide(command).unwrap();
        for event in &events {
            calendar.evolve(event);
        }
        events
    }) {
        let (Event::Allocated { takes, .. } | Event::Released { freed: takes, .. }) = event else {
            panic!("{event:?}")
        };
        assert_eq!(
            takes.iter().map(|take| take.quantity().get()).collect::<Vec<_>>(),
            [10_000, 10_000, 5]
        );
    }
    let free = |start, end| calendar.free_over(Extent::Time(between(start, end)), at(1));
    assert_eq!((free("09:00", "09:30"), free("09:30", "10:00")), (29_995, 50_000));
}

#[test]
fn overbooking_is_flagged_and_reported_where_it_is() {
    let full = [opened_by_times(1, 1), allocated(A, &[busy("09:00", "10:00", 1)], None)];
    let more = allocate(B, &[busy("09:30", "11:00", 1)], None, at(0));
    let events = given(full.clone()).when(more).inspect_result().unwrap();
    assert!(matches!(events[..], [Event::Allocated { overbooked: true, .. }]));
    let [open, own] = full;
    let calendar = state(&[open, own, events[0].clone()]);
    let over = |start, end| calendar.overbooked_over(Extent::Time(between(start, end)), at(0));
    assert_eq!([over("08:00", "09:30"), over("09:00", "12:00"), over("10:00", "12:00")], [0, 1, 0]);
}

#[test]
fn nothing_is_free_outside_the_month_or_in_the_other_shape() {
    let calendar = state(&[opened_by_times(3, 0)]);
    let over = |start, end| calendar.free_over(Extent::Time(range(utc(start), utc(end))), at(0));
    assert_eq!(over("2016-06-30T21:00:00Z", "2016-07-31T21:00:00Z"), 3);
    assert_eq!(over("2016-06-30T20:00:00Z", "2016-07-31T21:00:00Z"), 0);
    assert_eq!(calendar.free(date(7, 4), at(0)), 0);
    assert_eq!(calendar.overbooked_by(date(7, 4), at(0)), 0);
    assert_eq!(state(&[opened(3, 0)]).free_over(Extent::Time(between("09:00", "10:00")), at(0)), 0);
}

#[test]
fn a_hundred_thousand_meetings_are_counted_in_little_room() {
    const MEETINGS: u32 = 100_000;
    let mut calendar = state(&[opened_by_times(MEETINGS, 0)]);
    let time = |first: i64, length: i64| {
        let start = clock("00:00") + chrono::TimeDelta::minutes(first);
        let time = range(start, start + chrono::TimeDelta::minutes(length));
        let time = BusyTime::try_new(time, minutes(0), minutes(0)).unwrap();
        Take::Time { time, quantity: quantity(1) }
    };
    for n in 0..MEETINGS {
        let until = (n % 2 == 0).then(|| at(1_000 + i64::from(n % 7)));
        let noon = time(640 + i64::from(n % 60), 120 - i64::from(n % 60)); // all of them from 11:40 to 12:40
        let events = calendar.decide(allocate(booking(u128::from(n) + 99), &[noon], until, at(1)));
        calendar.evolve(&events.unwrap()[0]);
    }
    let lunch = |when| allocate(A, &[busy("12:00", "12:10", 1)], None, at(when));
    let refusal = lacking("12:00", "12:10", 0, 1, Obstacle::Held);
    assert_eq!(calendar.decide(lunch(999)), Err(refusal));
    assert!(calendar.decide(lunch(1_000)).is_ok());
    let noon = Extent::Time(between("12:00", "12:30"));
    assert_eq!(calendar.free_over(noon, at(2_000)), MEETINGS / 2);
    assert!(calendar.weight() < 300 * MEETINGS as usize);
}

#[test]
fn the_bookings_that_begin_in_a_time_are_told_without_buffers_and_ended_holds() {
    let calendar = state(&[
        opened_by_times(9, 0),
        allocated(A, &[buffered("10:00", "11:00", 30, 0, 1), busy("10:15", "10:45", 1)], None),
        allocated(B, &[busy("09:00", "10:30", 1)], None),
        allocated(C, &[busy("10:30", "11:00", 2)], Some(at(15))),
    ]);
    let begun = |start, end, minute| {
        let mut found: Vec<_> = calendar.begun_within(between(start, end), at(minute)).collect();
        found.sort_unstable();
        found
    };
    assert_eq!(begun("10:00", "10:30", 0), [A]);
    assert_eq!(begun("10:00", "10:31", 0), [A, C]);
    assert_eq!(begun("10:00", "10:31", 15), [A]);
    assert_eq!(begun("09:00", "10:00", 0), [B]);
    assert_eq!(begun("09:30", "10:00", 0), []);
    let by_nights = state(&[opened(9, 0), allocated(A, &[take(1, 2, 1)], None)]);
    assert_eq!(by_nights.begun_within(between("00:00", "23:00"), at(0)).count(), 0);
}
