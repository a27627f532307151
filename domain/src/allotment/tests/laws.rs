//! Laws that hold whatever is asked of an allotment, in whatever order and by whatever clock.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::model::{
    self, Answer, Model, OFFERS, POOLS, SEATS, Taken, places, seat_of, seats_of, taken,
};
use super::*;
use crate::values::Limits;

/// An item that makes sense: seats where there are seats.
fn an_item() -> impl Strategy<Value = Item> {
    let chosen = prop::collection::vec((0..SEATS).prop_map(seat_of), 1..3);
    let chosen = chosen.prop_map(|seats| {
        let n = u32::try_from(seats.len()).unwrap();
        Item { seating: Seating::Chosen(seats), ..item("seat", n) }
    });
    prop_oneof![
        2 => (1..4_u32).prop_map(|n| item("adult", n)),
        2 => (1..2_usize, 1..6_u32).prop_map(|(offer, n)| best(offer, n)),
        1 => (2..3_usize, 1..3_u32).prop_map(|(offer, n)| best(offer, n)),
        2 => chosen,
    ]
}

fn best(offer: usize, n: u32) -> Item {
    Item { seating: Seating::BestAvailable, ..item(OFFERS[offer], n) }
}

fn a_part() -> impl Strategy<Value = Part> {
    let part = |offer: &str, n, seats| Part { offer: code(offer), quantity: quantity(n), seats };
    prop_oneof![
        (1..3_u32).prop_map(move |n| part("adult", n, Vec::new())),
        (1..3_usize, 0..SEATS).prop_map(move |(offer, n)| part(OFFERS[offer], 1, vec![seat_of(n)])),
    ]
}

fn a_change() -> impl Strategy<Value = Change> {
    (any::<bool>(), 0..10_u32, 0..2_u32).prop_map(|(floor, capacity, overbooking)| {
        let pool = if floor { pool("floor", 0, 0) } else { seated("stalls", 0, &["stalls"]) };
        Change::Pool(Pool { limits: limits(capacity, overbooking), ..pool })
    })
}

fn a_command() -> impl Strategy<Value = Command> {
    let who = || (0..6_u128).prop_map(booking);
    let by = || (0..2_u128).prop_map(customer);
    let items = || prop::collection::vec(an_item(), 0..4);
    let when = || (0..40_i64).prop_map(at); // clocks disagree: any order
    let until = || prop::option::of((0..60_i64).prop_map(at));
    let parts = || prop::option::weighted(0.6, prop::collection::vec(a_part(), 0..3));
    let seats = || prop::collection::vec((0..SEATS).prop_map(seat_of), 0..3);
    let changes = prop::collection::vec(a_change(), 0..3);
    prop_oneof![
        8 => (who(), by(), items(), until(), when()).prop_map(|(booking, customer, items, until, at)| {
            Command::Allocate { booking, customer, items, until, at }
        }),
        5 => (who(), by(), items(), until(), when()).prop_map(|(booking, customer, items, until, at)| {
            Command::Reallocate { booking, customer, items, until, at }
        }),
        5 => (who(), when()).prop_map(|(booking, at)| Command::Confirm { booking, at }),
        4 => (who(), parts(), when())
            .prop_map(|(booking, parts, at)| Command::Release { booking, parts, at }),
        2 => (seats(), when()).prop_map(|(seats, at)| Command::Block { seats, at }),
        1 => (seats(), when()).prop_map(|(seats, at)| Command::Unblock { seats, at }),
        1 => (changes, when()).prop_map(|(changes, at)| Command::Revise { changes, at }),
        1 => when().prop_map(|at| Command::CloseSales { at }),
        2 => when().prop_map(|at| Command::ReopenSales { at }),
    ]
}

fn commands() -> impl Strategy<Value = Vec<Command>> {
    prop::collection::vec(a_command(), 1..60)
}

fn start() -> [Limits; 2] {
    [limits(6, 1), limits(7, 1)]
}

fn answer_of(decided: &Result<Vec<Event>, Refusal>) -> Answer {
    match decided.as_deref() {
        Err(_) => Answer::Refused,
        Ok([]) => Answer::Nothing,
        Ok([Event::Allocated { takes, .. } | Event::Reallocated { takes, .. }]) => {
            Answer::Takes(taken(takes))
        }
        Ok(_) => Answer::Accepted,
    }
}

/// What an auditor who reads the events alone knows of the bookings.
#[derive(Default)]
struct Audit(BTreeMap<BookingId, (Taken, Option<Timestamp>)>);

