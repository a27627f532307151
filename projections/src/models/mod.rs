//! The models: each owns its tables, its fold and its queries.

pub(crate) mod add_ons;
pub(crate) mod analytics;
pub(crate) mod availability;
pub(crate) mod blocks;
pub(crate) mod bookings;
pub(crate) mod busy_times;
pub(crate) mod column;
pub(crate) mod customers;
pub(crate) mod invoices;
pub(crate) mod kept;
pub(crate) mod ledger;
pub(crate) mod listings;
pub(crate) mod notices;
pub(crate) mod organizations;
pub(crate) mod payments;
pub(crate) mod resources;
pub(crate) mod series;
pub(crate) mod sessions;
pub(crate) mod tickets;
pub(crate) mod timers;
pub(crate) mod vouchers;
pub(crate) mod waiting_entries;
pub(crate) mod why_not;
