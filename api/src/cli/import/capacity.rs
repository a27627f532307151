//! Counts the nights taken as the steps are replayed: how many rooms are needed, and which bookings
//! find none when there are fewer.
//!
//! The rules are the engine's: a stay takes its nights, a day use its day; cancelling frees all of
//! them, leaving those from that day on, staying away those after that day.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use daybook_domain::values::ResourceId;

use super::plan::Stage;
use super::row::Row;
use super::step::{RowIndex, Step, StepKind};

/// A replay in progress.
pub(super) struct Simulation<'a> {
    rows: &'a [Row],
    limits: Option<BTreeMap<ResourceId, u32>>,
    taken: HashMap<(ResourceId, NaiveDate), u32>,
    outcome: Outcome,
}

/// What a replay found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    /// The most rooms in use at once, by resource.
    pub(super) peaks: BTreeMap<ResourceId, u32>,
    /// The bookings that found no place.
    pub(super) refused: HashSet<RowIndex>,
}

impl<'a> Simulation<'a> {
    /// With as many rooms as it takes.
    pub(super) fn unlimited(rows: &'a [Row]) -> Self {
        Self { rows, limits: None, taken: HashMap::new(), outcome: Outcome::default() }
    }

    /// With so many rooms by resource.
    pub(super) fn limited(rows: &'a [Row], limits: BTreeMap<ResourceId, u32>) -> Self {
        Self { limits: Some(limits), ..Self::unlimited(rows) }
    }

    /// Replays all stages in order.
    pub(super) fn replay(mut self, stages: &[Stage]) -> Outcome {
        for step in stages.iter().flat_map(|stage| &stage.lanes).flatten() {
            self.apply(*step);
        }
        self.outcome
    }

    fn apply(&mut self, step: Step) {
        if self.outcome.refused.contains(&step.row) {
            return;
        }
        match step.kind {
            StepKind::Book => self.book(step.row),
            StepKind::CheckIn => {}
            StepKind::CheckOut => self.free(step.row, |night| night >= step.day),
            StepKind::NoShow => self.free(step.row, |night| night > step.day),
            StepKind::Cancel => self.free(step.row, |_| true),
        }
    }

    fn book(&mut self, index: RowIndex) {
        let row = &self.rows[index.0];
        if let Some(limits) = &self.limits {
            let limit = limits.get(&row.resource).copied().unwrap_or(0);
            let is_full =
                |night| self.taken.get(&(row.resource, night)).copied().unwrap_or(0) >= limit;
            if row.stay.days().iter().any(is_full) {
                self.outcome.refused.insert(index);
                return;
            }
        }
        let peak = self.outcome.peaks.entry(row.resource).or_default();
        for night in row.stay.days().iter() {
            let taken = self.taken.entry((row.resource, night)).or_default();
            *taken += 1;
            *peak = (*peak).max(*taken);
        }
    }

    fn free(&mut self, index: RowIndex, frees: impl Fn(NaiveDate) -> bool) {
        let row = &self.rows[index.0];
        for night in row.stay.days().iter().filter(|night| frees(*night)) {
            if let Some(taken) = self.taken.get_mut(&(row.resource, night)) {
                *taken -= 1; // it was counted when the booking was made, and only once
            }
        }
    }
}
