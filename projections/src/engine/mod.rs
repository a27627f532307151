//! What moves events into tables, whatever the model: the fold, the checkpoint, the runner, rebuild and verification.

mod apply;
mod build;
mod careful;
mod checkpoint;
mod copy_in;
mod copy_out;
mod fact;
mod fold;
pub(crate) mod frozen;
mod model;
mod progress;
mod rebuild;
mod refusal;
mod runner;
mod schema;
mod verify;

pub(crate) use checkpoint::{Checkpoint, all as checkpoints};
pub(crate) use copy_in::{EPOCH_MICROS, Rows};
pub(crate) use fact::{Decoder, Event, Fact};
pub(crate) use model::{AnyModel, Loaded, MEASURES, Measures, Model, NoSums, Of, Poison};
pub(crate) use progress::Progress;
pub(crate) use runner::Context;
pub(crate) use schema::ensure_live;

pub use rebuild::RebuildReport;
pub use verify::{Difference, VerifyReport};
