//! What was invoiced and not credited since, and what is missing until it is what a booking costs.

use serde::{Deserialize, Serialize};

use super::{Document, Item, Kind, Reference};
use crate::values::{InvoiceId, MoneyError};

/// What was invoiced for one thing and not credited since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Balance {
    /// All of it together.
    item: Item,
    /// In which invoices it stands.
    invoices: Vec<Reference>,
}

/// What was invoiced and not credited since, each thing once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Balances(Vec<Balance>);

/// What is missing until what was invoiced is what a booking costs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Missing {
    pub(super) credited: Vec<Item>,
    /// The invoices in which that stands.
    pub(super) corrects: Vec<Reference>,
    pub(super) invoiced: Vec<Item>,
}

impl Balances {
    /// What is missing. Of what is only less now, the difference is credited, and of what is only more, it is invoiced; what
    /// changed in both ways is credited as it was and invoiced as it is.
    pub(super) fn missing(&self, wanted: &[Item]) -> Result<Missing, MoneyError> {
        let mut missing = Missing::default();
        for balance in &self.0 {
            let mut now = wanted.iter().filter(|item| item.is_for_the_same(&balance.item));
            let Some(first) = now.next() else {
                missing.credit(balance.item.clone(), balance);
                continue;
            };
            let whole = now.try_fold(first.clone(), |sum, item| sum.with(item))?;
            if whole.amounts.equals(&balance.item.amounts) {
                continue;
            }
            if let Ok(less) = balance.item.without(&whole) {
                missing.credit(less, balance);
            } else if let Ok(more) = whole.without(&balance.item) {
                missing.invoiced.push(more);
            } else {
                missing.credit(balance.item.clone(), balance);
                let same = wanted.iter().filter(|item| item.is_for_the_same(&balance.item));
                missing.invoiced.extend(same.cloned());
            }
        }
        let is_new = |item: &&Item| !self.0.iter().any(|known| known.item.is_for_the_same(item));
        missing.invoiced.extend(wanted.iter().filter(is_new).cloned());
        if missing.invoiced.iter().all(|item| item.amounts.is_zero()) {
            missing.invoiced.clear();
        }
        Ok(missing)
    }

    /// Takes in what was issued. What does not fit stays as it was: the decision has seen to it that it fits.
    pub(super) fn see(&mut self, document: &Document) {
        for item in &document.items {
            let place = self.0.iter().position(|known| known.item.is_for_the_same(item));
            match (document.kind(), place) {
                (Kind::Invoice, None) => {
                    let invoices = vec![document.reference()];
                    self.0.push(Balance { item: item.clone(), invoices });
                }
                (Kind::Invoice, Some(place)) => self.0[place].add(item, document),
                (Kind::CreditNote, None) => {}
                (Kind::CreditNote, Some(place)) => {
                    let left = self.0[place].item.without(item);
                    match left {
                        Ok(left) if !left.amounts.is_zero() => self.0[place].item = left,
                        Ok(_) => drop(self.0.remove(place)),
                        Err(_) => {}
                    }
                }
            }
        }
    }

    pub(super) fn weight(&self) -> usize {
        let one = |balance: &Balance| {
            balance.item.weight() + balance.invoices.len() * size_of::<Reference>()
        };
        self.0.iter().map(one).sum()
    }
}

impl Balance {
    fn add(&mut self, item: &Item, document: &Document) {
        if let Ok(sum) = self.item.with(item) {
            self.item = sum;
        }
        if !self.invoices.iter().any(|known| known.id == document.id) {
            self.invoices.push(document.reference());
        }
    }
}

impl Missing {
    fn credit(&mut self, item: Item, balance: &Balance) {
        if item.amounts.is_zero() {
            return;
        }
        self.credited.push(item);
        let known: Vec<InvoiceId> = self.corrects.iter().map(|reference| reference.id).collect();
        let new = balance.invoices.iter().filter(|reference| !known.contains(&reference.id));
        self.corrects.extend(new.cloned());
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.credited.is_empty() && self.invoiced.is_empty()
    }
}
