//! Whether anything was ever sold twice, recomputed from the log without the engine's own code.

mod calendars;
mod holders;
mod promises;
mod sessions;

use chrono::{DateTime, Utc};
use serde_json::Value;

pub(crate) use promises::{broken, offers};

use super::audit::Row;

/// One place at which an event promised more than there was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Oversold {
    /// The calendar or the session.
    pub(crate) stream: String,
    /// A day, a minute, a pool or a seat.
    pub(crate) place: String,
    pub(crate) position: i64,
    pub(crate) taken: i64,
    pub(crate) limit: i64,
}

/// A place, how many are promised there, and how many may be.
type Excess = (String, i64, i64);

/// Every event of calendars that took a place that was not there.
pub(crate) fn in_calendars(events: &[Row]) -> Vec<Oversold> {
    folded::<calendars::Ledger>(events)
}

/// Every event of sessions that took a place or a seat that was not there.
pub(crate) fn in_sessions(events: &[Row]) -> Vec<Oversold> {
    folded::<sessions::Ledger>(events)
}

/// What one stream promises.
trait Fold: Default {
    /// Takes one event in, and tells where it promised too much.
    fn fold(&mut self, event_type: &str, data: &Value) -> Vec<Excess>;
}

fn folded<L: Fold>(events: &[Row]) -> Vec<Oversold> {
    let mut ledgers = std::collections::HashMap::<&str, L>::new();
    let mut found = Vec::new();
    for event in events {
        let ledger = ledgers.entry(&event.aggregate_id).or_default();
        let beyond = ledger.fold(&event.event_type, &event.payload[&event.event_type]);
        found.extend(beyond.into_iter().map(|(place, taken, limit)| Oversold {
            stream: event.aggregate_id.clone(),
            place,
            position: event.position,
            taken,
            limit,
        }));
    }
    found
}

fn instant(value: &Value) -> DateTime<Utc> {
    text(value).parse().expect("an instant")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}"))
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("a number, not {value}"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
