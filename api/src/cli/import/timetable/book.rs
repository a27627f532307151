//! Has rows placed on the server, and confirms them or gives them back.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, bail};
use daybook_domain::values::{BookingId, CustomerId, ResourceId, SeriesId};
use indicatif::ProgressBar;
use reqwest::StatusCode;
use tokio::sync::Semaphore;

use super::{
    OnConflict,
    row::Row,
    wire::{CancelSeries, Conflict, NewLine, NewSeries, Refusal, SeriesView, Status},
};
use crate::cli::{
    client::{Answer, Client, Command},
    import::wire,
};

/// For how long rows are held, in minutes: an import that broke off is gone on with within a day.
const HOLD: u32 = 1_440;

/// What became of a row.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    /// Its dates are booked or held, or those of them that could be had.
    Placed(Placed),
    /// No date of it is booked, because of these.
    Refused(Vec<Conflict>),
}

/// A row whose series is on the server.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) id: SeriesId,
    /// Whether an earlier run had placed it.
    pub(super) was_there: bool,
    pub(super) view: SeriesView,
}

/// What is done with the rows that are placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Confirm,
    GiveBack,
}

/// How a series stands that an earlier run has made.
enum Standing {
    /// Nothing of it is left.
    Over,
    /// Some dates were confirmed, and the holds of others ended.
    TornApart,
    /// It is booked or held.
    There,
}

/// All that the rows share.
pub(super) struct Booker {
    client: Client,
    rows: Vec<Row>,
    customer: CustomerId,
    on_conflict: OnConflict,
    /// The end of the log when the import began.
    head: u64,
    in_flight: Semaphore,
    commands: AtomicU64,
    bar: ProgressBar,
}

