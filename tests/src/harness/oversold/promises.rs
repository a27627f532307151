//! Whether every booking has in the inventory exactly what its lines say, and nothing more.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    super::audit::Row,
    calendars::{day, minute, steps},
    holders::{Amounts, add},
    list, number, text,
};

/// What one booking takes: changes by day or minute of each resource, and amounts by offer and seat of each session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Taken {
    times: BTreeMap<String, Amounts<i64>>,
    places: Amounts<(String, String)>,
}

/// How much of its lines a booking has to have.
#[derive(Clone, Copy, Debug, Default)]
enum Due {
    #[default]
    All,
    /// The guest left or did not come: what was free again may be anybody's.
    Part,
    Nothing,
}

#[derive(Default)]
struct Promise {
    said: Taken,
    due: Due,
}

/// What is wrong with which booking.
pub(crate) fn broken(bookings: &[Row], calendars: &[Row], sessions: &[Row]) -> Vec<String> {
    let mut taken = BTreeMap::<String, Taken>::new();
    for event in calendars {
        let resource = event.aggregate_id.split_once('/').map(|(resource, _)| resource);
        let resource = resource.expect("a calendar is named by its resource and month");
        take(&mut taken, event, |taken, takes, sign| taken.of_resource(resource, takes, sign));
    }
    for event in sessions {
        let session = &*event.aggregate_id;
        take(&mut taken, event, |taken, takes, sign| taken.of_session(session, takes, sign));
    }
    for voucher in set_aside(sessions) {
        taken.remove(voucher);
    }
    let mut wrong = Vec::new();
    for (id, promise) in promises(bookings) {
        let has = taken.remove(id).unwrap_or_default();
        if !promise.is_kept_by(&has) {
            wrong.push(format!("{id} says {:?} and has {has:?}", promise.said));
        }
    }
    let nothing = Taken::default();
    wrong.extend(
        taken
            .iter()
            .filter(|(_, has)| **has != nothing)
            .map(|(id, has)| format!("{id} was never made and has {has:?}")),
    );
    wrong
}

/// What waiting lists promise, told as if each offer were a booking of what its entry waits for, until it ends.
pub(crate) fn offers(lists: &[Row]) -> Vec<Row> {
    let mut wanted = BTreeMap::new();
    let mut told = Vec::new();
    for event in lists {
        let data = &event.payload[&event.event_type];
        let Some(entry) = data["entry"].as_str() else { continue };
        if let Some(kinds) = data["wanted"].as_object() {
            wanted.insert(entry, kinds.values().collect::<Vec<_>>());
        }
        let (event_type, payload) = match &*event.event_type {
            "offered" => ("offered", json!({"offered": {"lines": wanted[entry]}})),
            "declined" | "expired" | "left" | "ended" => ("hold_lapsed", Value::Null),
            _ => continue,
        };
        let (aggregate_id, event_type) = (entry.to_owned(), event_type.to_owned());
        told.push(Row { aggregate_id, event_type, payload, position: event.position });
    }
    told
}

fn take(
    taken: &mut BTreeMap<String, Taken>,
    event: &Row,
    mut put: impl FnMut(&mut Taken, &Value, i64),
) {
    let data = &event.payload[&event.event_type];
    let Some(booking) = data["booking"].as_str() else { return };
    let taken = taken.entry(booking.to_owned()).or_default();
    put(taken, &data["freed"], -1);
    put(taken, &data["takes"], 1);
}

/// What is set aside for vouchers: it is no booking's, and known by the voucher's id, which stands for the customer too.
fn set_aside(sessions: &[Row]) -> impl Iterator<Item = &str> {
    let events = sessions.iter().map(|event| &event.payload[&event.event_type]);
    let aside =
        events.filter(|data| data["takes"].is_array() && data["booking"] == data["customer"]);
    aside.filter_map(|data| data["booking"].as_str())
}

fn promises(events: &[Row]) -> BTreeMap<&str, Promise> {
    let mut promises = BTreeMap::<&str, Promise>::new();
    for event in events {
        let promise = promises.entry(&event.aggregate_id).or_default();
        let data = &event.payload[&event.event_type];
        let lines =
            if data["terms"].is_object() { &data["terms"]["lines"] } else { &data["lines"] };
        if lines.is_array() {
            promise.said = Taken::said_by(lines);
        }
        match &*event.event_type {
            "cancelled" | "hold_lapsed" | "declined" => promise.due = Due::Nothing,
            "checked_out" | "no_show_recorded" => promise.due = Due::Part,
            // also after it had lapsed, by whoever paid late
            "confirmed" => promise.due = Due::All,
            _ => {}
        }
    }
    promises
}

impl Promise {
    fn is_kept_by(&self, has: &Taken) -> bool {
        match self.due {
            Due::All => self.said == *has,
            Due::Part => {
                let mut rest = self.said.times.clone();
                for (resource, changes) in &has.times {
                    add(rest.entry(resource.clone()).or_default(), changes, -1);
                }
                let fits = |(_, _, left): (i64, i64, i64)| left >= 0;
                self.said.places == has.places
                    && rest.values().all(|rest| steps(rest).into_iter().all(fits))
            }
            Due::Nothing => *has == Taken::default(),
        }
    }
}

impl Taken {
    fn said_by(lines: &Value) -> Self {
        let mut said = Self::default();
        for line in list(lines) {
            if line["add_on"].is_string() {
                continue; // of a stock of its own
            }
            if let Some(session) = line["session"].as_str() {
                said.of_session(session, &Value::from(vec![line.clone()]), 1);
                continue;
            }
            let quantity =
                if line["occupies"].is_u64() { &line["occupies"] } else { &line["quantity"] };
            let (first, end) = if line["stay"].is_object() {
                let day = |field: &str| day(&line["stay"][field]);
                // the same day is a day use, which takes that day
                (day("arrival"), day("departure").max(day("arrival") + 1))
            } else {
                (minute(&line["time"]["start"]), minute(&line["time"]["end"]))
            };
            said.change(text(&line["resource"]), first, end, number(quantity));
        }
        said
    }

    fn of_resource(&mut self, resource: &str, takes: &Value, sign: i64) {
        for take in list(takes) {
            let (first, end) = if take["days"].is_object() {
                (day(&take["days"]["first"]), day(&take["days"]["end"]))
            } else {
                (minute(&take["time"]["start"]), minute(&take["time"]["end"]))
            };
            self.change(resource, first, end, sign * number(&take["quantity"]));
        }
    }

    fn change(&mut self, resource: &str, first: i64, end: i64, quantity: i64) {
        let changes = self.times.entry(resource.to_owned()).or_default();
        add(changes, &Amounts::from([(first, quantity)]), 1);
        add(changes, &Amounts::from([(end, quantity)]), -1);
        if changes.is_empty() {
            self.times.remove(resource);
        }
    }

    fn of_session(&mut self, session: &str, takes: &Value, sign: i64) {
        let mut put = |what: &str, amount: i64| {
            add(
                &mut self.places,
                &Amounts::from([((session.to_owned(), what.to_owned()), amount)]),
                sign,
            );
        };
        for take in list(takes) {
            put(text(&take["offer"]), number(&take["quantity"]));
            for seat in list(&take["seats"]) {
                put(text(seat), 1);
            }
        }
    }
}
