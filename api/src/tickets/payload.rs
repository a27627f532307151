//! What a ticket's QR code says: claims that a gate can verify with the public key alone.
//!
//! `DBT1.<claims>.<signature>`: the claims are JSON in base64url, the signature is Ed25519 over all before its dot.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use daybook_domain::values::{
    BookingId, Code, Generation, SessionId, TicketId, TicketNumber, Timestamp,
};
use serde::{Deserialize, Serialize};

use super::keys::TicketKeys;

const PREFIX: &str = "DBT1.";
/// Longer than any payload of ours.
const LONGEST: usize = 1000;

/// What is claimed of a ticket, under names that take little room in a QR code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claims {
    /// The key that signed.
    pub(super) k: String,
    /// The booking.
    pub(super) b: BookingId,
    /// The number of the ticket.
    pub(super) n: TicketNumber,
    /// Its generation.
    pub(super) g: Generation,
    /// The session.
    pub(super) s: SessionId,
    /// The offer.
    pub(super) o: Code,
    /// From when on it admits somebody, in seconds since 1970.
    #[serde(with = "chrono::serde::ts_seconds")]
    pub(super) f: Timestamp,
    /// Until when, in seconds since 1970.
    #[serde(with = "chrono::serde::ts_seconds")]
    pub(super) u: Timestamp,
}

/// The text is none of ours, or not as it was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no key of ours signed this")]
pub(super) struct Forged;

/// Signs claims.
pub(super) fn write(keys: &TicketKeys, claims: &Claims) -> String {
    let claims = serde_json::to_vec(claims).expect("claims are plain JSON");
    let signed = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(claims));
    let signature = keys.sign(&signed);
    format!("{signed}.{signature}")
}

/// The ticket that a payload is of, if a key of ours signed it.
pub(super) fn read(keys: &TicketKeys, payload: &str) -> Result<TicketId, Forged> {
    if payload.len() > LONGEST {
        return Err(Forged);
    }
    let (signed, signature) = payload.rsplit_once('.').ok_or(Forged)?;
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).map_err(|_| Forged)?;
    if !keys.verify(signed, &signature) {
        return Err(Forged);
    }
    let claims = signed.strip_prefix(PREFIX).ok_or(Forged)?;
    let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).map_err(|_| Forged)?;
    let Claims { b: booking, n: number, g: generation, .. } =
        serde_json::from_slice(&claims).map_err(|_| Forged)?;
    Ok(TicketId { booking, number, generation })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn claims(keys: &TicketKeys) -> Claims {
        let at = |text: &str| text.parse().unwrap();
        Claims {
            k: keys.id().to_owned(),
            b: BookingId::from_uuid(Uuid::from_u128(7)),
            n: TicketNumber::try_new(2).unwrap(),
            g: Generation::try_new(3).unwrap(),
            s: SessionId::from_uuid(Uuid::from_u128(8)),
            o: Code::try_new("stalls").unwrap(),
            f: at("2031-06-24T15:00:00Z"),
            u: at("2031-06-24T20:00:00Z"),
        }
    }

    #[test]
    fn a_payload_tells_its_ticket_to_whoever_has_the_key() {
        let keys = TicketKeys::for_tests(&[1]);
        let payload = write(&keys, &claims(&keys));
        let Claims { b: booking, n: number, g: generation, .. } = claims(&keys);
        assert_eq!(read(&keys, &payload), Ok(TicketId { booking, number, generation }));
        let replaced = TicketKeys::for_tests(&[2, 1]);
        assert!(read(&replaced, &payload).is_ok(), "a key that was replaced still verifies");
        assert!(payload.len() < 330, "{}", payload.len());
    }

    #[test]
    fn nothing_else_is_a_ticket() {
        let keys = TicketKeys::for_tests(&[1]);
        let others = TicketKeys::for_tests(&[2]);
        let payload = write(&keys, &claims(&keys));
        assert_eq!(read(&others, &payload), Err(Forged), "another key");
        for end in [0, 1, 5, 40, payload.len() - 1] {
            assert_eq!(read(&keys, &payload[..end]), Err(Forged), "cut off after {end}");
        }
        let (signed, signature) = payload.rsplit_once('.').unwrap();
        let more = Claims { n: TicketNumber::try_new(9).unwrap(), ..claims(&keys) };
        let altered = write(&others, &more);
        let altered = altered.rsplit_once('.').unwrap().0;
        for forged in [
            format!("{altered}.{signature}"),
            format!("{signed}.{}", others.sign(signed)),
            format!("{signed}."),
            format!("{signed}.{signature}="),
            payload.replacen("DBT1", "DBT2", 1),
            "x".repeat(2000),
        ] {
            assert_eq!(read(&keys, &forged), Err(Forged), "{forged}");
        }
        let strange = format!("DBT1.{}", BASE64_URL_SAFE_NO_PAD.encode("{}"));
        let signed = format!("{strange}.{}", keys.sign(&strange));
        assert_eq!(read(&keys, &signed), Err(Forged), "signed, but no ticket");
    }
}