impl Audit {
    fn read(&mut self, event: &Event) {
        match event {
            Event::Allocated { booking, takes, until, .. } => {
                self.0.insert(*booking, (taken(takes), *until));
            }
            Event::Reallocated { booking, freed, takes, until, .. } => {
                let before = self.0.insert(*booking, (taken(takes), *until));
                assert_eq!(before.map(|(before, _)| before), Some(taken(freed)));
            }
            Event::Confirmed { booking, .. } => {
                self.0.get_mut(booking).expect("only what is held is confirmed").1 = None;
            }
            Event::Released { booking, freed, .. } => {
                let (own, _) = self.0.get_mut(booking).expect("only what is taken is released");
                for ((units, seats), (fewer, gone)) in own.iter_mut().zip(taken(freed)) {
                    *units -= fewer;
                    assert!(gone.iter().all(|seat| seats.remove(seat)));
                }
                if *own == Taken::default() {
                    self.0.remove(booking);
                }
            }
            Event::Opened { .. }
            | Event::Revised { .. }
            | Event::Moved { .. }
            | Event::CalledOff { .. }
            | Event::SalesClosed { .. }
            | Event::SalesReopened { .. }
            | Event::SeatsBlocked { .. }
            | Event::SeatsUnblocked { .. } => {}
        }
    }

    /// What counts, by a rule on deadlines: the places of each pool, and all seats in a row.
    fn sum(&self, counts: impl Fn(Option<Timestamp>) -> bool) -> ([u32; 2], Vec<usize>) {
        let counting = || self.0.values().filter(|(_, until)| counts(*until)).map(|(own, _)| own);
        let pool = |pool| counting().map(|own| places(own, pool)).sum();
        ([pool(0), pool(1)], counting().flat_map(seats_of).collect())
    }
}

