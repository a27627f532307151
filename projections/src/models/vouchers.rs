//! Vouchers as they stand: one row each, without who uses them. That is told by the bookings.

use daybook_domain::{
    values::{OrganizationId, Timestamp, VoucherCode, VoucherId},
    voucher::{Details, Event as Happened, Status, Uses},
};
use daybook_event_store::Position;
use serde::{Deserialize, Serialize};
use sqlx::{Row, postgres::PgRow};

use super::{
    column::{json, named, parsed, unsigned},
    kept::{Each, Kept, Span, kept_in},
};
use crate::{
    ProjectionError,
    engine::{Fact, Poison, Rows},
    name::ModelName,
    queries::{Listed, Named, Page, PageRequest, Queries},
};

/// A voucher as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoucherView {
    /// Which voucher.
    pub id: VoucherId,
    /// All there is to say about it.
    pub details: Details,
    /// When it was given out.
    pub created_at: Timestamp,
    /// Where in the log it is, uses apart.
    pub span: Span,
}

/// The model.
pub(crate) type Vouchers = Each<VoucherView>;

impl Named for VoucherView {
    type Id = VoucherId;
}

impl Kept for VoucherView {
    const NAME: ModelName = ModelName::Vouchers;
    const VERSION: i32 = 2;
    const AGGREGATE: &'static str = "voucher";
    const CREATE: &'static str = r#"
CREATE TABLE vouchers (
    voucher_id       uuid        NOT NULL,
    organization_id  uuid        NOT NULL,
    code             text        COLLATE "C" NOT NULL,
    key              text        COLLATE "C" NOT NULL,
    currency         text        COLLATE "C" NOT NULL,
    status           text        COLLATE "C" NOT NULL,
    valid_from       timestamptz,
    valid_until      timestamptz,
    max_uses         bigint,
    budget_minor     bigint,
    terms            jsonb       NOT NULL,
    created_at       timestamptz NOT NULL,
    created_position bigint      NOT NULL,
    sequence         bigint      NOT NULL,
    position         bigint      NOT NULL
)"#;
    const INDEXES: &'static str = "
ALTER TABLE vouchers ADD PRIMARY KEY (voucher_id);
CREATE UNIQUE INDEX vouchers_by_creation ON vouchers (created_position);
CREATE INDEX vouchers_by_organization ON vouchers (organization_id, created_position);
CREATE INDEX vouchers_by_key ON vouchers (key)";
    kept_in!("vouchers", "voucher_id");
    const COLUMNS: i16 = 15;
    type Happened = Happened;

    /// Who uses it is left out, so that its tag is that of its terms.
    fn happened(fact: &Fact) -> Option<(VoucherId, &Happened)> {
        match fact {
            Fact::Voucher(id, happened) if happened.changes_terms() => Some((*id, happened)),
            _ => None,
        }
    }

    fn begins(happened: &Happened) -> bool {
        matches!(happened, Happened::Created { .. })
    }

    fn begin(id: VoucherId, happened: &Happened, span: Span) -> Option<Self> {
        let Happened::Created { at, .. } = happened else { return None };
        Some(Self { id, details: Details::begun(happened)?, created_at: *at, span })
    }

    fn advance(&mut self, happened: &Happened) -> Result<(), Poison> {
        self.details.evolve(happened);
        Ok(())
    }

    fn encode(&self, row: &mut Rows) {
        let Details { organization, code, currency, terms, status } = &self.details;
        let budget = terms.budget.map(|budget| i64::try_from(budget.get()).unwrap_or(i64::MAX));
        row.uuid(organization.as_uuid())
            .text(code.as_str())
            .text(&code.key())
            .text(currency.code())
            .text(status.as_str())
            .maybe_instant(terms.valid_from)
            .maybe_instant(terms.valid_until)
            .maybe_int8(terms.max_uses.map(|uses| uses.get().into()))
            .maybe_int8(budget)
            .jsonb(terms)
            .instant(self.created_at);
    }

    fn decode(id: VoucherId, row: &PgRow, span: Span) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id,
            details: Details {
                organization: OrganizationId::from_uuid(row.try_get("organization_id")?),
                code: parsed(row, "code")?,
                currency: parsed(row, "currency")?,
                terms: json(row, "terms")?,
                status: named(row, "status")?,
            },
            created_at: row.try_get("created_at")?,
            span,
        })
    }
}

