//! `daybook demo`: fills an instance with five organizations, through the public API like any other client.
//!
//! * [`resort`], [`events`], [`campus`], [`salon`], [`tours`]: what each of them did, and what to look at
//! * [`people`]: who books there
//! * [`story`]: commands in order, told from one day, with ids and idempotency keys that are always the same
//! * [`fill`]: tells the stories to a server
//!
//! The organizations remember on which day the demonstration was loaded, and the last command of each makes something
//! that can be looked for. So filling again changes nothing, and an interrupted filling is gone on with.

mod campus;
mod events;
mod fill;
mod ids;
mod people;
mod resort;
mod salon;
mod story;
#[cfg(test)]
mod tests;
mod tours;

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::Result;
use chrono::{NaiveDate, Utc};
use clap::Args;
use daybook_domain::values::Timestamp;

use super::{
    client::{Client, Patience},
    shell::curl,
};
use story::{Request, Try};

/// Fill a running instance with a demonstration of five organizations.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Where the instance answers.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// The file with the API key; it needs the rights of an administrator.
    #[arg(long, default_value = ".daybook/admin.key")]
    key_file: PathBuf,
    /// The day on which the demonstration plays: not after today, which it is if not given; once it is loaded, it
    /// keeps its day.
    #[arg(long)]
    today: Option<NaiveDate>,
}

/// One of the organizations.
struct Organization {
    /// What it is known by here.
    name: &'static str,
    title: &'static str,
    /// What it did up to a day.
    requests: fn(NaiveDate) -> Vec<Request>,
    /// What to look at in the demonstration of a day, now.
    tries: fn(NaiveDate, Timestamp) -> Vec<Try>,
}

const ORGANIZATIONS: [Organization; 5] = [
    Organization {
        name: "resort",
        title: "A resort with boat trips in Cabo San Lucas",
        requests: resort::requests,
        tries: resort::tries,
    },
    Organization {
        name: "events",
        title: "An events organizer in Amman",
        requests: events::requests,
        tries: events::tries,
    },
    Organization {
        name: "campus",
        title: "A campus with forty rooms and a term's timetable",
        requests: campus::requests,
        tries: campus::tries,
    },
    Organization {
        name: "salon",
        title: "A salon with five staff in Casablanca",
        requests: salon::requests,
        tries: salon::tries,
    },
    Organization {
        name: "tours",
        title: "A tour operator on the Red Sea",
        requests: tours::requests,
        tries: tours::tries,
    },
];

/// Runs the command.
pub(super) async fn run(arguments: Demo) -> Result<()> {
    open(&arguments.url, &arguments.key_file, arguments.today).await
}

/// Opens the demonstration as of a day, unless it is open, and says what to look at.
pub(super) async fn open(url: &str, key_file: &Path, today: Option<NaiveDate>) -> Result<()> {
    let client = Client::from_key_file(url, key_file, Patience::default())?;
    let now = Utc::now();
    let today = fill::all(&client, today.unwrap_or_else(|| now.date_naive())).await?;
    let mut tries = Vec::with_capacity(ORGANIZATIONS.len());
    for organization in &ORGANIZATIONS {
        tries.push(with_codes(&client, (organization.tries)(today, now)).await?);
    }
    tell(url, key_file, today, tries)
}

/// Puts the codes of tickets where they belong.
async fn with_codes(client: &Client, mut tries: Vec<Try>) -> Result<Vec<Try>> {
    for Try { body, ticket, .. } in &mut tries {
        if let (Some(body), Some(path)) = (body, ticket) {
            let path = format!("{path}?min_position={}", client.head().await?);
            let ticket: serde_json::Value = client.get(&path).await?.json()?;
            body["code"] = ticket["code"].clone();
        }
    }
    Ok(tries)
}

fn tell(url: &str, key_file: &Path, today: NaiveDate, tries: Vec<Vec<Try>>) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let curl = curl(key_file);
    writeln!(out, "The demonstration of {today} is open. Try:")?;
    for (organization, tries) in ORGANIZATIONS.iter().zip(tries) {
        writeln!(out, "\n{}:", organization.title)?;
        for Try { what, path, body, ticket: _ } in tries {
            writeln!(out, "  # {what}")?;
            match body {
                None => writeln!(out, "  {curl} '{url}{path}'")?,
                Some(body) => writeln!(
                    out,
                    "  {curl} -H 'Content-Type: application/json' -d '{body}' {url}{path}"
                )?,
            }
        }
    }
    writeln!(out, "\nAll of it is described at {url}/docs/.")?;
    out.flush()?;
    Ok(())
}
