//! Amounts written as decimals, counted in minor units without ever becoming a float.

/// Why a text is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum DecimalError {
    /// The amount is below zero.
    #[error("the rate is negative")]
    Negative,
    /// There is something else than digits and one point.
    #[error("the rate is not a decimal number")]
    Malformed,
    /// More minor units than a number can hold.
    #[error("the rate is too large")]
    TooLarge,
}

/// The minor units of an amount such as `62.5`, with `exponent` decimals in the currency. What lies
/// below the minor unit is rounded half up.
pub(super) fn minor_units(text: &str, exponent: u32) -> Result<u64, DecimalError> {
    if text.starts_with('-') {
        return Err(DecimalError::Negative);
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !is_number(whole) || !is_number(fraction) {
        return Err(DecimalError::Malformed);
    }
    let decimals = usize::try_from(exponent).map_err(|_| DecimalError::TooLarge)?;
    let kept = fraction.bytes().chain(std::iter::repeat(b'0')).take(decimals);
    let mut minor = 0_u64;
    for digit in whole.bytes().chain(kept) {
        minor = minor
            .checked_mul(10)
            .and_then(|tens| tens.checked_add(u64::from(digit - b'0')))
            .ok_or(DecimalError::TooLarge)?;
    }
    let round_up = fraction.as_bytes().get(decimals).is_some_and(|digit| *digit >= b'5');
    minor.checked_add(u64::from(round_up)).ok_or(DecimalError::TooLarge)
}
