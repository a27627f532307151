//! A payment: money asked for, promised, taken and given back for one booking, in one currency.
//!
//! `requested → authorized → partially captured → captured → partially refunded → refunded`, with `failed`, `voided`
//! and `disputed` on the side. Cash and bank transfers are recorded by hand as they happen. Whatever else is paid is
//! asked of a provider, in as many attempts as it takes, and recorded when the provider says so. Whatever a provider
//! accepts, no more is taken than was promised, and no more is given back, set aside for that or lost than was taken.

mod account;
mod attempt;
mod command;
mod event;
mod evolve;
mod facts;
mod failure;
mod means;
mod orders;
mod refund;
mod refusal;
mod status;
mod tasks;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use account::Account;
pub use account::{Capture, Pending};
pub use attempt::{Attempt, AttemptNumber, AttemptNumberError, Phase, Step, idempotency_key};
pub use command::{Command, Fact};
pub use event::Event;
pub use failure::{Failure, FailureCode};
pub use means::{CaptureMode, Method, Provider, Purpose, Rest};
pub use refund::{Dispute, DisputeStatus, Refund, RefundStatus, SplitError, split_refund};
pub use refusal::Refusal;
pub use status::Status;
pub use tasks::Task;

use crate::values::{BookingId, Money, ProviderReference, RefundId, Timestamp};

/// Raised whenever the serialised state changes, so that older snapshots are left alone.
pub const STATE_VERSION: u32 = 3;

/// A payment so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    account: Option<Account>,
}

impl Payment {
    /// How far it has come.
    pub fn status(&self) -> Status {
        self.account.as_ref().map_or(Status::Absent, Account::status)
    }

    /// What is paid for.
    pub fn booking(&self) -> Option<BookingId> {
        self.account.as_ref().map(|account| account.booking)
    }

    /// What it is of the booking's price, if that was said.
    pub fn purpose(&self) -> Option<Purpose> {
        self.account.as_ref().and_then(|account| account.purpose)
    }

    /// How it is paid.
    pub fn method(&self) -> Option<Method> {
        self.account.as_ref().map(|account| account.method)
    }

    /// Through whom it is paid, if online.
    pub fn provider(&self) -> Option<Provider> {
        self.account.as_ref().and_then(|account| account.provider)
    }

    /// Whether the provider takes the money as soon as it is promised.
    pub fn capture_mode(&self) -> Option<CaptureMode> {
        self.account.as_ref().map(|account| account.capture)
    }

    /// What was asked for.
    pub fn requested(&self) -> Option<Money> {
        self.account.as_ref().map(|account| account.requested)
    }

    /// What was promised in the last attempt, or taken without a promise.
    pub fn authorized(&self) -> Option<Money> {
        self.account.as_ref().map(|account| account.authorized.unwrap_or(account.captured))
    }

    /// When the promise runs out, if it does.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.account.as_ref().and_then(|account| account.expires_at)
    }

    /// What can still be taken.
    pub fn capturable(&self) -> Option<Money> {
        self.account.as_ref().map(Account::capturable)
    }

    /// What was taken.
    pub fn captured(&self) -> Option<Money> {
        self.account.as_ref().map(|account| account.captured)
    }

    /// What was taken, each time.
    pub fn captures(&self) -> &[Capture] {
        self.account.as_ref().map_or(&[], |account| &account.captures)
    }

    /// What was given back.
    pub fn refunded(&self) -> Option<Money> {
        self.account.as_ref().map(|account| account.refunded)
    }

    /// What is set aside for refunds under way.
    pub fn reserved(&self) -> Option<Money> {
        self.account.as_ref().map(|account| account.reserved)
    }

    /// What went in disputes that were lost.
    pub fn lost(&self) -> Option<Money> {
        self.account.as_ref().map(|account| account.lost)
    }

    /// What the provider kept for moving the money, as far as it has said so.
    pub fn fees(&self) -> Option<Money> {
        self.account.as_ref().map(|account| account.fees)
    }

    /// What can still be given back: what was taken and is neither given back, nor set aside for that, nor lost.
    pub fn left(&self) -> Option<Money> {
        self.account.as_ref().map(Account::left)
    }

    /// The number of the last attempt.
    pub fn attempt(&self) -> Option<AttemptNumber> {
        self.account.as_ref().map(Account::number)
    }

    /// All attempts, the first one first.
    pub fn attempts(&self) -> impl Iterator<Item = &Attempt> {
        let account = self.account.iter();
        account.flat_map(|account| account.earlier.iter().chain([&account.attempt]))
    }

    /// What the provider calls the last attempt.
    pub fn reference(&self) -> Option<&ProviderReference> {
        self.account.as_ref().and_then(|account| account.attempt.reference.as_ref())
    }

    /// Why it was given up, or else why the last attempt came to nothing.
    pub fn failure(&self) -> Option<&Failure> {
        let account = self.account.as_ref()?;
        account.failure.as_ref().or(account.attempt.failure.as_ref())
    }

    /// What the provider was asked to do with the money it holds, and has not answered yet.
    pub fn pending(&self) -> Option<Pending> {
        self.account.as_ref().and_then(|account| account.pending)
    }

    /// All refunds, in the order in which they were asked for.
    pub fn refunds(&self) -> &[Refund] {
        self.account.as_ref().map_or(&[], |account| &account.refunds)
    }

    /// A refund.
    pub fn refund(&self, id: RefundId) -> Option<&Refund> {
        self.account.as_ref().and_then(|account| account.refund(id))
    }

    /// All disputes, in the order in which they were heard of.
    pub fn disputes(&self) -> &[Dispute] {
        self.account.as_ref().map_or(&[], |account| &account.disputes)
    }

    /// Whether whoever paid wants money back from their bank, and nothing is decided.
    pub fn is_disputed(&self) -> bool {
        self.account.as_ref().is_some_and(Account::is_disputed)
    }

    /// About how many bytes the state takes.
    pub fn weight(&self) -> usize {
        let lists = self.account.as_ref().map_or(0, |account| {
            account.earlier.len() * size_of::<Attempt>()
                + account.captures.len() * size_of::<Capture>()
                + account.refunds.len() * size_of::<Refund>()
                + account.disputes.len() * size_of::<Dispute>()
        });
        size_of::<Self>() + lists * 2 // texts included
    }

    /// Answers a command with new events, or refuses it. Pure: no clock, no I/O, no chance.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        let Some(account) = &self.account else { return orders::request(&command) };
        match command {
            Command::Request { .. } => Err(Refusal::AlreadyExists),
            Command::Retry { attempt, at } => account.retry(attempt, at),
            Command::Authorize { at } => account.authorize(at),
            Command::Capture { amount, rest, at } => account.capture(amount, rest, at),
            Command::Expire { at } => account.end_promise(at),
            Command::Refund { refund, amount, reason, at } => {
                account.give_some_back(refund, amount, reason, at)
            }
            Command::Void { at } => account.void(at),
            Command::Fail { failure, at } => account.give_up(failure, at),
            Command::Record { fact, at } => account.record(fact, at),
        }
    }

    /// Folds one event into the state. Total: whatever was stored can be replayed.
    pub fn evolve(&mut self, event: &Event) {
        if let Some(begun) = Account::begin(event) {
            self.account = Some(begun);
        } else if let Some(account) = &mut self.account {
            account.evolve(event);
        }
    }
}

crate::aggregate::aggregate!(Payment, "payment");
