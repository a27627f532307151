//! How far each row has come.

use std::sync::atomic::{AtomicU8, Ordering};

use super::row::Ending;
use super::step::{RowIndex, StepKind};
use super::wire::Status;

/// How far one row has come on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum RowState {
    Unknown,
    Refused,
    Booked,
    CheckedIn,
    CheckedOut,
    Cancelled,
    NoShow,
}

impl RowState {
    const ALL: [Self; 7] = [
        Self::Unknown,
        Self::Refused,
        Self::Booked,
        Self::CheckedIn,
        Self::CheckedOut,
        Self::Cancelled,
        Self::NoShow,
    ];

    /// Whether a step is done, or will never be.
    pub(super) fn is_past(self, step: StepKind) -> bool {
        match self {
            Self::Unknown => false,
            Self::Refused => true,
            Self::Booked => step == StepKind::Book,
            Self::CheckedIn => matches!(step, StepKind::Book | StepKind::CheckIn),
            Self::CheckedOut => {
                matches!(step, StepKind::Book | StepKind::CheckIn | StepKind::CheckOut)
            }
            Self::Cancelled => matches!(step, StepKind::Book | StepKind::Cancel),
            Self::NoShow => matches!(step, StepKind::Book | StepKind::NoShow),
        }
    }

    /// How the booking ended, if it did.
    pub(super) fn ending(self) -> Option<Ending> {
        match self {
            Self::Unknown | Self::Refused | Self::Booked | Self::CheckedIn => None,
            Self::CheckedOut => Some(Ending::CheckedOut),
            Self::Cancelled => Some(Ending::Cancelled),
            Self::NoShow => Some(Ending::NoShow),
        }
    }
}

impl From<StepKind> for RowState {
    fn from(step: StepKind) -> Self {
        match step {
            StepKind::Book => Self::Booked,
            StepKind::CheckIn => Self::CheckedIn,
            StepKind::CheckOut => Self::CheckedOut,
            StepKind::Cancel => Self::Cancelled,
            StepKind::NoShow => Self::NoShow,
        }
    }
}

impl From<Status> for RowState {
    fn from(status: Status) -> Self {
        match status {
            // the importer makes no holds: whoever did, its next step will say what is wrong
            Status::Held | Status::Lapsed | Status::Confirmed => Self::Booked,
            Status::CheckedIn => Self::CheckedIn,
            Status::Completed => Self::CheckedOut,
            Status::Cancelled => Self::Cancelled,
            Status::NoShow => Self::NoShow,
        }
    }
}

/// The state of every row; each is written by one lane at a time.
pub(super) struct Progress(Vec<AtomicU8>);

impl Progress {
    pub(super) fn new(rows: usize) -> Self {
        let unknown = || AtomicU8::new(RowState::Unknown as u8);
        Self(std::iter::repeat_with(unknown).take(rows).collect())
    }

    pub(super) fn get(&self, row: RowIndex) -> RowState {
        RowState::ALL[usize::from(self.0[row.0].load(Ordering::Acquire))]
    }

    pub(super) fn set(&self, row: RowIndex, state: RowState) {
        self.0[row.0].store(state as u8, Ordering::Release);
    }

    /// Notes that a step is done.
    pub(super) fn advance(&self, row: RowIndex, step: StepKind) {
        self.set(row, RowState::from(step));
    }
}
