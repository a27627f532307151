//! Resources as they come in and go out.

use chrono::{DateTime, Utc};
use daybook_domain::{
    resource::{
        Content, Details, Parts, ResourceKind, Schedules, Services, Shape, StayRules, Terms,
    },
    values::{
        Attributes, Capacity, Limits, ListingId, LocalizedText, Money, OrganizationId, ResourceId,
        Timestamp, Zone,
    },
};
use daybook_projections::ResourceView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    bus,
    extract::CommandBody,
    patch::{MergePatch, Unchecked},
    problem::Problem,
    wire::{self, NewId, chosen},
};

/// What a resource says of itself; all of it can be changed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResourceContent {
    /// Its name by language tag.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    name: LocalizedText,
    /// What distinguishes it, by code: texts, numbers, `true` or `false`; up to 50.
    #[serde(default)]
    #[schema(value_type = Object, required = false, example = json!({"seats": 40, "projector": true}))]
    attributes: Attributes,
    /// The listings of the services that somebody offers; for `staff`, and for nothing else.
    #[serde(default, skip_serializing_if = "Services::is_empty")]
    #[schema(value_type = Vec<Uuid>, required = false, max_items = 200)]
    services: Services,
}

/// A change of what a resource says of itself.
pub type ResourcePatch = MergePatch<ResourceContent>;

impl From<ResourceContent> for (Content, Services) {
    fn from(content: ResourceContent) -> Self {
        let ResourceContent { name, attributes, services } = content;
        (Content { name, attributes }, services)
    }
}

impl From<&Details> for ResourceContent {
    fn from(details: &Details) -> Self {
        let Content { name, attributes } = details.content.clone();
        Self { name, attributes, services: details.terms.parts().services }
    }
}

/// What a resource says of itself once it is patched.
pub(super) fn patched(
    present: &Details,
    patch: &ResourcePatch,
) -> Result<(Content, Services), Problem> {
    Ok(patch.apply(&present.into())?.into())
}

/// A resource to have.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewResource {
    /// The id it shall have: a UUID of version 7.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    id: Option<NewId>,
    /// What it is: `room_type` (by the night), unless said otherwise, or `room`, `staff`, `equipment` (by the hour).
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "room_type")]
    kind: ResourceKind,
    /// The listing it belongs to; a room type always has one.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    listing_id: Option<ListingId>,
    /// Whose it is; that of the listing, if there is one.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    organization_id: Option<OrganizationId>,
    /// How many there are: the stock.
    #[schema(value_type = u32, maximum = 10_000_000, example = 12)]
    capacity: Capacity,
    /// How many more may be promised.
    #[serde(default)]
    overbooking: u32,
    /// What one of it costs for a night: for a `room_type`, and for nothing else.
    #[serde(default)]
    #[schema(value_type = Option<wire::Money>)]
    price_per_night: Option<Money>,
    /// The IANA zone where its wall clock hangs; that of the listing or the organization, unless said otherwise. A
    /// room type always keeps the time of its listing.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Europe/London")]
    zone: Option<Zone>,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
    #[serde(flatten)]
    #[schema(value_type = ResourceContent)]
    content: Unchecked<ResourceContent>,
}

impl NewResource {
    pub(super) fn checked(self, at: Timestamp) -> Result<bus::NewResource, Problem> {
        let (content, services) = self.content.checked()?.into();
        Ok(bus::NewResource {
            id: ResourceId::from_uuid(chosen(self.id)),
            organization: self.organization_id,
            parts: Parts {
                kind: self.kind,
                listing: self.listing_id,
                price_per_night: self.price_per_night,
                zone: self.zone,
                services,
            },
            content,
            limits: Limits { capacity: self.capacity, overbooking: self.overbooking },
            at,
        })
    }
}

/// How many there are from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLimits {
    /// How many there are.
    #[schema(value_type = u32, maximum = 10_000_000, example = 12)]
    capacity: Capacity,
    /// How many more may be promised.
    #[serde(default)]
    overbooking: u32,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

impl From<NewLimits> for Limits {
    fn from(new: NewLimits) -> Self {
        Self { capacity: new.capacity, overbooking: new.overbooking }
    }
}

/// What later bookings pay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPrice {
    /// What one of it costs for a night.
    #[schema(value_type = wire::Money)]
    pub(super) price_per_night: Money,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

impl CommandBody for NewResource {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for NewLimits {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for NewPrice {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

/// A resource as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Resource {
    id: Uuid,
    /// `room_type`, `room`, `staff` or `equipment`.
    #[schema(value_type = String, example = "room_type")]
    kind: ResourceKind,
    /// In what its time is counted: `nights` or `times`.
    #[schema(value_type = String, example = "nights")]
    shape: Shape,
    /// Whose it is; if not said, its listing's organization.
    organization_id: Option<Uuid>,
    /// The listing it belongs to, if any.
    listing_id: Option<Uuid>,
    #[serde(flatten)]
    content: ResourceContent,
    /// How many there are.
    #[schema(value_type = u32)]
    capacity: Capacity,
    /// How many more may be promised.
    overbooking: u32,
    /// What one of it costs for a night, if it is sold by the night.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<wire::Money>)]
    price_per_night: Option<Money>,
    /// The IANA zone where its wall clock hangs; that of its listing, if not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "Europe/London")]
    zone: Option<Zone>,
    /// When it can be taken, if it is taken by the hour; without any it never closes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<wire::times::Schedule>>)]
    schedules: Option<Schedules>,
    /// What is asked of a stay, if it is sold by the night.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<wire::times::StayRules>)]
    stay_rules: Option<StayRules>,
    created_at: DateTime<Utc>,
    /// The sequence of its last event, for `If-Match`.
    sequence: i64,
}

impl From<ResourceView> for Resource {
    fn from(view: ResourceView) -> Self {
        let Parts { kind, listing, price_per_night, zone, services } = view.terms.parts();
        let Content { name, attributes } = view.content;
        let (schedules, stay_rules) = match view.terms {
            Terms::Nights(nights) => (None, Some(nights.rules)),
            Terms::Times(times) => (Some(times.schedules), None),
        };
        Self {
            id: view.id.as_uuid(),
            kind,
            shape: kind.shape(),
            organization_id: view.organization.map(OrganizationId::as_uuid),
            listing_id: listing.map(ListingId::as_uuid),
            content: ResourceContent { name, attributes, services },
            capacity: view.limits.capacity,
            overbooking: view.limits.overbooking,
            price_per_night,
            zone,
            schedules,
            stay_rules,
            created_at: view.created_at,
            sequence: view.span.sequence,
        }
    }
}
