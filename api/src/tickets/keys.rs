//! The secrets of tickets: what codes are derived from and payloads are signed with. None of it enters the log.

use std::{fmt, sync::Arc};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use daybook_domain::values::{CodeHash, TicketId};
use daybook_event_store::StoreError;
use ring::{
    hmac,
    signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use utoipa::ToSchema;
use uuid::Uuid;

use super::code::TicketCode;

/// Of several first starts at once, one makes the key.
const LOCK: i64 = 0x6461_7962_6f6f_6b02;

/// A secret of 32 bytes, written in 64 hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub struct TicketSecret([u8; 32]);

impl TicketSecret {
    /// Reads several, separated by commas: the first makes new codes, the others still read theirs.
    pub fn list(text: &str) -> Option<Vec<Self>> {
        text.split(',').map(|secret| Self::read(secret.trim())).collect()
    }

    fn read(text: &str) -> Option<Self> {
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
        let byte = |pair: &[u8; 2]| {
            let digits = std::str::from_utf8(pair).ok()?;
            let plain = pair.iter().all(u8::is_ascii_hexdigit);
            u8::from_str_radix(digits, 16).ok().filter(|_| plain)
        };
        let bytes: Option<Vec<u8>> = pairs.iter().map(byte).collect();
        bytes?.try_into().ok().map(Self)
    }
}

impl fmt::Debug for TicketSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TicketSecret(…)")
    }
}

/// All secrets in force, the one for new tickets first.
pub struct TicketKeys(Vec<TicketKey>);

/// What follows from one secret.
struct TicketKey {
    /// Names it: the beginning of the digest of its public half.
    id: String,
    codes: hmac::Key,
    signatures: Ed25519KeyPair,
}

/// A public key as RFC 8037 has it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicKey {
    /// `OKP`.
    kty: &'static str,
    /// `Ed25519`.
    crv: &'static str,
    /// The key, in base64url.
    x: String,
    /// Its name: the `k` of what it signed.
    #[schema(example = "5f1c9a2e")]
    kid: String,
    /// `EdDSA`.
    alg: &'static str,
    /// `sig`.
    #[serde(rename = "use")]
    purpose: &'static str,
}

impl TicketKeys {
    /// The secrets that are configured, then those of the database, in which one is made if there is none at all.
    pub async fn load(pool: &PgPool, configured: &[TicketSecret]) -> Result<Arc<Self>, StoreError> {
        let mut secrets = configured.to_vec();
        secrets.extend(kept(pool, configured.is_empty()).await?);
        Ok(Arc::new(Self::of(&secrets)))
    }

    fn of(secrets: &[TicketSecret]) -> Self {
        Self(secrets.iter().map(TicketKey::derive).collect())
    }

    /// The code of an issue of a ticket.
    pub fn code(&self, ticket: TicketId) -> TicketCode {
        self.first().code(ticket)
    }

    /// The code of an issue of which the log keeps a digest; none if its secret is no longer here.
    pub fn code_of(&self, ticket: TicketId, hash: CodeHash) -> Option<TicketCode> {
        self.0.iter().map(|key| key.code(ticket)).find(|code| code.hash() == hash)
    }

    /// The name of the key that signs.
    pub(super) fn id(&self) -> &str {
        &self.first().id
    }

    /// Signs a text.
    pub(super) fn sign(&self, text: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.first().signatures.sign(text.as_bytes()))
    }

    /// Whether one of the keys signed a text.
    pub(super) fn verify(&self, text: &str, signature: &[u8]) -> bool {
        self.0.iter().any(|key| {
            let public = UnparsedPublicKey::new(&ED25519, key.signatures.public_key());
            public.verify(text.as_bytes(), signature).is_ok()
        })
    }

    /// The public halves.
    pub(super) fn public(&self) -> Vec<PublicKey> {
        let public = |key: &TicketKey| PublicKey {
            kty: "OKP",
            crv: "Ed25519",
            x: BASE64_URL_SAFE_NO_PAD.encode(key.signatures.public_key()),
            kid: key.id.clone(),
            alg: "EdDSA",
            purpose: "sig",
        };
        self.0.iter().map(public).collect()
    }

    fn first(&self) -> &TicketKey {
        self.0.first().expect("loading makes a key if there is none")
    }

    #[cfg(test)]
    pub(super) fn for_tests(bytes: &[u8]) -> Self {
        let secrets: Vec<_> = bytes.iter().map(|byte| TicketSecret([*byte; 32])).collect();
        Self::of(&secrets)
    }
}

