//! Signatures of webhooks as Stripe makes them: `t=…,v1=…`, HMAC-SHA256 over the time and the raw body.

use chrono::{DateTime, Utc};
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};

use crate::WebhookError;

/// How many seconds old a signature may be, or ahead of our clock.
const TOLERANCE: i64 = 300;

/// The hexadecimal digits of a signature.
const DIGITS: usize = 64;

/// What signs webhooks, and checks them: several secrets while they are being changed.
#[derive(Debug)]
pub(crate) struct Seal {
    keys: Vec<Key>,
}

/// A key that says nothing of itself.
struct Key(hmac::Key);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

impl Seal {
    /// Signs with the first secret, and takes what was signed with any.
    pub(crate) fn new(secrets: &[SecretString]) -> Self {
        let key = |secret: &SecretString| {
            Key(hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes()))
        };
        Self { keys: secrets.iter().map(key).collect() }
    }

    /// The header for a body sent now.
    pub(crate) fn sign(&self, body: &[u8], now: DateTime<Utc>) -> String {
        let at = now.timestamp();
        let mut header = format!("t={at}");
        for Key(key) in self.keys.iter().take(1) {
            let signature = hmac::sign(key, &message(at, body));
            header.push_str(",v1=");
            header.extend(signature.as_ref().iter().map(|byte| format!("{byte:02x}")));
        }
        header
    }

    /// Checks a header against a body. Every signature is tried with every secret, each in constant time.
    pub(crate) fn verify(
        &self,
        header: &str,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<(), WebhookError> {
        let (at, signatures) = parse(header).ok_or(WebhookError::Unsigned("of the signature"))?;
        let message = message(at, body);
        let signed = signatures.iter().any(|signature| {
            self.keys.iter().any(|Key(key)| hmac::verify(key, &message, signature).is_ok())
        });
        if !signed {
            return Err(WebhookError::Forged);
        }
        let age_seconds = now.timestamp().saturating_sub(at);
        if age_seconds.abs() > TOLERANCE {
            return Err(WebhookError::Stale { age_seconds });
        }
        Ok(())
    }
}

fn message(at: i64, body: &[u8]) -> Vec<u8> {
    [at.to_string().as_bytes(), b".", body].concat()
}

/// The time and the signatures of the scheme `v1`; signatures of other schemes are passed over.
fn parse(header: &str) -> Option<(i64, Vec<Vec<u8>>)> {
    let mut at = None;
    let mut signatures = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=')? {
            ("t", time) => at = Some(time.parse().ok()?),
            ("v1", digits) => signatures.extend(bytes(digits)),
            _ => {}
        }
    }
    Some((at?, signatures))
}

fn bytes(digits: &str) -> Option<Vec<u8>> {
    if digits.len() != DIGITS || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    (0..DIGITS).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id": "evt_1"}"#;

    fn seal(secrets: &[&str]) -> Seal {
        let secrets: Vec<_> = secrets.iter().map(|text| SecretString::from(*text)).collect();
        Seal::new(&secrets)
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_900_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn what_was_signed_is_taken_within_five_minutes() {
        let seal = seal(&["whsec_a"]);
        let header = seal.sign(BODY, at(0));
        for age in [-300, 0, 300] {
            assert_eq!(seal.verify(&header, BODY, at(age)), Ok(()), "{age}");
        }
        for age_seconds in [-301, 301] {
            let stale = Err(WebhookError::Stale { age_seconds });
            assert_eq!(seal.verify(&header, BODY, at(age_seconds)), stale);
        }
    }

    /// Computed apart from this code, by `openssl dgst -sha256 -hmac`.
    #[test]
    fn the_signature_is_that_of_the_scheme() {
        let header = seal(&["whsec_test"]).sign(b"{}", at(0));
        let expected =
            "t=1900000000,v1=49ce984c15d76b50a9f61c0e6f8f366b09efb50a922116b0528fa10d87ead880";
        assert_eq!(header, expected);
    }

    #[test]
    fn one_changed_byte_or_another_secret_is_a_forgery() {
        let header = seal(&["whsec_a"]).sign(BODY, at(0));
        let changed = br#"{"id": "evt_2"}"#;
        assert_eq!(seal(&["whsec_a"]).verify(&header, changed, at(0)), Err(WebhookError::Forged));
        assert_eq!(seal(&["whsec_b"]).verify(&header, BODY, at(0)), Err(WebhookError::Forged));
        let later = header.replace("t=1900000000", "t=1900000100");
        assert_eq!(seal(&["whsec_a"]).verify(&later, BODY, at(0)), Err(WebhookError::Forged));
    }

    #[test]
    fn secrets_can_be_changed_on_both_sides() {
        let old = seal(&["whsec_old"]).sign(BODY, at(0));
        let new = seal(&["whsec_new"]).sign(BODY, at(0));
        assert_eq!(seal(&["whsec_new", "whsec_old"]).verify(&old, BODY, at(0)), Ok(()));
        let (_, new) = new.split_once(',').unwrap();
        let both = format!("{old},{new},v0=00");
        assert_eq!(seal(&["whsec_new"]).verify(&both, BODY, at(0)), Ok(()));
    }

    #[test]
    fn headers_of_another_shape_are_no_signatures() {
        let seal = seal(&["whsec_a"]);
        let unsigned = Err(WebhookError::Unsigned("of the signature"));
        for header in ["", "t=x,v1=00", "v1=00", "nonsense"] {
            assert_eq!(seal.verify(header, BODY, at(0)), unsigned, "{header}");
        }
        for header in ["t=1900000000", "t=1900000000,v1=00", "t=1900000000,v1=éé"] {
            assert_eq!(seal.verify(header, BODY, at(0)), Err(WebhookError::Forged), "{header}");
        }
    }
}
