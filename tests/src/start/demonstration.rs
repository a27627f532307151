//! `daybook serve --demo` in an empty directory: what it prints works as printed, and a second start adds nothing.

use std::{os::unix::fs::PermissionsExt, time::Duration};

use rustix::process::test_kill_process;
use serde_json::Value;
use tokio::process::Command;

use crate::harness::{Client, World, eventually, said};

/// Some hundred commands, one after the other, on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

async fn is_open(world: &World, times: usize) {
    eventually("the demonstration is open", PATIENCE, || async {
        let printed = world.servers[0].printed();
        (printed.matches("The demonstration hotel is open").count() == times).then_some(())
    })
    .await;
}

/// Runs a command line as a reader would who copies it; it must be answered with success, in JSON.
async fn try_out(line: &str) -> Value {
    // The function adds to the printed command only that a refusal is told by the exit code.
    let script = format!("curl() {{ command curl -sS --fail --noproxy '*' \"$@\"; }}\n{line}");
    let output = Command::new("sh").args(["-c", &script]).output().await.expect("a shell runs");
    assert!(output.status.success(), "{line}\n{}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{line}\n{}", said(&output)))
}

async fn count(client: &Client, what: &str) -> usize {
    let page = client.get(&format!("/v1/{what}?limit=200")).await.expect(200);
    page["items"].as_array().expect("a page has items").len()
}

#[tokio::test]
async fn a_demonstration_is_as_it_prints_and_survives_a_second_start_unchanged() {
    let mut world = World::start_demonstration().await;
    is_open(&world, 1).await;
    let printed = world.server().printed();
    assert!(printed.contains(&format!("listens on {}", world.server().url())), "{printed}");
    let key = world.server().data_dir().join("admin.key");
    assert!(printed.contains(&format!("key is in {}", key.display())), "{printed}");
    let mode = std::fs::metadata(&key).expect("the key is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let lines: Vec<&str> =
        printed.lines().map(str::trim).filter(|line| line.starts_with("curl ")).collect();
    let [listings, create, analytics] = lines[..] else { panic!("not three:\n{printed}") };
    let names = try_out(listings).await.to_string();
    assert!(names.contains("Al Bahr Hotel"), "{names}");
    let created = try_out(create).await;
    let client = world.client();
    let path = format!("/v1/listings?min_position={}", created["position"]);
    assert!(client.get(&path).await.text().contains(created["id"].as_str().expect("an id")));
    let months = try_out(analytics).await.to_string();
    assert!(months.contains("Online agency"), "{months}");

    let kept = (client.head().await, count(&client, "listings").await);
    assert_eq!(kept.1, 2);
    assert_eq!(count(&client, "resources").await, 3);
    assert!(count(&client, "bookings").await > 50);
    let postgres = world.server().postmaster().expect("a private PostgreSQL runs");
    assert!(world.server().stop().await.success(), "{}", world.server().tail());
    assert!(test_kill_process(postgres).is_err(), "PostgreSQL was not stopped");
    assert_eq!(world.server().postmaster(), None);

    world.server().start_again().await;
    is_open(&world, 2).await;
    assert_eq!((client.head().await, count(&client, "listings").await), kept);
    assert!(world.server().stop().await.success(), "{}", world.server().tail());
}
