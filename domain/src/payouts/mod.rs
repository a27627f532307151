//! What a partner was paid of what it earned through the operator: one stream for each organization.
//!
//! How much is owed follows from the ledger, whatever was not paid before included. So periods are paid in order: here it
//! is decided that no day is paid twice in one currency, be it as a day of a period or as a day before it.

mod command;
mod event;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use command::{Command, Refusal};
pub use event::Event;

use crate::values::{DayRange, Money, PayoutId};

/// Raised whenever the serialised state changes, so that older snapshots are left alone.
pub const STATE_VERSION: u32 = 1;

/// What an organization was paid so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payouts {
    made: Vec<Made>,
}

/// One payment to a partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Made {
    payout: PayoutId,
    period: DayRange,
    amount: Money,
    withdrawn: bool,
}

impl Payouts {
    /// About how many bytes the state takes.
    pub fn weight(&self) -> usize {
        size_of::<Self>() + self.made.len() * size_of::<Made>()
    }

    /// Answers a command with new events, or refuses it. Pure: no clock, no I/O, no chance.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Record { payout, period, amount, owed, reference, paid_on, at } => {
                if let Some(known) = self.find(payout) {
                    let same = known.period == period && known.amount == amount;
                    return if same { Ok(Vec::new()) } else { Err(Refusal::AlreadyExists) };
                }
                self.check(period, amount)?;
                if paid_on < period.end() {
                    return Err(Refusal::PeriodNotOver { until: period.end() });
                }
                if amount.minor() > owed.map_or(0, Money::minor) {
                    return Err(Refusal::ExceedsOwed);
                }
                Ok(vec![Event::Recorded { payout, period, amount, reference, paid_on, at }])
            }
            Command::Withdraw { payout, reason, withdrawn_on, at } => {
                let known = self.find(payout).ok_or(Refusal::NotFound)?;
                if known.withdrawn {
                    return Ok(Vec::new()); // a repeat is not a new fact
                }
                Ok(vec![Event::Withdrawn { payout, reason, withdrawn_on, at }])
            }
        }
    }

    /// Folds one event into the state. Total: whatever was stored can be replayed.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::Recorded { payout, period, amount, reference: _, paid_on: _, at: _ } => {
                let (payout, period, amount) = (*payout, *period, *amount);
                self.made.push(Made { payout, period, amount, withdrawn: false });
            }
            Event::Withdrawn { payout, .. } => {
                if let Some(made) = self.made.iter_mut().find(|made| made.payout == *payout) {
                    made.withdrawn = true;
                }
            }
        }
    }

    fn find(&self, payout: PayoutId) -> Option<&Made> {
        self.made.iter().find(|made| made.payout == payout)
    }

    /// Refuses nothing at all, and days that were paid, or are before days that were.
    fn check(&self, period: DayRange, amount: Money) -> Result<(), Refusal> {
        if amount.is_zero() {
            return Err(Refusal::ZeroAmount);
        }
        let currency = amount.currency();
        let counts = |made: &&Made| !made.withdrawn && made.amount.currency() == currency;
        let paid = self.made.iter().filter(counts).map(|made| made.period.end()).max();
        match paid.filter(|until| period.first() < *until) {
            Some(until) => Err(Refusal::PeriodPaid { until }),
            None => Ok(()),
        }
    }
}

crate::aggregate::aggregate!(Payouts, "payouts");
