//! A payment: money asked for, taken and given back for one booking.
//!
//! `requested → authorized → captured → partially refunded → refunded`, with `failed` and `voided` on
//! the side. Whatever a payment provider accepts, no more is given back than was taken.

mod command;
mod event;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use command::{Command, Refusal};
pub use event::Event;

use crate::values::{BookingId, Money, Reason, Timestamp};

/// Raised whenever the serialised state changes, so that older snapshots are left alone.
pub const STATE_VERSION: u32 = 1;

/// How money changes hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Notes and coins.
    Cash,
    /// From one bank account to another.
    BankTransfer,
}

impl Method {
    /// The method as it is written in tables and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::BankTransfer => "bank_transfer",
        }
    }
}

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
    /// Taken.
    Captured,
    /// Given back in part.
    PartiallyRefunded,
    /// Given back.
    Refunded,
    /// It did not work.
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
            Self::Captured => "captured",
            Self::PartiallyRefunded => "partially_refunded",
            Self::Refunded => "refunded",
            Self::Failed => "failed",
            Self::Voided => "voided",
        }
    }
}

/// A payment so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    status: Status,
    account: Option<Account>,
}

/// What was asked for, and what of it was taken and given back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Account {
    booking: BookingId,
    method: Method,
    requested: Money,
    captured: Money,
    refunded: Money,
}

impl Account {
    /// What can still be given back.
    fn left(&self) -> Money {
        self.captured.try_sub(self.refunded).unwrap_or(Money::zero(self.captured.currency()))
    }
}

impl Payment {
    /// How far it has come.
    pub fn status(&self) -> Status {
        self.status
    }

    /// What is paid for.
    pub fn booking(&self) -> Option<BookingId> {
        self.account.as_ref().map(|account| account.booking)
    }

    /// How it is paid.
    pub fn method(&self) -> Option<Method> {
        self.account.as_ref().map(|account| account.method)
    }

    /// What was asked for.
    pub fn requested(&self) -> Option<Money> {
        self.account.as_ref().map(|account| account.requested)
    }

    /// What was taken.
    pub fn captured(&self) -> Option<Money> {
        self.account.as_ref().map(|account| account.captured)
    }

    /// What was given back.
    pub fn refunded(&self) -> Option<Money> {
        self.account.as_ref().map(|account| account.refunded)
    }

    /// About how many bytes the state takes.
    pub fn weight(&self) -> usize {
        size_of::<Self>()
    }

