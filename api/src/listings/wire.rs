//! Listings as they come in and go out.

use std::sync::Arc;

use chrono::{DateTime, NaiveTime, Utc};
use daybook_domain::{
    listing::{
        Command as ListingCommand, Content, Details, Event, FirstStatus, Listing as Aggregate,
        ListingKind, Parts, Refusal, Selling, SellingError, Status, Terms, TermsError,
    },
    policy::Policy,
    pricing::{Deposit, Tariff, Taxes},
    schedule::SlotRules,
    values::{
        Address, Attributes, Codes, Contact, Currency, Description, Images, ListingId,
        LocalizedText, Location, Money, OrganizationId, Timestamp, Zone,
    },
};
use daybook_projections::ListingView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    extract::CommandBody,
    patch::{MergePatch, Unchecked},
    problem::Problem,
    wire::{self, NewId, chosen, optional_time},
};

/// What a listing says of itself; all of it can be changed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListingContent {
    /// Its name by language tag.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    name: LocalizedText,
    /// What it is, in a sentence or two, by language tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, String>>)]
    summary: Option<LocalizedText>,
    /// What it is, at length, by language tag: up to 10,000 characters each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, String>>)]
    description: Option<Description>,
    /// Under which headings it is found: codes of `a-z`, `0-9`, `-` and `_`, up to 40 characters each.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false, max_items = 50, example = json!(["concert"]))]
    categories: Codes,
    /// What else it is found by: codes as for categories.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false, max_items = 50, example = json!(["outdoor"]))]
    tags: Codes,
    /// What distinguishes it, by code: texts, numbers, `true` or `false`; up to 50.
    #[serde(default)]
    #[schema(value_type = Object, required = false, example = json!({"seats": 1200, "wheelchair": true}))]
    attributes: Attributes,
    /// Its postal address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<wire::Address>)]
    address: Option<Address>,
    /// Where it is on the globe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<wire::Location>)]
    location: Option<Location>,
    /// How to reach whoever looks after it.
    #[serde(default, skip_serializing_if = "Contact::is_empty")]
    #[schema(value_type = Option<wire::Contact>)]
    contact: Contact,
    /// Pictures of it in the order in which they are shown.
    #[serde(default)]
    #[schema(value_type = Vec<wire::Image>, required = false, max_items = 30)]
    images: Images,
    /// From when on guests may arrive: for a `stay`, and for nothing else.
    #[serde(default, deserialize_with = "optional_time", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "15:00")]
    check_in: Option<NaiveTime>,
    /// Until when guests have to leave: for a `stay`, and for nothing else.
    #[serde(default, deserialize_with = "optional_time", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "11:00")]
    check_out: Option<NaiveTime>,
    /// What is asked of the time of a booking: for a `service`, and for a `room`, whose `duration` is the least length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<wire::times::SlotRules>)]
    slots: Option<SlotRules>,
    /// What it costs for one, once: for a `service`, and for nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<wire::Money>)]
    price: Option<Money>,
    /// What one room costs for an hour: for a `room`, and for nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<wire::Money>)]
    price_per_hour: Option<Money>,
    /// Whether a booking of it waits for approval.
    #[serde(default)]
    #[schema(required = false)]
    on_request: bool,
    /// The rules of its prices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<wire::selling::Tariff>)]
    tariff: Option<Tariff>,
    /// The taxes on what it sells.
    #[serde(default)]
    #[schema(value_type = Vec<wire::selling::Tax>, required = false, max_items = 10)]
    taxes: Taxes,
    /// What calling a booking of it off costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<wire::selling::Policy>)]
    policy: Option<Arc<Policy>>,
    /// What is to be paid when booking it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<wire::selling::Deposit>)]
    deposit: Option<Deposit>,
}

/// A change of what a listing says of itself.
pub type ListingPatch = MergePatch<ListingContent>;

impl ListingContent {
    /// As the rules take it.
    fn checked(self, kind: ListingKind) -> Result<(Terms, Content), Problem> {
        let parts = Parts {
            kind,
            check_in: self.check_in,
            check_out: self.check_out,
            slots: self.slots,
            price: self.price,
            price_per_hour: self.price_per_hour,
        };
        let terms = Terms::try_new(parts).map_err(misfit)?;
        let (tariff, taxes) = (self.tariff, self.taxes);
        let selling = Selling { tariff, taxes, policy: self.policy, deposit: self.deposit };
        selling.check(kind).map_err(unsellable)?;
        let content = Content {
            name: self.name,
            summary: self.summary,
            description: self.description,
            categories: self.categories,
            tags: self.tags,
            attributes: self.attributes,
            address: self.address,
            location: self.location,
            contact: self.contact,
            images: self.images,
            selling: Arc::new(selling),
        };
        Ok((terms, content))
    }

