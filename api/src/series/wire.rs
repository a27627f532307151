//! What clients send to book a series, and what they are told.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use daybook_domain::{
    booking::Lines,
    series::Rule,
    values::{
        CustomerId, Dimensions, Length, ListingId, Money, Quantity, ResourceId, SeriesId,
        Timestamp, Zone,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    bookings::{
        lines::{Offering, one},
        wire::{DimensionsBody, PartyBody, deadline},
    },
    bus::{self, NewSeries, SeriesLine},
    extract::CommandBody,
    problem::{Conflict, Problem},
    wire::{self, NewId, chosen, named_by, wall_clock, wall_clocks},
};

/// Bookings to be made at all dates of a rule.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BookSeries {
    /// The id it shall have: a UUID of version 7.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    id: Option<NewId>,
    /// What listing is booked.
    #[schema(value_type = Uuid)]
    listing_id: ListingId,
    /// Who books.
    #[schema(value_type = Uuid)]
    customer_id: CustomerId,
    /// The IANA zone where its wall clock hangs: that of the listing, unless said otherwise.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Europe/London")]
    zone: Option<Zone>,
    /// What the wall clock shows when the first one starts; a date that the rule gives.
    #[serde(deserialize_with = "wall_clock")]
    #[schema(value_type = String, example = "2027-01-11T09:00")]
    start: NaiveDateTime,
    /// How long each of them lasts.
    #[schema(value_type = u32, minimum = 1, maximum = 44_640, example = 90)]
    duration_minutes: Length,
    /// How they recur: an RRULE of RFC 5545 that ends, by days, weeks, months or years.
    #[schema(value_type = String, max_length = 500, example = "FREQ=WEEKLY;COUNT=12")]
    rule: Rule,
    /// Dates of the rule that are left out, by their local start.
    #[serde(default, deserialize_with = "wall_clocks")]
    #[schema(value_type = Vec<String>, required = false, max_items = 1000, example = json!(["2027-02-15T09:00"]))]
    except: Vec<NaiveDateTime>,
    /// Dates besides those of the rule, by their local start.
    #[serde(default, deserialize_with = "wall_clocks")]
    #[schema(value_type = Vec<String>, required = false, max_items = 1000)]
    also: Vec<NaiveDateTime>,
    /// What is booked each time, from the start of a date to its end.
    #[schema(min_items = 1, max_items = 50)]
    lines: Vec<LineOfSeries>,
    /// Who comes along each time: one adult unless said otherwise.
    #[serde(default)]
    party: PartyBody,
    /// What reports group the bookings by.
    #[serde(default)]
    #[schema(value_type = DimensionsBody, required = false)]
    dimensions: Dimensions,
    /// For how many minutes all places are held.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 43_200, example = 1440)]
    hold_minutes: Option<u32>,
    /// Until when all places are held.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    hold_until: Option<Timestamp>,
    /// What is done if a date cannot be had: nothing is booked, unless said otherwise.
    #[serde(default)]
    on_conflict: OnConflict,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

/// What is booked at each date: a room, somebody, or something.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineOfSeries {
    /// The resource.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    resource_id: Option<ResourceId>,
    /// Or the first of these that is free, at each date anew.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 100)]
    resource_ids: Option<Vec<ResourceId>>,
    /// The service that somebody is booked for, if it is not that of the series. Without a resource, whoever offers it
    /// or whatever room of the listing is free, at each date anew.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    service_id: Option<ListingId>,
    /// How many of it.
    #[serde(default = "one")]
    #[schema(value_type = u32, minimum = 1, maximum = 10_000, default = 1)]
    quantity: Quantity,
    /// What one costs each time, if not the price of the listing (needs the right `set_price`).
    #[serde(default)]
    #[schema(value_type = Option<wire::Money>)]
    price: Option<Money>,
}

/// What is done if a date cannot be had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnConflict {
    /// Nothing at all.
    #[default]
    Refuse,
    /// Everything but that date.
    SkipConflicts,
}

impl From<OnConflict> for bus::OnConflict {
    fn from(on_conflict: OnConflict) -> Self {
        match on_conflict {
            OnConflict::Refuse => Self::Refuse,
            OnConflict::SkipConflicts => Self::Skip,
        }
    }
}

/// The answer to a series booked.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeriesBooked {
    /// The series.
    pub id: Uuid,
    /// The status of its bookings: `requested`, `held` or `confirmed`.
    #[schema(example = "confirmed")]
    pub status: String,
    /// How many dates were booked.
    pub booked: usize,
    /// How many dates were left out.
    pub skipped: usize,
    /// What all bookings cost together.
    pub total: wire::Money,
    /// Until when they are held.
    #[schema(format = DateTime)]
    pub hold_until: Option<String>,
    /// The dates that were left out and who stands in the way: up to a hundred; the series knows all.
    pub conflicts: Vec<Conflict>,
    /// The position of the command's last event.
    pub position: i64,
}

impl CommandBody for BookSeries {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl BookSeries {
    /// Whether a line brings its own price.
    pub(super) fn sets_prices(&self) -> bool {
        self.lines.iter().any(|line| line.price.is_some())
    }

    /// The services of which anybody who offers them is wanted; the listing may be one.
    pub(super) fn wanted(&self) -> Vec<ListingId> {
        let open = |line: &&LineOfSeries| line.resource_id.is_none() && line.resource_ids.is_none();
        let services = self.lines.iter().filter(open);
        let services: BTreeSet<_> =
            services.map(|line| line.service_id.unwrap_or(self.listing_id)).collect();
        services.into_iter().collect()
    }

    /// The series, as far as its parts can be checked by themselves.
    pub(super) fn checked(self, offering: &Offering, at: Timestamp) -> Result<NewSeries, Problem> {
        let until = deadline(self.hold_minutes, self.hold_until, at)?;
        if !(1..=Lines::MAX).contains(&self.lines.len()) {
            let detail = format!("a booking has 1 to {} lines", Lines::MAX);
            return Err(Problem::bad_value("/lines", detail));
        }
        let lines = self.lines.into_iter().enumerate();
        let lines = lines.map(|(index, line)| line.checked(index, self.listing_id, offering));
        Ok(NewSeries {
            id: SeriesId::from_uuid(chosen(self.id)),
            named_by: named_by(self.id),
            listing: self.listing_id,
            customer: self.customer_id,
            zone: self.zone,
            start: self.start,
            duration: self.duration_minutes,
            rule: self.rule,
            except: self.except,
            also: self.also,
            lines: lines.collect::<Result<_, _>>()?,
            party: self.party.checked()?,
            dimensions: self.dimensions,
            until,
            on_conflict: self.on_conflict.into(),
            at,
        })
    }
}

impl LineOfSeries {
    fn checked(
        self,
        index: usize,
        listing: ListingId,
        offering: &Offering,
    ) -> Result<SeriesLine, Problem> {
        let Self { resource_id, resource_ids, service_id: service, quantity, price } = self;
        let offered = service.or(Some(listing));
        let candidates = offering.candidates(index, resource_id, resource_ids, offered)?;
        Ok(SeriesLine { candidates, service, quantity, price })
    }
}
