//! What happened to an organization.

use cqrs_es::DomainEvent;
use serde::{Deserialize, Serialize};

use super::Role;
use crate::invoice;
use crate::notice::Settings;
use crate::pricing::Rate;
use crate::values::{
    AccountId, Change, Contact, Currency, LocalizedText, Phrase, Timestamp, Weekend, Zone,
};

/// What happened. Stored for good: add variants and optional fields, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The organization was taken in.
    Registered {
        /// Its name.
        name: LocalizedText,
        /// How to reach it.
        #[serde(default, skip_serializing_if = "Contact::is_empty")]
        contact: Contact,
        /// Where its wall clock hangs, unless something of its own says otherwise.
        zone: Zone,
        /// In which currency it sells, unless something of its own says otherwise.
        currency: Currency,
        /// On which days its offices are closed.
        weekend: Weekend,
        /// What its customers hear of.
        #[serde(default, skip_serializing_if = "Settings::is_default")]
        notices: Settings,
        /// In whose name it invoices, and how.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        invoicing: Option<invoice::Settings>,
        /// When.
        at: Timestamp,
    },
    /// Some of it changed; what is not given stayed.
    Revised {
        /// The new name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<LocalizedText>,
        /// How to reach it now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        contact: Option<Contact>,
        /// The new zone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        zone: Option<Zone>,
        /// The new currency.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        currency: Option<Currency>,
        /// The new weekend.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        weekend: Option<Weekend>,
        /// What its customers hear of now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        notices: Option<Settings>,
        /// In whose name it invoices from now on, and how.
        #[serde(default, skip_serializing_if = "Change::is_kept")]
        invoicing: Change<invoice::Settings>,
        /// When.
        at: Timestamp,
    },
    /// Somebody began to work for it.
    MemberAdded {
        /// Who.
        account: AccountId,
        /// Their name.
        name: Phrase,
        /// As what.
        role: Role,
        /// When.
        at: Timestamp,
    },
    /// A member may do more or less.
    RoleChanged {
        /// Which member.
        account: AccountId,
        /// As what from then on.
        role: Role,
        /// When.
        at: Timestamp,
    },
    /// A member works for it no longer.
    MemberRemoved {
        /// Which member.
        account: AccountId,
        /// When.
        at: Timestamp,
    },
    /// Something else was agreed about what the operator earns by its sales from then on.
    CommissionSet {
        /// Which part of each sale; without it, nothing is settled with the organization.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        commission: Option<Rate>,
        /// When.
        at: Timestamp,
    },
}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        let name = match self {
            Self::Registered { .. } => "registered",
            Self::Revised { .. } => "revised",
            Self::MemberAdded { .. } => "member_added",
            Self::RoleChanged { .. } => "role_changed",
            Self::MemberRemoved { .. } => "member_removed",
            Self::CommissionSet { .. } => "commission_set",
        };
        name.to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}
