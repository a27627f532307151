//! The booking rules: pure aggregates and the values they speak in.
//!
//! Nothing here reads a clock, draws a number or does I/O. A command carries every fact its answer
//! needs; `decide` answers with events or a refusal, and `evolve` folds events back into the state.
//!
//! * [`values`]: money, dates, ids and texts that cannot be wrong once they exist
//! * [`organization`]: whose all of it is, and who works there
//! * [`listing`]: what can be booked
//! * [`resource`]: what a booking occupies in time, and its limits
//! * [`calendar`]: one resource in one month, by nights or by times; the stream where overselling is impossible
//! * [`allotment`]: one session and its places; the stream where they cannot be sold twice
//! * [`booking`]: one customer's order, taken all together or not at all
//! * [`schedule`]: when something is open, and which times of it can be booked
//! * [`series`]: bookings that recur
//! * [`customer`]: who books, as a partner's staff know them
//! * [`pricing`]: what something costs: tariffs, taxes, deposits
//! * [`policy`]: what it costs to call it off
//! * [`quote`]: what something would cost, kept to for a while
//! * [`payment`]: money asked for, taken and given back
//! * [`checkout`]: what is to be done next about a booking that is paid online
//! * [`invoice`]: invoices and credit notes, numbered without a gap
//! * [`ledger`]: what bookings and payments mean in money: entries that sum to zero
//! * [`payouts`]: what a partner was paid of what it earned
//! * [`notice`]: what customers are told, and whether it reached a gateway
//! * [`add_on`]: something sold beside what is booked, with a stock of its own
//! * [`voucher`]: a price or a part of it off, so often and up to a budget, and places set aside for it
//! * [`tickets`]: the tickets of a booking, and every time one was shown at a gate
//! * [`waiting_list`]: who is served first when something that is sold out becomes free

mod aggregate;
#[cfg(test)]
mod testing;

pub mod add_on;
pub mod allotment;
pub mod booking;
pub mod calendar;
pub mod checkout;
pub mod customer;
pub mod invoice;
pub mod ledger;
pub mod listing;
pub mod notice;
pub mod organization;
pub mod payment;
pub mod payouts;
pub mod policy;
pub mod pricing;
pub mod quote;
pub mod resource;
pub mod schedule;
pub mod series;
pub mod tickets;
pub mod values;
pub mod voucher;
pub mod waiting_list;
