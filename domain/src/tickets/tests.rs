//! The rules of tickets and gates, without a database.

mod laws;
mod portions;
mod scans;

use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::{
    Command, Direction, Doors, Entitlement, Event, Holder, Issued, Mode, Outcome, Reading, Reason,
    Refusal, Rejudged, Scan, Standing, Ticket, Tickets,
};
use crate::allotment::Admission;
use crate::testing::{at, minutes, range, uuid};
use crate::values::{Code, CodeHash, Generation, Nonce, Phrase, SessionId, TicketNumber};

fn given(events: impl Into<Vec<Event>>) -> AggregateTestExecutor<Tickets> {
    TestFramework::with(()).given(events.into())
}

fn state(events: &[Event]) -> Tickets {
    let mut tickets = Tickets::default();
    for event in events {
        tickets.evolve(event);
    }
    tickets
}

fn code(text: &str) -> Code {
    Code::try_new(text).expect("a code")
}

fn nonce(text: &str) -> Nonce {
    Nonce::try_new(text).expect("a nonce")
}

fn number(value: u32) -> TicketNumber {
    TicketNumber::try_new(value).expect("a number of a ticket")
}

fn generation(value: u32) -> Generation {
    Generation::try_new(value).expect("a generation")
}

fn session(n: u128) -> SessionId {
    SessionId::from_uuid(uuid(n))
}

/// A digest that tells the issue it belongs to.
fn digest(number: u32, generation: u32) -> CodeHash {
    let mut digest = [0; 32];
    digest[..4].copy_from_slice(&number.to_be_bytes());
    digest[4..8].copy_from_slice(&generation.to_be_bytes());
    CodeHash::new(digest)
}

fn place(evening: u128, offer: &str, seat: Option<&str>) -> Entitlement {
    let seat = seat.map(|seat| seat.parse().expect("a seat"));
    Entitlement { session: session(evening), offer: code(offer), seat }
}

fn issue(n: u32, generation: u32, entitlement: Entitlement) -> Issued {
    Issued { number: number(n), entitlement, code_hash: digest(n, generation) }
}

/// Tickets 1 and so on, at minute 0.
fn issued(entitlements: &[Entitlement]) -> Event {
    let tickets = (1..).zip(entitlements).map(|(n, entitled)| issue(n, 1, entitled.clone()));
    Event::Issued { tickets: tickets.collect(), at: at(0) }
}

/// One ticket for the stalls of the first evening.
fn one() -> Event {
    issued(&[place(1, "stalls", None)])
}

fn settled(before: &[Event], entitled: &[Entitlement]) -> Result<Vec<Event>, Refusal> {
    settled_without(before, entitled, &[])
}

fn settled_without(
    before: &[Event],
    entitled: &[Entitlement],
    given_up: &[u32],
) -> Result<Vec<Event>, Refusal> {
    let code_of =
        |number: TicketNumber, generation: Generation| digest(number.get(), generation.get());
    let given_up = given_up.iter().copied().map(number).collect();
    state(before).settle(entitled.to_vec(), &given_up, code_of, at(5))
}

fn holder(name: &str) -> Holder {
    let name = Phrase::try_new(name).expect("a name");
    Holder { name, email: None, customer_id: None }
}

fn transfer(n: u32, to: &str, now: i64) -> Command {
    let (number, to, code_hash) = (number(n), holder(to), digest(n, 2));
    Command::Transfer { number, to, code_hash, begins: at(180), at: at(now) }
}

fn transferred(n: u32, to: &str, now: i64) -> Event {
    let (number, personal, code_hash) = (number(n), holder(to), digest(n, 2));
    Event::Transferred { number, personal, code_hash, at: at(now) }
}

#[test]
fn there_is_one_ticket_for_each_entitlement_and_no_more() {
    let places = [place(1, "stalls", Some("stalls/A-1")), place(1, "lawn", None)];
    assert_eq!(
        settled(&[], &places).unwrap(),
        [Event::Issued {
            tickets: vec![issue(1, 1, places[0].clone()), issue(2, 1, places[1].clone())],
            at: at(5)
        }]
    );
    assert_eq!(settled(&[issued(&places)], &places).unwrap(), []);
    let turned = [places[1].clone(), places[0].clone()];
    assert_eq!(settled(&[issued(&places)], &turned).unwrap(), [], "whatever their order");
}

