//! What people type in to redeem a voucher.

use std::fmt;
use std::str::FromStr;

/// The code of a voucher, as it was written: 3 to 40 characters of `a-z`, `A-Z`, `0-9`, `_` and `-`, at least one of
/// them a letter or a digit. In whatever case, it is the same voucher.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VoucherCode(Box<str>);

/// The text is no code of a voucher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a voucher's code has {} to {} characters, each of a-z, A-Z, 0-9, _ and -",
    VoucherCode::MIN,
    VoucherCode::MAX
)]
pub struct VoucherCodeError;

impl VoucherCode {
    /// The fewest characters.
    pub const MIN: usize = 3;

    /// The most characters.
    pub const MAX: usize = 40;

    /// The code, exactly as it is written.
    pub fn try_new(text: &str) -> Result<Self, VoucherCodeError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let fits = (Self::MIN..=Self::MAX).contains(&text.len())
            && text.bytes().all(allowed)
            && text.bytes().any(|byte| byte.is_ascii_alphanumeric());
        if fits { Ok(Self(text.into())) } else { Err(VoucherCodeError) }
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The code in one case, by which vouchers are told apart.
    pub fn key(&self) -> String {
        self.0.to_ascii_uppercase()
    }
}

impl fmt::Display for VoucherCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for VoucherCode {
    type Err = VoucherCodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_new(text)
    }
}

super::stored_as_text!(
    VoucherCode,
    "a voucher's code of 3 to 40 characters, each of a-z, A-Z, 0-9, _ and -"
);
