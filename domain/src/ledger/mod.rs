//! What bookings and their payments mean in money: entries that sum to zero.
//!
//! A [`Book`] is what the ledger knows of one booking. Whatever happens to the booking or to one of its payments, the
//! book works out what its accounts have to show from then on, and posts what that differs by from what is posted. So
//! entries are never changed, each transaction sums to zero, and what happened twice is posted once.

mod account;
mod amounts;
mod book;
mod sale;
#[cfg(test)]
mod tests;
mod when;

pub use account::{Account, Till, UnknownAccount};
pub use amounts::Amounts;
pub use book::{Book, BookError, Entry, Happened};
pub use sale::Sale;
