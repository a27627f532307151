//! Whose all of it is: one row per organization, its members in it.

use std::collections::{BTreeMap, HashSet};

use daybook_domain::{
    organization::{Event as Happened, Member, Profile, Role},
    pricing::Rate,
    values::{AccountId, OrganizationId, Phrase, Timestamp, replace},
};
use serde::{Deserialize, Serialize};
use sqlx::{Row, postgres::PgRow};
use uuid::Uuid;

use super::{
    column::{json, maybe_json, named, parsed, unreadable},
    kept::{Each, Kept, Span, kept_in},
};
use crate::{
    ProjectionError,
    engine::{Fact, Poison, Rows},
    name::ModelName,
    queries::{Named, Page, PageRequest, Queries},
};

/// An organization as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationView {
    /// Which organization.
    pub id: OrganizationId,
    /// What it says of itself.
    pub profile: Profile,
    members: BTreeMap<AccountId, Known>,
    /// What part of each sale the operator earns, if the organization is a partner that is settled with.
    pub commission: Option<Rate>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// Where in the log it is.
    pub span: Span,
}

/// What is known of a member beside the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    name: Phrase,
    role: Role,
}

impl OrganizationView {
    /// Who works for it, in the order of their accounts.
    pub fn members(&self) -> impl Iterator<Item = Member> {
        self.members.iter().map(|(account, known)| Member {
            account: *account,
            name: known.name.clone(),
            role: known.role,
        })
    }
}

/// The model.
pub(crate) type Organizations = Each<OrganizationView>;

impl Named for OrganizationView {
    type Id = OrganizationId;
}

impl Kept for OrganizationView {
    const NAME: ModelName = ModelName::Organizations;
    const VERSION: i32 = 3;
    const AGGREGATE: &'static str = "organization";
    const CREATE: &'static str = r#"
CREATE TABLE organizations (
    organization_id  uuid        NOT NULL,
    name             jsonb       NOT NULL,
    contact          jsonb       NOT NULL,
    zone             text        COLLATE "C" NOT NULL,
    currency         text        COLLATE "C" NOT NULL,
    weekend          text        COLLATE "C" NOT NULL,
    notices          jsonb       NOT NULL,
    invoicing        jsonb,
    members          jsonb       NOT NULL,
    commission       bigint,
    created_at       timestamptz NOT NULL,
    created_position bigint      NOT NULL,
    sequence         bigint      NOT NULL,
    position         bigint      NOT NULL
)"#;
    const INDEXES: &'static str = "
ALTER TABLE organizations ADD PRIMARY KEY (organization_id);
CREATE UNIQUE INDEX organizations_by_creation ON organizations (created_position)";
    kept_in!("organizations", "organization_id");
    const COLUMNS: i16 = 14;
    type Happened = Happened;

    fn happened(fact: &Fact) -> Option<(OrganizationId, &Happened)> {
        if let Fact::Organization(id, happened) = fact { Some((*id, happened)) } else { None }
    }

    fn begin(id: OrganizationId, happened: &Happened, span: Span) -> Option<Self> {
        let Happened::Registered { name, contact, zone, currency, weekend, notices, invoicing, at } =
            happened
        else {
            return None;
        };
        let profile = Profile {
            name: name.clone(),
            contact: contact.clone(),
            zone: *zone,
            currency: *currency,
            weekend: *weekend,
            notices: notices.clone(),
            invoicing: invoicing.clone(),
        };
        let (members, commission) = (BTreeMap::new(), None);
        Some(Self { id, profile, members, commission, created_at: *at, span })
    }

    fn advance(&mut self, happened: &Happened) -> Result<(), Poison> {
        match happened {
            Happened::Registered { .. } => {}
            Happened::Revised {
                name,
                contact,
                zone,
                currency,
                weekend,
                notices,
                invoicing,
                at: _,
            } => {
                let profile = &mut self.profile;
                replace(&mut profile.name, name.as_ref());
                replace(&mut profile.contact, contact.as_ref());
                replace(&mut profile.zone, zone.as_ref());
                replace(&mut profile.currency, currency.as_ref());
                replace(&mut profile.weekend, weekend.as_ref());
                replace(&mut profile.notices, notices.as_ref());
                invoicing.apply(&mut profile.invoicing);
            }
            Happened::MemberAdded { account, name, role, at: _ } => {
                let known = Known { name: name.clone(), role: *role };
                self.members.insert(*account, known);
            }
            Happened::RoleChanged { account, role, at: _ } => {
                if let Some(known) = self.members.get_mut(account) {
                    known.role = *role;
                }
            }
            Happened::MemberRemoved { account, at: _ } => {
                self.members.remove(account);
            }
            Happened::CommissionSet { commission, at: _ } => self.commission = *commission,
        }
        Ok(())
    }

    fn encode(&self, row: &mut Rows) {
        let profile = &self.profile;
        row.jsonb(&profile.name)
            .jsonb(&profile.contact)
            .text(profile.zone.name())
            .text(profile.currency.code())
            .text(profile.weekend.as_str())
            .jsonb(&profile.notices)
            .maybe_jsonb(profile.invoicing.as_ref())
            .jsonb(&self.members)
            .maybe_int8(self.commission.map(|rate| rate.get().into()))
            .instant(self.created_at);
    }

    fn decode(id: OrganizationId, row: &PgRow, span: Span) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id,
            profile: Profile {
                name: json(row, "name")?,
                contact: json(row, "contact")?,
                zone: parsed(row, "zone")?,
                currency: parsed(row, "currency")?,
                weekend: named(row, "weekend")?,
                notices: json(row, "notices")?,
                invoicing: maybe_json(row, "invoicing")?,
            },
            members: json(row, "members")?,
            commission: row
                .try_get::<Option<i64>, _>("commission")?
                .map(Rate::try_new)
                .transpose()
                .map_err(|error| unreadable("commission", error))?,
            created_at: row.try_get("created_at")?,
            span,
        })
    }
}

const LIST: &str = "
SELECT *
  FROM organizations
 WHERE $1::bigint IS NULL OR created_position > $1
 ORDER BY created_position
 LIMIT $2";

const INVOICE_BY_THEMSELVES: &str = "
SELECT organization_id
  FROM organizations
 WHERE invoicing @> '{\"automatic\": true}'";

impl Queries {
    /// The organizations whose invoices are issued without anybody asking.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn organizations_that_invoice_by_themselves(
        &self,
    ) -> Result<HashSet<OrganizationId>, ProjectionError> {
        let query = sqlx::query_scalar(INVOICE_BY_THEMSELVES);
        let ids: Vec<Uuid> = query.fetch_all(&self.pool).await?;
        Ok(ids.into_iter().map(OrganizationId::from_uuid).collect())
    }

    /// Organizations in the order they were registered.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn organizations(
        &self,
        page: PageRequest,
    ) -> Result<Page<OrganizationView>, ProjectionError> {
        self.page(sqlx::query(LIST), page).await
    }
}
