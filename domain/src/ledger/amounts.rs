//! Amounts by account.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Account;

/// How much is on each account, in minor units of one currency: debits above zero, credits below. Accounts with nothing
/// on them are left out. Each sum is smaller than all money of a booking, so that the wider type never overflows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Amounts(BTreeMap<Account, i128>);

impl Amounts {
    /// Puts so much more on the debit side of an account, or on the credit side if it is negative.
    pub fn debit(&mut self, account: Account, minor: i128) {
        if minor == 0 {
            return;
        }
        let amount = self.0.entry(account).or_default();
        *amount += minor;
        if *amount == 0 {
            self.0.remove(&account);
        }
    }

    /// Puts so much more on the credit side of an account, or on the debit side if it is negative.
    pub fn credit(&mut self, account: Account, minor: i128) {
        self.debit(account, -minor);
    }

    /// How much is on an account.
    pub fn of(&self, account: Account) -> i128 {
        self.0.get(&account).copied().unwrap_or_default()
    }

    /// Adds all of others.
    pub fn add(&mut self, others: &Self) {
        others.iter().for_each(|(account, minor)| self.debit(account, minor));
    }

    /// What these are more than others, account by account.
    #[must_use]
    pub fn less(&self, others: &Self) -> Self {
        let mut difference = self.clone();
        others.iter().for_each(|(account, minor)| difference.credit(account, minor));
        difference
    }

    /// Whether there is nothing on any account.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The accounts with something on them, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (Account, i128)> {
        self.0.iter().map(|(account, minor)| (*account, *minor))
    }

    /// What all of them sum to.
    pub fn sum(&self) -> i128 {
        self.0.values().sum()
    }
}
