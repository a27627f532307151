//! Whether a calendar was ever oversold, recomputed from its events without the engine's own code.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use serde_json::Value;

use super::audit::Row;

/// One place of a calendar on which an event promised more than there was: a day, told by its midnight, or a minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Oversold {
    pub(crate) calendar: String,
    pub(crate) place: NaiveDateTime,
    pub(crate) position: i64,
    pub(crate) taken: i64,
    pub(crate) limit: i64,
}

type Places = BTreeMap<NaiveDateTime, i64>;

/// One calendar: what each booking takes, firm or until a deadline.
#[derive(Default)]
struct Ledger {
    limit: i64,
    firm: Places,
    own: HashMap<String, Places>,
    held: HashMap<String, DateTime<Utc>>,
}

/// Every day or minute of which an event took more than was there.
pub(super) fn oversold(events: &[Row]) -> Vec<Oversold> {
    let mut ledgers: HashMap<&str, Ledger> = HashMap::new();
    let mut found = Vec::new();
    for event in events {
        let ledger = ledgers.entry(&event.aggregate_id).or_default();
        for (place, taken) in ledger.fold(&event.event_type, &event.payload[&event.event_type]) {
            found.push(Oversold {
                calendar: event.aggregate_id.clone(),
                place,
                position: event.position,
                taken,
                limit: ledger.limit,
            });
        }
    }
    found
}

impl Ledger {
    /// Takes one event in, and gives the places that it filled beyond the limit.
    fn fold(&mut self, event_type: &str, data: &Value) -> Vec<(NaiveDateTime, i64)> {
        match event_type {
            "opened" | "limits_changed" => {
                let limit = |name| data["limits"][name].as_i64().expect("limits are numbers");
                self.limit = limit("capacity") + limit("overbooking");
                Vec::new()
            }
            "allocated" | "reallocated" => {
                let booking = text(&data["booking"]).to_owned();
                let before = self.give_up(&booking);
                let asked = places(&data["takes"]);
                if data["until"].is_string() {
                    self.held.insert(booking.clone(), instant(&data["until"]));
                } else {
                    add(&mut self.firm, &asked, 1);
                }
                self.own.insert(booking, asked.clone());
                let more = |place: &NaiveDateTime| asked[place] > *before.get(place).unwrap_or(&0);
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
                let freed = places(&data["freed"]);
                if !self.held.contains_key(booking) {
                    add(&mut self.firm, &freed, -1);
                }
                let own = self.own.get_mut(booking).expect("only what is taken can be released");
                add(own, &freed, -1);
                assert!(own.values().all(|left| *left >= 0), "{booking} gave up what it had not");
                Vec::new()
            }
            "blocked" => {
                let taken = places(&data["takes"]);
                add(&mut self.firm, &taken, 1);
                let filled = taken.keys().copied().collect::<Vec<_>>();
                self.own.insert(text(&data["block"]).to_owned(), taken);
                self.beyond(filled.into_iter(), instant(&data["at"]))
            }
            "unblocked" => {
                self.give_up(text(&data["block"]));
                Vec::new()
            }
            other => panic!("an unknown event of a calendar: {other}"),
        }
    }

    fn give_up(&mut self, booking: &str) -> Places {
        let before = self.own.remove(booking).unwrap_or_default();
        if self.held.remove(booking).is_none() {
            add(&mut self.firm, &before, -1);
        }
        before
    }

    fn beyond(
        &self,
        places: impl Iterator<Item = NaiveDateTime>,
        at: DateTime<Utc>,
    ) -> Vec<(NaiveDateTime, i64)> {
        let counted = |place: NaiveDateTime| {
            // A hold no longer counts at its deadline.
            let live = self.held.iter().filter(|(_, until)| **until > at);
            let held: i64 = live.filter_map(|(booking, _)| self.own[booking].get(&place)).sum();
            (place, self.firm.get(&place).unwrap_or(&0) + held)
        };
        places.map(counted).filter(|(_, taken)| *taken > self.limit).collect()
    }
}

fn add(places: &mut Places, more: &Places, sign: i64) {
    for (place, quantity) in more {
        *places.entry(*place).or_default() += sign * quantity;
    }
}

fn places(takes: &Value) -> Places {
    let mut places = Places::new();
    for take in takes.as_array().expect("takes are a list") {
        let quantity = take["quantity"].as_i64().expect("a quantity is a number");
        let (first, end, step) = if take["days"].is_object() {
            let midnight = |day: &Value| {
                let day: NaiveDate = text(day).parse().expect("a date");
                day.and_time(NaiveTime::MIN)
            };
            let days = &take["days"];
            (midnight(&days["first"]), midnight(&days["end"]), TimeDelta::days(1))
        } else {
            let minute = |at: &Value| instant(at).naive_utc();
            let time = &take["time"];
            (minute(&time["start"]), minute(&time["end"]), TimeDelta::minutes(1))
        };
        let all = std::iter::successors(Some(first), |place| Some(*place + step));
        for place in all.take_while(|place| *place < end) {
            *places.entry(place).or_default() += quantity;
        }
    }
    places
}

fn instant(value: &Value) -> DateTime<Utc> {
    text(value).parse().expect("an instant")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}"))
}
