//! What can be asked of the tickets of a booking, and why they may say no.

use super::{Doors, Holder, Mode, Reading};
use crate::values::{CodeHash, TicketNumber, Timestamp};

/// What a caller asks for, with every fact the answer needs, the time included.
///
/// Which tickets there are is nobody's wish: that follows from the booking, by [`super::Tickets::settle`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Let somebody else have a ticket.
    Transfer {
        /// Which.
        number: TicketNumber,
        /// Who.
        to: Holder,
        /// The digest of the code of its next issue.
        code_hash: CodeHash,
        /// When its session begins.
        begins: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// Let somebody through a gate, or record that somebody went.
    Scan {
        /// With which ticket.
        number: TicketNumber,
        /// What the gate read.
        reading: Reading,
        /// Whether it waits for the answer.
        mode: Mode,
        /// What it goes by.
        doors: Doors,
        /// When this is decided.
        at: Timestamp,
    },
}

/// Why a command was turned down: an answer to the caller, not a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such ticket.
    #[error("there is no such ticket")]
    NotFound,
    /// A booking would have more tickets than it can number.
    #[error("a booking has at most {} tickets; make several", TicketNumber::MAX)]
    TooMany,
    /// The ticket admits nobody any more.
    #[error("the ticket is void")]
    Void,
    /// A place of the offer is for several people, who come or stay away together.
    #[error("a place of the offer has {each} tickets: give all of them up, or none")]
    NotOneByOne {
        /// How many tickets a place has.
        each: usize,
    },
    /// Somebody has come in with it.
    #[error("somebody has come in with the ticket")]
    AlreadyUsed,
    /// The session has begun.
    #[error("the session began at {at}")]
    SessionBegun {
        /// When.
        at: Timestamp,
    },
    /// The gate gave two scans the same nonce.
    #[error("another scan of the ticket has this nonce")]
    NonceReused,
    /// The ticket was shown more often than can be kept.
    #[error("a ticket is scanned at most {} times", super::MAX_SCANS)]
    TooManyScans,
}
