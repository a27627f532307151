//! What happened to a listing.

use std::sync::Arc;

use chrono::NaiveTime;
use cqrs_es::DomainEvent;
use serde::{Deserialize, Serialize};

use super::{Content, Details, FirstStatus, ListingKind, Parts, Selling, Terms, TermsError};
use crate::policy::Policy;
use crate::pricing::{Deposit, Tariff, Taxes};
use crate::schedule::SlotRules;
use crate::values::{
    Address, Attributes, Change, Codes, Contact, Currency, Description, Images, LocalizedText,
    Location, Money, OrganizationId, Timestamp, Zone, changed, replace,
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
    /// Whether a booking of it waits for approval.
    pub on_request: bool,
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
    /// What is asked of a time.
    #[serde(default, skip_serializing_if = "Change::is_kept")]
    pub slots: Change<SlotRules>,
    /// What it costs for one, once.
    #[serde(default, skip_serializing_if = "Change::is_kept")]
    pub price: Change<Money>,
    /// What one costs for an hour.
    #[serde(default, skip_serializing_if = "Change::is_kept")]
    pub price_per_hour: Change<Money>,
    /// Whether a booking of it waits for approval from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_request: Option<bool>,
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
    /// The rules of its prices.
    #[serde(default, skip_serializing_if = "Change::is_kept")]
    pub tariff: Change<Tariff>,
    /// All taxes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taxes: Option<Taxes>,
    /// What calling off costs.
    #[serde(default, skip_serializing_if = "Change::is_kept")]
    pub policy: Change<Arc<Policy>>,
    /// What is to be paid when booking.
    #[serde(default, skip_serializing_if = "Change::is_kept")]
    pub deposit: Change<Deposit>,
    /// When.
    pub at: Timestamp,
}

/// [`Created`] as it is stored: the kind beside what only some kinds have.
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    slots: Option<SlotRules>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    price: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    price_per_hour: Option<Money>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    on_request: bool,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tariff: Option<Tariff>,
    #[serde(default, skip_serializing_if = "Taxes::is_empty")]
    taxes: Taxes,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    policy: Option<Arc<Policy>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deposit: Option<Deposit>,
    at: Timestamp,
}

impl TryFrom<Stored> for Created {
    type Error = TermsError;

    fn try_from(stored: Stored) -> Result<Self, TermsError> {
        let parts = Parts {
            kind: stored.kind,
            check_in: stored.check_in,
            check_out: stored.check_out,
            slots: stored.slots,
            price: stored.price,
            price_per_hour: stored.price_per_hour,
        };
        Ok(Self {
            organization: stored.organization,
            terms: Terms::try_new(parts)?,
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
                selling: Arc::new(Selling {
                    tariff: stored.tariff,
                    taxes: stored.taxes,
                    policy: stored.policy,
                    deposit: stored.deposit,
                }),
            },
            zone: stored.zone,
            currency: stored.currency,
            on_request: stored.on_request,
            status: stored.status,
            at: stored.at,
        })
    }
}

impl From<Created> for Stored {
    fn from(created: Created) -> Self {
        let Created { organization, terms, content, zone, currency, on_request, status, at } =
            created;
        let Parts { kind, check_in, check_out, slots, price, price_per_hour } = terms.parts();
        let Selling { tariff, taxes, policy, deposit } = Arc::unwrap_or_clone(content.selling);
        Self {
            organization,
            kind,
            name: content.name,
            zone,
            currency,
            check_in,
            check_out,
            slots,
            price,
            price_per_hour,
            on_request,
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
            tariff,
            taxes,
            policy,
            deposit,
            at,
        }
    }
}

impl Revised {
    /// What leads from one listing to another of the same kind.
    pub(super) fn between(
        present: &Details,
        terms: Terms,
        new: Content,
        on_request: bool,
        at: Timestamp,
    ) -> Self {
        let (old, before, after) = (&present.content, present.terms.parts(), terms.parts());
        let (sold, selling) = (&old.selling, Arc::unwrap_or_clone(new.selling));
        let new_time = |time: fn(Parts) -> Option<NaiveTime>| {
            time(after).filter(|after| time(before) != Some(*after))
        };
        Self {
            name: changed(&old.name, new.name),
            check_in: new_time(|parts| parts.check_in),
            check_out: new_time(|parts| parts.check_out),
            slots: Change::between(before.slots.as_ref(), after.slots),
            price: Change::between(before.price.as_ref(), after.price),
            price_per_hour: Change::between(before.price_per_hour.as_ref(), after.price_per_hour),
            on_request: changed(&present.on_request, on_request),
            summary: Change::between(old.summary.as_ref(), new.summary),
            description: Change::between(old.description.as_ref(), new.description),
            categories: changed(&old.categories, new.categories),
            tags: changed(&old.tags, new.tags),
            attributes: changed(&old.attributes, new.attributes),
            address: Change::between(old.address.as_ref(), new.address),
            location: Change::between(old.location.as_ref(), new.location),
            contact: changed(&old.contact, new.contact),
            images: changed(&old.images, new.images),
            tariff: Change::between(sold.tariff.as_ref(), selling.tariff),
            taxes: changed(&sold.taxes, selling.taxes),
            policy: Change::between(sold.policy.as_ref(), selling.policy),
            deposit: Change::between(sold.deposit.as_ref(), selling.deposit),
            at,
        }
    }

    /// Makes the changes.
    pub fn apply(&self, terms: &mut Terms, content: &mut Content, on_request: &mut bool) {
        self.apply_to_terms(terms);
        replace(on_request, self.on_request.as_ref());
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
        self.apply_to_selling(&mut content.selling);
    }

    fn apply_to_selling(&self, selling: &mut Arc<Selling>) {
        let Self { tariff, taxes, policy, deposit, .. } = self;
        if tariff.is_kept() && taxes.is_none() && policy.is_kept() && deposit.is_kept() {
            return;
        }
        let selling = Arc::make_mut(selling);
        tariff.apply(&mut selling.tariff);
        replace(&mut selling.taxes, taxes.as_ref());
        policy.apply(&mut selling.policy);
        deposit.apply(&mut selling.deposit);
    }

    fn apply_to_terms(&self, terms: &mut Terms) {
        match terms {
            Terms::Stay(times) => {
                replace(&mut times.check_in, self.check_in.as_ref());
                replace(&mut times.check_out, self.check_out.as_ref());
            }
            Terms::Experience | Terms::Event => {}
            Terms::Room(room) => {
                self.slots.apply(&mut room.slots);
                self.price_per_hour.apply(&mut room.price_per_hour);
            }
            Terms::Service(service) => {
                self.slots.apply(&mut service.slots);
                self.price.apply(&mut service.price);
            }
        }
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
