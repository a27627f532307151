//! Notices as they stand: one row each, with what is told in figures and when it is to be delivered next.

pub(crate) mod query;

use daybook_domain::{
    notice::{Event as Happened, Kind, Letter, State},
    values::{BookingId, Code, CustomerId, NoticeId, Reason, Timestamp},
};
use sqlx::{Row, postgres::PgRow};

use super::{
    column::{json, maybe_parsed, named, unreadable, unsigned},
    kept::{Each, Kept, Span, kept_in},
};
use crate::{
    engine::{Fact, Poison, Rows},
    name::ModelName,
    queries::Named,
};

/// A notice as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeView {
    /// Which notice.
    pub id: NoticeId,
    /// What is told to whom.
    pub letter: Letter,
    /// How far it has come.
    pub state: State,
    /// From when on it was to be delivered.
    pub due_at: Timestamp,
    /// When it is tried next, while it waits.
    pub next_at: Option<Timestamp>,
    /// How often delivering it failed, since it was last asked for.
    pub failures: u32,
    /// Why it failed the last time.
    pub failure: Option<Reason>,
    /// Which gateway took it.
    pub gateway: Option<Code>,
    /// When it was delivered.
    pub delivered_at: Option<Timestamp>,
    /// When it was written.
    pub created_at: Timestamp,
    /// Where in the log it is.
    pub span: Span,
}

impl NoticeView {
    /// Of which kind it is.
    pub fn kind(&self) -> Kind {
        self.letter.message.kind()
    }

    /// Who is told.
    pub fn customer(&self) -> CustomerId {
        self.letter.customer
    }
}

/// The model.
pub(crate) type Notices = Each<NoticeView>;

impl Named for NoticeView {
    type Id = NoticeId;
}

impl Kept for NoticeView {
    const NAME: ModelName = ModelName::Notices;
    const VERSION: i32 = 1;
    const AGGREGATE: &'static str = "notice";
    const CREATE: &'static str = r#"
CREATE TABLE notices (
    notice_id        uuid        NOT NULL,
    organization_id  uuid        NOT NULL,
    customer_id      uuid        NOT NULL,
    booking_id       uuid,
    kind             text        COLLATE "C" NOT NULL,
    state            text        COLLATE "C" NOT NULL,
    letter           jsonb       NOT NULL,
    due_at           timestamptz NOT NULL,
    next_at          timestamptz,
    failures         bigint      NOT NULL,
    failure          text,
    gateway          text        COLLATE "C",
    delivered_at     timestamptz,
    created_at       timestamptz NOT NULL,
    created_position bigint      NOT NULL,
    sequence         bigint      NOT NULL,
    position         bigint      NOT NULL
)"#;
    const INDEXES: &'static str = "
ALTER TABLE notices ADD PRIMARY KEY (notice_id);
CREATE UNIQUE INDEX notices_by_creation ON notices (created_position);
CREATE INDEX notices_by_customer ON notices (customer_id, created_position);
CREATE INDEX notices_by_booking ON notices (booking_id, created_position);
CREATE INDEX notices_by_organization ON notices (organization_id, created_position);
CREATE INDEX notices_to_deliver ON notices (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX notices_failed ON notices (created_position) WHERE state = 'failed'";
    kept_in!("notices", "notice_id");
    const COLUMNS: i16 = 17;
    type Happened = Happened;

    fn happened(fact: &Fact) -> Option<(NoticeId, &Happened)> {
        if let Fact::Notice(id, happened) = fact { Some((*id, happened)) } else { None }
    }

    fn begin(id: NoticeId, happened: &Happened, span: Span) -> Option<Self> {
        let Happened::Written { letter, due_at, at, cause: _ } = happened else { return None };
        // written again after it was withdrawn, it is as new, and last in every list
        Some(Self {
            id,
            letter: (**letter).clone(),
            state: State::Waiting,
            due_at: *due_at,
            next_at: Some(*due_at),
            failures: 0,
            failure: None,
            gateway: None,
            delivered_at: None,
            created_at: *at,
            span,
        })
    }

    fn advance(&mut self, happened: &Happened) -> Result<(), Poison> {
        match happened {
            Happened::Written { .. } => {}
            Happened::Delivered { gateway, at } => {
                (self.state, self.next_at) = (State::Delivered, None);
                (self.gateway, self.delivered_at) = (Some(gateway.clone()), Some(*at));
            }
            Happened::Failed { reason, attempt, next_at, at: _ } => {
                (self.failures, self.next_at) = (*attempt, Some(*next_at));
                self.failure = Some(reason.clone());
            }
            Happened::GivenUp { reason, attempt, at: _ } => {
                (self.state, self.next_at) = (State::Failed, None);
                (self.failures, self.failure) = (*attempt, Some(reason.clone()));
            }
            Happened::Retried { at } => {
                (self.state, self.next_at, self.failures) = (State::Waiting, Some(*at), 0);
            }
            Happened::Withdrawn { .. } => (self.state, self.next_at) = (State::Withdrawn, None),
        }
        Ok(())
    }

    fn encode(&self, row: &mut Rows) {
        let topic = &self.letter.topic;
        row.uuid(topic.organization.as_uuid()).uuid(self.customer().as_uuid());
        row.maybe_uuid(topic.booking.map(BookingId::as_uuid))
            .text(self.kind().as_str())
            .text(self.state.as_str())
            .jsonb(&self.letter)
            .instant(self.due_at)
            .maybe_instant(self.next_at)
            .int8(i64::from(self.failures))
            .maybe_text(self.failure.as_ref().map(Reason::as_str))
            .maybe_text(self.gateway.as_ref().map(Code::as_str))
            .maybe_instant(self.delivered_at)
            .instant(self.created_at);
    }

    fn decode(id: NoticeId, row: &PgRow, span: Span) -> Result<Self, sqlx::Error> {
        let failure: Option<&str> = row.try_get("failure")?;
        let failure = failure.map(Reason::try_new).transpose();
        Ok(Self {
            id,
            letter: json(row, "letter")?,
            state: named(row, "state")?,
            due_at: row.try_get("due_at")?,
            next_at: row.try_get("next_at")?,
            failures: unsigned(row, "failures")?,
            failure: failure.map_err(|error| unreadable("failure", error))?,
            gateway: maybe_parsed(row, "gateway")?,
            delivered_at: row.try_get("delivered_at")?,
            created_at: row.try_get("created_at")?,
            span,
        })
    }
}
