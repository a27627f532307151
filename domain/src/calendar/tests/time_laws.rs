//! Laws of the calendar by times, blocks included, against a model with one number for every minute.

mod model;

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{allocate, state};
use crate::calendar::{Beside, Calendar, Command, Event, Extent, Point, Refusal, SoldBy, Take};
use crate::testing::{at, block, booking, limits, minutes, month, quantity, range, reason, zone};
use crate::values::{BookingId, BusyTime, Timestamp};
use model::{Answer, Counts, MINUTES, Model, counts, instant, minute, times};

/// November in New York begins while clocks are ahead, and ends when they no longer are.
fn opened(capacity: u32, overbooking: u32) -> Event {
    let sold_by = SoldBy::Times { zone: zone("America/New_York"), beside: Beside::default() };
    let open = Command::Open {
        month: month(11),
        sold_by,
        limits: limits(capacity, overbooking),
        at: at(0),
    };
    Calendar::default().decide(open).expect("a new calendar opens").remove(0)
}

fn a_take() -> impl Strategy<Value = Take> {
    let minute = || 5..MINUTES - 5;
    let buffer = || prop_oneof![3 => Just(0), 1 => 0..5_u32];
    (minute(), minute(), buffer(), buffer(), 1..3_u32).prop_map(|(a, b, before, after, n)| {
        let plain = range(instant(a.min(b)), instant(a.max(b) + 1));
        let time = BusyTime::try_new(plain, minutes(before), minutes(after)).expect("some minutes");
        Take::Time { time, quantity: quantity(n) }
    })
}

fn a_command() -> impl Strategy<Value = Command> {
    let who = || (0..6_u128).prop_map(booking);
    let what = || (0..3_u128).prop_map(block);
    let takes = || prop::collection::vec(a_take(), 0..3);
    let when = || (0..40_i64).prop_map(at); // clocks disagree: any order
    let until = || prop::option::of((0..60_i64).prop_map(at));
    let from = prop::option::of((0..MINUTES).prop_map(|minute| Point::Instant(instant(minute))));
    prop_oneof![
        4 => (who(), takes(), until(), when())
            .prop_map(|(booking, takes, until, at)| Command::Allocate { booking, takes, until, at }),
        2 => (who(), takes(), until(), when())
            .prop_map(|(booking, takes, until, at)| Command::Reallocate { booking, takes, until, at }),
        3 => (who(), when()).prop_map(|(booking, at)| Command::Confirm { booking, at }),
        1 => (who(), from, when())
            .prop_map(|(booking, from, at)| Command::Release { booking, from, at }),
        1 => (what(), takes(), when()).prop_map(|(block, takes, at)| {
            Command::Block { block, takes, reason: reason("Leave"), at }
        }),
        1 => (what(), when()).prop_map(|(block, at)| Command::Unblock { block, at }),
        1 => (0..5_u32, 0..2_u32, when()).prop_map(|(capacity, overbooking, at)| {
            Command::ChangeLimits { limits: limits(capacity, overbooking), at }
        }),
    ]
}

fn commands() -> impl Strategy<Value = Vec<Command>> {
    prop::collection::vec(a_command(), 1..50)
}

fn told(decided: &Result<Vec<Event>, Refusal>) -> Answer {
    match decided {
        Err(Refusal::SoldOut { place: Extent::Time(time), free, asked, obstacle }) => {
            Answer::Lacking(minute(time.start()), *free, *asked, *obstacle)
        }
        Err(_) => Answer::Refused,
        Ok(events) if events.is_empty() => Answer::Nothing,
        Ok(_) => Answer::Accepted,
    }
}

