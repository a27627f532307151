//! The log in Postgres: what every booking decision stands on.
//!
//! One process, the **owner**, appends. Its [`Writer`] keeps aggregates in a cache, decides commands against them and
//! hands the events to the committer, which appends everything that waits in one statement and one round trip. Every
//! event gets the next **position**; positions are dense, and their order is the order of commits and of visibility, so
//! a reader that remembers the last position it saw misses nothing and reads nothing twice.
//!
//! Any process may read: [`Log`] gives the ordered reader, single streams, and a wake-up when the head moves.
//!
//! The crate knows no booking rule. It is generic over [`cqrs_es::Aggregate`], reads streams through an unmodified
//! [`postgres_es::PostgresEventRepository`] and replaces only how events are persisted.

mod append;
mod cache;
mod candidate;
mod command;
mod committer;
mod error;
mod event;
mod framework;
mod log;
mod ownership;
mod reader;
mod receipts;
mod repository;
mod rotation;
mod schema;
mod settings;
mod snapshots;
mod tail;
mod unit;
mod upcast;
mod writer;

pub use candidate::{Candidate, Role};
pub use command::{Answer, CommandContext, Idempotency, Response, Verdict};
pub use error::{CommandError, StoreError, WriteError};
pub use event::{Metadata, Position, Recorded};
pub use framework::FrameworkStore;
pub use log::{Log, LogSettings};
pub use ownership::{Node, Owner};
pub use reader::{Filter, Page};
pub use repository::LogRepository;
pub use schema::migrate;
pub use settings::{AggregateSettings, WriterSettings};
pub use unit::{Stream, Unit};
pub use upcast::Upcasters;
pub use writer::Writer;
