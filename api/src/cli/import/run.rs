//! Sends the steps: both hotels side by side, each of them stage by stage.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, bail};
use daybook_domain::values::BookingId;
use indicatif::ProgressBar;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::ids;
use super::plan::{HotelPlan, Lane, Stage};
use super::row::Row;
use super::state::{Progress, RowState};
use super::step::{RowIndex, Step, StepKind};
use super::wire::{self, Happened, NewBooking, NewLine, Status};
use crate::cli::client::{Client, Command};

/// All that the lanes share.
pub(super) struct Importer {
    client: Client,
    rows: Vec<Row>,
    progress: Progress,
    in_flight: Semaphore,
    commands: AtomicU64,
    bar: ProgressBar,
}

impl Importer {
    /// An importer with at most `concurrency` commands under way.
    pub(super) fn new(
        client: Client,
        rows: Vec<Row>,
        concurrency: usize,
        bar: ProgressBar,
    ) -> Self {
        Self {
            client,
            progress: Progress::new(rows.len()),
            rows,
            in_flight: Semaphore::new(concurrency),
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

    pub(super) fn bar(&self) -> &ProgressBar {
        &self.bar
    }

    pub(super) fn progress(&self) -> &Progress {
        &self.progress
    }

    /// How many commands were answered.
    pub(super) fn commands(&self) -> u64 {
        self.commands.load(Ordering::Relaxed)
    }

    /// Takes over what an earlier run has done. Returns how many bookings of the plan were there.
    pub(super) fn resume(&self, plan: &HotelPlan, existing: &HashMap<BookingId, Status>) -> usize {
        let mut found = 0;
        for (index, row) in self.rows.iter().enumerate().filter(|(_, row)| row.hotel == plan.hotel)
        {
            if let Some(status) = existing.get(&row.booking) {
                self.progress.set(RowIndex(index), RowState::from(*status));
                found += 1;
            }
        }
        self.keep_refusals(plan);
        found
    }

    /// How many steps of a hotel are left to do.
    pub(super) fn left(&self, plan: &HotelPlan) -> u64 {
        let steps = plan.stages.iter().flat_map(|stage| &stage.lanes).flatten();
        steps.map(|step| u64::from(!self.progress.get(step.row).is_past(step.kind))).sum()
    }

    /// Does all that is left for one hotel.
    pub(super) async fn run(self: Arc<Self>, plan: HotelPlan) -> Result<()> {
        for stage in plan.stages {
            let mut lanes = JoinSet::new();
            for lane in stage.lanes {
                if lane.iter().any(|step| !self.progress.get(step.row).is_past(step.kind)) {
                    lanes.spawn(Arc::clone(&self).run_lane(lane));
                }
            }
            // the barrier: nothing of the next stage is sent before all of this one is answered
            while let Some(finished) = lanes.join_next().await {
                finished.context("a lane of the import broke down")??;
            }
        }
        Ok(())
    }

    /// A stage begins when the one before it is over. So where an earlier run has done a step of a
    /// later stage, the bookings refused before were sent and refused: sent again they could find
    /// places that were free only later.
    fn keep_refusals(&self, plan: &HotelPlan) {
        let is_begun = |stage: &Stage| {
            stage.lanes.iter().flatten().any(|step| {
                let state = self.progress.get(step.row);
                state != RowState::Refused && state.is_past(step.kind)
            })
        };
        let Some(last_begun) = plan.stages.iter().rposition(is_begun) else { return };
        for step in plan.stages[..last_begun].iter().flat_map(|stage| &stage.lanes).flatten() {
            let was_refused = step.kind == StepKind::Book
                && plan.refused.contains(&step.row)
                && self.progress.get(step.row) == RowState::Unknown;
            if was_refused {
                self.progress.set(step.row, RowState::Refused);
            }
        }
    }

    async fn run_lane(self: Arc<Self>, lane: Lane) -> Result<()> {
        for step in lane {
            if !self.progress.get(step.row).is_past(step.kind) {
                let _permit = self.in_flight.acquire().await.context("the import is over")?;
                self.take(step).await.with_context(|| {
                    let row = &self.rows[step.row.0];
                    format!("line {}, {} of booking {}", row.line, step.kind.name(), row.booking)
                })?;
                self.bar.inc(1);
            }
        }
        Ok(())
    }

    async fn take(&self, step: Step) -> Result<()> {
        let answer = self.client.send(&self.command(step)).await?;
        self.commands.fetch_add(1, Ordering::Relaxed);
        if answer.status.is_success() {
            self.progress.advance(step.row, step.kind);
            return Ok(());
        }
        match (step.kind, answer.problem()) {
            (StepKind::Book, Some(problem)) if problem.is_sold_out() => {
                let later_steps = Step::of(step.row, &self.rows[step.row.0]).count() as u64 - 1;
                self.bar.dec_length(later_steps);
                self.progress.set(step.row, RowState::Refused);
            }
            (StepKind::Book, Some(problem)) if problem.is_already_there() => {
                self.progress.advance(step.row, step.kind);
            }
            _ => bail!("the server answered {}", answer.describe()),
        }
        Ok(())
    }

    fn command(&self, step: Step) -> Command {
        let row = &self.rows[step.row.0];
        let (booking, name) = (row.booking, step.kind.name());
        let (path, body) = match step.kind {
            StepKind::Book => ("/v1/bookings".to_owned(), wire::json(&new_booking(row, step))),
            StepKind::CheckIn | StepKind::CheckOut | StepKind::NoShow | StepKind::Cancel => {
                let happened = Happened { occurred_at: step.at() };
                (format!("/v1/bookings/{booking}/{name}"), wire::json(&happened))
            }
        };
        Command { path, key: format!("hotel-bookings/{booking}/{name}"), if_match: None, body }
    }
}

fn new_booking(row: &Row, step: Step) -> NewBooking<'_> {
    NewBooking {
        id: row.booking,
        listing_id: ids::listing(row.hotel),
        customer_id: row.customer,
        lines: [NewLine {
            resource_id: row.resource,
            arrival: row.stay.arrival(),
            departure: row.stay.departure(),
            price_per_night: row.price_per_night,
        }],
        party: row.party,
        dimensions: &row.dimensions,
        occurred_at: step.at(),
    }
}
