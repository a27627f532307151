//! What can be asked of the invoices of a booking, and why they may say no.

use chrono::NaiveDate;

use super::{Buyer, Numbers, Prefix, Seller, Statement};
use crate::values::{
    CustomerId, InvoiceId, Language, ListingId, Money, MoneyError, OrganizationId, Reason,
    Timestamp,
};

/// What a caller asks for, with every fact the answer needs, the time included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Issue what is missing, so that what was invoiced is what the booking costs.
    Issue(Box<Issue>),
}

/// All that goes into the documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// What the booking costs now.
    pub statement: Statement,
    /// The next numbers.
    pub numbers: Numbers,
    /// The ids of a credit note and of an invoice, should there be one.
    pub ids: [InvoiceId; 2],
    /// Who sells: the organization.
    pub organization: OrganizationId,
    /// As what the organization does business.
    pub seller: Seller,
    /// What stands before its numbers.
    pub prefix: Option<Prefix>,
    /// The listing that was booked.
    pub listing: ListingId,
    /// Who booked.
    pub customer: CustomerId,
    /// Who buys; the one of the document before, if it is not told.
    pub buyer: Option<Buyer>,
    /// The language in which the customer reads it.
    pub language: Language,
    /// The date on the organization's wall clock.
    pub issued_on: NaiveDate,
    /// What was paid so far and not given back, if that is known.
    pub paid: Option<Money>,
    /// Why, in the words of whoever asks.
    pub reason: Option<Reason>,
    /// When.
    pub at: Timestamp,
}

/// Why a command was turned down: an answer to the caller, not a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The booking is not confirmed.
    #[error("only what was confirmed is invoiced")]
    NotConfirmed,
    /// All that the booking costs was invoiced, and no more.
    #[error("what was invoiced is what the booking costs: there is nothing to issue")]
    NothingToIssue,
    /// Nobody knows in whose name to invoice.
    #[error("the organization has not said in whose name it invoices")]
    NoSeller,
    /// The amounts do not add up.
    #[error(transparent)]
    Money(#[from] MoneyError),
}
