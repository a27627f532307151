//! What organizations were paid, and the entries of that.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use cqrs_es::DomainEvent;
use daybook_domain::{
    ledger::{Account, Entry, Till},
    payouts::Event as Happened,
    values::{DayRange, Money, OrganizationId, PayoutId, Phrase, Timestamp},
};
use daybook_event_store::Position;
use sqlx::{PgConnection, Row, postgres::PgRow};
use uuid::Uuid;

use super::{Known, Posted, State};
use crate::{
    engine::{Poison, Rows},
    models::column::{maybe_parsed, minor, money, parsed, unreadable},
};

/// What a partner was paid for a period.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Payout {
    pub(super) id: PayoutId,
    pub(super) period: DayRange,
    pub(super) amount: Money,
    pub(super) reference: Option<Phrase>,
    pub(super) paid_on: NaiveDate,
    /// When it came back, if it did.
    pub(super) withdrawn_on: Option<NaiveDate>,
    pub(super) recorded_at: Timestamp,
    position: Position,
}

/// Folds one event in: what is paid is owed no more.
pub(super) fn evolve(
    state: &mut Option<State>,
    position: Position,
    happened: &Happened,
) -> Result<(), Poison> {
    let fresh = || State { known: Known::Payouts(Vec::new()), fresh: Vec::new() };
    let State { known: Known::Payouts(payouts), fresh } = state.get_or_insert_with(fresh) else {
        return Err(Poison::of("the key is no organization's"));
    };
    let (payout, day, amount, sign) = match happened {
        Happened::Recorded { payout, period, amount, reference, paid_on, at } => {
            payouts.push(Payout {
                id: *payout,
                period: *period,
                amount: *amount,
                reference: reference.clone(),
                paid_on: *paid_on,
                withdrawn_on: None,
                recorded_at: *at,
                position,
            });
            (*payout, *paid_on, *amount, 1)
        }
        Happened::Withdrawn { payout, withdrawn_on, reason: _, at: _ } => {
            let known = payouts.iter_mut().find(|known| known.id == *payout);
            let known = known.ok_or(Poison::beginning_is_missing())?;
            known.withdrawn_on = Some(*withdrawn_on);
            (*payout, *withdrawn_on, known.amount, -1)
        }
    };
    let (minor, currency) = (minor(amount) * sign, amount.currency());
    let sides = [(Account::PartnerPayable, minor), (Account::Cash(Till::Payouts), -minor)];
    fresh.extend((0..).zip(sides).map(|(number, (account, minor))| Posted {
        position,
        number,
        listing: None,
        payment: None,
        payout: Some(payout),
        cause: format!("payouts.{}", happened.event_type()),
        entry: Entry { day, account, minor, currency },
    }));
    Ok(())
}

/// What some organizations were paid, the earliest first.
pub(super) async fn load(
    connection: &mut PgConnection,
    organizations: Vec<Uuid>,
) -> Result<BTreeMap<OrganizationId, Vec<Payout>>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT * FROM ledger_payouts WHERE organization_id = ANY ($1) ORDER BY position",
    )
    .bind(organizations)
    .fetch_all(connection)
    .await?;
    let mut all = BTreeMap::<_, Vec<_>>::new();
    for row in &rows {
        let organization = OrganizationId::from_uuid(row.try_get("organization_id")?);
        all.entry(organization).or_default().push(Payout::decode(row)?);
    }
    Ok(all)
}

impl Payout {
    pub(super) fn encode(&self, organization: OrganizationId, rows: &mut Rows) {
        rows.row(11)
            .uuid(self.id.as_uuid())
            .uuid(organization.as_uuid())
            .date(self.period.first())
            .date(self.period.end())
            .text(self.amount.currency().code())
            .int8(minor(self.amount))
            .maybe_text(self.reference.as_ref().map(Phrase::as_str))
            .date(self.paid_on)
            .maybe_date(self.withdrawn_on)
            .instant(self.recorded_at)
            .int8(self.position.get());
    }

    pub(super) fn decode(row: &PgRow) -> Result<Self, sqlx::Error> {
        let period = DayRange::try_new(row.try_get("first_day")?, row.try_get("end_day")?);
        Ok(Self {
            id: PayoutId::from_uuid(row.try_get("payout_id")?),
            period: period.map_err(|error| unreadable("end_day", error))?,
            amount: money(row, "amount_minor", parsed(row, "currency")?)?,
            reference: maybe_parsed(row, "reference")?,
            paid_on: row.try_get("paid_on")?,
            withdrawn_on: row.try_get("withdrawn_on")?,
            recorded_at: row.try_get("recorded_at")?,
            position: Position::new(row.try_get("position")?),
        })
    }
}
