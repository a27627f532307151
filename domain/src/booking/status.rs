//! How far a booking has come.

use serde::{Deserialize, Serialize};

/// How far a booking has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Never made.
    #[default]
    Absent,
    /// Kept until somebody approves it or declines it, or a deadline comes.
    Requested,
    /// Kept until a deadline.
    Held,
    /// Kept for good.
    Confirmed,
    /// The guest is here.
    CheckedIn,
    /// The guest has left.
    Completed,
    /// The request was turned down.
    Declined,
    /// The request or the hold ended before it was approved or confirmed.
    Lapsed,
    /// Called off.
    Cancelled,
    /// The guest never came.
    NoShow,
}

impl Status {
    /// The status as it is written in tables and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Requested => "requested",
            Self::Held => "held",
            Self::Confirmed => "confirmed",
            Self::CheckedIn => "checked_in",
            Self::Completed => "completed",
            Self::Declined => "declined",
            Self::Lapsed => "lapsed",
            Self::Cancelled => "cancelled",
            Self::NoShow => "no_show",
        }
    }
}
