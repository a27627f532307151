//! Laws that hold whatever is asked of a calendar, in whatever order and by whatever clock.
//!
//! The model beside it keeps a plain list and counts all of it for every question.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{july, opened, take};
use crate::calendar::{Calendar, Command, Event, Point, Take};
use crate::testing::{at, booking, limits};
use crate::values::{BookingId, Limits, Timestamp};

const DAYS: u32 = 4;

/// What is taken on each of the first days of July.
type Counts = [u32; DAYS as usize];

#[derive(Clone)]
struct Entry {
    counts: Counts,
    until: Option<Timestamp>,
    /// Whether it counted in every decision that gave room away since it was made.
    assured: bool,
}

impl Entry {
    fn counts_at(&self, at: Timestamp) -> bool {
        self.until.is_none_or(|until| until > at)
    }
}

/// The plainest calendar there is.
struct Model {
    limits: Limits,
    latest: Option<Timestamp>,
    entries: BTreeMap<BookingId, Entry>,
}

impl Model {
    fn others(&self, day: usize, at: Timestamp, except: BookingId) -> u32 {
        let others =
            self.entries.iter().filter(|(id, entry)| **id != except && entry.counts_at(at));
        others.map(|(_, entry)| entry.counts[day]).sum()
    }

    fn fits(&self, who: BookingId, asked: &Counts, at: Timestamp) -> bool {
        let own = self.entries.get(&who).filter(|own| own.assured && own.counts_at(at));
        (0..asked.len()).all(|day| {
            asked[day] <= own.map_or(0, |own| own.counts[day])
                || self.others(day, at, who) + asked[day] <= self.limits.total()
        })
    }

    fn overbooked(&self, who: BookingId, asked: &Counts, at: Timestamp) -> bool {
        let above =
            |day: usize| self.others(day, at, who) + asked[day] > self.limits.capacity.get();
        (0..asked.len()).any(|day| asked[day] > 0 && above(day))
    }

    /// Notes that room was given away at an instant: what had ended by then did not count.
    fn gave(&mut self, at: Timestamp) {
        self.latest = self.latest.max(Some(at));
        for entry in self.entries.values_mut() {
            entry.assured = entry.until.is_none_or(|until| Some(until) > self.latest);
        }
    }

    /// Whether the calendar must accept, refuse, or has nothing to do; what is accepted is done here too.
    fn answer(&mut self, command: &Command) -> Answer {
        match command {
            Command::Open { .. }
            | Command::Block { .. }
            | Command::Unblock { .. }
            | Command::SetAside { .. }
            | Command::Draw { .. } => Answer::Nothing,
            Command::ChangeLimits { limits, .. } => {
                let changed = self.limits != *limits;
                self.limits = *limits;
                if changed { Answer::Accepted } else { Answer::Nothing }
            }
            Command::Allocate { booking, takes, until, at } => {
                let refused = self.entries.contains_key(booking) || takes.is_empty();
                if refused { Answer::Refused } else { self.put(*booking, takes, *until, *at) }
            }
            Command::Reallocate { booking, takes, at, .. } if takes.is_empty() => {
                self.release(*booking, 1, *at)
            }
            Command::Reallocate { booking, takes, until, at } => {
                let same = self.entries.get(booking).is_some_and(|own| {
                    own.counts == counts(takes)
                        && own.until == *until
                        && own.assured
                        && own.counts_at(*at)
                });
                if same { Answer::Nothing } else { self.put(*booking, takes, *until, *at) }
            }
            Command::Confirm { booking, at } => self.confirm(*booking, *at),
            Command::Release { booking, from, at } => {
                let from = match from {
                    None => 1,
                    Some(Point::Day(day)) => chrono::Datelike::day(day),
                    Some(Point::Instant(_)) => panic!("an instant in a calendar by nights"),
                };
                self.release(*booking, from, *at)
            }
        }
    }

    fn put(
        &mut self,
        who: BookingId,
        takes: &[Take],
        until: Option<Timestamp>,
        at: Timestamp,
    ) -> Answer {
        let counts = counts(takes);
        if until.is_some_and(|until| until <= at) || !self.fits(who, &counts, at) {
            return Answer::Refused;
        }
        self.entries.insert(who, Entry { counts, until, assured: true });
        self.gave(at);
        Answer::Accepted
    }

