//! What happened to a resource.

use cqrs_es::DomainEvent;
use serde::{Deserialize, Serialize};

use super::{Content, Parts, ResourceKind, Schedules, Services, StayRules, Terms, TermsError};
use crate::values::{
    Attributes, Limits, ListingId, LocalizedText, Money, Month, OrganizationId, Timestamp, Zone,
    changed, replace,
};

/// What happened. Stored for good: add variants and optional fields, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The resource was offered.
    Created(Box<Created>),
    /// Some of what it says of itself changed; what is not given stayed.
    Revised(Box<Revised>),
    /// There are more or fewer of it.
    LimitsChanged {
        /// How many there are from then on.
        limits: Limits,
        /// When.
        at: Timestamp,
    },
    /// Later bookings pay another price.
    PriceChanged {
        /// What one of it costs for a night from then on.
        price_per_night: Money,
        /// When.
        at: Timestamp,
    },
    /// It is open at other times.
    SchedulesChanged {
        /// All schedules from then on.
        schedules: Schedules,
        /// When.
        at: Timestamp,
    },
    /// Something else is asked of later stays.
    StayRulesChanged {
        /// All rules from then on.
        rules: StayRules,
        /// When.
        at: Timestamp,
    },
    /// A month began to take bookings.
    MonthOpened {
        /// The month.
        month: Month,
        /// When.
        at: Timestamp,
    },
}

/// A resource as it began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Created {
    /// Whose it is; unless said, its listing's organization.
    pub organization: Option<OrganizationId>,
    /// What it is.
    pub terms: Terms,
    /// What it says of itself.
    pub content: Content,
    /// How many there are.
    pub limits: Limits,
    /// When.
    pub at: Timestamp,
}

/// What changed about a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revised {
    /// The new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<LocalizedText>,
    /// All attributes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Attributes>,
    /// All services that somebody offers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub services: Option<Services>,
    /// When.
    pub at: Timestamp,
}

/// [`Created`] as it is stored: the kind beside what only some kinds have.
#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    listing: Option<ListingId>,
    name: LocalizedText,
    limits: Limits,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    price_per_night: Option<Money>,
    #[serde(default, skip_serializing_if = "ResourceKind::is_room_type")]
    kind: ResourceKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organization: Option<OrganizationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zone: Option<Zone>,
    #[serde(default, skip_serializing_if = "Services::is_empty")]
    services: Services,
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    attributes: Attributes,
    at: Timestamp,
}

impl TryFrom<Stored> for Created {
    type Error = TermsError;

    fn try_from(stored: Stored) -> Result<Self, TermsError> {
        let parts = Parts {
            kind: stored.kind,
            listing: stored.listing,
            price_per_night: stored.price_per_night,
            zone: stored.zone,
            services: stored.services,
        };
        Ok(Self {
            organization: stored.organization,
            terms: Terms::try_new(parts)?,
            content: Content { name: stored.name, attributes: stored.attributes },
            limits: stored.limits,
            at: stored.at,
        })
    }
}

impl From<Created> for Stored {
    fn from(created: Created) -> Self {
        let Created { organization, terms, content, limits, at } = created;
        let Parts { kind, listing, price_per_night, zone, services } = terms.parts();
        let Content { name, attributes } = content;
        Self {
            listing,
            name,
            limits,
            price_per_night,
            kind,
            organization,
            zone,
            services,
            attributes,
            at,
        }
    }
}

impl Revised {
    /// What leads from one resource to another of the same kind.
    pub(super) fn between(
        (old_services, old): (Option<&Services>, &Content),
        (services, new): (Services, Content),
        at: Timestamp,
    ) -> Self {
        Self {
            name: changed(&old.name, new.name),
            attributes: changed(&old.attributes, new.attributes),
            services: old_services.and_then(|old| changed(old, services)),
            at,
        }
    }

    /// Makes the changes.
    pub fn apply(&self, terms: &mut Terms, content: &mut Content) {
        replace(&mut content.name, self.name.as_ref());
        replace(&mut content.attributes, self.attributes.as_ref());
        if let Some(services) = terms.services_mut() {
            replace(services, self.services.as_ref());
        }
    }
}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        let name = match self {
            Self::Created(_) => "created",
            Self::Revised(_) => "revised",
            Self::LimitsChanged { .. } => "limits_changed",
            Self::PriceChanged { .. } => "price_changed",
            Self::SchedulesChanged { .. } => "schedules_changed",
            Self::StayRulesChanged { .. } => "stay_rules_changed",
            Self::MonthOpened { .. } => "month_opened",
        };
        name.to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}
