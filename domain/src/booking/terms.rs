//! What is agreed in a booking, frozen when it is made.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Line, Lines, LinesError};
use crate::policy::Policy;
use crate::pricing::{Deposit, Rate};
use crate::values::{CustomerId, Dimensions, ListingId, Money, Party, Zone};
use crate::voucher::Grant;

/// What is booked, by whom and for whom, and for how much.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Raw")]
pub struct Terms {
    listing: ListingId,
    customer: CustomerId,
    zone: Zone,
    lines: Lines,
    party: Party,
    dimensions: Dimensions,
    total: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<Arc<Policy>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deposit: Option<Deposit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    voucher: Option<Box<Grant>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commission: Option<Rate>,
}

/// Why terms do not hold together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    /// The lines do not make a booking.
    #[error(transparent)]
    Lines(#[from] LinesError),
    /// The total is not the sum of the lines.
    #[error("the total {total} is not the sum of the lines, {sum}")]
    Total {
        /// The total as written.
        total: Money,
        /// What the lines cost together.
        sum: Money,
    },
}

impl Terms {
    /// Terms with the sum of their lines as the total.
    pub fn try_new(
        listing: ListingId,
        customer: CustomerId,
        zone: Zone,
        lines: Vec<Line>,
        party: Party,
        dimensions: Dimensions,
    ) -> Result<Self, TermsError> {
        let lines = Lines::try_new(lines)?;
        let total = lines.total();
        let (policy, deposit, voucher, commission) = (None, None, None, None);
        Ok(Self {
            listing,
            customer,
            zone,
            lines,
            party,
            dimensions,
            total,
            policy,
            deposit,
            voucher,
            commission,
        })
    }

    /// The same under what calling off costs, and what is to be paid when.
    #[must_use]
    pub fn under(self, policy: Option<Arc<Policy>>, deposit: Option<Deposit>) -> Self {
        Self { policy, deposit, ..self }
    }

    /// The same with what a voucher promised.
    #[must_use]
    pub fn with_voucher(self, grant: Option<Grant>) -> Self {
        Self { voucher: grant.map(Box::new), ..self }
    }

    /// The same as a sale of a partner, of which the operator earns a part.
    #[must_use]
    pub fn with_commission(self, commission: Option<Rate>) -> Self {
        Self { commission, ..self }
    }

    /// What listing is booked.
    pub fn listing(&self) -> ListingId {
        self.listing
    }

    /// Who books.
    pub fn customer(&self) -> CustomerId {
        self.customer
    }

    /// Where the wall clock of the listing hangs.
    pub fn zone(&self) -> Zone {
        self.zone
    }

    /// What is booked.
    pub fn lines(&self) -> &Lines {
        &self.lines
    }

    /// Who comes along.
    pub fn party(&self) -> Party {
        self.party
    }

    /// What reports group the booking by.
    pub fn dimensions(&self) -> &Dimensions {
        &self.dimensions
    }

    /// What it costs altogether.
    pub fn total(&self) -> Money {
        self.total
    }

    /// What calling off costs.
    pub fn policy(&self) -> Option<&Arc<Policy>> {
        self.policy.as_ref()
    }

    /// What is to be paid when.
    pub fn deposit(&self) -> Option<Deposit> {
        self.deposit
    }

    /// What a voucher promised, if one is used.
    pub fn voucher(&self) -> Option<&Grant> {
        self.voucher.as_deref()
    }

    /// What part of it the operator earns, if it is the sale of a partner.
    pub fn commission(&self) -> Option<Rate> {
        self.commission
    }
}

#[derive(Deserialize)]
#[serde(rename = "Terms")]
struct Raw {
    listing: ListingId,
    customer: CustomerId,
    zone: Zone,
    lines: Lines,
    party: Party,
    dimensions: Dimensions,
    total: Money,
    policy: Option<Arc<Policy>>,
    deposit: Option<Deposit>,
    voucher: Option<Box<Grant>>,
    commission: Option<Rate>,
}

impl TryFrom<Raw> for Terms {
    type Error = TermsError;

    fn try_from(raw: Raw) -> Result<Self, Self::Error> {
        let Raw { total, lines, .. } = raw;
        if total != lines.total() {
            return Err(TermsError::Total { total, sum: lines.total() });
        }
        Ok(Self {
            listing: raw.listing,
            customer: raw.customer,
            zone: raw.zone,
            lines,
            party: raw.party,
            dimensions: raw.dimensions,
            total,
            policy: raw.policy,
            deposit: raw.deposit,
            voucher: raw.voucher,
            commission: raw.commission,
        })
    }
}
