//! Events as they stand in the log, and as they wait to be written.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::Arc,
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An event's place in the log: 1 for the first, without gaps, in the order of commits. 0 stands before the first.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Position(i64);

impl Position {
    /// Before the first event.
    pub const START: Self = Self(0);

    /// A position from its number; negative numbers stand for the start.
    pub const fn new(number: i64) -> Self {
        if number < 0 { Self(0) } else { Self(number) }
    }

    /// The number, as it stands in the database and in answers.
    pub const fn get(self) -> i64 {
        self.0
    }

    pub(crate) const fn plus(self, count: i64) -> Self {
        Self(self.0 + count)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Who, from where, why: strings beside each event of a command. Flat, because cqrs-es reads it as a string map.
pub type Metadata = HashMap<String, String>;

/// Metadata as it is stored: in the order of its names, so that equal metadata are equal bytes.
pub(crate) fn written(metadata: &Metadata) -> Result<Arc<str>, serde_json::Error> {
    let sorted: BTreeMap<_, _> = metadata.iter().collect();
    Ok(serde_json::to_string(&sorted)?.into())
}

/// One event as it was recorded. Payload and metadata are the stored bytes, untouched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its place in the log.
    pub position: Position,
    /// The kind of aggregate, `booking` for instance.
    pub aggregate_type: String,
    /// Which aggregate of that kind.
    pub aggregate_id: String,
    /// Its place in the aggregate's own stream: 1 for the first.
    pub sequence: i64,
    /// What happened, in snake case.
    pub event_type: String,
    /// The version of the payload's shape.
    pub event_version: String,
    /// The event as JSON text.
    pub payload: String,
    /// The metadata as JSON text.
    pub metadata: String,
    /// A time-ordered id, unique in the world.
    pub event_id: Uuid,
    /// When the log took it, never earlier than the event before it.
    pub recorded_at: DateTime<Utc>,
}

/// An event on its way to the log.
#[derive(Clone, Debug)]
pub(crate) struct NewEvent {
    pub(crate) stream: StreamKey,
    pub(crate) sequence: i64,
    pub(crate) event_type: String,
    pub(crate) event_version: String,
    pub(crate) payload: String,
    pub(crate) metadata: Arc<str>,
    pub(crate) event_id: Uuid,
}

impl NewEvent {
    pub(crate) fn bytes(&self) -> usize {
        self.payload.len() + self.metadata.len() + self.stream.id.len() + 128
    }
}

/// Names one stream. The derived order (type, then id) is the order in which locks are taken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StreamKey {
    pub(crate) aggregate_type: &'static str,
    pub(crate) id: Arc<str>,
}
