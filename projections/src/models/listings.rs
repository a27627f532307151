//! What can be booked: one row per listing.

use std::sync::Arc;

use daybook_domain::{
    listing::{Content, Event as Happened, ListingKind, Parts, Selling, Status, Terms},
    values::{Currency, ListingId, Location, OrganizationId, Timestamp, Zone},
};
use sqlx::{Row, postgres::PgRow};

use super::{
    column::{json, maybe_json, maybe_money, minor, named, parsed, unreadable},
    kept::{Each, Kept, Span, kept_in},
};
use crate::{
    ProjectionError,
    engine::{Fact, Poison, Rows},
    name::ModelName,
    queries::{Named, Page, PageRequest, Queries},
};

/// A listing as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListingView {
    /// Which listing.
    pub id: ListingId,
    /// Whose it is.
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
    /// How far it has come.
    pub status: Status,
    /// When it was made.
    pub created_at: Timestamp,
    /// Where in the log it is.
    pub span: Span,
}

/// The model.
pub(crate) type Listings = Each<ListingView>;

impl Named for ListingView {
    type Id = ListingId;
}

impl Kept for ListingView {
    const NAME: ModelName = ModelName::Listings;
    const VERSION: i32 = 4;
    const AGGREGATE: &'static str = "listing";
    const CREATE: &'static str = r#"
CREATE TABLE listings (
    listing_id       uuid        NOT NULL,
    organization_id  uuid        NOT NULL,
    kind             text        COLLATE "C" NOT NULL,
    status           text        COLLATE "C" NOT NULL,
    name             jsonb       NOT NULL,
    zone             text        COLLATE "C" NOT NULL,
    currency         text        COLLATE "C" NOT NULL,
    on_request       boolean     NOT NULL,
    check_in         time,
    check_out        time,
    slots            jsonb,
    price_minor      bigint,
    hour_minor       bigint,
    summary          jsonb,
    description      jsonb,
    categories       jsonb       NOT NULL,
    tags             jsonb       NOT NULL,
    attributes       jsonb       NOT NULL,
    address          jsonb,
    latitude_e6      bigint,
    longitude_e6     bigint,
    contact          jsonb       NOT NULL,
    images           jsonb       NOT NULL,
    tariff           jsonb,
    taxes            jsonb,
    policy           jsonb,
    deposit          jsonb,
    created_at       timestamptz NOT NULL,
    created_position bigint      NOT NULL,
    sequence         bigint      NOT NULL,
    position         bigint      NOT NULL
)"#;
    const INDEXES: &'static str = "
ALTER TABLE listings ADD PRIMARY KEY (listing_id);
CREATE UNIQUE INDEX listings_by_creation ON listings (created_position);
CREATE INDEX listings_by_organization ON listings (organization_id, created_position)";
    kept_in!("listings", "listing_id");
    const COLUMNS: i16 = 31;
    type Happened = Happened;

    fn happened(fact: &Fact) -> Option<(ListingId, &Happened)> {
        if let Fact::Listing(id, happened) = fact { Some((*id, happened)) } else { None }
    }

    fn begin(id: ListingId, happened: &Happened, span: Span) -> Option<Self> {
        let Happened::Created(created) = happened else { return None };
        Some(Self {
            id,
            organization: created.organization,
            terms: created.terms,
            content: created.content.clone(),
            zone: created.zone,
            currency: created.currency,
            on_request: created.on_request,
            status: created.status.into(),
            created_at: created.at,
            span,
        })
    }

    fn advance(&mut self, happened: &Happened) -> Result<(), Poison> {
        match happened {
            Happened::Created(_) => {}
            Happened::Revised(revised) => {
                let Self { terms, content, on_request, .. } = self;
                revised.apply(terms, content, on_request);
            }
            Happened::Published { at: _ } => self.status = Status::Published,
            Happened::Archived { at: _ } => self.status = Status::Archived,
        }
        Ok(())
    }

