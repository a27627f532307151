//! What happens at the gates.

use super::*;

/// The session of the tests: from minute 180 to minute 300, its gates open from minute 60.
pub(super) fn doors(admission: Admission) -> Doors {
    let time = range(at(180), at(300));
    Doors { session: session(1), time, called_off: false, admission, only: None }
}

pub(super) fn reading(text: &str, direction: Direction, minute: i64) -> Reading {
    let (nonce, gate) = (nonce(text), code("north"));
    Reading { nonce, gate, direction, generation: generation(1), scanned_at: at(minute) }
}

fn show(reading: Reading, mode: Mode, doors: Doors) -> Command {
    let at = reading.scanned_at;
    Command::Scan { number: number(1), reading, mode, doors, at }
}

fn online(text: &str, direction: Direction, minute: i64) -> Command {
    show(reading(text, direction, minute), Mode::Online, doors(Admission::default()))
}

fn offline(text: &str, direction: Direction, minute: i64) -> Command {
    show(reading(text, direction, minute), Mode::Offline, doors(Admission::default()))
}

fn scan(issued: u32, text: &str, direction: Direction, minute: i64) -> Scan {
    let mut reading = reading(text, direction, minute);
    reading.generation = generation(issued);
    Scan {
        reading,
        mode: Mode::Online,
        session: session(1),
        reentry: false,
        counted_at: at(minute),
        answered: Outcome::Admitted,
        outcome: Outcome::Admitted,
    }
}

/// Somebody went through with a ticket.
pub(super) fn went(n: u32, issued: u32, text: &str, direction: Direction, minute: i64) -> Event {
    let scan = scan(issued, text, direction, minute);
    Event::Scanned { number: number(n), scan, rejudged: Vec::new(), at: at(minute) }
}

fn refused(text: &str, direction: Direction, minute: i64, reason: Reason) -> Event {
    let outcome = Outcome::Refused(reason);
    let scan = Scan { answered: outcome, outcome, ..scan(1, text, direction, minute) };
    Event::ScanRefused { number: number(1), scan, at: at(minute) }
}

/// What the gate is told.
fn told(before: &[Event], command: Command) -> Outcome {
    let Command::Scan { number, ref reading, .. } = command else { panic!("no scan") };
    let nonce = reading.nonce.clone();
    let mut tickets = state(before);
    for event in tickets.decide(command).expect("a scan is answered") {
        tickets.evolve(&event);
    }
    tickets.ticket(number).and_then(|ticket| ticket.scan(&nonce)).expect("it is kept").answered
}

fn turned_away(before: &[Event], command: Command, reason: Reason) {
    assert_eq!(told(before, command), Outcome::Refused(reason));
}

#[test]
fn a_ticket_lets_its_holder_in_and_out() {
    given([one()]).when(online("a", Direction::Entry, 100)).then_expect_events(vec![went(
        1,
        1,
        "a",
        Direction::Entry,
        100,
    )]);
    given([one(), went(1, 1, "a", Direction::Entry, 100)])
        .when(online("b", Direction::Exit, 110))
        .then_expect_events(vec![went(1, 1, "b", Direction::Exit, 110)]);
}

#[test]
fn a_ticket_lets_nobody_in_while_somebody_is_inside_with_it() {
    given([one(), went(1, 1, "a", Direction::Entry, 100)])
        .when(online("b", Direction::Entry, 110))
        .then_expect_events(vec![refused("b", Direction::Entry, 110, Reason::AlreadyInside)]);
}

#[test]
fn whoever_left_comes_in_again_only_where_that_is_allowed() {
    let before =
        [one(), went(1, 1, "a", Direction::Entry, 100), went(1, 1, "b", Direction::Exit, 110)];
    turned_away(&before, online("c", Direction::Entry, 120), Reason::AlreadyUsed);
    let again = doors(Admission { reentry: true, ..Admission::default() });
    let command = show(reading("c", Direction::Entry, 120), Mode::Online, again);
    assert_eq!(told(&before, command), Outcome::Admitted);
}

#[test]
fn nobody_leaves_who_is_not_inside() {
    turned_away(&[one()], online("a", Direction::Exit, 100), Reason::NotInside);
}

#[test]
fn gates_open_at_the_first_instant_and_close_at_the_end() {
    turned_away(&[one()], online("a", Direction::Entry, 59), Reason::TooEarly);
    assert_eq!(told(&[one()], online("a", Direction::Entry, 60)), Outcome::Admitted);
    assert_eq!(told(&[one()], online("a", Direction::Entry, 299)), Outcome::Admitted);
    turned_away(&[one()], online("a", Direction::Entry, 300), Reason::TooLate);
    let soon = Admission { opens_before: Some(minutes(5)), ..Admission::default() };
    let command = show(reading("a", Direction::Entry, 174), Mode::Online, doors(soon));
    turned_away(&[one()], command, Reason::TooEarly);
    let inside = [one(), went(1, 1, "a", Direction::Entry, 100)];
    let late = told(&inside, online("b", Direction::Exit, 400));
    assert_eq!(late, Outcome::Admitted, "nobody is locked in");
}

#[test]
fn a_gate_lets_in_the_offers_it_is_for() {
    let at_gates = |gate: &str, offers: &[&str]| {
        let offers = offers.iter().map(|offer| code(offer)).collect();
        let gates = [(code(gate), offers)].into();
        let doors = doors(Admission { gates, ..Admission::default() });
        show(reading("a", Direction::Entry, 100), Mode::Online, doors)
    };
    assert_eq!(told(&[one()], at_gates("north", &["lawn", "stalls"])), Outcome::Admitted);
    assert_eq!(told(&[one()], at_gates("north", &[])), Outcome::Admitted);
    turned_away(&[one()], at_gates("north", &["lawn"]), Reason::OtherGate);
    turned_away(&[one()], at_gates("south", &["stalls"]), Reason::OtherGate);
}

