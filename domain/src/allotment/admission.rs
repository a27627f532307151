//! Who is let in to a session: from when on, at which gates, and whether twice.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::SessionError;
use crate::values::{Code, Minutes, TimeRange, Timestamp};

/// How people are let in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Admission {
    /// How long before the start the gates open; two hours, unless this says otherwise. They close at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_before: Option<Minutes>,
    /// Whether somebody who left may come in again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reentry: bool,
    /// The gates, each with the offers it is for; for all of them if it names none. Without gates any will do.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub gates: BTreeMap<Code, Vec<Code>>,
}

impl Admission {
    /// The most gates.
    pub const MAX_GATES: usize = 100;

    const USUAL: TimeDelta = TimeDelta::hours(2);

    /// Whether nothing is said.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// When the gates of a session open.
    pub fn opens(&self, session: TimeRange) -> Timestamp {
        let before = self
            .opens_before
            .map_or(Self::USUAL, |minutes| TimeDelta::minutes(minutes.get().into()));
        session.start() - before
    }

    /// Whether a gate is for an offer.
    pub fn allows(&self, gate: &Code, offer: &Code) -> bool {
        self.gates.is_empty()
            || self
                .gates
                .get(gate)
                .is_some_and(|offers| offers.is_empty() || offers.contains(offer))
    }

    /// Refuses gates for what is not sold.
    pub(super) fn check(&self, sold: impl Fn(&Code) -> bool) -> Result<(), SessionError> {
        if self.gates.len() > Self::MAX_GATES {
            return Err(SessionError::TooManyGates);
        }
        for (gate, offers) in &self.gates {
            if let Some(offer) = offers.iter().find(|offer| !sold(offer)) {
                let (gate, offer) = (gate.clone(), offer.clone());
                return Err(SessionError::UnknownOfferAtGate { gate, offer });
            }
        }
        Ok(())
    }

    pub(super) fn weight(&self) -> usize {
        self.gates.values().map(|offers| (2 + offers.len()) * Code::MAX).sum()
    }
}