    fn encode(&self, row: &mut Rows) {
        let content = &self.content;
        let selling = &content.selling;
        let Parts { kind, check_in, check_out, slots, price, price_per_hour } = self.terms.parts();
        row.uuid(self.organization.as_uuid())
            .text(kind.as_str())
            .text(self.status.as_str())
            .jsonb(&content.name)
            .text(self.zone.name())
            .text(self.currency.code())
            .boolean(self.on_request)
            .maybe_time(check_in)
            .maybe_time(check_out)
            .maybe_jsonb(slots.as_ref())
            .maybe_int8(price.map(minor))
            .maybe_int8(price_per_hour.map(minor))
            .maybe_jsonb(content.summary.as_ref())
            .maybe_jsonb(content.description.as_ref())
            .jsonb(&content.categories)
            .jsonb(&content.tags)
            .jsonb(&content.attributes)
            .maybe_jsonb(content.address.as_ref())
            .maybe_int8(content.location.map(|place| place.latitude().into()))
            .maybe_int8(content.location.map(|place| place.longitude().into()))
            .jsonb(&content.contact)
            .jsonb(&content.images)
            .maybe_jsonb(selling.tariff.as_ref())
            .maybe_jsonb((!selling.taxes.is_empty()).then_some(&selling.taxes))
            .maybe_jsonb(selling.policy.as_ref())
            .maybe_jsonb(selling.deposit.as_ref())
            .instant(self.created_at);
    }

    fn decode(id: ListingId, row: &PgRow, span: Span) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id,
            organization: OrganizationId::from_uuid(row.try_get("organization_id")?),
            terms: terms(row)?,
            content: content(row)?,
            zone: parsed(row, "zone")?,
            currency: parsed(row, "currency")?,
            on_request: row.try_get("on_request")?,
            status: named(row, "status")?,
            created_at: row.try_get("created_at")?,
            span,
        })
    }
}

fn terms(row: &PgRow) -> Result<Terms, sqlx::Error> {
    let parts = Parts {
        kind: named(row, "kind")?,
        check_in: row.try_get("check_in")?,
        check_out: row.try_get("check_out")?,
        slots: maybe_json(row, "slots")?,
        price: maybe_money(row, "price_minor")?,
        price_per_hour: maybe_money(row, "hour_minor")?,
    };
    Terms::try_new(parts).map_err(|error| unreadable("kind", error))
}

fn content(row: &PgRow) -> Result<Content, sqlx::Error> {
    Ok(Content {
        name: json(row, "name")?,
        summary: maybe_json(row, "summary")?,
        description: maybe_json(row, "description")?,
        categories: json(row, "categories")?,
        tags: json(row, "tags")?,
        attributes: json(row, "attributes")?,
        address: maybe_json(row, "address")?,
        location: location(row)?,
        contact: json(row, "contact")?,
        images: json(row, "images")?,
        selling: Arc::new(selling(row)?),
    })
}

fn selling(row: &PgRow) -> Result<Selling, sqlx::Error> {
    Ok(Selling {
        tariff: maybe_json(row, "tariff")?,
        taxes: maybe_json(row, "taxes")?.unwrap_or_default(),
        policy: maybe_json(row, "policy")?,
        deposit: maybe_json(row, "deposit")?,
    })
}

fn location(row: &PgRow) -> Result<Option<Location>, sqlx::Error> {
    let degrees = |column| {
        let value: Option<i64> = row.try_get(column)?;
        value.map(i32::try_from).transpose().map_err(|error| unreadable(column, error))
    };
    let (Some(latitude), Some(longitude)) = (degrees("latitude_e6")?, degrees("longitude_e6")?)
    else {
        return Ok(None);
    };
    let location = Location::try_new(latitude, longitude);
    location.map(Some).map_err(|error| unreadable("latitude_e6", error))
}

/// Which listings are asked for; what is not given does not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListingFilter {
    /// Only those of this organization.
    pub organization: Option<OrganizationId>,
    /// Only those of this kind.
    pub kind: Option<ListingKind>,
    /// Only those that have come so far.
    pub status: Option<Status>,
}

const LIST: &str = "
SELECT *
  FROM listings
 WHERE ($1::uuid IS NULL OR organization_id = $1)
   AND ($2::text IS NULL OR kind = $2)
   AND ($3::text IS NULL OR status = $3)
   AND ($4::bigint IS NULL OR created_position > $4)
 ORDER BY created_position
 LIMIT $5";

impl Queries {
    /// Listings in the order they were made.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn listings(
        &self,
        filter: ListingFilter,
        page: PageRequest,
    ) -> Result<Page<ListingView>, ProjectionError> {
        let query = sqlx::query(LIST)
            .bind(filter.organization.map(OrganizationId::as_uuid))
            .bind(filter.kind.map(ListingKind::as_str))
            .bind(filter.status.map(Status::as_str));
        self.page(query, page).await
    }
}