    fn confirm(&mut self, who: BookingId, at: Timestamp) -> Answer {
        let Some(own) = self.entries.get(&who).cloned() else { return Answer::Refused };
        if own.until.is_none() {
            return Answer::Nothing;
        }
        if !own.counts_at(at) || !self.fits(who, &own.counts, at) {
            return Answer::Refused;
        }
        self.entries.insert(who, Entry { until: None, ..own });
        self.gave(at);
        Answer::Accepted
    }

    fn release(&mut self, who: BookingId, from: u32, _at: Timestamp) -> Answer {
        let Some(own) = self.entries.get_mut(&who) else { return Answer::Nothing };
        let before = own.counts;
        own.counts.iter_mut().skip(from as usize - 1).for_each(|count| *count = 0);
        let changed = own.counts != before;
        if own.counts == Counts::default() {
            self.entries.remove(&who);
        }
        if changed { Answer::Accepted } else { Answer::Nothing }
    }
}

#[derive(Debug, PartialEq)]
enum Answer {
    Accepted,
    Nothing,
    Refused,
}

fn counts(takes: &[Take]) -> Counts {
    let mut counts = Counts::default();
    for take in takes {
        let Take::Nights { days, quantity } = take else {
            panic!("a time in a calendar by nights")
        };
        for day in days.iter() {
            counts[chrono::Datelike::day0(&day) as usize] += quantity.get();
        }
    }
    counts
}

fn a_take() -> impl Strategy<Value = Take> {
    (1..=DAYS, 1..=DAYS, 1..3_u32).prop_map(|(a, b, n)| take(a.min(b), a.max(b) + 1, n))
}

fn a_command() -> impl Strategy<Value = Command> {
    let who = || (0..6_u128).prop_map(booking);
    let takes = || prop::collection::vec(a_take(), 0..3);
    let when = || (0..40_i64).prop_map(at); // clocks disagree: any order
    let until = || prop::option::of((0..60_i64).prop_map(at));
    let from = prop::option::of((1..=DAYS).prop_map(|day| Point::Day(july(day))));
    prop_oneof![
        4 => (who(), takes(), until(), when())
            .prop_map(|(booking, takes, until, at)| Command::Allocate { booking, takes, until, at }),
        2 => (who(), takes(), until(), when())
            .prop_map(|(booking, takes, until, at)| Command::Reallocate { booking, takes, until, at }),
        3 => (who(), when()).prop_map(|(booking, at)| Command::Confirm { booking, at }),
        1 => (who(), from, when())
            .prop_map(|(booking, from, at)| Command::Release { booking, from, at }),
        1 => (0..5_u32, 0..2_u32, when()).prop_map(|(capacity, overbooking, at)| {
            Command::ChangeLimits { limits: limits(capacity, overbooking), at }
        }),
    ]
}

fn commands() -> impl Strategy<Value = Vec<Command>> {
    prop::collection::vec(a_command(), 1..60)
}

