//! What becomes of a date when a series is booked, and what can stand in its way.

use serde::{Deserialize, Serialize};

use crate::calendar::{Obstacle, Occupant};
use crate::values::{BookingId, ResourceId};

/// What became of a date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is a booking of its own.
    Booked(BookingId),
    /// It was left out.
    Skipped(Hindrance),
}

/// Why a date could not be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hindrance {
    /// What kind of thing stands in the way.
    pub cause: Cause,
    /// Of what there was not enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<ResourceId>,
    /// Who has it, as far as is known: at most [`Hindrance::MAX_OCCUPANTS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub occupants: Vec<Occupant>,
}

/// What kind of thing stands in the way of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Holds, which may end.
    Held,
    /// Blocks, which may be lifted.
    Blocked,
    /// Bookings that are made for good, or there never were so many.
    Sold,
    /// It is not open then.
    Closed,
    /// It is too late to book it.
    Notice,
    /// It is too early to book it.
    TooFarAhead,
    /// As many have booked as may in that day, week or month.
    Limit,
    /// It would be over before it was booked.
    Past,
    /// Clocks skip its local start.
    SkippedByClocks,
}

impl Hindrance {
    /// The most that are named of those who have what is missing.
    pub const MAX_OCCUPANTS: usize = 10;

    /// Something that has nothing to do with who else has booked.
    pub fn of(cause: Cause) -> Self {
        Self { cause, resource: None, occupants: Vec::new() }
    }

    /// Too little of a resource, since others have it.
    pub fn taken(obstacle: Obstacle, resource: ResourceId, mut occupants: Vec<Occupant>) -> Self {
        occupants.truncate(Self::MAX_OCCUPANTS);
        Self { cause: obstacle.into(), resource: Some(resource), occupants }
    }
}

impl Cause {
    /// Whether others have what is missing.
    pub fn is_taken(self) -> bool {
        match self {
            Self::Held | Self::Blocked | Self::Sold => true,
            Self::Closed
            | Self::Notice
            | Self::TooFarAhead
            | Self::Limit
            | Self::Past
            | Self::SkippedByClocks => false,
        }
    }

    /// The cause as it is written in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Blocked => "blocked",
            Self::Sold => "sold",
            Self::Closed => "closed",
            Self::Notice => "notice",
            Self::TooFarAhead => "too_far_ahead",
            Self::Limit => "limit",
            Self::Past => "past",
            Self::SkippedByClocks => "skipped_by_clocks",
        }
    }
}

impl From<Obstacle> for Cause {
    fn from(obstacle: Obstacle) -> Self {
        match obstacle {
            Obstacle::Held | Obstacle::WaitingList => Self::Held,
            Obstacle::Blocked => Self::Blocked,
            Obstacle::Sold => Self::Sold,
        }
    }
}
