//! Ids that come out the same at every filling.

use chrono::{DateTime, Utc};
use daybook_domain::values::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::derived_id::version_7;

/// Before anything the demonstration shows.
const BEFORE_IT_ALL: Timestamp = match DateTime::<Utc>::from_timestamp(1_735_689_600, 0) {
    Some(instant) => instant, // 2025-01-01
    None => DateTime::UNIX_EPOCH,
};

/// The id of what a name stands for within one organization.
pub(super) fn named(organization: &str, name: &str) -> Uuid {
    let hash = Sha256::new_with_prefix("demo").chain_update(organization).chain_update([0x1f]);
    version_7(hash.chain_update(name), BEFORE_IT_ALL)
}
