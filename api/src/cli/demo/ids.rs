//! Ids that come out the same at every filling.

use chrono::{DateTime, Utc};
use daybook_domain::values::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::cli::derived_id::version_7;

/// Before anything the demonstration shows.
const BEFORE_IT_ALL: Timestamp = match DateTime::<Utc>::from_timestamp(1_735_689_600, 0) {
    Some(instant) => instant, // 2025-01-01
    None => DateTime::UNIX_EPOCH,
};

pub(super) fn organization() -> Uuid {
    named("organization")
}

pub(super) fn listing() -> Uuid {
    named("listing")
}

/// The id of what a name stands for.
pub(super) fn named(name: &str) -> Uuid {
    version_7(Sha256::new_with_prefix("demo").chain_update(name), BEFORE_IT_ALL)
}