    /// Answers a command with new events, or refuses it. Pure: no clock, no I/O, no chance.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Request { .. } if self.status != Status::Absent => Err(Refusal::AlreadyExists),
            Command::Request { amount, .. } if amount.is_zero() => Err(Refusal::ZeroAmount),
            Command::Request { booking, amount, method, at } => {
                Ok(vec![Event::Requested { booking, amount, method, at }])
            }
            Command::Authorize { at } => match self.status {
                Status::Requested => Ok(vec![Event::Authorized { at }]),
                Status::Authorized
                | Status::Captured
                | Status::PartiallyRefunded
                | Status::Refunded => Ok(Vec::new()), // has been authorized or needs it no more
                Status::Absent | Status::Failed | Status::Voided => Err(self.stands_in_the_way()),
            },
            Command::Capture { amount, at } => self.capture(amount, at),
            Command::Refund { amount, reason, at } => self.refund(amount, reason, at),
            Command::Void { at } => match self.status {
                Status::Requested | Status::Authorized => Ok(vec![Event::Voided { at }]),
                Status::Voided => Ok(Vec::new()), // a repeat is not a new fact
                Status::Absent
                | Status::Captured
                | Status::PartiallyRefunded
                | Status::Refunded
                | Status::Failed => Err(self.stands_in_the_way()),
            },
            Command::Fail { reason, at } => match self.status {
                Status::Requested | Status::Authorized => Ok(vec![Event::Failed { reason, at }]),
                Status::Failed => Ok(Vec::new()), // a repeat is not a new fact
                Status::Absent
                | Status::Captured
                | Status::PartiallyRefunded
                | Status::Refunded
                | Status::Voided => Err(self.stands_in_the_way()),
            },
        }
    }

    /// Folds one event into the state. Total: whatever was stored can be replayed.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::Requested { booking, amount, method, at: _ } => {
                self.status = Status::Requested;
                let nothing = Money::zero(amount.currency());
                self.account = Some(Account {
                    booking: *booking,
                    method: *method,
                    requested: *amount,
                    captured: nothing,
                    refunded: nothing,
                });
            }
            Event::Authorized { at: _ } => self.status = Status::Authorized,
            Event::Captured { amount, at: _ } => {
                self.status = Status::Captured;
                if let Some(account) = &mut self.account {
                    account.captured = *amount;
                }
            }
            Event::Refunded { amount, reason: _, at: _ } => {
                if let Some(account) = &mut self.account {
                    account.refunded =
                        account.refunded.try_add(*amount).unwrap_or(account.captured);
                    let all = account.left().is_zero();
                    self.status = if all { Status::Refunded } else { Status::PartiallyRefunded };
                }
            }
            Event::Voided { at: _ } => self.status = Status::Voided,
            Event::Failed { reason: _, at: _ } => self.status = Status::Failed,
        }
    }

    fn capture(&self, amount: Option<Money>, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        let account = self.account.as_ref().ok_or(Refusal::NotFound)?;
        match self.status {
            Status::Requested | Status::Authorized => {
                let amount = amount.unwrap_or(account.requested);
                check_amount(amount, account)?;
                if amount.minor() > account.requested.minor() {
                    let requested = account.requested;
                    return Err(Refusal::CaptureExceedsRequested { requested });
                }
                Ok(vec![Event::Captured { amount, at }])
            }
            Status::Captured | Status::PartiallyRefunded | Status::Refunded => {
                match amount.filter(|amount| *amount != account.captured) {
                    None => Ok(Vec::new()), // a repeat is not a new fact
                    Some(_) => Err(Refusal::AlreadyCaptured { amount: account.captured }),
                }
            }
            Status::Absent | Status::Failed | Status::Voided => Err(self.stands_in_the_way()),
        }
    }

    fn refund(
        &self,
        amount: Option<Money>,
        reason: Option<Reason>,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let account = self.account.as_ref().ok_or(Refusal::NotFound)?;
        match self.status {
            Status::Captured | Status::PartiallyRefunded | Status::Refunded => {
                let left = account.left();
                if amount.is_none() && left.is_zero() {
                    return Ok(Vec::new()); // all of it was given back: a repeat is not a new fact
                }
                let amount = amount.unwrap_or(left);
                check_amount(amount, account)?;
                if amount.minor() > left.minor() {
                    return Err(Refusal::RefundExceedsCaptured { left });
                }
                Ok(vec![Event::Refunded { amount, reason, at }])
            }
            Status::Requested | Status::Authorized => Err(Refusal::NotCaptured),
            Status::Absent | Status::Failed | Status::Voided => Err(self.stands_in_the_way()),
        }
    }

    /// Names the status as the reason why something cannot be done.
    fn stands_in_the_way(&self) -> Refusal {
        match (self.status, &self.account) {
            (Status::Failed, _) => Refusal::Failed,
            (Status::Voided, _) => Refusal::Voided,
            (Status::Captured | Status::PartiallyRefunded | Status::Refunded, Some(account)) => {
                Refusal::AlreadyCaptured { amount: account.captured }
            }
            (Status::Requested | Status::Authorized, _) => Refusal::NotCaptured,
            (
                Status::Absent | Status::Captured | Status::PartiallyRefunded | Status::Refunded,
                _,
            ) => Refusal::NotFound,
        }
    }
}

fn check_amount(amount: Money, account: &Account) -> Result<(), Refusal> {
    if amount.currency() != account.requested.currency() {
        return Err(Refusal::CurrencyMismatch);
    }
    if amount.is_zero() { Err(Refusal::ZeroAmount) } else { Ok(()) }
}

crate::aggregate::aggregate!(Payment, "payment");