fn no_seat_twice(seats: &[usize]) -> bool {
    seats.iter().collect::<BTreeSet<_>>().len() == seats.len()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Every answer is that of the plain model, seat by seat, and what the allotment then shows is
    /// what the model counts.
    #[test]
    fn an_allotment_answers_like_the_plainest_one(commands in commands()) {
        let mut allotment = state(&[opened(model::session(start()))]);
        let mut model = Model::new(start());
        for command in commands {
            let decided = allotment.decide(command.clone());
            prop_assert_eq!(answer_of(&decided), model.answer(&command), "{:?}: {:?}", command, decided);
            for event in decided.unwrap_or_default() {
                allotment.evolve(&event);
            }
            for (place, pool) in POOLS.iter().enumerate() {
                for minute in [0, 13, 39, 60] {
                    let free = allotment.free(&code(pool), at(minute));
                    prop_assert_eq!(free, model.free(place, at(minute)));
                }
            }
            for n in 0..6 {
                prop_assert_eq!(taken(&allotment.takes_of(booking(n))), model.takes_of(booking(n)));
            }
        }
    }

    /// What is promised for good is never more than the limits ever allowed, and no seat is promised
    /// for good twice, whichever clocks are asked. This reads the events alone, as an auditor would.
    #[test]
    fn no_place_is_ever_oversold_and_no_seat_sold_twice(commands in commands()) {
        let mut allotment = state(&[opened(model::session(start()))]);
        let mut most = start().map(Limits::total);
        let mut audit = Audit::default();
        for command in commands {
            if let Command::Revise { changes, .. } = &command {
                for change in changes {
                    let Change::Pool(pool) = change else { continue };
                    let place = usize::from(pool.code.as_str() == "stalls");
                    most[place] = most[place].max(pool.limits.total());
                }
            }
            for event in allotment.decide(command).unwrap_or_default() {
                allotment.evolve(&event);
                audit.read(&event);
                let (sold, seats) = audit.sum(|until| until.is_none());
                prop_assert!(sold[0] <= most[0] && sold[1] <= most[1]);
                prop_assert!(no_seat_twice(&seats));
            }
        }
    }

    /// With clocks in order and fixed limits, nothing that counts is ever more than the limits, and
    /// no seat is anybody's twice or while it is blocked.
    #[test]
    fn with_clocks_in_order_all_that_counts_fits(commands in commands()) {
        let mut allotment = state(&[opened(model::session(start()))]);
        let mut audit = Audit::default();
        let mut blocked = BTreeSet::new();
        let fixed = |command: &Command| !matches!(command, Command::Revise { .. });
        let mut timed: Vec<_> =
            commands.into_iter().filter(fixed).map(|command| (time_of(&command), command)).collect();
        timed.sort_by_key(|(at, _)| *at);
        for (at, command) in timed {
            for event in allotment.decide(command).unwrap_or_default() {
                allotment.evolve(&event);
                audit.read(&event);
                if let Event::SeatsBlocked { seats, .. } = &event {
                    blocked.extend(seats.iter().cloned());
                }
                if let Event::SeatsUnblocked { seats, .. } = &event {
                    blocked.retain(|seat| !seats.contains(seat));
                }
            }
            let (counted, mut seats) = audit.sum(|until| until.is_none_or(|until| until > at));
            prop_assert!(counted[0] <= 7 && counted[1] <= 8);
            prop_assert!(POOLS.iter().all(|pool| allotment.overbooked_by(&code(pool), at) <= 1));
            seats.extend((0..SEATS).filter(|seat| blocked.contains(&seat_of(*seat))));
            prop_assert!(no_seat_twice(&seats));
        }
    }

    /// Folding the events anew, or reading a stored state, gives the very state that decided them;
    /// nothing that was counted on the way is lost or left over.
    #[test]
    fn a_replay_gives_the_same_state(commands in commands()) {
        let mut log = vec![opened(model::session(start()))];
        let mut allotment = state(&log);
        for command in commands {
            let before = allotment.clone();
            let decided = allotment.decide(command);
            prop_assert_eq!(&before, &allotment); // a decision, taken or refused, changes nothing
            for event in decided.unwrap_or_default() {
                let stored = serde_json::to_string(&event).expect("an event is JSON");
                let read: Event = serde_json::from_str(&stored).expect("what was stored can be read");
                prop_assert_eq!(&read, &event);
                allotment.evolve(&event);
                log.push(read);
            }
        }
        prop_assert_eq!(&state(&log), &allotment);
        let stored = serde_json::to_string(&allotment).expect("a state is JSON");
        let read: Allotment = serde_json::from_str(&stored).expect("what was stored can be read");
        prop_assert_eq!(read, allotment);
    }

    /// Releasing gives back exactly what was taken, at once or ticket by ticket.
    #[test]
    fn what_is_given_up_is_what_was_taken(items in prop::collection::vec(an_item(), 1..4)) {
        let mut allotment = state(&[opened(model::session([limits(20, 0), limits(20, 0)]))]);
        let before = allotment.clone();
        let decided = allotment.decide(allocate(A, &items, None, at(0)));
        prop_assume!(decided.is_ok());
        for event in decided.unwrap_or_default() {
            allotment.evolve(&event);
        }
        let all = allotment.takes_of(A);
        let at_once = allotment.decide(Command::Release { booking: A, parts: None, at: at(0) });
        prop_assert_eq!(&at_once, &Ok(vec![Event::Released { booking: A, freed: all.clone(), at: at(0) }]));
        for Take { offer, quantity: units, seats, .. } in all {
            for n in 0..units.get() as usize {
                let seats = seats.get(n).cloned().into_iter().collect();
                let part = Part { offer: offer.clone(), quantity: quantity(1), seats };
                let release = Command::Release { booking: A, parts: Some(vec![part]), at: at(0) };
                for event in allotment.decide(release).unwrap() {
                    allotment.evolve(&event);
                }
            }
        }
        prop_assert!(allotment.takes_of(A).is_empty());
        for pool in POOLS {
            prop_assert_eq!(allotment.free(&code(pool), at(0)), before.free(&code(pool), at(0)));
        }
    }

    /// The best seats are split into as few groups as any choice of seats would be.
    #[test]
    fn no_choice_of_seats_has_fewer_groups(
        free in prop::collection::btree_set(0..SEATS, 1..=SEATS), n in 0..SEATS,
    ) {
        let n = n % free.len() + 1;
        let best = model::best(&free, n).expect("there are enough");
        let fewest = (0..1_u32 << SEATS)
            .filter(|choice| choice.count_ones() as usize == n)
            .map(|choice| (0..SEATS).filter(|seat| choice >> seat & 1 == 1).collect::<BTreeSet<_>>())
            .filter(|choice| choice.is_subset(&free))
            .map(|choice| model::groups(&choice))
            .min();
        prop_assert_eq!(Some(model::groups(&best)), fewest);
    }

    /// The order in which items without chosen places are listed changes nothing.
    #[test]
    fn a_sum_of_items_ignores_their_order(numbers in prop::collection::vec(1..3_u32, 1..5)) {
        let allotment = state(&[opened(trip(7, 1, 3))]);
        let items: Vec<_> = numbers.iter().enumerate().map(|(n, units)| {
            item(["adult", "adult-lunch", "family"][n % 3], *units)
        }).collect();
        let mut reversed = items.clone();
        reversed.reverse();
        prop_assert_eq!(
            allotment.decide(allocate(A, &items, None, at(0))),
            allotment.decide(allocate(A, &reversed, None, at(0))),
        );
    }
}

fn time_of(command: &Command) -> Timestamp {
    match command {
        Command::Open { at, .. }
        | Command::Revise { at, .. }
        | Command::Move { at, .. }
        | Command::CallOff { at, .. }
        | Command::CloseSales { at }
        | Command::ReopenSales { at }
        | Command::Block { at, .. }
        | Command::Unblock { at, .. }
        | Command::Allocate { at, .. }
        | Command::Confirm { at, .. }
        | Command::Reallocate { at, .. }
        | Command::SetAside { at, .. }
        | Command::Release { at, .. } => *at,
    }
}
