//! Codes of tickets as people read and type them: 80 bits in Crockford's base 32.

use std::{
    fmt::{self, Write as _},
    str::FromStr,
};

use daybook_domain::values::CodeHash;
use sha2::{Digest, Sha256};

/// Without the letters that look like digits, and without U.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 16;

/// A code that nobody can guess, written `7Q4K-M0XE-9TBA-2HCD`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TicketCode([u8; LENGTH]);

/// The text is no code of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the code of a ticket has sixteen letters and digits, as in `7Q4K-M0XE-9TBA-2HCD`")]
pub struct NoTicketCode;

impl TicketCode {
    /// The code that ten bytes are.
    pub(super) fn new(bytes: [u8; 10]) -> Self {
        let mut digits = [0; LENGTH];
        let mut rest = bytes.iter().fold(0, |number: u128, byte| (number << 8) | u128::from(*byte));
        for digit in digits.iter_mut().rev() {
            *digit = DIGITS[usize::try_from(rest % 32).unwrap_or_default()];
            rest /= 32;
        }
        Self(digits)
    }

    /// What the log keeps of it: the digest of its sixteen characters, without hyphens.
    pub fn hash(&self) -> CodeHash {
        CodeHash::new(Sha256::digest(self.0).into())
    }
}

impl fmt::Display for TicketCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, digit) in self.0.iter().enumerate() {
            if place > 0 && place.is_multiple_of(4) {
                f.write_char('-')?;
            }
            f.write_char(char::from(*digit))?;
        }
        Ok(())
    }
}

impl fmt::Debug for TicketCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TicketCode(…)")
    }
}

impl FromStr for TicketCode {
    type Err = NoTicketCode;

    /// Reads what somebody typed: in any case, with hyphens and spaces anywhere, and O, I and L for what they look like.
    fn from_str(text: &str) -> Result<Self, NoTicketCode> {
        let mut typed = text.bytes().filter(|byte| !matches!(byte, b'-' | b' '));
        let mut digits = [0; LENGTH];
        for digit in &mut digits {
            let meant = match typed.next().ok_or(NoTicketCode)?.to_ascii_uppercase() {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                other => other,
            };
            *digit = *DIGITS.iter().find(|known| **known == meant).ok_or(NoTicketCode)?;
        }
        if typed.next().is_some() { Err(NoTicketCode) } else { Ok(Self(digits)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_four_groups_and_is_read_as_it_is_typed() {
        let code = TicketCode::new([0, 1, 2, 3, 4, 250, 251, 252, 253, 255]);
        let written = code.to_string();
        assert_eq!(written, "000G-40R4-ZBXZ-SZFZ");
        for typed in [&*written, "ooog4or4zbxzszfz", " 000g 40r4 zbxz szfz "] {
            assert_eq!(typed.parse(), Ok(code), "{typed}");
        }
        for wrong in ["", "000G-40R4-ZBXZ-SZF", "000G-40R4-ZBXZ-SZFZ0", "000G-40R4-ZBXZ-SZFU", "é"]
        {
            assert_eq!(wrong.parse::<TicketCode>(), Err(NoTicketCode), "{wrong}");
        }
    }

    #[test]
    fn what_is_kept_of_a_code_does_not_depend_on_how_it_is_typed() {
        let code = TicketCode::new([7; 10]);
        let typed: TicketCode = code.to_string().to_lowercase().parse().unwrap();
        assert_eq!(typed.hash(), code.hash());
        assert_ne!(TicketCode::new([8; 10]).hash(), code.hash());
        assert!(!format!("{code:?}").contains(&code.to_string()));
    }
}
