//! What the simulated gateway remembers: charges, and the answers it gave under each key.

use std::collections::HashMap;

use daybook_domain::values::Timestamp;

use super::{Means, account::Account};
use crate::{
    ChargeReference, Entry, GatewayError, Moved, Period, ProviderId, ProviderKey, RefundStanding,
    Standing,
};

/// Everything, until the process ends.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    accounts: HashMap<ChargeReference, Account>,
    answers: HashMap<ProviderKey, (String, Result<Answer, GatewayError>)>,
    events: u64,
}

/// What was answered.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    Charge(Standing),
    Refund(RefundStanding),
}

impl Ledger {
    /// The answer that was given under a key, which belongs to one request.
    pub(super) fn given(
        &self,
        key: &ProviderKey,
        request: &str,
    ) -> Option<Result<Answer, GatewayError>> {
        let (first, answer) = self.answers.get(key)?;
        if first == request {
            return Some(answer.clone());
        }
        let message = "the key was used for another request";
        Some(Err(GatewayError::refused("idempotency_error", message)))
    }

    /// Keeps an answer.
    pub(super) fn keep(
        &mut self,
        key: &ProviderKey,
        request: String,
        answer: Result<Answer, GatewayError>,
    ) {
        self.answers.insert(key.clone(), (request, answer));
    }

    /// Keeps a charge.
    pub(super) fn open(&mut self, account: Account) {
        self.accounts.insert(account.reference.clone(), account);
    }

    /// A charge; if it was made before this process began, what its reference says of it.
    pub(super) fn account(
        &mut self,
        reference: &ChargeReference,
        now: Timestamp,
    ) -> Result<&mut Account, GatewayError> {
        if !self.accounts.contains_key(reference) {
            let revived = Account::revive(reference, now);
            let missing = || GatewayError::refused("resource_missing", reference);
            self.open(revived.ok_or_else(missing)?);
        }
        let missing = || GatewayError::refused("resource_missing", reference);
        self.accounts.get_mut(reference).ok_or_else(missing)
    }

    /// By which means a charge is paid.
    pub(super) fn means(&self, reference: &ChargeReference) -> Means {
        self.accounts.get(reference).and_then(|account| account.means).unwrap_or(Means::Success)
    }

    /// A number for the next event.
    pub(super) fn next_event(&mut self) -> u64 {
        self.events += 1;
        self.events
    }

    /// The books.
    pub(super) fn entries(&self, period: Period) -> Vec<Entry> {
        let accounts = self.accounts.values();
        let entries =
            accounts.flat_map(|account| charge(account).into_iter().chain(refunds(account)));
        entries.filter(|entry| period.contains(entry.at)).collect()
    }
}

fn charge(account: &Account) -> Option<Entry> {
    let standing = account.standing();
    Some(Entry {
        id: ProviderId::try_new(account.reference.as_str()).ok()?,
        at: account.at,
        moved: Moved::Charge(standing.progress),
        charge: Some(standing.reference),
        ours: standing.payment,
        amount: standing.amount,
    })
}

fn refunds(account: &Account) -> Vec<Entry> {
    let entry = |(at, refund): &(Timestamp, RefundStanding)| {
        Some(Entry {
            id: ProviderId::try_new(refund.reference.as_str()).ok()?,
            at: *at,
            moved: Moved::Refund(refund.progress.clone()),
            charge: refund.charge.clone(),
            ours: refund.refund.clone(),
            amount: refund.amount,
        })
    };
    account.refunds.iter().filter_map(entry).collect()
}
