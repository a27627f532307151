//! What a voucher is worth.

use serde::{Deserialize, Serialize};

use crate::pricing::{Minor, Rate};

/// What a voucher is worth; amounts are minor units of its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Raw", into = "Raw")]
pub enum Benefit {
    /// A night, a place or a time costs this, unless it costs less anyway.
    FixedPrice(Minor),
    /// So much off all lines together.
    AmountOff(Minor),
    /// This part off each line.
    PercentOff(Rate),
}

/// A voucher is worth nothing, or several things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("give one of `fixed_price`, `amount_off` and `percent_off`")]
pub struct BenefitError;

/// A benefit as it is written: under one of three names.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename = "Benefit")]
struct Raw {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fixed_price: Option<Minor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount_off: Option<Minor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    percent_off: Option<Rate>,
}

impl TryFrom<Raw> for Benefit {
    type Error = BenefitError;

    fn try_from(raw: Raw) -> Result<Self, Self::Error> {
        match (raw.fixed_price, raw.amount_off, raw.percent_off) {
            (Some(price), None, None) => Ok(Self::FixedPrice(price)),
            (None, Some(amount), None) => Ok(Self::AmountOff(amount)),
            (None, None, Some(percent)) => Ok(Self::PercentOff(percent)),
            (_, _, _) => Err(BenefitError),
        }
    }
}

impl From<Benefit> for Raw {
    fn from(benefit: Benefit) -> Self {
        let (mut fixed_price, mut amount_off, mut percent_off) = (None, None, None);
        match benefit {
            Benefit::FixedPrice(price) => fixed_price = Some(price),
            Benefit::AmountOff(amount) => amount_off = Some(amount),
            Benefit::PercentOff(percent) => percent_off = Some(percent),
        }
        Self { fixed_price, amount_off, percent_off }
    }
}