fn instant_and_flag(event: &Event) -> Option<(BookingId, &[Take], bool, Timestamp)> {
    match event {
        Event::Allocated { booking, takes, overbooked, at, .. }
        | Event::Reallocated { booking, takes, overbooked, at, .. } => {
            Some((*booking, takes, *overbooked, *at))
        }
        Event::Opened { .. }
        | Event::LimitsChanged { .. }
        | Event::Confirmed { .. }
        | Event::Released { .. }
        | Event::Blocked { .. }
        | Event::Unblocked { .. }
        | Event::SetAside { .. } => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Every answer is that of the plain model, and what the calendar then shows is what the model counts.
    #[test]
    fn a_calendar_answers_like_the_plainest_one(commands in commands()) {
        let mut calendar = super::state(&[opened(3, 1)]);
        let mut model = Model { limits: limits(3, 1), latest: None, entries: BTreeMap::new() };
        for command in commands {
            let decided = calendar.decide(command.clone());
            let answer = match &decided {
                Err(_) => Answer::Refused,
                Ok(events) if events.is_empty() => Answer::Nothing,
                Ok(_) => Answer::Accepted,
            };
            prop_assert_eq!(answer, model.answer(&command), "{:?}", command);
            for event in decided.unwrap_or_default() {
                if let Some((who, takes, overbooked, at)) = instant_and_flag(&event) {
                    prop_assert_eq!(overbooked, model.overbooked(who, &counts(takes), at));
                }
                calendar.evolve(&event);
            }
            for day in 0..DAYS {
                for minute in [0, 13, 39, 60] {
                    let taken = model.others(day as usize, at(minute), booking(99));
                    let free = model.limits.total().saturating_sub(taken);
                    prop_assert_eq!(calendar.free(july(day + 1), at(minute)), free);
                }
            }
        }
    }

    /// What is promised for good is never more than the limits ever allowed, and nothing is accepted
    /// above them, whichever clocks are asked. This reads the events alone, as an auditor would.
    #[test]
    fn no_day_is_ever_oversold(commands in commands()) {
        let mut calendar = super::state(&[opened(2, 1)]);
        let mut most = 3;
        let mut firm: BTreeMap<BookingId, Counts> = BTreeMap::new();
        let mut held: BTreeMap<BookingId, Counts> = BTreeMap::new();
        for command in commands {
            for event in calendar.decide(command).unwrap_or_default() {
                calendar.evolve(&event);
                match event {
                    Event::Opened { .. }
                    | Event::Blocked { .. }
                    | Event::Unblocked { .. }
                    | Event::SetAside { .. } => {}
                    Event::LimitsChanged { limits, .. } => most = most.max(limits.total()),
                    Event::Allocated { booking, takes, until, .. }
                    | Event::Reallocated { booking, takes, until, .. } => {
                        firm.remove(&booking);
                        held.remove(&booking);
                        let kept = if until.is_none() { &mut firm } else { &mut held };
                        kept.insert(booking, counts(&takes));
                    }
                    Event::Confirmed { booking, .. } => {
                        let counts = held.remove(&booking);
                        firm.insert(booking, counts.expect("only what is held is confirmed"));
                    }
                    Event::Released { booking, freed, .. } => {
                        for kept in [&mut firm, &mut held] {
                            if let Some(left) = kept.get_mut(&booking) {
                                let freed = counts(&freed);
                                left.iter_mut().zip(freed).for_each(|(left, n)| *left -= n);
                            }
                        }
                    }
                }
                for day in 0..DAYS as usize {
                    prop_assert!(firm.values().map(|counts| counts[day]).sum::<u32>() <= most);
                }
            }
        }
    }

    /// With clocks in order and fixed limits nothing that counts is ever more than the limits.
    #[test]
    fn with_clocks_in_order_all_that_counts_fits(commands in commands()) {
        let mut calendar = super::state(&[opened(2, 1)]);
        let mut timed: Vec<_> = commands.into_iter().filter_map(|c| Some((time_of(&c)?, c))).collect();
        timed.sort_by_key(|(at, _)| *at);
        for (at, command) in timed {
            for event in calendar.decide(command).unwrap_or_default() {
                calendar.evolve(&event);
            }
            for day in 1..=DAYS {
                prop_assert!(calendar.overbooked_by(july(day), at) <= 1);
            }
        }
    }

    /// Folding the events anew, or reading a stored state, gives the very state that decided them.
    #[test]
    fn a_replay_gives_the_same_state(commands in commands()) {
        let mut calendar = super::state(&[opened(3, 0)]);
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
        prop_assert_eq!(&super::state(&log), &calendar);
        let stored = serde_json::to_string(&calendar).expect("a state is JSON");
        let read: Calendar = serde_json::from_str(&stored).expect("what was stored can be read");
        prop_assert_eq!(read, calendar);
    }

    /// The order in which takes are listed changes nothing.
    #[test]
    fn a_sum_of_takes_ignores_their_order(takes in prop::collection::vec(a_take(), 1..6)) {
        let calendar = super::state(&[opened(5, 2)]);
        let mut reversed = takes.clone();
        reversed.reverse();
        prop_assert_eq!(
            calendar.decide(super::allocate(super::A, &takes, None, at(0))),
            calendar.decide(super::allocate(super::A, &reversed, None, at(0))),
        );
    }
}

fn time_of(command: &Command) -> Option<Timestamp> {
    match command {
        Command::Open { .. } | Command::ChangeLimits { .. } => None, // the limits stay
        Command::Allocate { at, .. }
        | Command::Confirm { at, .. }
        | Command::Reallocate { at, .. }
        | Command::Release { at, .. }
        | Command::Block { at, .. }
        | Command::Unblock { at, .. }
        | Command::SetAside { at, .. }
        | Command::Draw { at, .. } => Some(*at),
    }
}
