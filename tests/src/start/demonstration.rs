//! `daybook serve --demo` in an empty directory: what it prints works as printed, and a second start adds nothing.

use std::{os::unix::fs::PermissionsExt, time::Duration};

use rustix::process::test_kill_process;
use serde_json::Value;
use tokio::process::Command;

use crate::harness::{Client, World, eventually, run, said};

/// Some thousand commands on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

async fn is_open(world: &World, times: usize) {
    eventually("the demonstration is open", PATIENCE, || async {
        let printed = world.servers[0].printed();
        (printed.matches("All of it is described at").count() == times).then_some(())
    })
    .await;
}

/// Runs a command line as a reader would who copies it; it must be answered with success, in JSON or with a picture.
async fn try_out(line: &str) -> Value {
    // The function adds to the printed command only that a refusal is told by the exit code.
    let script = format!("curl() {{ command curl -sS --fail --noproxy '*' \"$@\"; }}\n{line}");
    let output = Command::new("sh").args(["-c", &script]).output().await.expect("a shell runs");
    assert!(output.status.success(), "{line}\n{}", said(&output));
    if line.contains("qr.svg") {
        return String::from_utf8_lossy(&output.stdout).into();
    }
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{line}\n{}", said(&output)))
}

/// Runs all lines that are shown, once the demonstration is open; they tell of every organization.
async fn try_all(printed: &str) {
    let (greeting, shown) = printed.split_once("The demonstration of").expect("it is told of");
    assert!(!greeting.contains("curl "), "{printed}");
    let lines = shown.lines().map(str::trim).filter(|line| line.starts_with("curl "));
    let (mut told, mut made) = (Vec::new(), Vec::new());
    for line in lines {
        let answer = try_out(line).await;
        told.push(answer.to_string());
        made.extend(answer["status"].as_str().filter(|_| line.contains(" -d ")).map(str::to_owned));
    }
    assert!(told.len() > 15, "{printed}");
    for word in [
        "عود تحت النجوم",
        "blocked",
        "Rania",
        "Online agency",
        "gear",
        "called_off",
        "<svg",
        "too_early",
        "offered_until",
    ] {
        assert!(told.iter().any(|answer| answer.contains(word)), "nothing of {word}:\n{printed}");
    }
    assert_eq!(
        made,
        ["open", "held", "held", "requested", "held", "requested", "requested", "captured", "held"]
    );
}

/// There are bookings that have come to this and to that.
async fn assert_variety(client: &Client) {
    for status in
        ["requested", "held", "confirmed", "checked_in", "completed", "cancelled", "declined"]
    {
        let path = format!("/v1/bookings?limit=1&status={status}");
        let page = client.get(&path).await.expect(200);
        assert_ne!(page["items"], serde_json::json!([]), "nothing is {status}");
    }
}

/// How many there are of what the demonstration makes, up to a thousand each.
async fn counts(client: &Client) -> Vec<(&'static str, usize)> {
    let (head, mut counts) = (client.head().await, Vec::new());
    for what in ["organizations", "listings", "resources", "sessions", "series", "bookings"] {
        let page =
            client.get(&format!("/v1/{what}?limit=1000&min_position={head}")).await.expect(200);
        counts.push((what, page["items"].as_array().expect("a page has items").len()));
    }
    counts
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

    try_all(&printed).await;

    let client = world.client();
    let kept = (client.head().await, counts(&client).await);
    assert_eq!(kept.1[..2], [("organizations", 5), ("listings", 12)]);
    let of = |what| kept.1.iter().find(|(name, _)| *name == what).map_or(0, |(_, count)| *count);
    assert!(of("resources") == 49 && of("sessions") > 70 && of("series") > 100, "{kept:?}");
    assert_variety(&client).await;
    let postgres = world.server().postmaster().expect("a private PostgreSQL runs");
    assert!(world.server().stop().await.success(), "{}", world.server().tail());
    assert!(test_kill_process(postgres).is_err(), "PostgreSQL was not stopped");
    assert_eq!(world.server().postmaster(), None);

    world.server().start_again().await;
    is_open(&world, 2).await;
    assert_eq!((client.head().await, counts(&client).await), kept);
    assert!(world.server().stop().await.success(), "{}", world.server().tail());
}

#[tokio::test]
async fn a_demonstration_that_was_interrupted_is_gone_on_with() {
    let world = World::start().await;
    let client = world.client();
    let demo = || {
        let mut command = run(&["demo", "--url", &world.servers[0].url(), "--key-file"]);
        command.arg(world.servers[0].data_dir().join("admin.key"));
        command
    };
    let mut first = demo().spawn().expect("it starts");
    eventually("it gets on", PATIENCE, || async { (client.head().await > 400).then_some(()) })
        .await;
    first.kill().await.expect("it can be killed");
    let (interrupted, mut heads) = (client.head().await, Vec::new());
    for today in ["2025-07-01", "2025-08-01"] {
        let done = demo().args(["--today", today]).output().await.expect("it runs");
        assert!(done.status.success(), "{}", said(&done));
        assert!(!String::from_utf8_lossy(&done.stdout).contains(today), "it keeps its day");
        heads.push(client.head().await);
    }
    assert!(heads[0] > interrupted);
    assert_eq!(heads[0], heads[1], "the last filling wrote something");
    world.audit().await.assert_sound().await;
}
