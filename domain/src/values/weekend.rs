//! Which days of the week are free of work.

use serde::{Deserialize, Serialize};

/// The two days of the week on which offices are closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weekend {
    /// Friday and Saturday, as in Jordan or Egypt.
    FriSat,
    /// Saturday and Sunday.
    SatSun,
}

impl Weekend {
    /// The name as it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FriSat => "fri_sat",
            Self::SatSun => "sat_sun",
        }
    }
}
