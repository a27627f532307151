//! `daybook demo`: fills an instance with a small hotel, through the public API like any other client.
//!
//! Everything is derived from one date, so filling again does nothing new: the ids and idempotency keys are the same.

mod hotel;
mod ids;

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use chrono::{NaiveDate, Utc};
use clap::Args;

use super::client::{Client, Command, Patience};
use hotel::Request;

/// Fill a running instance with a small demonstration hotel.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Where the instance answers.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// The file with the API key; it needs the rights of an administrator.
    #[arg(long, default_value = ".daybook/admin.key")]
    key_file: PathBuf,
    /// The day on which the demonstration plays (today, if not given).
    #[arg(long)]
    today: Option<NaiveDate>,
}

/// Runs the command.
pub(super) async fn run(arguments: Demo) -> Result<()> {
    let client = Client::from_key_file(&arguments.url, &arguments.key_file, Patience::default())?;
    let today = arguments.today.unwrap_or_else(|| Utc::now().date_naive());
    fill(&client, today).await?;
    tell(&arguments.url)
}

/// Opens the hotel of a new instance, and goes on where a start before this one was interrupted.
pub(super) async fn open_once(url: &str, key_file: &Path, data_dir: &Path) -> Result<()> {
    let note = data_dir.join("demo");
    let begun = std::fs::read_to_string(&note).unwrap_or_default();
    let mut words = begun.split_whitespace();
    let begun = words.next().and_then(|day| day.parse::<NaiveDate>().ok());
    if words.next() == Some(DONE) {
        return tell(url);
    }
    let today = begun.unwrap_or_else(|| Utc::now().date_naive());
    let context = || format!("{} cannot be written", note.display());
    std::fs::write(&note, format!("{today}\n")).with_context(context)?;
    let client = Client::from_key_file(url, key_file, Patience::default())?;
    fill(&client, today).await?;
    std::fs::write(&note, format!("{today} {DONE}\n")).with_context(context)?;
    tell(url)
}

/// Stands in the note of a data directory whose demonstration is complete.
const DONE: &str = "done";

fn tell(url: &str) -> Result<()> {
    let listing = ids::listing();
    let today = Utc::now().date_naive();
    let next_month = today + chrono::Days::new(31);
    writeln!(
        std::io::stdout(),
        "The demonstration hotel is open. See what is free, and how it has gone:\n\n  \
         {url}/v1/availability?listing_id={listing}&from={today}&to={next_month}\n  \
         {url}/v1/analytics/bookings?group_by=month,channel&listing_id={listing}\n"
    )?;
    Ok(())
}

/// Sends the demonstration's commands in the order in which they happened.
async fn fill(client: &Client, today: NaiveDate) -> Result<()> {
    for request in hotel::requests(today, Utc::now()) {
        send(client, request).await?;
    }
    Ok(())
}

async fn send(client: &Client, request: Request) -> Result<()> {
    let body = serde_json::to_vec(&request.body).context("a request is JSON")?;
    let command =
        Command { path: request.path, key: request.key, if_match: None, body: Bytes::from(body) };
    let answer = client.send(&command).await?;
    let is_there = answer.problem().is_some_and(|problem| problem.is_already_there());
    if !answer.status.is_success() && !is_there {
        bail!("{}: {}", command.path, answer.describe());
    }
    Ok(())
}
