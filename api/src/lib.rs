//! Daybook over HTTP and on the command line.
//!
//! A request passes the gate ([`gate`]), is taken apart ([`extract`]) and handled by the module of its resource. A
//! command goes over the bus ([`bus`]) to the log; a query is answered from a read model. Whatever does not work is told
//! as a [`problem`].
#![allow(
    unused_qualifications,
    reason = "utoipa writes them wherever a handler names its parameters"
)]

pub mod add_ons;
pub mod analytics;
pub mod api_keys;
pub mod app;
pub mod availability;
pub mod bookings;
pub mod bus;
pub mod checkout;
pub mod cli;
pub mod config;
pub mod customers;
mod derived_id;
pub mod events;
pub mod extract;
pub mod forward;
pub mod gate;
pub mod health;
pub mod history;
pub mod invoices;
pub mod keys;
pub mod ledger;
pub mod listings;
pub mod notices;
pub mod one;
pub mod openapi;
pub mod organizations;
pub mod pages;
pub mod patch;
pub mod payments;
pub mod payouts;
pub mod problem;
pub mod process;
pub mod projections;
pub mod quotes;
pub mod rates;
pub mod resources;
pub mod series;
pub mod serve;
pub mod sessions;
pub mod tickets;
pub mod timers;
pub mod vouchers;
pub mod waiting_lists;
pub mod wire;
