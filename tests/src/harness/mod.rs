//! What the tests stand on: servers to start, stop and kill, clients, a small hotel, and an auditor of the log.

mod answer;
mod audit;
mod binary;
mod client;
mod emulator;
mod gig;
mod hotel;
mod load;
mod money;
mod oversold;
mod server;
mod studio;
mod world;

pub(crate) use answer::Answer;
pub(crate) use audit::{Audit, CALENDARS, PAYMENTS, Row, SESSIONS};
pub(crate) use binary::{run, said};
pub(crate) use client::{Client, Troubles, insist, send};
pub(crate) use emulator::{BAD_CARD, Emulator, GOOD_CARD, charge_of};
pub(crate) use gig::Gig;
pub(crate) use hotel::{Hotel, PRICE, with};
pub(crate) use load::Load;
pub(crate) use money::overdrawn;
pub(crate) use oversold::{broken, in_calendars, in_sessions};
pub(crate) use server::Server;
pub(crate) use studio::{Studio, mondays, order, time};
pub(crate) use world::World;

use std::time::{Duration, Instant};

/// Asks again and again until there is an answer.
pub(crate) async fn eventually<T, F>(
    what: &str,
    patience: Duration,
    mut ask: impl FnMut() -> F,
) -> T
where
    F: Future<Output = Option<T>>,
{
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < patience, "not within {patience:?}: {what}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}
