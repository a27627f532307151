//! The terms that a listing is sold under, besides its price.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ListingKind;
use crate::policy::Policy;
use crate::pricing::{Deposit, Tariff, Taxes};

/// The rules of a listing's prices, its taxes, what calling off costs, and what is to be paid when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selling {
    /// The rules that turn a base price into what a line costs.
    pub tariff: Option<Tariff>,
    /// The taxes.
    pub taxes: Taxes,
    /// What calling off costs.
    pub policy: Option<Arc<Policy>>,
    /// What is to be paid when booking.
    pub deposit: Option<Deposit>,
}

/// Why the terms are not for such a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SellingError {
    /// The first night of what is not sold by the night.
    #[error("only a stay has a first night")]
    NoNights,
}

impl Selling {
    /// Refuses terms that a listing of this kind cannot have.
    pub fn check(&self, kind: ListingKind) -> Result<(), SellingError> {
        let counts_nights = self.policy.as_deref().is_some_and(Policy::counts_nights);
        if counts_nights && kind != ListingKind::Stay {
            return Err(SellingError::NoNights);
        }
        Ok(())
    }

    /// Whether a line costs its price and nothing else.
    pub fn is_plain(&self) -> bool {
        self.tariff.is_none() && self.taxes.is_empty()
    }

    /// About how many bytes it takes.
    pub(super) fn weight(&self) -> usize {
        let policy = self
            .policy
            .as_ref()
            .map_or(0, |policy| size_of::<Policy>() + size_of_val(policy.tiers()));
        size_of::<Self>()
            + self.tariff.as_ref().map_or(0, Tariff::weight)
            + self.taxes.weight()
            + policy
    }
}
