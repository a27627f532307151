//! Vouchers as they come in.

use std::collections::BTreeSet;

use chrono::SubsecRound;
use daybook_domain::{
    pricing::{Minor, Rate},
    values::{Codes, Currency, ListingId, OrganizationId, Timestamp, VoucherCode},
    voucher::{Benefit, Details, Scope, Terms, TermsError, Uses},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::blocks::VoucherBlock;
use crate::{
    bus,
    extract::CommandBody,
    patch::{MergePatch, Unchecked},
    problem::Problem,
};

/// What a voucher promises: one of `fixed_price`, `amount_off` and `percent_off`. Amounts are in the minor unit of its
/// currency.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VoucherContent {
    /// What a night, a place or a time costs, taxes apart, unless it costs less anyway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>, minimum = 0)]
    fixed_price: Option<Minor>,
    /// How much is taken off all lines together, never more than they cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>, minimum = 0, example = 5_000)]
    amount_off: Option<Minor>,
    /// Which part of each line is taken off, in basis points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u32>, maximum = 10_000)]
    percent_off: Option<Rate>,
    /// From when on it can be used; from always, unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    valid_from: Option<Timestamp>,
    /// From when on it can no longer be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    valid_until: Option<Timestamp>,
    /// Only for lines sold under these listings, instead of all of the organization.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Uuid>, required = false, max_items = 100)]
    listings: Vec<ListingId>,
    /// Only for places of these offers, whatever the session.
    #[serde(default, skip_serializing_if = "Codes::is_empty")]
    #[schema(value_type = Vec<String>, required = false, max_items = 50, example = json!(["adult"]))]
    offers: Codes,
    /// What the lines it is for come to at the least, before it takes anything off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>, minimum = 0)]
    minimum: Option<Minor>,
    /// How many bookings can use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 1_000_000, example = 50)]
    max_uses: Option<Uses>,
    /// How many bookings of one customer can use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 1_000_000)]
    max_uses_per_customer: Option<Uses>,
    /// How much it takes off in all. A booking has all of its discount or cannot use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>, minimum = 0, example = 100_000)]
    budget: Option<Minor>,
    /// Places, nights and times that are set aside until `valid_until` for whoever uses it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, max_items = 50)]
    blocks: Vec<VoucherBlock>,
}

/// A change of what a voucher promises.
pub type VoucherPatch = MergePatch<VoucherContent>;

impl VoucherContent {
    fn checked(self) -> Result<Terms, Problem> {
        let benefit = match (self.fixed_price, self.amount_off, self.percent_off) {
            (Some(price), None, None) => Benefit::FixedPrice(price),
            (None, Some(amount), None) => Benefit::AmountOff(amount),
            (None, None, Some(percent)) => Benefit::PercentOff(percent),
            (Some(_), Some(_), _) => return Err(not_one("/amount_off")),
            (None, None, None) | (_, _, Some(_)) => return Err(not_one("/percent_off")),
        };
        let mut listings = BTreeSet::new();
        for (index, listing) in self.listings.into_iter().enumerate() {
            if !listings.insert(listing) {
                return Err(Problem::bad_value(
                    format!("/listings/{index}"),
                    "the listing is there twice",
                ));
            }
        }
        let blocks = self.blocks.into_iter().enumerate();
        let blocks = blocks.map(|(index, block)| block.checked(index)).collect::<Result<_, _>>()?;
        let terms = Terms {
            benefit,
            valid_from: self.valid_from.map(|from| from.trunc_subsecs(6)),
            valid_until: self.valid_until.map(|until| until.trunc_subsecs(6)),
            scope: Scope { listings, offers: self.offers },
            minimum: self.minimum,
            max_uses: self.max_uses,
            max_uses_per_customer: self.max_uses_per_customer,
            budget: self.budget,
            blocks,
        };
        terms.checked().map_err(|error| {
            let field = match &error {
                TermsError::NeverValid | TermsError::BlocksWithoutEnd => "/valid_until".to_owned(),
                TermsError::BlockedTwice(_)
                | TermsError::BlockedInVain(_)
                | TermsError::TooManyMonths => "/blocks".to_owned(),
                TermsError::Overlapping { block } | TermsError::NoPlaces { block } => {
                    format!("/blocks/{block}")
                }
                TermsError::TooMany { what, .. } => format!("/{what}"),
            };
            Problem::bad_value(field, error.to_string())
        })
    }
}

fn not_one(field: &str) -> Problem {
    Problem::bad_value(field, "give one of `fixed_price`, `amount_off` and `percent_off`")
}

impl From<Terms> for VoucherContent {
    fn from(terms: Terms) -> Self {
        let (mut fixed_price, mut amount_off, mut percent_off) = (None, None, None);
        match terms.benefit {
            Benefit::FixedPrice(price) => fixed_price = Some(price),
            Benefit::AmountOff(amount) => amount_off = Some(amount),
            Benefit::PercentOff(percent) => percent_off = Some(percent),
        }
        Self {
            fixed_price,
            amount_off,
            percent_off,
            valid_from: terms.valid_from,
            valid_until: terms.valid_until,
            listings: terms.scope.listings.into_iter().collect(),
            offers: terms.scope.offers,
            minimum: terms.minimum,
            max_uses: terms.max_uses,
            max_uses_per_customer: terms.max_uses_per_customer,
            budget: terms.budget,
            blocks: terms.blocks.into_iter().map(VoucherBlock::from).collect(),
        }
    }
}

/// What a voucher promises once a patch is made to it.
pub(super) fn patched(patch: &VoucherPatch, present: &Details) -> Result<Terms, Problem> {
    patch.apply(&present.terms.clone().into())?.checked()
}

/// A voucher to be given out.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewVoucher {
    /// Whose it is.
    #[schema(value_type = Uuid)]
    organization_id: OrganizationId,
    /// What people type in; in whatever case, it is the same voucher.
    #[schema(value_type = String, min_length = 3, max_length = 40, example = "SUMMER10")]
    code: VoucherCode,
    /// The ISO 4217 code of the currency of its amounts, and of the bookings it is for: that of the organization, unless
    /// said.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "JOD")]
    currency: Option<Currency>,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
    #[serde(flatten)]
    #[schema(value_type = VoucherContent)]
    content: Unchecked<VoucherContent>,
}

impl NewVoucher {
    /// The voucher, if its parts fit together.
    pub(super) fn checked(self, at: Timestamp) -> Result<bus::NewVoucher, Problem> {
        Ok(bus::NewVoucher {
            organization: self.organization_id,
            code: self.code,
            currency: self.currency,
            terms: self.content.checked()?.checked()?,
            at,
        })
    }
}

impl CommandBody for NewVoucher {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}
