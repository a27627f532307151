//! What can be asked of a listing, and why it may say no.

use serde::{Deserialize, Serialize};

use super::{Content, Terms};
use crate::values::{Currency, OrganizationId, Timestamp, Zone};

/// What a caller asks for, with every fact the answer needs, the time included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Describe a new listing.
    Create {
        /// Whose listing it is.
        organization: OrganizationId,
        /// What it sells.
        terms: Terms,
        /// What it says of itself.
        content: Box<Content>,
        /// Where its wall clock hangs.
        zone: Zone,
        /// In which currency it is priced.
        currency: Currency,
        /// Whether a booking of it waits for approval.
        on_request: bool,
        /// Whether it is on offer at once.
        status: FirstStatus,
        /// When.
        at: Timestamp,
    },
    /// Have it say this of itself from now on.
    Revise {
        /// What it sells: of the same kind as before.
        terms: Terms,
        /// All that it says.
        content: Box<Content>,
        /// Whether a booking of it waits for approval.
        on_request: bool,
        /// When.
        at: Timestamp,
    },
    /// Put it on offer.
    Publish {
        /// When.
        at: Timestamp,
    },
    /// Take it off for good.
    Archive {
        /// When.
        at: Timestamp,
    },
}

/// How a listing begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstStatus {
    /// Not yet on offer.
    Draft,
    /// On offer at once.
    #[default]
    Published,
}

impl FirstStatus {
    /// Whether it is on offer at once.
    pub fn is_published(&self) -> bool {
        match self {
            Self::Draft => false,
            Self::Published => true,
        }
    }
}

/// Why a command was turned down: an answer to the caller, not a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such listing.
    #[error("there is no such listing")]
    NotFound,
    /// The listing was created before.
    #[error("the listing exists already")]
    AlreadyExists,
    /// What is sold would be something else.
    #[error("a listing stays of the kind it was made as")]
    OtherKind,
    /// A price is in another currency than the listing.
    #[error("the price is in {given}, the listing in {expected}")]
    CurrencyMismatch {
        /// The currency of the listing.
        expected: Currency,
        /// The currency of the price.
        given: Currency,
    },
    /// The listing is not on offer yet.
    #[error("the listing is a draft")]
    NotPublished,
    /// The listing was taken off for good.
    #[error("the listing is archived")]
    Archived,
}