#[test]
fn a_ticket_for_another_session_admits_nobody() {
    let other = Doors { only: Some(session(2)), ..doors(Admission::default()) };
    let command = show(reading("a", Direction::Entry, 100), Mode::Online, other);
    turned_away(&[one()], command, Reason::OtherSession);
    let off = Doors { called_off: true, ..doors(Admission::default()) };
    let command = show(reading("a", Direction::Entry, 100), Mode::Online, off);
    turned_away(&[one()], command, Reason::CalledOff);
}

#[test]
fn a_ticket_that_is_void_or_was_issued_anew_admits_nobody() {
    let void = Event::Voided { numbers: vec![number(1)], at: at(3) };
    turned_away(&[one(), void], online("a", Direction::Entry, 100), Reason::Void);
    let before = [one(), transferred(1, "Amal", 9)];
    turned_away(&before, online("a", Direction::Entry, 100), Reason::Superseded);
    let mut new = reading("a", Direction::Entry, 100);
    new.generation = generation(2);
    let command = show(new, Mode::Online, doors(Admission::default()));
    assert_eq!(told(&before, command), Outcome::Admitted);
}

#[test]
fn an_issue_that_never_was_is_not_found() {
    let mut later = reading("a", Direction::Entry, 100);
    later.generation = generation(2);
    given([one()])
        .when(show(later, Mode::Online, doors(Admission::default())))
        .then_expect_error(Refusal::NotFound);
}

#[test]
fn a_scan_sent_again_is_no_second_one() {
    let inside = [one(), went(1, 1, "a", Direction::Entry, 100)];
    given(inside.clone()).when(online("a", Direction::Entry, 101)).then_expect_events(Vec::new());
    given(inside).when(online("a", Direction::Exit, 101)).then_expect_error(Refusal::NonceReused);
}

#[test]
fn what_a_gate_did_offline_is_kept_even_if_two_let_the_same_ticket_in() {
    let before = [one(), went(1, 1, "a", Direction::Entry, 100)];
    assert_eq!(told(&before, offline("b", Direction::Entry, 105)), Outcome::Duplicate);
    assert_eq!(told(&[one()], offline("b", Direction::Exit, 105)), Outcome::Unmatched);
}

#[test]
fn a_scan_that_comes_in_late_takes_its_place_in_the_order_of_time() {
    let first = scan(1, "b", Direction::Entry, 90);
    let first = Scan { mode: Mode::Offline, ..first };
    let rejudged = vec![Rejudged { nonce: nonce("a"), outcome: Outcome::Duplicate }];
    let event = Event::Scanned { number: number(1), scan: first, rejudged, at: at(90) };
    let before = [one(), went(1, 1, "a", Direction::Entry, 100)];
    given(before.clone())
        .when(offline("b", Direction::Entry, 90))
        .then_expect_events(vec![event.clone()]);
    let tickets = state(&[before[0].clone(), before[1].clone(), event]);
    let ticket = tickets.ticket(number(1)).unwrap();
    let known: Vec<_> =
        ticket.scans().iter().map(|s| (s.reading.nonce.as_str(), s.outcome)).collect();
    assert_eq!(known, [("b", Outcome::Admitted), ("a", Outcome::Duplicate)]);
    assert_eq!(ticket.scan(&nonce("a")).unwrap().answered, Outcome::Admitted, "as it was told");
}

#[test]
fn what_was_in_force_when_somebody_went_through_counts_for_a_late_scan() {
    let void = Event::Voided { numbers: vec![number(1)], at: at(100) };
    assert_eq!(told(&[one(), void.clone()], offline("a", Direction::Entry, 99)), Outcome::Admitted);
    turned_away(&[one(), void], offline("a", Direction::Entry, 100), Reason::Void);
    let given_away = [one(), transferred(1, "Amal", 100)];
    assert_eq!(told(&given_away, offline("a", Direction::Entry, 99)), Outcome::Admitted);
    turned_away(&given_away, offline("a", Direction::Entry, 100), Reason::Superseded);
}

#[test]
fn a_scan_that_is_answered_counts_behind_all_that_is_known() {
    let before = [one(), went(1, 1, "a", Direction::Entry, 100)];
    let mut tickets = state(&before);
    let slow = online("b", Direction::Entry, 99);
    for event in tickets.decide(slow).unwrap() {
        tickets.evolve(&event);
    }
    let ticket = tickets.ticket(number(1)).unwrap();
    assert_eq!(ticket.scan(&nonce("b")).unwrap().outcome, Outcome::Refused(Reason::AlreadyInside));
    assert_eq!(ticket.scans().last().unwrap().reading.nonce, nonce("b"));
}

#[test]
fn a_ticket_can_not_be_shown_for_ever() {
    let mut events = vec![one()];
    let minute = |n: usize| 100 + i64::try_from(n).unwrap();
    events.extend(
        (0..super::super::MAX_SCANS)
            .map(|n| refused(&format!("n{n}"), Direction::Exit, minute(n), Reason::NotInside)),
    );
    given(events)
        .when(online("last", Direction::Entry, 100))
        .then_expect_error(Refusal::TooManyScans);
}
