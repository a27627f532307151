//! Add-ons as they come in.

use std::collections::BTreeSet;

use daybook_domain::{
    add_on::{Charged, Stock, Terms},
    values::{AddOnId, ListingId, LocalizedText, Money, OrganizationId, Quantity, Timestamp},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    extract::CommandBody,
    patch::{MergePatch, Unchecked},
    problem::Problem,
    wire::{self, NewId, chosen},
};

/// The most pieces that a stock can have.
const MOST: u32 = 10_000_000;

/// What an add-on is, and what it costs.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddOnContent {
    /// What it is called, by language tag.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    name: LocalizedText,
    /// What one costs; the taxes by a rate of the listing that is booked are those of the add-on as well.
    #[schema(value_type = wire::Money)]
    price: Money,
    /// What one is paid for: `once`, unless said, `per_night`, `per_person` or `per_person_night`. By person it is for
    /// the adults and children of the party.
    #[serde(default)]
    #[schema(value_type = String, required = false, example = "once")]
    charged: Charged,
    /// How many there are in all; as many as are asked for, unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 10_000_000, example = 40)]
    stock: Option<u32>,
    /// How many there are for each day: those of the nights, if it is paid for by the night, else the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 10_000_000)]
    stock_per_day: Option<u32>,
    /// The most pieces that one booking can have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 10_000)]
    max_per_booking: Option<Quantity>,
    /// Only beside these listings, instead of all of the organization.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Uuid>, required = false, max_items = 100)]
    listings: Vec<ListingId>,
}

/// A change of what an add-on is.
pub type AddOnPatch = MergePatch<AddOnContent>;

impl AddOnContent {
    fn checked(self) -> Result<Terms, Problem> {
        let stock = match (self.stock, self.stock_per_day) {
            (None, None) => Stock::Unlimited,
            (Some(stock), None) => Stock::Total(within(stock, "/stock")?),
            (None, Some(stock)) => Stock::PerDay(within(stock, "/stock_per_day")?),
            (Some(_), Some(_)) => {
                let detail = "give `stock` or `stock_per_day`, not both";
                return Err(Problem::bad_value("/stock_per_day", detail));
            }
        };
        if self.listings.len() > Terms::MAX_LISTINGS {
            let detail = format!("there are at most {} listings", Terms::MAX_LISTINGS);
            return Err(Problem::bad_value("/listings", detail));
        }
        let mut listings = BTreeSet::new();
        for (index, listing) in self.listings.into_iter().enumerate() {
            if !listings.insert(listing) {
                let field = format!("/listings/{index}");
                return Err(Problem::bad_value(field, "the listing is there twice"));
            }
        }
        let Self { name, price, charged, max_per_booking, .. } = self;
        Ok(Terms { name, price, charged, stock, max_per_booking, listings })
    }
}

fn within(stock: u32, field: &str) -> Result<u32, Problem> {
    if stock <= MOST {
        return Ok(stock);
    }
    Err(Problem::bad_value(field, format!("a stock has at most {MOST} pieces")))
}

impl From<Terms> for AddOnContent {
    fn from(terms: Terms) -> Self {
        let Terms { name, price, charged, stock, max_per_booking, listings } = terms;
        let (mut total, mut per_day) = (None, None);
        match stock {
            Stock::Unlimited => {}
            Stock::Total(stock) => total = Some(stock),
            Stock::PerDay(stock) => per_day = Some(stock),
        }
        let listings = listings.into_iter().collect();
        Self {
            name,
            price,
            charged,
            stock: total,
            stock_per_day: per_day,
            max_per_booking,
            listings,
        }
    }
}

/// What an add-on is once a patch is made to it.
pub(super) fn patched(patch: &AddOnPatch, present: &Terms) -> Result<Terms, Problem> {
    patch.apply(&present.clone().into())?.checked()
}

/// An add-on to be offered.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewAddOn {
    /// The id it shall have: a UUID of version 7.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    id: Option<NewId>,
    /// Whose it is.
    #[schema(value_type = Uuid)]
    organization_id: OrganizationId,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
    #[serde(flatten)]
    #[schema(value_type = AddOnContent)]
    content: Unchecked<AddOnContent>,
}

impl NewAddOn {
    /// The add-on, if its parts fit together.
    pub(super) fn checked(self) -> Result<(AddOnId, OrganizationId, Terms), Problem> {
        let id = AddOnId::from_uuid(chosen(self.id));
        Ok((id, self.organization_id, self.content.checked()?.checked()?))
    }
}

impl CommandBody for NewAddOn {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}
