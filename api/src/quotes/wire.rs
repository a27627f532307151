//! What clients send about quotes.

use chrono::{SubsecRound, TimeDelta};
use daybook_domain::values::{ListingId, QuoteId, Timestamp, VoucherCode};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    bookings::{
        lines::{self, AddOnBody, NewLineBody, Offering},
        wire::PartyBody,
    },
    bus::NewQuote,
    extract::CommandBody,
    problem::Problem,
    wire::{NewId, chosen, named_by},
};

/// How long a quote holds, unless it says.
const USUAL: TimeDelta = TimeDelta::minutes(30);

/// How long a quote holds at the most.
const LONGEST: TimeDelta = TimeDelta::days(30);

/// Something to be priced.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeQuote {
    /// The id it shall have: a UUID of version 7.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    id: Option<NewId>,
    /// What listing would be booked.
    #[schema(value_type = Uuid)]
    listing_id: ListingId,
    /// What would be booked.
    #[schema(min_items = 1, max_items = 50)]
    lines: Vec<NewLineBody>,
    /// Add-ons beside the lines.
    #[serde(default)]
    #[schema(required = false, max_items = 20)]
    add_ons: Vec<AddOnBody>,
    /// Who would come along: one adult unless said otherwise.
    #[serde(default)]
    party: PartyBody,
    /// The code of the voucher that would be used, in whatever case. Asking uses it not; booking does, if it still can be.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "SUMMER10")]
    voucher_code: Option<VoucherCode>,
    /// From when on it is no longer kept to: half an hour from now, if not said, and at most thirty days.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// When it was asked, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

impl CommandBody for MakeQuote {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl MakeQuote {
    /// Whether a line brings its own price.
    pub(super) fn sets_prices(&self) -> bool {
        lines::set_prices(&self.lines)
    }

    /// The listings for which whatever is free is wanted.
    pub(super) fn wanted(&self) -> Vec<ListingId> {
        lines::wanted(&self.lines, Some(self.listing_id))
    }

    /// The quote, if its parts fit together.
    pub(super) fn checked(self, offering: &Offering, at: Timestamp) -> Result<NewQuote, Problem> {
        let expires_at = self.expires_at.map_or(at + USUAL, |until| until.trunc_subsecs(6));
        if expires_at <= at || expires_at > at + LONGEST {
            let detail = "a quote expires in the future, within thirty days";
            return Err(Problem::bad_value("/expires_at", detail));
        }
        let mut lines = lines::checked(self.lines, Some(self.listing_id), offering)?;
        lines.extend(lines::add_ons(self.add_ons, lines.len())?);
        Ok(NewQuote {
            id: QuoteId::from_uuid(chosen(self.id)),
            named_by: named_by(self.id),
            listing: self.listing_id,
            lines,
            party: self.party.checked()?,
            voucher: self.voucher_code,
            expires_at,
            at,
        })
    }
}
