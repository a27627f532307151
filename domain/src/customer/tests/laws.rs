//! Laws of merging, whatever is merged into whatever, in whatever order.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{added, customer, email, organization, phone, profile, registered_with};
use crate::customer::{Command, Customer, Details, Event, Merge, Reachable, Ways};
use crate::testing::at;
use crate::values::{Code, Codes, CustomerId};

const CUSTOMERS: u8 = 6;

/// What one record begins with: few of each, so that several share them.
#[derive(Clone, Debug)]
struct Beginning {
    emails: Vec<u8>,
    phones: Vec<u8>,
    tags: BTreeSet<u8>,
    notes: u8,
    elsewhere: bool,
}

fn beginnings() -> impl Strategy<Value = Vec<Beginning>> {
    let some = || prop::collection::btree_set(0..6_u8, 0..4);
    let ordered = || some().prop_map(|some| some.into_iter().collect::<Vec<_>>()).prop_shuffle();
    let beginning = (ordered(), ordered(), some(), 0..3_u8, prop::bool::weighted(0.1)).prop_map(
        |(emails, phones, tags, notes, elsewhere)| Beginning {
            emails,
            phones,
            tags,
            notes,
            elsewhere,
        },
    );
    prop::collection::vec(beginning, usize::from(CUSTOMERS))
}

fn merges() -> impl Strategy<Value = Vec<(u8, u8)>> {
    prop::collection::vec((0..CUSTOMERS, 0..CUSTOMERS), 0..20)
}

fn id(n: u8) -> CustomerId {
    customer(u128::from(n) + 1)
}

fn begun(n: u8, beginning: &Beginning) -> Vec<Event> {
    let mut profile = profile();
    let emails = beginning.emails.iter().map(|e| email(&format!("e{e}@example.com"), false));
    profile.personal.emails = Ways::try_new(emails.collect()).unwrap();
    let phones = beginning.phones.iter().map(|p| phone(&format!("+96279555010{p}"), false));
    profile.personal.phones = Ways::try_new(phones.collect()).unwrap();
    let tags = beginning.tags.iter().map(|t| Code::try_new(&format!("t{t}")).unwrap());
    profile.tags = Codes::try_new(tags).unwrap();
    let mut events = vec![registered_with(organization(u128::from(beginning.elsewhere)), profile)];
    events
        .extend((0..beginning.notes).map(|k| added(u128::from(n) * 10 + u128::from(k), "Called")));
    events
}

/// All that is known of a customer, without its order.
fn known(details: &Details) -> BTreeSet<String> {
    let personal = &details.profile.personal;
    let emails = personal.emails.as_slice().iter().map(|way| way.value.key());
    let phones = personal.phones.as_slice().iter().map(|way| way.value.key());
    let tags = details.profile.tags.iter().map(ToString::to_string);
    let notes = details.notes.as_slice().iter().map(|note| note.id.to_string());
    emails.chain(phones).chain(tags).chain(notes).collect()
}

/// The records and their events so far.
struct World {
    states: BTreeMap<CustomerId, Customer>,
    log: BTreeMap<CustomerId, Vec<Event>>,
}

impl World {
    fn new(beginnings: &[Beginning]) -> Self {
        let mut world = Self { states: BTreeMap::new(), log: BTreeMap::new() };
        for (n, beginning) in (0..).zip(beginnings) {
            world.write(id(n), begun(n, beginning));
        }
        world
    }

    fn write(&mut self, id: CustomerId, events: Vec<Event>) {
        let state = self.states.entry(id).or_default();
        for event in &events {
            state.evolve(event);
        }
        self.log.entry(id).or_default().extend(events);
    }

    fn details(&self, id: CustomerId) -> &Details {
        self.states[&id].details().expect("all of them were registered")
    }

