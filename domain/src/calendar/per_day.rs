//! Counts for the days of one month, and the compact form in which an allocation keeps them.

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::Take;
use crate::values::{DayRange, Month, Quantity};

const DAYS: usize = 31;

/// One count for every day of a month, by day of the month from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PerDay([u32; DAYS]);

/// Some days in a row with the same count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Run {
    first: u8,
    end: u8,
    count: u32,
}

/// What one booking takes: nearly always a single run, which needs no memory of its own.
pub(super) type Runs = SmallVec<[Run; 2]>;

impl PerDay {
    /// The takes summed up; days outside the month are left out.
    pub(super) fn of(takes: &[Take], month: Month) -> Self {
        let mut sum = Self::default();
        for Take { days, quantity } in takes {
            let first = days.first().max(month.first_day());
            let end = days.end().min(month.days().end());
            if first < end {
                let length = usize::try_from((end - first).num_days()).unwrap_or(0);
                let start = first.day0() as usize;
                for count in between(&mut sum.0, start, start + length) {
                    *count = count.saturating_add(quantity.get());
                }
            }
        }
        sum
    }

    /// The count of one day of the month, from 0.
    pub(super) fn get(&self, day: usize) -> u32 {
        self.0.get(day).copied().unwrap_or(0)
    }

    /// The days with their counts, as day of the month from 0.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, u32)> {
        self.0.iter().copied().enumerate()
    }

    /// Whether every count is zero.
    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|count| *count == 0)
    }

    /// Adds runs to the counts.
    pub(super) fn add(&mut self, runs: &[Run]) {
        for run in runs {
            for count in between(&mut self.0, run.first.into(), run.end.into()) {
                *count = count.saturating_add(run.count);
            }
        }
    }

    /// Takes runs off the counts.
    pub(super) fn subtract(&mut self, runs: &[Run]) {
        for run in runs {
            for count in between(&mut self.0, run.first.into(), run.end.into()) {
                *count = count.saturating_sub(run.count);
            }
        }
    }

    /// The days that count, in order, neighbours with the same count together.
    pub(super) fn runs(&self) -> Runs {
        let mut runs = Runs::new();
        for (day, count) in (0_u8..).zip(self.0) {
            match runs.last_mut() {
                Some(run) if run.end == day && run.count == count => run.end = day + 1,
                Some(_) | None if count > 0 => runs.push(Run { first: day, end: day + 1, count }),
                Some(_) | None => {}
            }
        }
        runs
    }

    /// The same as takes of a month.
    pub(super) fn takes(&self, month: Month) -> Vec<Take> {
        takes_of(&self.runs(), month)
    }
}

/// Runs as takes of a month. A count beyond the largest quantity becomes several takes.
pub(super) fn takes_of(runs: &[Run], month: Month) -> Vec<Take> {
    let mut takes = Vec::with_capacity(runs.len());
    for run in runs {
        let Some(days) = days_of(*run, month) else { continue };
        let mut left = run.count;
        while left > 0 {
            let part = left.min(Quantity::MAX.get());
            left -= part;
            let quantity = Quantity::try_new(part).unwrap_or(Quantity::ONE);
            takes.push(Take { days, quantity });
        }
    }
    takes
}

/// The date of a day of the month, from 0.
pub(super) fn date_of(day: usize, month: Month) -> NaiveDate {
    month.first_day().checked_add_days(Days::new(day as u64)).unwrap_or(month.first_day())
}

fn days_of(run: Run, month: Month) -> Option<DayRange> {
    DayRange::try_new(date_of(run.first.into(), month), date_of(run.end.into(), month)).ok()
}

fn between(counts: &mut [u32; DAYS], first: usize, end: usize) -> &mut [u32] {
    counts.get_mut(first..end).unwrap_or_default()
}
