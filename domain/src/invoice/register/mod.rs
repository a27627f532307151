//! The numbers of an organization's invoices and credit notes: each given out once, in order, without a gap.
//!
//! The state is two counts, so that issuing the millionth document costs what the first one did.

#[cfg(test)]
mod tests;

use cqrs_es::DomainEvent;
use serde::{Deserialize, Serialize};

use super::{Kind, Number};
use crate::values::{BookingId, InvoiceId, Timestamp};

/// Raised whenever the serialised state changes, so that older snapshots are left alone.
pub const STATE_VERSION: u32 = 1;

/// What a caller asks for, with every fact the answer needs, the time included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Give a document its number.
    Number {
        /// Of which kind it is.
        kind: Kind,
        /// The number it bears.
        number: Number,
        /// Which document.
        document: InvoiceId,
        /// Of which booking.
        booking: BookingId,
        /// When.
        at: Timestamp,
    },
}

/// What happened. Stored for good: add variants and optional fields, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A document was given its number.
    Numbered {
        /// Of which kind it is.
        kind: Kind,
        /// The number.
        number: Number,
        /// Which document.
        document: InvoiceId,
        /// Of which booking.
        booking: BookingId,
        /// When.
        at: Timestamp,
    },
}

/// Why a command was turned down: an answer to the caller, not a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Another number is next.
    #[error("the next number is {}", next.get())]
    OutOfTurn {
        /// The next number.
        next: Number,
    },
}

/// The next number of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// That of the next invoice.
    pub invoice: Number,
    /// That of the next credit note.
    pub credit_note: Number,
}

impl Numbers {
    /// The next number of a kind.
    pub fn of(self, kind: Kind) -> Number {
        match kind {
            Kind::Invoice => self.invoice,
            Kind::CreditNote => self.credit_note,
        }
    }
}

/// How many numbers of each kind an organization has given out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register {
    invoices: u64,
    credit_notes: u64,
}

impl Register {
    /// The next numbers.
    pub fn next(&self) -> Numbers {
        Numbers {
            invoice: Number::after(self.invoices),
            credit_note: Number::after(self.credit_notes),
        }
    }

    /// How many bytes the state takes.
    pub fn weight(&self) -> usize {
        size_of::<Self>()
    }

    /// Answers a command with new events, or refuses it. Pure: no clock, no I/O, no chance.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        let Command::Number { kind, number, document, booking, at } = command;
        let next = self.next().of(kind);
        if number != next {
            return Err(Refusal::OutOfTurn { next });
        }
        Ok(vec![Event::Numbered { kind, number, document, booking, at }])
    }

    /// Folds one event into the state. Total: whatever was stored can be replayed.
    pub fn evolve(&mut self, event: &Event) {
        let Event::Numbered { kind, number, .. } = event;
        match kind {
            Kind::Invoice => self.invoices = number.get(),
            Kind::CreditNote => self.credit_notes = number.get(),
        }
    }
}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        match self {
            Self::Numbered { .. } => "numbered".to_owned(),
        }
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}

crate::aggregate::aggregate!(Register, "invoice_register");