impl Booker {
    /// A booker with at most `concurrency` commands under way.
    pub(super) fn new(
        client: Client,
        rows: Vec<Row>,
        (customer, on_conflict, head): (CustomerId, OnConflict, u64),
        concurrency: u16,
        bar: ProgressBar,
    ) -> Self {
        Self {
            client,
            rows,
            customer,
            on_conflict,
            head,
            in_flight: Semaphore::new(concurrency.into()),
            commands: AtomicU64::new(0),
            bar,
        }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub(super) fn on_conflict(&self) -> OnConflict {
        self.on_conflict
    }

    pub(super) fn bar(&self) -> &ProgressBar {
        &self.bar
    }

    /// The last position of the log that is known: where a reader sees all that was done.
    pub(super) fn position(&self) -> u64 {
        self.head.max(self.client.position())
    }

    /// How many commands were answered.
    pub(super) fn commands(&self) -> u64 {
        self.commands.load(Ordering::Relaxed)
    }

    /// The rows of each room in their order.
    pub(super) fn lanes(&self) -> Vec<Vec<usize>> {
        let mut lanes: Vec<(ResourceId, Vec<usize>)> = Vec::new();
        for (index, row) in self.rows.iter().enumerate() {
            match lanes.iter_mut().find(|(room, _)| *room == row.room) {
                Some((_, lane)) => lane.push(index),
                None => lanes.push((row.room, vec![index])),
            }
        }
        lanes.into_iter().map(|(_, lane)| lane).collect()
    }

    /// Has a row placed, or finds what an earlier run has placed.
    pub(super) async fn place(&self, index: usize) -> Result<Outcome> {
        let row = &self.rows[index];
        let placed = self.place_row(row).await;
        self.bar.inc(1);
        placed.with_context(|| format!("line {}, {}", row.line, row.title))
    }

    async fn place_row(&self, row: &Row) -> Result<Outcome> {
        let mut attempt = 0;
        loop {
            let id = row.id(attempt);
            let Some(view) = self.view(id).await? else { return self.book(row, id).await };
            match standing(&view) {
                Standing::There => {
                    return Ok(Outcome::Placed(Placed { id, was_there: true, view }));
                }
                Standing::TornApart => self.give_back(id).await?,
                Standing::Over => {}
            }
            attempt += 1;
        }
    }

    async fn book(&self, row: &Row, id: SeriesId) -> Result<Outcome> {
        let plan = row.series.plan();
        let (hold_minutes, on_conflict) = match self.on_conflict {
            OnConflict::AllOrNothing => (Some(HOLD), "refuse"),
            OnConflict::Skip => (None, "skip_conflicts"),
        };
        let body = NewSeries {
            id,
            listing_id: row.listing,
            customer_id: self.customer,
            zone: plan.zone,
            start: plan.start,
            duration_minutes: plan.duration.get(),
            rule: plan.rule.as_str(),
            lines: [NewLine { resource_id: row.room }],
            party: row.party,
            dimensions: &row.dimensions,
            hold_minutes,
            on_conflict,
        };
        let key = format!("timetable/{id}/{on_conflict}");
        let answer = self.send("/v1/series".to_owned(), key, wire::json(&body)).await?;
        let is_there = answer.problem().is_some_and(|problem| problem.is_already_there());
        if answer.status.is_success() || is_there {
            let view = self.view(id).await?.context("the server does not know what it booked")?;
            return Ok(Outcome::Placed(Placed { id, was_there: false, view }));
        }
        match answer.refusal::<Refusal>() {
            Some(Refusal { conflicts }) if !conflicts.is_empty() => Ok(Outcome::Refused(conflicts)),
            Some(_) | None => bail!("the server answered {}", answer.describe()),
        }
    }

    /// Confirms all dates of a row that are held, or gives the row back if any is.
    pub(super) async fn finish(&self, outcome: &Outcome, phase: Phase) -> Result<()> {
        let Outcome::Placed(Placed { id, view, .. }) = outcome else { return Ok(()) };
        let open: Vec<_> = view
            .occurrences
            .iter()
            .filter_map(|date| step_of(date.status).zip(date.booking_id))
            .collect();
        match phase {
            Phase::GiveBack if open.is_empty() => Ok(()),
            Phase::GiveBack => self.give_back(*id).await,
            Phase::Confirm => {
                self.bar.inc_length(open.len() as u64);
                for (step, booking) in open {
                    self.confirm(step, booking).await?;
                    self.bar.inc(1);
                }
                Ok(())
            }
        }
    }

    async fn confirm(&self, step: &str, booking: BookingId) -> Result<()> {
        let path = format!("/v1/bookings/{booking}/{step}");
        let key = format!("timetable/{booking}/{step}");
        expect_success(&self.send(path, key, wire::json(&serde_json::json!({}))).await?)
            .with_context(|| format!("{step} of booking {booking}"))
    }

    async fn give_back(&self, id: SeriesId) -> Result<()> {
        let body = CancelSeries { scope: "all", reason: "The timetable cannot be had as a whole" };
        let path = format!("/v1/series/{id}/cancel");
        let key = format!("timetable/{id}/give-back");
        expect_success(&self.send(path, key, wire::json(&body)).await?)
            .with_context(|| format!("giving series {id} back"))
    }

    /// A series with all its dates, if it is there.
    async fn view(&self, id: SeriesId) -> Result<Option<SeriesView>> {
        let _permit = self.in_flight.acquire().await.context("the import is over")?;
        let newest = self.position();
        let answer = self.client.get(&format!("/v1/series/{id}?min_position={newest}")).await?;
        match answer.status {
            StatusCode::NOT_FOUND => Ok(None),
            _ => answer.json().map(Some),
        }
    }

    async fn send(&self, path: String, key: String, body: bytes::Bytes) -> Result<Answer> {
        let _permit = self.in_flight.acquire().await.context("the import is over")?;
        let answer = self.client.send(&Command { path, key, if_match: None, body }).await?;
        self.commands.fetch_add(1, Ordering::Relaxed);
        Ok(answer)
    }
}

fn expect_success(answer: &Answer) -> Result<()> {
    if !answer.status.is_success() {
        bail!("the server answered {}", answer.describe());
    }
    Ok(())
}

fn standing(view: &SeriesView) -> Standing {
    let any = |wanted: &[Status]| view.occurrences.iter().any(|date| wanted.contains(&date.status));
    let is_there = any(&[
        Status::Requested,
        Status::Held,
        Status::Confirmed,
        Status::CheckedIn,
        Status::Completed,
        Status::NoShow,
    ]);
    match (is_there, any(&[Status::Lapsed])) {
        (false, _) => Standing::Over,
        (true, true) => Standing::TornApart,
        (true, false) => Standing::There,
    }
}

/// What makes a booking last, if it does not yet.
fn step_of(status: Status) -> Option<&'static str> {
    match status {
        Status::Requested => Some("approve"),
        Status::Held => Some("confirm"),
        Status::Skipped
        | Status::Confirmed
        | Status::CheckedIn
        | Status::Completed
        | Status::NoShow
        | Status::Declined
        | Status::Lapsed
        | Status::Cancelled => None,
    }
}
