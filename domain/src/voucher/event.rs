//! What happened to a voucher.

use cqrs_es::DomainEvent;
use serde::{Deserialize, Serialize};

use super::{Benefit, Block, Scope, Terms, Uses};
use crate::pricing::Minor;
use crate::values::{
    BookingId, Change, Currency, CustomerId, Money, OrganizationId, Timestamp, VoucherCode,
    changed, replace,
};

/// What happened. Stored for good: add variants and optional fields, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was given out.
    Created {
        /// Whose it is.
        organization: OrganizationId,
        /// What people type in.
        code: VoucherCode,
        /// The currency of its amounts.
        currency: Currency,
        /// What it promises.
        terms: Box<Terms>,
        /// When.
        at: Timestamp,
    },
    /// It promises something else; what is not given stayed.
    Revised(Box<Revised>),
    /// It can no longer be used.
    Withdrawn {
        /// When.
        at: Timestamp,
    },
    /// A booking uses it.
    Used {
        /// Which booking.
        booking: BookingId,
        /// Whose.
        customer: CustomerId,
        /// How much it took off.
        given: Money,
        /// What was taken of what is set aside.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        drawn: Vec<Block>,
        /// Until when, unless for good.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
        /// When.
        at: Timestamp,
    },
    /// A booking that uses it became another.
    UseChanged {
        /// Which booking.
        booking: BookingId,
        /// How much it takes off from then on.
        given: Money,
        /// What it has from then on of what is set aside.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        drawn: Vec<Block>,
        /// When.
        at: Timestamp,
    },
    /// A booking that uses it was given more time.
    UseExtended {
        /// Which booking.
        booking: BookingId,
        /// Until when.
        until: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// A booking uses it for good.
    UseConfirmed {
        /// Which booking.
        booking: BookingId,
        /// When.
        at: Timestamp,
    },
    /// A booking uses it no more, and what it took off can be given to others.
    UseReturned {
        /// Which booking.
        booking: BookingId,
        /// How much it had taken off.
        given: Money,
        /// When.
        at: Timestamp,
    },
}

/// What changed of a voucher.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revised {
    /// What it is worth from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benefit: Option<Benefit>,
    /// From when on it can be used.
    #[serde(default, skip_serializing_if = "Change::is_kept")]
    pub valid_from: Change<Timestamp>,
    /// From when on it can no longer be used.
    #[serde(default, skip_serializing_if = "Change::is_kept")]
    pub valid_until: Change<Timestamp>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// What the lines it is for come to at the least.
    #[serde(default, skip_serializing_if = "Change::is_kept")]
    pub minimum: Change<Minor>,
    /// How often it can be used.
    #[serde(default, skip_serializing_if = "Change::is_kept")]
    pub max_uses: Change<Uses>,
    /// How often one customer can use it.
    #[serde(default, skip_serializing_if = "Change::is_kept")]
    pub max_uses_per_customer: Change<Uses>,
    /// How much it gives away in all.
    #[serde(default, skip_serializing_if = "Change::is_kept")]
    pub budget: Change<Minor>,
    /// All that is set aside for it from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocks: Option<Vec<Block>>,
    /// When.
    pub at: Timestamp,
}

impl Revised {
    /// What leads from some terms to others.
    pub(super) fn between(present: &Terms, new: Terms, at: Timestamp) -> Self {
        Self {
            benefit: changed(&present.benefit, new.benefit),
            valid_from: Change::between(present.valid_from.as_ref(), new.valid_from),
            valid_until: Change::between(present.valid_until.as_ref(), new.valid_until),
            scope: changed(&present.scope, new.scope),
            minimum: Change::between(present.minimum.as_ref(), new.minimum),
            max_uses: Change::between(present.max_uses.as_ref(), new.max_uses),
            max_uses_per_customer: Change::between(
                present.max_uses_per_customer.as_ref(),
                new.max_uses_per_customer,
            ),
            budget: Change::between(present.budget.as_ref(), new.budget),
            blocks: changed(&present.blocks, new.blocks),
            at,
        }
    }

    /// Makes the changes.
    pub fn apply(&self, terms: &mut Terms) {
        replace(&mut terms.benefit, self.benefit.as_ref());
        self.valid_from.apply(&mut terms.valid_from);
        self.valid_until.apply(&mut terms.valid_until);
        replace(&mut terms.scope, self.scope.as_ref());
        self.minimum.apply(&mut terms.minimum);
        self.max_uses.apply(&mut terms.max_uses);
        self.max_uses_per_customer.apply(&mut terms.max_uses_per_customer);
        self.budget.apply(&mut terms.budget);
        replace(&mut terms.blocks, self.blocks.as_ref());
    }
}

impl Event {
    /// Whether it is about what the voucher promises, and not about who uses it.
    pub fn changes_terms(&self) -> bool {
        match self {
            Self::Created { .. } | Self::Revised(_) | Self::Withdrawn { .. } => true,
            Self::Used { .. }
            | Self::UseChanged { .. }
            | Self::UseExtended { .. }
            | Self::UseConfirmed { .. }
            | Self::UseReturned { .. } => false,
        }
    }
}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        let name = match self {
            Self::Created { .. } => "created",
            Self::Revised(_) => "revised",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Used { .. } => "used",
            Self::UseChanged { .. } => "use_changed",
            Self::UseExtended { .. } => "use_extended",
            Self::UseConfirmed { .. } => "use_confirmed",
            Self::UseReturned { .. } => "use_returned",
        };
        name.to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}
