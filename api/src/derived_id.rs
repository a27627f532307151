//! Ids made of content, so that whoever says the same thing again finds what was said before.

use daybook_domain::values::Timestamp;
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// A UUID of version 7 with a hash in the place of chance.
pub(crate) fn version_7(hash: Sha256, at: Timestamp) -> Uuid {
    let digest: [u8; 32] = hash.finalize().into();
    let mut random = [0; 10];
    random.copy_from_slice(&digest[..10]);
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}
