//! What something costs: tariffs, taxes and deposits, and the charge that they come to.
//!
//! Everything here is exact until the end: a line is rounded once, half up, whatever rules it went through, and each of
//! its taxes once. Amounts are minor units of the currency of the listing, so that none can be in another.

mod amounts;
mod charge;
mod deposit;
mod exact;
mod guests;
mod item;
mod list;
mod rule;
mod tariff;
mod tax;
#[cfg(test)]
mod tests;

pub use amounts::{Minor, OutOfRange, Percent, Rate, Shift};
pub use charge::{Applied, Charge, Discount, Part, TaxCharge};
pub use deposit::{Deposit, DepositError, Due};
pub use guests::{ADULT, Category, CategoryError, GuestTerms, Guests, GuestsError};
pub use item::{Item, PricingError, When};
pub use rule::{Between, BetweenError, Effect, Rule, RuleError};
pub use tariff::{Tariff, TariffError};
pub use tax::{Tax, TaxBasis, TaxError, Taxes};

pub(crate) use list::checked_list;
