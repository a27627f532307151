//! Whether a calendar was ever oversold, recomputed from its events without the engine's own code.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

use super::audit::Row;

/// One day on which an event promised more than there was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Oversold {
    pub(crate) calendar: String,
    pub(crate) day: NaiveDate,
    pub(crate) position: i64,
    pub(crate) taken: i64,
    pub(crate) limit: i64,
}

type Days = BTreeMap<NaiveDate, i64>;

/// One calendar: what each booking takes, firm or until a deadline.
#[derive(Default)]
struct Ledger {
    limit: i64,
    firm: Days,
    own: HashMap<String, Days>,
    held: HashMap<String, DateTime<Utc>>,
}

/// Every day on which an event took a place that was not there.
pub(super) fn oversold(events: &[Row]) -> Vec<Oversold> {
    let mut ledgers: HashMap<&str, Ledger> = HashMap::new();
    let mut found = Vec::new();
    for event in events {
        let ledger = ledgers.entry(&event.aggregate_id).or_default();
        for (day, taken) in ledger.fold(&event.event_type, &event.payload[&event.event_type]) {
            found.push(Oversold {
                calendar: event.aggregate_id.clone(),
                day,
                position: event.position,
                taken,
                limit: ledger.limit,
            });
        }
    }
    found
}

impl Ledger {
    /// Takes one event in, and gives the days that it filled beyond the limit.
    fn fold(&mut self, event_type: &str, data: &Value) -> Vec<(NaiveDate, i64)> {
        match event_type {
            "opened" | "limits_changed" => {
                let limit = |name| data["limits"][name].as_i64().expect("limits are numbers");
                self.limit = limit("capacity") + limit("overbooking");
                Vec::new()
            }
            "allocated" | "reallocated" => {
                let booking = text(&data["booking"]).to_owned();
                let before = self.give_up(&booking);
                let asked = days(&data["takes"]);
                if data["until"].is_string() {
                    self.held.insert(booking.clone(), instant(&data["until"]));
                } else {
                    add(&mut self.firm, &asked, 1);
                }
                self.own.insert(booking, asked.clone());
                let more = |day: &NaiveDate| asked[day] > *before.get(day).unwrap_or(&0);
                self.beyond(asked.keys().copied().filter(more), instant(&data["at"]))
            }
            "confirmed" => {
                let booking = text(&data["booking"]);
                self.held.remove(booking).expect("only what is held can be confirmed");
                let own = self.own.get(booking).cloned().unwrap_or_default();
                add(&mut self.firm, &own, 1);
                self.beyond(own.keys().copied(), instant(&data["at"]))
            }
            "released" => {
                let booking = text(&data["booking"]);
                let freed = days(&data["freed"]);
                if !self.held.contains_key(booking) {
                    add(&mut self.firm, &freed, -1);
                }
                let own = self.own.get_mut(booking).expect("only what is taken can be released");
                add(own, &freed, -1);
                assert!(own.values().all(|left| *left >= 0), "{booking} gave up what it had not");
                Vec::new()
            }
            other => panic!("an unknown event of a calendar: {other}"),
        }
    }

    fn give_up(&mut self, booking: &str) -> Days {
        let before = self.own.remove(booking).unwrap_or_default();
        if self.held.remove(booking).is_none() {
            add(&mut self.firm, &before, -1);
        }
        before
    }

    fn beyond(
        &self,
        days: impl Iterator<Item = NaiveDate>,
        at: DateTime<Utc>,
    ) -> Vec<(NaiveDate, i64)> {
        let counted = |day: NaiveDate| {
            // A hold no longer counts at its deadline.
            let live = self.held.iter().filter(|(_, until)| **until > at);
            let held: i64 = live.filter_map(|(booking, _)| self.own[booking].get(&day)).sum();
            (day, self.firm.get(&day).unwrap_or(&0) + held)
        };
        days.map(counted).filter(|(_, taken)| *taken > self.limit).collect()
    }
}

fn add(days: &mut Days, more: &Days, sign: i64) {
    for (day, quantity) in more {
        *days.entry(*day).or_default() += sign * quantity;
    }
}

fn days(takes: &Value) -> Days {
    let mut days = Days::new();
    for take in takes.as_array().expect("takes are a list") {
        let quantity = take["quantity"].as_i64().expect("a quantity is a number");
        let first: NaiveDate = text(&take["days"]["first"]).parse().expect("a date");
        let end: NaiveDate = text(&take["days"]["end"]).parse().expect("a date");
        for day in first.iter_days().take_while(|day| *day < end) {
            *days.entry(day).or_default() += quantity;
        }
    }
    days
}

fn instant(value: &Value) -> DateTime<Utc> {
    text(value).parse().expect("an instant")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}"))
}