    /// Merges as the engine does: both are written or neither is.
    fn merge(&mut self, merge: Merge) -> bool {
        let (ending, survivor) = (&self.states[&merge.merged()], &self.states[&merge.survivor()]);
        let record = Box::new(self.details(merge.merged()).clone());
        let Ok(ended) = ending.decide(Command::MergeInto { merge, at: at(5) }) else {
            return false;
        };
        if ended.is_empty() {
            return true;
        }
        let take_over = Command::TakeOver { merge, record, at: at(5) };
        let Ok(taken) = survivor.decide(take_over) else { return false };
        self.write(merge.merged(), ended);
        self.write(merge.survivor(), taken);
        true
    }

    /// Where a record ended in the end.
    fn end(&self, mut id: CustomerId) -> CustomerId {
        let mut steps = 0;
        while let Some(into) = self.states[&id].merged_into() {
            (id, steps) = (into, steps + 1);
            assert!(steps < CUSTOMERS, "records end in a circle");
        }
        id
    }
}

proptest! {
    #[test]
    fn nothing_is_lost_and_no_circle_is_made(beginnings in beginnings(), merges in merges()) {
        let mut world = World::new(&beginnings);
        let before: BTreeMap<_, _> =
            world.states.keys().map(|id| (*id, known(world.details(*id)))).collect();
        for (merged, survivor) in merges {
            if let Ok(merge) = Merge::try_new(id(merged), id(survivor)) {
                let (ended, own) = (world.details(id(merged)).clone(), world.details(id(survivor)).clone());
                if world.merge(merge) {
                    let order = |details: &Details| details.profile.personal.emails.as_slice().to_vec();
                    let heir = world.details(id(survivor));
                    // what the survivor had comes first and as it was
                    prop_assert!(order(heir).starts_with(&order(&own)));
                    prop_assert_eq!(ended.organization, heir.organization);
                } else {
                    prop_assert_eq!(&ended, world.details(id(merged)));
                    prop_assert_eq!(&own, world.details(id(survivor)));
                }
            }
        }
        for (id, known_before) in &before {
            let end = world.end(*id);
            prop_assert!(known(world.details(end)).is_superset(known_before));
            let is_told = end == *id || world.details(end).absorbed.contains(id);
            prop_assert!(is_told, "{} does not know of {}", end, id);
        }
    }

    #[test]
    fn there_is_one_primary_way_of_each_kind_and_nothing_twice(beginnings in beginnings(), merges in merges()) {
        let mut world = World::new(&beginnings);
        for (merged, survivor) in merges {
            if let Ok(merge) = Merge::try_new(id(merged), id(survivor)) {
                world.merge(merge);
            }
        }
        for id in world.states.keys() {
            let personal = &world.details(*id).profile.personal;
            let ways = personal.emails.as_slice().to_vec();
            prop_assert_eq!(Ways::try_new(ways), Ok(personal.emails.clone()));
            let ways = personal.phones.as_slice().to_vec();
            prop_assert_eq!(Ways::try_new(ways), Ok(personal.phones.clone()));
            let absorbed = &world.details(*id).absorbed;
            prop_assert_eq!(absorbed.iter().collect::<BTreeSet<_>>().len(), absorbed.len());
        }
    }

    #[test]
    fn a_replay_of_what_was_stored_gives_the_same_records(beginnings in beginnings(), merges in merges()) {
        let mut world = World::new(&beginnings);
        for (merged, survivor) in merges {
            if let Ok(merge) = Merge::try_new(id(merged), id(survivor)) {
                world.merge(merge);
            }
        }
        for (id, events) in &world.log {
            let mut replayed = Customer::default();
            for event in events {
                let stored = serde_json::to_string(event).unwrap();
                replayed.evolve(&serde_json::from_str(&stored).unwrap());
            }
            prop_assert_eq!(&replayed, &world.states[id]);
            let snapshot = serde_json::to_string(&replayed).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Customer>(&snapshot).unwrap(), &replayed);
        }
    }
}
