//! An invoice or a credit note, as it was issued for good.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Amounts, Item, Prefix};
use crate::pricing::Rate;
use crate::values::{
    Address, Code, CustomerId, InvoiceId, Language, ListingId, Money, MoneyError, OrganizationId,
    Phrase, Reason, Timestamp,
};

/// Whether something is asked for or given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// What is to be paid.
    Invoice,
    /// What is no longer to be paid of what was invoiced.
    CreditNote,
}

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Invoice, Self::CreditNote];

    /// The name as it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::CreditNote => "credit_note",
        }
    }

    /// What stands in the names of documents.
    const fn letters(self) -> &'static str {
        match self {
            Self::Invoice => "INV",
            Self::CreditNote => "CN",
        }
    }
}

/// The how-manieth invoice, or credit note, of an organization: 1, 2, 3, …
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64")]
pub struct Number(u64);

/// Numbers begin with 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("numbers begin with 1")]
pub struct NoNumber;

impl Number {
    /// The one after so many.
    pub fn after(count: u64) -> Self {
        Self(count.saturating_add(1))
    }

    /// The number.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl TryFrom<u64> for Number {
    type Error = NoNumber;

    fn try_from(number: u64) -> Result<Self, NoNumber> {
        if number == 0 { Err(NoNumber) } else { Ok(Self(number)) }
    }
}

/// What a document is called: the organization's prefix, the kind and the number, as in `BAY-INV-000001`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// What the organization puts before its numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<Prefix>,
    /// Which of its two runs of numbers.
    pub kind: Kind,
    /// The number.
    pub number: Number,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(prefix) = &self.prefix {
            write!(f, "{prefix}-")?;
        }
        write!(f, "{}-{:06}", self.kind.letters(), self.number.get())
    }
}

/// Who sells, as the law wants it told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seller {
    /// The name under which they do business.
    pub name: Phrase,
    /// Where they are.
    pub address: Address,
    /// Under which number they pay taxes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_number: Option<Phrase>,
}

/// Who buys, as far as that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Buyer {
    /// Their name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Phrase>,
    /// Where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// Under which number they pay taxes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_number: Option<Phrase>,
}

impl Buyer {
    /// Whether nothing is known.
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

/// The first and the last day on which what is paid for takes place, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supplied {
    /// The first day.
    pub first: NaiveDate,
    /// The last day.
    pub last: NaiveDate,
}

impl Supplied {
    /// The days of items; those without any are supplied on the day of issue.
    pub(super) fn of(items: &[Item], issued_on: NaiveDate) -> Self {
        let dates = || items.iter().filter_map(|item| item.service).map(super::Service::dates);
        let first = dates().map(|(first, _)| first).min().unwrap_or(issued_on);
        let last = dates().map(|(_, last)| last).max().unwrap_or(issued_on);
        Self { first, last }
    }
}

/// A document that another one refers to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// Which document.
    pub id: InvoiceId,
    /// What it is called.
    pub name: Name,
}

/// What all items come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Without any tax.
    pub net: Money,
    /// The taxes, by rate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<TaxTotal>,
    /// With all taxes.
    pub total: Money,
}

/// What all items come to of one tax at one rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxTotal {
    /// The code of the tax.
    pub code: Code,
    /// Its rate, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Whether prices included it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub included: bool,
    /// The net amount of what is taxed so.
    pub net: Money,
    /// How much the tax is.
    pub amount: Money,
}

impl Totals {
    /// What items come to; nothing, if there are none.
    pub(super) fn of(items: &[Item]) -> Result<Option<Self>, MoneyError> {
        let Some((first, others)) = items.split_first() else { return Ok(None) };
        let one = |sum: Amounts, item: &Item| sum.try_add(&item.amounts);
        let Amounts { net, taxes, total } = others.iter().try_fold(first.amounts.clone(), one)?;
        let mut told = Vec::with_capacity(taxes.len());
        for tax in taxes {
            let is_taxed = |item: &&Item| {
                let mut own = item.amounts.taxes.iter();
                own.any(|own| {
                    (&own.code, own.rate, own.included) == (&tax.code, tax.rate, tax.included)
                })
            };
            let nets = items.iter().filter(is_taxed).map(|item| item.amounts.net);
            let net = nets.into_iter().try_fold(Money::zero(net.currency()), Money::try_add)?;
            let (code, rate, included, amount) = (tax.code, tax.rate, tax.included, tax.amount);
            told.push(TaxTotal { code, rate, included, net, amount });
        }
        Ok(Some(Self { net, taxes: told, total }))
    }
}

/// An invoice or a credit note, as it was issued for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Which document.
    pub id: InvoiceId,
    /// What it is called.
    pub name: Name,
    /// Who sells: the organization.
    pub organization: OrganizationId,
    /// As what the organization does business.
    pub seller: Seller,
    /// The listing that was booked.
    pub listing: ListingId,
    /// Who booked.
    pub customer: CustomerId,
    /// The language in which the customer reads it.
    pub language: Language,
    /// The date on the organization's wall clock when it was issued.
    pub issued_on: NaiveDate,
    /// When what it is about takes place.
    pub supplied: Supplied,
    /// What it is made of.
    pub items: Vec<Item>,
    /// What that comes to.
    pub totals: Totals,
    /// What had been paid for the booking by then and not given back, if that was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid: Option<Money>,
    /// The invoices that a credit note corrects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrects: Vec<Reference>,
    /// Why it was issued, in the words of whoever asked for it or called something off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Who buys: what only concerns them.
    #[serde(default, skip_serializing_if = "Buyer::is_unknown")]
    pub personal: Buyer,
    /// When.
    pub at: Timestamp,
}

impl Document {
    /// Whether something is asked for or given back.
    pub fn kind(&self) -> Kind {
        self.name.kind
    }

    /// How another document refers to it.
    pub fn reference(&self) -> Reference {
        Reference { id: self.id, name: self.name.clone() }
    }
}
