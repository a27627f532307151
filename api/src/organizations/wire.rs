//! Organizations as they come in and go out.

use chrono::{DateTime, Utc};
use daybook_domain::{
    invoice,
    notice::Settings,
    organization::{Member, Profile, Role},
    pricing::Rate,
    values::{
        AccountId, Contact, Currency, LocalizedText, OrganizationId, Phrase, Timestamp, Weekend,
        Zone,
    },
};
use daybook_projections::OrganizationView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    extract::CommandBody,
    keys::Right,
    patch::{MergePatch, Unchecked},
    wire::{self, NewId, chosen},
};

/// What an organization says of itself; all of it can be changed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationContent {
    /// Its name by language tag.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    name: LocalizedText,
    /// How to reach it.
    #[serde(default, skip_serializing_if = "Contact::is_empty")]
    #[schema(value_type = Option<wire::Contact>)]
    contact: Contact,
    /// The IANA zone where its wall clock hangs, unless something of its own says otherwise.
    #[schema(value_type = String, example = "Asia/Amman")]
    zone: Zone,
    /// The ISO 4217 code of the currency it sells in, unless something of its own says otherwise.
    #[schema(value_type = String, example = "JOD")]
    currency: Currency,
    /// On which days its offices are closed: `fri_sat` or `sat_sun`.
    #[schema(value_type = String, example = "fri_sat")]
    weekend: Weekend,
    /// What its customers hear of.
    #[serde(default, skip_serializing_if = "Settings::is_default")]
    #[schema(value_type = Option<NoticeSettings>)]
    notices: Settings,
    /// In whose name it invoices, and how; without it, it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<InvoicingSettings>)]
    invoicing: Option<invoice::Settings>,
}

/// What an organization's customers hear of: unless it says otherwise of everything, with a reminder a day before.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"reminder_minutes": 120, "off": ["held", "lapsed"]}))]
pub struct NoticeSettings {
    /// How long before the start customers are reminded, in minutes. Reminders that are written already stay.
    #[schema(default = 1440, maximum = 527_040)]
    reminder_minutes: Option<u32>,
    /// The kinds that nobody is told: `requested`, `held`, `confirmed`, `declined`, `changed`, `cancelled`, `lapsed`,
    /// `waiting_list_offer`, `reminder`, `no_show` or `refunded`.
    off: Option<Vec<String>>,
}

/// In whose name an organization invoices, and how.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "legal_name": "Bay Resorts Ltd.",
    "address": {"lines": ["Corniche 12"], "locality": "Aqaba", "country": "JO"},
    "tax_number": "JO-1234567",
    "prefix": "BAY",
    "language": "ar",
    "automatic": true
}))]
pub struct InvoicingSettings {
    /// The name under which it does business.
    #[schema(max_length = 200)]
    legal_name: String,
    address: wire::Address,
    /// Under which number it pays taxes.
    #[schema(max_length = 200)]
    tax_number: Option<String>,
    /// What stands before its numbers: capital letters and digits, as `BAY` in `BAY-INV-000042`.
    #[schema(max_length = 12, pattern = "^[A-Z0-9]+$")]
    prefix: Option<String>,
    /// The language, `en` or `ar`, of documents for customers of whom none is known.
    language: Option<String>,
    /// Whether invoices and credit notes are issued by themselves as bookings are confirmed, changed and called off.
    #[schema(required = false)]
    automatic: bool,
}

/// A change of what an organization says of itself.
pub type OrganizationPatch = MergePatch<OrganizationContent>;

impl From<OrganizationContent> for Profile {
    fn from(content: OrganizationContent) -> Self {
        let OrganizationContent { name, contact, zone, currency, weekend, notices, invoicing } =
            content;
        Self { name, contact, zone, currency, weekend, notices, invoicing }
    }
}

impl From<Profile> for OrganizationContent {
    fn from(profile: Profile) -> Self {
        let Profile { name, contact, zone, currency, weekend, notices, invoicing } = profile;
        Self { name, contact, zone, currency, weekend, notices, invoicing }
    }
}

/// An organization to take in.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewOrganization {
    /// The id it shall have: a UUID of version 7.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    id: Option<NewId>,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
    #[serde(flatten)]
    #[schema(value_type = OrganizationContent)]
    pub(super) content: Unchecked<OrganizationContent>,
}

impl NewOrganization {
    pub(super) fn id(&self) -> OrganizationId {
        OrganizationId::from_uuid(chosen(self.id))
    }
}

/// Somebody who shall work for an organization.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    /// The account by which they sign in.
    #[schema(value_type = Uuid)]
    id: AccountId,
    /// Their name.
    #[schema(value_type = String, max_length = 200, example = "Rania Haddad")]
    name: Phrase,
    /// What they may do: `owner`, `manager` or `staff`.
    #[schema(value_type = String, example = "manager")]
    role: Role,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

impl From<NewMember> for Member {
    fn from(new: NewMember) -> Self {
        Self { account: new.id, name: new.name, role: new.role }
    }
}

/// What a member may do from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    /// `owner`, `manager` or `staff`.
    #[schema(value_type = String, example = "manager")]
    pub(super) role: Role,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

/// What the operator earns from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"basis_points": 1500}))]
pub struct NewCommission {
    /// Which part of each sale and fee, taxes apart, in hundredths of a per cent; without it, nothing is settled with the
    /// organization.
    #[schema(value_type = Option<u32>, maximum = 10_000, example = 1500)]
    basis_points: Option<Rate>,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

impl NewCommission {
    pub(super) fn commission(&self) -> Option<Rate> {
        self.basis_points
    }
}

impl CommandBody for NewCommission {
    const RIGHT: Right = Right::Admin;

    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for NewOrganization {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for NewMember {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for NewRole {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

/// An organization as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Organization {
    id: Uuid,
    #[serde(flatten)]
    content: OrganizationContent,
    /// Who works for it.
    members: Vec<OrganizationMember>,
    /// Which part of each sale the operator earns, in hundredths of a per cent, if the organization is a partner.
    commission_basis_points: Option<u32>,
    created_at: DateTime<Utc>,
    /// The sequence of its last event, for `If-Match`.
    sequence: i64,
}

/// Somebody who works for an organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganizationMember {
    /// The account by which they sign in.
    id: Uuid,
    #[schema(value_type = String)]
    name: Phrase,
    /// What they may do: `owner`, `manager` or `staff`.
    #[schema(value_type = String, example = "owner")]
    role: Role,
}

impl From<OrganizationView> for Organization {
    fn from(view: OrganizationView) -> Self {
        let member = |member: Member| OrganizationMember {
            id: member.account.as_uuid(),
            name: member.name,
            role: member.role,
        };
        Self {
            id: view.id.as_uuid(),
            members: view.members().map(member).collect(),
            commission_basis_points: view.commission.map(Rate::get),
            content: view.profile.into(),
            created_at: view.created_at,
            sequence: view.span.sequence,
        }
    }
}
