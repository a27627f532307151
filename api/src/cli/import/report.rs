//! What is said at the end, to people or to programs.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use daybook_domain::values::ListingId;
use serde::Serialize;

use super::hotel::Hotel;
use super::ids;
use super::row::{Ending, Row};
use super::run::Importer;
use super::source::Rejected;
use super::state::RowState;
use super::step::RowIndex;

/// The summary of an import.
#[derive(Debug, Default, Serialize)]
pub(super) struct Summary {
    /// The rows read.
    rows: usize,
    /// The bookings the server holds for them, from this run and earlier ones.
    accepted: usize,
    /// The rows that make no sense.
    rejected: usize,
    /// The bookings that found no place.
    refused: usize,
    /// The bookings that an earlier run had made.
    already_present: usize,
    /// The rows refused although there should have been a place, or the other way round.
    differences: usize,
    hotels: BTreeMap<&'static str, HotelSummary>,
    /// The commands sent, without those repeated.
    commands: u64,
    retries: u64,
    /// From the first command about a booking to the last.
    seconds: f64,
    commands_per_second: f64,
    /// The last position named by an answer; queries at or after it show everything.
    position: u64,
}

/// The part of one hotel.
#[derive(Debug, Serialize)]
struct HotelSummary {
    listing_id: ListingId,
    bookings: usize,
    cancelled: usize,
    no_show: usize,
    checked_out: usize,
    cancelled_plus_no_show: usize,
}

/// A row for which the server decided otherwise than expected.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) line: u64,
    pub(super) refused: bool,
}

impl Summary {
    /// Sums up what an importer has done.
    pub(super) fn new(
        importer: &Importer,
        rejected: usize,
        already_present: usize,
        differences: usize,
        elapsed: Duration,
    ) -> Self {
        let mut summary = Self {
            rows: importer.rows().len() + rejected,
            rejected,
            already_present,
            differences,
            commands: importer.commands(),
            retries: importer.client().retries(),
            seconds: elapsed.as_secs_f64(),
            position: importer.client().position(),
            ..Self::default()
        };
        summary.commands_per_second = summary.commands as f64 / summary.seconds.max(0.001);
        for (index, row) in importer.rows().iter().enumerate() {
            summary.count(row, importer.progress().get(RowIndex(index)));
        }
        summary
    }

    /// Writes the summary to standard output, as one JSON object or as a table.
    pub(super) fn print(&self, as_json: bool) -> Result<()> {
        let text = if as_json { serde_json::to_string(self)? } else { self.table() };
        writeln!(std::io::stdout().lock(), "{text}").context("cannot write the summary")
    }

    fn count(&mut self, row: &Row, state: RowState) {
        if state == RowState::Refused {
            self.refused += 1;
            return;
        }
        self.accepted += 1;
        let hotel =
            self.hotels.entry(row.hotel.name()).or_insert_with(|| HotelSummary::new(row.hotel));
        hotel.bookings += 1;
        match state.ending() {
            Some(Ending::Cancelled) => hotel.cancelled += 1,
            Some(Ending::NoShow) => hotel.no_show += 1,
            Some(Ending::CheckedOut) => hotel.checked_out += 1,
            None => {}
        }
        hotel.cancelled_plus_no_show = hotel.cancelled + hotel.no_show;
    }

    fn table(&self) -> String {
        let mut lines = vec![format!(
            "{:<14}{:>10}{:>12}{:>10}{:>13}",
            "hotel", "bookings", "cancelled", "no-show", "checked out"
        )];
        lines.extend(self.hotels.iter().map(|(name, hotel)| {
            let HotelSummary { bookings, cancelled, no_show, checked_out, .. } = hotel;
            format!("{name:<14}{bookings:>10}{cancelled:>12}{no_show:>10}{checked_out:>13}")
        }));
        lines.push(String::new());
        let counts = [
            ("rows", self.rows),
            ("accepted", self.accepted),
            ("already present", self.already_present),
            ("rejected", self.rejected),
            ("refused", self.refused),
            ("differences", self.differences),
        ];
        lines.extend(counts.map(|(name, count)| format!("{name:<16}{count:>9}")));
        let Self { commands, seconds, commands_per_second, retries, .. } = self;
        lines.push(format!("\n{commands} commands in {seconds:.1} s: {commands_per_second:.0}/s"));
        if *retries > 0 {
            lines.push(format!("{retries} sent again"));
        }
        lines.join("\n")
    }
}

impl HotelSummary {
    fn new(hotel: Hotel) -> Self {
        Self {
            listing_id: ids::listing(hotel),
            bookings: 0,
            cancelled: 0,
            no_show: 0,
            checked_out: 0,
            cancelled_plus_no_show: 0,
        }
    }
}

/// Where the server decided otherwise than the simulation.
pub(super) fn differences(importer: &Importer, expected: &HashSet<RowIndex>) -> Vec<Difference> {
    let rows = importer.rows().iter().enumerate();
    rows.filter_map(|(index, row)| {
        let index = RowIndex(index);
        let refused = importer.progress().get(index) == RowState::Refused;
        (refused != expected.contains(&index)).then_some(Difference { line: row.line, refused })
    })
    .collect()
}

/// Writes the lines left out to a CSV file.
pub(super) fn write_rejects(path: &Path, rejected: &[Rejected]) -> Result<()> {
    let failed = || format!("cannot write {}", path.display());
    let file = File::create(path).with_context(failed)?;
    let mut writer = csv::Writer::from_writer(file);
    writer.write_record(["line", "reason"]).with_context(failed)?;
    for Rejected { line, reason } in rejected {
        writer.write_record([line.to_string(), reason.to_string()]).with_context(failed)?;
    }
    writer.flush().with_context(failed)
}
