//! Who waits for what is sold out: one row per entry of a waiting list.

pub(crate) mod query;

use daybook_domain::{
    values::{CustomerId, ListingId, Priority, Timestamp, WaitingEntryId, WaitingListId},
    waiting_list::{Event as Happened, Status, Wanted},
};
use sqlx::{Row, postgres::PgRow};

use super::{
    column::{json, named, unreadable, unsigned},
    kept::{Each, Kept, Span, kept_in},
};
use crate::{
    engine::{Fact, Poison, Rows},
    name::ModelName,
    queries::Named,
};

/// An entry as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingEntryView {
    /// Which entry; a booking that is made of it has the same id.
    pub id: WaitingEntryId,
    /// Who waits.
    pub customer: CustomerId,
    /// The listing it is booked under.
    pub listing: ListingId,
    /// For what.
    pub wanted: Wanted,
    /// Before whom.
    pub priority: Priority,
    /// How far it has come.
    pub status: Status,
    /// Until when they wait, if not as long as it can be had.
    pub wait_until: Option<Timestamp>,
    /// Until when it is, or was, held for them.
    pub offered_until: Option<Timestamp>,
    /// Since when they have waited.
    pub joined_at: Timestamp,
    /// Where in the log it is.
    pub span: Span,
}

/// The model.
pub(crate) type WaitingEntries = Each<WaitingEntryView>;

impl Named for WaitingEntryView {
    type Id = WaitingEntryId;
}

impl Kept for WaitingEntryView {
    const NAME: ModelName = ModelName::WaitingEntries;
    const VERSION: i32 = 1;
    const AGGREGATE: &'static str = "waiting_list";
    const CREATE: &'static str = r#"
CREATE TABLE waiting_entries (
    entry_id         uuid        NOT NULL,
    list_id          uuid        NOT NULL,
    customer_id      uuid        NOT NULL,
    listing_id       uuid        NOT NULL,
    kind             text        COLLATE "C" NOT NULL,
    quantity         bigint      NOT NULL,
    wanted           jsonb       NOT NULL,
    priority         bigint      NOT NULL,
    status           text        COLLATE "C" NOT NULL,
    wait_until       timestamptz,
    offered_until    timestamptz,
    joined_at        timestamptz NOT NULL,
    created_position bigint      NOT NULL,
    sequence         bigint      NOT NULL,
    position         bigint      NOT NULL
)"#;
    const INDEXES: &'static str = "
ALTER TABLE waiting_entries ADD PRIMARY KEY (entry_id);
CREATE UNIQUE INDEX waiting_entries_by_creation ON waiting_entries (created_position);
CREATE INDEX waiting_entries_by_turn
    ON waiting_entries (list_id, priority DESC, created_position)
 WHERE status = 'waiting';
CREATE INDEX waiting_entries_that_live ON waiting_entries (list_id)
 WHERE status IN ('waiting', 'offered');
CREATE INDEX waiting_entries_by_list ON waiting_entries (list_id, created_position);
CREATE INDEX waiting_entries_by_customer ON waiting_entries (customer_id, created_position);
CREATE INDEX waiting_entries_by_listing ON waiting_entries (listing_id, created_position)";
    kept_in!("waiting_entries", "entry_id");
    const COLUMNS: i16 = 15;
    type Happened = Happened;

    fn happened(fact: &Fact) -> Option<(WaitingEntryId, &Happened)> {
        let Fact::WaitingList(_, happened) = fact else { return None };
        happened.entry().map(|entry| (entry, happened))
    }

    fn begins(happened: &Happened) -> bool {
        matches!(happened, Happened::Joined { .. })
    }

    fn begin(id: WaitingEntryId, happened: &Happened, span: Span) -> Option<Self> {
        let Happened::Joined { entry: _, customer, listing, wanted, priority, wait_until, at } =
            happened
        else {
            return None;
        };
        Some(Self {
            id,
            customer: *customer,
            listing: *listing,
            wanted: wanted.clone(),
            priority: *priority,
            status: Status::Waiting,
            wait_until: *wait_until,
            offered_until: None,
            joined_at: *at,
            span,
        })
    }

    fn advance(&mut self, happened: &Happened) -> Result<(), Poison> {
        if let Some(status) = happened.status() {
            self.status = status;
        }
        match happened {
            Happened::Prioritized { priority, .. } => self.priority = *priority,
            Happened::Offered { until, .. } => self.offered_until = Some(*until),
            Happened::Joined { .. }
            | Happened::TermsSet { .. }
            | Happened::Accepted { .. }
            | Happened::Declined { .. }
            | Happened::Expired { .. }
            | Happened::Left { .. }
            | Happened::Ended { .. } => {}
        }
        Ok(())
    }

    fn encode(&self, row: &mut Rows) {
        row.uuid(self.list().as_uuid())
            .uuid(self.customer.as_uuid())
            .uuid(self.listing.as_uuid())
            .text(kind(&self.wanted))
            .int8(self.wanted.quantity().get().into())
            .jsonb(&self.wanted)
            .int8(self.priority.get().into())
            .text(self.status.as_str())
            .maybe_instant(self.wait_until)
            .maybe_instant(self.offered_until)
            .instant(self.joined_at);
    }

    fn decode(id: WaitingEntryId, row: &PgRow, span: Span) -> Result<Self, sqlx::Error> {
        let priority = Priority::try_new(unsigned(row, "priority")?);
        Ok(Self {
            id,
            customer: CustomerId::from_uuid(row.try_get("customer_id")?),
            listing: ListingId::from_uuid(row.try_get("listing_id")?),
            wanted: json(row, "wanted")?,
            priority: priority.map_err(|error| unreadable("priority", error))?,
            status: named(row, "status")?,
            wait_until: row.try_get("wait_until")?,
            offered_until: row.try_get("offered_until")?,
            joined_at: row.try_get("joined_at")?,
            span,
        })
    }
}

impl WaitingEntryView {
    /// The list it is on.
    pub fn list(&self) -> WaitingListId {
        self.wanted.list()
    }
}

fn kind(wanted: &Wanted) -> &'static str {
    match wanted {
        Wanted::Places { .. } => "places",
        Wanted::Nights { .. } => "nights",
        Wanted::Time { .. } => "time",
    }
}