/// What an event gives away or takes back, and whether it promised more than there are.
fn overbooked(event: &Event) -> Option<(BookingId, &[Take], bool, Timestamp)> {
    match event {
        Event::Allocated { booking, takes, overbooked, at, .. }
        | Event::Reallocated { booking, takes, overbooked, at, .. } => {
            Some((*booking, takes, *overbooked, *at))
        }
        Event::Blocked { takes, overbooked, at, .. } => {
            Some((booking(99), takes, *overbooked, *at))
        }
        Event::Opened { .. }
        | Event::LimitsChanged { .. }
        | Event::Confirmed { .. }
        | Event::Released { .. }
        | Event::Unblocked { .. }
        | Event::SetAside { .. } => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Every answer is that of the plain model, and what the calendar then shows is what the model counts.
    #[test]
    fn a_calendar_by_times_answers_like_the_plainest_one(commands in commands(), some in a_take()) {
        let mut calendar = state(&[opened(3, 1)]);
        let mut model = Model {
            limits: limits(3, 1),
            latest: None,
            entries: BTreeMap::new(),
            blocks: BTreeMap::new(),
        };
        let Take::Time { time: some, .. } = some else { panic!("a time") };
        for command in commands {
            let decided = calendar.decide(command.clone());
            prop_assert_eq!(told(&decided), model.answer(&command), "{:?}", command);
            for event in decided.unwrap_or_default() {
                if let Some((who, takes, overbooked, at)) = overbooked(&event) {
                    let asked = counts(&times(takes));
                    // the block is among the others already
                    let own = |minute: usize| if who == booking(99) { 0 } else { asked[minute] };
                    let above = |minute: usize| {
                        model.others(minute, at, who).all() + own(minute) > model.limits.capacity.get()
                    };
                    let expected = (0..asked.len()).any(|minute| asked[minute] > 0 && above(minute));
                    prop_assert_eq!(overbooked, expected);
                }
                calendar.evolve(&event);
            }
            for when in [0, 13, 39, 60].map(at) {
                let places = minute(some.range().start())..minute(some.range().end());
                let taken = |minute: usize| model.others(minute, when, booking(99)).all();
                let most = places.map(taken).max().expect("at least a minute");
                let extent = Extent::Time(some.range());
                let (total, capacity) = (model.limits.total(), model.limits.capacity.get());
                prop_assert_eq!(calendar.free_over(extent, when), total.saturating_sub(most));
                prop_assert_eq!(calendar.overbooked_over(extent, when), most.saturating_sub(capacity));
            }
            for (id, own) in &model.entries {
                prop_assert_eq!(&times(&calendar.takes_of(*id)), &own.times);
            }
            let blocks: BTreeMap<_, _> = calendar.blocks().map(|b| (b.id, times(&b.takes))).collect();
            prop_assert_eq!(&blocks, &model.blocks);
        }
    }

    /// What is promised for good or blocked is never more than the limits ever allowed, whichever clocks
    /// are asked. This reads the events alone, as an auditor would.
    #[test]
    fn no_minute_is_ever_oversold(commands in commands()) {
        let mut calendar = state(&[opened(2, 1)]);
        let mut most = 3;
        let mut firm: BTreeMap<u128, Counts> = BTreeMap::new();
        let mut held: BTreeMap<u128, Counts> = BTreeMap::new();
        let key = |id: BookingId| id.as_uuid().as_u128();
        for command in commands {
            for event in calendar.decide(command).unwrap_or_default() {
                calendar.evolve(&event);
                match event {
                    Event::Opened { .. } | Event::SetAside { .. } => {}
                    Event::LimitsChanged { limits, .. } => most = most.max(limits.total()),
                    Event::Allocated { booking, takes, until, .. }
                    | Event::Reallocated { booking, takes, until, .. } => {
                        firm.remove(&key(booking));
                        held.remove(&key(booking));
                        let kept = if until.is_none() { &mut firm } else { &mut held };
                        kept.insert(key(booking), counts(&times(&takes)));
                    }
                    Event::Confirmed { booking, .. } => {
                        let counts = held.remove(&key(booking));
                        firm.insert(key(booking), counts.expect("only what is held is confirmed"));
                    }
                    Event::Released { booking, freed, .. } => {
                        for kept in [&mut firm, &mut held] {
                            if let Some(left) = kept.get_mut(&key(booking)) {
                                let freed = counts(&times(&freed));
                                left.iter_mut().zip(freed).for_each(|(left, n)| *left -= n);
                            }
                        }
                    }
                    Event::Blocked { block, takes, .. } => {
                        firm.insert(!block.as_uuid().as_u128(), counts(&times(&takes)));
                    }
                    Event::Unblocked { block, freed, .. } => {
                        let blocked = firm.remove(&!block.as_uuid().as_u128());
                        prop_assert_eq!(blocked, Some(counts(&times(&freed))));
                    }
                }
                for minute in 0..MINUTES {
                    prop_assert!(firm.values().map(|counts| counts[minute]).sum::<u32>() <= most);
                }
            }
        }
    }

    /// Folding the events anew, or reading a stored state, gives the very state that decided them.
    #[test]
    fn a_replay_of_times_gives_the_same_state(commands in commands()) {
        let mut calendar = state(&[opened(3, 0)]);
        let mut log = vec![opened(3, 0)];
        for command in commands {
            for event in calendar.decide(command).unwrap_or_default() {
                let stored = serde_json::to_string(&event).expect("an event is JSON");
                let read: Event = serde_json::from_str(&stored).expect("what was stored can be read");
                prop_assert_eq!(&read, &event);
                calendar.evolve(&event);
                log.push(read);
            }
        }
        prop_assert_eq!(&state(&log), &calendar);
        let stored = serde_json::to_string(&calendar).expect("a state is JSON");
        let read: Calendar = serde_json::from_str(&stored).expect("what was stored can be read");
        prop_assert_eq!(read, calendar);
    }

    /// The order in which times are listed changes nothing.
    #[test]
    fn times_of_one_command_may_come_in_any_order(takes in prop::collection::vec(a_take(), 1..6)) {
        let calendar = state(&[opened(5, 2)]);
        let mut reversed = takes.clone();
        reversed.reverse();
        prop_assert_eq!(
            calendar.decide(allocate(super::A, &takes, None, at(0))),
            calendar.decide(allocate(super::A, &reversed, None, at(0))),
        );
    }
}
