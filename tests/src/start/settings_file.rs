//! The optional file with settings, named by `DAYBOOK_CONFIG`.

use std::{fs, path::Path, process::Stdio, time::Duration};

use daybook_local_postgres::testing;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Child,
    time::timeout,
};

use crate::harness::{Client, run, said};

/// A cold start on a busy machine.
const START: Duration = Duration::from_mins(1);

/// Starts a server whose only argument is the file; gives it and the address that it prints.
async fn start(file: &Path, variables: &[(&str, &str)]) -> (Child, String) {
    let mut command = run(&["serve"]);
    command.env("DAYBOOK_CONFIG", file).envs(variables.iter().copied()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let line = timeout(START, lines.next_line()).await.expect("it starts in time");
    let line = line.expect("it prints text").expect("it prints its address");
    let address = line.split_whitespace().find(|word| word.starts_with("http://"));
    let address = address.unwrap_or_else(|| panic!("no address in {line}")).to_owned();
    // Read on, lest the server write into a pipe that nobody holds.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    (child, address)
}

/// How many of five requests at once are told that they are too many.
async fn too_many(address: &str, data_dir: &Path) -> usize {
    let key = fs::read_to_string(data_dir.join("admin.key")).expect("the start left a key");
    let client = Client::new(address, key.trim());
    let answers = futures::future::join_all((0..5).map(|_| client.get("/v1/bookings"))).await;
    for answer in &answers {
        match answer.status {
            200 => {}
            _ => drop(answer.problem(429, "too-many-requests")),
        }
    }
    answers.iter().filter(|answer| answer.status == 429).count()
}

#[tokio::test]
async fn a_server_can_be_set_by_a_file_and_the_environment_hides_it() {
    let database = testing::database().await;
    let home = tempfile::tempdir().expect("a directory");
    let (file, data_dir) = (home.path().join("daybook.toml"), home.path().join("data"));
    let text = format!(
        "listen = '127.0.0.1:0'\ndata_dir = '{}'\ndatabase_url = '{}'\nrate_limit = 1\n",
        data_dir.display(),
        database.url()
    );
    fs::write(&file, text).expect("the directory is ours");

    let (mut server, address) = start(&file, &[]).await;
    assert_ne!(too_many(&address, &data_dir).await, 0);
    assert!(!data_dir.join("postgres").exists(), "the database that is set was not used");
    server.kill().await.expect("it runs");

    let (mut server, address) = start(&file, &[("DAYBOOK_RATE_LIMIT", "1000")]).await;
    assert_eq!(too_many(&address, &data_dir).await, 0);
    server.kill().await.expect("it runs");
}

#[tokio::test]
async fn what_is_wrong_in_the_file_is_told_with_its_place_and_nothing_is_made() {
    let home = tempfile::tempdir().expect("a directory");
    let (file, data_dir) = (home.path().join("daybook.toml"), home.path().join("data"));
    for (text, wrong) in [
        ("lissten = '127.0.0.1:0'", ": there is no setting `lissten`"),
        ("listen = 'nowhere'", ": listen: `nowhere` is not an address such as `127.0.0.1:8080`"),
        ("rate_limit = 'fast'", ": rate_limit: `fast` is not a whole number"),
        ("rate_limit = true", ": rate_limit: `true` is not a text or a whole number"),
        ("database_url = 'mysql://a:hunter2@db'", ": database_url: `…` is not a URL that begins"),
        ("cache_mb = 1\ncache_mb = 2", " cannot be read: line 2: "),
    ] {
        fs::write(&file, text).expect("the directory is ours");
        let mut command = run(&["serve", "--data-dir"]);
        command.arg(&data_dir).env("DAYBOOK_CONFIG", &file);
        let output = timeout(Duration::from_secs(10), command.output()).await;
        let output = output.unwrap_or_else(|_| panic!("it starts with {text}")).expect("it runs");
        assert_eq!(output.status.code(), Some(1), "{text}: {}", said(&output));
        let told = String::from_utf8_lossy(&output.stderr);
        let expected = format!("daybook: DAYBOOK_CONFIG: {}{wrong}", file.display());
        assert!(told.starts_with(&expected), "{text}: {told}");
        assert!(!told.contains("hunter2"), "{told}");
        assert!(!data_dir.exists(), "{text} made something");
    }
}
