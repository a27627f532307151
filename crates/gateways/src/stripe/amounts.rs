//! Amounts as Stripe counts them, which is not always as ISO 4217 does.

use daybook_domain::values::{Currency, Money};

use crate::{FailureCode, GatewayError};

/// Counted without decimals.
const WHOLE: [&str; 15] = [
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
    "XOF", "XPF",
];

/// Have no decimals any more, and are still counted in hundredths.
const ONCE_HUNDREDTHS: [&str; 2] = ["ISK", "UGX"];

/// Counted in thousandths, of which the last digit must be zero.
const THOUSANDTHS: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// How many decimals Stripe's unit of a currency stands for, unless Stripe does not take it.
fn decimals(currency: Currency) -> Option<u32> {
    let code = currency.code();
    if WHOLE.contains(&code) {
        Some(0)
    } else if THOUSANDTHS.contains(&code) {
        Some(3)
    } else if ONCE_HUNDREDTHS.contains(&code) || currency.exponent() == 2 {
        Some(2)
    } else {
        None
    }
}

/// Whether Stripe may take a currency.
pub(super) fn taken(currency: Currency) -> bool {
    decimals(currency).is_some()
}

/// The amount in Stripe's unit, exactly or not at all.
pub(super) fn to_stripe(amount: Money) -> Result<u64, GatewayError> {
    let currency = amount.currency();
    let Some(decimals) = decimals(currency) else {
        return Err(GatewayError::declined(
            FailureCode::CurrencyNotSupported,
            format_args!("Stripe does not take {currency}"),
        ));
    };
    let inexact = || {
        let message = format_args!("{amount} cannot be written in Stripe's unit of {currency}");
        GatewayError::refused("amount_inexact", message)
    };
    let units = shift(amount.minor(), currency.exponent(), decimals).ok_or_else(inexact)?;
    let last_digit_counts = decimals == 3 && !units.is_multiple_of(10);
    if last_digit_counts { Err(inexact()) } else { Ok(units) }
}

/// The amount behind so many of Stripe's units of a currency, in lower case as Stripe writes it.
pub(super) fn from_stripe(units: u64, currency: &str) -> Result<Money, GatewayError> {
    let unknown = || GatewayError::in_doubt(format_args!("{units} {currency} is no amount"));
    let currency = Currency::try_new(&currency.to_ascii_uppercase()).map_err(|_| unknown())?;
    let decimals = decimals(currency).ok_or_else(unknown)?;
    let minor = shift(units, decimals, currency.exponent()).ok_or_else(unknown)?;
    Money::try_new(minor, currency).map_err(|_| unknown())
}

/// A number with so many decimals, written with other decimals; nothing, if that would lose some of it.
fn shift(number: u64, from: u32, to: u32) -> Option<u64> {
    let factor = 10_u64.checked_pow(from.abs_diff(to))?;
    if from <= to {
        number.checked_mul(factor)
    } else {
        number.is_multiple_of(factor).then(|| number / factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(minor: u64, currency: &str) -> Money {
        Money::try_new(minor, Currency::try_new(currency).unwrap()).unwrap()
    }

    #[test]
    fn amounts_are_counted_in_the_unit_stripe_uses() {
        for (minor, currency, units) in [
            (12_34, "EUR", 1234),
            (500, "JPY", 500),
            (5, "ISK", 500),
            (5, "UGX", 500),
            (700, "MGA", 7),
            (5_120, "JOD", 5_120),
            (5_120, "KWD", 5_120),
            (10_45, "HUF", 1045),
        ] {
            let amount = money(minor, currency);
            assert_eq!(to_stripe(amount), Ok(units), "{amount}");
            assert_eq!(from_stripe(units, &currency.to_lowercase()), Ok(amount), "{amount}");
        }
    }

    #[test]
    fn thousandths_must_end_in_zero() {
        let error = to_stripe(money(5_124, "KWD")).unwrap_err();
        assert!(matches!(error, GatewayError::Refused { code, .. } if code == "amount_inexact"));
        assert!(to_stripe(money(750, "MGA")).is_err(), "Stripe counts whole ariary");
    }

    #[test]
    fn currencies_stripe_does_not_know_are_declined_as_such() {
        let error = to_stripe(money(1_000, "IQD")).unwrap_err();
        let code = FailureCode::CurrencyNotSupported;
        assert!(matches!(error, GatewayError::Declined(decline) if decline.code == code));
    }

    #[test]
    fn nothing_is_rounded_or_wrapped() {
        assert!(to_stripe(money(i64::MAX as u64, "ISK")).is_err());
        assert!(from_stripe(u64::MAX, "eur").is_err());
        assert!(from_stripe(501, "isk").is_err());
        assert!(from_stripe(1, "xxx").is_err());
    }

    proptest::proptest! {
        #[test]
        fn what_stripe_takes_comes_back_the_same(minor in 0..1_000_000_000_u64, which in 0..6_usize) {
            let amount = money(minor, ["EUR", "JPY", "ISK", "MGA", "KWD", "UGX"][which]);
            if let Ok(units) = to_stripe(amount) {
                let code = amount.currency().code().to_lowercase();
                proptest::prop_assert_eq!(from_stripe(units, &code), Ok(amount));
            }
        }
    }
}
