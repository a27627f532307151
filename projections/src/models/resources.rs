//! What bookings occupy: one row per resource.

use daybook_domain::{
    resource::{
        Content, Event as Happened, Parts, ResourceKind, Schedules, Services, StayRules, Terms,
        Times,
    },
    values::{
        Capacity, Currency, Limits, ListingId, Money, OrganizationId, ResourceId, Timestamp, Zone,
    },
};
use daybook_event_store::Position;
use sqlx::{PgConnection, Row, postgres::PgRow};
use uuid::Uuid;

use super::column::{json, maybe_json, maybe_parsed, minor, money, named, unreadable, unsigned};
use crate::{
    ProjectionError,
    engine::{Event, Fact, Model, NoSums, Poison, Rows},
    name::ModelName,
    queries::{Listed, Page, PageRequest, Queries},
};

/// A resource as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceView {
    /// Which resource.
    pub id: ResourceId,
    /// Whose it is; unless said, its listing's organization.
    pub organization: Option<OrganizationId>,
    /// What it is.
    pub terms: Terms,
    /// What it says of itself.
    pub content: Content,
    /// How many there are.
    pub limits: Limits,
    /// When it was made.
    pub created_at: Timestamp,
    /// The position of its first event.
    pub created_position: Position,
    /// The sequence of its last event.
    pub sequence: i64,
    /// The position of its last event.
    pub position: Position,
}

/// The model.
pub(crate) struct Resources;

impl Model for Resources {
    const NAME: ModelName = ModelName::Resources;
    const VERSION: i32 = 3;
    const AGGREGATES: &'static [&'static str] = &["resource"];
    const TABLES: &'static [&'static str] = &["resources"];
    const CREATE: &'static str = r#"
CREATE TABLE resources (
    resource_id           uuid        NOT NULL,
    organization_id       uuid,
    listing_id            uuid,
    kind                  text        COLLATE "C" NOT NULL,
    name                  jsonb       NOT NULL,
    capacity              bigint      NOT NULL,
    overbooking           bigint      NOT NULL,
    price_per_night_minor bigint,
    currency              text        COLLATE "C",
    zone                  text        COLLATE "C",
    services              jsonb,
    schedules             jsonb,
    stay_rules            jsonb,
    attributes            jsonb       NOT NULL,
    created_at            timestamptz NOT NULL,
    created_position      bigint      NOT NULL,
    sequence              bigint      NOT NULL,
    position              bigint      NOT NULL
)"#;
    const INDEXES: &'static str = "
ALTER TABLE resources ADD PRIMARY KEY (resource_id);
CREATE UNIQUE INDEX resources_by_creation ON resources (created_position);
CREATE INDEX resources_by_listing ON resources (listing_id, created_position);
CREATE INDEX resources_by_organization ON resources (organization_id, created_position)";
    const COPY: &'static [&'static str] = &["COPY resources FROM STDIN (FORMAT binary)"];
    type Key = ResourceId;
    type State = ResourceView;
    type Sum = NoSums;

    fn key(fact: &Fact) -> Option<ResourceId> {
        if let Fact::Resource(id, _) = fact { Some(*id) } else { None }
    }

    fn evolve(
        id: &ResourceId,
        state: &mut Option<ResourceView>,
        event: &Event,
    ) -> Result<(), Poison> {
        let Fact::Resource(_, happened) = &event.fact else { return Ok(()) };
        if let Happened::Created(created) = happened {
            *state = Some(ResourceView {
                id: *id,
                organization: created.organization,
                terms: created.terms.clone(),
                content: created.content.clone(),
                limits: created.limits,
                created_at: created.at,
                created_position: event.position,
                sequence: event.sequence,
                position: event.position,
            });
            return Ok(());
        }
        let resource = state.as_mut().ok_or(Poison::beginning_is_missing())?;
        match happened {
            Happened::Created(_) | Happened::MonthOpened { .. } => {}
            Happened::Revised(revised) => revised.apply(&mut resource.terms, &mut resource.content),
            Happened::LimitsChanged { limits, at: _ } => resource.limits = *limits,
            Happened::PriceChanged { price_per_night, at: _ } => {
                resource.terms.set_price(*price_per_night);
            }
            Happened::SchedulesChanged { schedules, at: _ } => {
                resource.terms.set_schedules(schedules);
            }
            Happened::StayRulesChanged { rules, at: _ } => resource.terms.set_rules(rules),
        }
        resource.sequence = event.sequence;
        resource.position = event.position;
        Ok(())
    }

    fn encode(_: &ResourceId, resource: &ResourceView, tables: &mut [Rows]) {
        let Parts { kind, listing, price_per_night, zone, services } = resource.terms.parts();
        let services = Some(services).filter(|services| !services.is_empty());
        let schedules = resource.terms.times().map(|Times { schedules, .. }| schedules);
        let rules = resource.terms.nights().map(|nights| &nights.rules);
        tables[0]
            .row(18)
            .uuid(resource.id.as_uuid())
            .maybe_uuid(resource.organization.map(OrganizationId::as_uuid))
            .maybe_uuid(listing.map(ListingId::as_uuid))
            .text(kind.as_str())
            .jsonb(&resource.content.name)
            .int8(resource.limits.capacity.get().into())
            .int8(resource.limits.overbooking.into())
            .maybe_int8(price_per_night.map(minor))
            .maybe_text(price_per_night.map(|price| price.currency().code()))
            .maybe_text(zone.map(Zone::name))
            .maybe_jsonb(services.as_ref())
            .maybe_jsonb(schedules.filter(|schedules| !schedules.is_empty()))
            .maybe_jsonb(rules.filter(|rules| !rules.is_empty()))
            .jsonb(&resource.content.attributes)
            .instant(resource.created_at)
            .int8(resource.created_position.get())
            .int8(resource.sequence)
            .int8(resource.position.get());
    }

    async fn load(
        connection: &mut PgConnection,
        keys: &[ResourceId],
    ) -> Result<Vec<(ResourceId, ResourceView)>, sqlx::Error> {
        let keys: Vec<Uuid> = keys.iter().map(|id| id.as_uuid()).collect();
        let rows = sqlx::query("SELECT * FROM resources WHERE resource_id = ANY ($1)")
            .bind(keys)
            .fetch_all(connection)
            .await?;
        rows.iter()
            .map(|row| ResourceView::read(row).map(|resource| (resource.id, resource)))
            .collect()
    }

    async fn delete(connection: &mut PgConnection, keys: &[ResourceId]) -> Result<(), sqlx::Error> {
        let keys: Vec<Uuid> = keys.iter().map(|id| id.as_uuid()).collect();
        sqlx::query("DELETE FROM resources WHERE resource_id = ANY ($1)")
            .bind(keys)
            .execute(connection)
            .await?;
        Ok(())
    }
}

