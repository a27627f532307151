//! What is to be paid when booking, and until when the rest.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{Minor, Rate};
use crate::values::{DayCount, Money, MoneyError};

/// How much is paid when booking. The rest is due some days before the first day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Raw")]
pub struct Deposit {
    #[serde(skip_serializing_if = "Option::is_none")]
    percent: Option<Rate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Minor>,
    balance_days_before: DayCount,
}

/// A deposit is no amount, or two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("give `percent` or `amount`")]
pub struct DepositError;

/// What is due when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// What is paid when booking.
    pub now: Money,
    /// What is paid later.
    pub balance: Money,
    /// The last day to pay it, where the listing is; none if nothing is left.
    pub balance_on: Option<NaiveDate>,
}

impl Deposit {
    /// What is due of a total when it is booked on a day. Whoever books on the last day to pay or later pays all.
    pub fn due(
        self,
        total: Money,
        first_day: NaiveDate,
        booked_on: NaiveDate,
    ) -> Result<Due, MoneyError> {
        let days = Days::new(self.balance_days_before.get().into());
        let last = first_day.checked_sub_days(days).filter(|last| *last > booked_on);
        let deposit = match (self.percent, self.amount) {
            (Some(percent), _) => percent.of(total)?,
            (None, amount) => {
                let minor = amount.map_or(total.minor(), Minor::get).min(total.minor());
                Money::try_new(minor, total.currency())?
            }
        };
        let now = if last.is_some() { deposit } else { total };
        let balance = total.try_sub(now)?;
        Ok(Due { now, balance, balance_on: last.filter(|_| !balance.is_zero()) })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "Deposit")]
struct Raw {
    #[serde(default)]
    percent: Option<Rate>,
    #[serde(default)]
    amount: Option<Minor>,
    #[serde(default)]
    balance_days_before: DayCount,
}

impl TryFrom<Raw> for Deposit {
    type Error = DepositError;

    fn try_from(Raw { percent, amount, balance_days_before }: Raw) -> Result<Self, Self::Error> {
        if percent.is_some() == amount.is_some() {
            return Err(DepositError);
        }
        Ok(Self { percent, amount, balance_days_before })
    }
}
