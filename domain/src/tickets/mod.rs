//! The tickets of one booking: one for each person it admits to a session, checked at gates by a code.
//!
//! A ticket lives as long as what its booking entitles to. When its seat, its session or its holder changes it is issued
//! anew: the code before admits nobody any more. What was scanned is kept in the order of time, whenever it comes in; so
//! gates that could not ask anybody lose nothing, and whoever looks later sees who came in twice.

mod command;
mod event;
mod judgement;
mod scan;
mod settlement;
#[cfg(test)]
mod tests;
mod ticket;

use serde::{Deserialize, Serialize};

pub use command::{Command, Refusal};
pub use event::{Event, Issued};
pub use scan::{Direction, Doors, Mode, Outcome, Reading, Reason, Rejudged, Scan, Standing};
pub use ticket::{Entitlement, Holder, Issue, Ticket};

use crate::values::{CodeHash, TicketNumber, Timestamp};

/// Raised whenever the serialised state changes, so that older snapshots are left alone.
pub const STATE_VERSION: u32 = 1;

/// How often one ticket can be scanned: far more than anybody comes and goes.
pub const MAX_SCANS: usize = 1000;

/// The tickets of a booking so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tickets {
    /// By their numbers, from 1.
    tickets: Vec<Ticket>,
}

impl Tickets {
    /// Tickets that were kept elsewhere, in the order of their numbers; none if a number is missing.
    pub fn restored(tickets: Vec<Ticket>) -> Option<Self> {
        let whole = (1..).zip(&tickets).all(|(number, ticket)| ticket.number.get() == number);
        whole.then_some(Self { tickets })
    }

    /// All tickets there ever were, in the order of their numbers.
    pub fn all(&self) -> &[Ticket] {
        &self.tickets
    }

    /// A ticket by its number.
    pub fn ticket(&self, number: TicketNumber) -> Option<&Ticket> {
        usize::try_from(number.get()).ok().and_then(|number| self.tickets.get(number - 1))
    }

    /// Those that admit somebody.
    pub fn valid(&self) -> impl Iterator<Item = &Ticket> {
        self.tickets.iter().filter(|ticket| !ticket.is_void())
    }

    /// About how many bytes the state takes.
    pub fn weight(&self) -> usize {
        size_of::<Self>() + self.tickets.iter().map(Ticket::weight).sum::<usize>()
    }

    /// Answers a command with new events, or refuses it. Pure: no clock, no I/O, no chance.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Transfer { number, to, code_hash, begins, at } => {
                self.transfer(number, to, code_hash, begins, at)
            }
            Command::Scan { number, reading, mode, doors, at } => {
                self.scan(number, reading, mode, &doors, at)
            }
        }
    }

    /// Folds one event into the state. Total: whatever was stored can be replayed.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::Issued { tickets, at } => {
                for issued in tickets {
                    self.tickets.push(Ticket::new(issued.number, issue(issued, *at)));
                }
            }
            Event::Exchanged { tickets, at } => {
                for issued in tickets {
                    self.change(issued.number, |ticket| ticket.issues.push(issue(issued, *at)));
                }
            }
            Event::Voided { numbers, at } => {
                for number in numbers {
                    self.change(*number, |ticket| ticket.voided_at = Some(*at));
                }
            }
            Event::Transferred { number, personal, code_hash, at } => {
                self.change(*number, |ticket| {
                    let entitlement = ticket.entitlement().clone();
                    ticket.issues.push(Issue { entitlement, code_hash: *code_hash, since: *at });
                    ticket.personal = Some(personal.clone());
                });
            }
            Event::Scanned { number, scan, rejudged, at: _ } => {
                self.change(*number, |ticket| {
                    ticket.keep(scan);
                    ticket.rejudge(rejudged);
                });
            }
            Event::ScanRefused { number, scan, at: _ } => {
                self.change(*number, |ticket| ticket.keep(scan));
            }
        }
    }

    fn transfer(
        &self,
        number: TicketNumber,
        to: Holder,
        code_hash: CodeHash,
        begins: Timestamp,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let ticket = self.ticket(number).ok_or(Refusal::NotFound)?;
        if ticket.is_void() {
            return Err(Refusal::Void);
        }
        if ticket.personal.as_ref() == Some(&to) {
            return Ok(Vec::new()); // a repeat is not a new fact
        }
        if ticket.passages(ticket.entitlement().session).next().is_some() {
            return Err(Refusal::AlreadyUsed);
        }
        if at >= begins {
            return Err(Refusal::SessionBegun { at: begins });
        }
        Ok(vec![Event::Transferred { number, personal: to, code_hash, at }])
    }

    fn scan(
        &self,
        number: TicketNumber,
        reading: Reading,
        mode: Mode,
        doors: &Doors,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let ticket = self.ticket(number).ok_or(Refusal::NotFound)?;
        if let Some(known) = ticket.scan(&reading.nonce) {
            let same = known.reading.is_same(&reading);
            return if same { Ok(Vec::new()) } else { Err(Refusal::NonceReused) };
        }
        if ticket.scans.len() >= MAX_SCANS {
            return Err(Refusal::TooManyScans);
        }
        let scan = ticket.judged(reading, mode, doors).ok_or(Refusal::NotFound)?;
        Ok(vec![if scan.outcome.is_passage() {
            let rejudged = ticket.rejudged_by(&scan);
            Event::Scanned { number, scan, rejudged, at }
        } else {
            Event::ScanRefused { number, scan, at }
        }])
    }

    fn change(&mut self, number: TicketNumber, change: impl FnOnce(&mut Ticket)) {
        let index = usize::try_from(number.get()).ok().map(|number| number - 1);
        if let Some(ticket) = index.and_then(|index| self.tickets.get_mut(index)) {
            change(ticket);
        }
    }
}

fn issue(issued: &Issued, since: Timestamp) -> Issue {
    Issue { entitlement: issued.entitlement.clone(), code_hash: issued.code_hash, since }
}

crate::aggregate::aggregate!(Tickets, "tickets");
