//! What is said at the end, to people or to programs.

use std::{io::Write as _, path::Path, time::Duration};

use anyhow::{Context, Result};
use serde::Serialize;

use super::{
    OnConflict,
    book::{Booker, Outcome, Placed},
    clash::Clash,
    row::Fault,
    wire::Status,
};

/// The report of an import.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    file: String,
    on_conflict: OnConflict,
    /// The rows that make sense.
    rows: usize,
    /// What is wrong with the others.
    faults: Vec<Fault>,
    /// The rows that are booked now, by this run or an earlier one.
    booked: usize,
    /// The rows that an earlier run had booked or held.
    already_present: usize,
    /// The rows of which no date can be had.
    refused: usize,
    /// The dates that are booked now.
    dates: usize,
    /// The dates that cannot be had, and what is in their way.
    pub(super) clashes: Vec<Clash>,
    /// The commands sent, without those repeated.
    commands: u64,
    retries: u64,
    seconds: f64,
    /// The last position named by an answer; queries at or after it show everything.
    position: u64,
}

impl Report {
    /// The report of a file that was read, before anything is booked.
    pub(super) fn new(
        file: &Path,
        on_conflict: OnConflict,
        rows: usize,
        faults: Vec<Fault>,
    ) -> Self {
        Self {
            file: file.display().to_string(),
            on_conflict,
            rows,
            faults,
            booked: 0,
            already_present: 0,
            refused: 0,
            dates: 0,
            clashes: Vec::new(),
            commands: 0,
            retries: 0,
            seconds: 0.0,
            position: 0,
        }
    }

    /// Whether rows make no sense.
    pub(super) fn has_faults(&self) -> bool {
        !self.faults.is_empty()
    }

    /// Whether rows kept the whole file from being booked.
    pub(super) fn is_refused(&self) -> bool {
        self.on_conflict == OnConflict::AllOrNothing && self.refused > 0
    }

    /// Counts what became of the rows.
    pub(super) fn finish(&mut self, booker: &Booker, outcomes: &[Outcome], elapsed: Duration) {
        let is_refusal = |outcome: &&Outcome| matches!(outcome, Outcome::Refused(_));
        self.refused = outcomes.iter().filter(is_refusal).count();
        let is_refused = self.is_refused();
        for outcome in outcomes {
            if let Outcome::Placed(placed) = outcome {
                self.count(placed, is_refused);
            }
        }
        self.commands = booker.commands();
        self.retries = booker.client().retries();
        self.seconds = elapsed.as_secs_f64();
        self.position = booker.position();
    }

    fn count(&mut self, placed: &Placed, is_refused: bool) {
        let counts = |wanted: &[Status]| {
            placed.view.occurrences.iter().filter(|date| wanted.contains(&date.status)).count()
        };
        let open = counts(&[Status::Requested, Status::Held]);
        self.already_present += usize::from(placed.was_there);
        // what was held has been given back
        if !is_refused || open == 0 {
            let lasting = [Status::Confirmed, Status::CheckedIn, Status::Completed, Status::NoShow];
            self.booked += 1;
            self.dates += open + counts(&lasting);
        }
    }

    /// Writes the report to standard output, as one JSON object or as text.
    pub(super) fn print(&self, as_json: bool) -> Result<()> {
        let text = if as_json { serde_json::to_string(self)? } else { self.text() };
        writeln!(std::io::stdout().lock(), "{text}").context("cannot write the report")
    }

    fn text(&self) -> String {
        let Self { file, rows, booked, already_present, refused, dates, .. } = self;
        let mut lines: Vec<String> = self.faults.iter().map(|fault| self.told(fault)).collect();
        lines.extend(self.clashes.iter().map(ToString::to_string));
        lines.push(format!(
            "{file}: {rows} rows, {booked} booked with {dates} dates ({already_present} were there), \
             {refused} refused, {} dates in conflict, {} mistakes",
            self.clashes.len(),
            self.faults.len()
        ));
        let Self { commands, seconds, retries, .. } = self;
        lines.push(format!("{commands} commands in {seconds:.1} s, {retries} sent again"));
        lines.join("\n")
    }

    fn told(&self, Fault { line, column, value, reason }: &Fault) -> String {
        let at = format!("{}:{line}", self.file);
        match (column, value) {
            (Some(column), Some(value)) => format!("{at}: {column} `{value}`: {reason}"),
            _ => format!("{at}: {reason}"),
        }
    }
}
