//! What a quote is for, and what that costs.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::booking::{Line, Lines};
use crate::policy::Policy;
use crate::pricing::Deposit;
use crate::values::{ListingId, Party, ResourceId, Zone};
use crate::voucher::Grant;

/// What would be booked, for whom, and under which terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// What listing would be booked.
    pub listing: ListingId,
    /// Where the wall clock of the listing hangs.
    pub zone: Zone,
    /// What would be booked, with the first of several resources, and without seats that are yet to be found.
    pub lines: Lines,
    /// The lines, counted from 0, for which one of several resources would be taken.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub choices: BTreeMap<usize, Choice>,
    /// Who comes along.
    pub party: Party,
    /// What calling off would cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Arc<Policy>>,
    /// What would have to be paid when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deposit: Option<Deposit>,
    /// What a voucher promises that would be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voucher: Option<Grant>,
}

/// Several resources of which one would be taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The resources.
    pub resources: Vec<ResourceId>,
    /// Whether whoever has the fewest bookings on that date would be chosen, instead of the first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fewest_bookings: bool,
}

impl Terms {
    /// About how many bytes they take beyond their own size.
    pub(super) fn weight(&self) -> usize {
        let choices = self.choices.values().map(|choice| size_of_val(&*choice.resources));
        let voucher = self.voucher.as_ref().map_or(0, Grant::weight);
        let lines = self.lines.as_slice();
        size_of_val(lines)
            + lines.iter().map(Line::weight).sum::<usize>()
            + choices.sum::<usize>()
            + voucher
    }
}
