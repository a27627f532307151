//! What is measured, for how long, and how large.

use std::time::Duration;

use clap::ValueEnum;
use serde::Serialize;

/// A part of the benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Part {
    /// Bookings over HTTP
    #[value(name = "http", alias = "a")]
    Http,
    /// The same bookings in plain SQL
    #[value(name = "sql", alias = "b")]
    Sql,
    /// Commands through cqrs-es over unmodified postgres-es
    #[value(name = "cqrs-es", alias = "c")]
    CqrsEs,
    /// The same commands through our engine, in process
    #[value(name = "engine", alias = "d")]
    Engine,
    /// Projections from zero, beside COPY
    #[value(name = "replay", alias = "e")]
    Replay,
    /// Decisions in a full calendar, beside an empty one
    #[value(name = "decision", alias = "f")]
    Decision,
    /// Free slots and rooms by the hour, with a million bookings stored
    #[value(name = "availability", alias = "g")]
    Availability,
}

/// Everything that was chosen before the first measurement.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Plan {
    /// How long each measurement counts.
    pub(super) seconds: f64,
    /// How long it runs before it counts.
    pub(super) warm_up_seconds: f64,
    /// How often the rivals take turns.
    pub(super) rounds: u32,
    /// At how many connections.
    pub(super) connections: Vec<u16>,
    /// Over how many resources bookings are spread.
    pub(super) resources: usize,
    /// How many events there must at least be to replay.
    pub(super) events_to_replay: i64,
    /// How many commands are in flight where there are no connections.
    pub(super) in_flight: u16,
    /// How many places clients fight for.
    pub(super) contest_places: u32,
    /// Whether this is only to see that everything runs.
    pub(super) quick: bool,
    #[serde(skip)]
    parts: Vec<Part>,
}

impl Plan {
    pub(super) fn new(seconds: f64, rounds: u32, connections: &[u16], only: &[Part]) -> Self {
        Self {
            seconds,
            warm_up_seconds: (seconds * 0.3).clamp(0.2, 2.0),
            rounds,
            connections: connections.to_vec(),
            resources: 10_000,
            events_to_replay: 300_000,
            in_flight: 64,
            contest_places: 500,
            quick: false,
            parts: only.to_vec(),
        }
    }

    /// Everything once, for a moment.
    pub(super) fn quick(only: &[Part]) -> Self {
        Self {
            warm_up_seconds: 0.1,
            resources: 100,
            events_to_replay: 5_000,
            in_flight: 8,
            contest_places: 50,
            quick: true,
            ..Self::new(0.3, 1, &[4], only)
        }
    }

    /// Whether a part was asked for.
    pub(super) fn has(&self, part: Part) -> bool {
        self.parts.is_empty() || self.parts.contains(&part)
    }

    pub(super) fn measure(&self) -> Duration {
        Duration::from_secs_f64(self.seconds)
    }

    pub(super) fn warm_up(&self) -> Duration {
        Duration::from_secs_f64(self.warm_up_seconds)
    }
}
