//! `daybook import timetable`: books a term's timetable, each row of which is a class at all dates of a rule.
//!
//! * [`rooms`], [`row`]: from the file to rows that can be trusted; if one makes no sense, nothing is booked
//! * [`book`]: has all rows held, then confirms them all, or gives them all back
//! * [`clash`]: what is in the way of a date, by name; [`report`]: the summary
//! * [`wire`]: what is said over HTTP
//!
//! All or nothing over a whole file is more than one commit can do. So each row becomes a series of *held* bookings
//! (one commit, every date or none), and nothing is confirmed before every row is held: from then on nobody can take
//! a date away. If a row cannot be had, what was held is given back. An import that breaks off leaves holds, which end
//! by themselves a day later; run again before that, it finds what it held by the ids derived from the rows, and goes
//! on from there.

mod book;
mod clash;
mod report;
mod rooms;
mod row;
#[cfg(test)]
mod tests;
mod wire;

use std::{path::PathBuf, sync::Arc, time::Instant};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use daybook_domain::values::{CustomerId, ListingId, OrganizationId};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;

use super::{ids, progress_bar, source};
use crate::{
    cli::client::{Client, Patience},
    derived_id::version_7,
};
use book::{Booker, Outcome, Phase};
use clash::Namer;
use report::Report;
use rooms::Rooms;
use row::Source;

/// Where the timetable is, where it goes, and how.
#[derive(Debug, Args)]
pub(crate) struct Timetable {
    /// The CSV file with the columns room, title, start, end, rrule, attendees, in any order; plain or compressed with
    /// gzip
    file: PathBuf,
    /// Where the server is, such as <http://127.0.0.1:8080>
    #[arg(long)]
    url: String,
    /// The file with an API key that may book
    #[arg(long)]
    key_file: PathBuf,
    #[command(flatten)]
    owner: Owner,
    /// Who books: a customer of its own for the rooms, if not given
    #[arg(long)]
    customer: Option<CustomerId>,
    /// What is done if a date cannot be had
    #[arg(long, value_enum, default_value_t = OnConflict::AllOrNothing)]
    on_conflict: OnConflict,
    /// How many commands may be under way at once
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=4096))]
    concurrency: u16,
    /// Print the report as one JSON object
    #[arg(long)]
    json: bool,
}

/// Whose rooms they are.
#[derive(Clone, Copy, Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Owner {
    /// The organization; each room is booked under its own listing
    #[arg(long)]
    pub(super) organization: Option<OrganizationId>,
    /// The listing
    #[arg(long)]
    pub(super) listing: Option<ListingId>,
}

impl Owner {
    /// Who books the rooms if nobody is named.
    fn customer(self) -> CustomerId {
        let hash = Sha256::new_with_prefix("timetable customer");
        let hash = match (self.organization, self.listing) {
            (Some(organization), _) => hash.chain_update(organization.as_uuid()),
            (None, listing) => {
                hash.chain_update(listing.map(ListingId::as_uuid).unwrap_or_default())
            }
        };
        CustomerId::from_uuid(version_7(hash, ids::BEFORE_ALL_BOOKINGS))
    }
}

/// What is done if a date cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum OnConflict {
    /// Nothing is booked: all rows are held first, and confirmed once every one of them is held
    AllOrNothing,
    /// That date is left out
    Skip,
}

impl Timetable {
    /// Runs the import and prints its report.
    pub(super) async fn run(self) -> Result<()> {
        let client = Client::from_key_file(&self.url, &self.key_file, Patience::default())?;
        let bytes = source::bytes(&self.file)?;
        let head = client.head().await?;
        let rooms =
            Rooms::load(&client, self.owner, head).await.context("cannot list the rooms")?;
        let named = || format!("cannot read {}", self.file.display());
        let Source { rows, faults } = Source::read(&bytes, &rooms).with_context(named)?;
        let mut report = Report::new(&self.file, self.on_conflict, rows.len(), faults);
        if report.has_faults() {
            report.print(self.json)?;
            bail!("some rows make no sense, so nothing was booked");
        }
        let started = Instant::now();
        let customer = self.customer.unwrap_or_else(|| self.owner.customer());
        let bar = progress_bar();
        let terms = (customer, self.on_conflict, head);
        let booker = Arc::new(Booker::new(client, rows, terms, self.concurrency, bar));
        let outcomes = import(&booker, &mut report).await.context(GO_ON)?;
        report.finish(&booker, &outcomes, started.elapsed());
        report.print(self.json)?;
        if report.is_refused() {
            bail!("some dates cannot be had, so this run booked nothing");
        }
        Ok(())
    }
}

const GO_ON: &str = "the import stopped; run it again within a day to go on from here";

/// Has all rows placed, says what is in the way of the others, and confirms the placed ones or gives them back.
async fn import(booker: &Arc<Booker>, report: &mut Report) -> Result<Arc<[Outcome]>> {
    booker.bar().set_length(booker.rows().len() as u64);
    let outcomes: Arc<[Outcome]> = place_all(booker).await?.into();
    let mut namer = Namer::new(booker, &outcomes);
    report.clashes = namer.name_all().await?;
    let refused = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Refused(_)));
    let phase = match booker.on_conflict() {
        OnConflict::AllOrNothing if refused => Phase::GiveBack,
        OnConflict::AllOrNothing | OnConflict::Skip => Phase::Confirm,
    };
    let indices = (0..outcomes.len()).collect();
    let finish = |booker: Arc<Booker>, index: usize| {
        let outcomes = Arc::clone(&outcomes);
        async move { booker.finish(&outcomes[index], phase).await }
    };
    side_by_side(booker, indices, finish).await?;
    booker.bar().finish();
    Ok(outcomes)
}

/// Places the rows: those of one room in the order of the file, so that of two that collide the first one is placed,
/// and the rooms side by side.
async fn place_all(booker: &Arc<Booker>) -> Result<Vec<Outcome>> {
    let place = |booker: Arc<Booker>, lane: Vec<usize>| async move {
        let mut placed = Vec::with_capacity(lane.len());
        for index in lane {
            placed.push((index, booker.place(index).await?));
        }
        anyhow::Ok(placed)
    };
    let mut placed = side_by_side(booker, booker.lanes(), place).await?.concat();
    placed.sort_by_key(|(index, _)| *index);
    Ok(placed.into_iter().map(|(_, outcome)| outcome).collect())
}

/// Does several things at once; the first failure ends all.
async fn side_by_side<T, R, F>(
    booker: &Arc<Booker>,
    things: Vec<T>,
    work: impl Fn(Arc<Booker>, T) -> F,
) -> Result<Vec<R>>
where
    F: Future<Output = Result<R>> + Send + 'static,
    R: Send + 'static,
{
    let mut tasks = JoinSet::new();
    for thing in things {
        tasks.spawn(work(Arc::clone(booker), thing));
    }
    let mut done = Vec::new();
    while let Some(finished) = tasks.join_next().await {
        done.push(finished.context("a part of the import broke down")??);
    }
    Ok(done)
}
