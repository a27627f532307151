//! Requests that wait for approval, and deadlines that are put off.

use super::*;

fn requested() -> Event {
    Event::Requested { terms: terms(), until: at(60), at: at(0) }
}

fn approved(until: Option<Timestamp>) -> Event {
    Event::Approved { until, at: at(10) }
}

fn declined() -> Event {
    Event::Declined { reason: Some(reason("no staff")), at: at(10) }
}

#[test]
fn a_request_waits_until_its_deadline() {
    let request = Command::Request { terms: terms(), until: at(60), at: at(0) };
    given([]).when(request.clone()).then_expect_events(vec![requested()]);
    given([requested()]).when(request).then_expect_error(Refusal::AlreadyExists);
    given([])
        .when(Command::Request { terms: terms(), until: at(0), at: at(0) })
        .then_expect_error(Refusal::DeadlinePassed { at: at(0) });
    let booking = state(&[requested()]);
    assert_eq!((booking.status(), booking.until()), (Status::Requested, Some(at(60))));
}

#[test]
fn an_approved_request_is_confirmed_at_once_or_held_for_payment() {
    given([requested()])
        .when(Command::Approve { until: None, at: at(10) })
        .then_expect_events(vec![approved(None)]);
    assert_eq!(state(&[requested(), approved(None)]).status(), Status::Confirmed);
    assert_eq!(state(&[requested(), approved(None)]).until(), None);

    let until = Some(at(100));
    given([requested()])
        .when(Command::Approve { until, at: at(10) })
        .then_expect_events(vec![approved(until)]);
    let held = state(&[requested(), approved(until)]);
    assert_eq!((held.status(), held.until()), (Status::Held, until));
    given([requested(), approved(until)])
        .when(Command::Confirm { at: at(99) })
        .then_expect_events(vec![Event::Confirmed { at: at(99) }]);
}

#[test]
fn approving_or_declining_again_records_nothing() {
    for until in [None, Some(at(100))] {
        given([requested(), approved(until)])
            .when(Command::Approve { until, at: at(11) })
            .then_expect_events(Vec::new());
    }
    given([requested(), declined()])
        .when(Command::Decline { reason: None, at: at(11) })
        .then_expect_events(Vec::new());
}

#[test]
fn a_request_is_answered_before_its_deadline() {
    given([requested()])
        .when(Command::Approve { until: None, at: at(60) })
        .then_expect_error(Refusal::HoldEnded { at: at(60) });
    given([requested()])
        .when(Command::Approve { until: Some(at(10)), at: at(10) })
        .then_expect_error(Refusal::DeadlinePassed { at: at(10) });
    given([requested()])
        .when(Command::Lapse { at: at(59) })
        .then_expect_error(Refusal::StillHeld { until: at(60) });
    given([requested()])
        .when(Command::Lapse { at: at(60) })
        .then_expect_events(vec![Event::HoldLapsed { until: at(60), at: at(60) }]);
}

#[test]
fn only_what_was_requested_is_approved_or_declined() {
    for events in [vec![held_until(at(15))], vec![booked()]] {
        for command in [
            Command::Approve { until: None, at: at(1) },
            Command::Decline { reason: None, at: at(1) },
        ] {
            given(events.clone()).when(command).then_expect_error(Refusal::NotRequested);
        }
    }
}

#[test]
fn what_waits_for_approval_cannot_be_confirmed_or_used() {
    for command in [
        Command::Confirm { at: at(1) },
        Command::CheckIn { at: arrival() },
        Command::NoShow { paid: None, at: arrival() },
        Command::CheckOut { at: arrival() },
    ] {
        given([requested()]).when(command).then_expect_error(Refusal::NotApproved);
    }
    given([requested()])
        .when(Command::Cancel { reason: None, terms: CancelTerms::NONE, at: at(1) })
        .then_expect_events(vec![cancelled()]);
}

#[test]
fn what_was_declined_stays_declined() {
    for command in [
        Command::Approve { until: None, at: at(11) },
        Command::Confirm { at: at(11) },
        amend(vec![line(2, 4, eur(1))]),
        Command::CheckIn { at: arrival() },
        Command::Cancel { reason: None, terms: CancelTerms::NONE, at: at(11) },
    ] {
        given([requested(), declined()]).when(command).then_expect_error(Refusal::Declined);
    }
}

#[test]
fn a_deadline_can_be_put_off_while_it_lies_ahead() {
    let extend = |until, now| Command::Extend { until, at: now };
    for began in [requested(), Event::Held { terms: terms(), until: at(60), at: at(0) }] {
        given([began.clone()])
            .when(extend(at(90), at(59)))
            .then_expect_events(vec![Event::HoldExtended { until: at(90), at: at(59) }]);
        given([began.clone()]).when(extend(at(60), at(1))).then_expect_events(Vec::new());
        given([began.clone()])
            .when(extend(at(59), at(1)))
            .then_expect_error(Refusal::NotLater { until: at(60) });
        given([began.clone()])
            .when(extend(at(90), at(60)))
            .then_expect_error(Refusal::HoldEnded { at: at(60) });
        let extended = state(&[began, Event::HoldExtended { until: at(90), at: at(59) }]);
        assert_eq!(extended.until(), Some(at(90)));
    }
    given([booked()]).when(extend(at(90), at(1))).then_expect_error(Refusal::NotHeld);
    given([]).when(extend(at(90), at(1))).then_expect_error(Refusal::NotFound);
}
