//! What happened to the tickets of a booking.

use cqrs_es::DomainEvent;
use serde::{Deserialize, Serialize};

use super::{Entitlement, Holder, Rejudged, Scan};
use crate::values::{CodeHash, TicketNumber, Timestamp};

/// A ticket and what it admits to from then on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// Its number.
    pub number: TicketNumber,
    /// What it admits to.
    #[serde(flatten)]
    pub entitlement: Entitlement,
    /// The digest of its code.
    pub code_hash: CodeHash,
}

/// What happened. Stored for good: add variants and optional fields, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// There are new tickets.
    Issued {
        /// They.
        tickets: Vec<Issued>,
        /// When.
        at: Timestamp,
    },
    /// Tickets admit to something else, under new codes.
    Exchanged {
        /// They, as they are from then on.
        tickets: Vec<Issued>,
        /// When.
        at: Timestamp,
    },
    /// Tickets admit nobody any more.
    Voided {
        /// Which.
        numbers: Vec<TicketNumber>,
        /// When.
        at: Timestamp,
    },
    /// Somebody else holds a ticket, under a new code.
    Transferred {
        /// Which.
        number: TicketNumber,
        /// Who holds it from then on.
        personal: Holder,
        /// The digest of its new code.
        code_hash: CodeHash,
        /// When.
        at: Timestamp,
    },
    /// Somebody went through a gate with a ticket.
    Scanned {
        /// Which.
        number: TicketNumber,
        /// How.
        scan: Scan,
        /// What scans before count as from then on, where that is something else.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        rejudged: Vec<Rejudged>,
        /// When this was decided.
        at: Timestamp,
    },
    /// A ticket was refused at a gate.
    ScanRefused {
        /// Which.
        number: TicketNumber,
        /// How, and why.
        scan: Scan,
        /// When this was decided.
        at: Timestamp,
    },
}

impl Event {
    /// The tickets that it is about.
    pub fn numbers(&self) -> Vec<TicketNumber> {
        match self {
            Self::Issued { tickets, at: _ } | Self::Exchanged { tickets, at: _ } => {
                tickets.iter().map(|ticket| ticket.number).collect()
            }
            Self::Voided { numbers, at: _ } => numbers.clone(),
            Self::Transferred { number, .. }
            | Self::Scanned { number, .. }
            | Self::ScanRefused { number, .. } => vec![*number],
        }
    }
}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        let name = match self {
            Self::Issued { .. } => "issued",
            Self::Exchanged { .. } => "exchanged",
            Self::Voided { .. } => "voided",
            Self::Transferred { .. } => "transferred",
            Self::Scanned { .. } => "scanned",
            Self::ScanRefused { .. } => "scan_refused",
        };
        name.to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}
