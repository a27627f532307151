//! Laws that hold in whatever order people join, leave, book, cancel and let offers expire.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::world::{Came, World, group};
use super::*;
use crate::testing::booking;

const PLACES: u32 = 6;

/// One thing that happens, a little after the one before.
#[derive(Clone, Debug)]
enum Act {
    Join { size: u32, priority: u32, patience: Option<i64> },
    Book { places: u32, held: Option<i64> },
    Cancel(usize),
    Accept(usize),
    Decline(usize),
    Leave(usize),
    Prioritize(usize, u32),
    Resize(u32),
    Serve,
}

fn an_act() -> impl Strategy<Value = (i64, Act)> {
    let which = || 0..12_usize;
    let act = prop_oneof![
        6 => (1..5_u32, 0..3_u32, prop::option::weighted(0.2, 1..30_i64))
            .prop_map(|(size, priority, patience)| Act::Join { size, priority, patience }),
        5 => (1..4_u32, prop::option::weighted(0.5, 1..20_i64))
            .prop_map(|(places, held)| Act::Book { places, held }),
        4 => which().prop_map(Act::Cancel),
        3 => which().prop_map(Act::Accept),
        2 => which().prop_map(Act::Decline),
        1 => which().prop_map(Act::Leave),
        1 => (which(), 0..3_u32).prop_map(|(which, value)| Act::Prioritize(which, value)),
        1 => (2..10_u32).prop_map(Act::Resize),
        3 => Just(Act::Serve),
    ];
    (0..8_i64, act)
}

/// What happens, with the clock and with names for all who come.
struct Story {
    world: World,
    minute: i64,
    people: u128,
    /// Of each who joined: how many they are.
    joined: BTreeMap<WaitingEntryId, u32>,
    capacity: u32,
}

impl Story {
    fn new() -> Self {
        let mut world = World::sold_out(PLACES);
        let terms = Command::SetTerms { offer_for: length(10), at: at(0) };
        world.decide(terms).expect("terms can be set at any time");
        Self { world, minute: 0, people: 1, joined: BTreeMap::new(), capacity: PLACES }
    }

    fn act(&mut self, (later, act): (i64, Act)) {
        self.minute += later;
        let minute = self.minute;
        match act {
            Act::Join { size, priority: value, patience } => {
                self.people += 1;
                let wait_until = patience.map(|patience| at(minute + patience));
                let new =
                    NewEntry { priority: priority(value), wait_until, ..group(self.people, size) };
                if self.world.join(new, minute).is_ok() {
                    self.joined.insert(entry(self.people), size);
                }
            }
            Act::Book { places, held } => {
                self.people += 1;
                self.book(places, held);
            }
            Act::Cancel(which) => self.world.release(booking(self.one_of(which)), minute),
            Act::Accept(which) => drop(self.world.accept(self.one_of(which), minute)),
            Act::Decline(which) => drop(self.world.decline(self.one_of(which), minute)),
            Act::Leave(which) => {
                let leave = Command::Leave { entry: entry(self.one_of(which)), at: at(minute) };
                if self.world.decide(leave).is_ok() {
                    self.world.release(entry(self.one_of(which)).into(), minute);
                }
            }
            Act::Prioritize(which, value) => {
                let entry = entry(self.one_of(which));
                let command =
                    Command::Prioritize { entry, priority: priority(value), at: at(minute) };
                drop(self.world.decide(command));
            }
            Act::Resize(places) => {
                self.capacity = places;
                self.world.resize(places, minute);
            }
            Act::Serve => self.serve(),
        }
    }

    fn one_of(&self, which: usize) -> u128 {
        1 + which as u128 % self.people
    }

    /// The public books: whoever waits and would have fitted was served before.
    fn book(&mut self, places: u32, held: Option<i64>) {
        let until = held.map(|held| self.minute + held);
        let sold = self.world.sell(self.people, places, until, self.minute);
        if sold.is_ok() {
            self.check_that_all_were_served();
        }
    }

    /// Serving respects priority and order, but for those who do not fit.
    fn serve(&mut self) {
        loop {
            let before = self.world.clone();
            let Some(came) = self.world.step(self.minute) else { break };
            let Came::Offer(one) = came else { continue };
            let free = before.free(self.minute);
            let ahead = before.list.queue().entries().iter().take_while(|entry| entry.id != one);
            for skipped in ahead.filter(|entry| entry.offered_until.is_none()) {
                assert!(skipped.wanted.quantity().get() > free, "{skipped:?} was passed over");
            }
        }
        self.check_that_all_were_served();
    }

    fn check_that_all_were_served(&self) {
        let free = self.world.free(self.minute);
        for entry in self.world.list.queue().entries() {
            if entry.offered_until.is_none() {
                let size = entry.wanted.quantity().get();
                assert!(size > free, "{entry:?} would fit in {free} places");
            }
        }
    }

    fn check(&self) {
        let mut offered = BTreeSet::new();
        let mut ended = BTreeSet::new();
        for event in &self.world.told {
            let Some(id) = event.entry() else { continue };
            match event.status() {
                Some(Status::Offered) => assert!(offered.insert(id), "{id} was served twice"),
                Some(Status::Waiting) | None => {}
                Some(_) => assert!(ended.insert(id), "{id} ended twice"),
            }
        }
        for entry in self.world.list.queue().entries() {
            let held: u32 = self
                .world
                .allotment
                .takes_of(entry.id.into())
                .iter()
                .map(|t| t.quantity.get())
                .sum();
            let expected = if entry.offered_until.is_some() { self.joined[&entry.id] } else { 0 };
            assert_eq!(
                held, expected,
                "an offer is a hold of all that was wanted, and nothing else is"
            );
        }
    }
}

proptest! {
    #[test]
    fn nobody_is_passed_over_served_twice_or_given_what_is_not_there(
        acts in prop::collection::vec(an_act(), 1..80),
    ) {
        let mut story = Story::new();
        for act in acts {
            let capacity = story.capacity;
            let shrinks = matches!(act.1, Act::Resize(places) if places < capacity);
            let over = story.world.allotment.overbooked_by(&code("hall"), at(story.minute));
            story.act(act);
            if !shrinks {
                let now = story.world.allotment.overbooked_by(&code("hall"), at(story.minute));
                prop_assert!(now <= over, "more was promised than there is");
            }
            story.check();
        }
    }

    #[test]
    fn a_list_replayed_is_the_same(acts in prop::collection::vec(an_act(), 1..40)) {
        let mut story = Story::new();
        for act in acts {
            story.act(act);
        }
        let mut again = WaitingList::default();
        for event in &story.world.told {
            again.evolve(event);
        }
        prop_assert_eq!(again, story.world.list);
    }
}
