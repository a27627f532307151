//! How far a payment has come.

use serde::{Deserialize, Serialize};

/// How far a payment has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Never asked for.
    #[default]
    Absent,
    /// Asked for.
    Requested,
    /// Promised by whoever will pay.
    Authorized,
    /// Taken in part, and more may be taken.
    PartiallyCaptured,
    /// Taken.
    Captured,
    /// Given back in part.
    PartiallyRefunded,
    /// Given back.
    Refunded,
    /// Whoever paid wants it back from their bank, or got it back there.
    Disputed,
    /// It did not work, and was given up.
    Failed,
    /// Called off before it was taken.
    Voided,
}

impl Status {
    /// The status as it is written in tables and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Requested => "requested",
            Self::Authorized => "authorized",
            Self::PartiallyCaptured => "partially_captured",
            Self::Captured => "captured",
            Self::PartiallyRefunded => "partially_refunded",
            Self::Refunded => "refunded",
            Self::Disputed => "disputed",
            Self::Failed => "failed",
            Self::Voided => "voided",
        }
    }
}
