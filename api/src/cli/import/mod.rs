//! `daybook import`: brings bookings of other systems in, over the same HTTP API that everybody uses.
//!
//! `hotel-bookings` replays the public "Hotel booking demand" file: each row becomes the commands a
//! hotel would have sent, in the order of the days on which they happened.
//!
//! * [`source`], [`columns`], [`row`], [`decimal`]: from the file to rows that can be trusted
//! * [`step`], [`plan`], [`capacity`]: what to send in which order, and what will find no place
//! * [`setup`], [`run`], [`state`]: listings and resources, then all steps, and how far each row is
//! * [`wire`]: what is said over HTTP; [`super::client`] says it, and asks again
//! * [`report`]: the summary
//!
//! [`timetable`] books the classes of a term.

mod capacity;
mod columns;
mod decimal;
mod hotel;
mod ids;
mod plan;
mod report;
mod row;
mod run;
mod setup;
mod source;
mod state;
mod step;
mod timetable;
mod wire;

#[cfg(test)]
mod tests;

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::task::JoinSet;

use super::client::{Client, Patience};
use hotel::Hotel;
use plan::{HotelPlan, Percent};
use report::{Difference, Summary};
use run::Importer;
use setup::{Resize, Setup};
use source::{Rejected, Source};

/// How many lines of one kind are shown before the rest is only counted.
const SHOWN: usize = 20;

/// Brings bookings in from a file.
#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// The public file "Hotel booking demand": two hotels, 119,390 bookings
    HotelBookings(HotelBookings),
    /// A timetable: rooms, titles, times, recurrence rules and attendees
    Timetable(timetable::Timetable),
}

/// Where the bookings are, where they go, and how.
#[derive(Debug, Args)]
pub(crate) struct HotelBookings {
    /// The CSV file, plain or compressed with gzip
    file: PathBuf,
    /// Where the server is, such as <http://127.0.0.1:8080>
    #[arg(long)]
    url: String,
    /// The file with an API key that may book, name prices and record the past
    #[arg(long)]
    key_file: PathBuf,
    /// Offer only this share of the capacity that would admit every booking
    #[arg(long, value_parser = clap::value_parser!(u32).range(0..=100))]
    capacity_percent: Option<u32>,
    /// How many commands may be under way at once
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=4096))]
    concurrency: u16,
    /// Print the summary as one JSON object
    #[arg(long)]
    json: bool,
    /// Write the lines that make no sense to this CSV file, with the reasons
    #[arg(long)]
    rejects: Option<PathBuf>,
    /// Read only so many rows
    #[arg(long)]
    limit: Option<usize>,
}

impl Import {
    /// Runs the import and prints its summary.
    pub(crate) async fn run(self) -> Result<()> {
        match self {
            Self::HotelBookings(arguments) => arguments.run().await,
            Self::Timetable(arguments) => arguments.run().await,
        }
    }
}

impl HotelBookings {
    async fn run(self) -> Result<()> {
        let client = Client::from_key_file(&self.url, &self.key_file, Patience::default())?;
        let Source { rows, rejected } = Source::load(&self.file, self.limit)?;
        self.tell_rejected(&rejected)?;
        ensure!(!rows.is_empty(), "no row of {} makes sense", self.file.display());

        let percent = Percent(self.capacity_percent.unwrap_or(100));
        let plans: Vec<_> =
            Hotel::ALL.iter().filter_map(|hotel| HotelPlan::new(*hotel, &rows, percent)).collect();
        let expected = plans.iter().flat_map(|plan| &plan.refused).copied().collect();
        let importer =
            Arc::new(Importer::new(client, rows, self.concurrency.into(), progress_bar()));
        let already_present = self.prepare(&importer, &plans).await?;
        let elapsed = run_all(&importer, plans).await?;

        let differences = report::differences(&importer, &expected);
        Summary::new(&importer, rejected.len(), already_present, differences.len(), elapsed)
            .print(self.json)?;
        fail_on(&differences)
    }

    /// Sets both hotels up and finds out what is done already.
    async fn prepare(&self, importer: &Importer, plans: &[HotelPlan]) -> Result<usize> {
        let resize = self.capacity_percent.map_or(Resize::OnlyUp, |_| Resize::Exactly);
        let setup = Setup::begin(importer.client()).await?;
        let mut already_present = 0;
        for plan in plans {
            setup.ensure(plan, resize).await?;
            let existing = setup
                .existing(plan.hotel)
                .await
                .with_context(|| format!("cannot list the bookings of {}", plan.hotel.name()))?;
            already_present += importer.resume(plan, &existing);
        }
        Ok(already_present)
    }

    fn tell_rejected(&self, rejected: &[Rejected]) -> Result<()> {
        for Rejected { line, reason } in rejected.iter().take(SHOWN) {
            tell(&format!("line {line} is left out: {reason}"));
        }
        if rejected.len() > SHOWN {
            tell(&format!("{} more lines are left out", rejected.len() - SHOWN));
        }
        self.rejects.as_ref().map_or(Ok(()), |path| report::write_rejects(path, rejected))
    }
}

/// Shows how far an import is, on a terminal only.
fn progress_bar() -> ProgressBar {
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr_with_hz(5)
    } else {
        ProgressDrawTarget::hidden()
    };
    let style =
        "{elapsed_precise} {wide_bar} {human_pos}/{human_len} commands, {per_sec}, {eta} left";
    ProgressBar::with_draw_target(Some(0), target).with_style(
        ProgressStyle::with_template(style).expect("the template names known fields only"),
    )
}

/// Runs both hotels side by side; the first failure ends both.
async fn run_all(importer: &Arc<Importer>, plans: Vec<HotelPlan>) -> Result<Duration> {
    importer.bar().set_length(plans.iter().map(|plan| importer.left(plan)).sum());
    importer.bar().reset();
    let started = Instant::now();
    let mut hotels = JoinSet::new();
    for plan in plans {
        hotels.spawn(Arc::clone(importer).run(plan));
    }
    while let Some(finished) = hotels.join_next().await {
        if let Err(error) = finished.context("the import of a hotel broke down")? {
            importer.bar().abandon();
            return Err(error.context("the import stopped; run it again to go on from here"));
        }
    }
    importer.bar().finish();
    Ok(started.elapsed())
}

/// Names the lines on which the server and the simulation disagree: one of them counts wrongly, or
/// somebody else books the same rooms.
fn fail_on(differences: &[Difference]) -> Result<()> {
    for Difference { line, refused } in differences.iter().take(SHOWN) {
        tell(&match refused {
            true => format!("line {line} was refused although there should be a place"),
            false => format!("line {line} was accepted although there should be no place"),
        });
    }
    if differences.is_empty() {
        return Ok(());
    }
    bail!("{} bookings were decided otherwise than the capacity lets expect", differences.len())
}

/// Says something to whoever watches; losing it is no reason to stop.
fn tell(message: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{message}");
}