impl Listed for ResourceView {
    const MODEL: ModelName = ModelName::Resources;

    fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        let capacity = Capacity::try_new(unsigned(row, "capacity")?)
            .map_err(|error| unreadable("capacity", error))?;
        Ok(Self {
            id: ResourceId::from_uuid(row.try_get("resource_id")?),
            organization: row
                .try_get::<Option<Uuid>, _>("organization_id")?
                .map(OrganizationId::from_uuid),
            terms: terms(row)?,
            content: Content { name: json(row, "name")?, attributes: json(row, "attributes")? },
            limits: Limits { capacity, overbooking: unsigned(row, "overbooking")? },
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

fn terms(row: &PgRow) -> Result<Terms, sqlx::Error> {
    let listing: Option<Uuid> = row.try_get("listing_id")?;
    let services: Option<Services> = maybe_json(row, "services")?;
    let parts = Parts {
        kind: named(row, "kind")?,
        listing: listing.map(ListingId::from_uuid),
        price_per_night: price(row)?,
        zone: maybe_parsed(row, "zone")?,
        services: services.unwrap_or_default(),
    };
    let mut terms = Terms::try_new(parts).map_err(|error| unreadable("kind", error))?;
    if let Some(schedules) = maybe_json::<Schedules>(row, "schedules")? {
        terms.set_schedules(&schedules);
    }
    if let Some(rules) = maybe_json::<StayRules>(row, "stay_rules")? {
        terms.set_rules(&rules);
    }
    Ok(terms)
}

fn price(row: &PgRow) -> Result<Option<Money>, sqlx::Error> {
    let currency: Option<Currency> = maybe_parsed(row, "currency")?;
    currency.map(|currency| money(row, "price_per_night_minor", currency)).transpose()
}

/// Which resources are asked for; what is not given does not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResourceFilter {
    /// Only those of this organization.
    pub organization: Option<OrganizationId>,
    /// Only those of this listing.
    pub listing: Option<ListingId>,
    /// Only those of this kind.
    pub kind: Option<ResourceKind>,
}

const LIST: &str = "
SELECT *
  FROM resources
 WHERE ($1::uuid IS NULL OR organization_id = $1)
   AND ($2::uuid IS NULL OR listing_id = $2)
   AND ($3::text IS NULL OR kind = $3)
   AND ($4::bigint IS NULL OR created_position > $4)
 ORDER BY created_position
 LIMIT $5";

const OFFERING: &str = "
SELECT resource_id
  FROM resources
 WHERE services @> $1::jsonb
    OR (listing_id = $2 AND kind = 'room')
 ORDER BY created_position";

impl Queries {
    /// One resource.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn resource(&self, id: ResourceId) -> Result<Option<ResourceView>, ProjectionError> {
        let query = sqlx::query("SELECT * FROM resources WHERE resource_id = $1");
        self.one(query.bind(id.as_uuid())).await
    }

    /// What can be taken for a listing: the people who offer the service, or the rooms of the listing; in the order
    /// they were made.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn offering(&self, listing: ListingId) -> Result<Vec<ResourceId>, ProjectionError> {
        let services = serde_json::json!([listing]);
        let query = sqlx::query(OFFERING).bind(services).bind(listing.as_uuid());
        let rows = query.fetch_all(&self.pool).await?;
        let id = |row: &PgRow| row.try_get("resource_id").map(ResourceId::from_uuid);
        Ok(rows.iter().map(id).collect::<Result<_, _>>()?)
    }

    /// Resources in the order they were made.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn resources(
        &self,
        filter: ResourceFilter,
        page: PageRequest,
    ) -> Result<Page<ResourceView>, ProjectionError> {
        let query = sqlx::query(LIST)
            .bind(filter.organization.map(OrganizationId::as_uuid))
            .bind(filter.listing.map(ListingId::as_uuid))
            .bind(filter.kind.map(ResourceKind::as_str));
        self.page(query, page).await
    }
}
