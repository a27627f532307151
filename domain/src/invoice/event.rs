//! What happened to the invoices of a booking.
//!
//! What only concerns the buyer stands in the member `personal` of the document, so that it can be sealed by itself.

use cqrs_es::DomainEvent;
use serde::{Deserialize, Serialize};

use super::Document;

/// What happened. Stored for good: add variants and optional fields, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// An invoice or a credit note was issued, as it stays.
    Issued(Box<Document>),
}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        match self {
            Self::Issued(_) => "issued".to_owned(),
        }
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}
