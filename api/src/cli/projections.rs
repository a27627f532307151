//! `daybook projections`: how the read models stand, building them anew, and proving that they are what the log says.

use std::{io::Write as _, time::Duration};

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use daybook_projections::{Difference, ModelName, Projections as Models, ProjectionsSettings};

use super::{Place, log_to_stderr};
use crate::serve::{Database, open_log};

/// How long a model may take to answer at all.
const PATIENCE: Duration = Duration::from_mins(10);

/// What to do with the read models.
#[derive(Debug, Args)]
pub(super) struct Projections {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// See how they stand
    List,
    /// Build one anew beside the live one, and switch to it
    Rebuild {
        /// Which one
        name: String,
    },
    /// Compare with what the log says; fails if there is any difference
    Verify {
        /// Which one; all of them, if not given
        name: Option<String>,
    },
}

pub(super) async fn run(arguments: Projections) -> Result<()> {
    let config = arguments.place.config()?;
    log_to_stderr(&config);
    let database = Database::open(&config).await?;
    let result = act(arguments.action, database.url.reveal()).await;
    database.close().await?;
    result
}

async fn act(action: Action, url: &str) -> Result<()> {
    let log = open_log(url).await?;
    let settings = ProjectionsSettings { run: false, ..ProjectionsSettings::default() };
    match action {
        Action::List => list(&Models::start(log, url, settings).await?).await,
        Action::Rebuild { name } => {
            let name: ModelName = name.parse()?;
            let report = Models::start(log, url, settings).await?.rebuild(name).await?;
            writeln!(
                std::io::stdout(),
                "{name}: generation {} from {} events in {:.1} s, live at position {}; {} parked",
                report.generation,
                report.events,
                report.seconds,
                report.position,
                report.parked
            )?;
            Ok(())
        }
        Action::Verify { name } => {
            let names = match name {
                Some(name) => vec![name.parse()?],
                None => ModelName::ALL.to_vec(),
            };
            verify(&Models::start(log, url, settings).await?, &names).await
        }
    }
}

async fn list(models: &Models) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{:<14}{:>8}{:>12}{:>12}{:>8}{:>8}",
        "name", "version", "position", "head", "lag", "parked"
    )?;
    for status in models.status().await? {
        writeln!(
            out,
            "{:<14}{:>8}{:>12}{:>12}{:>8}{:>8}",
            status.name.as_str(),
            status.version,
            status.position.get(),
            status.head.get(),
            status.lag(),
            status.parked,
        )?;
    }
    Ok(())
}

async fn verify(models: &Models, names: &[ModelName]) -> Result<()> {
    models.ready(PATIENCE).await?;
    let mut wrong = Vec::new();
    for name in names {
        let report = models.verify(*name).await?;
        writeln!(
            std::io::stdout(),
            "{name}: {} rows differ at position {} ({} events, {:.1} s)",
            report.differing_rows,
            report.position,
            report.events,
            report.seconds
        )?;
        for Difference { table, live, row } in &report.differences {
            let side = if *live { "is there" } else { "should be" };
            writeln!(std::io::stdout(), "  {table}, {side}: {row}")?;
        }
        if report.differing_rows > 0 {
            wrong.push(name.as_str());
        }
    }
    if !wrong.is_empty() {
        bail!("not what the log says: {}", wrong.join(", "));
    }
    Ok(())
}
