//! Who takes what of one stream, for good or until a deadline.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{instant, text};

/// Amounts by place. What they mean is the ledger's: so many at a place, or so many more from it on.
pub(super) type Amounts<P> = BTreeMap<P, i64>;

/// Everybody who takes something. What all of them take for good is kept as one sum.
#[derive(Debug)]
pub(super) struct Holders<P> {
    firm: Amounts<P>,
    own: HashMap<String, Amounts<P>>,
    held: HashMap<String, DateTime<Utc>>,
}

impl<P> Default for Holders<P> {
    fn default() -> Self {
        Self { firm: Amounts::new(), own: HashMap::new(), held: HashMap::new() }
    }
}

impl<P: Ord + Clone + Hash> Holders<P> {
    /// Lets somebody take this and nothing else, and gives what they took for sure before.
    pub(super) fn put(&mut self, whose: &str, asked: Amounts<P>, data: &Value) -> Amounts<P> {
        let at = instant(&data["at"]);
        let ended = self.held.get(whose).is_some_and(|until| *until <= at);
        let before = self.remove(whose);
        if data["until"].is_string() {
            self.held.insert(whose.to_owned(), instant(&data["until"]));
        } else {
            add(&mut self.firm, &asked, 1);
        }
        self.own.insert(whose.to_owned(), asked);
        if ended { Amounts::new() } else { before }
    }

    /// Lets somebody keep for good what they hold, and gives what that is.
    pub(super) fn confirm(&mut self, data: &Value) -> Amounts<P> {
        let whose = text(&data["booking"]);
        self.held.remove(whose).expect("only what is held can be confirmed");
        let own = self.own.get(whose).cloned().unwrap_or_default();
        add(&mut self.firm, &own, 1);
        own
    }

    /// Takes something away from somebody, and gives what is left.
    pub(super) fn release(&mut self, whose: &str, freed: &Amounts<P>) -> &Amounts<P> {
        if !self.held.contains_key(whose) {
            add(&mut self.firm, freed, -1);
        }
        let own = self.own.get_mut(whose).expect("only what is taken can be released");
        add(own, freed, -1);
        own
    }

    /// All that counts at an instant. A hold no longer counts at its deadline.
    pub(super) fn counted(&self, at: DateTime<Utc>) -> Amounts<P> {
        let mut sum = self.firm.clone();
        let live = self.held.iter().filter(|(_, until)| **until > at);
        for own in live.filter_map(|(whose, _)| self.own.get(whose)) {
            add(&mut sum, own, 1);
        }
        sum
    }

    fn remove(&mut self, whose: &str) -> Amounts<P> {
        let before = self.own.remove(whose).unwrap_or_default();
        if self.held.remove(whose).is_none() {
            add(&mut self.firm, &before, -1);
        }
        before
    }
}

/// Adds or subtracts amounts; what comes to nothing is not kept.
pub(super) fn add<P: Ord + Clone>(amounts: &mut Amounts<P>, more: &Amounts<P>, sign: i64) {
    for (place, amount) in more {
        let sum = amounts.entry(place.clone()).or_default();
        *sum += sign * amount;
        if *sum == 0 {
            amounts.remove(place);
        }
    }
}

/// What is asked beyond what somebody had before.
pub(super) fn beyond<P: Ord + Clone>(asked: &Amounts<P>, before: &Amounts<P>) -> Amounts<P> {
    let mut more = asked.clone();
    add(&mut more, before, -1);
    more
}
