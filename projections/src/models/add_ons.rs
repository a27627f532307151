//! Add-ons as they stand: one row each, without what is taken of them.

use daybook_domain::{
    add_on::{Details, Event as Happened, Status},
    values::{AddOnId, OrganizationId, Timestamp},
};
use sqlx::{Row, postgres::PgRow};

use super::{
    column::{json, named},
    kept::{Each, Kept, Span, kept_in},
};
use crate::{
    ProjectionError,
    engine::{Fact, Poison, Rows},
    name::ModelName,
    queries::{Named, Page, PageRequest, Queries},
};

/// An add-on as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddOnView {
    /// Which add-on.
    pub id: AddOnId,
    /// All there is to say about it.
    pub details: Details,
    /// When it was first offered.
    pub created_at: Timestamp,
    /// Where in the log it is, what is taken apart.
    pub span: Span,
}

/// The model.
pub(crate) type AddOns = Each<AddOnView>;

impl Named for AddOnView {
    type Id = AddOnId;
}

impl Kept for AddOnView {
    const NAME: ModelName = ModelName::AddOns;
    const VERSION: i32 = 1;
    const AGGREGATE: &'static str = "add_on";
    const CREATE: &'static str = r#"
CREATE TABLE add_ons (
    add_on_id        uuid        NOT NULL,
    organization_id  uuid        NOT NULL,
    status           text        COLLATE "C" NOT NULL,
    listings         jsonb       NOT NULL,
    terms            jsonb       NOT NULL,
    created_at       timestamptz NOT NULL,
    created_position bigint      NOT NULL,
    sequence         bigint      NOT NULL,
    position         bigint      NOT NULL
)"#;
    const INDEXES: &'static str = "
ALTER TABLE add_ons ADD PRIMARY KEY (add_on_id);
CREATE UNIQUE INDEX add_ons_by_creation ON add_ons (created_position);
CREATE INDEX add_ons_by_organization ON add_ons (organization_id, created_position)";
    kept_in!("add_ons", "add_on_id");
    const COLUMNS: i16 = 9;
    type Happened = Happened;

    /// What is taken is left out, so that its tag is that of its terms.
    fn happened(fact: &Fact) -> Option<(AddOnId, &Happened)> {
        match fact {
            Fact::AddOn(id, happened) if happened.changes_terms() => Some((*id, happened)),
            _ => None,
        }
    }

    fn begins(happened: &Happened) -> bool {
        matches!(happened, Happened::Created { .. })
    }

    fn begin(id: AddOnId, happened: &Happened, span: Span) -> Option<Self> {
        let Happened::Created { at, .. } = happened else { return None };
        Some(Self { id, details: Details::begun(happened)?, created_at: *at, span })
    }

    fn advance(&mut self, happened: &Happened) -> Result<(), Poison> {
        self.details.evolve(happened);
        Ok(())
    }

    fn encode(&self, row: &mut Rows) {
        let Details { organization, terms, status } = &self.details;
        row.uuid(organization.as_uuid())
            .text(status.as_str())
            .jsonb(&terms.listings)
            .jsonb(terms)
            .instant(self.created_at);
    }

    fn decode(id: AddOnId, row: &PgRow, span: Span) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id,
            details: Details {
                organization: OrganizationId::from_uuid(row.try_get("organization_id")?),
                terms: json(row, "terms")?,
                status: named(row, "status")?,
            },
            created_at: row.try_get("created_at")?,
            span,
        })
    }
}

/// Which add-ons are asked for; what is not given does not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AddOnFilter {
    /// Only those of this organization.
    pub organization: Option<OrganizationId>,
    /// Only those that are, or are no longer, on offer.
    pub status: Option<Status>,
}

const LIST: &str = "
SELECT *
  FROM add_ons
 WHERE ($1::uuid IS NULL OR organization_id = $1)
   AND ($2::text IS NULL OR status = $2)
   AND ($3::bigint IS NULL OR created_position > $3)
 ORDER BY created_position
 LIMIT $4";

impl Queries {
    /// Add-ons in the order in which they were first offered.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn add_ons(
        &self,
        filter: AddOnFilter,
        page: PageRequest,
    ) -> Result<Page<AddOnView>, ProjectionError> {
        let query = sqlx::query(LIST)
            .bind(filter.organization.map(OrganizationId::as_uuid))
            .bind(filter.status.map(Status::as_str));
        self.page(query, page).await
    }
}
