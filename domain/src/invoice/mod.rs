//! The invoices and credit notes of one booking: what was invoiced follows what the booking costs.
//!
//! A document is frozen in its event and never changed; what turns out otherwise is corrected by another one. Numbers are
//! the organization's: each is given out in a [`register`], in the unit of work that issues its document, so that there is
//! a document for each number, and no number twice.

mod amounts;
mod balance;
mod command;
mod document;
mod event;
mod item;
pub mod register;
mod settings;
mod statement;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use amounts::{Amounts, TaxAmount};
pub use command::{Command, Issue, Refusal};
pub use document::{
    Buyer, Document, Kind, Name, NoNumber, Number, Reference, Seller, Supplied, TaxTotal, Totals,
};
pub use event::Event;
pub use item::{Item, Service, Subject};
pub use register::Numbers;
pub use settings::{Prefix, PrefixError, Settings};
pub use statement::Statement;

use balance::{Balances, Missing};

/// Raised whenever the serialised state changes, so that older snapshots are left alone.
pub const STATE_VERSION: u32 = 1;

/// The invoices and credit notes of a booking so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoices {
    /// What was invoiced and not credited since.
    balances: Balances,
    /// Who bought, by the last document.
    buyer: Buyer,
    /// How many documents there are.
    count: u64,
}

impl Invoices {
    /// How many documents were issued.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// About how many bytes the state takes.
    pub fn weight(&self) -> usize {
        size_of::<Self>() + self.balances.weight()
    }

    /// Answers a command with new events, or refuses it. Pure: no clock, no I/O, no chance.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Issue(issue) => self.issue(&issue),
        }
    }

    /// Folds one event into the state. Total: whatever was stored can be replayed.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::Issued(document) => {
                self.balances.see(document);
                self.buyer = document.personal.clone();
                self.count += 1;
            }
        }
    }

    /// Issues a credit note for what is less than was invoiced, and an invoice for what is more.
    fn issue(&self, issue: &Issue) -> Result<Vec<Event>, Refusal> {
        let missing = self.balances.missing(&issue.statement.items)?;
        if missing.is_nothing() {
            return Err(Refusal::NothingToIssue);
        }
        let Missing { credited, corrects, invoiced } = missing;
        let documents = [
            self.document(issue, Kind::CreditNote, credited, corrects)?,
            self.document(issue, Kind::Invoice, invoiced, Vec::new())?,
        ];
        let issued = documents.into_iter().flatten();
        Ok(issued.map(|document| Event::Issued(Box::new(document))).collect())
    }

    /// A document of items, if there are any.
    fn document(
        &self,
        issue: &Issue,
        kind: Kind,
        items: Vec<Item>,
        corrects: Vec<Reference>,
    ) -> Result<Option<Document>, Refusal> {
        let Some(totals) = Totals::of(&items)? else { return Ok(None) };
        let [credit_note, invoice] = issue.ids;
        let id = match kind {
            Kind::Invoice => invoice,
            Kind::CreditNote => credit_note,
        };
        let number = issue.numbers.of(kind);
        Ok(Some(Document {
            id,
            name: Name { prefix: issue.prefix.clone(), kind, number },
            organization: issue.organization,
            seller: issue.seller.clone(),
            listing: issue.listing,
            customer: issue.customer,
            language: issue.language.clone(),
            issued_on: issue.issued_on,
            supplied: Supplied::of(&items, issue.issued_on),
            items,
            totals,
            paid: issue.paid,
            corrects,
            reason: issue.reason.clone(),
            personal: issue.buyer.clone().unwrap_or_else(|| self.buyer.clone()),
            at: issue.at,
        }))
    }
}

crate::aggregate::aggregate!(Invoices, "invoices");
