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

/// The lines of a booking that are for the same at the same time.
struct Group {
    lines: Vec<Item>,
    /// All of them together.
    whole: Item,
}

impl Group {
    fn all(wanted: &[Item]) -> Result<Vec<Self>, MoneyError> {
        let mut groups: Vec<Self> = Vec::new();
        for item in wanted {
            match groups.iter_mut().find(|group| group.whole.is_for_the_same(item)) {
                Some(group) => {
                    group.whole = group.whole.with(item)?;
                    group.lines.push(item.clone());
                }
                None => groups.push(Self { lines: vec![item.clone()], whole: item.clone() }),
            }
        }
        Ok(groups)
    }
}

impl Balances {
    /// What is missing. Of what is only less now, the difference is credited, and of what is only more, it is invoiced;
    /// what changed in both ways is credited as it was and invoiced as it is. Who only moves keeps the invoice.
    pub(super) fn missing(&self, wanted: &[Item]) -> Result<Missing, MoneyError> {
        let mut missing = Missing::default();
        let mut groups = Group::all(wanted)?;
        let mut gone = Vec::new();
        for balance in &self.0 {
            let same = |group: &Group| group.whole.is_for_the_same(&balance.item);
            match groups.iter().position(same) {
                Some(place) => missing.compare(balance, groups.remove(place)),
                None => gone.push(balance),
            }
        }
        for balance in gone {
            let moved = |group: &Group| group.whole.is_moved_from(&balance.item);
            match groups.iter().position(moved) {
                Some(place) => drop(groups.remove(place)),
                None => missing.credit(balance.item.clone(), balance),
            }
        }
        missing.invoiced.extend(groups.into_iter().flat_map(|group| group.lines));
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
    fn compare(&mut self, balance: &Balance, Group { lines, whole }: Group) {
        if whole.amounts.equals(&balance.item.amounts) {
            return;
        }
        if let Ok(less) = balance.item.without(&whole) {
            self.credit(less, balance);
        } else if let Ok(more) = whole.without(&balance.item) {
            self.invoiced.push(more);
        } else {
            self.credit(balance.item.clone(), balance);
            self.invoiced.extend(lines);
        }
    }

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
