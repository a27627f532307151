//! What clients send about waiting lists.

use chrono::SubsecRound;
use daybook_domain::values::{
    CustomerId, Length, ListingId, Party, Priority, Timestamp, WaitingEntryId,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    bookings::{
        lines::{self, NewLineBody, Offering},
        wire::{PartyBody, deadline},
    },
    bus::NewWaiting,
    extract::CommandBody,
    problem::Problem,
    wire::{NewId, chosen},
};

/// Somebody who waits.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWaitingEntry {
    /// The id it shall have: a UUID of version 7. A booking that is made of it has the same id.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    id: Option<NewId>,
    /// What listing is booked.
    #[schema(value_type = Uuid)]
    listing_id: ListingId,
    /// Who waits.
    #[schema(value_type = Uuid)]
    customer_id: CustomerId,
    /// For what: a line as a booking has it, with one resource, and without seats.
    line: NewLineBody,
    /// Who is served first: 0 to 100, the higher the sooner.
    #[serde(default)]
    #[schema(value_type = u32, required = false, maximum = 100, default = 0)]
    priority: Priority,
    /// Until when they wait, if not as long as it can be had.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    wait_until: Option<Timestamp>,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

impl NewWaitingEntry {
    /// Whether the line brings its own price.
    pub(super) fn sets_prices(&self) -> bool {
        lines::set_prices(std::slice::from_ref(&self.line))
    }

    /// The listings for which whatever is free is wanted.
    pub(super) fn wanted(&self) -> Vec<ListingId> {
        lines::wanted(std::slice::from_ref(&self.line), Some(self.listing_id))
    }

    /// The entry, if its parts fit together.
    pub(super) fn checked(self, offering: &Offering, at: Timestamp) -> Result<NewWaiting, Problem> {
        let lines = lines::checked(vec![self.line], Some(self.listing_id), offering);
        let mut lines = lines.map_err(|problem| problem.relocated(in_body))?;
        let line = lines.pop().ok_or_else(|| Problem::bad_value("/line", "`line` is missing"))?;
        Ok(NewWaiting {
            id: WaitingEntryId::from_uuid(chosen(self.id)),
            listing: self.listing_id,
            customer: self.customer_id,
            line,
            priority: self.priority,
            wait_until: self.wait_until.map(|until| until.trunc_subsecs(6)),
            at,
        })
    }
}

/// Where in the body stands what is told of the only line of a booking.
pub(crate) fn in_body(field: &str) -> Option<&'static str> {
    const MEMBERS: [&str; 15] = [
        "/line/session_id",
        "/line/offer",
        "/line/seats",
        "/line/quantity",
        "/line/resource_id",
        "/line/resource_ids",
        "/line/arrival",
        "/line/departure",
        "/line/price_per_night",
        "/line/service_id",
        "/line/start",
        "/line/end",
        "/line/price",
        "/line/guests",
        "/line",
    ];
    let member = field.strip_prefix("/lines/0")?;
    let named = |known: &&str| known.strip_prefix("/line") == Some(member);
    MEMBERS.into_iter().find(named).or(Some("/line"))
}

/// Another priority.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Prioritize {
    /// Who is served first: 0 to 100, the higher the sooner.
    #[schema(value_type = u32, maximum = 100, example = 10)]
    pub(super) priority: Priority,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

/// How what is offered is booked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptOffer {
    /// Who comes along: one adult unless said otherwise.
    #[serde(default)]
    party: PartyBody,
    /// For how many minutes the places are held; confirmed at once, unless said.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 43200, example = 15)]
    hold_minutes: Option<u32>,
    /// Until when the places are held.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    hold_until: Option<Timestamp>,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

impl AcceptOffer {
    /// Who comes along, and until when it is held unless for good.
    pub(super) fn checked(self, at: Timestamp) -> Result<(Party, Option<Timestamp>), Problem> {
        let until = deadline(self.hold_minutes, self.hold_until, at)?;
        Ok((self.party.checked()?, until))
    }
}

/// The terms of a waiting list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WaitingTerms {
    /// For how many minutes something is offered: a day unless said, and never longer than it can be had.
    #[schema(value_type = u32, minimum = 1, maximum = 44640, example = 120)]
    pub(super) offer_minutes: Length,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

impl CommandBody for NewWaitingEntry {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for Prioritize {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for AcceptOffer {
    const OPTIONAL: bool = true;

    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for WaitingTerms {
    const MEDIA_TYPE: &'static str = "application/merge-patch+json";

    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}