    /// As it is shown.
    fn of(terms: Terms, content: Content, on_request: bool) -> Self {
        let Parts { kind: _, check_in, check_out, slots, price, price_per_hour } = terms.parts();
        let Selling { tariff, taxes, policy, deposit } = Arc::unwrap_or_clone(content.selling);
        Self {
            name: content.name,
            summary: content.summary,
            description: content.description,
            categories: content.categories,
            tags: content.tags,
            attributes: content.attributes,
            address: content.address,
            location: content.location,
            contact: content.contact,
            images: content.images,
            check_in,
            check_out,
            slots,
            price,
            price_per_hour,
            on_request,
            tariff,
            taxes,
            policy,
            deposit,
        }
    }
}

fn misfit(error: TermsError) -> Problem {
    let field = match error {
        TermsError::NoCheckIn | TermsError::NeedlessCheckIn => "/check_in",
        TermsError::NoCheckOut | TermsError::NeedlessCheckOut => "/check_out",
        TermsError::NeedlessSlots => "/slots",
        TermsError::NeedlessPrice => "/price",
        TermsError::NeedlessPricePerHour => "/price_per_hour",
    };
    Problem::bad_value(field, error.to_string())
}

fn unsellable(error: SellingError) -> Problem {
    let field = match error {
        SellingError::NoNights => "/policy",
    };
    Problem::bad_value(field, error.to_string())
}

/// Decides a patch on the listing as it stands.
pub(super) fn revised(
    listing: &Aggregate,
    patch: &ListingPatch,
    at: Timestamp,
) -> Result<Vec<Event>, Problem> {
    let Details { terms, content, on_request, .. } = listing.details().ok_or(Refusal::NotFound)?;
    let kind = terms.kind();
    let content = patch.apply(&ListingContent::of(*terms, content.clone(), *on_request))?;
    let on_request = content.on_request;
    let (terms, content) = content.checked(kind)?;
    let content = Box::new(content);
    Ok(listing.decide(ListingCommand::Revise { terms, content, on_request, at })?)
}

/// A listing to be made.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewListing {
    /// The id it shall have: a UUID of version 7.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    id: Option<NewId>,
    /// Whose listing it is.
    #[schema(value_type = Uuid)]
    organization_id: OrganizationId,
    /// What it sells: `stay` (nights), `experience` (tours and trips), `event`, `room` (by the hour) or `service`.
    #[schema(value_type = String, example = "stay")]
    kind: ListingKind,
    /// Whether it is on offer at once: `published`, unless said otherwise, or `draft`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "published")]
    status: FirstStatus,
    /// The IANA zone where its wall clock hangs.
    #[schema(value_type = String, example = "Africa/Cairo")]
    zone: Zone,
    /// The ISO 4217 code of the currency it is priced in.
    #[schema(value_type = String, example = "EUR")]
    currency: Currency,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
    #[serde(flatten)]
    #[schema(value_type = ListingContent)]
    content: Unchecked<ListingContent>,
}

impl NewListing {
    pub(super) fn id(&self) -> ListingId {
        ListingId::from_uuid(chosen(self.id))
    }

    pub(super) fn status(&self) -> Status {
        self.status.into()
    }

    pub(super) fn checked(self, at: Timestamp) -> Result<ListingCommand, Problem> {
        let content = self.content.checked()?;
        let on_request = content.on_request;
        let (terms, content) = content.checked(self.kind)?;
        Ok(ListingCommand::Create {
            organization: self.organization_id,
            terms,
            content: Box::new(content),
            zone: self.zone,
            currency: self.currency,
            on_request,
            status: self.status,
            at,
        })
    }
}

impl CommandBody for NewListing {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

/// A listing as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listing {
    id: Uuid,
    organization_id: Uuid,
    /// `stay`, `experience`, `event`, `room` or `service`.
    #[schema(value_type = String, example = "stay")]
    kind: ListingKind,
    /// `draft`, `published` or `archived`.
    #[schema(value_type = String, example = "published")]
    status: Status,
    #[schema(value_type = String, example = "Africa/Cairo")]
    zone: Zone,
    #[schema(value_type = String, example = "EUR")]
    currency: Currency,
    #[serde(flatten)]
    content: ListingContent,
    created_at: DateTime<Utc>,
    /// The sequence of its last event, for `If-Match`.
    sequence: i64,
}

impl From<ListingView> for Listing {
    fn from(view: ListingView) -> Self {
        Self {
            id: view.id.as_uuid(),
            organization_id: view.organization.as_uuid(),
            kind: view.terms.kind(),
            status: view.status,
            zone: view.zone,
            currency: view.currency,
            content: ListingContent::of(view.terms, view.content, view.on_request),
            created_at: view.created_at,
            sequence: view.span.sequence,
        }
    }
}
