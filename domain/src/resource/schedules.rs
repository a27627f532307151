//! When something can be taken by the hour.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::schedule::Schedule;
use crate::values::Zone;

/// Up to 10 schedules: something is open whenever one of them is, each on its own wall clock, as for somebody who
/// travels. Without any it never closes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Schedule>")]
pub struct Schedules(Vec<Schedule>);

/// There are more than anybody keeps to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are at most {} schedules", Schedules::MAX)]
pub struct TooManySchedules;

impl Schedules {
    /// The most schedules.
    pub const MAX: usize = 10;

    /// The schedules, in any order.
    pub fn try_new(schedules: Vec<Schedule>) -> Result<Self, TooManySchedules> {
        if schedules.len() <= Self::MAX { Ok(Self(schedules)) } else { Err(TooManySchedules) }
    }

    /// The schedules, or without any the one of what never closes.
    pub fn or_always(&self, zone: Zone) -> Cow<'_, [Schedule]> {
        if self.0.is_empty() {
            Cow::Owned(vec![Schedule::always(zone)])
        } else {
            Cow::Borrowed(&self.0)
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// About how many bytes they take beyond their own size.
    pub(super) fn weight(&self) -> usize {
        self.0.iter().map(|schedule| size_of::<Schedule>() + schedule.weight()).sum()
    }
}

impl TryFrom<Vec<Schedule>> for Schedules {
    type Error = TooManySchedules;

    fn try_from(schedules: Vec<Schedule>) -> Result<Self, TooManySchedules> {
        Self::try_new(schedules)
    }
}
