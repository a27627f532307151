//! What the server does over HTTP, one server and one database for each test.

mod availability;
mod blocks;
mod bookings;
mod catalogue;
mod conditions;
mod feed;
mod history;
mod holds;
mod hostile;
mod idempotency;
mod keys;
mod listings;
mod log;
mod mutations;
mod organizations;
mod pages;
mod payments;
mod reports;
mod resources;
mod schedules;
mod series;
mod service;
mod sessions;
mod stay_rules;
mod sessions_edited;
mod times;