#[test]
fn a_booking_called_off_leaves_no_ticket_that_admits_anybody() {
    let before = [issued(&[place(1, "stalls", None), place(2, "stalls", None)])];
    let void = Event::Voided { numbers: vec![number(1), number(2)], at: at(5) };
    assert_eq!(settled(&before, &[]).unwrap(), std::slice::from_ref(&void));
    assert_eq!(settled(&[before[0].clone(), void], &[]).unwrap(), []);
}

#[test]
fn another_seat_or_session_puts_the_same_ticket_under_a_new_code() {
    let before =
        [issued(&[place(1, "stalls", Some("stalls/A-1")), place(1, "stalls", Some("stalls/A-2"))])];
    let seat = place(1, "stalls", Some("stalls/B-7"));
    let after = [place(1, "stalls", Some("stalls/A-2")), seat.clone()];
    let exchanged = Event::Exchanged { tickets: vec![issue(1, 2, seat)], at: at(5) };
    assert_eq!(settled(&before, &after).unwrap(), [exchanged]);
    let later = [place(2, "stalls", Some("stalls/A-1")), place(2, "stalls", Some("stalls/A-2"))];
    let exchanged = vec![issue(1, 2, later[0].clone()), issue(2, 2, later[1].clone())];
    let exchanged = Event::Exchanged { tickets: exchanged, at: at(5) };
    assert_eq!(settled(&before, &later).unwrap(), [exchanged]);
}

#[test]
fn of_fewer_places_those_keep_a_ticket_who_came_in_or_were_given_one() {
    let adult = || place(1, "adult", None);
    let before = [
        issued(&[adult(), adult(), adult(), adult()]),
        transferred(3, "Amal", 1),
        scans::went(2, 1, "a", Direction::Entry, 100),
    ];
    let void = Event::Voided { numbers: vec![number(1), number(4)], at: at(5) };
    assert_eq!(settled(&before, &[adult(), adult()]).unwrap(), [void]);
}

#[test]
fn another_offer_is_another_ticket() {
    let before = [issued(&[place(1, "adult", None), place(1, "adult", None)])];
    let after = [place(1, "adult", None), place(1, "child", None)];
    let void = Event::Voided { numbers: vec![number(2)], at: at(5) };
    let new = Event::Issued { tickets: vec![issue(3, 1, after[1].clone())], at: at(5) };
    assert_eq!(settled(&before, &after).unwrap(), [void, new]);
}

#[test]
fn a_booking_has_no_more_tickets_than_it_can_number() {
    let entitled = vec![place(1, "lawn", None); 10_001];
    assert_eq!(settled(&[], &entitled), Err(Refusal::TooMany));
    assert!(settled(&[], &entitled[1..]).is_ok());
}

#[test]
fn a_ticket_given_to_somebody_else_has_another_code() {
    given([one()]).when(transfer(1, "Amal", 9)).then_expect_events(vec![transferred(1, "Amal", 9)]);
    let tickets = state(&[one(), transferred(1, "Amal", 9)]);
    let ticket = tickets.ticket(number(1)).unwrap();
    assert_eq!((ticket.generation(), ticket.issue().code_hash), (generation(2), digest(1, 2)));
    assert_eq!(ticket.entitlement(), &place(1, "stalls", None));
    assert_eq!(ticket.personal, Some(holder("Amal")));
}

#[test]
fn giving_a_ticket_to_whom_has_it_records_nothing() {
    given([one(), transferred(1, "Amal", 9)])
        .when(transfer(1, "Amal", 10))
        .then_expect_events(Vec::new());
}

#[test]
fn a_ticket_is_given_away_before_it_is_used_and_before_it_begins() {
    given([one()]).when(transfer(2, "Amal", 9)).then_expect_error(Refusal::NotFound);
    given([one()])
        .when(transfer(1, "Amal", 180))
        .then_expect_error(Refusal::SessionBegun { at: at(180) });
    given([one(), scans::went(1, 1, "a", Direction::Entry, 100)])
        .when(transfer(1, "Amal", 110))
        .then_expect_error(Refusal::AlreadyUsed);
    given([one(), Event::Voided { numbers: vec![number(1)], at: at(3) }])
        .when(transfer(1, "Amal", 9))
        .then_expect_error(Refusal::Void);
}