impl TicketKey {
    fn derive(secret: &TicketSecret) -> Self {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, &secret.0);
        let derived = |purpose: &[u8]| hmac::sign(&secret, purpose);
        let codes = hmac::Key::new(hmac::HMAC_SHA256, derived(b"daybook ticket codes").as_ref());
        let seed = derived(b"daybook ticket signatures");
        let signatures = Ed25519KeyPair::from_seed_unchecked(seed.as_ref())
            .expect("any 32 bytes are the seed of a key");
        let digest = Sha256::digest(signatures.public_key());
        let id =
            format!("{:08x}", u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]));
        Self { id, codes, signatures }
    }

    fn code(&self, TicketId { booking, number, generation }: TicketId) -> TicketCode {
        let mut context = hmac::Context::with_key(&self.codes);
        context.update(booking.as_uuid().as_bytes());
        context.update(&number.get().to_be_bytes());
        context.update(&generation.get().to_be_bytes());
        let tag = context.sign();
        let bytes = tag.as_ref().first_chunk().expect("a tag has 32 bytes");
        TicketCode::new(*bytes)
    }
}

/// The secrets of the database, the newest first.
async fn kept(pool: &PgPool, at_least_one: bool) -> Result<Vec<TicketSecret>, StoreError> {
    const KEPT: &str = "SELECT secret FROM ticket_keys ORDER BY created_at DESC, id DESC";
    let mut transaction = pool.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *transaction).await?;
    let mut secrets: Vec<Vec<u8>> = sqlx::query_scalar(KEPT).fetch_all(&mut *transaction).await?;
    if secrets.is_empty() && at_least_one {
        let secret: [u8; 32] = rand::random();
        sqlx::query("INSERT INTO ticket_keys (id, secret, created_at) VALUES ($1, $2, now())")
            .bind(Uuid::now_v7())
            .bind(secret.as_slice())
            .execute(&mut *transaction)
            .await?;
        secrets.push(secret.to_vec());
    }
    transaction.commit().await?;
    // a constraint keeps their length
    let secrets = secrets.into_iter().filter_map(|secret| secret.try_into().ok().map(TicketSecret));
    Ok(secrets.collect())
}

#[cfg(test)]
mod tests {
    use daybook_domain::values::{BookingId, Generation, TicketNumber};

    use super::*;

    fn ticket(number: u32, generation: u32) -> TicketId {
        TicketId {
            booking: BookingId::from_uuid(Uuid::from_u128(7)),
            number: TicketNumber::try_new(number).unwrap(),
            generation: Generation::try_new(generation).unwrap(),
        }
    }

    #[test]
    fn each_issue_of_each_ticket_has_a_code_of_its_own() {
        let keys = TicketKeys::for_tests(&[1]);
        let codes = [(1, 1), (1, 2), (2, 1)].map(|(n, g)| keys.code(ticket(n, g)).to_string());
        assert_eq!(codes.iter().collect::<std::collections::BTreeSet<_>>().len(), 3);
        assert_eq!(codes[0], keys.code(ticket(1, 1)).to_string(), "and always the same");
        let others = TicketKeys::for_tests(&[2]);
        assert_ne!(others.code(ticket(1, 1)).to_string(), codes[0]);
    }

    #[test]
    fn a_secret_that_was_replaced_still_reads_its_codes() {
        let old = TicketKeys::for_tests(&[1]);
        let code = old.code(ticket(1, 1));
        let new = TicketKeys::for_tests(&[2, 1]);
        assert_ne!(new.code(ticket(1, 1)), code);
        assert_eq!(new.code_of(ticket(1, 1), code.hash()), Some(code));
        assert_eq!(TicketKeys::for_tests(&[2]).code_of(ticket(1, 1), code.hash()), None);
    }

    #[test]
    fn secrets_are_written_in_hexadecimal_digits() {
        let one = "0f".repeat(32);
        let two = format!("{one}, {}", "A0".repeat(32));
        assert_eq!(TicketSecret::list(&one), Some(vec![TicketSecret([15; 32])]));
        assert_eq!(TicketSecret::list(&two).map(|list| list.len()), Some(2));
        for wrong in ["", "0f", &"+f".repeat(32), &format!("{one},"), &"0f".repeat(33)] {
            assert_eq!(TicketSecret::list(wrong), None, "{wrong}");
        }
    }
}
