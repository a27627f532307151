//! What happened to a listing.

use chrono::NaiveTime;
use cqrs_es::DomainEvent;
use serde::{Deserialize, Serialize};

use super::{Content, FirstStatus, HouseTimes, ListingKind, Terms, TermsError};
use crate::values::{
    Address, Attributes, Change, Codes, Contact, Currency, Description, Images, LocalizedText,
    Location, OrganizationId, Timestamp, Zone, changed, replace,
};

/// What happened. Stored for good: add variants and optional fields, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The listing was described.
    Created(Box<Created>),
    /// Some of it changed; what is not given stayed.
    Revised(Box<Revised>),
    /// It was put on offer.
    Published {
        /// When.
        at: Timestamp,
    },
    /// It was taken off for good.
    Archived {
        /// When.
        at: Timestamp,
    },
}

/// A listing as it began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Created {
    /// Whose listing it is.
    pub organization: OrganizationId,
    /// What it sells.
    pub terms: Terms,
    /// What it says of itself.
    pub content: Content,
    /// Where its wall clock hangs.
    pub zone: Zone,
    /// In which currency it is priced.
    pub currency: Currency,
    /// Whether it was on offer at once.
    pub status: FirstStatus,
    /// When.
    pub at: Timestamp,
}

/// What changed about a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revised {
    /// The new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<LocalizedText>,
    /// The new time of arrival.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_in: Option<NaiveTime>,
    /// The new time of departure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_out: Option<NaiveTime>,
    /// The new summary.
    #[serde(default, skip_serializing_if = "Change::is_kept")]
    pub summary: Change<LocalizedText>,
    /// The new description.
    #[serde(default, skip_serializing_if = "Change::is_kept")]
    pub description: Change<Description>,
    /// All categories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub categories: Option<Codes>,
    /// All tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Codes>,
    /// All attributes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Attributes>,
    /// The new address.
    #[serde(default, skip_serializing_if = "Change::is_kept")]
    pub address: Change<Address>,
    /// The new place on the globe.
    #[serde(default, skip_serializing_if = "Change::is_kept")]
    pub location: Change<Location>,
    /// How to reach whoever looks after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// All pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<Images>,
    /// When.
    pub at: Timestamp,
}

/// [`Created`] as it is stored: the kind beside the house times that only a stay has.
#[derive(Serialize, Deserialize)]
struct Stored {
    organization: OrganizationId,
    kind: ListingKind,
    name: LocalizedText,
    zone: Zone,
    currency: Currency,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    check_in: Option<NaiveTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    check_out: Option<NaiveTime>,
    #[serde(default, skip_serializing_if = "FirstStatus::is_published")]
    status: FirstStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    summary: Option<LocalizedText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<Description>,
    #[serde(default, skip_serializing_if = "Codes::is_empty")]
    categories: Codes,
    #[serde(default, skip_serializing_if = "Codes::is_empty")]
    tags: Codes,
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    attributes: Attributes,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<Address>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    location: Option<Location>,
    #[serde(default, skip_serializing_if = "Contact::is_empty")]
    contact: Contact,
    #[serde(default, skip_serializing_if = "Images::is_empty")]
    images: Images,
    at: Timestamp,
}

impl TryFrom<Stored> for Created {
    type Error = TermsError;

    fn try_from(stored: Stored) -> Result<Self, TermsError> {
        Ok(Self {
            organization: stored.organization,
            terms: Terms::try_new(stored.kind, stored.check_in, stored.check_out)?,
            content: Content {
                name: stored.name,
                summary: stored.summary,
                description: stored.description,
                categories: stored.categories,
                tags: stored.tags,
                attributes: stored.attributes,
                address: stored.address,
                location: stored.location,
                contact: stored.contact,
                images: stored.images,
            },
            zone: stored.zone,
            currency: stored.currency,
            status: stored.status,
            at: stored.at,
        })
    }
}

impl From<Created> for Stored {
    fn from(created: Created) -> Self {
        let Created { organization, terms, content, zone, currency, status, at } = created;
        let times = terms.house_times();
        Self {
            organization,
            kind: terms.kind(),
            name: content.name,
            zone,
            currency,
            check_in: times.map(|times| times.check_in),
            check_out: times.map(|times| times.check_out),
            status,
            summary: content.summary,
            description: content.description,
            categories: content.categories,
            tags: content.tags,
            attributes: content.attributes,
            address: content.address,
            location: content.location,
            contact: content.contact,
            images: content.images,
            at,
        }
    }
}

impl Revised {
    /// What leads from one listing to another of the same kind.
    pub(super) fn between(
        (old_terms, old): (Terms, &Content),
        (terms, new): (Terms, Content),
        at: Timestamp,
    ) -> Self {
        let (before, after) = (old_terms.house_times(), terms.house_times());
        let new_time = |time: fn(HouseTimes) -> NaiveTime| {
            after.map(time).filter(|after| before.map(time) != Some(*after))
        };
        Self {
            name: changed(&old.name, new.name),
            check_in: new_time(|times| times.check_in),
            check_out: new_time(|times| times.check_out),
            summary: Change::between(old.summary.as_ref(), new.summary),
            description: Change::between(old.description.as_ref(), new.description),
            categories: changed(&old.categories, new.categories),
            tags: changed(&old.tags, new.tags),
            attributes: changed(&old.attributes, new.attributes),
            address: Change::between(old.address.as_ref(), new.address),
            location: Change::between(old.location.as_ref(), new.location),
            contact: changed(&old.contact, new.contact),
            images: changed(&old.images, new.images),
            at,
        }
    }

    /// Makes the changes.
    pub fn apply(&self, terms: &mut Terms, content: &mut Content) {
        if let Some(times) = terms.house_times_mut() {
            replace(&mut times.check_in, self.check_in.as_ref());
            replace(&mut times.check_out, self.check_out.as_ref());
        }
        replace(&mut content.name, self.name.as_ref());
        self.summary.apply(&mut content.summary);
        self.description.apply(&mut content.description);
        replace(&mut content.categories, self.categories.as_ref());
        replace(&mut content.tags, self.tags.as_ref());
        replace(&mut content.attributes, self.attributes.as_ref());
        self.address.apply(&mut content.address);
        self.location.apply(&mut content.location);
        replace(&mut content.contact, self.contact.as_ref());
        replace(&mut content.images, self.images.as_ref());
    }
}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        let name = match self {
            Self::Created(_) => "created",
            Self::Revised(_) => "revised",
            Self::Published { .. } => "published",
            Self::Archived { .. } => "archived",
        };
        name.to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}
