//! What happened to a booking.

use std::collections::{BTreeMap, BTreeSet};

use cqrs_es::DomainEvent;
use serde::{Deserialize, Serialize};

use super::{Given, Line, Lines, Terms};
use crate::values::{CancellationQuoteId, Money, Party, Reason, Timestamp};

/// What happened. Stored for good: add variants and optional fields, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It is kept until somebody approves it or declines it, or a deadline comes.
    Requested {
        /// What was asked for, by whom, for how much.
        terms: Terms,
        /// Until when.
        until: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// What was requested was agreed to.
    Approved {
        /// Until when it is held from then on; without it, it is kept for good.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
        /// When.
        at: Timestamp,
    },
    /// What was requested was turned down.
    Declined {
        /// Why, in the words of whoever turned it down.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
        /// When.
        at: Timestamp,
    },
    /// A request or a hold was given more time.
    HoldExtended {
        /// Until when, from then on.
        until: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// It is kept until a deadline.
    Held {
        /// What was booked, by whom, for how much.
        terms: Terms,
        /// Until when.
        until: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// It is kept for good, at once.
    Booked {
        /// What was booked, by whom, for how much.
        terms: Terms,
        /// When.
        at: Timestamp,
    },
    /// What was held is kept for good.
    Confirmed {
        /// When.
        at: Timestamp,
    },
    /// Something else is booked instead.
    Amended {
        /// What is booked from now on, all of it.
        lines: Lines,
        /// Who comes along from now on.
        party: Party,
        /// What it costs from now on.
        total: Money,
        /// What the change costs, if anything was agreed about that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fee: Option<Money>,
        /// What is given back of what was paid.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refund: Option<Money>,
        /// When.
        at: Timestamp,
    },
    /// The same is booked for other times.
    Rescheduled {
        /// What is booked from now on, all of it.
        lines: Lines,
        /// What it costs from now on.
        total: Money,
        /// What the change costs, if anything was agreed about that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fee: Option<Money>,
        /// What is given back of what was paid.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refund: Option<Money>,
        /// When.
        at: Timestamp,
    },
    /// The same is booked for the same times with other resources, or in other seats.
    Moved {
        /// What is booked from now on, all of it.
        lines: Lines,
        /// What it costs from now on.
        total: Money,
        /// When.
        at: Timestamp,
    },
    /// Some lines, or some places of lines, were called off.
    LinesCancelled {
        /// Those, as they were booked.
        cancelled: Vec<Line>,
        /// What is booked from now on, all of it.
        lines: Lines,
        /// What it costs from now on.
        total: Money,
        /// Why, in the words of whoever called them off.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
        /// What is kept for them, if anything was agreed about that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fee: Option<Money>,
        /// What is given back of what was paid.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refund: Option<Money>,
        /// When.
        at: Timestamp,
    },
    /// What calling it off, or some lines of it, would cost was told.
    CancellationQuoted {
        /// What the answer is known by.
        quote: CancellationQuoteId,
        /// Which lines, counted from 0; all of them, if neither lines nor places are named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lines: Option<BTreeSet<usize>>,
        /// Which places of lines, which are counted from 0.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        places: BTreeMap<usize, Given>,
        /// What it costs by the policy, however much was paid.
        price: Money,
        /// What would be kept.
        fee: Money,
        /// What would be given back of what was paid.
        refund: Money,
        /// Until when that holds.
        valid_until: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// The guest came.
    CheckedIn {
        /// When.
        at: Timestamp,
    },
    /// The guest left.
    CheckedOut {
        /// When.
        at: Timestamp,
    },
    /// The guest did not come.
    NoShowRecorded {
        /// What is kept for it, if anything was agreed about that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fee: Option<Money>,
        /// What is given back of what was paid.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refund: Option<Money>,
        /// When.
        at: Timestamp,
    },
    /// It was called off.
    Cancelled {
        /// Why, in the words of whoever called it off.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
        /// What is kept for it, if anything was agreed about that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fee: Option<Money>,
        /// What is given back of what was paid.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refund: Option<Money>,
        /// When.
        at: Timestamp,
    },
    /// The hold ended unconfirmed.
    HoldLapsed {
        /// The deadline at which it ended.
        until: Timestamp,
        /// When that was recorded.
        at: Timestamp,
    },
}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        let name = match self {
            Self::Requested { .. } => "requested",
            Self::Approved { .. } => "approved",
            Self::Declined { .. } => "declined",
            Self::HoldExtended { .. } => "hold_extended",
            Self::Held { .. } => "held",
            Self::Booked { .. } => "booked",
            Self::Confirmed { .. } => "confirmed",
            Self::Amended { .. } => "amended",
            Self::Rescheduled { .. } => "rescheduled",
            Self::Moved { .. } => "moved",
            Self::LinesCancelled { .. } => "lines_cancelled",
            Self::CancellationQuoted { .. } => "cancellation_quoted",
            Self::CheckedIn { .. } => "checked_in",
            Self::CheckedOut { .. } => "checked_out",
            Self::NoShowRecorded { .. } => "no_show_recorded",
            Self::Cancelled { .. } => "cancelled",
            Self::HoldLapsed { .. } => "hold_lapsed",
        };
        name.to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}
