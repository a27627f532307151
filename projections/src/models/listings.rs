//! What can be booked: one row per listing.

use chrono::NaiveTime;
use daybook_domain::{
    listing::{Event as Happened, ListingKind},
    values::{Currency, ListingId, LocalizedText, OrganizationId, Timestamp, Zone},
};
use daybook_event_store::Position;
use sqlx::{PgConnection, Row, postgres::PgRow};
use uuid::Uuid;

use super::column::{json, named, parsed};
use crate::{
    ProjectionError,
    engine::{Event, Fact, Model, NoSums, Poison, Rows},
    name::ModelName,
    queries::{Listed, Page, PageRequest, Queries},
};

/// A listing as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListingView {
    /// Which listing.
    pub id: ListingId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// What it sells.
    pub kind: ListingKind,
    /// Its name.
    pub name: LocalizedText,
    /// Where its wall clock hangs.
    pub zone: Zone,
    /// In which currency it is priced.
    pub currency: Currency,
    /// From when on guests may arrive.
    pub check_in: NaiveTime,
    /// Until when guests have to leave.
    pub check_out: NaiveTime,
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
pub(crate) struct Listings;

impl Model for Listings {
    const NAME: ModelName = ModelName::Listings;
    const VERSION: i32 = 1;
    const AGGREGATES: &'static [&'static str] = &["listing"];
    const TABLES: &'static [&'static str] = &["listings"];
    const CREATE: &'static str = r#"
CREATE TABLE listings (
    listing_id       uuid        NOT NULL,
    organization_id  uuid        NOT NULL,
    kind             text        COLLATE "C" NOT NULL,
    name             jsonb       NOT NULL,
    zone             text        COLLATE "C" NOT NULL,
    currency         text        COLLATE "C" NOT NULL,
    check_in         time        NOT NULL,
    check_out        time        NOT NULL,
    created_at       timestamptz NOT NULL,
    created_position bigint      NOT NULL,
    sequence         bigint      NOT NULL,
    position         bigint      NOT NULL
)"#;
    const INDEXES: &'static str = "
ALTER TABLE listings ADD PRIMARY KEY (listing_id);
CREATE UNIQUE INDEX listings_by_creation ON listings (created_position);
CREATE INDEX listings_by_organization ON listings (organization_id, created_position)";
    const COPY: &'static [&'static str] = &["COPY listings FROM STDIN (FORMAT binary)"];
    type Key = ListingId;
    type State = ListingView;
    type Sum = NoSums;

    fn key(fact: &Fact) -> Option<ListingId> {
        if let Fact::Listing(id, _) = fact { Some(*id) } else { None }
    }

    fn evolve(
        id: &ListingId,
        state: &mut Option<ListingView>,
        event: &Event,
    ) -> Result<(), Poison> {
        let Fact::Listing(_, happened) = &event.fact else { return Ok(()) };
        match happened {
            Happened::Created {
                organization,
                kind,
                name,
                zone,
                currency,
                check_in,
                check_out,
                at,
            } => {
                *state = Some(ListingView {
                    id: *id,
                    organization: *organization,
                    kind: *kind,
                    name: name.clone(),
                    zone: *zone,
                    currency: *currency,
                    check_in: *check_in,
                    check_out: *check_out,
                    created_at: *at,
                    created_position: event.position,
                    sequence: event.sequence,
                    position: event.position,
                });
            }
            Happened::Revised { name, check_in, check_out, at: _ } => {
                let listing = state.as_mut().ok_or(Poison::beginning_is_missing())?;
                if let Some(name) = name {
                    listing.name = name.clone();
                }
                listing.check_in = check_in.unwrap_or(listing.check_in);
                listing.check_out = check_out.unwrap_or(listing.check_out);
                listing.sequence = event.sequence;
                listing.position = event.position;
            }
        }
        Ok(())
    }

    fn encode(_: &ListingId, listing: &ListingView, tables: &mut [Rows]) {
        let kind = match listing.kind {
            ListingKind::Stay => "stay",
        };
        tables[0]
            .row(12)
            .uuid(listing.id.as_uuid())
            .uuid(listing.organization.as_uuid())
            .text(kind)
            .jsonb(&listing.name)
            .text(listing.zone.name())
            .text(listing.currency.code())
            .time(listing.check_in)
            .time(listing.check_out)
            .instant(listing.created_at)
            .int8(listing.created_position.get())
            .int8(listing.sequence)
            .int8(listing.position.get());
    }

    async fn load(
        connection: &mut PgConnection,
        keys: &[ListingId],
    ) -> Result<Vec<(ListingId, ListingView)>, sqlx::Error> {
        let keys: Vec<Uuid> = keys.iter().map(|id| id.as_uuid()).collect();
        let rows = sqlx::query("SELECT * FROM listings WHERE listing_id = ANY ($1)")
            .bind(keys)
            .fetch_all(connection)
            .await?;
        rows.iter().map(|row| ListingView::read(row).map(|listing| (listing.id, listing))).collect()
    }

    async fn delete(connection: &mut PgConnection, keys: &[ListingId]) -> Result<(), sqlx::Error> {
        let keys: Vec<Uuid> = keys.iter().map(|id| id.as_uuid()).collect();
        sqlx::query("DELETE FROM listings WHERE listing_id = ANY ($1)")
            .bind(keys)
            .execute(connection)
            .await?;
        Ok(())
    }
}

impl Listed for ListingView {
    const MODEL: ModelName = ModelName::Listings;

    fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: ListingId::from_uuid(row.try_get("listing_id")?),
            organization: OrganizationId::from_uuid(row.try_get("organization_id")?),
            kind: named(row, "kind")?,
            name: json(row, "name")?,
            zone: parsed(row, "zone")?,
            currency: parsed(row, "currency")?,
            check_in: row.try_get("check_in")?,
            check_out: row.try_get("check_out")?,
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
  FROM listings
 WHERE ($1::uuid IS NULL OR organization_id = $1)
   AND ($2::bigint IS NULL OR created_position > $2)
 ORDER BY created_position
 LIMIT $3";

impl Queries {
    /// One listing.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn listing(&self, id: ListingId) -> Result<Option<ListingView>, ProjectionError> {
        let query = sqlx::query("SELECT * FROM listings WHERE listing_id = $1");
        self.one(query.bind(id.as_uuid())).await
    }

    /// Listings in the order they were made, of one organization or of all.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn listings(
        &self,
        organization: Option<OrganizationId>,
        page: PageRequest,
    ) -> Result<Page<ListingView>, ProjectionError> {
        self.page(sqlx::query(LIST).bind(organization.map(OrganizationId::as_uuid)), page).await
    }
}
