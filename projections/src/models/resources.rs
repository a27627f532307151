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
use sqlx::{Row, postgres::PgRow};
use uuid::Uuid;

use super::{
    column::{json, maybe_json, maybe_parsed, minor, money, named, unreadable, unsigned},
    kept::{Each, Kept, Span, kept_in},
};
use crate::{
    ProjectionError,
    engine::{Fact, Poison, Rows},
    name::ModelName,
    queries::{Named, Page, PageRequest, Queries},
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
    /// Where in the log it is.
    pub span: Span,
}

/// The model.
pub(crate) type Resources = Each<ResourceView>;

impl Named for ResourceView {
    type Id = ResourceId;
}

impl Kept for ResourceView {
    const NAME: ModelName = ModelName::Resources;
    const VERSION: i32 = 3;
    const AGGREGATE: &'static str = "resource";
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
    kept_in!("resources", "resource_id");
    const COLUMNS: i16 = 18;
    type Happened = Happened;

    fn happened(fact: &Fact) -> Option<(ResourceId, &Happened)> {
        if let Fact::Resource(id, happened) = fact { Some((*id, happened)) } else { None }
    }

    fn begin(id: ResourceId, happened: &Happened, span: Span) -> Option<Self> {
        let Happened::Created(created) = happened else { return None };
        Some(Self {
            id,
            organization: created.organization,
            terms: created.terms.clone(),
            content: created.content.clone(),
            limits: created.limits,
            created_at: created.at,
            span,
        })
    }

    fn advance(&mut self, happened: &Happened) -> Result<(), Poison> {
        match happened {
            Happened::Created(_) | Happened::MonthOpened { .. } => {}
            Happened::Revised(revised) => revised.apply(&mut self.terms, &mut self.content),
            Happened::LimitsChanged { limits, at: _ } => self.limits = *limits,
            Happened::PriceChanged { price_per_night, at: _ } => {
                self.terms.set_price(*price_per_night);
            }
            Happened::SchedulesChanged { schedules, at: _ } => {
                self.terms.set_schedules(schedules);
            }
            Happened::StayRulesChanged { rules, at: _ } => self.terms.set_rules(rules),
        }
        Ok(())
    }

    fn encode(&self, row: &mut Rows) {
        let Parts { kind, listing, price_per_night, zone, services } = self.terms.parts();
        let services = Some(services).filter(|services| !services.is_empty());
        let schedules = self.terms.times().map(|Times { schedules, .. }| schedules);
        let rules = self.terms.nights().map(|nights| &nights.rules);
        row.maybe_uuid(self.organization.map(OrganizationId::as_uuid))
            .maybe_uuid(listing.map(ListingId::as_uuid))
            .text(kind.as_str())
            .jsonb(&self.content.name)
            .int8(self.limits.capacity.get().into())
            .int8(self.limits.overbooking.into())
            .maybe_int8(price_per_night.map(minor))
            .maybe_text(price_per_night.map(|price| price.currency().code()))
            .maybe_text(zone.map(Zone::name))
            .maybe_jsonb(services.as_ref())
            .maybe_jsonb(schedules.filter(|schedules| !schedules.is_empty()))
            .maybe_jsonb(rules.filter(|rules| !rules.is_empty()))
            .jsonb(&self.content.attributes)
            .instant(self.created_at);
    }

    fn decode(id: ResourceId, row: &PgRow, span: Span) -> Result<Self, sqlx::Error> {
        let capacity = Capacity::try_new(unsigned(row, "capacity")?)
            .map_err(|error| unreadable("capacity", error))?;
        Ok(Self {
            id,
            organization: row
                .try_get::<Option<Uuid>, _>("organization_id")?
                .map(OrganizationId::from_uuid),
            terms: terms(row)?,
            content: Content { name: json(row, "name")?, attributes: json(row, "attributes")? },
            limits: Limits { capacity, overbooking: unsigned(row, "overbooking")? },
            created_at: row.try_get("created_at")?,
            span,
        })
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
