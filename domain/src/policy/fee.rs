//! What calling off costs.

use serde::{Deserialize, Serialize};

use crate::pricing::{Minor, Rate};
use crate::values::{Money, MoneyError};

/// What calling off costs: a part of the total and an amount, or the first night. Never more than the total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Raw", into = "Raw")]
pub enum Fee {
    /// A part of the total and an amount.
    Share {
        /// The part.
        percent: Rate,
        /// The amount.
        amount: Minor,
        /// No less than this.
        least: Minor,
    },
    /// What the first night costs; what is not paid by the night is free.
    FirstNight,
}

impl Default for Fee {
    fn default() -> Self {
        Self::Share { percent: Rate::default(), amount: Minor::default(), least: Minor::default() }
    }
}

/// A fee says two things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("give `first_night`, or some of `percent`, `amount` and `least`")]
pub struct FeeError;

/// What is called off, of how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stake {
    /// What all lines cost that were ever booked, those called off before included.
    pub total: Money,
    /// What the lines cost that were called off before.
    pub before: Money,
    /// What the lines cost that are called off now.
    pub now: Money,
    /// What the first night of those costs.
    pub first_night: Money,
}

impl Fee {
    /// What it comes to. Whatever the order in which lines are called off, their fees add up to that of all of them.
    pub fn of(self, stake: Stake) -> Result<Money, MoneyError> {
        let Stake { total, before, now, first_night } = stake;
        match self {
            Self::FirstNight => Ok(first_night),
            Self::Share { percent, amount, least } => {
                let currency = total.currency();
                let all = percent.of(total)?.try_add(amount.of(currency))?;
                let all = all.minor().max(least.get()).min(total.minor());
                let all = Money::try_new(all, currency)?;
                let so_far = |gone: Money| all.try_share(gone.minor(), total.minor());
                so_far(before.try_add(now)?)?.try_sub(so_far(before)?)
            }
        }
    }

    /// Whether it comes to less, or at most to the same, whatever the total is.
    pub(super) fn is_surely_less_than(self, other: Self) -> bool {
        match (self, other) {
            (
                Self::Share { percent, amount, least },
                Self::Share { percent: part, amount: sum, least: floor },
            ) => self != other && percent <= part && amount <= sum && least <= floor,
            (Self::Share { .. }, Self::FirstNight) => self == Self::default(),
            (Self::FirstNight, Self::Share { .. } | Self::FirstNight) => false,
        }
    }
}

/// A fee as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename = "Fee")]
struct Raw {
    #[serde(default, skip_serializing_if = "Rate::is_zero")]
    percent: Rate,
    #[serde(default, skip_serializing_if = "Minor::is_zero")]
    amount: Minor,
    #[serde(default, skip_serializing_if = "Minor::is_zero")]
    least: Minor,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    first_night: bool,
}

impl TryFrom<Raw> for Fee {
    type Error = FeeError;

    fn try_from(raw: Raw) -> Result<Self, Self::Error> {
        let Raw { percent, amount, least, first_night } = raw;
        let share = Self::Share { percent, amount, least };
        match first_night {
            false => Ok(share),
            true if share == Self::default() => Ok(Self::FirstNight),
            true => Err(FeeError),
        }
    }
}

impl From<Fee> for Raw {
    fn from(fee: Fee) -> Self {
        let nothing = Self {
            percent: Rate::default(),
            amount: Minor::default(),
            least: Minor::default(),
            first_night: false,
        };
        match fee {
            Fee::Share { percent, amount, least } => Self { percent, amount, least, ..nothing },
            Fee::FirstNight => Self { first_night: true, ..nothing },
        }
    }
}
