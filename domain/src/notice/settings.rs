//! What an organization wants its customers to hear of.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::Kind;
use crate::values::{Minutes, Timestamp};

/// A day.
const DAY: u32 = 24 * 60;

/// What an organization wants its customers to hear of; unless it says otherwise, of everything, with a reminder a day
/// before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How long before the start customers are reminded.
    #[serde(default = "a_day")]
    pub reminder_minutes: Minutes,
    /// The kinds that nobody is to be told.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub off: BTreeSet<Kind>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { reminder_minutes: a_day(), off: BTreeSet::new() }
    }
}

impl Settings {
    /// Whether they are those of an organization that never said anything.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Whether notices of a kind are to be written.
    pub fn wants(&self, kind: Kind) -> bool {
        !self.off.contains(&kind)
    }

    /// When to remind of what begins at an instant.
    pub fn reminder_of(&self, starts_at: Timestamp) -> Timestamp {
        starts_at - TimeDelta::minutes(i64::from(self.reminder_minutes.get()))
    }
}

fn a_day() -> Minutes {
    Minutes::try_new(DAY).unwrap_or_default()
}
