//! Which days of the week are free of work.

use chrono::Weekday;
use serde::{Deserialize, Serialize};

/// The two days of the week on which offices are closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weekend {
    /// Friday and Saturday, as in Jordan or Egypt.
    FriSat,
    /// Saturday and Sunday.
    #[default]
    SatSun,
}

impl Weekend {
    /// Whether a day of the week is one of them.
    pub const fn contains(self, day: Weekday) -> bool {
        match self {
            Self::FriSat => matches!(day, Weekday::Fri | Weekday::Sat),
            Self::SatSun => matches!(day, Weekday::Sat | Weekday::Sun),
        }
    }

    /// The name as it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FriSat => "fri_sat",
            Self::SatSun => "sat_sun",
        }
    }
}
