//! Reschedules, moves, and lines that are called off.

use super::lines::places as places_of;
use super::*;
use crate::values::Code;

fn two_lines() -> Vec<Line> {
    vec![line(1, 4, eur(1_000)), line(5, 6, eur(500))]
}

fn two_lines_booked() -> Event {
    Event::Booked { terms: terms_of(two_lines()).unwrap(), at: at(0) }
}

fn lines(lines: Vec<Line>) -> Lines {
    Lines::try_new(lines).unwrap()
}

fn in_room(n: u128, of: &Line) -> Line {
    Line::Nights(of.nights().unwrap().clone().moved(resource(n)))
}

#[test]
fn a_reschedule_keeps_everything_but_the_time() {
    let later = lines(vec![line(10, 13, eur(1_200)), line(5, 6, eur(500))]);
    let total = later.total();
    given([two_lines_booked()])
        .when(Command::Reschedule { lines: later.clone(), terms: AS_IT_IS, at: at(1) })
        .then_expect_events(vec![Event::Rescheduled {
            lines: later,
            total,
            fee: None,
            refund: None,
            at: at(1),
        }]);

    let elsewhere = in_room(9, &line(10, 13, eur(1_000)));
    given([two_lines_booked()])
        .when(Command::Reschedule {
            lines: lines(vec![line(1, 4, eur(1_000)), elsewhere]),
            terms: AS_IT_IS,
            at: at(1),
        })
        .then_expect_error(Refusal::NotOnlyTheTime { number: 1 });
    given([two_lines_booked()])
        .when(Command::Reschedule {
            lines: lines(vec![line(10, 13, eur(1_000))]),
            terms: AS_IT_IS,
            at: at(1),
        })
        .then_expect_error(Refusal::NotOnlyTheTime { number: 1 });
}

#[test]
fn a_move_keeps_everything_but_the_resource() {
    let [first, second] = <[Line; 2]>::try_from(two_lines()).unwrap();
    let moved = lines(vec![in_room(9, &first), second.clone()]);
    let total = moved.total();
    given([two_lines_booked()])
        .when(Command::Move { lines: moved.clone(), at: at(1) })
        .then_expect_events(vec![Event::Moved { lines: moved, total, at: at(1) }]);
    given([two_lines_booked()])
        .when(Command::Move { lines: lines(vec![first, line(5, 7, eur(500))]), at: at(1) })
        .then_expect_error(Refusal::NotOnlyThePlace { number: 1 });
}

#[test]
fn nothing_is_recorded_where_nothing_changes() {
    let same = lines(two_lines());
    for command in [
        Command::Reschedule { lines: same.clone(), terms: AS_IT_IS, at: at(1) },
        Command::Move { lines: same, at: at(1) },
        cancel_lines(Vec::new(), CancelTerms::NONE, at(1)),
    ] {
        given([two_lines_booked()]).when(command).then_expect_events(Vec::new());
    }
}

#[test]
fn some_lines_are_called_off_and_the_others_stay() {
    let kept = lines(vec![line(5, 6, eur(500))]);
    let total = kept.total();
    given([two_lines_booked()])
        .when(cancel_lines(vec![0, 0], CancelTerms::NONE, at(1)))
        .then_expect_events(vec![Event::LinesCancelled {
            cancelled: vec![line(1, 4, eur(1_000))],
            lines: kept,
            total,
            reason: None,
            fee: None,
            refund: None,
            at: at(1),
        }]);
    let cancel = |numbers| cancel_lines(numbers, CancelTerms::NONE, at(1));
    given([two_lines_booked()])
        .when(cancel(vec![0, 2]))
        .then_expect_error(Refusal::UnknownLine { number: 2 });
    given([two_lines_booked()]).when(cancel(vec![0, 1])).then_expect_error(Refusal::NothingLeft);
}

#[test]
fn what_is_over_or_cancelled_is_not_changed() {
    let later = lines(vec![line(10, 13, eur(1_000)), line(5, 6, eur(500))]);
    for command in [
        Command::Reschedule { lines: later.clone(), terms: AS_IT_IS, at: at(2) },
        Command::Move { lines: later, at: at(2) },
        cancel_lines(vec![0], CancelTerms::NONE, at(2)),
    ] {
        given([two_lines_booked(), cancelled()])
            .when(command.clone())
            .then_expect_error(Refusal::Cancelled);
        given([two_lines_booked(), checked_in()])
            .when(command)
            .then_expect_error(Refusal::AlreadyCheckedIn);
    }
}

#[test]
fn a_state_follows_its_changes() {
    let kept = lines(vec![line(5, 6, eur(500))]);
    let total = kept.total();
    let event = Event::LinesCancelled {
        cancelled: vec![line(1, 4, eur(1_000))],
        lines: kept.clone(),
        total,
        reason: None,
        fee: None,
        refund: None,
        at: at(1),
    };
    let booking = state(&[two_lines_booked(), event]);
    assert_eq!(booking.lines(), kept.as_slice());
    assert_eq!(booking.total(), Some(total));
}

#[test]
fn places_are_moved_to_other_seats_and_rescheduled_to_other_sessions() {
    let places = |session, seats: &[&str]| {
        let seats = seats.iter().map(|seat| seat.parse().unwrap()).collect();
        places_of(session).seated(seats)
    };
    let booked = Event::Booked {
        terms: terms_of(vec![Line::Places(places(7, &["stalls/A-1"]))]).unwrap(),
        at: at(0),
    };
    let other_seat = lines(vec![Line::Places(places(7, &["stalls/B-2"]))]);
    let other_session = lines(vec![Line::Places(places(8, &["stalls/A-1"]))]);
    let total = other_seat.total();
    given([booked.clone()])
        .when(Command::Move { lines: other_seat.clone(), at: at(1) })
        .then_expect_events(vec![Event::Moved { lines: other_seat.clone(), total, at: at(1) }]);
    given([booked.clone()])
        .when(Command::Reschedule { lines: other_session.clone(), terms: AS_IT_IS, at: at(1) })
        .then_expect_events(vec![Event::Rescheduled {
            lines: other_session.clone(),
            total,
            fee: None,
            refund: None,
            at: at(1),
        }]);
    given([booked])
        .when(Command::Move { lines: other_session, at: at(1) })
        .then_expect_error(Refusal::NotOnlyThePlace { number: 0 });
    assert_eq!(Code::try_new("adult").as_ref(), Ok(places_of(7).offer()));
}
