//! Many at once for too little: what is sold is what is there, and the tests would see it if it were not.

mod add_ons;
mod changes;
mod controls;
mod crossing;
mod engine;
mod forged;
mod gates;
mod invoices;
mod last_times;
mod last_units;
mod merges;
mod once;
mod sessions;
mod two_servers;
mod vouchers;
mod waiting_list;

use std::{sync::Arc, time::Duration};

use serde_json::Value;
use tokio::{sync::Barrier, task::JoinSet};
use uuid::Uuid;

use crate::harness::{Client, World, insist};

/// What one attempt came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Sold,
    SoldOut,
}

/// Two servers on one database, of which one forwards to the other.
pub(crate) async fn two_servers() -> World {
    let mut world = World::start().await;
    world.add_server().await;
    world
}

/// Clients of all servers, a different one first each time.
pub(crate) fn rotated(clients: &[Client], number: usize) -> Vec<Client> {
    let mut rotated = clients.to_vec();
    rotated.rotate_left(number % clients.len());
    rotated
}

/// Sends all attempts off at the same moment, each on a task of its own, and counts what was sold and what was not.
/// The same for the engine and for the controls that must fail.
pub(crate) async fn race<F>(attempts: Vec<F>) -> (usize, usize)
where
    F: Future<Output = Outcome> + Send + 'static,
{
    let start = Arc::new(Barrier::new(attempts.len()));
    let mut running = JoinSet::new();
    for attempt in attempts {
        let start = Arc::clone(&start);
        running.spawn(async move {
            start.wait().await;
            attempt.await
        });
    }
    let outcomes = running.join_all().await;
    let sold = outcomes.iter().filter(|outcome| **outcome == Outcome::Sold).count();
    (sold, outcomes.len() - sold)
}

/// Books over HTTP until there is a final answer. Anything but a booking or "sold out" fails the test.
pub(crate) async fn book(servers: Vec<Client>, request: Value) -> Outcome {
    let key = Uuid::now_v7().to_string();
    let patience = Duration::from_mins(1);
    let (answer, troubles) = insist(&servers, "/v1/bookings", &request, &key, patience).await;
    assert_eq!(troubles.wrong, Vec::<String>::new());
    if answer.status == 201 {
        return Outcome::Sold;
    }
    answer.problem(409, "sold-out");
    Outcome::SoldOut
}
