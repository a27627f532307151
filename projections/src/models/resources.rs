//! What bookings occupy: one row per resource.

use daybook_domain::{
    resource::Event as Happened,
    values::{Capacity, Limits, ListingId, LocalizedText, Money, ResourceId, Timestamp},
};
use daybook_event_store::Position;
use sqlx::{PgConnection, Row, postgres::PgRow};
use uuid::Uuid;

use super::column::{json, minor, money, parsed, unreadable, unsigned};
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
    /// The listing it is sold under.
    pub listing: ListingId,
    /// Its name.
    pub name: LocalizedText,
    /// How many there are.
    pub limits: Limits,
    /// What one of it costs for a night.
    pub price_per_night: Money,
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
    const VERSION: i32 = 1;
    const AGGREGATES: &'static [&'static str] = &["resource"];
    const TABLES: &'static [&'static str] = &["resources"];
    const CREATE: &'static str = r#"
CREATE TABLE resources (
    resource_id           uuid        NOT NULL,
    listing_id            uuid        NOT NULL,
    name                  jsonb       NOT NULL,
    capacity              bigint      NOT NULL,
    overbooking           bigint      NOT NULL,
    price_per_night_minor bigint      NOT NULL,
    currency              text        COLLATE "C" NOT NULL,
    created_at            timestamptz NOT NULL,
    created_position      bigint      NOT NULL,
    sequence              bigint      NOT NULL,
    position              bigint      NOT NULL
)"#;
    const INDEXES: &'static str = "
ALTER TABLE resources ADD PRIMARY KEY (resource_id);
CREATE UNIQUE INDEX resources_by_creation ON resources (created_position);
CREATE INDEX resources_by_listing ON resources (listing_id, created_position)";
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
        if let Happened::Created { listing, name, limits, price_per_night, at } = happened {
            *state = Some(ResourceView {
                id: *id,
                listing: *listing,
                name: name.clone(),
                limits: *limits,
                price_per_night: *price_per_night,
                created_at: *at,
                created_position: event.position,
                sequence: event.sequence,
                position: event.position,
            });
            return Ok(());
        }
        let resource = state.as_mut().ok_or(Poison::beginning_is_missing())?;
        match happened {
            Happened::Created { .. } | Happened::MonthOpened { .. } => {}
            Happened::LimitsChanged { limits, at: _ } => resource.limits = *limits,
            Happened::PriceChanged { price_per_night, at: _ } => {
                resource.price_per_night = *price_per_night;
            }
        }
        resource.sequence = event.sequence;
        resource.position = event.position;
        Ok(())
    }

    fn encode(_: &ResourceId, resource: &ResourceView, tables: &mut [Rows]) {
        tables[0]
            .row(11)
            .uuid(resource.id.as_uuid())
            .uuid(resource.listing.as_uuid())
            .jsonb(&resource.name)
            .int8(resource.limits.capacity.get().into())
            .int8(resource.limits.overbooking.into())
            .int8(minor(resource.price_per_night))
            .text(resource.price_per_night.currency().code())
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
            listing: ListingId::from_uuid(row.try_get("listing_id")?),
            name: json(row, "name")?,
            limits: Limits { capacity, overbooking: unsigned(row, "overbooking")? },
            price_per_night: money(row, "price_per_night_minor", parsed(row, "currency")?)?,
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
  FROM resources
 WHERE ($1::uuid IS NULL OR listing_id = $1)
   AND ($2::bigint IS NULL OR created_position > $2)
 ORDER BY created_position
 LIMIT $3";

impl Queries {
    /// One resource.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn resource(&self, id: ResourceId) -> Result<Option<ResourceView>, ProjectionError> {
        let query = sqlx::query("SELECT * FROM resources WHERE resource_id = $1");
        self.one(query.bind(id.as_uuid())).await
    }

    /// Resources in the order they were made, of one listing or of all.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn resources(
        &self,
        listing: Option<ListingId>,
        page: PageRequest,
    ) -> Result<Page<ResourceView>, ProjectionError> {
        self.page(sqlx::query(LIST).bind(listing.map(ListingId::as_uuid)), page).await
    }
}
