//! What can be asked of payouts, and why they may say no.

use chrono::NaiveDate;

use crate::values::{DayRange, Money, PayoutId, Phrase, Reason, Timestamp};

/// What the operator asks for, with every fact the answer needs, the time included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Record that a partner was paid.
    Record {
        /// Which payout this is; the same once more pays nothing.
        payout: PayoutId,
        /// For which days.
        period: DayRange,
        /// How much.
        amount: Money,
        /// How much the ledger says is owed for them, if it is anything.
        owed: Option<Money>,
        /// What the transfer is called.
        reference: Option<Phrase>,
        /// On which day, where the organization is.
        paid_on: NaiveDate,
        /// When that was recorded.
        at: Timestamp,
    },
    /// Take back what was recorded: the transfer came back, or was never made.
    Withdraw {
        /// Which payout.
        payout: PayoutId,
        /// Why.
        reason: Option<Reason>,
        /// On which day, where the organization is.
        withdrawn_on: NaiveDate,
        /// When that was recorded.
        at: Timestamp,
    },
}

/// Why a command was turned down: an answer to the caller, not a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such payout.
    #[error("there is no such payout")]
    NotFound,
    /// Something else was paid under this id.
    #[error("the payout was recorded with another period or amount")]
    AlreadyExists,
    /// Nothing is no amount to pay.
    #[error("the amount is zero")]
    ZeroAmount,
    /// Some of the days were paid before, in the same currency, or days after them were.
    #[error("all before {until} was paid")]
    PeriodPaid {
        /// The first day that was not.
        until: NaiveDate,
    },
    /// More can be earned in the period.
    #[error("the period is not over before {until}")]
    PeriodNotOver {
        /// The day after its last.
        until: NaiveDate,
    },
    /// It is more than the partner is owed.
    #[error("it is more than is owed for the period")]
    ExceedsOwed,
}
