//! Amounts as PayPal writes them: decimals in a text, never through a float.

use daybook_domain::values::{Currency, Money};

use super::wire::Amount;
use crate::{FailureCode, GatewayError};

/// The currencies PayPal moves.
const TAKEN: [&str; 24] = [
    "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "ILS", "JPY",
    "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "SEK", "SGD", "THB", "TWD", "USD",
];

/// Those of them whose decimals, which ISO 4217 has, PayPal has not.
const WHOLE: [&str; 2] = ["HUF", "TWD"];

/// Whether PayPal takes a currency.
pub(super) fn taken(currency: Currency) -> bool {
    TAKEN.contains(&currency.code())
}

/// The amount as PayPal takes it.
pub(super) fn to_paypal(amount: Money) -> Result<Amount, GatewayError> {
    let currency = amount.currency();
    if !taken(currency) {
        return Err(GatewayError::declined(
            FailureCode::CurrencyNotSupported,
            format_args!("PayPal does not take {currency}"),
        ));
    }
    let mut value = decimal(amount.minor(), currency.exponent());
    if WHOLE.contains(&currency.code()) {
        let Some(whole) = value.strip_suffix(".00") else {
            let message = format_args!("PayPal takes whole {currency}, and this is {amount}");
            return Err(GatewayError::refused("amount_inexact", message));
        };
        value = whole.to_owned();
    }
    Ok(Amount { currency_code: currency.code().to_owned(), value })
}

/// The amount behind what PayPal wrote; of money that went out, without its sign.
pub(super) fn from_paypal(amount: &Amount) -> Result<Money, GatewayError> {
    let Amount { currency_code, value } = amount;
    let read = || {
        let currency = Currency::try_new(currency_code).ok()?;
        let minor = minor(value.strip_prefix('-').unwrap_or(value), currency.exponent())?;
        Money::try_new(minor, currency).ok()
    };
    read().ok_or_else(|| {
        GatewayError::in_doubt(format_args!("PayPal's `{value} {currency_code}` is no amount"))
    })
}

/// So many minor units, as a decimal.
fn decimal(minor: u64, decimals: u32) -> String {
    let width = decimals as usize;
    let digits = format!("{minor:0>least$}", least = width + 1);
    let (whole, part) = digits.split_at(digits.len() - width);
    if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") }
}

/// The minor units of a decimal. Zeros may be missing or too many, other digits not.
fn minor(value: &str, decimals: u32) -> Option<u64> {
    let (whole, part) = value.split_once('.').unwrap_or((value, ""));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(part) {
        return None;
    }
    let width = decimals as usize;
    let (kept, rest) = part.split_at(part.len().min(width));
    if rest.bytes().any(|digit| digit != b'0') {
        return None;
    }
    format!("{whole}{kept:0<width$}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(minor: u64, currency: &str) -> Money {
        Money::try_new(minor, Currency::try_new(currency).unwrap()).unwrap()
    }

    fn amount(value: &str, currency: &str) -> Amount {
        Amount { currency_code: currency.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn amounts_are_written_with_the_decimals_paypal_wants() {
        for (minor, currency, value) in [
            (12_34, "EUR", "12.34"),
            (5, "EUR", "0.05"),
            (0, "EUR", "0.00"),
            (500, "JPY", "500"),
            (10_0000, "HUF", "1000"),
            (80_000, "TWD", "800"),
        ] {
            let money = money(minor, currency);
            assert_eq!(to_paypal(money), Ok(amount(value, currency)));
            assert_eq!(from_paypal(&amount(value, currency)), Ok(money));
        }
    }

    #[test]
    fn any_number_of_decimals_is_exact() {
        for (minor_units, decimals, value) in [
            (5_124, 3, "5.124"),
            (7, 3, "0.007"),
            (1, 4, "0.0001"),
            (u64::MAX, 0, "18446744073709551615"),
        ] {
            assert_eq!(decimal(minor_units, decimals), value);
            assert_eq!(minor(value, decimals), Some(minor_units));
        }
    }

    #[test]
    fn what_paypal_does_not_take_is_said_before_it_is_asked() {
        let error = to_paypal(money(5_000, "JOD")).unwrap_err();
        let code = FailureCode::CurrencyNotSupported;
        assert!(matches!(error, GatewayError::Declined(decline) if decline.code == code));
        assert!(matches!(to_paypal(money(1_050, "HUF")), Err(GatewayError::Refused { .. })));
    }

    #[test]
    fn decimals_that_are_none_are_not_guessed_at() {
        for value in ["", ".5", "1,00", "1.005", "+1", "1e3", "--1", "99999999999999999999"] {
            assert!(from_paypal(&amount(value, "EUR")).is_err(), "{value}");
        }
        assert_eq!(from_paypal(&amount("-5.1", "EUR")), Ok(money(510, "EUR")));
        assert_eq!(from_paypal(&amount("5.000", "EUR")), Ok(money(500, "EUR")));
        assert_eq!(from_paypal(&amount("5.00", "JPY")), Ok(money(5, "JPY")));
    }
}
