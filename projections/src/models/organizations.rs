//! Whose all of it is: one row per organization, its members in it.

use std::collections::BTreeMap;

use daybook_domain::{
    organization::{Event as Happened, Member, Profile, Role},
    values::{AccountId, OrganizationId, Phrase, Timestamp, replace},
};
use daybook_event_store::Position;
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, Row, postgres::PgRow};
use uuid::Uuid;

use super::column::{json, named, parsed};
use crate::{
    ProjectionError,
    engine::{Event, Fact, Model, NoSums, Poison, Rows},
    name::ModelName,
    queries::{Listed, Page, PageRequest, Queries},
};

/// An organization as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationView {
    /// Which organization.
    pub id: OrganizationId,
    /// What it says of itself.
    pub profile: Profile,
    members: BTreeMap<AccountId, Known>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// The position of its first event.
    pub created_position: Position,
    /// The sequence of its last event.
    pub sequence: i64,
    /// The position of its last event.
    pub position: Position,
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
pub(crate) struct Organizations;

impl Model for Organizations {
    const NAME: ModelName = ModelName::Organizations;
    const VERSION: i32 = 1;
    const AGGREGATES: &'static [&'static str] = &["organization"];
    const TABLES: &'static [&'static str] = &["organizations"];
    const CREATE: &'static str = r#"
CREATE TABLE organizations (
    organization_id  uuid        NOT NULL,
    name             jsonb       NOT NULL,
    contact          jsonb       NOT NULL,
    zone             text        COLLATE "C" NOT NULL,
    currency         text        COLLATE "C" NOT NULL,
    weekend          text        COLLATE "C" NOT NULL,
    members          jsonb       NOT NULL,
    created_at       timestamptz NOT NULL,
    created_position bigint      NOT NULL,
    sequence         bigint      NOT NULL,
    position         bigint      NOT NULL
)"#;
    const INDEXES: &'static str = "
ALTER TABLE organizations ADD PRIMARY KEY (organization_id);
CREATE UNIQUE INDEX organizations_by_creation ON organizations (created_position)";
    const COPY: &'static [&'static str] = &["COPY organizations FROM STDIN (FORMAT binary)"];
    type Key = OrganizationId;
    type State = OrganizationView;
    type Sum = NoSums;

    fn key(fact: &Fact) -> Option<OrganizationId> {
        if let Fact::Organization(id, _) = fact { Some(*id) } else { None }
    }

    fn evolve(
        id: &OrganizationId,
        state: &mut Option<OrganizationView>,
        event: &Event,
    ) -> Result<(), Poison> {
        let Fact::Organization(_, happened) = &event.fact else { return Ok(()) };
        if let Happened::Registered { name, contact, zone, currency, weekend, at } = happened {
            let profile = Profile {
                name: name.clone(),
                contact: contact.clone(),
                zone: *zone,
                currency: *currency,
                weekend: *weekend,
            };
            *state = Some(OrganizationView {
                id: *id,
                profile,
                members: BTreeMap::new(),
                created_at: *at,
                created_position: event.position,
                sequence: event.sequence,
                position: event.position,
            });
            return Ok(());
        }
        let organization = state.as_mut().ok_or(Poison::beginning_is_missing())?;
        change(organization, happened);
        organization.sequence = event.sequence;
        organization.position = event.position;
        Ok(())
    }

    fn encode(_: &OrganizationId, organization: &OrganizationView, tables: &mut [Rows]) {
        let profile = &organization.profile;
        tables[0]
            .row(11)
            .uuid(organization.id.as_uuid())
            .jsonb(&profile.name)
            .jsonb(&profile.contact)
            .text(profile.zone.name())
            .text(profile.currency.code())
            .text(profile.weekend.as_str())
            .jsonb(&organization.members)
            .instant(organization.created_at)
            .int8(organization.created_position.get())
            .int8(organization.sequence)
            .int8(organization.position.get());
    }

    async fn load(
        connection: &mut PgConnection,
        keys: &[OrganizationId],
    ) -> Result<Vec<(OrganizationId, OrganizationView)>, sqlx::Error> {
        let keys: Vec<Uuid> = keys.iter().map(|id| id.as_uuid()).collect();
        let rows = sqlx::query("SELECT * FROM organizations WHERE organization_id = ANY ($1)")
            .bind(keys)
            .fetch_all(connection)
            .await?;
        rows.iter().map(|row| OrganizationView::read(row).map(|found| (found.id, found))).collect()
    }

    async fn delete(
        connection: &mut PgConnection,
        keys: &[OrganizationId],
    ) -> Result<(), sqlx::Error> {
        let keys: Vec<Uuid> = keys.iter().map(|id| id.as_uuid()).collect();
        sqlx::query("DELETE FROM organizations WHERE organization_id = ANY ($1)")
            .bind(keys)
            .execute(connection)
            .await?;
        Ok(())
    }
}

fn change(organization: &mut OrganizationView, happened: &Happened) {
    match happened {
        Happened::Registered { .. } => {}
        Happened::Revised { name, contact, zone, currency, weekend, at: _ } => {
            let profile = &mut organization.profile;
            replace(&mut profile.name, name.as_ref());
            replace(&mut profile.contact, contact.as_ref());
            replace(&mut profile.zone, zone.as_ref());
            replace(&mut profile.currency, currency.as_ref());
            replace(&mut profile.weekend, weekend.as_ref());
        }
        Happened::MemberAdded { account, name, role, at: _ } => {
            let known = Known { name: name.clone(), role: *role };
            organization.members.insert(*account, known);
        }
        Happened::RoleChanged { account, role, at: _ } => {
            if let Some(known) = organization.members.get_mut(account) {
                known.role = *role;
            }
        }
        Happened::MemberRemoved { account, at: _ } => {
            organization.members.remove(account);
        }
    }
}

impl Listed for OrganizationView {
    const MODEL: ModelName = ModelName::Organizations;

    fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: OrganizationId::from_uuid(row.try_get("organization_id")?),
            profile: Profile {
                name: json(row, "name")?,
                contact: json(row, "contact")?,
                zone: parsed(row, "zone")?,
                currency: parsed(row, "currency")?,
                weekend: named(row, "weekend")?,
            },
            members: json(row, "members")?,
            created_at: row.try_get("created_at")?,
            created_position: Position::new(row.try_get("created_position")?),
            sequence: row.try_get("sequence")?,
            position: Position::new(row.try_get("position")?),
        })
    }

    fn created_position(&self) -> Position {
        self.created_position
    }
}

const LIST: &str = "
SELECT *
  FROM organizations
 WHERE $1::bigint IS NULL OR created_position > $1
 ORDER BY created_position
 LIMIT $2";

impl Queries {
    /// One organization.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn organization(
        &self,
        id: OrganizationId,
    ) -> Result<Option<OrganizationView>, ProjectionError> {
        let query = sqlx::query("SELECT * FROM organizations WHERE organization_id = $1");
        self.one(query.bind(id.as_uuid())).await
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
