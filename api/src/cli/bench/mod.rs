//! `daybook bench`: how fast this machine books, with the rivals beside it in the same run.
//!
//! Figures of different runs, and even more so of different machines, do not compare; figures of one
//! run do. So everything stands on one private PostgreSQL with durable settings, rivals take turns
//! round by round, and what is reported is the median of the rounds.
//!
//! * [`plan`]: what is measured, for how long
//! * [`stage`], [`server`], [`machine`], [`process`]: the database, `daybook serve` as a child, and what they run on
//! * [`load`], [`http`], [`request`]: clients that do one thing after another, and an HTTP client that costs little
//! * [`races`], [`plain_sql`], [`engines`], [`premises`], [`replay`], [`decision`]: the measurements
//! * [`availability`], [`house`], [`history`]: how fast is found what is free, and a log to find it in
//! * [`safety`]: nothing oversold, nothing acknowledged that is not in the log
//! * [`figure`], [`report`], [`aims`], [`table`]: what comes out

mod aims;
mod availability;
mod decision;
mod engines;
mod figure;
mod history;
mod house;
mod http;
mod load;
mod machine;
mod plain_sql;
mod plan;
mod premises;
mod process;
mod races;
mod replay;
mod report;
mod request;
mod safety;
mod server;
mod stage;
mod table;

use std::io::Write as _;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use plan::{Part, Plan};
use report::Report;
use stage::Stage;

/// What is measured, and for how long.
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// Print everything as one JSON object
    #[arg(long)]
    json: bool,
    /// How long each measurement takes, warm-up apart
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0, value_parser = seconds)]
    seconds: f64,
    /// How often the rivals take turns; medians are reported
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=99))]
    rounds: u32,
    /// Measure only these parts
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// At how many connections bookings are measured
    #[arg(long, value_delimiter = ',', default_values_t = [8, 32, 128],
          value_parser = clap::value_parser!(u16).range(1..=1024))]
    connections: Vec<u16>,
    /// Run every part for a moment, to see that it works; the figures mean nothing
    #[arg(long, conflicts_with_all = ["seconds", "rounds", "connections"])]
    quick: bool,
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.05..=600.0).contains(&seconds) => Ok(seconds),
        _ => Err("between 0.05 and 600 seconds".to_owned()),
    }
}

impl Bench {
    /// Measures, prints, and fails if anything was oversold or lost.
    pub(crate) async fn run(self) -> Result<()> {
        let plan = if self.quick {
            Plan::quick(&self.only)
        } else {
            Plan::new(self.seconds, self.rounds, &self.connections, &self.only)
        };
        // Breaking off drops what was started: the server, the database and their directories.
        let report = tokio::select! {
            report = measure(&plan) => report?,
            () = crate::serve::asked_to_stop() => bail!("broken off"),
        };
        let text = if self.json {
            serde_json::to_string_pretty(&report)? + "\n"
        } else {
            report.to_string()
        };
        std::io::stdout().write_all(text.as_bytes()).context("cannot print the report")?;
        let wrong = report.wrongs();
        ensure!(wrong.is_empty(), "the engine did not keep its promise: {}", wrong.join("; "));
        Ok(())
    }
}

async fn measure(plan: &Plan) -> Result<Report> {
    note("starting a private PostgreSQL");
    let stage = Stage::start().await?;
    let mut report = Report::new(plan, machine::look(&stage).await?);
    if plan.has(Part::Http) || plan.has(Part::Sql) {
        let raced = races::run(plan, &stage).await?;
        report.races = raced.rows;
        report.safety = raced.safety;
    }
    if plan.has(Part::CqrsEs) || plan.has(Part::Engine) {
        report.engines = engines::run(plan, &stage).await?;
    }
    if plan.has(Part::Replay) {
        report.replay = Some(replay::run(plan, &stage).await?);
    }
    if plan.has(Part::Decision) {
        note("deciding in a full calendar and in an empty one");
        report.decisions = tokio::task::spawn_blocking(decision::run).await??;
    }
    if plan.has(Part::Availability) {
        report.availability = Some(availability::run(plan, &stage).await?);
    }
    report.judge();
    stage.stop().await?;
    Ok(report)
}

/// Tells whoever waits what is being done. Standard output is for the report.
fn note(text: &str) {
    // Nobody may be listening.
    let _ = writeln!(std::io::stderr(), "bench: {text}");
}