/// Whether a voucher can be used at an instant, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoucherState {
    /// It can be used.
    Active,
    /// Its time has not come.
    Upcoming,
    /// It was used as often as it can be, or has nothing left to give.
    UsedUp,
    /// Its time is over.
    Expired,
    /// It was withdrawn.
    Withdrawn,
}

impl VoucherState {
    /// The name as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Upcoming => "upcoming",
            Self::UsedUp => "used_up",
            Self::Expired => "expired",
            Self::Withdrawn => Status::Withdrawn.as_str(),
        }
    }
}

/// A voucher with what counts of its uses at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoucherStanding {
    /// The voucher.
    pub voucher: VoucherView,
    /// Whether it can be used.
    pub state: VoucherState,
    /// How many bookings use it.
    pub uses: u32,
    /// How many of those only until a deadline.
    pub held: u32,
    /// How many minor units it took off for them.
    pub given: u64,
}

impl VoucherStanding {
    /// How often it can still be used, if there is a limit.
    pub fn left(&self) -> Option<u32> {
        let max = self.voucher.details.terms.max_uses.map(Uses::get);
        max.map(|max| max.saturating_sub(self.uses))
    }

    /// How many minor units it can still give, if there is a limit.
    pub fn budget_left(&self) -> Option<u64> {
        let budget = self.voucher.details.terms.budget;
        budget.map(|budget| budget.get().saturating_sub(self.given))
    }
}

impl Listed for VoucherStanding {
    const MODEL: ModelName = ModelName::Vouchers;

    fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            voucher: VoucherView::read(row)?,
            state: named(row, "state")?,
            uses: unsigned(row, "uses")?,
            held: unsigned(row, "held")?,
            given: unsigned(row, "given")?,
        })
    }

    fn created_position(&self) -> Position {
        self.voucher.span.created
    }
}

/// Which vouchers are asked for; what is not given does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VoucherFilter {
    /// Only this one.
    pub id: Option<VoucherId>,
    /// Only those of this organization.
    pub organization: Option<OrganizationId>,
    /// Only those with this code, in whatever case.
    pub code: Option<VoucherCode>,
    /// Only those that stand so.
    pub state: Option<VoucherState>,
}

/// A use counts as long as its booking is neither called off nor turned down nor ended at its deadline.
const LIST: &str = "
SELECT *
  FROM (SELECT vouchers.*,
               uses,
               held,
               given,
               CASE WHEN status = 'withdrawn'                          THEN 'withdrawn'
                    WHEN valid_until <= $5                             THEN 'expired'
                    WHEN uses >= max_uses OR given >= budget_minor     THEN 'used_up'
                    WHEN valid_from > $5                               THEN 'upcoming'
                    ELSE 'active'
               END AS state
          FROM vouchers
         CROSS JOIN LATERAL
               (SELECT count(*)                                      AS uses,
                       count(hold_until)                             AS held,
                       coalesce(sum(discount_minor), 0)::bigint      AS given
                  FROM bookings
                 WHERE bookings.voucher_id = vouchers.voucher_id
                   AND bookings.status NOT IN ('cancelled', 'lapsed', 'declined')
                   AND (hold_until IS NULL OR hold_until > $5)) AS counted
         WHERE ($1::uuid IS NULL OR voucher_id = $1)
           AND ($2::uuid IS NULL OR organization_id = $2)
           AND ($3::text IS NULL OR key = $3)) AS standing
 WHERE ($4::text IS NULL OR state = $4)
   AND ($6::bigint IS NULL OR created_position > $6)
 ORDER BY created_position
 LIMIT $7";

impl Queries {
    /// Vouchers as they stand at an instant, in the order in which they were given out.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn vouchers(
        &self,
        filter: &VoucherFilter,
        at: Timestamp,
        page: PageRequest,
    ) -> Result<Page<VoucherStanding>, ProjectionError> {
        let query = sqlx::query(LIST)
            .bind(filter.id.map(VoucherId::as_uuid))
            .bind(filter.organization.map(OrganizationId::as_uuid))
            .bind(filter.code.as_ref().map(VoucherCode::key))
            .bind(filter.state.map(VoucherState::as_str))
            .bind(at);
        self.page(query, page).await
    }

    /// A voucher as it stands at an instant.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn voucher(
        &self,
        id: VoucherId,
        at: Timestamp,
    ) -> Result<Option<VoucherStanding>, ProjectionError> {
        let filter = VoucherFilter { id: Some(id), ..VoucherFilter::default() };
        let page = PageRequest { cursor: None, limit: 1 };
        Ok(self.vouchers(&filter, at, page).await?.items.pop())
    }
}
