//! What holds for any scans in any order.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::scans::{doors, reading};
use super::*;

const TICKETS: u32 = 2;

#[derive(Clone, Debug)]
struct Shown {
    number: u32,
    direction: Direction,
    minute: i64,
    nonce: String,
    mode: Mode,
}

impl Shown {
    fn command(&self, reentry: bool) -> Command {
        let reading = reading(&self.nonce, self.direction, self.minute);
        let doors = doors(Admission { reentry, ..Admission::default() });
        let at = at(400);
        Command::Scan { number: number(self.number), reading, mode: self.mode, doors, at }
    }
}

fn shown(modes: impl Strategy<Value = Mode>) -> impl Strategy<Value = Shown> {
    let direction = prop_oneof![2 => Just(Direction::Entry), 1 => Just(Direction::Exit)];
    (1..=TICKETS, direction, 50_i64..310, 0..40_u32, modes).prop_map(
        |(number, direction, minute, nonce, mode)| {
            // a nonce stands for one scan, so that any two with the same are the same
            let nonce = format!("{nonce}-{direction:?}");
            Shown { number, direction, minute, nonce, mode }
        },
    )
}

/// A bag of scans without two of the same nonce of one ticket.
fn distinct(mut all: Vec<Shown>) -> Vec<Shown> {
    let mut seen = BTreeSet::new();
    all.retain(|shown| seen.insert((shown.number, shown.nonce.clone())));
    all
}

fn start() -> Tickets {
    state(&[issued(&[place(1, "stalls", None), place(1, "stalls", None)])])
}

fn after(scans: &[Shown], reentry: bool) -> Tickets {
    let mut tickets = start();
    for shown in scans {
        for event in tickets.decide(shown.command(reentry)).expect("a scan is answered") {
            tickets.evolve(&event);
        }
    }
    tickets
}

/// What scans count as, in order, and where the holders are.
fn account(tickets: &Tickets) -> Vec<(Vec<(String, Outcome)>, Standing)> {
    let told = |ticket: &Ticket| {
        let scans = ticket.scans().iter();
        let scans = scans.map(|scan| (scan.reading.nonce.to_string(), scan.outcome)).collect();
        (scans, ticket.standing(session(1)))
    };
    tickets.all().iter().map(told).collect()
}

/// No entry counts between an entry and the exit after it, and without re-entry there is one at most.
fn nobody_is_inside_twice(tickets: &Tickets, reentry: bool) -> bool {
    tickets.all().iter().all(|ticket| {
        let counted = ticket.scans().iter().filter(|scan| scan.outcome == Outcome::Admitted);
        let ways: Vec<_> = counted.map(|scan| scan.reading.direction).collect();
        let turns = ways.iter().enumerate().all(|(turn, way)| {
            *way == if turn.is_multiple_of(2) { Direction::Entry } else { Direction::Exit }
        });
        turns && (reentry || ways.len() <= 2)
    })
}

proptest! {
    #[test]
    fn offline_scans_come_to_the_same_in_whatever_order_they_come_in(
        scans in prop::collection::vec(shown(Just(Mode::Offline)), 1..30),
        order in any::<u64>(),
        reentry in any::<bool>(),
    ) {
        let mut scans = distinct(scans);
        scans.sort_by(|a, b| (a.minute, &a.nonce).cmp(&(b.minute, &b.nonce)));
        let in_order = after(&scans, reentry);
        let shuffle = |shown: &Shown| {
            let mut hash = order ^ u64::try_from(shown.minute).unwrap();
            for byte in shown.nonce.bytes().chain(shown.number.to_be_bytes()) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
            hash
        };
        scans.sort_by_key(shuffle);
        let shuffled = after(&scans, reentry);
        prop_assert_eq!(account(&shuffled), account(&in_order));
    }

    #[test]
    fn a_ticket_is_never_inside_twice(
        scans in prop::collection::vec(shown(prop_oneof![Just(Mode::Online), Just(Mode::Offline)]), 1..40),
        reentry in any::<bool>(),
    ) {
        let scans = distinct(scans);
        let tickets = after(&scans, reentry);
        prop_assert!(nobody_is_inside_twice(&tickets, reentry), "{:?}", account(&tickets));
    }

    #[test]
    fn scans_sent_again_change_nothing(
        scans in prop::collection::vec(shown(prop_oneof![Just(Mode::Online), Just(Mode::Offline)]), 1..30),
        reentry in any::<bool>(),
    ) {
        let scans = distinct(scans);
        let once = after(&scans, reentry);
        let twice: Vec<_> = scans.iter().chain(&scans).cloned().collect();
        prop_assert_eq!(after(&twice, reentry), once);
    }

    #[test]
    fn there_are_always_as_many_tickets_as_the_booking_entitles_to(
        changes in prop::collection::vec(prop::collection::vec((1..3_u128, 0..2_usize, 0..4_u16), 0..6), 1..6),
    ) {
        let mut tickets = Tickets::default();
        for places in changes {
            let mut entitled: Vec<_> = places
                .into_iter()
                .map(|(evening, offer, seat)| {
                    let seat = (seat > 0).then(|| format!("stalls/A-{seat}"));
                    place(evening, ["stalls", "lawn"][offer], seat.as_deref())
                })
                .collect();
            let code_of = |number: TicketNumber, generation: Generation| {
                digest(number.get(), generation.get())
            };
            for event in tickets.settle(entitled.clone(), &BTreeSet::new(), code_of, at(1)).unwrap() {
                tickets.evolve(&event);
            }
            let mut valid: Vec<_> = tickets.valid().map(|t| t.entitlement().clone()).collect();
            valid.sort();
            entitled.sort();
            prop_assert_eq!(valid, entitled);
            for ticket in tickets.all() {
                let expected = digest(ticket.number.get(), ticket.generation().get());
                prop_assert_eq!(ticket.issue().code_hash, expected);
            }
        }
    }
}
