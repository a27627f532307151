//! Bookings by times: people, rooms and things by the hour.

mod clocks;
mod input;
mod life;
mod rooms;
mod services;

use serde_json::Value;

use crate::harness::{Answer, Client};

/// A booking as it stands after an answer.
async fn shown(client: &Client, answer: &Answer) -> Value {
    let path = format!(
        "/v1/bookings/{}?min_position={}",
        answer.json()["id"].as_str().unwrap(),
        answer.position()
    );
    client.get(&path).await.expect(200)
}

/// Refused by a rule for this reason, and nothing written.
#[track_caller]
fn refused(answer: &Answer, reason: &str) {
    let problem = answer.problem(422, "policy-refusal");
    assert_eq!(problem["reason"], reason, "{problem}");
}
